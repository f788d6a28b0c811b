#include "bridge/reload/sweep.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/core/worker.h"
#include "bridge/rooms.h"
#include "codecs/text/memory.h"

/* How often every worker has to have swept, after the last that still named a removed room, until
 * the room is freed: what is in the mail brings up other mail three times in a row at most. */
#define QUIET_SWEEPS 6

void sweep_add(struct sweep *sweep, struct room_entry *const *rooms, size_t count)
{
	if (count == 0)
		return;
	sweep->removed =
	    memory_resize(sweep->removed, (sweep->removed_count + count) * sizeof(*sweep->removed));
	memcpy(sweep->removed + sweep->removed_count, rooms, count * sizeof(*rooms));
	sweep->removed_count += count;
}

void sweep_begin(struct sweep *sweep, struct bridge *bridge)
{
	if (sweep->removed_count == 0 || sweep->missing > 0)
		return;
	sweep->missing = bridge->worker_count;
	sweep->clean = true;
	for (unsigned w = 0; w < bridge->worker_count; w++)
		mailbox_post(&bridge->workers[w]->box, post_new(POST_SWEEP));
}

/* Those that were not named for long enough are freed. Returns whether others come nearer to it. */
static bool rooms_free_quiet(struct sweep *sweep, struct bridge *bridge)
{
	bool nearer = false;
	size_t kept = 0;

	for (size_t i = 0; i < sweep->removed_count; i++) {
		struct room_entry *room = sweep->removed[i];

		if (!sweep->clean || atomic_load_explicit(&room->items, memory_order_acquire) > 0)
			room->quiet = 0;
		else
			nearer = ++room->quiet < QUIET_SWEEPS || nearer;
		if (room->quiet < QUIET_SWEEPS)
			sweep->removed[kept++] = room;
		else
			rooms_remove(bridge, room);
	}
	sweep->removed_count = kept;
	return nearer;
}

void sweep_answered(struct sweep *sweep, struct bridge *bridge, const struct post_swept *post)
{
	sweep->clean &= post->clean;
	if (--sweep->missing == 0 && rooms_free_quiet(sweep, bridge))
		sweep_begin(sweep, bridge);
}
