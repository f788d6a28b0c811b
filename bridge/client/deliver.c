#include "bridge/client/deliver.h"

#include "bridge/core/worker.h"

/* A peer that opted out of some of a frame's events gets a frame of its own. */
static struct rendition rendition_muted(const struct session *session,
					const struct room_entry *room, const struct envelope *event,
					enum audience audience)
{
	struct rendition own = { 0 };

	rendition_make(event, &room->views[session->dialect], audience, session->peer.muted_events,
		       &own);
	if (!own.frame)
		own.outcome = OUTCOME_DROPPED_MUTED;
	return own;
}

void deliver_event(struct session *session, const struct room_entry *room,
		   const struct broadcast *broadcast, enum audience audience)
{
	struct ledger *ledger = &session->worker->counters->rooms[room->index];
	uint32_t dialect = session->dialect;
	const struct rendition *shared = &broadcast->renditions[dialect][audience];
	struct rendition own = { 0 };

	ledger->accepted[dialect]++;
	if (shared->frame && (shared->frame->events & session->peer.muted_events)) {
		own = rendition_muted(session, room, broadcast->event, audience);
		shared = &own;
	}
	if (shared->frame)
		session_queue(session, shared->frame, ledger->outcomes[dialect], shared->outcome);
	else
		ledger->outcomes[dialect][shared->outcome]++;
	frame_release(own.frame);
}
