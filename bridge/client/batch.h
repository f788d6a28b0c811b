/* batch.h - what rooms said in a turn, until the members on this worker are given it: all of it at
 * once at the turn's end, so that a delivery costs next to nothing and the bytes that many
 * members are sent alike are put together once. One worker's thread.
 *
 * A session has a mark, batched: how much of what was ever batched it was given, or need not be.
 * Before anything else happens to a session that has its place among the rooms' events (it is sent
 * something of its own, it comes into a room or leaves one), batch_catch_up() hands it what is
 * before that. */
#ifndef BRIDGE_CLIENT_BATCH_H
#define BRIDGE_CLIENT_BATCH_H

#include <stddef.h>
#include <stdint.h>

#include "bridge/core/bridge.h"
#include "codecs/form.h"
#include "routes/deliver/broadcast.h"

struct session;
struct worker;

#define BATCH_ENTRIES_MAX 256

struct batch_entry {
	struct room_share *share;    /* of the room it was said in */
	struct broadcast *broadcast; /* held */
	uint32_t next;               /* the next entry of the same room, or BATCH_ENTRIES_MAX */
	uint32_t told;               /* as trace_spread() numbered it */
};

enum run_state {
	RUN_UNMADE,
	RUN_READY,
	RUN_LACKING /* something was not made for this form: of no use */
};

/* The frames of some entries in one form, one after the other. */
struct batch_run {
	enum run_state state;
	uint32_t frames;
	const unsigned char *bytes; /* a frame's own, or scratch */
	size_t len;
	uint32_t events;        /* of all frames */
	uint64_t complete;      /* how many members have all of it: to be counted */
	unsigned char *scratch; /* WRITE_BYTES_MAX, made when it is first needed */
};

/* The runs of the same entries, by the number of the form (codecs/form.h). */
struct batch_runs {
	struct batch_run each[FORM_NUMBERS];
	uint32_t made[FORM_NUMBERS]; /* those that are not RUN_UNMADE */
	uint32_t made_count;
};

struct batch {
	struct batch_entry entries[BATCH_ENTRIES_MAX];
	uint32_t count;
	uint64_t first;          /* how many entries there ever were before these */
	size_t bytes[FORMS_MAX]; /* of all entries' frames, by form */
	struct room_share *live[BATCH_ENTRIES_MAX]; /* of the rooms of the entries */
	uint32_t live_count;
	struct batch_runs whole; /* all entries */
	struct batch_runs alone; /* those of the room at hand */
};

/* Returns new. */
struct batch *batch_new(void);

/* Releases what was given to no session. NULL is ignored. */
void batch_free(struct batch *batch);

/* Notes an event for all members of a room on this worker; holds the broadcast. Not for events
 * that differ for some sessions or are for one alone. May settle what was there. told: as
 * trace_spread() numbered it. */
void batch_add(struct worker *worker, const struct room_entry *room, struct broadcast *broadcast,
	       uint32_t told);

/* Queues for one session what it was not given yet. May cut it. */
void batch_catch_up(struct session *session);

/* Gives every member what is its own: writes it at once to sessions that have nothing else
 * waiting, queues it for the others. */
void batch_settle(struct worker *worker);

#endif
