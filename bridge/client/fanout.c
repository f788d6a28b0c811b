#include "bridge/client/fanout.h"

#include "bridge/client/answers.h"
#include "bridge/client/auth.h"
#include "bridge/client/batch.h"
#include "bridge/client/being.h"
#include "bridge/client/deliver.h"
#include "bridge/client/entry.h"
#include "bridge/client/membership.h"
#include "bridge/client/push.h"
#include "bridge/client/sight.h"
#include "bridge/trace/trace.h"
#include "routes/deliver/adapt.h"
#include "routes/deliver/broadcast.h"

/* One event on its way to the members on this worker. */
struct delivery {
	struct worker *worker;
	const struct room_entry *room;
	struct broadcast *broadcast;
	uint32_t told; /* as trace_spread() numbered it */
};

static void deliver(const struct delivery *delivery, struct session *session,
		    enum audience audience)
{
	batch_catch_up(session);
	room_share(delivery->worker, delivery->room)->tallies[session->dialect].accepted++;
	deliver_event(session, delivery->room, delivery->broadcast, audience, delivery->told);
}

/* The room has forgotten a kicked person already; here they leave after their last frame. */
static void kick_out(const struct delivery *delivery, struct session *session)
{
	if (session->codec->kick_ends_session)
		session_close(session, CLOSE_KICKED);
	entry_part(session, delivery->room, false, TICKET_NONE);
}

/* Rules look at the roles in the room, where the session is. */
static void take_roles(const struct delivery *delivery, struct session *session)
{
	struct membership *membership = session_membership(session, delivery->room);

	if (membership)
		membership->roles = delivery->broadcast->event->subject.roles;
}

/* Who comes or goes: the one who enters or leaves, or is kicked. */
static uint32_t who_moves(const struct envelope *event)
{
	return event->kind == KIND_KICK ? event->subject.number : event->author.number;
}

static enum audience audience_of(const struct delivery *delivery, struct session *session)
{
	const struct envelope *event = delivery->broadcast->event;
	bool goes = event->kind == KIND_EXIT || event->kind == KIND_KICK;

	if (!session->codec->tells_of_people || !(goes || event->kind == KIND_ENTER))
		return AUDIENCE_OTHERS;
	if (sight_elsewhere(session, delivery->room, who_moves(event)))
		return AUDIENCE_ELSEWHERE;
	if (goes)
		sight_told_gone(session, who_moves(event));
	return AUDIENCE_OTHERS;
}

static void deliver_member(const struct delivery *delivery, struct session *session, bool subject)
{
	deliver(delivery, session, subject ? AUDIENCE_SUBJECT : audience_of(delivery, session));
	if (subject && delivery->broadcast->event->kind == KIND_KICK)
		kick_out(delivery, session);
}

/* A kick takes the member at hand out of the list, and the last one moves to its place: from the
 * end, that one has had its turn. */
