/* json_read.h - reads one frame in one pass: the whole text is checked, the members of the
 * outermost object are handed out as slices; no tree, no copy.
 *
 * Checked: RFC 8259 grammar of the whole text (white space around it allowed, no BOM), UTF-8 of
 * every byte (no surrogates, no overlong forms), escapes, depth, and that no object anywhere has
 * the same name twice (names compared unescaped). Numbers stay source text of any length. */
#ifndef CODECS_TEXT_JSON_READ_H
#define CODECS_TEXT_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/text/slice.h"

#define JSON_DEPTH_DEFAULT 32 /* nested arrays and objects; the outermost object is level 1 */
#define JSON_DEPTH_MAX     128
#define JSON_MEMBERS_MAX   32  /* members of the outermost object that are kept */
#define JSON_NAMES_MAX     512 /* names open at once, over all levels; more is JSON_TOO_MANY */

enum json_type {
	JSON_ABSENT, /* no such member */
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT
};

enum json_status {
	JSON_OK,
	JSON_BAD_SYNTAX,
	JSON_BAD_UTF8,
	JSON_TOO_DEEP,
	JSON_DUPLICATE, /* a name twice in one object */
	JSON_TOO_MANY,  /* names, see JSON_NAMES_MAX; or more than JSON_MEMBERS_MAX at the top */
	JSON_NOT_OBJECT /* valid JSON, but the outermost value is no object */
};

/* "bad syntax", ...: for logs and error texts. Constant. */
const char *json_status_text(enum json_status status);

/* A value, as checked source text. source includes the quotes of a string and the brackets of
 * an array or object. */
struct json_value {
	enum json_type type;
	bool escaped; /* JSON_STRING: holds a backslash */
	struct slice source;
};

struct json_member {
	struct slice name; /* unescaped; borrows from the text, or from names when it was escaped */
	struct json_value value;
};

struct json_object {
	struct json_member members[JSON_MEMBERS_MAX];
	size_t count;
	char names[256]; /* where escaped names of the outermost object are unescaped to; a longer
			  * escaped name is kept in its source form, which no verb has */
};

/* Reads text into out. max_depth: 1 .. JSON_DEPTH_MAX. out borrows from text and is valid while
 * text is. On any status but JSON_OK out->count is 0. Any thread; uses no memory but the stack
 * (below 32 KiB). */
enum json_status json_read(struct slice text, unsigned max_depth, struct json_object *out);

/* The member of that name; its type is JSON_ABSENT when there is none. name: plain ASCII. */
struct json_value json_member(const struct json_object *object, const char *name);

/* Steps through the items of an array value that json_read() has checked: set cursor to 0, call
 * until false. Borrows. A value that is no array has no items. */
bool json_item(struct json_value array, size_t *cursor, struct json_value *item);

/* The text of a string value, unescaped. Borrows from the value when nothing is escaped, else
 * from scratch, which must have room for value.source.len bytes. Lone surrogate escapes become
 * U+FFFD and set *replaced (which may be NULL, and is never cleared). Returns the absent slice
 * when the value is no string. */
struct slice json_text(struct json_value value, char *scratch, bool *replaced);

/* True when value is a number that is an integer in the range of int64 written without fraction
 * or exponent; then *out is set. */
bool json_int64(struct json_value value, int64_t *out) __attribute__((warn_unused_result));

/* The same for a number or for a string holding only such a number ("123"). */
bool json_int64_or_text(struct json_value value, int64_t *out) __attribute__((warn_unused_result));

/* A number with fraction or exponent truncated towards zero, as lenient servers read it
 * (1.9 -> 1, 1e3 -> 1000); false when it is no number or does not fit. */
bool json_int64_truncated(struct json_value value, int64_t *out)
    __attribute__((warn_unused_result));

#endif
