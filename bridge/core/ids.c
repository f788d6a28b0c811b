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

static void warn_of_file(struct ids *ids, const struct ids_mark *mark)
{
	if ((mark->error != 0) == ids->unwritten)
		return;
	ids->unwritten = mark->error != 0;
	if (mark->error == 0)
		log_line(LOG_INFO, "the id mark is written into %s again", mark->folder);
	else
		log_line(LOG_ERROR,
			 "cannot write the id mark into %s: %s: ids may repeat after a "
			 "restart",
			 mark->folder, strerror(mark->error));
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

/* Up to half a burst below what stands in the file. */
static void let_follow(struct ids *ids)
{
	atomic_store(&ids->end_ms, ids->mark_ms - IDS_BURST_MS / 2);
}

bool ids_next(struct bridge *bridge, uint64_t wall_ms, struct ids_mark *mark)
{
	struct ids *ids = &bridge->ids;
	bool believed = id_clock_believes(wall_ms);

	warn_of_clock(ids, believed);
	*mark = (struct ids_mark){ .folder = bridge->conf->state };
	if (!mark->folder || !*mark->folder)
		return false;
	mark->ms = newest_ms(bridge) + IDS_BURST_MS;
	if (believed && wall_ms + IDS_AHEAD_MS > mark->ms)
		mark->ms = wall_ms + IDS_AHEAD_MS;
	/* Never back: a worker may be in the middle of a turn, at what the clock said before. */
	if (mark->ms > ids->mark_ms)
		return true;
	mark->ms = ids->mark_ms;
	let_follow(ids);
	return ids->unwritten;
}

void ids_write(struct ids_mark *mark)
{
	errno = EIO;
	mark->error = state_reserve(mark->folder, mark->ms) ? 0 : errno;
}

void ids_written(struct bridge *bridge, const struct ids_mark *mark)
{
	struct ids *ids = &bridge->ids;

	ids->mark_ms = mark->ms;
	warn_of_file(ids, mark);
	let_follow(ids);
}

void ids_reserve(struct bridge *bridge, uint64_t wall_ms)
{
	struct ids_mark mark;

	if (!ids_next(bridge, wall_ms, &mark))
		return;
	ids_write(&mark);
	ids_written(bridge, &mark);
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
