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

#include "codecs/text/json_value.h"
#include "codecs/text/slice.h"

#define JSON_DEPTH_DEFAULT 32 /* nested arrays and objects; the outermost object is level 1 */
#define JSON_DEPTH_MAX     128
#define JSON_MEMBERS_MAX   32  /* members of the outermost object that are kept */
#define JSON_NAMES_MAX     512 /* names open at once, over all levels; more is JSON_TOO_MANY */

enum json_status {
	JSON_OK,
	JSON_BAD_SYNTAX,
	JSON_BAD_UTF8,
	JSON_TOO_DEEP,
	JSON_DUPLICATE, /* a name twice in one object */
	JSON_TOO_MANY,  /* names, see JSON_NAMES_MAX; or more than JSON_MEMBERS_MAX at the top */
	JSON_NOT_OBJECT /* valid JSON, but the outermost value is not an object */
};

/* "bad syntax", ...: for logs and error texts. Constant. */
const char *json_status_text(enum json_status status);

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

/* Checks a text whose outermost value may be of any type, and keeps no members: so there may be as
 * many as JSON_NAMES_MAX allows; json_find() and json_pair() read them. value borrows from text; on
 * any status but JSON_OK its type is JSON_ABSENT. Else as json_read(). */
enum json_status json_read_value(struct slice text, unsigned max_depth, struct json_value *value);

/* Members that are wanted by name: no two names are equal. */
struct json_named {
	const char *const *names; /* as of json_find() */
	size_t count;
	struct json_value *values; /* room for count */
	size_t others;             /* members with another name */
};

/* The same, and in the same go finds those members of it as json_find_all() does; named: NULL is
 * ignored. On any status but JSON_OK its values mean nothing. */
enum json_status json_read_named(struct slice text, unsigned max_depth, struct json_value *value,
				 struct json_named *named);

/* The member of that name; its type is JSON_ABSENT when there is none. name: plain ASCII. */
struct json_value json_member(const struct json_object *object, const char *name);

#endif
