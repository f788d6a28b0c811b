/* trail.h - which Dragomans a message came through, so that none hears it twice.
 *
 * Between two Dragomans a message has one member more, in the outermost object of its frame, or of
 * the body of its request:
 *
 *     "dragoman":{"id":"INSTANCE/NUMBER-TAG","path":["INSTANCE","INSTANCE"]}
 *
 * id is what the first of them, where it was said, calls it; nobody who did not see it can know the
 * tag. "-" is no id: nobody knows it. path are those that it has left, in that order; an INSTANCE is the UUID of a process. Here a
 * trail is text: the id, then the instances, a space before each. Pure; any thread. */
#ifndef CODECS_MODEL_TRAIL_H
#define CODECS_MODEL_TRAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "codecs/model/identity.h"
#include "codecs/text/json_value.h"
#include "codecs/text/json_write.h"
#include "codecs/text/slice.h"

#define TRAIL_MEMBER   "dragoman"
#define TRAIL_ID_MAX   80 /* bytes: printable ASCII without '"', '\' and spaces */
#define TRAIL_PATH_MAX 16 /* instances */
#define TRAIL_MAX      (TRAIL_ID_MAX + TRAIL_PATH_MAX * (1 + UUID_TEXT_LEN))

/* The trail of a member's value, checked JSON, written to out, where there is room for TRAIL_MAX
 * bytes or for as many as the value has. Absent: it is none. */
struct slice trail_read(struct json_value member, char *out);

/* The same of a text that may be such an object; unchecked. out: TRAIL_MAX bytes. */
struct slice trail_find(struct slice text, unsigned max_depth, char *out);

/* A new one, of what is called number (0: nothing) at instance, and has left nobody yet. out:
 * TRAIL_MAX bytes. */
struct slice trail_new(struct slice instance, const struct id_key *key, uint64_t number, char *out);

/* It is of one part of that only: of what is said in several messages, the first is 1. False: it is
 * too long. trail lies in out. */
bool trail_part(struct slice *trail, unsigned part, char *out) __attribute__((warn_unused_result));

/* It leaves instance, too. False: it has left as many as it may. trail lies in out. */
bool trail_leave(struct slice *trail, struct slice instance, char *out)
    __attribute__((warn_unused_result));

/* Borrows from trail. */
struct slice trail_id(struct slice trail);

/* Does nobody know that id? */
bool trail_id_is_unknown(struct slice id);

/* Has it left as many as it may? */
bool trail_is_full(struct slice trail);

/* Has it left that instance? */
bool trail_has(struct slice trail, struct slice instance);

/* The number that trail_new() of that instance and key made it of, also in part; 0: none. */
uint64_t trail_number(struct slice trail, struct slice instance, const struct id_key *key);

/* Writes the member, the last of the object whose '}' w ends with. */
void trail_put(struct json_writer *w, struct slice trail);

/* Writes the trail of an event that leaves instance: its own (borrowed; absent: none), else a new
 * one of its number. Absent: it has left as many as it may. out: TRAIL_MAX bytes. */
struct slice trail_onward(struct slice trail, struct slice instance, const struct id_key *key,
			  uint64_t number, char *out);

#endif
