#include "bridge/client/life.h"

#include <stdlib.h>

#include "bridge/client/answers.h"
#include "bridge/client/auth.h"
#include "bridge/client/dispatch.h"
#include "bridge/client/entry.h"
#include "bridge/client/push.h"
#include "bridge/core/capture/capture.h"
#include "bridge/core/worker.h"
#include "bridge/routing/lanes.h"
#include "bridge/trace/trace.h"

#define RETRY           "Retry-After: 5"
#define SESSION_TICK_MS 1000
#define CLOSE_MS        2000 /* to flush and to see the peer's close */

/* ---- how it begins ---- */

struct session *life_begin(struct worker *worker, const struct mount *mount, uint64_t address,
			   const struct transport *transport, void *conn)
{
	/* Whoever comes again finds its name free. */
	life_carry_out(worker);
	return session_new(worker, mount, address, transport, conn);
}

static void refuse(struct session *session, enum reason reason)
{
	struct codec_response response = session->codec->serves->refuse(reason);

	session->close_asked = true;
	session->transport->refuse(session->conn, reason, &response);
}

/* Whoever comes while the server is drained is to go elsewhere, or come again. */
static void turn_away(struct session *session)
{
	static const struct codec_response response = { .status = 503,
							.header = { RETRY, sizeof(RETRY) - 1 },
							.body = { "", 0 } };

	session->worker->counters->connections_refused[REASON_CLOSING]++;
	session->close_asked = true;
	session->transport->refuse(session->conn, REASON_CLOSING, &response);
}

/* The login that came with the request, if any, goes its way; then the request is answered. */
static void session_open(struct session *session)
{
	session->phase = SESSION_OPEN;
	session->opened_tick = session->pinged_tick = session->worker->tick_ms;
	session->heard_tick = session->worker->tick_ms;
	session_mark_dirty(session);
	dispatch_greeting(session);
	if (session->worker->draining)
		session_close(session, CLOSE_GOING_AWAY);
	else if (session->peer.logged_in)
		auth_enter_rooms(session, NULL, TICKET_NONE, (struct slice){ 0 });
	else if (session->login_asked)
		session_hold(session);
}

void life_handshake(struct session *session, const struct codec_handshake *request)
{
	struct codec_login login = { 0 };
	enum reason reason;
	bool logs_in;

	if (bridge_is_closed(session->worker->bridge)) {
		turn_away(session);
		return;
	}
	session_prepare(session);
	if (request->dragoman)
		session_of_dragoman(session);
	reason = session->codec->serves->handshake(&session->peer, request, &login);
	logs_in = login.name.data || login.anonymous;
	if (reason == REASON_NONE && auth_address_banned(session))
		reason = REASON_BANNED;
	if (reason != REASON_NONE)
		auth_refused(session, login.name, login.claimed_number, NULL, reason);
	else if (logs_in)
		reason = auth_login(session, &login, NULL, false);
	if (reason == REASON_NONE)
		session_open(session);
	else
		refuse(session, reason);
}

size_t life_message_limit(const struct session *session)
{
	const struct limits *limits = &session->worker->bridge->limits;

	if (session->phase != SESSION_OPEN)
		return 0;
	return session->peer.logged_in ? limits->message_bytes : limits->login_bytes;
}

void life_receive(struct session *session, struct slice text, bool binary)
{
	struct counters *counters = session->worker->counters;

	if (session->phase != SESSION_OPEN)
		return;
	session->heard_tick = session->worker->tick_ms;
	if (session->worker->capture)
		session->worker->capture->ops->received(session->worker->capture, session, text);
	counters->frames_received++;
	counters->bytes_received += text.len;
	if (binary && !session->codec->reads_binary) {
		session_close(session, CLOSE_NOT_TEXT);
		return;
	}
	/* Reading stops well before this; a peer that gets here was sent on by a library. */
	if (session->under_way >= REQUESTS_MAX) {
		session_close(session, CLOSE_TOO_MANY_REQUESTS);
		return;
	}
	/* Whoever has gone already must not be in the way of a login. */
	if (!session->peer.logged_in)
		life_carry_out(session->worker);
	session_prepare(session);
	dispatch_frame(session, text, binary);
}

/* ---- while it is open ---- */

static void session_ping(struct session *session)
{
	struct slice ping = session->transport->ping;
	struct frame *frame;

	session->pinged_tick = session->worker->tick_ms;
	if (ping.data) {
		frame = frame_of_text(FRAMING_BARE, ping);
		session_push(session, frame, NULL, OUTCOME_DELIVERED);
		frame_release(frame);
	}
	if (!session->codec->serves->keepalive || !session->peer.logged_in)
		return;
	session_prepare(session);
	if (session->codec->serves->keepalive(&session->peer, &frame) != CODEC_OK)
		return;
	session_push(session, frame, NULL, OUTCOME_DELIVERED);
	frame_release(frame);
}

static void session_time_out(struct session *session, enum close_reason why)
{
	session->worker->counters->sessions_timed_out++;
	session_close(session, why);
}

/* A connection at rest keeps nothing that only a busy one needs. */
static void session_rest(struct session *session)
{
	outbox_rest(&session->outbox);
	if (session->under_way > 0)
		return;
	free(session->answers);
	session->answers = NULL;
}

