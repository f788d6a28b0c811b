/* slice.h - borrowed bytes: a pointer and a length, not NUL-terminated.
 *
 * A slice never owns what it points at; the function that returns one says how long
 * the bytes live. An absent slice has data NULL and len 0; an empty one has
 * len 0 and data not NULL. */
#ifndef CODECS_TEXT_SLICE_H
#define CODECS_TEXT_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
	const char *data;
	size_t len;
};

/* A slice of a string literal. */
#define SLICE(literal) ((struct slice){ "" literal, sizeof(literal) - 1 })

/* A slice of a NUL-terminated string (borrows); NULL gives the absent slice. */
static inline struct slice slice_of(const char *text)
{
	return (struct slice){ text, text ? strlen(text) : 0 };
}

static inline struct slice slice_span(const char *data, size_t len)
{
	return (struct slice){ data, len };
}

/* Same length and bytes; absent equals empty. */
static inline bool slice_equal(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* An order for trees and bsearch(), not for people: the shorter first, of equal length by bytes.
 * Below, at or above zero as for memcmp(). */
static inline int slice_order(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	return a.len ? memcmp(a.data, b.data, a.len) : 0;
}

static inline bool slice_is(struct slice a, const char *text)
{
	/* Tables are searched with it: most names differ in the first byte. */
	if (a.len > 0 && text && *a.data != *text)
		return false;
	return slice_equal(a, slice_of(text));
}

/* FNV-1a: the same for the same bytes wherever and whenever it is computed. Not for tables, since
 * whoever chooses the bytes can choose it. */
static inline uint64_t slice_fnv(struct slice a)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < a.len; i++)
		hash = (hash ^ (unsigned char)a.data[i]) * UINT64_C(1099511628211);
	return hash;
}

static inline bool slice_starts_with(struct slice a, const char *prefix)
{
	size_t len = strlen(prefix);

	return a.len >= len && memcmp(a.data, prefix, len) == 0;
}

#endif
