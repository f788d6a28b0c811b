/* state.h - what a chain is made of. For this folder's files only.
 *
 *   life.c     its life, what only looks        read.c    entries read in order: which count
 *   head.c     its bytes                        follow.c  the log read while stopped, copies
 *   write.c    batches, judging                 peers.c   beats, holding, claims, trims
 *   drafts.c   drafts, of here and of others */
#ifndef ROUTES_CHAIN_STATE_H
#define ROUTES_CHAIN_STATE_H

#include "routes/chain/chain.h"
#include "routes/chain/rows.h"

#define UID_DAMAGED UINT64_C(1) /* in place of an entry that cannot be read */
#define GENS_MOST   64

/* Of a node, what the fold says. */
struct standing {
	uint32_t incarnation; /* of which a draft was judged; 0: none */
	uint64_t high;        /* and up to which number */
	uint32_t gone;
};

/* What is kept, but for the rows. */
struct folded {
	struct chain_place read;
	uint64_t last, count, digest, epoch;
	struct chain_node owner;
	uint64_t last_id, floor, top, first;
	uint64_t gens[GENS_MOST]; /* restores that counted; the newest last */
	size_t gen_count;
	struct standing nodes[CHAIN_NODES];
	uint32_t newest[CHAIN_NODES]; /* the newest incarnation that was read of */
};

/* A draft that waits: here for its answer, or at the owner for being judged. */
struct waiting {
	uint64_t number;
	struct slice body; /* new */
	uint64_t sent_at;  /* to the owner that is known; 0: not yet */
	bool given;        /* to any owner */
};

struct queue {
	struct waiting *items; /* by rising numbers */
	size_t count, room, bytes;
};

struct peer {
	uint64_t heard; /* at all */
	uint32_t newest;
	unsigned version;
	uint64_t beat_at; /* 0: never */
	bool reader;      /* of incarnation 0 */
	struct chain_beat beat;
	struct queue inbox;
	uint32_t inbox_incarnation;
	uint64_t base;
	bool bury; /* what is left of its gone starts is yet to be looked for */
};

struct batch {
	uint64_t uid, top;
	struct slice bytes; /* new */
	bool sent;
};

struct chain {
	struct chain_options options;
	const struct chain_calls *calls;
	void *owner;

	struct folded fold;
	struct rows rows;
	uint64_t stored;

	/* reading */
	enum chain_mode mode;      /* HOLD is RUN with held */
	uint64_t since;            /* of STOP or COPY */
	struct chain_place cursor; /* of the log as it stands, while not in RUN */
	bool tail;                 /* the cursor is at its end */
	bool probing;              /* is my place below the log's beginning? */
	bool caught_up, blocked, renewing;
	uint64_t asked_at, looked_at;
	unsigned looks;
	uint64_t held, held_since; /* 0: not */
	uint64_t wanted, wanted_at,
	    wanted_read; /* the restore whose rows are needed, its sequence
			  * (0: unknown), and when an entry of it was read */
	uint64_t rows_asked_at, proposed_at;
	unsigned rows_asked;
	bool shown; /* something counted in this incarnation */

	/* writing */
	uint64_t counter; /* of uids */
	uint64_t owner_heard, claims_from, trimmed_at;
	bool draining, handing, due;
	struct batch under_way[CHAIN_WINDOW_MAX];
	size_t under_way_count;
	struct standing judged[CHAIN_NODES]; /* as the fold will be when these count */
	uint64_t pushed_at;
	bool again; /* what is under way is appended again after the next read */
	unsigned turn;
	unsigned char *lines; /* of the batch that is open */
	size_t lines_len, lines_room;
	struct id_clock clock;
	uint64_t given, reserved, reserving;

	/* this node's drafts */
	struct queue outbox;
	uint64_t next_number;

	struct peer peers[CHAIN_NODES];
};

static inline bool rule(const struct chain *chain, unsigned number)
{
	return chain->options.rules >> number & 1;
}

static inline uint64_t beats_ms(const struct chain *chain, unsigned count)
{
	return chain->options.times.beat * count;
}

