#include "bridge/client/session.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/client/auth.h"
#include "bridge/client/batch.h"
#include "bridge/client/dispatch.h"
#include "bridge/core/directory.h"
#include "bridge/core/log.h"
#include "bridge/core/worker.h"
#include "bridge/routing/routing.h"
#include "codecs/text/memory.h"

#define CLOSE_NORMAL_MS   2000 /* to flush and to see the peer's close */
#define CLOSE_UNSUPPORTED 1003
#define CLOSE_POLICY      1008
#define CREDIT_OF_MESSAGE 1000

struct session *session_new(struct worker *worker, const struct mount *mount, uint64_t address,
			    const struct transport *transport, void *conn)
{
	/* The codec's state lies behind the session: one block per connection. */
	size_t own = (sizeof(struct session) + 15) & ~(size_t)15;
	struct session *session = memory_zeroed(1, own + mount->codec->state_size);

	session->worker = worker;
	session->mount = mount;
	session->codec = mount->codec;
	session->dialect = (uint32_t)mount->dialect;
	session->transport = transport;
	session->conn = conn;
	session->address = address;
	session->opened_tick = session->pinged_tick = worker->tick_ms;
	session->heard_tick = session->rate_tick = worker->tick_ms;
	session->rate_credit = (uint64_t)worker->bridge->limits.burst * CREDIT_OF_MESSAGE;
	session->peer.state = (char *)session + own;
	session->peer.view = &mount->room->views[mount->dialect];
	session->peer.strict = mount->strict;
	session->peer.json_depth = worker->bridge->limits.json_depth;
	session->ref = worker_slot_take(worker, session);
	return session;
}

static void peer_prepare(struct session *session)
{
	session->peer.now_ms = session->worker->now_ms;
	session->peer.scratch = session->worker->read_scratch;
	session->peer.correlation = (struct slice){ 0 };
}

/* An upgrade cannot wait for a backend, which is asked when it is done. */
static enum reason login_judge(struct session *session, const struct codec_login *login)
{
	if (!session->mount->asks_backend)
		return auth_login(session, login);
	auth_ask_later(session, login);
	return REASON_NONE;
}

enum reason session_handshake(struct session *session, const struct codec_handshake *request,
			      struct slice *response)
{
	struct codec_login login = { 0 };
	enum reason reason;

	peer_prepare(session);
	reason = session->codec->serves->handshake(&session->peer, request, &login);
	if (reason == REASON_NONE && (login.name.data || login.anonymous))
		reason = login_judge(session, &login);
	else if (reason != REASON_NONE)
		session->worker->counters->connections_refused[reason]++;
	if (reason != REASON_NONE)
		*response = session->codec->serves->refuse(reason);
	return reason;
}

void session_open(struct session *session)
{
	struct counters *counters = session->worker->counters;

	session->phase = SESSION_OPEN;
	session->opened_tick = session->pinged_tick = session->worker->tick_ms;
	session->heard_tick = session->worker->tick_ms;
	counters->connections_accepted++;
	counters->connections_open++;
	peer_prepare(session);
	dispatch_greeting(session);
	if (session->worker->draining)
		session_close(session, 1001, "going away");
	else if (session->login)
		auth_ask_now(session);
	else if (session->peer.logged_in)
		auth_enter_rooms(session, NULL, TICKET_NONE, (struct slice){ 0 });
}

size_t session_message_limit(const struct session *session)
{
	const struct limits *limits = &session->worker->bridge->limits;

	return session->peer.logged_in ? limits->message_bytes : limits->login_bytes;
}

void session_receive(struct session *session, struct slice text, bool binary)
{
	struct counters *counters = session->worker->counters;

	if (session->phase != SESSION_OPEN)
		return;
	session->heard_tick = session->worker->tick_ms;
	counters->frames_received++;
	counters->bytes_received += text.len;
	if (binary && !session->codec->reads_binary) {
		session_close(session, CLOSE_UNSUPPORTED, "text frames only");
		return;
	}
	/* Reading stops well before this; a peer that gets here was sent on by a library. */
	if (session->under_way >= REQUESTS_MAX) {
		session_close(session, CLOSE_POLICY, "too many requests under way");
		return;
	}
	peer_prepare(session);
	dispatch_frame(session, text, binary);
}

void session_queue(struct session *session, struct frame *frame, uint64_t *outcomes,
		   enum outcome outcome)
{
	size_t most = session->worker->bridge->limits.outbox_bytes;

