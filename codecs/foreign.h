/* foreign.h - what the calling sides of the dialects share in reading what a server says. Called by
 * codecs only; pure. Values are of a text that json_read() or json_read_value() has taken.
 *
 * *free: where scratch memory is free, which each function steps past what it used: never more than
 * the source of the value has. */
#ifndef CODECS_FOREIGN_H
#define CODECS_FOREIGN_H

#include <stdbool.h>

#include "codecs/calls.h"
#include "codecs/text/json_value.h"
#include "codecs/text/slice.h"

/* A string, unescaped; absent: it is none. Borrows from value or scratch. */
struct slice foreign_text(struct json_value value, char **free);

/* An id as exact text: of a string as it is, of a whole number its digits. Absent: there is none
 * (no such member, null, ""). False: it is something else, longer than FOREIGN_ID_MAX, or has
 * control characters. Borrows from value or scratch. */
bool foreign_id(struct json_value value, char **free, struct slice *id)
    __attribute__((warn_unused_result));

/* A whole number or its text in decimal, without a sign; whatever else it is, or more than most:
 * fallback. A fraction is left out. */
uint64_t foreign_number(struct json_value value, uint64_t most, uint64_t fallback);

/* Is it true, or anything else that a server which tests for truth would take for it? */
bool foreign_truth(struct json_value value);

/* event.extra: the members of object that are not among modelled (ends with NULL) nor called oddly,
 * without braces and white space. Absent: there are none, or they have more than CALL_EXTRA_MAX
 * bytes. In scratch. */
struct slice foreign_extra(struct json_value object, const char *const *modelled, char **free);

/* event.extra of KIND_OPAQUE: an object without white space. Absent: it has more than
 * CALL_EXTRA_MAX bytes, or a member called oddly. In scratch. */
struct slice foreign_opaque(struct json_value object, char **free);

/* The reason of that code (reason_code()), as another Dragoman says it; REASON_NONE: of no such. */
enum reason foreign_reason(struct slice code);

#endif