static void session_tick(struct session *session)
{
	const struct limits *limits = &session->worker->bridge->limits;
	uint64_t now = session->worker->tick_ms;
	uint64_t silent;

	if (session->phase == SESSION_CLOSING && now - session->pinged_tick >= CLOSE_MS)
		session->transport->kill(session->conn);
	if (session->phase != SESSION_OPEN)
		return;
	session_rest(session);
	session_unthrottle(session);
	if (!session->peer.logged_in && now - session->opened_tick >= limits->login_ms) {
		session_time_out(session, CLOSE_NO_LOGIN);
		return;
	}
	/* Asking the kernel is a system call: only for those that could be silent by now. */
	if (now - session->heard_tick < limits->ping_ms)
		return;
	silent = session->transport->silent_ms(session->conn);
	session->heard_tick = silent < now ? now - silent : 0;
	if (silent >= limits->idle_ms)
		session_time_out(session, CLOSE_SILENT);
	else if (silent >= limits->ping_ms && now - session->pinged_tick >= limits->ping_ms)
		session_ping(session);
}

void life_tick(struct worker *worker)
{
	if (!worker->draining && worker->tick_ms - worker->session_tick_ms < SESSION_TICK_MS)
		return;
	worker->session_tick_ms = worker->tick_ms;
	for (uint32_t i = 0; i < worker->slot_count; i++)
		if (worker->slots[i])
			session_tick(worker->slots[i]);
}

void life_flush(struct worker *worker)
{
	while (worker->dirty) {
		struct session *session = worker->dirty;

		worker->dirty = session->next_dirty;
		session->dirty = false;
		session_flush(session);
	}
}

/* ---- how it ends ---- */

/* A room that hears of the exit looks into the directory whether the person is gone altogether;
 * and nobody may come in under a name before its holder has left. */
static void withdraw(struct session *session)
{
	session->left = true;
	auth_forget(session);
	auth_offline(session);
	lane_detach(&session->lane);
	while (session->membership_count > 0)
		entry_part(session, session->memberships[0].room, true, TICKET_NONE);
	worker_send_mail(session->worker);
	auth_logout(session);
}

/* What is unsent is dropped, while it is known whose it is. */
static void drop_unsent(struct session *session)
{
	trace_clock(session->worker->trace);
	if (session->phase == SESSION_DEAD)
		outbox_clear(&session->outbox, OUTCOME_DROPPED_GONE);
	else if (session->cut)
		outbox_clear(&session->outbox, OUTCOME_DROPPED_CUT);
}

/* The close frame follows what the connection keeps of a write, if the peer takes that in time. */
static void end_politely(struct session *session)
{
	if (session->spilled && session->partial && !session->close_asked) {
		session->close_asked = true;
		session_forget_kept(session);
		session->transport->kill(session->conn);
		return;
	}
	/* The peer's own close frame is wanted. */
	if (session->paused && !session->close_asked)
		session->transport->pause(session->conn, false);
	session->paused = false;
	session_mark_dirty(session);
}

static void end_gone(struct session *session)
{
	session->next_leaving = session->worker->dead;
	session->worker->dead = session;
}

void life_carry_out(struct worker *worker)
{
	while (worker->leaving) {
		struct session *session = worker->leaving;

		worker->leaving = session->next_leaving;
		session->leaving = false;
		drop_unsent(session);
		if (!session->left)
			withdraw(session);
		if (session->phase == SESSION_DEAD)
			end_gone(session);
		else
			end_politely(session);
	}
}

void life_gone(struct session *session)
{
	session_gone(session);
	life_carry_out(session->worker);
}

void life_close_all(struct worker *worker, enum close_reason why)
{
	for (uint32_t i = 0; i < worker->slot_count; i++)
		if (worker->slots[i])
			session_close(worker->slots[i], why);
}

void life_free_dead(struct worker *worker)
{
	while (worker->dead) {
		struct session *session = worker->dead;

		worker->dead = session->next_leaving;
		session_free(session);
	}
}

void life_free_all(struct worker *worker)
{
	for (uint32_t i = 0; i < worker->slot_count; i++)
		if (worker->slots[i])
			session_free(worker->slots[i]);
}

/* ---- as its connection sees it ---- */

static void *user_arrive(struct worker *worker, const struct mount *mount, uint64_t address,
			 const struct transport *transport, void *conn)
{
	return life_begin(worker, mount, address, transport, conn);
}

static void user_handshake(void *user, const struct codec_handshake *request)
{
	life_handshake(user, request);
}

static size_t user_message_limit(const void *user)
{
	return life_message_limit(user);
}

static void user_receive(void *user, struct slice text, bool binary)
{
	life_receive(user, text, binary);
}

static void user_reject(void *user, enum close_reason why)
{
	session_close(user, why);
}

static void user_writable(void *user)
{
	session_writable(user);
}

static void user_gone(void *user)
{
	life_gone(user);
}

const struct transport_user life_user = {
	.arrive = user_arrive,
	.handshake = user_handshake,
	.message_limit = user_message_limit,
	.receive = user_receive,
	.reject = user_reject,
	.writable = user_writable,
	.gone = user_gone,
};
