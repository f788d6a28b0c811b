#include "bridge/order/spread.h"

#include "bridge/durable/release.h"
#include "bridge/trace/trace.h"
#include "routes/deliver/broadcast.h"
#include "routes/room/members.h"

struct spread spread_of(const struct room *room)
{
	const struct room_presence *presence = room_presence(room);

	return (struct spread){ presence->forms, presence->workers };
}

struct spread spread_everywhere(const struct worker *worker)
{
	return (struct spread){ 0, (UINT32_C(1) << worker->bridge->worker_count) - 1 };
}

/* Upstreams hear it when the members do. */
static void relay(struct worker *worker, struct room_entry *entry, struct broadcast *broadcast)
{
	struct post_broadcast *post = post_new(POST_RELAY);

	post->room = entry;
	post->broadcast = broadcast_hold(broadcast);
	release_post(worker, worker->index, &post->post);
}

void spread_send(struct worker *worker, struct room_entry *entry, struct envelope *event,
		 struct spread spread, const struct asker *asker)
{
	struct broadcast *broadcast =
	    broadcast_new(event, room_view(entry, 0), spread.forms, worker->compressor);

	trace_ordered(worker->trace, event);
	if (asker)
		spread.workers |= UINT32_C(1) << asker->worker;
	for (unsigned w = 0; w < worker->bridge->worker_count; w++) {
		struct post_broadcast *post;

		if (!(spread.workers & UINT32_C(1) << w))
			continue;
		post = post_new(POST_BROADCAST);
		post->room = entry;
		post->broadcast = broadcast_hold(broadcast);
		if (asker && asker->worker == w)
			post->post.asker = *asker;
		release_post(worker, w, &post->post);
	}
	if (entry->relays)
		relay(worker, entry, broadcast);
	broadcast_release(broadcast);
}

void spread_count(struct worker *worker, enum reason reason)
{
	if (reason == REASON_NONE)
		worker->counters->intake.ordered++;
	else
		worker->counters->intake.refused[reason]++;
}
