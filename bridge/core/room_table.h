/* room_table.h - the rooms of the server: what is the same for every thread of a room, and tables
 * that find it by its name, or by what a dialect calls it.
 *
 * A table never changes once it is filled, and is counted: every worker holds the one it knows, and
 * gets the next by mail. An entry keeps its address for its life, through any number of tables; who
 * made it frees it when nothing can refer to it any more. */
#ifndef BRIDGE_CORE_ROOM_TABLE_H
#define BRIDGE_CORE_ROOM_TABLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/codec.h"
#include "codecs/registry.h"
#include "codecs/text/slice.h"
#include "routes/deliver/hub.h"
#include "routes/deliver/outcome.h"
#include "routes/room/judge.h"

#define ROOM_ID_MAX 64 /* bytes of an id as text */

struct conf_room;
struct room_entry;
struct trail_ring;
struct worker;

/* One worker's share of a room: made when it is needed first, and its own. */
struct room_share {
	struct room_entry *room;
	struct room_share *previous, *next; /* of this worker */
	struct hub hub;                     /* the members on this worker, */
	uint32_t members[DIALECTS_MAX];     /* and how many of them speak what */
	/* What was said in this turn: first and last entry of the batch, and how many. */
	uint32_t said_first, said_last, said_count;
	struct tally tallies[]; /* by dialect: registry_count() of them */
};

/* What dialects call a room. Immutable; when it changes, an entry gets another. */
struct room_names {
	struct room_names *before;        /* the previous one: readers may still have it */
	char (*ids)[ROOM_ID_MAX + 1];     /* what the views' room_id points at; by dialect */
	uint8_t (*rules)[ENVELOPE_KINDS]; /* the same of their rules; NULL: none has any */
	struct codec_view views[];        /* by dialect: registry_count() of them */
};

struct room_entry {
	size_t index;            /* among all entries there are; another's once it is freed */
	unsigned shard;          /* of its name, see routes/room/shard.h */
	unsigned owner;          /* index of the worker that orders it: its shard's */
	struct room_rules rules; /* the name holds for its life; all else is the owner's */
	void *lists;             /* what the rules' lists point at; the owner's, see rooms.h */
	struct room *room;       /* the owner's thread; NULL: closed */
	struct worker *home;     /* its owner, where rooms are stored; else NULL */
	uint64_t unread_ms; /* the owner's tick_ms when it could not be read back last; 0: it was */
	uint64_t again_ms;  /* the owner's tick_ms: before that, what would change it is refused */
	uint64_t recorded;  /* the owner's batch its last change is in: durable/release.h */
	atomic_bool removed; /* it is in no table any more */
	atomic_bool metrics; /* it is told of by itself, see conf/conf.h */
	atomic_uint items;   /* what waits for others, or for operators, and names it */
	uint64_t relays;     /* upstreams that are told what is said, a bit each; constant */
	bool fronted;        /* its clients are those of a server behind it; constant */
	struct trail_ring
	    *trails;    /* what came through other Dragomans; the owner's; NULL: nothing */
	unsigned quiet; /* since it was removed: see sweep.c; main thread's */
	const struct conf_room *conf; /* as it holds now; main thread's, borrowed */
	struct room_names *_Atomic names;
	struct room_share *shares[WORKERS_MAX]; /* by worker, each its own; NULL: none yet */
	char name[];
};

/* A room of that name (copied), whose owner is one of so many workers, with nothing else set but
 * index. Returns new. */
struct room_entry *room_entry_new(size_t index, unsigned workers, struct slice name);

/* Frees it with its names; it is closed, and has no shares. NULL is ignored. */
void room_entry_free(struct room_entry *room);

/* Names for an entry: views with all but their ids, for every dialect. The caller fills in ids,
 * room_number and rules (in names->rules, new), then gives it to room_entry_name(). Returns new. */
struct room_names *room_names_new(const struct room_entry *room, const struct id_key *ids,
				  struct slice instance, const struct person *bridge);

/* Frees names that no entry was given. NULL is ignored. */
void room_names_free(struct room_names *names);

/* From now on it has these names (takes); the old ones stay for who looks at them. Main thread. */
void room_entry_name(struct room_entry *room, struct room_names *names);

/* What the dialect calls it. Borrowed for the entry's life. Any thread. */
static inline const struct codec_view *room_view(const struct room_entry *room, size_t dialect)
{
	return &atomic_load_explicit(&room->names, memory_order_acquire)->views[dialect];
}

struct room_table;

/* For at most so many rooms. Returns new, count one, empty. */
struct room_table *room_table_new(size_t capacity);

/* Adds a room under its name and under these names' ids (borrows both, for the table's life).
 * False when another one has that name (*dialect is DIALECTS_MAX) or that id in *dialect, and then
 * *taken is that room. Before the table is shared. */
bool room_table_add(struct room_table *table, struct room_entry *room,
		    const struct room_names *names, struct room_entry **taken, size_t *dialect)
    __attribute__((warn_unused_result));

/* Counting, on any thread. hold returns its argument; release frees at zero and ignores NULL. */
const struct room_table *room_table_hold(const struct room_table *table);
void room_table_release(const struct room_table *table);

/* In the order they were added, from 0. Borrowed from who made it. */
size_t room_table_count(const struct room_table *table);
struct room_entry *room_table_at(const struct room_table *table, size_t place);

/* The room of that name; NULL: none. */
struct room_entry *room_table_find(const struct room_table *table, struct slice name);

/* The room that a dialect calls by that number, or when id is there, by that id (UUIDs in either
 * case); NULL: none. */
struct room_entry *room_table_called(const struct room_table *table, size_t dialect,
				     uint64_t number, struct slice id);

#endif
