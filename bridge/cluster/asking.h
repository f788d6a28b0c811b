/* asking.h - what somebody asks of a room of a cluster, as bytes on their way to the node that
 * orders it. Plain data; any thread.
 *
 * Little-endian: kind (1), flags (1), whose (1), 0 (1), worker (4), slot (4), generation (4), form
 * (4), address (8); then the event, as a record with its words (routes/room/record.h), whose room
 * is the one that is meant. What only the answer needs stays with who asks. */
#ifndef BRIDGE_CLUSTER_ASKING_H
#define BRIDGE_CLUSTER_ASKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/core/post.h"
#include "codecs/text/slice.h"
#include "routes/room/record.h"

enum asking_kind {
	ASKING_ENTER = 1, /* ref, form, guest, address; the event's author comes */
	ASKING_LEAVE = 2, /* ref */
	ASKING_SPEAK = 3  /* ref if by_session; else vouched, form, guest, address, whose */
};

struct asking {
	enum asking_kind kind;
	bool guest;      /* as struct room_entrant has it */
	bool by_session; /* by a connection: ref; else the author is who asks */
	bool by_bridge;  /* a backend, or this server: to whom all is allowed */
	bool vouched;    /* the author need not be a member */
	uint8_t whose;   /* enum whose */
	struct session_ref ref;
	uint32_t form;
	uint64_t address;
	struct record record; /* of the event: asking_clear() */
};

#define ASKING_MAX (UINT32_C(1) << 20) /* bytes; longer ones are not for a cluster */

/* A POST_ENTER, POST_LEAVE or POST_DRAFT, whose room is known, as bytes. Borrows. Returns new
 * (free()), *len: how many; NULL: it has no place in the room's order, and is not for the log; or
 * more than ASKING_MAX. The worker's thread. */
unsigned char *asking_write(const struct post *post, size_t *len);

/* Reads one, all of bytes, which the record borrows from; its ref is without a node, which who sent
 * it is. False: it is none; *asking has nothing to clear. */
bool asking_read(struct slice bytes, struct asking *asking) __attribute__((warn_unused_result));

/* Frees what asking_read() made. */
void asking_clear(struct asking *asking);

#endif
