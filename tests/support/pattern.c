#include "tests/support/pattern.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "codecs/model/identity.h"
#include "codecs/text/memory.h"

#define MEMBERS_MAX 64

/* ---- a text in the making ---- */

struct text {
	char *data;
	size_t len;
};

static void append(struct text *text, const char *data, size_t len)
{
	text->data = memory_resize(text->data, text->len + len + 1);
	if (len)
		memcpy(text->data + text->len, data, len);
	text->len += len;
	text->data[text->len] = '\0';
}

char *pattern_unroll(struct slice text, size_t *len)
{
	static const char mark[] = "@repeat(";
	struct text out = { NULL, 0 };
	const char *at = text.data, *end = text.data + text.len;

	append(&out, "", 0);
	while (at < end) {
		const char *found = memmem(at, (size_t)(end - at), mark, sizeof(mark) - 1);
		const char *close = found ? memchr(found, ')', (size_t)(end - found)) : NULL;
		char *body;
		unsigned long count;

		if (!close)
			break;
		append(&out, at, (size_t)(found - at));
		count = strtoul(found + sizeof(mark) - 1, &body, 10);
		for (body++; count > 0; count--)
			append(&out, body, (size_t)(close - body));
		at = close + 1;
	}
	append(&out, at, (size_t)(end - at));
	*len = out.len;
	return out.data;
}

/* ---- placeholders ---- */

struct placeholder {
	struct slice name; /* with ".uuid" */
	int64_t plus;
	size_t len; /* in the pattern, the '@' included */
};

/* at begins with '@'. False when no name follows. */
static bool placeholder_read(struct slice at, struct placeholder *out)
{
	size_t i = 1;

	while (i < at.len && (isalnum((unsigned char)at.data[i]) || at.data[i] == '_'))
		i++;
	if (i == 1)
		return false;
	if (slice_starts_with(slice_span(at.data + i, at.len - i), ".uuid"))
		i += 5;
	*out = (struct placeholder){ .name = slice_span(at.data + 1, i - 1) };
	if (i + 1 < at.len && (at.data[i] == '+' || at.data[i] == '-') &&
	    isdigit((unsigned char)at.data[i + 1])) {
		char *end;

		out->plus = strtoll(at.data + i, &end, 10);
		i = (size_t)(end - at.data);
	}
	out->len = i;
	return true;
}

static size_t placeholder_value(const struct placeholder *p, struct pattern_names *names,
				char out[PATTERN_VALUE_MAX])
{
	size_t len = names->value(names, p->name, out);

	if (len == 0 || p->plus == 0)
		return len;
	out[len] = '\0';
	return (size_t)snprintf(out, PATTERN_VALUE_MAX, "%lld",
				strtoll(out, NULL, 10) + (long long)p->plus);
}

char *pattern_fill(struct slice pattern, struct pattern_names *names, size_t *len,
		   unsigned *unknown)
{
	struct text out = { NULL, 0 };
	struct placeholder p;
	char value[PATTERN_VALUE_MAX];

	append(&out, "", 0);
	for (size_t i = 0; i < pattern.len;) {
		struct slice rest = slice_span(pattern.data + i, pattern.len - i);
		size_t value_len;

		if (slice_starts_with(rest, "@@")) {
			append(&out, "@", 1);
			i += 2;
		} else if (rest.data[0] == '@' && placeholder_read(rest, &p)) {
			value_len = placeholder_value(&p, names, value);
			append(&out, value_len ? value : rest.data, value_len ? value_len : p.len);
			if (value_len == 0 && unknown)
				++*unknown;
			i += p.len;
		} else {
			append(&out, rest.data, 1);
			i++;
		}
	}
	*len = out.len;
	return out.data;
}

/* ---- extents: how far something goes ---- */

/* of a string, quotes included, that begins at text */
static size_t string_extent(struct slice text)
{
	for (size_t i = 1; i < text.len; i++) {
		if (text.data[i] == '\\')
			i++;
		else if (text.data[i] == '"')
			return i + 1;
	}
	return text.len;
}

static size_t value_extent(struct slice text)
{
	size_t depth = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (c == '"')
			i += string_extent(slice_span(text.data + i, text.len - i)) - 1;
		else if (c == '{' || c == '[')
			depth++;
		else if (depth > 0 && (c == '}' || c == ']'))
			depth--;
		else if (depth == 0 && (c == ',' || c == '}' || c == ']' || c == ':'))
			return i;
	}
	return text.len;
}

static size_t digits_extent(struct slice text)
{
	size_t i = 0;

	while (i < text.len && isdigit((unsigned char)text.data[i]))
		i++;
	return i;
}

static size_t uuid_extent(struct slice text)
{
	unsigned char uuid[16];

	return text.len >= UUID_TEXT_LEN && uuid_parse(slice_span(text.data, UUID_TEXT_LEN), uuid)
		   ? UUID_TEXT_LEN
		   : 0;
}

