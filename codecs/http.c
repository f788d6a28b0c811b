#include "codecs/http.h"

#include "codecs/credentials.h"
#include "codecs/text/json_read.h"
#include "codecs/text/name.h"

struct slice call_method_text(enum call_method method)
{
	static const struct slice texts[CALL_METHODS] = {
		[CALL_GET] = { "GET", 3 },       [CALL_POST] = { "POST", 4 },
		[CALL_PUT] = { "PUT", 3 },       [CALL_PATCH] = { "PATCH", 5 },
		[CALL_DELETE] = { "DELETE", 6 },
	};

	return texts[method];
}

/* ---- parameters ---- */

/* Where it was unescaped to is used up. */
static struct slice unescape_parameter(struct codec_peer *peer, struct slice raw)
{
	size_t len = 0;
	char *out = peer->scratch;
	struct slice text;

	if (!raw.data)
		return raw;
	/* '+' first: an escaped one is no space. */
	for (; len < raw.len; len++)
		out[len] = raw.data[len] == '+' ? ' ' : raw.data[len];
	text = credentials_unescape(slice_span(out, len), out);
	peer->scratch += len;
	return text_is_utf8(text) ? text : (struct slice){ NULL, 0 };
}

struct slice call_parameter(struct codec_peer *peer, const struct codec_call *call,
			    const char *name)
{
	return unescape_parameter(peer, credentials_parameter(call->query, name));
}

struct slice call_form(struct codec_peer *peer, const struct codec_call *call, const char *name)
{
	return unescape_parameter(peer, credentials_parameter(call->body, name));
}

struct slice call_member(struct codec_peer *peer, const struct json_object *object,
			 const char *name)
{
	struct slice text = json_text(json_member(object, name), peer->scratch, NULL);

	if (text.data == peer->scratch)
		peer->scratch += text.len;
	return text;
}

bool call_decimal(struct slice text, uint64_t most, uint64_t *value)
{
	uint64_t read = 0;

	*value = 0;
	for (size_t i = 0; i < text.len; i++) {
		uint64_t digit = (uint64_t)(unsigned char)text.data[i] - '0';

		if (digit > 9 || read > (UINT64_MAX - digit) / 10)
			return false;
		read = read * 10 + digit;
	}
	if (text.len == 0 || read > most)
		return false;
	*value = read;
	return true;
}

uint64_t call_number(struct codec_peer *peer, const struct codec_call *call, const char *name,
		     uint64_t least, uint64_t most, uint64_t fallback)
{
	struct slice text = call_parameter(peer, call, name);
	uint64_t value;

	if (!call_decimal(text, UINT64_MAX, &value))
		return fallback;
	return value < least ? least : value > most ? most : value;
}

/* ---- who it is by ---- */

static bool word_is(struct slice text, const char *lower)
{
	size_t len = strlen(lower);

	if (text.len <= len || text.data[len] != ' ')
		return false;
	for (size_t i = 0; i < len; i++)
		if ((text.data[i] | 0x20) != lower[i])
			return false;
	return true;
}

static struct slice behind(struct slice text, size_t len)
{
	while (len < text.len && text.data[len] == ' ')
		len++;
	return slice_span(text.data + len, text.len - len);
}

enum reason call_credentials(struct codec_peer *peer, const struct codec_call *call,
			     struct codec_login *login)
{
	struct slice text = call->authorization;

	if (!text.data)
		return REASON_NONE;
	if (word_is(text, "bearer")) {
		login->token = behind(text, 7);
		return credentials_split(login->token, login) ? REASON_NONE : REASON_BAD_LOGIN;
	}
	if (!word_is(text, "basic"))
		return REASON_BAD_LOGIN;
	text = credentials_base64(behind(text, 6), peer->scratch);
	peer->scratch += text.len;
	return credentials_split(text, login) ? REASON_NONE : REASON_BAD_LOGIN;
}

/* ---- paths ---- */