	if (session->phase == SESSION_DEAD || session->close_asked) {
		if (outcomes)
			outcomes[session->cut ? OUTCOME_DROPPED_CUT : OUTCOME_DROPPED_GONE]++;
		return;
	}
	outbox_push(&session->outbox, frame, outcomes, outcome);
	/* Much in one turn is not slowness: what can go out at once goes. */
	if (session->outbox.bytes > most && !session->partial)
		session_flush(session);
	if (session->outbox.bytes > most)
		session_cut(session);
	else if (!session->dirty && outbox_waiting(&session->outbox))
		worker_mark_dirty(session->worker, session);
}

void session_push(struct session *session, struct frame *frame, uint64_t *outcomes,
		  enum outcome outcome)
{
	batch_catch_up(session);
	session_queue(session, frame, outcomes, outcome);
}

bool session_is_clear(const struct session *session)
{
	return session->outbox.count == 0 && !session->partial && !session->close_asked;
}

bool session_send(struct session *session, const unsigned char *bytes, size_t len, uint32_t frames)
{
	struct counters *counters = session->worker->counters;
	bool complete = false;

	if (!session->transport->write(session->conn, bytes, len, &complete)) {
		/* What was handed over stays in flight until the connection is gone. */
		session->partial = session->close_asked = true;
		session->transport->kill(session->conn);
		return false;
	}
	counters->writes++;
	counters->frames_written += frames;
	counters->bytes_written += len;
	session->partial = !complete;
	return complete;
}

void session_sent_partly(struct session *session)
{
	outbox_sent(&session->outbox, session->outbox.count, false);
}

/* Writes until all is sent or the connection keeps some of it. */
void session_flush(struct session *session)
{
	while (!session->partial && session->phase != SESSION_DEAD &&
	       outbox_waiting(&session->outbox)) {
		size_t len;
		uint32_t taken;
		const unsigned char *bytes =
		    outbox_gather(&session->outbox, session->worker->write_scratch, WRITE_BYTES_MAX,
				  &len, &taken);

		outbox_sent(&session->outbox, taken, session_send(session, bytes, len, taken));
	}
	if (session->phase == SESSION_CLOSING && !session->partial && !session->close_asked) {
		session->close_asked = true;
		session->transport->close(session->conn, session->close_code, session->close_why);
	}
}

void session_writable(struct session *session)
{
	if (!session->partial || session->close_asked)
		return;
	session->partial = false;
	outbox_sent(&session->outbox, 0, true);
	session_flush(session);
}

bool session_afford(struct session *session)
{
	const struct limits *limits = &session->worker->bridge->limits;
	uint64_t now = session->worker->tick_ms;
	uint64_t full = (uint64_t)limits->burst * CREDIT_OF_MESSAGE;

	if (limits->messages_per_second == 0)
		return true;
	session->rate_credit += (now - session->rate_tick) * limits->messages_per_second;
	session->rate_tick = now;
	if (session->rate_credit > full)
		session->rate_credit = full;
	if (session->rate_credit < CREDIT_OF_MESSAGE)
		return false;
	session->rate_credit -= CREDIT_OF_MESSAGE;
	return true;
}

bool session_join(struct session *session, struct room_entry *room)
{
	size_t most = session->worker->bridge->limits.rooms_per_connection;

	if (session_membership(session, room) ||
	    (session->membership_count >= most && !session->codec->hears_every_room))
		return false;
	membership_add(session, room);
	return true;
}

bool session_awaits(struct session *session, const struct room_entry *room, uint32_t entry)
{
	const struct membership *membership = session_membership(session, room);

	return membership && !membership->in && membership->entry == entry;
}

void session_admit(struct session *session, struct room_entry *room, uint32_t roles)
{
	struct membership *membership = session_membership(session, room);
	struct hub_member member = { session, session->peer.self.number, session->dialect };

	batch_catch_up(session);
	membership->place = hub_add(&session->worker->hubs[room->index], member);
	membership->in = true;
	membership->roles = roles;
}

/* The worker's list of members is compact: removing one moves another, whose place changes. */
static void room_forget(struct worker *worker, const struct membership *membership)
{
	struct session *moved =
	    hub_remove(&worker->hubs[membership->room->index], membership->place);
	struct membership *its = moved ? session_membership(moved, membership->room) : NULL;

	if (its)
		its->place = membership->place;
}

bool session_part(struct session *session, const struct room_entry *room, bool tell_home,
		  uint32_t ticket)
{
	struct membership *membership = session_membership(session, room);
	struct post *post;

	if (!membership)
		return false;
	if (membership->in)
		batch_catch_up(session);
	/* Too slow for that, it may have left by itself. */
	membership = session_membership(session, room);
	if (!membership)
		return false;
	if (membership->in)
		room_forget(session->worker, membership);
	routing_left(session->lane, membership->room, !tell_home);
	if (tell_home) {
		post = post_new(POST_LEAVE);
		post->room = membership->room;
		post->ref = session->ref;
		post->dialect = session->dialect;
		post->ticket = ticket;
		worker_post(session->worker, membership->room->owner, post);
	}
	membership_remove(session, membership);
	return true;
}

