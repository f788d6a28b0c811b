#include "codecs/calls_read.h"

#include <string.h>

#include "codecs/model/trail.h"
#include "codecs/text/json_read.h"

/* Control bytes are blanks: in checked JSON there are none inside of strings. Returns the end. */
static char *copy_line(char *out, struct slice json)
{
	for (size_t i = 0; i < json.len; i++)
		*out++ = (unsigned char)json.data[i] < ' ' ? ' ' : json.data[i];
	return out;
}

/* What is escaped might be anything. */
static bool is_modelled(struct json_value name, const char *const *modelled)
{
	struct slice inside = slice_span(name.source.data + 1, name.source.len - 2);

	if (name.escaped || slice_is(inside, TRAIL_MEMBER))
		return true;
	while (*modelled)
		if (slice_is(inside, *modelled++))
			return true;
	return false;
}

struct json_value call_whole(struct slice text)
{
	while (text.len && (unsigned char)text.data[text.len - 1] <= ' ')
		text.len--;
	while (text.len && (unsigned char)*text.data <= ' ')
		text = slice_span(text.data + 1, text.len - 1);
	return (struct json_value){ .type = JSON_OBJECT, .source = text };
}

struct slice call_extra(struct json_value object, const char *const *modelled, char **scratch)
{
	char *out = *scratch;
	struct json_value name, value;
	size_t cursor = 0;

	while (json_pair(object, &cursor, &name, &value)) {
		size_t used = (size_t)(out - *scratch);

		if (is_modelled(name, modelled))
			continue;
		if (used + name.source.len + value.source.len + 2 > CALL_EXTRA_MAX)
			return (struct slice){ NULL, 0 };
		if (used)
			*out++ = ',';
		out = copy_line(out, name.source);
		*out++ = ':';
		out = copy_line(out, value.source);
	}
	if (out == *scratch)
		return (struct slice){ NULL, 0 };
	value.source = slice_span(*scratch, (size_t)(out - *scratch));
	*scratch = out;
	return value.source;
}

struct slice call_trail(struct json_value object, char **scratch)
{
	return call_trail_of(json_find(object, TRAIL_MEMBER), scratch);
}

struct slice call_trail_of(struct json_value member, char **scratch)
{
	struct slice trail = trail_read(member, *scratch);

	*scratch += trail.len;
	return trail;
}

/* An object without its trail. */
static struct slice opaque_rest(struct json_value object, char **scratch)
{
	static const char *const none[] = { NULL };
	char *start = *scratch;

	*(*scratch)++ = '{';
	(void)call_extra(object, none, scratch);
	*(*scratch)++ = '}';
	return slice_span(start, (size_t)(*scratch - start));
}

struct slice call_opaque(struct slice text, char **scratch)
{
	struct slice line = slice_span(*scratch, text.len);
	struct json_value object = { .type = JSON_OBJECT, .source = text };

	if (text.len > CALL_EXTRA_MAX)
		return (struct slice){ NULL, 0 };
	if (json_find(object, TRAIL_MEMBER).type != JSON_ABSENT)
		return opaque_rest(object, scratch);
	*scratch = copy_line(*scratch, text);
	return line;
}

struct slice call_text(struct json_value value, char **scratch, bool *replaced)
{
	struct slice text;

	if (value.type == JSON_ABSENT || value.type == JSON_NULL)
		return (struct slice){ NULL, 0 };
	if (value.type != JSON_STRING)
		return value.source;
	text = json_text(value, *scratch, replaced);
	if (text.data == *scratch)
		*scratch += text.len;
	return text;
}

bool call_id(struct json_value value, char **scratch, struct slice *id)
{
	char *start = *scratch;

	*id = call_text(value, scratch, NULL);
	if (value.type == JSON_ARRAY || value.type == JSON_OBJECT)
		*id = call_opaque(*id, scratch);
	if (id->len == 0)
		*id = (struct slice){ NULL, 0 };
	/* Where it is kept, ids end with a NUL. */
	if (id->len <= FOREIGN_ID_MAX && (id->data || value.source.len <= CALL_EXTRA_MAX) &&
	    !(id->len && memchr(id->data, '\0', id->len)))
		return true;
	*scratch = start;
	*id = (struct slice){ NULL, 0 };
	return false;
}

uint64_t call_unsigned(struct json_value value, uint64_t most, uint64_t fallback)
{
	int64_t number;

	if (!json_int64_truncated(value, &number) && !json_int64_or_text(value, &number))
		return fallback;
	return number < 0 || (uint64_t)number > most ? fallback : (uint64_t)number;
}

bool call_is_true(struct json_value value)
{
	switch (value.type) {
	case JSON_ABSENT:
	case JSON_NULL:
	case JSON_FALSE: return false;
	case JSON_NUMBER: return !slice_is(value.source, "0");
	case JSON_STRING: return value.source.len > 2;
	default: return true;
	}
}

enum reason call_reason(struct slice code)
{
	for (enum reason reason = REASON_NONE + 1; reason < REASONS; reason++)
		if (slice_is(code, reason_code(reason)))
			return reason;
	return REASON_NONE;
}
