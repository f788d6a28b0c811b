#include "codecs/calls_read.h"

#include <string.h>

static bool is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

void call_put_escaped(struct json_writer *w, struct slice text)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.data[i];
		char escaped[3] = { '%', digits[byte >> 4], digits[byte & 15] };

		if (is_unreserved(text.data[i]))
			json_put_literal(w, &text.data[i], 1);
		else
			json_put_literal(w, escaped, sizeof(escaped));
	}
}

void call_put_bearer(struct call_request *request, struct slice token)
{
	json_put_literal(&request->authorization, "Bearer ", 7);
	json_put_literal(&request->authorization, token.data, token.len);
}

/* Bits that wait until there are six of them. */
struct sextets {
	struct json_writer *w;
	uint32_t bits;
	unsigned count;
};

static void put_sextet(struct sextets *out, uint32_t value)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	json_put_literal(out->w, &digits[value & 63], 1);
}

static void put_sextets(struct sextets *out, struct slice bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		out->bits = out->bits << 8 | (unsigned char)bytes.data[i];
		out->count += 8;
		for (; out->count >= 6; out->count -= 6)
			put_sextet(out, out->bits >> (out->count - 6));
	}
}

void call_put_basic(struct json_writer *authorization, struct slice user, struct slice secret)
{
	struct sextets out = { .w = authorization };

	json_put_literal(authorization, "Basic ", 6);
	put_sextets(&out, user);
	put_sextets(&out, SLICE(":"));
	put_sextets(&out, secret);
	if (out.count == 0)
		return;
	put_sextet(&out, out.bits << (6 - out.count));
	json_put_literal(authorization, "==", out.count == 2 ? 2 : 1);
}

enum reason call_status_reason(unsigned status)
{
	if (status >= 200 && status < 300)
		return REASON_NONE;
	if (status == 0 || status >= 500)
		return REASON_NO_ANSWER;
	switch (status) {
	case 401:
	case 403: return REASON_BAD_LOGIN;
	case 404: return REASON_UNKNOWN_ROOM;
	case 429: return REASON_RATE_LIMITED;
	default: return REASON_REFUSED;
	}
}

void call_put_socket_url(struct json_writer *w, const struct call_account *account,
			 struct slice path)
{
	struct slice url = account->url;
	size_t end = 0, slashes = 0;

	/* "http" becomes "ws", and so "https" "wss"; what follows the host goes. */
	while (end < url.len && slashes < 3) {
		slashes += url.data[end] == '/';
		end += slashes < 3;
	}
	json_put_literal(w, "ws", 2);
	if (end > 4)
		json_put_literal(w, url.data + 4, end - 4);
	json_put_literal(w, path.data, path.len);
}

/* ---- what came ---- */

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

	if (name.escaped)
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

struct slice call_opaque(struct slice text, char **scratch)
{
	struct slice line = slice_span(*scratch, text.len);

	if (text.len > CALL_EXTRA_MAX)
		return (struct slice){ NULL, 0 };
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
	if (id->len <= FOREIGN_ID_MAX && (id->data || value.source.len <= CALL_EXTRA_MAX))
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
