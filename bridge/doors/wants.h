/* wants.h - what handlers of calls want to know, or have done: who finds it out, and what came of
 * it. One worker's thread. */
#ifndef BRIDGE_DOORS_WANTS_H
#define BRIDGE_DOORS_WANTS_H

#include "bridge/doors/visit.h"

/* What a handler is told, and what that points at. */
struct telling {
	struct codec_told told;
	struct codec_room room;
	struct codec_room *rooms;        /* owned; NULL: none but room */
	struct codec_somebody *people;   /* owned */
	void *listed;                    /* owned: what people's names lie in */
	const struct envelope **history; /* owned; what it points at is not */
	struct codec_reactor *reactors;  /* owned */
	struct codec_somebody somebody;
	char name[NAME_BYTES_MAX], owner_name[NAME_BYTES_MAX];
	char key[PASS_TEXT_MAX];
};

/* Frees what it owns. */
void telling_clear(struct telling *telling);

/* Has it found out, or done. True: it is, and telling says so. False: an answer for the call's
 * asker follows. Borrows want. telling: filled in anew. */
bool wants_begin(struct visit *visit, const struct codec_want *want, struct telling *telling);

/* What the want's room is, and what the caller is there: as WANT_ROOM, for a part of another want.
 */
bool wants_look(struct visit *visit, const struct codec_want *want, struct telling *telling);

/* A pause is over: telling says so. */
void wants_paused(struct visit *visit, struct telling *telling);

/* The answer to what the call waits for. Borrows answer; telling borrows from it. */
void wants_answered(struct visit *visit, const struct answer *answer, struct telling *telling);

#endif
