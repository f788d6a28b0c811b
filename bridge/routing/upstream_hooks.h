/* upstream_hooks.h - what those who order rooms tell bridge/upstream, which stands above them: all
 * on the thread of the room's owner, on which the upstream's links are, too. */
#ifndef BRIDGE_ROUTING_UPSTREAM_HOOKS_H
#define BRIDGE_ROUTING_UPSTREAM_HOOKS_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge/core/post.h"

struct worker;

struct upstream_hooks {
	/* A draft in a room whose clients are those of a server behind (room->fronted), by one of
	 * them: that server judges it. True: takes out what it keeps; it comes back by
	 * order_agreed(). False: it is judged as in any room. */
	bool (*take)(struct worker *, struct post_draft *);
	/* One that came back so was judged: event (borrowed) is what became of it; NULL: nothing.
	 */
	void (*agreed)(struct worker *, uint64_t serial, const struct envelope *event);
	/* May somebody come into such a room? guest: as struct room_entrant has it.
	 * REASON_CLOSED_ROOM: who has no connection there, nor is to get one. */
	enum reason (*may_enter)(struct worker *, const struct room_entry *, const struct asker *,
				 const struct person *, bool guest);
	/* Somebody came into such a room. */
	void (*entered)(struct worker *, const struct room_entry *, const struct asker *,
			const struct person *);
	/* Somebody who was in such a room, or on the way into it, is out. */
	void (*left)(struct worker *, const struct room_entry *, const struct asker *);
};

#endif
