/* wire_fields.h - reading the objects that backends send by tables of their keys: what
 * wire_read.c and wire_read_event.c share. For these only. */
#ifndef CODECS_BACKEND_WIRE_FIELDS_H
#define CODECS_BACKEND_WIRE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/backend/wire.h"
#include "codecs/text/json_read.h"

/* One message being read. */
struct wire_reading {
	struct wire_message *out;
	char *scratch;     /* where the next unescaped text goes */
	char *why;         /* WIRE_WHY_MAX bytes */
	const char *where; /* what stands before a key in why: "", "envelope.", ... */
	bool replaced;     /* a lone surrogate */
};

/* A key, and how its value is read. Where a function below says so, the value goes to at, an
 * offset in struct wire_message, and lies from min to max. */
struct wire_field {
	const char *key;
	bool (*read)(struct wire_reading *, const struct wire_field *, struct json_value);
	size_t at;
	uint64_t min, max;
};

#define FIELD_AT(member) offsetof(struct wire_message, member)

/* Reads every member that the table has, and counts those that it has not. A field whose read is
 * NULL is known and not looked at. False when one is wrong: then why says so. */
bool fields_read(struct wire_reading *r, const struct json_object *object,
		 const struct wire_field *table, size_t count) __attribute__((warn_unused_result));

/* The same for a value that must be an object, whose keys stand in why behind where. */
bool fields_read_nested(struct wire_reading *r, const struct wire_field *field,
			struct json_value value, const char *where, const struct wire_field *table,
			size_t count) __attribute__((warn_unused_result));

/* Is that key there? Else why says that it is missing. */
bool field_require(struct wire_reading *r, const struct json_object *object, const char *key)
    __attribute__((warn_unused_result));

/* Sets why to "WHERE KEY: what is wrong". Returns false. */
bool field_wrong(struct wire_reading *r, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- for tables: each sets what at says ---- */

/* struct slice: a text of min to max bytes. */
bool field_text(struct wire_reading *r, const struct wire_field *field, struct json_value value);

/* struct slice: a text of any length, clipped to max bytes. */
bool field_clipped(struct wire_reading *r, const struct wire_field *field, struct json_value value);

/* uint64_t, uint32_t: a whole number from min to max. */
bool field_number(struct wire_reading *r, const struct wire_field *field, struct json_value value);
bool field_number32(struct wire_reading *r, const struct wire_field *field,
		    struct json_value value);

/* bool */
bool field_bool(struct wire_reading *r, const struct wire_field *field, struct json_value value);

/* struct person: a name, or a number. */
bool field_person(struct wire_reading *r, const struct wire_field *field, struct json_value value);

/* uint32_t: a list of roles. */
bool field_roles(struct wire_reading *r, const struct wire_field *field, struct json_value value);

/* ---- for other readers ---- */

/* A text that may be compared with words; absent when value is not a string. */
struct slice reading_text(struct wire_reading *r, struct json_value value);

/* The number of word in words (count of them), or count. */
size_t reading_word(struct wire_reading *r, struct json_value value, const char *const *words,
		    size_t count);

/* Reads the envelope of a PUBLISH, or of an ANSWER that changes, into r->out. */
bool reading_event(struct wire_reading *r, const struct json_object *object)
    __attribute__((warn_unused_result));

#endif
