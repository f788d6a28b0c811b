/* trace.h - what became of the newest messages, for `dragoman explain`: rings in the memory of one
 * worker, made once, in which the newest overwrites the oldest. What it costs is writing a few
 * words for each message and one for each queued delivery; looking for something is slow, and done
 * only when somebody asks (find.h).
 *
 * A message has a record: the number of its life, given where it came in and carried along in
 * its origin, through every thread. Each worker writes what happens on it under that number:
 *
 *	life    it came in: who said it, what, where, by what               where it came in
 *	note    a step on its way: a rule, an answer, a refusal             any worker
 *	order   it has its place in a room, and an id                       the room's owner
 *	spread  how many members here were sent it, in which form, or not   who has members
 *	missed  a member who was not, for a reason of their own             the same
 *
 * Typing, read receipts, presence, and who comes and goes are not recorded. What people wrote is
 * kept only where bodies are allowed. One worker's thread; every function takes NULL for the trace
 * of a server that records nothing. */
#ifndef BRIDGE_TRACE_TRACE_H
#define BRIDGE_TRACE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/model/envelope.h"
#include "codecs/text/name.h"
#include "codecs/text/reason.h"
#include "routes/deliver/broadcast.h"
#include "routes/deliver/outcome.h"
#include "routes/rules/run.h"

#define TRACE_NOTES_EACH  8    /* notes kept for each message, all together */
#define TRACE_MISSED_EACH 4    /* the same of those who missed one */
#define TRACE_MISSED_MOST 16   /* listed singly of one message and worker, at most */
#define TRACE_ROWS_MAX    12   /* of a spread: what is in no row is counted alone */
#define TRACE_TABLES      4    /* of rules, that can still be looked into */
#define TRACE_BODY_MAX    4096 /* bytes of a frame that came in; longer ones are clipped */
#define TRACE_HELD_EACH   8192 /* bytes of frames sent that are kept for each message, together */
#define TRACE_PATH_MAX    48

#define TRACE_INVALID ENVELOPE_KINDS /* the kind of a frame that decoding refused */

/* One message that came in. */
struct trace_life {
	uint64_t record;        /* 0: none yet */
	uint64_t came_us;       /* of a clock that never steps back; no two have the same */
	uint64_t came_ms;       /* since 1970 */
	uint64_t target;        /* what it is about; 0: nothing */
	uint32_t number, roles; /* of who says it */
	uint32_t flags, text_bytes, frame_bytes;
	uint8_t kind, asker; /* enum envelope_kind, or TRACE_INVALID; enum asker_kind */
	uint8_t origin;      /* a dialect index, ROUTE_FROM_BACKEND or _UPSTREAM */
	uint8_t reason;      /* enum reason: it was refused before it went anywhere */
	uint16_t place;      /* index of that backend or upstream */
	uint16_t body_bytes; /* of body */
	uint8_t name_len, room_len, path_len;
	char *body; /* owned: the frame as it came; NULL: not kept */
	/* One behind the other: its author; the room, absent where its target was to say which; the
	 * path of the mount, or the name of the backend or upstream. */
	char texts[2 * NAME_BYTES_MAX + TRACE_PATH_MAX];
};

/* Its texts. Borrow. */
static inline struct slice trace_life_name(const struct trace_life *life)
{
	return slice_span(life->texts, life->name_len);
}

static inline struct slice trace_life_room(const struct trace_life *life)
{
	return slice_span(life->texts + life->name_len, life->room_len);
}

static inline struct slice trace_life_path(const struct trace_life *life)
{
	return slice_span(life->texts + life->name_len + life->room_len, life->path_len);
}

enum trace_what {
	TRACE_RULE,      /* that rule decided */
	TRACE_STEP,      /* that step of it was taken: result, reason */
	TRACE_VERDICT,   /* a backend answered what it was asked, or did not: reason */
	TRACE_UNCHANGED, /* the room was as it was to make it already */
	TRACE_REFUSED,   /* by the room: reason */
	TRACE_UNSTORED,  /* it could not be stored, and has not happened */
	TRACE_BACKEND,   /* the backend of that index took it, or did not: reason */
	TRACE_WAITS,     /* for the upstream of that index to take it */
	TRACE_SAID,      /* it did: reason; result: enum trace_said */
	TRACE_WHATS
};

enum trace_said { TRACE_SAID_SO, TRACE_SAID_DEGRADED, TRACE_SAID_EXPIRED, TRACE_SAID_UNKNOWN };

#define TRACE_CHANGED_TEXT   1 /* TRACE_VERDICT: bits of result */
#define TRACE_CHANGED_ACTION 2

struct trace_note {
	uint64_t record, id; /* one of them may be 0 */
	uint64_t us;
	uint8_t what, result, reason, step; /* result: of TRACE_STEP, enum run_result */
	uint16_t rule, table; /* table: which one, see trace_table(); 0: no rule is behind it */
	uint32_t index;       /* of the backend, or upstream; TRACE_RULE: of the room, */
	uint32_t roles;       /* and those of the author there */
};

/* It has its place. */
struct trace_order {
	uint64_t id, record; /* id 0: none yet */
	uint64_t us, time_ms, sequence, target;
	uint32_t number; /* of its author */
	uint8_t kind, name_len, room_len;
	char texts[2 * NAME_BYTES_MAX]; /* its author; the room */
};

static inline struct slice trace_order_name(const struct trace_order *order)
{
	return slice_span(order->texts, order->name_len);
}

