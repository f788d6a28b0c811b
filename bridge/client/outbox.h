/* outbox.h - what one connection still has to be sent: frame pointers collected during a turn,
 * sent in one write at its end. One thread.
 *
 * Each entry may carry a tally: there it is in flight from outbox_push() on, and its outcome is
 * counted once the bytes were handed to the kernel, or were not. */
#ifndef BRIDGE_CLIENT_OUTBOX_H
#define BRIDGE_CLIENT_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/model/frame.h"
#include "routes/deliver/outcome.h"

struct outbox_entry {
	struct frame *frame;  /* held */
	struct tally *tally;  /* in flight there; NULL: not counted */
	enum outcome outcome; /* counted there when sent */
	uint32_t told;        /* bridge/trace/trace.h; 0: nobody wants to know */
};

struct outbox {
	struct outbox_entry *entries; /* from first, count of them, no wrap-around */
	uint32_t first, count, capacity;
	uint32_t sent; /* entries at the front handed to a write that is partial */
	size_t bytes;  /* of all entries */
	/* Where it is counted what memory outboxes take, each frame once for all of them; NULL:
	 * nobody asks. */
	int64_t *account;
	/* Told of the end of each entry whose told is not 0. NULL: there are none. */
	void (*ended)(const struct outbox *, uint32_t told, enum outcome);
};

/* Adds a frame (borrows, holds). told: see struct outbox_entry. */
void outbox_push(struct outbox *outbox, struct frame *frame, struct tally *tally,
		 enum outcome outcome, uint32_t told);

/* Gathers entries not yet sent, at most size bytes or one larger frame: when one frame alone,
 * returns its own bytes, else copies into scratch. *len: bytes; *taken: entries. NULL with *len
 * 0 when there is nothing. */
const unsigned char *outbox_gather(const struct outbox *outbox, unsigned char *scratch, size_t size,
				   size_t *len, uint32_t *taken);

/* The first `taken` unsent entries were handed to a write. complete: nothing of it is left in
 * the library, so all handed entries are counted and released; else they stay in flight. */
void outbox_sent(struct outbox *outbox, uint32_t taken, bool complete);

/* Anything not handed to a write yet? */
bool outbox_waiting(const struct outbox *outbox);

/* Frees the array of an empty outbox; the next push makes another. */
void outbox_rest(struct outbox *outbox);

/* Counts everything left as why, releases it, and frees the array. */
void outbox_clear(struct outbox *outbox, enum outcome why);

#endif
