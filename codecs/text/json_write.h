/* json_write.h - writes JSON straight into a growing buffer: compact, keys in call order,
 * non-ASCII unescaped, no tree.
 *
 * Commas are put by the writer. Strings must be UTF-8 (what json_read handed out is); control
 * bytes, quotes and backslashes are escaped, U+2028/2029 and DEL are not. */
#ifndef CODECS_TEXT_JSON_WRITE_H
#define CODECS_TEXT_JSON_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "codecs/text/slice.h"

struct json_writer {
	char *data;
	size_t len, cap;
	bool comma; /* the next item needs a comma before it */
};

/* Starts with room for reserve + hint bytes; len is set to reserve and those first bytes are
 * left for the caller (a header). */
void json_start(struct json_writer *w, size_t reserve, size_t hint);

/* Frees the buffer. */
void json_clear(struct json_writer *w);

void json_object_open(struct json_writer *w);
void json_object_close(struct json_writer *w);
void json_array_open(struct json_writer *w);
void json_array_close(struct json_writer *w);

/* "key": with key len bytes of plain ASCII without anything to escape. */
void json_key_literal(struct json_writer *w, const char *key, size_t len);

/* The same for a C string; inline, so that the length of a constant costs nothing. */
static inline void json_key(struct json_writer *w, const char *key)
{
	json_key_literal(w, key, strlen(key));
}

/* A key whose text is data: escaped like a string. */
void json_key_slice(struct json_writer *w, struct slice key);

/* One value each. */
void json_put_string(struct json_writer *w, struct slice text);
void json_put_integer(struct json_writer *w, int64_t value);
void json_put_unsigned(struct json_writer *w, uint64_t value);
void json_put_bool(struct json_writer *w, bool value);
void json_put_null(struct json_writer *w);

/* JSON text that has already been checked by json_read (an echoed id), as it is. */
void json_put_raw(struct json_writer *w, struct slice json);

/* Bytes appended as they are, with no comma logic: for constant templates. The caller answers
 * for the syntax; comma is left as it was. */
void json_put_literal(struct json_writer *w, const char *bytes, size_t len);

/* Escaped string contents without the quotes, no comma logic: two of them can make one string. */
void json_put_piece(struct json_writer *w, struct slice text);

/* key and value in one call. */
static inline void json_field_string(struct json_writer *w, const char *key, struct slice text)
{
	json_key(w, key);
	json_put_string(w, text);
}

static inline void json_field_integer(struct json_writer *w, const char *key, int64_t value)
{
	json_key(w, key);
	json_put_integer(w, value);
}

static inline void json_field_unsigned(struct json_writer *w, const char *key, uint64_t value)
{
	json_key(w, key);
	json_put_unsigned(w, value);
}

static inline void json_field_bool(struct json_writer *w, const char *key, bool value)
{
	json_key(w, key);
	json_put_bool(w, value);
}

#endif