/* The next part that is not empty; takes it off *rest. False: there is none. */
static bool next_part(struct slice *rest, struct slice *part)
{
	const char *end;
	size_t len;

	while (rest->len > 0 && *rest->data == '/')
		*rest = slice_span(rest->data + 1, rest->len - 1);
	if (rest->len == 0)
		return false;
	end = memchr(rest->data, '/', rest->len);
	len = end ? (size_t)(end - rest->data) : rest->len;
	*part = slice_span(rest->data, len);
	*rest = slice_span(rest->data + len, rest->len - len);
	return true;
}

static bool is_place(struct slice part)
{
	return part.len > 1 && part.data[0] == '{';
}

/* Takes a prefix off the front of *path, part by part. */
static bool take_prefix(struct slice *path, const char *prefix)
{
	struct slice left = slice_of(prefix), rest = *path, wanted, part;

	while (next_part(&left, &wanted))
		if (!next_part(&rest, &part) || !slice_equal(part, wanted))
			return false;
	*path = rest;
	return true;
}

static bool meets(struct slice path, const char *pattern)
{
	struct slice left = slice_of(pattern), wanted, part;

	while (next_part(&left, &wanted))
		if (!next_part(&path, &part) || (!is_place(wanted) && !slice_equal(part, wanted)))
			return false;
	return !next_part(&path, &part);
}

static void match_rows(const struct codec_http *http, struct slice path, struct codec_match *match)
{
	for (size_t i = 0; i < http->path_count; i++) {
		const struct codec_path *row = &http->paths[i];

		if (match->rows[row->method] || !meets(path, row->pattern))
			continue;
		match->rows[row->method] = row;
		match->methods |= UINT32_C(1) << row->method;
	}
}

struct codec_match codec_http_match(const struct codec_http *http, struct slice path)
{
	struct codec_match match = { 0 };

	for (size_t i = 0; http->prefixes[i] && !match.methods; i++) {
		struct slice rest = path;

		if (!take_prefix(&rest, http->prefixes[i]))
			continue;
		match.prefix = i;
		match_rows(http, rest, &match);
		if (http->claims_prefixes && strlen(http->prefixes[i]) > match.claim)
			match.claim = strlen(http->prefixes[i]);
	}
	return match;
}

static bool is_plain(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] < ' ' || text.data[i] == 0x7f)
			return false;
	return text.len > 0 && text_is_utf8(text);
}

static bool well_escaped(struct slice text)
{
	static const char hex[] = "0123456789abcdefABCDEF";

	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] == '%' &&
		    (text.len - i < 3 || !memchr(hex, text.data[i + 1], sizeof(hex) - 1) ||
		     !memchr(hex, text.data[i + 2], sizeof(hex) - 1)))
			return false;
	return true;
}

bool codec_http_parts(const struct codec_http *http, const struct codec_path *row,
		      struct codec_call *call, char *scratch)
{
	struct slice left = slice_of(row->pattern), rest = call->path, wanted, part;

	call->part_count = 0;
	if (!take_prefix(&rest, http->prefixes[call->prefix]))
		return false;
	while (next_part(&left, &wanted)) {
		if (!next_part(&rest, &part))
			return false;
		if (!is_place(wanted))
			continue;
		if (!well_escaped(part) || call->part_count == CALL_PARTS_MAX)
			return false;
		part = credentials_unescape(part, scratch);
		if (part.data == scratch)
			scratch += part.len;
		if (!is_plain(part))
			return false;
		call->parts[call->part_count++] = part;
	}
	return true;
}

/* ---- two at one path ---- */

/* The parts of a row, behind a prefix. */
struct walk {
	struct slice prefix, pattern;
};

static bool walk_next(struct walk *walk, struct slice *part)
{
	return next_part(&walk->prefix, part) || next_part(&walk->pattern, part);
}

static bool walks_meet(struct walk a, struct walk b)
{
	struct slice one, other;
	bool more;

	while (walk_next(&a, &one)) {
		if (!walk_next(&b, &other))
			return false;
		if (!is_place(one) && !is_place(other) && !slice_equal(one, other))
			return false;
	}
	more = walk_next(&b, &other);
	return !more;
}

