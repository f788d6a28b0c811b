#include "bridge/core/capture/redact.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/core/capture/values.h"
#include "codecs/text/json_read.h"
#include "codecs/text/json_value.h"
#include "codecs/text/memory.h"

#define DEPTH_MAX JSON_DEPTH_MAX

/* ---- the same shape ---- */

static uint64_t seed_of(const struct redactor *redactor, struct slice text)
{
	char *folded = memory_new(text.len);
	uint64_t seed;

	for (size_t i = 0; i < text.len; i++)
		folded[i] = (char)tolower((unsigned char)text.data[i]);
	seed = keyed_hash(&redactor->key, folded, text.len);
	free(folded);
	return seed;
}

/* SplitMix64: each place has a shift of its own. */
static uint64_t next(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* Never the same letter or digit. */
static char shifted(char c, uint64_t chance)
{
	if (c >= 'a' && c <= 'z')
		return (char)('a' + (c - 'a' + 1 + (int)(chance % 25)) % 26);
	if (c >= 'A' && c <= 'Z')
		return (char)('A' + (c - 'A' + 1 + (int)(chance % 25)) % 26);
	if (c >= '0' && c <= '9')
		return (char)('0' + (c - '0' + 1 + (int)(chance % 9)) % 10);
	return c;
}

/* A character beyond ASCII, for another one with as many bytes. Returns how many. */
static size_t mark(const unsigned char *bytes, size_t left, uint64_t chance, char *out)
{
	static const struct {
		const char *lead;
		unsigned char first, count;
	} marks[] = { [1] = { "", '?', 1 },
		      [2] = { "\xc3", 0x98, 31 },
		      [3] = { "\xe2\x96", 0xa0, 32 },
		      [4] = { "\xf0\x9f\x98", 0x80, 63 } };
	size_t len = bytes[0] >= 0xf0 ? 4 : bytes[0] >= 0xe0 ? 3 : bytes[0] >= 0xc0 ? 2 : 1;

	if (len > left)
		len = 1;
	for (size_t i = 1; i < len; i++)
		if ((bytes[i] & 0xc0) != 0x80)
			len = 1;
	memcpy(out, marks[len].lead, len - 1);
	out[len - 1] = (char)(marks[len].first + chance % marks[len].count);
	if (len > 1 && memcmp(out, bytes, len) == 0)
		out[len - 1] = (char)(marks[len].first + marks[len].count);
	return len;
}

/* How much of a text's beginning is a word of the protocols, which says what kind of text it is: so
 * many bytes stay. */
static size_t word_at(struct slice text, size_t at)
{
	static const char *const words[] = { "http://", "https://" };
	struct slice rest = slice_span(text.data + at, text.len - at);

	if (at == 0 && slice_starts_with(rest, "/me "))
		return 4;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (slice_starts_with(rest, words[i]))
			return strlen(words[i]);
	return 0;
}

static void put_shape(const struct redactor *redactor, struct slice text, struct json_writer *w)
{
	uint64_t state = seed_of(redactor, text);
	char *out = memory_new(text.len);
	size_t at = 0, len;

	while (at < text.len) {
		len = word_at(text, at);
		if (len > 0) {
			memcpy(out + at, text.data + at, len);
		} else if ((unsigned char)text.data[at] >= 0x80) {
			len = mark((const unsigned char *)text.data + at, text.len - at,
				   next(&state), out + at);
		} else {
			out[at] = shifted(text.data[at], next(&state));
			len = 1;
		}
		at += len;
	}
	json_put_string(w, slice_span(out, text.len));
	free(out);
}

void redact_name(const struct redactor *redactor, struct slice name, struct json_writer *w)
{
	if (redactor->bodies)
		json_put_string(w, name);
	else
		put_shape(redactor, name, w);
}

static bool is_uuid(struct slice text)
{
	unsigned char uuid[16];

	return uuid_parse(text, uuid);
}

/* Nobody can make one up. */
static bool is_ours(const struct redactor *redactor, struct slice text)
{
	unsigned char uuid[16];
	uint64_t number;

	if (!uuid_parse(text, uuid))
		return false;
	for (int domain = ID_MESSAGE; domain <= ID_ROOM; domain++)
		if (identity_number(redactor->ids, (enum id_domain)domain, uuid, &number))
			return true;
	return false;
}

bool redact_is_id(const struct redactor *redactor, struct slice text)
{
	return values_are_given(SLICE("id"), text) || is_ours(redactor, text);
}

/* ---- the walk ---- */

struct walk {
	const struct redactor *redactor;
	const struct codec_words *words;
	struct json_writer *w;
	char *scratch;                     /* as long as the frame */
	const struct codec_method *method; /* NULL: none that is known */
	bool before_login;
};

/* Where a value stands: behind the member of that name, at that place of its array. */
struct place {
	struct slice name;
	int index; /* -1: in no array */
};

static bool is_secret(const struct walk *walk, const struct place *at)
{
	bool argument = slice_is(at->name, "arguments") && walk->method;

	return values_are_secret(at->name) || words_have(walk->words->secrets, at->name) ||
	       (argument && walk->method->secret);
}

static bool keeps_argument(const struct walk *walk, int index, struct slice text)
{
	const struct codec_method *method = walk->method;

	if (!method)
		return false;
	return (index == method->duration && values_say_duration(text)) ||
	       (method->names_kinds && words_have(walk->words->kinds, text));
}

static bool keeps_text(const struct walk *walk, const struct place *at, struct slice text)
{
	if (at->index < 0 && words_have(walk->words->naming, at->name))
		return words_have(walk->words->kinds, text);
	if (walk->before_login)
		return false;
	if (walk->redactor->bodies || is_ours(walk->redactor, text) ||
	    (words_have(walk->words->uuids, at->name) && is_uuid(text)))
		return true;
	if (slice_is(at->name, "arguments"))
		return keeps_argument(walk, at->index, text);
	return values_are_given(at->name, text);
}

static void put_text(struct walk *walk, const struct place *at, struct json_value value)
{
	struct slice text = json_text(value, walk->scratch, NULL);

	if (is_secret(walk, at))
		json_put_string(walk->w, SLICE(REDACT_SECRET));
	else if (keeps_text(walk, at, text))
		json_put_raw(walk->w, value.source);
	else
		put_shape(walk->redactor, text, walk->w);
}

static void put_number(struct walk *walk, const struct place *at, struct json_value value)
{
	bool arguments = slice_is(at->name, "arguments");
	bool keeps = walk->redactor->bodies || !words_have(walk->words->bodies, at->name);

	if (arguments && !walk->redactor->bodies)
		keeps = walk->method && at->index == walk->method->number;
	if (keeps && !walk->before_login && !is_secret(walk, at))
		json_put_raw(walk->w, value.source);
	else
		json_put_unsigned(walk->w, 0);
}

/* What somebody wrote may be a name of a member, too: an answer of a poll, an emoji. */
static bool keeps_name(const struct walk *walk, const struct place *at, struct slice name)
{
	if (walk->redactor->bodies && !walk->before_login)
		return true;
	return !words_have(walk->words->maps, at->name) && words_have(walk->words->members, name);
}

static void put_value(struct walk *walk, const struct place *at, struct json_value value);

static void put_object(struct walk *walk, const struct place *at, struct json_value object)
{
	struct json_value name, value;
	size_t cursor = 0;

	json_object_open(walk->w);
	while (json_pair(object, &cursor, &name, &value)) {
		struct slice text = json_text(name, walk->scratch, NULL);
		struct place inside = { slice_span(name.source.data + 1, name.source.len - 2), -1 };

		if (!keeps_name(walk, at, text)) {
			put_shape(walk->redactor, text, walk->w);
			json_put_literal(walk->w, ":", 1);
			walk->w->comma = false;
			inside.name = (struct slice){ NULL, 0 };
		} else {
			json_key_slice(walk->w, text);
		}
		put_value(walk, &inside, value);
	}
	json_object_close(walk->w);
}

static void put_array(struct walk *walk, const struct place *at, struct json_value array)
{
	struct place inside = { at->name, 0 };
	struct json_value item;
	size_t cursor = 0;

	json_array_open(walk->w);
	for (; json_item(array, &cursor, &item); inside.index++)
		put_value(walk, &inside, item);
	json_array_close(walk->w);
}

static void put_value(struct walk *walk, const struct place *at, struct json_value value)
{
	switch (value.type) {
	case JSON_OBJECT: put_object(walk, at, value); break;
	case JSON_ARRAY: put_array(walk, at, value); break;
	case JSON_STRING: put_text(walk, at, value); break;
	case JSON_NUMBER: put_number(walk, at, value); break;
	default: json_put_raw(walk->w, value.source); break;
	}
}

void redact_frame(const struct redactor *redactor, const struct codec_words *words,
		  struct slice text, bool before_login, struct json_writer *w)
{
	static const struct codec_words none;
	struct walk walk = { .redactor = redactor,
			     .words = words ? words : &none,
			     .w = w,
			     .before_login = before_login,
			     .scratch = memory_new(text.len + 1) };
	struct place top = { .index = -1 };
	struct json_value frame;

	if (json_read_value(text, DEPTH_MAX, &frame) == JSON_OK) {
		struct json_value method = json_find(frame, "method");

		if (method.type == JSON_STRING && !method.escaped)
			walk.method = words_method(
			    walk.words, slice_span(method.source.data + 1, method.source.len - 2));
		put_value(&walk, &top, frame);
	} else {
		put_shape(redactor, text, w);
	}
	free(walk.scratch);
}