static void deliver_room(const struct delivery *delivery)
{
	const struct hub *room = &room_share(delivery->worker, delivery->room)->hub;
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

/* Whoever hears every room they may hears that one from now on. */
static void follow(struct session *session, struct room_entry *room)
{
	if (session->codec->hears_every_room && session->peer.logged_in &&
	    session->membership_count > 0 && entry_join(session, room)) {
		session_membership(session, room)->news = true;
		entry_ask(session, room, true, TICKET_NONE, (struct slice){ NULL, 0 });
	}
}

/* An invited person hears it wherever they are. */
static void deliver_person(const struct delivery *delivery, struct room_entry *room)
{
	struct worker *worker = delivery->worker;
	uint32_t number = delivery->broadcast->event->subject.number;

	for (uint32_t i = 0; i < worker->slot_count; i++) {
		struct session *session = worker->slots[i];

		if (!session || session->phase != SESSION_OPEN ||
		    session->peer.self.number != number)
			continue;
		deliver(delivery, session, AUDIENCE_SUBJECT);
		follow(session, room);
	}
}

static void deliver_all(struct worker *worker, struct room_entry *room, struct broadcast *broadcast)
{
	struct delivery delivery = { .worker = worker, .room = room, .broadcast = broadcast };
	const struct envelope *event = broadcast->event;
	bool moves = event->kind == KIND_ENTER || event->kind == KIND_EXIT;

	delivery.told = trace_spread(worker->trace, broadcast);
	if (moves || event->kind == KIND_KICK)
		sight_note(worker, room, event);
	if (event->kind == KIND_INVITE)
		deliver_person(&delivery, room);
	else if (event_tells_subject(event) ||
		 (moves && sight_differs(worker, room, who_moves(event))))
		deliver_room(&delivery);
	else
		batch_add(worker, room, broadcast, delivery.told);
}

static void reply_done(struct session *session, uint32_t ticket, const struct room_entry *room,
		       const struct envelope *event)
{
	struct codec_reply reply = { .kind = REPLY_DONE, .event = event };

	if (event)
		reply.correlation = event->correlation;
	if (room)
		reply.view = room_view(room, session->dialect);
	session_reply(session, ticket, &reply);
}

void fanout_broadcast(struct worker *worker, struct post *post)
{
	struct post_broadcast *told = (struct post_broadcast *)post;
	const struct envelope *event = told->broadcast->event;
	uint32_t ticket = post->asker.ticket;
	struct session *origin = NULL;

	if (post->asker.kind == ASKER_SESSION)
		origin = session_find(worker, asker_session(&post->asker));
	if (origin && origin->codec->reply_before_echo)
		reply_done(origin, ticket, told->room, event);
	deliver_all(worker, told->room, told->broadcast);
	if (origin && !origin->codec->reply_before_echo)
		reply_done(origin, ticket, told->room, event);
}

/* ---- entries ---- */

/* A login whose room says no is no login; a peer that came in by its request alone can only go. */
static void entry_refused(struct session *session, const struct post_entered *entered)
{
	struct codec_reply reply = { .kind = REPLY_REFUSED,
				     .reason = entered->reason,
				     .correlation = entered->event->correlation,
				     .event = entered->event };
	uint32_t ticket = entered->post.asker.ticket;
	bool hears_others = session->codec->hears_every_room;

	entry_part(session, entered->room, false, TICKET_NONE);
	if (hears_others && entered->login)
		return;
	if (entered->login)
		auth_refused(session, session->peer.self.name, 0, entered->room, entered->reason);
	if (entered->login && ticket == TICKET_NONE) {
		session_refuse(session, entered->reason, (struct slice){ NULL, 0 });
		return;
	}
	session_reply(session, ticket, &reply);
	if (!entered->login)
		return;
	auth_logout(session);
	auth_failed(session);
}

static void entry_confirmed(struct session *session, const struct post_entered *entered)
{
	uint32_t ticket = entered->post.asker.ticket;
	struct codec_reply reply = { .kind = REPLY_LOGIN,
				     .correlation = entered->event->correlation };

	if (!entered->login) {
		reply_done(session, ticket, entered->room, entered->event);
		return;
	}
	reply.view = room_view(entered->room, session->dialect);
	if (!session->codec->hears_every_room)
		session_go_home(session, entered->room);
	session->peer.self.roles = entered->roles;
	session_reply(session, ticket, &reply);
}

/* A poll that runs is news to who comes, where there is a word for it. */
static void show_poll(struct session *session, const struct post_entered *entered)
{
	const struct codec_view *view = room_view(entered->room, session->dialect);
	struct rendition made;

	rendition_make(entered->poll, view, view, &session->peer.form, AUDIENCE_OTHERS,
		       session->peer.muted_events, &made);
	if (made.frame)
		session_push(session, made.frame, NULL, OUTCOME_DELIVERED);
	frame_release(made.frame);
}

/* As others heard it; a dialect without a word for something does not miss it. */
static void show_missed(struct session *session, const struct post_entered *entered)
{
	const struct codec_view *view = room_view(entered->room, session->dialect);

	for (size_t i = 0; i < entered->missed_count && session->phase == SESSION_OPEN; i++) {
		struct rendition made;

		rendition_make(entered->missed[i], view, view, &session->peer.form, AUDIENCE_OTHERS,
			       session->peer.muted_events, &made);
		if (made.frame)
			session_push(session, made.frame, NULL, OUTCOME_DELIVERED);
		frame_release(made.frame);
	}
}

/* The room was left before it could be entered: nothing but the request is still open. */
static void entry_outdated(struct session *session, uint32_t ticket)
{
	if (ticket != TICKET_NONE)
		session_answer(session, ticket, NULL);
}

void fanout_entered(struct worker *worker, struct post *post)
{
	struct post_entered *entered = (struct post_entered *)post;
	struct session *session = session_find(worker, asker_session(&post->asker));
	bool awaited;

	if (session && session->phase != SESSION_OPEN)
		session = NULL;
	awaited = session && entry_awaited(session, entered->room, entered->entry);
	if (entered->people)
		sight_learn(worker, entered->room, entered->people, entered->people_count);
	if (awaited && entered->reason == REASON_NONE)
		entry_admit(session, entered->room, entered->roles);
	if (awaited && entered->reason == REASON_NONE && session->phase == SESSION_OPEN &&
	    session_membership(session, entered->room)->opened)
		being_tell(session, entered->room, true);
	if (entered->broadcast)
		deliver_all(worker, entered->room, entered->broadcast);
	if (awaited && entered->reason == REASON_NONE && session->phase == SESSION_OPEN &&
	    session->codec->tells_of_people)
		sight_tell_there(session, entered->room,
				 entered->broadcast ? entered->event->author.number : 0);
	if (!session || session->phase != SESSION_OPEN)
		return;
	if (!awaited)
		entry_outdated(session, post->asker.ticket);
	else if (entered->reason != REASON_NONE)
		entry_refused(session, entered);
	else
		entry_confirmed(session, entered);
	if (awaited && entered->reason == REASON_NONE)
		show_missed(session, entered);
	if (entered->poll && awaited && session->phase == SESSION_OPEN)
		show_poll(session, entered);
}

/* ---- answers ---- */

static void reply_refused(struct session *session, uint32_t ticket, const struct answer *answer)
{
	struct codec_reply reply = { .kind = REPLY_REFUSED,
				     .reason = answer->reason,
				     .correlation = answer_correlation(answer),
				     .text = answer_text(answer),
				     .event = answer->event };

	if (answer->event)
		reply.correlation = answer->event->correlation;
	if (answer->room)
		reply.view = room_view(answer->room, session->dialect);
	session_reply(session, ticket, &reply);
}

/* Half of what may still wait for it: who asks for all there is must not be cut for it, nor for
 * what is said meanwhile. */
static size_t room_for_answer(const struct session *session)
{
	size_t most = session->worker->bridge->limits.outbox_bytes;

	return session->outbox.bytes < most ? (most - session->outbox.bytes) / 2 : 0;
}

/* How many of the newest have texts of so many bytes at most. */
static size_t newest_of_bytes(const struct answer *answer, size_t most)
{
	size_t count = 0, bytes = 0;

	while (count < answer->count) {
		bytes += answer->history[answer->count - count - 1]->text.len;
		if (bytes > most)
			break;
		count++;
	}
	return count;
}

/* As many of the newest as fit: in its frame each takes more than its text. */
static void reply_history(struct session *session, uint32_t ticket, const struct answer *answer)
{
	struct codec_reply reply = { .kind = REPLY_HISTORY,
				     .correlation = answer_correlation(answer),
				     .view = room_view(answer->room, session->dialect) };
	size_t most = room_for_answer(session), count = newest_of_bytes(answer, most), fit;
	size_t first = answer->count - count;
	struct adapted_list adapted;
	struct frame *frame;

	adapted_list_make(&adapted, answer->history + first, count, &reply.view, true);
	for (;;) {
		reply.history = adapted.events + (answer->count - first - count);
		reply.history_count = count;
		frame = session_word(session, &reply);
		if (!frame || frame->len <= most || count == 0)
			break;
		fit = count * most / frame->len;
		count = fit < count ? fit : count - 1;
		frame_release(frame);
	}
	adapted_list_clear(&adapted);
	session_answer(session, ticket, frame);
}

/* Another Dragoman said what is known here already. Where nothing answers but that it is heard
 * again, it is, by that one alone. */
static void reply_known(struct session *session, uint32_t ticket, const struct answer *answer)
{
	struct codec_reply reply = { .kind = REPLY_DONE,
				     .correlation = answer->event->correlation,
				     .event = answer->event,
				     .view = room_view(answer->room, session->dialect) };
	struct frame *frame = session_word(session, &reply);
	bool answers = frame != NULL;

	session_answer(session, ticket, frame);
	if (answers || answer->event->kind != KIND_MESSAGE || session->phase != SESSION_OPEN)
		return;
	batch_catch_up(session);
	deliver_alone(session, answer->room, answer->event, AUDIENCE_OTHERS);
}

static bool is_known(const struct session *session, const struct answer *answer)
{
	return session->peer.dragoman && answer->reason == REASON_NONE && answer->room &&
	       answer->event && answer->event->id && answer->event->origin.trail.len;
}

void fanout_answered(struct worker *worker, const struct asker *asker, struct answer *answer)
{
	struct session *session = session_find(worker, asker_session(asker));

	if (!session)
		return;
	if (answer->kind == ANSWER_LOGIN)
		auth_answered(session, asker->ticket, answer);
	else if (answer->kind == ANSWER_HISTORY && answer->reason == REASON_NONE)
		reply_history(session, asker->ticket, answer);
	else if (is_known(session, answer))
		reply_known(session, asker->ticket, answer);
	else if (answer->reason == REASON_NONE)
		reply_done(session, asker->ticket, answer->room, answer->event);
	else
		reply_refused(session, asker->ticket, answer);
}
