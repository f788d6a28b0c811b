/* json_value.h - one value of a frame that json_read() has checked: its items, its text, its
 * number. Any thread; no memory but the caller's. */
#ifndef CODECS_TEXT_JSON_VALUE_H
#define CODECS_TEXT_JSON_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/text/json_type.h"
#include "codecs/text/slice.h"

/* A value, as checked source text. source includes the quotes of a string and the brackets of
 * an array or object. */
struct json_value {
	enum json_type type;
	bool escaped; /* JSON_STRING: holds a backslash */
	struct slice source;
};

/* Steps through the items of an array value that json_read() has checked: set cursor to 0, call
 * until false. Borrows. A value that is not an array has no items. */
bool json_item(struct json_value array, size_t *cursor, struct json_value *item);

/* The same for the members of an object value, of any level. name: a string. */
bool json_pair(struct json_value object, size_t *cursor, struct json_value *name,
	       struct json_value *value);

/* The member of that name of such an object; its type is JSON_ABSENT when there is none, or object
 * is none. name: plain ASCII; one that the source has with escapes is not found. */
struct json_value json_find(struct json_value object, const char *name);

/* The same for count names, of which no two are equal, in one go: values has room for them. Returns
 * how many other members there are. */
size_t json_find_all(struct json_value object, const char *const *names, size_t count,
		     struct json_value *values);

/* The text of a string value, unescaped. Borrows from the value when nothing is escaped, else
 * from scratch, which must have room for value.source.len bytes. Lone surrogate escapes become
 * U+FFFD and set *replaced (which may be NULL, and is never cleared). Returns the absent slice
 * when the value is not a string. */
struct slice json_text(struct json_value value, char *scratch, bool *replaced);

/* True when value is a number that is an integer in the range of int64 written without fraction
 * or exponent; then *out is set. */
bool json_int64(struct json_value value, int64_t *out) __attribute__((warn_unused_result));

/* The same for a number or for a string holding only such a number ("123"). */
bool json_int64_or_text(struct json_value value, int64_t *out) __attribute__((warn_unused_result));

/* A number with fraction or exponent truncated towards zero, as lenient servers read it
 * (1.9 -> 1, 1e3 -> 1000); false when it is not a number or does not fit. */
bool json_int64_truncated(struct json_value value, int64_t *out)
    __attribute__((warn_unused_result));

#endif
