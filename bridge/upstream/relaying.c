#include "bridge/upstream/relaying.h"

#include <stdlib.h>

#include "bridge/order/past.h"
#include "bridge/upstream/id_map.h"
#include "bridge/upstream/link/link.h"
#include "bridge/upstream/saying.h"
#include "codecs/text/memory.h"
#include "routes/room/overview.h"

#define AGE_MS (UINT64_C(24) * 3600 * 1000) /* older words are not said any more */

/* ---- now ---- */

static void say(struct upstream *upstream, const struct envelope *event)
{
	if (slice_equal(event->origin.instance, slice_of(upstream->conf->name)) ||
	    upstream_ignores_name(upstream, event->author.name) ||
	    (event->text.len && upstream_ignores(upstream, event->text)))
		return;
	saying_relay(upstream, event);
}

static void hold(struct resuming *resuming, const struct envelope *event)
{
	if (resuming->count == resuming->size) {
		resuming->size = resuming->size ? 2 * resuming->size : 16;
		resuming->held =
		    memory_resize(resuming->held, resuming->size * sizeof(*resuming->held));
	}
	resuming->held[resuming->count++] = envelope_hold(event);
}

void relaying_event(struct upstream *upstream, const struct envelope *event)
{
	if (upstream->resuming.under_way)
		hold(&upstream->resuming, event);
	else
		say(upstream, event);
}

/* ---- what was said before ---- */

static bool says(const struct upstream *upstream)
{
	return !upstream->front && upstream->room->relays & UINT64_C(1) << upstream->index;
}

void relaying_begin(struct upstream *upstream)
{
	struct resuming *resuming = &upstream->resuming;
	const struct envelope *last;

	if (!upstream->bridge->store || !says(upstream) || !upstream->room->room ||
	    !room_recent(upstream->room->room, UINT64_MAX, 1, &last))
		return;
	resuming->newest = last->id;
	resuming->under_way = upstream->settled && upstream->settled < last->id;
	envelope_release(last);
}

/* What may wait for that server is no more than that. */
static size_t most(const struct upstream *upstream)
{
	size_t entries = (size_t)upstream->conf->outbox_entries;

	return entries < PAST_MOST ? entries : PAST_MOST - 1;
}

static void ask(struct upstream *upstream)
{
	struct asker asker = { ASKER_UPSTREAM, (uint8_t)upstream->worker->index,
			       (uint32_t)upstream->index, 0, 0 };
	struct answer answer = { .kind = ANSWER_HISTORY, .room = upstream->room };
	uint64_t before = upstream->resuming.newest + 1;

	answer.history = memory_zeroed(most(upstream), sizeof(*answer.history));
	answer.count = room_recent(upstream->room->room, before, most(upstream), answer.history);
	past_answer(upstream->worker, &asker, &answer, before, most(upstream));
}

void relaying_tick(struct upstream *upstream)
{
	struct resuming *resuming = &upstream->resuming;

	if (resuming->begun)
		return;
	resuming->begun = true;
	if (resuming->under_way)
		ask(upstream);
	else if (says(upstream) && !upstream->settled)
		/* What is said from now on. */
		upstream_keep_settled(upstream, resuming->newest ? resuming->newest : 1);
}

static bool is_due(const struct upstream *upstream, const struct envelope *event)
{
	struct slice name;

	return event->id > upstream->settled &&
	       event->time_ms + AGE_MS > upstream->worker->now_ms &&
	       !id_map_theirs(upstream->ids, event->id, &name, 1);
}

void relaying_answered(struct upstream *upstream, const struct answer *answer)
{
	struct resuming *resuming = &upstream->resuming;

	for (size_t i = 0; i < answer->count; i++)
		if (is_due(upstream, answer->history[i]))
			say(upstream, answer->history[i]);
	if (upstream->links)
		link_doubt(upstream->links);
	for (size_t i = 0; i < resuming->count; i++)
		say(upstream, resuming->held[i]);
	relaying_clear(upstream);
}

void relaying_clear(struct upstream *upstream)
{
	struct resuming *resuming = &upstream->resuming;

	for (size_t i = 0; i < resuming->count; i++)
		envelope_release(resuming->held[i]);
	free(resuming->held);
	*resuming = (struct resuming){ .begun = resuming->begun };
}
