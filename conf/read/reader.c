#include "conf/read/reader.h"

#include <inttypes.h>
#include <libconfig.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "conf/read/marks.h"
#include "conf/read/nearest.h"
#include "conf/table/endpoint.h"
#include "conf/table/owned.h"
#include "conf/table/upstream_url.h"

#define KNOWN_SHOWN_MAX 12
#define GUESSES_MAX     100 /* faults; when there are more, a guess helps nobody and takes time */

bool reader_in_sample(const struct reader *reader, const struct config_setting_t *setting)
{
	return setting && reader->sample && setting->config == reader->sample->config;
}

/* Returns new, or NULL when the text has no name. */
static char *file_of(const struct reader *reader, const struct config_setting_t *setting)
{
	const char *file = setting ? config_setting_source_file(setting) : NULL;

	file = file ? file : reader->file;
	return file ? owned_text(file) : NULL;
}

void reader_place(const struct reader *reader, const struct config_setting_t *setting,
		  struct conf_place *place)
{
	if (!setting || reader_in_sample(reader, setting))
		return;
	place->file = file_of(reader, setting);
	place->line = config_setting_source_line(setting);
}

static void fault_at(struct reader *reader, struct config_setting_t *setting, char *message)
{
	/* The sample is not the operator's file: what does not fit there is said where it was
	 * left out. */
	struct config_setting_t *place =
	    reader_in_sample(reader, setting) ? reader->stand_in : setting;
	char *file = file_of(reader, place);

	faults_add(reader->faults, file, place ? config_setting_source_line(place) : 0, message);
	setting_mark(place, MARK_WRONG);
	free(file);
}

void reader_fault(struct reader *reader, struct config_setting_t *group, const char *member,
		  const char *format, ...)
{
	struct config_setting_t *found = NULL;
	va_list arguments;
	char text[512];

	if (group && member && config_setting_is_group(group))
		found = config_setting_get_member(group, member);
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	fault_at(reader, found ? found : group, owned_text(text));
}

bool reader_guesses(const struct reader *reader)
{
	return reader->faults->count <= GUESSES_MAX;
}

char *suggestion(const struct reader *reader, const char *word, const char *const *candidates)
{
	const char *nearest;
	char *list;
	size_t count = 0;

	if (!reader_guesses(reader))
		return owned_text("");
	nearest = conf_nearest(word, candidates);
	if (nearest)
		return owned_format(", did you mean '%s'?", nearest);
	while (candidates && candidates[count])
		count++;
	if (count == 0 || count > KNOWN_SHOWN_MAX)
		return owned_text("");
	list = owned_format(" (known: %s", candidates[0]);
	for (size_t i = 1; i <= count; i++) {
		char *longer = i < count ? owned_format("%s, %s", list, candidates[i])
					 : owned_format("%s)", list);

		free(list);
		list = longer;
	}
	return list;
}

const char *setting_type(const struct config_setting_t *setting)
{
	switch (setting->type) {
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64: return "a number";
	case CONFIG_TYPE_FLOAT: return "a number with a fraction";
	case CONFIG_TYPE_STRING: return "a text";
	case CONFIG_TYPE_BOOL: return "true or false";
	case CONFIG_TYPE_ARRAY: return "an array";
	case CONFIG_TYPE_LIST: return "a list";
	case CONFIG_TYPE_GROUP: return "a group";
	default: return "nothing";
	}
}

void reader_wrong_type(struct reader *reader, struct config_setting_t *setting, const char *name,
		       const char *wanted)
{
	reader_fault(reader, setting, NULL, "%s must be %s, not %s", name, wanted,
		     setting_type(setting));
}

static void read_yes_no(struct reader *reader, const struct directive *row,
			struct config_setting_t *setting, bool *field)
{
	*field = row->number != 0;
	if (!setting)
		return;
	if (setting->type == CONFIG_TYPE_BOOL)
		*field = config_setting_get_bool(setting) != 0;
	else
		reader_wrong_type(reader, setting, row->name, "true or false");
}

static int64_t read_number(struct reader *reader, const struct directive *row,
			   struct config_setting_t *setting)
{
	char range[DIRECTIVE_TEXT_MAX];
	int64_t value;

	if (!setting)
		return row->number;
	if (setting->type != CONFIG_TYPE_INT && setting->type != CONFIG_TYPE_INT64) {
		reader_wrong_type(reader, setting, row->name, "a number");
		return row->number;
	}
	value = setting->type == CONFIG_TYPE_INT ? config_setting_get_int(setting)
						 : config_setting_get_int64(setting);
	if (value >= row->min && value <= row->max)
		return value;
	reader_fault(reader, setting, NULL, "%s is %" PRId64 ", out of range (%s)", row->name,
		     value, directive_range(row, range));
	return row->number;
}

