#include "bridge/client/deliver.h"

#include "bridge/client/membership.h"
#include "bridge/core/worker.h"
#include "bridge/trace/trace.h"
#include "codecs/model/trail.h"
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

/* Another Dragoman is told which ones it came through. */
static void add_trail(const struct session *session, const struct envelope *event,
		      struct rendition *own)
{
	const struct bridge *bridge = session->worker->bridge;
	char out[TRAIL_MAX];
	struct slice trail;
	struct frame_writer w;

	if (!session->peer.dragoman || !own->frame)
		return;
	trail = trail_onward(event->origin.trail, slice_span(bridge->instance, UUID_TEXT_LEN),
			     &bridge->key, event->id, out);
	if (!trail.len) {
		frame_release(own->frame);
		*own = (struct rendition){ .outcome = OUTCOME_REFUSED, .form = own->form };
		return;
	}
	for (uint32_t i = 0; i < own->frame->messages; i++) {
		struct slice payload = frame_payload(own->frame, i);

		if (i == 0)
			frame_start(&w, own->frame->framing, own->frame->len + 2 * TRAIL_MAX);
		else
			frame_next(&w);
		json_put_literal(&w.json, payload.data, payload.len);
		trail_put(&w.json, trail);
		frame_end_message(&w);
	}
	w.events = own->frame->events;
	frame_release(own->frame);
	own->frame = frame_finish(&w);
}

static void make_own(struct session *session, const struct room_entry *room,
		     const struct envelope *event, enum audience audience, struct rendition *own)
{
	rendition_make(event, room_view(room, session->dialect), view_here(session, room),
		       &session->peer.form, audience, session->peer.muted_events, own);
	add_trail(session, event, own);
}

/* Nothing is sent. */
static void count(const struct session *session, struct tally *tally, enum outcome outcome,
		  uint32_t told)
{
	tally->outcomes[outcome]++;
	trace_ended_one(session->worker->trace, told, session->form, outcome, &session->peer.self);
}

void deliver_event(struct session *session, const struct room_entry *room,
		   const struct broadcast *broadcast, enum audience audience, uint32_t told)
{
	uint32_t dialect = session->dialect;
	struct tally *tally = &room_share(session->worker, room)->tallies[dialect];
	const struct rendition *made = broadcast_find(broadcast, session->form, audience);
	struct rendition own = { 0 };

	if (audience == AUDIENCE_ELSEWHERE && shown_once(broadcast->event, session->codec)) {
		count(session, tally, OUTCOME_DROPPED_NO_WORD, told);
		return;
	}
	if (needs_its_own(session, made)) {
		make_own(session, room, broadcast->event, audience, &own);
		made = &own;
	}
	if (made->frame)
		session_queue(session, made->frame, tally, made->outcome, told);
	else
		count(session, tally, made->outcome, told);
	frame_release(own.frame);
}

void deliver_alone(struct session *session, const struct room_entry *room,
		   const struct envelope *event, enum audience audience)
{
	uint32_t dialect = session->dialect;
	struct tally *tally = &room_share(session->worker, room)->tallies[dialect];
	struct rendition own = { 0 };

	tally->accepted++;
	make_own(session, room, event, audience, &own);
	if (own.frame)
		session_queue(session, own.frame, tally, own.outcome, 0);
	else
		tally->outcomes[own.outcome]++;
	frame_release(own.frame);
}
