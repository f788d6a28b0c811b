#include "codecs/model/trail.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "codecs/text/json_read.h"

#define STEP_LEN (1 + UUID_TEXT_LEN)

_Static_assert(TRAIL_ID_MAX % 8 == 0, "it is looked at in words");

/* ---- read ---- */

/* The inside of a string without escapes. */
static bool plain_text(struct json_value value, struct slice *text)
{
	if (value.type != JSON_STRING || value.escaped)
		return false;
	*text = slice_span(value.source.data + 1, value.source.len - 2);
	return true;
}

/* Eight bytes at a time, of which none may be 0x80 or more, 0x7f, ' ' or less. */
static bool is_id(struct slice text)
{
	const uint64_t each = UINT64_C(0x0101010101010101);
	uint64_t words[TRAIL_ID_MAX / 8], others = 0;

	if (!text.len || text.len > TRAIL_ID_MAX)
		return false;
	memset(words, '!', sizeof(words));
	memcpy(words, text.data, text.len);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		others |= words[i] | (words[i] + each) | ~(words[i] + each * (0x80 - '!'));
	return !(others & each * 0x80);
}

/* In one case, so that it is the same text everywhere. */
static bool put_step(struct json_value item, char **at)
{
	struct slice text;

	if (!plain_text(item, &text) || text.len != UUID_TEXT_LEN)
		return false;
	*(*at)++ = ' ';
	if (!uuid_lower(text, *at))
		return false;
	*at += UUID_TEXT_LEN;
	return true;
}

struct slice trail_read(struct json_value member, char *out)
{
	static const char *const names[] = { "id", "path" };
	struct json_value values[2], item;
	size_t cursor = 0, count = 0;
	struct slice id;
	char *at = out;

	if (member.type != JSON_OBJECT)
		return (struct slice){ NULL, 0 };
	(void)json_find_all(member, names, 2, values);
	if (!plain_text(values[0], &id) || !is_id(id) || values[1].type != JSON_ARRAY)
		return (struct slice){ NULL, 0 };
	memcpy(at, id.data, id.len);
	at += id.len;
	while (json_item(values[1], &cursor, &item))
		if (++count > TRAIL_PATH_MAX || !put_step(item, &at))
			return (struct slice){ NULL, 0 };
	return slice_span(out, (size_t)(at - out));
}

struct slice trail_find(struct slice text, unsigned max_depth, char *out)
{
	struct json_value whole;

	/* Most have none. */
	if (!text.len || !memmem(text.data, text.len, "\"" TRAIL_MEMBER "\"", 10) ||
	    json_read_value(text, max_depth, &whole) != JSON_OK)
		return (struct slice){ NULL, 0 };
	return trail_read(json_find(whole, TRAIL_MEMBER), out);
}

/* ---- made ---- */

static uint64_t tag_of(const struct id_key *key, uint64_t number)
{
	static const char domain[8] = "trail";
	unsigned char bytes[sizeof(domain) + sizeof(number)];

	memcpy(bytes, domain, sizeof(domain));
	memcpy(bytes + sizeof(domain), &number, sizeof(number));
	return keyed_hash(key, bytes, sizeof(bytes));
}

struct slice trail_new(struct slice instance, const struct id_key *key, uint64_t number, char *out)
{
	int len;

	if (!number) {
		out[0] = '-';
		return slice_span(out, 1);
	}
	len = snprintf(out, TRAIL_MAX, "%.*s/%" PRIu64 "-%016" PRIx64, (int)instance.len,
		       instance.data, number, tag_of(key, number));

	return slice_span(out, (size_t)len);
}

bool trail_part(struct slice *trail, unsigned part, char *out)
{
	struct slice id = trail_id(*trail);
	char suffix[12];
	int len = snprintf(suffix, sizeof(suffix), "+%u", part);

	if (trail_id_is_unknown(id))
		return true;
	if (id.len + (size_t)len > TRAIL_ID_MAX)
		return false;
	memmove(out + id.len + len, out + id.len, trail->len - id.len);
	memcpy(out + id.len, suffix, (size_t)len);
	trail->len += (size_t)len;
	return true;
}

bool trail_leave(struct slice *trail, struct slice instance, char *out)
{
	if (trail_is_full(*trail) || instance.len != UUID_TEXT_LEN)
		return false;
	out[trail->len] = ' ';
	memcpy(out + trail->len + 1, instance.data, instance.len);
	trail->len += STEP_LEN;
	return true;
}

struct slice trail_onward(struct slice trail, struct slice instance, const struct id_key *key,
			  uint64_t number, char *out)
{
	if (!trail.len) {
		trail = trail_new(instance, key, number, out);
	} else {
		memcpy(out, trail.data, trail.len);
		trail.data = out;
	}
	return trail_leave(&trail, instance, out) ? trail : (struct slice){ NULL, 0 };
}

/* ---- looked at ---- */

struct slice trail_id(struct slice trail)
{
	const char *space = trail.len ? memchr(trail.data, ' ', trail.len) : NULL;

	return space ? slice_span(trail.data, (size_t)(space - trail.data)) : trail;
}

bool trail_id_is_unknown(struct slice id)
{
	return slice_is(id, "-");
}

bool trail_is_full(struct slice trail)
{
	return (trail.len - trail_id(trail).len) / STEP_LEN >= TRAIL_PATH_MAX;
}

bool trail_has(struct slice trail, struct slice instance)
{
	for (size_t at = trail_id(trail).len; at < trail.len; at += STEP_LEN)
		if (slice_equal(slice_span(trail.data + at + 1, UUID_TEXT_LEN), instance))
			return true;
	return false;
}

static bool read_number(struct slice text, uint64_t *number)
{
	*number = 0;
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		*number = *number * 10 + (uint64_t)(text.data[i] - '0');
	}
	return text.len > 0 && text.len <= 16;
}

uint64_t trail_number(struct slice trail, struct slice instance, const struct id_key *key)
{
	struct slice id = trail_id(trail), rest;
	char own[TRAIL_MAX];
	const char *dash;
	uint64_t number;
	struct slice made;

	if (id.len <= instance.len || !slice_equal(slice_span(id.data, instance.len), instance))
		return 0;
	rest = slice_span(id.data + instance.len + 1, id.len - instance.len - 1);
	dash = rest.len ? memchr(rest.data, '-', rest.len) : NULL;
	if (!dash || !read_number(slice_span(rest.data, (size_t)(dash - rest.data)), &number))
		return 0;
	made = trail_new(instance, key, number, own);
	if (id.len < made.len || !slice_equal(slice_span(id.data, made.len), made))
		return 0;
	return id.len == made.len || id.data[made.len] == '+' ? number : 0;
}

/* ---- written ---- */

void trail_put(struct json_writer *w, struct slice trail)
{
	struct slice id = trail_id(trail);

	w->len--;
	if (w->data[w->len - 1] != '{')
		json_put_literal(w, ",", 1);
	json_put_literal(w, "\"" TRAIL_MEMBER "\":{\"id\":\"", 18);
	json_put_literal(w, id.data, id.len);
	json_put_literal(w, "\",\"path\":[", 10);
	for (size_t at = id.len; at < trail.len; at += STEP_LEN) {
		json_put_literal(w, at == id.len ? "\"" : ",\"", at == id.len ? 1 : 2);
		json_put_literal(w, trail.data + at + 1, UUID_TEXT_LEN);
		json_put_literal(w, "\"", 1);
	}
	json_put_literal(w, "]}}", 3);
}
