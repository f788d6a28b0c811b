#include "codecs/foreign.h"

#include <string.h>

#include "codecs/text/json_scan.h"

struct slice foreign_text(struct json_value value, char **free)
{
	struct slice text = json_text(value, *free, NULL);

	if (value.type == JSON_STRING && value.escaped)
		*free += text.len;
	return text;
}

/* json_read() has seen to the rest of its grammar. */
static bool is_whole(struct slice number)
{
	for (size_t i = 0; i < number.len; i++)
		if (!json_is_digit(number.data[i]) && (i > 0 || number.data[i] != '-'))
			return false;
	return true;
}

static bool has_controls(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] < ' ' || text.data[i] == 0x7f)
			return true;
	return false;
}

bool foreign_id(struct json_value value, char **free, struct slice *id)
{
	*id = (struct slice){ NULL, 0 };
	switch (value.type) {
	case JSON_ABSENT:
	case JSON_NULL: return true;
	case JSON_NUMBER:
		if (!is_whole(value.source))
			return false;
		*id = value.source;
		break;
	case JSON_STRING:
		*id = foreign_text(value, free);
		if (id->len == 0)
			*id = (struct slice){ NULL, 0 };
		break;
	default: return false;
	}
	return id->len <= FOREIGN_ID_MAX && !has_controls(*id);
}

uint64_t foreign_number(struct json_value value, uint64_t most, uint64_t fallback)
{
	int64_t number;

	if (!json_int64_truncated(value, &number) && !json_int64_or_text(value, &number))
		return fallback;
	return number < 0 || (uint64_t)number > most ? fallback : (uint64_t)number;
}

bool foreign_truth(struct json_value value)
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

/* ---- what is not modelled ---- */

#define NAME_MAX_BYTES 64

/* Names as servers give to members: nothing is to be escaped, and no two of them can be the same
 * that look different. */
static bool is_plain_name(struct slice name)
{
	for (size_t i = 0; i < name.len; i++) {
		unsigned char byte = (unsigned char)name.data[i];

		if (byte <= ' ' || byte >= 0x7f || byte == '\\')
			return false;
	}
	return name.len > 0 && name.len <= NAME_MAX_BYTES;
}

static struct slice name_of(struct json_value name)
{
	return slice_span(name.source.data + 1, name.source.len - 2);
}

/* Appends checked JSON text, without the white space around its tokens. */
static char *put_compact(char *out, struct slice json)
{
	bool inside = false;

	for (size_t i = 0; i < json.len; i++) {
		char byte = json.data[i];

		if (!inside && json_is_space(byte))
			continue;
		*out++ = byte;
		if (inside && byte == '\\')
			*out++ = json.data[++i];
		else if (byte == '"')
			inside = !inside;
	}
	return out;
}

static bool is_among(struct slice name, const char *const *names)
{
	for (; *names; names++)
		if (slice_is(name, *names))
			return true;
	return false;
}

static struct slice finish(char **free, char *out)
{
	struct slice written = slice_span(*free, (size_t)(out - *free));

	if (written.len == 0 || written.len > CALL_EXTRA_MAX)
		return (struct slice){ NULL, 0 };
	*free = out;
	return written;
}

struct slice foreign_extra(struct json_value object, const char *const *modelled, char **free)
{
	struct json_value name, value;
	size_t cursor = 0;
	char *out = *free;

	while (json_pair(object, &cursor, &name, &value)) {
		struct slice plain = name_of(name);

		if (!is_plain_name(plain) || is_among(plain, modelled))
			continue;
		if (out > *free)
			*out++ = ',';
		out = put_compact(out, name.source);
		*out++ = ':';
		out = put_compact(out, value.source);
	}
	return finish(free, out);
}

struct slice foreign_opaque(struct json_value object, char **free)
{
	struct json_value name, value;
	size_t cursor = 0;

	while (json_pair(object, &cursor, &name, &value))
		if (!is_plain_name(name_of(name)))
			return (struct slice){ NULL, 0 };
	return finish(free, put_compact(*free, object.source));
}

enum reason foreign_reason(struct slice code)
{
	for (enum reason reason = REASON_NONE + 1; reason < REASONS; reason++)
		if (slice_is(code, reason_code(reason)))
			return reason;
	return REASON_NONE;
}