/* How many nodes there are. */
static inline unsigned chain_nodes(const struct chain *chain)
{
	unsigned nodes = 0;

	for (unsigned i = 0; i < CHAIN_NODES; i++)
		nodes += chain->options.nodes >> i & 1;
	return nodes;
}

static inline bool passed(uint64_t now, uint64_t since, uint64_t span)
{
	return now - since > span;
}

static inline uint64_t gen_of(const struct chain *chain)
{
	return chain->fold.gen_count ? chain->fold.gens[chain->fold.gen_count - 1] : 0;
}

static inline void tell(const struct chain *chain, enum chain_told what, uint64_t number)
{
	chain->calls->told(chain->owner, what, number);
}

static inline struct chain_node of_node(const struct chain *chain, unsigned number)
{
	return (struct chain_node){ (uint8_t)number, chain->fold.nodes[number].incarnation };
}

/* ---- life.c ---- */
/* Did the fold count that restore? Of 0: no. */
bool gen_counted(const struct folded *fold, uint64_t gen);
bool chain_holding(const struct chain *chain, uint64_t now);
/* May it write at all? */
bool chain_free_to_write(const struct chain *chain, uint64_t now);
bool chain_owning(const struct chain *chain, uint64_t now);
void range_ask(struct chain *chain, uint64_t now, bool leader);
/* Asks the node for a new incarnation. */
void renewal_ask(struct chain *chain, enum chain_renewal why, uint32_t above);
/* Others may know it by now. */
void note_newest(struct chain *chain, unsigned node, uint32_t incarnation);

/* ---- read.c ---- */
/* An entry was read; uid and top are taken note of. */
enum chain_verdict entry_of(struct chain *chain, struct slice bytes, struct chain_entry *entry);
/* It counts. */
void entry_count(struct chain *chain, uint64_t now, uint64_t sequence,
		 const struct chain_entry *entry, struct slice bytes);
void note_first(struct chain *chain, uint64_t first);
/* Has this start to end, by what the fold says of its node? */
bool look_for_me(struct chain *chain);

/* ---- follow.c ---- */
void mode_stop(struct chain *chain, uint64_t now);
void rows_want(struct chain *chain, uint64_t now, uint64_t gen, uint64_t sequence);
/* The next record of the log as it stands, while not in RUN. */
void entry_follow(struct chain *chain, uint64_t now, const struct chain_record *record);
/* What is due in STOP, COPY and HOLD. */
void alarms_tick(struct chain *chain, uint64_t now);

/* ---- write.c ---- */
/* An entry of this node behind what counts; its uid is new. */
void entry_begin(struct chain *chain, enum chain_kind kind, struct chain_entry *entry);
/* Appends an entry that nobody waits for. */
void entry_throw(struct chain *chain, const struct chain_entry *entry);
void forget_under_way(struct chain *chain);
/* The oldest batch under way counts. */
void under_way_counted(struct chain *chain, uint64_t now);
/* The fold changed: what is to be judged follows from it. */
void judged_reset(struct chain *chain);
/* Judges what there is. */
void batches_judge(struct chain *chain, uint64_t now);
void repeat_under_way(struct chain *chain, uint64_t now);

/* ---- drafts.c ---- */
void queue_clear(struct queue *queue);
const struct waiting *queue_find(const struct queue *queue, uint64_t number);
/* Drops drafts up to that number. */
void queue_drop(struct queue *queue, uint64_t number);
/* Answers those of here that are judged by now. */
void outbox_settle(struct chain *chain);
/* True: it may be judged. */
bool draft_take(struct chain *chain, uint64_t now, const struct chain_draft *draft);
/* The owner is another one: it has none of them. */
void drafts_unsent(struct chain *chain);
/* Sends them, and again what is not answered. */
void drafts_tick(struct chain *chain, uint64_t now);
/* Nobody's drafts are judged here any more. */
void inboxes_clear(struct chain *chain);
void message_to(struct chain *chain, unsigned node, struct chain_message *message);

/* ---- peers.c ---- */
void claims_tick(struct chain *chain, uint64_t now);
void trims_tick(struct chain *chain, uint64_t now);

#endif
