#include "bridge/client/answers.h"

#include <stdlib.h>

#include "bridge/client/push.h"
#include "bridge/core/worker.h"
#include "codecs/text/memory.h"

/* Tickets wrap below TICKET_NONE; REQUESTS_MAX divides their number. */
#define TICKET_MASK UINT32_C(0x7fffffff)

static void set_paused(struct session *session, bool paused)
{
	paused = paused || session->login_asked || session->throttled;
	if (session->paused == paused || session->phase != SESSION_OPEN)
		return;
	session->paused = paused;
	session->transport->pause(session->conn, paused);
}

static struct pending_answer *answer_at(struct session *session, uint32_t ticket)
{
	if (!session->answers)
		session->answers = memory_zeroed(REQUESTS_MAX, sizeof(*session->answers));
	return &session->answers[ticket % REQUESTS_MAX];
}

uint32_t session_ticket(struct session *session)
{
	uint32_t ticket = session->next_ticket;

	session->next_ticket = (ticket + 1) & TICKET_MASK;
	session->under_way++;
	if (session->codec->answers_in_order)
		*answer_at(session, ticket) = (struct pending_answer){ 0 };
	if (session->under_way >= session->worker->bridge->limits.requests_under_way)
		set_paused(session, true);
	return ticket;
}

void session_hold(struct session *session)
{
	set_paused(session, true);
}

void session_unhold(struct session *session)
{
	set_paused(session,
		   session->under_way >= session->worker->bridge->limits.requests_under_way);
}

void session_throttle(struct session *session)
{
	session->throttled = true;
	set_paused(session, true);
}

void session_unthrottle(struct session *session)
{
	if (!session->throttled || !session_may_signal(session))
		return;
	session->throttled = false;
	session_unhold(session);
}

/* What a closing session asked before is not answered any more: its last word is why. */
static void push_answer(struct session *session, struct frame *frame)
{
	if (frame && session->phase == SESSION_OPEN)
		session_push(session, frame, NULL, OUTCOME_DELIVERED);
	frame_release(frame);
}

/* Sends the answers whose turn has come. */
static void answers_release(struct session *session)
{
	while (session->first_ticket != session->next_ticket) {
		struct pending_answer *answer = answer_at(session, session->first_ticket);

		if (!answer->done)
			return;
		push_answer(session, answer->frame);
		*answer = (struct pending_answer){ 0 };
		session->first_ticket = (session->first_ticket + 1) & TICKET_MASK;
		session->under_way--;
	}
}

void session_answer(struct session *session, uint32_t ticket, struct frame *frame)
{
	if (ticket == TICKET_NONE && session->codec->answers_in_order && session->under_way > 0 &&
	    session->under_way < REQUESTS_MAX)
		ticket = session_ticket(session);
	if (ticket == TICKET_NONE) {
		push_answer(session, frame);
		return;
	}
	if (session->codec->answers_in_order) {
		*answer_at(session, ticket) = (struct pending_answer){ frame, true };
		answers_release(session);
	} else {
		push_answer(session, frame);
		session->under_way--;
	}
	if (session->under_way < session->worker->bridge->limits.requests_under_way)
		set_paused(session, false);
}

struct frame *session_word(struct session *session, const struct codec_reply *reply)
{
	struct frame *frame = NULL;

	session->peer.now_ms = session->worker->now_ms;
	if (session->codec->serves->reply(&session->peer, reply, &frame) != CODEC_OK)
		return NULL;
	return frame;
}

void session_reply(struct session *session, uint32_t ticket, const struct codec_reply *reply)
{
	session_answer(session, ticket, session_word(session, reply));
}
