/* telling.h - what the handler of a call is told. For the files of bridge/doors only. */
#ifndef BRIDGE_DOORS_TELLING_H
#define BRIDGE_DOORS_TELLING_H

#include "bridge/doors/visit.h"
#include "routes/deliver/adapt.h"

/* What a handler is told, and what that points at. */
struct telling {
	struct codec_told told;
	struct codec_room room;
	struct codec_room *rooms;        /* owned; NULL: none but room */
	struct codec_somebody *people;   /* owned */
	void *listed;                    /* owned: what people's names lie in */
	const struct envelope **history; /* owned; what it points at is not */
	struct adapted_list adapted;     /* owned */
	struct codec_reactor *reactors;  /* owned */
	struct codec_somebody somebody;
	char name[NAME_BYTES_MAX], owner_name[NAME_BYTES_MAX];
	char key[PASS_TEXT_MAX];
};

/* Frees what it owns. */
void telling_clear(struct telling *telling);

/* What was said in other dialects is told as it was told there when it was said: see
 * routes/deliver/adapt.h. */
void telling_adapt(struct telling *telling);

/* It came to nothing: says why. Returns true: no answer follows. */
bool telling_refuse(struct telling *telling, enum reason reason);

#endif
