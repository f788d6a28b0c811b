/* find.h - looks for messages in what one worker recorded. Slow: it looks at all there is. The
 * worker's thread; trace may be NULL, and has nothing then. */
#ifndef BRIDGE_TRACE_FIND_H
#define BRIDGE_TRACE_FIND_H

#include "bridge/trace/trace.h"

/* What names a message to every worker: its record, or of one that did not come in (the server says
 * it) its id alone. */
struct trace_key {
	uint64_t record, id;
	uint64_t came_us; /* 0: not known here */
};

/* Which are looked for. */
struct trace_wanted {
	uint64_t id;             /* not 0: that one, and all else is ignored */
	struct slice room, name; /* absent: any; name is compared folded */
	uint32_t number;         /* of who says it; 0: any */
	uint64_t after_us;       /* that came in after this, ... */
	uint64_t until_us;       /* ... and not after that */
	bool oldest;             /* of too many, the oldest; else the newest */
};

/* Writes at most so many of them, in the order of wanted; returns how many. */
size_t trace_find(const struct trace *trace, const struct trace_wanted *wanted,
		  struct trace_key *keys, size_t most);

/* Its life; NULL: it is not here, or not any more. */
const struct trace_life *trace_life_of(const struct trace *trace, const struct trace_key *key);

/* One after the other, beginning with *at 0; NULL: no more. */
const struct trace_note *trace_next_note(const struct trace *trace, const struct trace_key *key,
					 size_t *at);
const struct trace_order *trace_next_order(const struct trace *trace, const struct trace_key *key,
					   size_t *at);
const struct trace_spread *trace_next_spread(const struct trace *trace, const struct trace_key *key,
					     size_t *at);
const struct trace_missed *trace_next_missed(const struct trace *trace, uint32_t told, size_t *at);

/* The events that were about the message of that id: edits, deletions. */
const struct trace_order *trace_next_about(const struct trace *trace, uint64_t id, size_t *at);

/* The rules of a note; NULL: they are not kept any more, or none is behind it. */
const struct route_table *trace_table(const struct trace *trace, const struct trace_note *note);

/* The oldest moment of which every note is still there; 0: nothing was overwritten. */
uint64_t trace_whole_since_us(const struct trace *trace);

#endif
