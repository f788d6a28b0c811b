#include "bridge/client/session.h"

#include <stdio.h>
#include <stdlib.h>

#include "bridge/client/relief/budget.h"
#include "bridge/core/capture/capture.h"
#include "bridge/core/log/log_limit.h"
#include "bridge/core/worker.h"
#include "bridge/net/response.h"
#include "bridge/trace/trace.h"
#include "codecs/form.h"
#include "codecs/text/memory.h"

/* Whoever has less waiting is not what fills the memory. */
#define SPARED_BYTES 65536

#define CREDIT_OF_ONE 1000 /* times the largest burst it has to fit 32 bits */

static struct bucket bucket_full(const struct worker *worker, uint32_t burst)
{
	return (struct bucket){ (uint32_t)worker->tick_ms, burst * CREDIT_OF_ONE };
}

/* What was queued was written, or is dropped. */
static void ended(const struct outbox *outbox, uint32_t told, enum outcome outcome)
{
	const struct session *session =
	    (const struct session *)((const char *)outbox - offsetof(struct session, outbox));
	struct trace *trace = session->worker->trace;

	trace_flying(trace, told, -1);
	trace_ended_one(trace, told, session->form, outcome, &session->peer.self);
}

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
	session->heard_tick = worker->tick_ms;
	session->messages = bucket_full(worker, worker->bridge->limits.burst);
	session->signals = bucket_full(worker, worker->bridge->limits.signals_burst);
	session->peer.state = (char *)session + own;
	session_go_home(session, mount->room);
	session->peer.strict = mount->strict;
	session->peer.form.framing = transport->framing;
	session->form = form_number(mount->dialect, mount->codec, &session->peer.form);
	if (transport->compressed)
		session->form = form_compressed(session->form);
	session->peer.json_depth = (uint16_t)worker->bridge->limits.json_depth;
	session->outbox.account = &worker->outbox_bytes;
	session->outbox.ended = ended;
	session->ref = worker_slot_take(worker, session);
	return session;
}

void session_free(struct session *session)
{
	if (session->codec->serves->close)
		session->codec->serves->close(&session->peer);
	for (size_t i = 0; session->answers && i < REQUESTS_MAX; i++)
		frame_release(session->answers[i].frame);
	free(session->answers);
	free(session->memberships);
	free(session->buckets);
	free(session->gone);
	outbox_clear(&session->outbox, OUTCOME_DROPPED_GONE);
	session_forget_kept(session);
	worker_slot_free(session->worker, session->ref);
	free(session);
}

struct session *session_find(const struct worker *worker, struct session_ref ref)
{
	struct session *session = worker_at(worker, ref);

	return session && session->phase != SESSION_DEAD ? session : NULL;
}

void session_of_dragoman(struct session *session)
{
	session->peer.dragoman = true;
	session->form = form_alone(session->dialect);
}

void session_go_home(struct session *session, struct room_entry *room)
{
	session->home = room;
	session->peer.view = room_view(room, session->dialect);
}

/* What dialects call a room may have changed since. */
void session_prepare(struct session *session)
{
	session->peer.view = room_view(session->home, session->dialect);
	session->peer.now_ms = session->worker->now_ms;
	session->peer.scratch = session->worker->read_scratch;
	session->peer.correlation = (struct slice){ 0 };
}

/* ---- what it is sent ---- */

void session_mark_dirty(struct session *session)
{
	if (session->dirty)
		return;
	session->dirty = true;
	session->next_dirty = session->worker->dirty;
	session->worker->dirty = session;
}

static void drop(const struct session *session, struct tally *tally, uint32_t told)
{
	enum outcome why = session->cut ? OUTCOME_DROPPED_CUT : OUTCOME_DROPPED_GONE;

	if (tally)
		tally->outcomes[why]++;
	trace_ended_one(session->worker->trace, told, session->form, why, &session->peer.self);
}

void session_queue(struct session *session, struct frame *frame, struct tally *tally,
		   enum outcome outcome, uint32_t told)
{
	size_t most = session->worker->bridge->limits.outbox_bytes;

	if (session->phase >= SESSION_CLOSING || session->close_asked) {
		drop(session, tally, told);
		return;
	}
	outbox_push(&session->outbox, frame, tally, outcome, told);
	if (told)
		trace_flying(session->worker->trace, told, 1);
	budget_count(session->worker->bridge->budget, &session->worker->outbox_bytes);
	/* Much in one turn is not slowness: what can go out at once goes. */
	if (session->outbox.bytes > most && !session->partial)
		session_flush(session);
	/* One frame is taken however long it is: nobody is cut for one request. */
	if (session->outbox.bytes > most && session->outbox.count > 1)
		session_cut(session);
	else if (session->outbox.bytes > SPARED_BYTES && session->outbox.count > 1 &&
		 budget_is_exhausted(session->worker->bridge->budget))
		session_cut_for_memory(session);
	else if (outbox_waiting(&session->outbox))
		session_mark_dirty(session);
}

bool session_is_clear(const struct session *session)
{
	return session->phase == SESSION_OPEN && session->answered && session->outbox.count == 0 &&
	       !session->partial && !session->close_asked;
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
	if (!complete) {
		session->kept = (uint32_t)len;
		session->worker->outbox_bytes += session->kept;
	}
	return complete;
}

void session_sent_partly(struct session *session)
{
	outbox_sent(&session->outbox, session->outbox.count, false);
}