/* A room that hears of the exit looks into the directory whether the person is gone altogether;
 * and nobody may come in under a name before its holder has left. */
static void session_withdraw(struct session *session)
{
	auth_offline(session);
	routing_detach(&session->lane);
	while (session->membership_count > 0)
		session_part(session, session->memberships[0].room, true, TICKET_NONE);
	worker_send_mail(session->worker);
	auth_logout(session);
}

void session_close(struct session *session, uint16_t code, const char *why)
{
	if (session->phase != SESSION_OPEN)
		return;
	session_withdraw(session);
	/* The peer's own close frame is wanted. */
	if (session->paused)
		session->transport->pause(session->conn, false);
	session->phase = SESSION_CLOSING;
	session->close_code = code;
	session->close_why = why;
	session->pinged_tick = session->worker->tick_ms;
	if (!session->dirty)
		worker_mark_dirty(session->worker, session);
}

void session_cut(struct session *session)
{
	if (session->phase == SESSION_DEAD)
		return;
	log_line(LOG_INFO, "session %u.%u cut: more than %zu bytes waiting", session->ref.worker,
		 session->ref.slot, session->worker->bridge->limits.outbox_bytes);
	session->worker->counters->sessions_cut++;
	session->cut = true;
	/* A close frame reaches only a peer that still reads: nothing partial before it. */
	session->close_asked = true;
	session_withdraw(session);
	if (session->phase == SESSION_OPEN)
		session->phase = SESSION_CLOSING;
	session->close_code = 1013;
	session->close_why = "too slow";
	session->pinged_tick = session->worker->tick_ms;
	outbox_clear(&session->outbox, OUTCOME_DROPPED_CUT);
	if (session->partial)
		session->transport->kill(session->conn);
	else
		session->transport->close(session->conn, session->close_code, session->close_why);
}

void session_gone(struct session *session)
{
	struct counters *counters = session->worker->counters;

	if (session->phase == SESSION_DEAD)
		return;
	if (session->phase != SESSION_UPGRADING)
		counters->connections_open--;
	log_line(LOG_DEBUG, "session %u.%u gone", session->ref.worker, session->ref.slot);
	session->close_asked = true;
	session_withdraw(session);
	session->phase = SESSION_DEAD;
	outbox_clear(&session->outbox, OUTCOME_DROPPED_GONE);
	worker_mark_dead(session->worker, session);
}

static void session_ping(struct session *session)
{
	struct frame *frame = frame_of_ping();

	session->pinged_tick = session->worker->tick_ms;
	session_push(session, frame, NULL, OUTCOME_DELIVERED);
	frame_release(frame);
	if (!session->codec->serves->keepalive || !session->peer.logged_in)
		return;
	peer_prepare(session);
	if (session->codec->serves->keepalive(&session->peer, &frame) != CODEC_OK)
		return;
	session_push(session, frame, NULL, OUTCOME_DELIVERED);
	frame_release(frame);
}

static void session_time_out(struct session *session, const char *why)
{
	session->worker->counters->sessions_timed_out++;
	session_close(session, CLOSE_POLICY, why);
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

void session_tick(struct session *session)
{
	const struct limits *limits = &session->worker->bridge->limits;
	uint64_t now = session->worker->tick_ms;
	uint64_t silent;

	if (session->phase == SESSION_CLOSING && now - session->pinged_tick >= CLOSE_NORMAL_MS)
		session->transport->kill(session->conn);
	if (session->phase != SESSION_OPEN)
		return;
	session_rest(session);
	if (!session->peer.logged_in && now - session->opened_tick >= limits->login_ms) {
		session_time_out(session, "no login");
		return;
	}
	/* Asking the kernel is a system call: only for those that could be silent by now. */
	if (now - session->heard_tick < limits->ping_ms)
		return;
	silent = session->transport->silent_ms(session->conn);
	session->heard_tick = silent < now ? now - silent : 0;
	if (silent >= limits->idle_ms)
		session_time_out(session, "silent");
	else if (silent >= limits->ping_ms && now - session->pinged_tick >= limits->ping_ms)
		session_ping(session);
}

void session_free(struct session *session)
{
	if (session->codec->serves->close)
		session->codec->serves->close(&session->peer);
	for (size_t i = 0; session->answers && i < REQUESTS_MAX; i++)
		frame_release(session->answers[i].frame);
	free(session->answers);
	post_free(session->login);
	free(session->memberships);
	free(session->buckets);
	outbox_clear(&session->outbox, OUTCOME_DROPPED_GONE);
	worker_slot_free(session->worker, session);
	free(session);
}
