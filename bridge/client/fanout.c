#include "bridge/client/fanout.h"

#include "bridge/client/answers.h"
#include "bridge/client/auth.h"
#include "bridge/client/batch.h"
#include "bridge/client/deliver.h"
#include "bridge/client/entry.h"
#include "bridge/client/membership.h"
#include "bridge/client/push.h"
#include "bridge/core/errand.h"
#include "routes/deliver/broadcast.h"

/* One event on its way to the members on this worker. */
struct delivery {
	struct worker *worker;
	const struct room_entry *room;
	struct broadcast *broadcast;
};

static void deliver(const struct delivery *delivery, struct session *session,
		    enum audience audience)
{
	batch_catch_up(session);
	deliver_event(session, delivery->room, delivery->broadcast, audience);
}

/* The room has forgotten a kicked person already; here they leave after their last frame. */
static void kick_out(const struct delivery *delivery, struct session *session)
{
	entry_part(session, delivery->room, false, TICKET_NONE);
	if (session->codec->kick_ends_session)
		session_close(session, CLOSE_KICKED);
}

/* Rules look at the roles in the room, where the session is. */
static void take_roles(const struct delivery *delivery, struct session *session)
{
	struct membership *membership = session_membership(session, delivery->room);

	if (membership)
		membership->roles = delivery->broadcast->event->subject.roles;
}

static void deliver_member(const struct delivery *delivery, struct session *session, bool subject)
{
	deliver(delivery, session, subject ? AUDIENCE_SUBJECT : AUDIENCE_OTHERS);
	if (subject && delivery->broadcast->event->kind == KIND_KICK)
		kick_out(delivery, session);
}

/* Delivering may cut or kick the member at hand, which then leaves the list and makes the last
 * one move to its place: from the end, that one has had its turn. */
static void deliver_room(const struct delivery *delivery)
{
	struct hub *room = &delivery->worker->hubs[delivery->room->index];
	uint32_t number = delivery->broadcast->event->subject.number;
	bool has_subject = number != 0 && event_tells_subject(delivery->broadcast->event);
	bool private = envelope_is_private(delivery->broadcast->event);
	bool update = delivery->broadcast->event->kind == KIND_USER_UPDATE;

	for (size_t i = room->count; i-- > 0;) {
		bool subject = has_subject && room->members[i].person == number;

		if (update && room->members[i].person == number)
			take_roles(delivery, room->members[i].session);
		if (subject || !private)
			deliver_member(delivery, room->members[i].session, subject);
	}
}

/* An invited person hears it wherever they are. */
static void deliver_person(const struct delivery *delivery)
{
	struct worker *worker = delivery->worker;
	uint32_t number = delivery->broadcast->event->subject.number;

	for (uint32_t i = 0; i < worker->slot_count; i++) {
		struct session *session = worker->slots[i];

		if (session && session->phase == SESSION_OPEN &&
		    session->peer.self.number == number)
			deliver(delivery, session, AUDIENCE_SUBJECT);
	}
}

static void deliver_all(struct worker *worker, const struct post *post)
{
	struct delivery delivery = { .worker = worker,
				     .room = post->room,
				     .broadcast = post->broadcast };

	if (post->broadcast->event->kind == KIND_INVITE)
		deliver_person(&delivery);
	else if (event_tells_subject(post->broadcast->event))
		deliver_room(&delivery);
	else
		batch_add(worker, post->room, post->broadcast);
}

static void reply_done(struct session *session, const struct post *post,
		       const struct envelope *event)
{
	struct codec_reply reply = { .kind = REPLY_DONE, .event = event };

	if (event)
		reply.correlation = event->correlation;
	if (post->room)
		reply.view = &post->room->views[session->dialect];
	session_reply(session, post->ticket, &reply);
}

void fanout_broadcast(struct worker *worker, struct post *post)
{
	struct session *origin = NULL;
	const struct envelope *event = post->broadcast->event;

	if (post->ticket != TICKET_NONE)
		origin = session_find(worker, post->ref);
	if (origin && origin->codec->reply_before_echo)
		reply_done(origin, post, event);
	deliver_all(worker, post);
	if (origin && !origin->codec->reply_before_echo)
		reply_done(origin, post, event);
}

/* A login whose room says no is no login; a peer that came in by its request alone can only go. */
static void entry_refused(struct session *session, const struct post *post)
{
	struct codec_reply reply = { .kind = REPLY_REFUSED,
				     .reason = post->reason,
				     .correlation = post->event->correlation,
				     .event = post->event };
	bool hears_others = session->codec->hears_every_room;

	entry_part(session, post->room, false, TICKET_NONE);
	if (hears_others && post->login)
		return;
	session_reply(session, post->ticket, &reply);
	if (post->login && post->ticket == TICKET_NONE)
		session_close(session, close_refused(post->reason));
	else if (post->login)
		auth_logout(session);
}

static void entry_confirmed(struct session *session, const struct post *post)
{
	struct codec_reply reply = { .kind = REPLY_LOGIN, .correlation = post->event->correlation };

	if (!post->login) {
		reply_done(session, post, post->event);
		return;
	}
	reply.view = &post->room->views[session->dialect];
	if (!session->codec->hears_every_room)
		session->peer.view = reply.view;
	session->peer.self.roles = post->roles;
	session_reply(session, post->ticket, &reply);
}

/* The room was left before it could be entered: nothing but the request is still open. */
static void entry_outdated(struct session *session, const struct post *post)
{
	if (post->ticket != TICKET_NONE)
		session_answer(session, post->ticket, NULL);
}

void fanout_entered(struct worker *worker, struct post *post)
{
	struct session *session = session_find(worker, post->ref);
	bool awaited;

	if (session && session->phase != SESSION_OPEN)
		session = NULL;
	awaited = session && entry_awaited(session, post->room, post->entry);
	if (awaited && post->reason == REASON_NONE)
		entry_admit(session, post->room, post->roles);
	if (post->broadcast)
		deliver_all(worker, post);
	if (!session || session->phase != SESSION_OPEN)
		return;
	if (!awaited)
		entry_outdated(session, post);
	else if (post->reason != REASON_NONE)
		entry_refused(session, post);
	else
		entry_confirmed(session, post);
}

void fanout_answered(struct worker *worker, struct post *post)
{
	struct session *session = session_find(worker, post->ref);
	struct codec_reply reply = { .kind = REPLY_REFUSED, .reason = post->reason };

	if (!session)
		return;
	if (post->reason == REASON_NONE) {
		reply_done(session, post, post->event);
		return;
	}
	reply.event = post->event;
	if (post->event)
		reply.correlation = post->event->correlation;
	if (post->errand)
		reply.text = errand_text(post->errand);
	if (post->room)
		reply.view = &post->room->views[session->dialect];
	session_reply(session, post->ticket, &reply);
}

void fanout_history(struct worker *worker, struct post *post)
{
	struct session *session = session_find(worker, post->ref);
	struct codec_reply reply = { .kind = REPLY_HISTORY,
				     .correlation = post->event->correlation,
				     .history = post->history,
				     .history_count = post->count };

	if (!session)
		return;
	reply.view = &post->room->views[session->dialect];
	session_reply(session, post->ticket, &reply);
}
