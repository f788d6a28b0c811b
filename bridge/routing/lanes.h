/* lanes.h - drafts on their way through the steps of the rules that decided about them, and who
 * stands behind whom: those of one speaker are in a lane, in the order they were said. One
 * worker's thread: the session's, or the one that owns the backend which spoke. */
#ifndef BRIDGE_ROUTING_LANES_H
#define BRIDGE_ROUTING_LANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "bridge/core/worker.h"
#include "codecs/text/hash.h"
#include "routes/rules/run.h"

/* The drafts of one speaker, in order. Made when first needed, gone when empty. */
struct lane;

/* Where a draft comes from, and who is told what became of it. */
struct routing_start {
	size_t origin;           /* dialect index, ROUTE_FROM_BACKEND or ROUTE_FROM_UPSTREAM */
	size_t backend;          /* of ROUTE_FROM_BACKEND: never asked, told or tapped itself */
	size_t upstream;         /* of ROUTE_FROM_UPSTREAM: never told itself */
	struct asker asker;      /* the member who speaks, or the backend that asked */
	struct room_entry *room; /* NULL: the one that knows the target ... */
	unsigned owner;          /* ... on this worker */
	uint8_t whose;           /* enum whose (routes/room/judge.h): of a call's */
	struct calling calling;  /* the same */
	bool trusted;            /* an upstream says it, which judged it */
};

/* One draft on its way. */
struct routing {
	struct routing *previous, *next; /* in the lane */
	struct lane *lane;
	struct routing_start start;
	struct run run;         /* its table is held */
	struct envelope *draft; /* held; NULL: given away, nothing is left to do */
	bool shared;            /* others hold the draft, too: it must not be changed */
	bool waiting;           /* its own count has no outcome yet: struct intake */
	bool vouched;           /* see struct post_draft */
	bool barred;            /* kicked meanwhile: leaving does not vouch for it */
	uint64_t serial;
	UT_hash_handle hh; /* by serial, in the worker's own */
};

struct lane {
	struct routing *first, *last;
	struct lane **holder; /* NULL: the speaker is gone */
};

/* The lane that *holder is, made if there is none. */
struct lane *lane_of(struct lane **holder);

/* Frees it when nothing is in it; its holder becomes NULL. */
void lane_free_empty(struct lane *lane);

/* The speaker is gone: what is under way goes on without it. *lane becomes NULL. */
void lane_detach(struct lane **lane);

/* The speaker is out of a room. What waits to be said there goes on if they left themselves, and
 * not if they were kicked. lane: NULL is ignored. */
void lane_left(struct lane *lane, const struct room_entry *room, bool kicked);

/* One more in a lane: last, or right behind another (of that lane). run: begun; its table is held.
 * Takes draft. Returns new. */
struct routing *routing_new(struct worker *worker, struct lane *lane, struct routing *behind,
			    const struct run *run, const struct routing_start *start,
			    struct envelope *draft);

/* Its own count goes on elsewhere, or has its outcome. */
void routing_passed_on(struct worker *worker, struct routing *p);

/* Takes it out of its lane and frees it. */
void routing_free(struct worker *worker, struct routing *p);

/* The one of that serial; NULL: it is gone. */
struct routing *routing_find(struct worker *worker, uint64_t serial);

/* Frees what is left, and the worker's rules, without counting. Called when the worker is freed. */
void routing_clear(struct worker *worker);

#endif
