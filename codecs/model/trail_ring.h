/* trail_ring.h - the newest trails of a room: what a message that came through other Dragomans is
 * called here. Bounded: beyond TRAIL_RING_MAX the oldest go. One thread. */
#ifndef CODECS_MODEL_TRAIL_RING_H
#define CODECS_MODEL_TRAIL_RING_H

#include <stddef.h>
#include <stdint.h>

#include "codecs/text/slice.h"

#define TRAIL_RING_MAX 4096

struct trail_ring;

/* Returns new, empty. */
struct trail_ring *trail_ring_new(void);
void trail_ring_free(struct trail_ring *ring); /* NULL is ignored */

/* The message of that trail_id() (copied) is ours, not 0, here. One that is known stays as it is; one
 * that nobody knows is ignored. */
void trail_ring_put(struct trail_ring *ring, struct slice id, uint64_t ours);

/* What it is called here, if it is known, or a message that it is a part of, or that begins with a
 * part: of what somebody splits and somebody else does not, the first to come counts. 0: not known;
 * ring may be NULL. */
uint64_t trail_ring_find(const struct trail_ring *ring, struct slice id);

#endif