static inline struct slice trace_order_room(const struct trace_order *order)
{
	return slice_span(order->texts + order->name_len, order->room_len);
}

struct trace_row {
	uint8_t form; /* number of codecs/form.h */
	uint8_t outcome;
	uint32_t count;
	uint32_t first_us, last_us; /* since it came to this worker */
};

struct trace_spread {
	uint32_t told; /* its number; 0: none yet */
	uint32_t in_flight, missed;
	uint32_t row_count, held_bytes;
	uint32_t others; /* that are in no row */
	uint64_t id, record, us;
	struct trace_row rows[TRACE_ROWS_MAX];
	struct broadcast *broadcast; /* held; NULL: bodies are not kept */
};

struct trace_missed {
	uint32_t told, number;
	uint32_t us; /* since it came to this worker */
	uint8_t form, outcome, name_len;
	char name[NAME_BYTES_MAX];
};

struct trace {
	unsigned worker;
	size_t messages; /* how many lives, orders and spreads there is room for */
	bool bodies;
	uint64_t now_us;     /* as trace_clock() read it last */
	bool fresh;          /* in this turn */
	uint64_t came_us;    /* of the newest life */
	struct slice frame;  /* that is being read; absent: none */
	bool frame_kept;     /* its dialect allows that */
	uint64_t lives_ever; /* how many there ever were; the same of the others */
	uint64_t orders_ever, notes_ever, missed_ever;
	uint32_t spreads_ever; /* wraps, and is never 0 */
	size_t held_bytes;     /* of all broadcasts */
	size_t body_bytes;     /* of all bodies */
	uint32_t held_first;   /* told of the oldest that may still hold one */
	struct trace_life *lives;
	struct trace_order *orders;
	struct trace_note *notes;
	struct trace_spread *spreads;
	struct trace_missed *missed;
	const struct route_table *tables[TRACE_TABLES]; /* held; the table n at n % TRACE_TABLES */
	uint16_t table_count;                           /* how many there ever were */
};

/* For so many messages, at least one. Returns new. */
struct trace *trace_new(unsigned worker, size_t messages, bool bodies);
void trace_free(struct trace *trace);

/* The bytes that it takes: its rings, and with bodies what is kept. */
size_t trace_bytes(const struct trace *trace);

/* Reads the clock, for what follows. What is recorded first in a turn does so by itself; who has
 * written to members does it again. */
void trace_clock(struct trace *trace);

/* The turn is over. */
static inline void trace_turned(struct trace *trace)
{
	if (trace)
		trace->fresh = false;
}

/* ---- coming in ---- */

/* Whoever speaks. */
struct trace_source {
	size_t origin, place; /* as in struct trace_life; place: of a backend or upstream */
	uint8_t asker;        /* enum asker_kind */
};

/* A frame is read now (borrowed until trace_read()). kept: its dialect allows that. */
static inline void trace_reads(struct trace *trace, struct slice frame, bool kept)
{
	if (!trace)
		return;
	trace->frame = frame;
	trace->frame_kept = kept;
}

static inline void trace_read(struct trace *trace)
{
	if (trace)
		trace->frame = (struct slice){ NULL, 0 };
}

/* A draft comes in. reason: why it goes no further; REASON_NONE: it goes on its way. Returns its
 * record, for draft->origin.record; 0: it is not recorded. Borrows. */
uint64_t trace_came(struct trace *trace, const struct trace_source *source,
		    const struct envelope *draft, uint64_t wall_ms, enum reason reason);

/* A frame (or request) came in that means nothing, for that reason. frame: what is kept of it,
 * where bodies are and its dialect allows that; borrows; absent: nothing. bytes: how long it was.
 * path: of the mount. */
void trace_invalid(struct trace *trace, const struct trace_source *source,
		   const struct person *author, struct slice path, uint64_t wall_ms,
		   enum reason reason, struct slice frame, size_t bytes);

/* ---- on its way ---- */

/* note: what, and what goes with that; record and time are filled in. Of a message without a record
 * the id counts. */
void trace_note(struct trace *trace, const struct envelope *event, struct trace_note note);

/* The rule of that run decided; and the step of its last result was taken. */
void trace_rule(struct trace *trace, const struct envelope *event, const struct run *run);
void trace_step(struct trace *trace, const struct envelope *event, const struct run *run,
		enum run_result result);

/* ---- its place ---- */

/* An event of a room is on its way to the members. */
void trace_ordered(struct trace *trace, const struct envelope *event);

/* ---- deliveries ---- */

/* A broadcast comes to this worker (borrowed; held where bodies are kept). Returns its number for
 * what follows; 0: it is not recorded, and 0 says so to all that follow. */
uint32_t trace_spread(struct trace *trace, struct broadcast *broadcast);

/* So many more (or less) wait to be written. */
void trace_flying(struct trace *trace, uint32_t told, int32_t more);

/* So many members were sent it in that form, or not. */
void trace_ended(struct trace *trace, uint32_t told, uint32_t form, enum outcome outcome,
		 uint32_t count);

/* The same of one, who is listed when it was not sent. */
void trace_ended_one(struct trace *trace, uint32_t told, uint32_t form, enum outcome outcome,
		     const struct person *person);

/* ---- forgetting ---- */

/* What the person wrote is not kept any more, nor their name. */
void trace_forget(struct trace *trace, uint32_t number);

#endif