/* What closes it before it was answered is nothing that its request did. */
static void refuse_closing(struct session *session)
{
	struct codec_response response;
	char text[CLOSE_TEXT_MAX + 2];

	if (session->phase != SESSION_CLOSING || !session->left || session->close_asked)
		return;
	snprintf(text, sizeof(text), "%s\n", close_text(session->close_why));
	response = response_text(503, slice_of(text));
	session->close_asked = true;
	session->transport->refuse(
	    session->conn, session->close_why == CLOSE_GOING_AWAY ? REASON_CLOSING : REASON_REFUSED,
	    &response);
}

/* What is said in its rooms after the answer reaches it. */
static bool answer_handshake(struct session *session)
{
	struct counters *counters = session->worker->counters;

	if (session->phase != SESSION_OPEN || session->login_asked || session->awaited > 0)
		return false;
	session->answered = true;
	counters->connections_accepted++;
	counters->connections_open++;
	counters->connections_speak[session->dialect]++;
	session->transport->accept(session->conn, outbox_waiting(&session->outbox));
	return true;
}

void session_flush(struct session *session)
{
	if (!session->answered && !answer_handshake(session)) {
		refuse_closing(session);
		return;
	}
	while (!session->partial && session->phase != SESSION_DEAD &&
	       outbox_waiting(&session->outbox)) {
		size_t len;
		uint32_t taken;
		bool complete;
		const unsigned char *bytes =
		    outbox_gather(&session->outbox, session->worker->write_scratch, WRITE_BYTES_MAX,
				  &len, &taken);

		if (session->worker->capture)
			session->worker->capture->ops->sent(session->worker->capture, session,
							    bytes, len);
		complete = session_send(session, bytes, len, taken);
		trace_clock(session->worker->trace);
		outbox_sent(&session->outbox, taken, complete);
	}
	if (session->phase == SESSION_CLOSING && session->left && !session->partial &&
	    !session->close_asked) {
		session->close_asked = true;
		session->transport->close(session->conn, session->close_why);
	}
}

void session_forget_kept(struct session *session)
{
	session->worker->outbox_bytes -= session->kept;
	session->kept = 0;
}

void session_writable(struct session *session)
{
	if (!session->partial || session->close_asked)
		return;
	session->partial = false;
	session_forget_kept(session);
	trace_clock(session->worker->trace);
	outbox_sent(&session->outbox, 0, true);
	session_flush(session);
}

/* per_second 0: no limit. */
static bool bucket_has_one(struct bucket *bucket, uint64_t tick_ms, uint32_t per_second,
			   uint32_t burst)
{
	uint32_t now = (uint32_t)tick_ms, full = burst * CREDIT_OF_ONE;
	uint64_t credit = bucket->credit + (uint64_t)(now - bucket->tick) * per_second;

	if (per_second == 0)
		return true;
	bucket->credit = credit < full ? (uint32_t)credit : full;
	bucket->tick = now;
	return bucket->credit >= CREDIT_OF_ONE;
}

static bool bucket_take(struct bucket *bucket, uint64_t tick_ms, uint32_t per_second,
			uint32_t burst)
{
	if (!bucket_has_one(bucket, tick_ms, per_second, burst))
		return false;
	bucket->credit -= per_second ? CREDIT_OF_ONE : 0;
	return true;
}

bool session_afford(struct session *session)
{
	const struct limits *limits = &session->worker->bridge->limits;

	return bucket_take(&session->messages, session->worker->tick_ms,
			   limits->messages_per_second, limits->burst);
}

bool session_may_signal(struct session *session)
{
	const struct limits *limits = &session->worker->bridge->limits;

	return bucket_has_one(&session->signals, session->worker->tick_ms,
			      limits->signals_per_second, limits->signals_burst);
}

bool session_afford_signal(struct session *session)
{
	const struct limits *limits = &session->worker->bridge->limits;

	return bucket_take(&session->signals, session->worker->tick_ms, limits->signals_per_second,
			   limits->signals_burst) &&
	       session_may_signal(session);
}

/* ---- how it ends ---- */

void session_mark_leaving(struct session *session)
{
	if (session->leaving)
		return;
	session->leaving = true;
	session->next_leaving = session->worker->leaving;
	session->worker->leaving = session;
}

static bool cut(struct session *session)
{
	if (session->phase == SESSION_DEAD || session->cut)
		return false;
	session->worker->counters->sessions_cut++;
	session->cut = true;
	session->phase = SESSION_CLOSING;
	session->close_why = CLOSE_TOO_SLOW;
	session->pinged_tick = session->worker->tick_ms;
	session_mark_leaving(session);
	return true;
}

void session_cut_for_memory(struct session *session)
{
	if (!cut(session))
		return;
	session->worker->counters->cut_for_memory++;
	session->spilled = true;
}

void session_cut(struct session *session)
{
	struct log_fields fields;

	if (!cut(session))
		return;
	fields = (struct log_fields){ .event = "session_cut",
				      .dialect = session->codec->name,
				      .name = session->peer.self.name };
	log_event_limited(LOG_CUT, LOG_INFO, &fields,
			  "session %u.%u cut: slow client, more than %zu bytes queued",
			  session->ref.worker, session->ref.slot,
			  session->worker->bridge->limits.outbox_bytes);
}

void session_gone(struct session *session)
{
	if (session->phase == SESSION_DEAD)
		return;
	if (session->worker->capture)
		session->worker->capture->ops->gone(session->worker->capture, session);
	if (session->answered) {
		session->worker->counters->connections_open--;
		session->worker->counters->connections_speak[session->dialect]--;
	}
	log_limited(LOG_SESSION, LOG_DEBUG, "session %u.%u gone", session->ref.worker,
		    session->ref.slot);
	session->close_asked = true;
	session->phase = SESSION_DEAD;
	session_mark_leaving(session);
}
