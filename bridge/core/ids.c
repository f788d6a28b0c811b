#include "bridge/core/ids.h"

#include <errno.h>
#include <string.h>

#include "bridge/core/bridge.h"
#include "bridge/core/log/log.h"
#include "bridge/core/state.h"
#include "bridge/core/worker.h"
#include "codecs/model/identity.h"
#include "conf/conf.h"

static void warn_of_clock(struct ids *ids, bool believed)
{
	if (believed == !ids->disbelieved)
		return;
	ids->disbelieved = !believed;
	if (believed)
		log_line(LOG_INFO, "the clock is trusted again");
	else
		log_line(LOG_WARNING, "the clock is not within 2024 to 2054 and not trusted: "
				      "message ids continue from the newest one");
}

static void warn_of_file(struct ids *ids, const char *folder, bool written)
{
	if (written == !ids->unwritten)
		return;
	ids->unwritten = !written;
	if (written)
		log_line(LOG_INFO, "the id mark is written into %s again", folder);
	else
		log_line(LOG_ERROR,
			 "cannot write the id mark into %s: %s: ids may repeat after a "
			 "restart",
			 folder, strerror(errno));
}

static uint64_t newest_ms(const struct bridge *bridge)
{
	uint64_t newest = 0;

	for (unsigned w = 0; w < bridge->worker_count; w++) {
		uint64_t given = atomic_load(&bridge->workers[w]->newest_id_ms);

		if (given > newest)
			newest = given;
	}
	return newest;
}

void ids_reserve(struct bridge *bridge, uint64_t wall_ms)
{
	struct ids *ids = &bridge->ids;
	const char *folder = bridge->conf->state;
	bool believed = id_clock_believes(wall_ms);
	uint64_t mark_ms;

	warn_of_clock(ids, believed);
	if (!folder || !*folder)
		return;
	mark_ms = newest_ms(bridge) + IDS_BURST_MS;
	if (believed && wall_ms + IDS_AHEAD_MS > mark_ms)
		mark_ms = wall_ms + IDS_AHEAD_MS;
	/* Never back: a worker may be in the middle of a turn, at what the clock said before. */
	if (mark_ms > ids->mark_ms || ids->unwritten) {
		if (mark_ms > ids->mark_ms)
			ids->mark_ms = mark_ms;
		warn_of_file(ids, folder, state_reserve(folder, ids->mark_ms));
	}
	atomic_store(&ids->end_ms, ids->mark_ms - IDS_BURST_MS / 2);
}

void ids_bound(struct worker *worker)
{
	worker->clock.end_ms = atomic_load(&worker->bridge->ids.end_ms);
}

void ids_given(struct worker *worker)
{
	atomic_store_explicit(&worker->newest_id_ms, id_clock_newest_ms(&worker->clock),
			      memory_order_relaxed);
}
