/* calls_read.h - what calling sides of dialects share in reading what servers say, who may be lax.
 * Pure; any thread. */
#ifndef CODECS_CALLS_READ_H
#define CODECS_CALLS_READ_H

#include "codecs/calls.h"
#include "codecs/text/json_value.h"

/* What each returns lies in *scratch, which is moved behind it, or borrows from what it
 * was made of; read from one frame, all of them need no more room than it has bytes.
 *
 * event.extra of an object that json_read() has checked: its members but those of these names (ends
 * with NULL), and but for a trail. One line, though the frame had several. */
struct slice call_extra(struct json_value object, const char *const *modelled, char **scratch);

/* The trail (codecs/model/trail.h) of such an object; absent: it has none. */
struct slice call_trail(struct json_value object, char **scratch);

/* The same of its member of that name. */
struct slice call_trail_of(struct json_value member, char **scratch);

/* A checked text that is an object, without the blanks around it. */
struct json_value call_whole(struct slice text);

/* event.extra of KIND_OPAQUE: a checked text, as one line, without a trail; absent: it is too long.
 */
struct slice call_opaque(struct slice text, char **scratch);

/* A foreign id, of whatever type; absent: null or none. False: it is too long, or has a NUL. */
bool call_id(struct json_value value, char **scratch, struct slice *id)
    __attribute__((warn_unused_result));

/* The text of a value, where the server may be lax: a string's, else its source; absent: null or
 * none. *replaced as of json_text(). */
struct slice call_text(struct json_value value, char **scratch, bool *replaced);

/* A whole number or its text in decimal, without a sign; whatever else it is, or more than most:
 * fallback. A fraction is left out. */
uint64_t call_unsigned(struct json_value value, uint64_t most, uint64_t fallback);

/* Would a server that tests for truth take it for true? Absent: no. */
bool call_is_true(struct json_value value);

/* The reason of that code, as another Dragoman may say it (reason_code()); REASON_NONE: of no such.
 */
enum reason call_reason(struct slice code);

#endif
