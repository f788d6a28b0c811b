/* remember.h - what a room remembers of its events so that people can act on them later: messages,
 * and what the bridge tells in words of other events, which has an id in some dialects, too. For
 * judge.c and fold.c only. All borrow. */
#ifndef ROUTES_ROOM_REMEMBER_H
#define ROUTES_ROOM_REMEMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "routes/room/apply.h"

/* Any event as sealed that is not private, nor more of one told before. Of a message: who wrote it,
 * and may it be kept? Of a POLL_END: the id of the poll's start. */
void remember_event(struct room *room, const struct envelope *sealed, const struct person *writer,
		    bool keep, uint64_t poll);

/* Finds what the request acts on. What stands for a message is that message; a note may be read, or
 * deleted; a reaction to it is one to what it is about. False: there is nothing such (any more). */
bool remembered_target(struct request *request);

#endif
