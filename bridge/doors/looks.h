/* looks.h - what a call finds out of one room that it names. One worker's thread. */
#ifndef BRIDGE_DOORS_LOOKS_H
#define BRIDGE_DOORS_LOOKS_H

#include "bridge/core/post.h"
#include "bridge/doors/telling.h"

/* At most as many as one answer has. */
size_t looks_most(size_t count);

/* The room that a want names; NULL: there is none. */
struct room_entry *looks_room(const struct visit *visit, const struct codec_want *want);

/* Who calls, for a post; name: where the post has it. */
void looks_put_caller(const struct visit *visit, struct person *person, char *name);

/* Asks the room's home; as wants_begin(). */
bool looks_ask(struct visit *visit, const struct codec_want *want, enum look_kind kind,
	       struct telling *telling);

/* ANSWER_LOOK of a room that there is. Borrows answer; telling, whose told has kind and reason,
 * borrows from it. */
void looks_tell(struct visit *visit, const struct answer *answer, struct telling *telling);

/* Is the caller not to be told that this person is there? Another Dragoman hears of those who came
 * here by other servers when they do, with their trail: a list has none, and who was its own would
 * come back. */
bool looks_hide(const struct visit *visit, uint32_t number);

#endif
