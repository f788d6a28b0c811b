/* remember.h - what a room remembers of its events so that people can act on them later: messages,
 * and what the bridge tells in words of other events, which has an id in some dialects, too. For
 * judge.c only. All borrow. */
#ifndef ROUTES_ROOM_REMEMBER_H
#define ROUTES_ROOM_REMEMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "routes/room/apply.h"

/* A message that is not private, as sealed. */
void remember_message(struct request *request, const struct envelope *sealed);

/* Any other event that is not private, nor more of one told before. */
void remember_words(struct request *request, const struct envelope *sealed);

/* What some dialects are told in words. about: the message it is about; 0: none. */
void remember_note(struct room *room, const struct envelope *sealed, uint64_t about);

/* Finds what the request acts on. What stands for a message is that message; a note may be read, or
 * deleted; a reaction to it is one to what it is about. False: there is nothing such (any more). */
bool remembered_target(struct request *request);

#endif