static const char *clash_with(const struct codec_http *http, struct walk with, const char **prefix)
{
	for (size_t p = 0; http->prefixes[p]; p++)
		for (size_t i = 0; i < http->path_count; i++) {
			struct walk walk = { slice_of(http->prefixes[p]),
					     slice_of(http->paths[i].pattern) };

			if (!walks_meet(walk, with))
				continue;
			*prefix = http->prefixes[p];
			return http->paths[i].pattern;
		}
	return NULL;
}

const char *codec_http_clash(const struct codec_http *one, const struct codec_http *other,
			     const char **prefix)
{
	for (size_t p = 0; other->prefixes[p]; p++)
		for (size_t i = 0; i < other->path_count; i++) {
			struct walk walk = { slice_of(other->prefixes[p]),
					     slice_of(other->paths[i].pattern) };
			const char *found = clash_with(one, walk, prefix);

			if (found)
				return found;
		}
	return NULL;
}

const char *codec_http_at(const struct codec_http *http, struct slice path, const char **prefix)
{
	return clash_with(http, (struct walk){ path, SLICE("") }, prefix);
}

/* ---- what it is told ---- */

enum reason call_hidden(const struct codec_room *room)
{
	if (room->caller_banned)
		return REASON_BANNED;
	return room->caller_may_enter ? REASON_NONE : REASON_CLOSED_ROOM;
}

/* ---- refusals ---- */

unsigned reason_status(enum reason reason)
{
	switch (reason) {
	case REASON_NOT_LOGGED_IN:
	case REASON_BAD_LOGIN:
	case REASON_BAD_KEY:
	case REASON_NAME_TAKEN: return 401;
	case REASON_BANNED:
	case REASON_MUTED:
	case REASON_NO_RIGHT:
	case REASON_REFUSED:
	case REASON_CLOSED_ROOM:
	case REASON_NOT_MEMBER: return 403;
	case REASON_UNKNOWN_ROOM:
	case REASON_UNKNOWN_MESSAGE:
	case REASON_UNKNOWN_PERSON: return 404;
	case REASON_RATE_LIMITED: return 429;
	case REASON_UNSUPPORTED: return 501;
	case REASON_CLOSING:
	case REASON_BUSY:
	case REASON_NO_ANSWER:
	case REASON_UNSTORED: return 503;
	default: return 400;
	}
}

struct slice status_phrase(unsigned status)
{
	switch (status) {
	case 400: return SLICE("Bad Request");
	case 401: return SLICE("Unauthorized");
	case 403: return SLICE("Forbidden");
	case 404: return SLICE("Not Found");
	case 405: return SLICE("Method Not Allowed");
	case 413: return SLICE("Content Too Large");
	case 429: return SLICE("Too Many Requests");
	case 500: return SLICE("Internal Server Error");
	case 501: return SLICE("Not Implemented");
	case 503: return SLICE("Service Unavailable");
	case 504: return SLICE("Gateway Timeout");
	default: return SLICE("Error");
	}
}

struct slice told_text(const struct codec_told *told)
{
	return told->text.data ? told->text : slice_of(reason_text(told->reason));
}

/* ---- answers ---- */

void answer_clear_body(struct codec_answer *answer)
{
	json_clear(&answer->body);
	json_clear(&answer->values);
	*answer = (struct codec_answer){ 0 };
}

struct json_writer *answer_json(struct codec_answer *answer, unsigned status)
{
	answer_clear_body(answer);
	answer->status = status;
	answer->type = SLICE("application/json; charset=utf-8");
	json_start(&answer->body, 0, 512);
	return &answer->body;
}

struct json_writer *answer_header(struct codec_answer *answer, const char *name)
{
	if (!answer->values.data)
		json_start(&answer->values, 0, 128);
	answer->headers[answer->header_count].name = name;
	answer->headers[answer->header_count].at = answer->values.len;
	return &answer->values;
}

void answer_header_end(struct codec_answer *answer)
{
	answer->headers[answer->header_count].len =
	    answer->values.len - answer->headers[answer->header_count].at;
	answer->header_count++;
}

struct slice answer_header_value(const struct codec_answer *answer, size_t index)
{
	return slice_span(answer->values.data + answer->headers[index].at,
			  answer->headers[index].len);
}