/* Up to the quote that ends the string text lies in. */
static size_t inside_extent(struct slice text)
{
	size_t i = 0;

	while (i < text.len && text.data[i] != '"')
		i += text.data[i] == '\\' ? 2 : 1;
	return i < text.len ? i : text.len;
}

/* ---- exact ---- */

/* How much of text the placeholder takes; false when it does not fit. */
static bool placeholder_match(const struct placeholder *p, struct slice text,
			      struct pattern_names *names, size_t *taken)
{
	char value[PATTERN_VALUE_MAX];
	size_t len;

	if (slice_is(p->name, "any"))
		return (*taken = value_extent(text)) > 0;
	if (slice_is(p->name, "text")) {
		*taken = inside_extent(text);
		return true;
	}
	if (slice_is(p->name, "uuid"))
		return (*taken = uuid_extent(text)) > 0;
	len = placeholder_value(p, names, value);
	if (len > 0) {
		*taken = len;
		return len <= text.len && memcmp(value, text.data, len) == 0;
	}
	len = p->name.len > 5 && memcmp(p->name.data + p->name.len - 5, ".uuid", 5) == 0
		  ? uuid_extent(text)
		  : digits_extent(text);
	*taken = len;
	return len > 0 && names->learn(names, p->name, slice_span(text.data, len));
}

bool pattern_same(struct slice pattern, struct slice text, struct pattern_names *names)
{
	size_t i = 0, t = 0;

	while (i < pattern.len) {
		struct slice rest = slice_span(pattern.data + i, pattern.len - i);
		struct placeholder p;
		size_t taken;

		if (rest.data[0] == '@' && !slice_starts_with(rest, "@@") &&
		    placeholder_read(rest, &p)) {
			if (!placeholder_match(&p, slice_span(text.data + t, text.len - t), names,
					       &taken))
				return false;
			i += p.len;
			t += taken;
			continue;
		}
		if (t == text.len || text.data[t] != rest.data[0])
			return false;
		i += slice_starts_with(rest, "@@") ? 2 : 1;
		t++;
	}
	return t == text.len;
}

/* ---- alike ---- */

struct item {
	struct slice key, value; /* key: with its quotes; absent in an array */
};

struct container {
	struct item items[MEMBERS_MAX];
	size_t count;
	bool more; /* "..." */
};

static struct slice trim(struct slice text)
{
	while (text.len && isspace((unsigned char)text.data[0]))
		text = slice_span(text.data + 1, text.len - 1);
	while (text.len && isspace((unsigned char)text.data[text.len - 1]))
		text.len--;
	return text;
}

/* Cuts what is between the brackets into items. False for what is no such thing. */
static bool container_read(struct slice text, bool object, struct container *out)
{
	struct slice rest = trim(slice_span(text.data + 1, text.len - 2));

	out->count = 0;
	out->more = false;
	while (rest.len && out->count < MEMBERS_MAX) {
		struct item *item = &out->items[out->count];
		size_t len;

		if (slice_is(rest, "...")) {
			out->more = true;
			return true;
		}
		item->key = (struct slice){ NULL, 0 };
		if (object) {
			len = value_extent(rest);
			if (len == rest.len || rest.data[len] != ':')
				return false;
			item->key = trim(slice_span(rest.data, len));
			rest = trim(slice_span(rest.data + len + 1, rest.len - len - 1));
		}
		len = value_extent(rest);
		item->value = trim(slice_span(rest.data, len));
		out->count++;
		rest = len < rest.len ? trim(slice_span(rest.data + len + 1, rest.len - len - 1))
				      : (struct slice){ NULL, 0 };
	}
	return rest.len == 0;
}

static const struct item *item_find(const struct container *in, const struct item *wanted,
				    size_t place)
{
	if (!wanted->key.data)
		return place < in->count ? &in->items[place] : NULL;
	for (size_t i = 0; i < in->count; i++)
		if (slice_equal(in->items[i].key, wanted->key))
			return &in->items[i];
	return NULL;
}

bool pattern_alike(struct slice pattern, struct slice text, struct pattern_names *names)
{
	struct container wanted, found;
	char open;

	pattern = trim(pattern);
	text = trim(text);
	open = pattern.len > 1 ? pattern.data[0] : '\0';
	if (open != '{' && open != '[')
		return pattern_same(pattern, text, names);
	if (text.len < 2 || text.data[0] != open ||
	    !container_read(pattern, open == '{', &wanted) ||
	    !container_read(text, open == '{', &found))
		return false;
	if (wanted.more ? found.count < wanted.count : found.count != wanted.count)
		return false;
	for (size_t i = 0; i < wanted.count; i++) {
		const struct item *item = item_find(&found, &wanted.items[i], i);

		if (!item || !pattern_alike(wanted.items[i].value, item->value, names))
			return false;
	}
	return true;
}