static bool among(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

static bool known_among(struct reader *reader, struct config_setting_t *setting, const char *what,
			const char *text, const char *const *words)
{
	char *hint;

	if (!words || among(text, words))
		return true;
	hint = suggestion(reader, text, words);
	reader_fault(reader, setting, NULL, "unknown %s '%s'%s", what, text, hint);
	free(hint);
	return false;
}

/* A dialect, or, of an event, what else it may come from. */
static bool known_dialect(struct reader *reader, struct config_setting_t *setting, const char *text,
			  const struct conf_known *known, bool source)
{
	const char **words;
	bool found;

	if (!known->dialects)
		return true;
	words = owned_zeroed(known->dialect_count + 3, sizeof(*words));
	for (size_t i = 0; i < known->dialect_count; i++)
		words[i] = known->dialects[i].name;
	if (source) {
		words[known->dialect_count] = "backend";
		words[known->dialect_count + 1] = "upstream";
	}
	found = known_among(reader, setting, "dialect", text, words);
	free(words);
	return found;
}

/* One word out of a list. Other shapes: anything goes. */
static bool known_word(struct reader *reader, enum shape shape, struct config_setting_t *setting,
		       const char *text)
{
	static const struct conf_known none;
	const struct conf_known *known = reader->known ? reader->known : &none;

	switch (shape) {
	case SHAPE_LEVEL: return known_among(reader, setting, "log level", text, directives_levels);
	case SHAPE_LOG_FORMAT:
		return known_among(reader, setting, "log format", text, directives_formats);
	case SHAPE_ENGINE: return known_among(reader, setting, "engine", text, directives_engines);
	case SHAPE_DURABILITY:
		return known_among(reader, setting, "durability", text, directives_durabilities);
	case SHAPE_DIALECT: return known_dialect(reader, setting, text, known, false);
	case SHAPE_SOURCE: return known_dialect(reader, setting, text, known, true);
	case SHAPE_ROLE: return known_among(reader, setting, "role", text, known->roles);
	case SHAPE_KIND: return known_among(reader, setting, "kind", text, known->kinds);
	case SHAPE_SHOWN: return known_among(reader, setting, "form", text, directives_forms);
	case SHAPE_LISTENER_KIND:
		return known_among(reader, setting, "kind", text, directives_listener_kinds);
	case SHAPE_LOGIN: return known_among(reader, setting, "login", text, directives_logins);
	case SHAPE_ALGORITHM:
		return text[0] == '\0' ||
		       known_among(reader, setting, "algorithm", text, directives_algorithms);
	case SHAPE_PROXY_HEADER:
		return known_among(reader, setting, "header", text, directives_proxy_headers);
	case SHAPE_REWRITE:
		return known_among(reader, setting, "rewrite", text, directives_rewrites);
	case SHAPE_ON_TIMEOUT:
		return known_among(reader, setting, "on_timeout", text, directives_timeouts);
	case SHAPE_MODE: return known_among(reader, setting, "mode", text, directives_modes);
	case SHAPE_DIRECTION:
		return known_among(reader, setting, "direction", text, directives_directions);
	case SHAPE_CREDENTIALS:
		return known_among(reader, setting, "credentials", text, directives_credentials);
	default: return true;
	}
}

const char *reader_credentials(const struct reader *reader)
{
	return reader->known ? reader->known->credentials : NULL;
}

/* What stands behind "credential:"; NULL: it is a path. Borrows. */
static const char *credential_of(const char *text)
{
	size_t len = sizeof(SHAPE_CREDENTIAL_PREFIX) - 1;

	return strncmp(text, SHAPE_CREDENTIAL_PREFIX, len) == 0 ? text + len : NULL;
}

/* Else a fault is told. */
static bool has_credentials(struct reader *reader, const struct directive *row,
			    struct config_setting_t *setting, const char *text)
{
	if (row->shape != SHAPE_FILE || !credential_of(text) || reader_credentials(reader))
		return true;
	reader_fault(reader, setting, NULL,
		     "%s '%s': there are no credentials: CREDENTIALS_DIRECTORY is not set, as "
		     "LoadCredential= in a systemd unit does",
		     row->name, text);
	return false;
}

static bool right_text(struct reader *reader, const struct directive *row,
		       struct config_setting_t *setting, const char *text)
{
	const char *fault = shape_fault(row->shape, text);

	if (!fault)
		return has_credentials(reader, row, setting, text) &&
		       known_word(reader, row->shape, setting, text);
	/* What is no hash may be a secret, and what a URL has no place for, too. */
	if (!shape_printable(text) || text[0] == '\0' || row->shape == SHAPE_HASH ||
	    ((row->shape == SHAPE_UPSTREAM_URL || row->shape == SHAPE_PROXY) && strchr(text, '@')))
		reader_fault(reader, setting, NULL, "%s %s", row->name, fault);
	else
		reader_fault(reader, setting, NULL, "%s '%s' %s", row->name, text, fault);
	return false;
}

/* Returns new: the text as the struct has it. */
static char *text_kept(const struct reader *reader, enum shape shape, const char *text)
{
	char *copy;

	if (shape == SHAPE_FILE && credential_of(text))
		return owned_path(reader_credentials(reader), credential_of(text));
	if (shape == SHAPE_FILE || (shape == SHAPE_SOCKET && strcmp(text, CONF_CONTROL_AUTO) != 0))
		return owned_path(reader->folder, text);
	if (shape == SHAPE_BIND || shape == SHAPE_CONNECT)
		return endpoint_from(reader->folder, text);
	if (shape == SHAPE_UPSTREAM_URL)
		return upstream_url_kept(text);
	copy = owned_text(text);
	for (char *at = copy; shape == SHAPE_UUID && *at; at++)
		if (*at >= 'A' && *at <= 'F')
			*at = (char)(*at - 'A' + 'a');
	return copy;
}

/* Is it right? Else a fault is told. */
static bool check_text(struct reader *reader, const struct directive *row,
		       struct config_setting_t *setting, const char *text)
{
	size_t len = strlen(text);

	if (len > (size_t)row->max)
		reader_fault(reader, setting, NULL, "%s is longer than %" PRId64 " bytes",
			     row->name, row->max);
	else if (len == 0 && row->min > 0)
		reader_fault(reader, setting, NULL, "%s is empty", row->name);
	else
		return right_text(reader, row, setting, text);
	return false;
}

static char *read_text(struct reader *reader, const struct directive *row,
		       struct config_setting_t *setting)
{
	const char *fallback = row->text ? row->text : "", *text;

	if (!setting)
		return owned_text(fallback);
	if (setting->type != CONFIG_TYPE_STRING) {
		reader_wrong_type(reader, setting, row->name, "a text");
		return owned_text(fallback);
	}
	text = config_setting_get_string(setting);
	if (check_text(reader, row, setting, text))
		return text_kept(reader, row->shape, text);
	/* By a wrong name it is known all the same. */
	return owned_text(row->shape == SHAPE_NAME ? text : fallback);
}

static void read_item(struct reader *reader, const struct directive *row,
		      struct config_setting_t *item, struct conf_list *list)
{
	const char *text = config_setting_get_string(item);

	if (setting_has(item, MARK_BAD))
		return;
	if (!text)
		reader_wrong_type(reader, item, row->name, "a list of texts");
	else if (strlen(text) > row->item_max)
		reader_fault(reader, item, NULL, "%s: a text longer than %zu bytes", row->name,
			     row->item_max);
	else if (text[0] == '\0')
		reader_fault(reader, item, NULL, "%s is empty", row->name);
	else if (right_text(reader, row, item, text))
		list->items[list->count++] = text_kept(reader, row->shape, text);
}

static void read_texts(struct reader *reader, const struct directive *row,
		       struct config_setting_t *setting, struct conf_list *list)
{
	char range[DIRECTIVE_TEXT_MAX];
	int length;

	if (!setting)
		return;
	if (setting->type == CONFIG_TYPE_STRING) {
		list->items = owned_zeroed(1, sizeof(*list->items));
		read_item(reader, row, setting, list);
		return;
	}
	if (setting->type != CONFIG_TYPE_ARRAY && setting->type != CONFIG_TYPE_LIST) {
		reader_wrong_type(reader, setting, row->name,
				  "a text or a list of texts such as [ \"a\", \"b\" ]");
		return;
	}
	length = config_setting_length(setting);
	if (length < row->min || length > row->max) {
		reader_fault(reader, setting, NULL, "%s has %d items, out of range (%s)", row->name,
			     length, directive_range(row, range));
		return;
	}
	list->items = owned_zeroed((size_t)length, sizeof(*list->items));
	for (int i = 0; i < length; i++)
		read_item(reader, row, config_setting_get_elem(setting, (unsigned)i), list);
}

void read_value(struct reader *reader, const struct directive *row,
		struct config_setting_t *setting, void *field)
{
	if (setting_has(setting, MARK_BAD))
		setting = NULL;
	switch (row->type) {
	case DIRECTIVE_YES_NO: read_yes_no(reader, row, setting, field); break;
	case DIRECTIVE_NUMBER: *(int *)field = (int)read_number(reader, row, setting); break;
	case DIRECTIVE_LARGE: *(int64_t *)field = read_number(reader, row, setting); break;
	case DIRECTIVE_TEXT: *(char **)field = read_text(reader, row, setting); break;
	case DIRECTIVE_TEXTS: read_texts(reader, row, setting, field); break;
	case DIRECTIVE_GROUP:
	case DIRECTIVE_GROUPS: break;
	}
}
