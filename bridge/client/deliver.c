#include "bridge/client/deliver.h"

#include "bridge/client/membership.h"
#include "bridge/core/worker.h"
#include "routes/deliver/shown.h"

/* A peer that opted out of some of a frame's events, or whose form nobody else in the room has,
 * gets a frame of its own. */
static bool needs_its_own(const struct session *session, const struct rendition *made)
{
	return !made || (made->frame && made->frame->events & session->peer.muted_events);
}

/* Of a room that somebody is not in they are told where they are. */
static const struct codec_view *view_here(struct session *session, const struct room_entry *room)
{
	const struct membership *membership = session_membership(session, room);

	return membership && membership->in ? room_view(room, session->dialect)
					    : session->peer.view;
}

void deliver_event(struct session *session, const struct room_entry *room,
		   const struct broadcast *broadcast, enum audience audience)
{
	uint32_t dialect = session->dialect;
	struct tally *tally = &room_share(session->worker, room)->tallies[dialect];
	const struct rendition *made = broadcast_find(broadcast, session->form, audience);
	struct rendition own = { 0 };

	if (audience == AUDIENCE_ELSEWHERE && shown_once(broadcast->event, session->codec)) {
		tally->outcomes[OUTCOME_DROPPED_NO_WORD]++;
		return;
	}
	if (needs_its_own(session, made)) {
		rendition_make(broadcast->event, room_view(room, dialect), view_here(session, room),
			       &session->peer.form, audience, session->peer.muted_events, &own);
		made = &own;
	}
	if (made->frame)
		session_queue(session, made->frame, tally, made->outcome);
	else
		tally->outcomes[made->outcome]++;
	frame_release(own.frame);
}

void deliver_alone(struct session *session, const struct room_entry *room,
		   const struct envelope *event, enum audience audience)
{
	uint32_t dialect = session->dialect;
	struct tally *tally = &room_share(session->worker, room)->tallies[dialect];
	struct rendition own = { 0 };

	tally->accepted++;
	rendition_make(event, room_view(room, dialect), view_here(session, room),
		       &session->peer.form, audience, session->peer.muted_events, &own);
	if (own.frame)
		session_queue(session, own.frame, tally, own.outcome);
	else
		tally->outcomes[own.outcome]++;
	frame_release(own.frame);
}
