#include "bridge/admin/snapshot.h"

#include <string.h>

#include "bridge/core/worker.h"
#include "codecs/text/memory.h"

static bool is_told(const struct room_share *share)
{
	return atomic_load_explicit(&share->room->metrics, memory_order_relaxed) &&
	       !atomic_load_explicit(&share->room->removed, memory_order_relaxed);
}

static void read_room(struct room_reading *reading, const struct room_share *share)
{
	struct slice name = share->room->rules.name;
	size_t len = name.len < SNAPSHOT_NAME_MAX ? name.len : SNAPSHOT_NAME_MAX;

	reading->index = share->room->index;
	memcpy(reading->name, name.data, len);
	for (size_t d = 0; d < registry_count(); d++)
		tally_add(&reading->tally, &share->tallies[d]);
}

struct snapshot *snapshot_take(const struct worker *worker)
{
	struct ledger deliveries = worker->counters->removed;
	struct snapshot *snapshot;
	size_t told = 0;

	for (const struct room_share *share = worker->shares; share; share = share->next) {
		tallies_add(deliveries.dialects, share->tallies);
		told += is_told(share);
	}
	snapshot = memory_zeroed(1, sizeof(*snapshot) + told * sizeof(struct room_reading));
	snapshot->counters = *worker->counters;
	snapshot->counters.rooms = NULL;
	snapshot->counters.room_count = 0;
	snapshot->deliveries = deliveries;
	snapshot->connections = worker->session_count;
	snapshot->room_count = room_table_count(worker->rooms);
	/* One may have been removed since. */
	for (const struct room_share *share = worker->shares; share && told > 0;
	     share = share->next)
		if (is_told(share) && snapshot->reading_count < told)
			read_room(&snapshot->readings[snapshot->reading_count++], share);
	return snapshot;
}
