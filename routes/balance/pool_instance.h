/* pool_instance.h - one running instance of a backend: what it said of itself and what it has under
 * way. For routes/balance/pool*.c only. */
#ifndef ROUTES_BALANCE_POOL_INSTANCE_H
#define ROUTES_BALANCE_POOL_INSTANCE_H

#include "routes/balance/pool_items.h"

struct pool_instance {
	size_t slot;             /* its place in the pool */
	struct slice *rooms;     /* one block with their text; NULL: serves all */
	size_t room_count;       /* 0: all */
	uint32_t credits;        /* granted; each item under way takes one */
	bool presence, blocked;  /* blocked: until the next tick */
	uint64_t heard_ms;       /* when something came from it */
	uint64_t beat_ms;        /* when the next heartbeat is due */
	uint64_t last_turn;      /* grows with each item it is sent */
	struct item_chain items; /* under way */
	size_t identity_len;
	char identity[POOL_IDENTITY_MAX];
};

/* identity: 1 to POOL_IDENTITY_MAX bytes, copied. Serves all rooms, has no credit. Returns new. */
struct pool_instance *instance_new(struct slice identity, size_t slot);

/* Its items must have been moved on. */
void instance_free(struct pool_instance *instance);

/* Borrows. */
struct slice instance_identity(const struct pool_instance *instance);

/* Replaces its rooms (copied). False when they are the same as before. */
bool instance_set_rooms(struct pool_instance *instance, const struct slice *rooms,
			size_t room_count);

/* Does it serve that room (absent or empty: any)? */
bool instance_serves(const struct pool_instance *instance, struct slice room);

/* How many more items it may have under way. */
uint32_t instance_credits_left(const struct pool_instance *instance);

#endif
