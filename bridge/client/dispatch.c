#include "bridge/client/dispatch.h"

#include <stdlib.h>

#include "bridge/client/answers.h"
#include "bridge/client/auth.h"
#include "bridge/client/entry.h"
#include "bridge/client/membership.h"
#include "bridge/client/push.h"
#include "bridge/core/capture/redact.h"
#include "bridge/core/log/log_limit.h"
#include "bridge/core/worker.h"
#include "bridge/routing/enrich.h"
#include "bridge/routing/routing.h"
#include "bridge/trace/trace.h"
#include "codecs/model/trail.h"
#include "codecs/text/memory.h"
#include "codecs/text/name.h"
#include "routes/room/shard.h"

/* The sink of one decode() call. A draft is judged here as far as the session's worker can; what
 * it refuses is answered when the call is over. */
struct session_sink {
	struct codec_sink doors;
	struct session *session;
	enum reason reason; /* why dispatch refused what came through a door */
	bool login_failed;  /* that was a login */
	bool paid;          /* by the rate limit of messages; else it is a signal */
	struct slice correlation;
	struct slice trail; /* that came with it */
};

static void refuse(struct session_sink *sink, enum reason reason, struct slice correlation)
{
	sink->session->worker->counters->intake.refused[reason]++;
	sink->reason = reason;
	sink->correlation = correlation;
}

/* A message known by its id alone is in one of the session's rooms of that id's shard. When there
 * are several such rooms, their owner looks (POST_DRAFT without a room). */
static enum reason room_of_target(struct session *session, uint64_t target,
				  struct room_entry **room, unsigned *owner)
{
	unsigned shard = id_shard(target);
	size_t found = 0;

	*owner = shard_owner(shard, session->worker->bridge->worker_count);
	for (size_t i = 0; i < session->membership_count && found < 2; i++)
		if (session->memberships[i].room->shard == shard && found++ == 0)
			*room = session->memberships[i].room;
	if (found > 1)
		*room = NULL;
	return found > 0 ? REASON_NONE : REASON_UNKNOWN_MESSAGE;
}

static enum reason room_of_draft(struct session *session, const struct codec_draft *draft,
				 struct room_entry **room, unsigned *owner)
{
	*room = NULL;
	if (draft->room_number || draft->room_id.data) {
		*room = room_table_called(session->worker->rooms, session->dialect,
					  draft->room_number, draft->room_id);
		if (!*room)
			return REASON_UNKNOWN_ROOM;
	} else if (draft->event.target) {
		return room_of_target(session, draft->event.target, room, owner);
	} else if (session->membership_count > 0) {
		*room = session->memberships[0].room;
	}
	if (!*room || !session_membership(session, *room))
		return REASON_NOT_MEMBER;
	*owner = (*room)->owner;
	return REASON_NONE;
}

static void send_draft(const struct session_sink *sink, const struct codec_draft *draft,
		       struct room_entry *room, unsigned owner)
{
	struct session *session = sink->session;
	struct worker *worker = session->worker;
	struct routing_start start = { .origin = session->dialect, .room = room, .owner = owner };
	struct envelope event = draft->event;

	event.author = session->peer.self;
	if (room)
		event.author.roles = session_membership(session, room)->roles;
	event.id = event.sequence = 0;
	event.time_ms = worker->now_ms;
	event.room = room ? room->rules.name : (struct slice){ 0 };
	event.origin.instance = slice_of(session->mount->path);
	event.origin.trail = sink->trail;
	event.extra = (struct slice){ 0 };
	start.asker = asker_of_session(session->ref, session_ticket(session));
	routing_begin(worker, &session->lane, &start, enrich_about(worker->bridge, &event));
}

/* Entering and leaving are asked for as events by dialects that have a word for it. */
static enum reason draft_enter(struct session *session, const struct codec_draft *draft)
{
	struct room_entry *room = room_table_called(session->worker->rooms, session->dialect,
						    draft->room_number, draft->room_id);

	if (!room)
		return REASON_UNKNOWN_ROOM;
	if (session_membership(session, room))
		return REASON_ALREADY;
	if (!entry_join(session, room))
		return REASON_TOO_MANY;
	entry_ask(session, room, false, session_ticket(session), draft->event.correlation);
	return REASON_NONE;
}

static enum reason draft_exit(struct session *session, const struct codec_draft *draft)
{
	struct room_entry *room = room_table_called(session->worker->rooms, session->dialect,
						    draft->room_number, draft->room_id);

	if (!room)
		return REASON_UNKNOWN_ROOM;
	if (!session_membership(session, room))
		return REASON_NOT_MEMBER;
	session->worker->counters->intake.accepted++;
	entry_part(session, room, true, session_ticket(session));
	return REASON_NONE;
}

static enum reason draft_judge(struct session_sink *sink, const struct codec_draft *draft)
{
	struct session *session = sink->session;
	struct room_entry *room = NULL;
	unsigned owner = 0;
	enum reason reason;

	if (draft->event.kind == KIND_ENTER)
		return draft_enter(session, draft);
	if (draft->event.kind == KIND_EXIT)
		return draft_exit(session, draft);
	reason = room_of_draft(session, draft, &room, &owner);
	if (reason == REASON_NONE && session->peer.self.number == 0)
		reason = REASON_NO_RIGHT;
	if (reason != REASON_NONE)
		return reason;
	session->worker->counters->intake.accepted++;
	send_draft(sink, draft, room, owner);
	return REASON_NONE;
}

/* What clients send by themselves, and much of it at once when a room is opened. */
static bool is_signal(enum envelope_kind kind)
{
	return kind == KIND_READ || kind == KIND_TYPING;
}

static bool sink_pays(struct session_sink *sink)
{
	sink->paid = session_afford(sink->session);
	return sink->paid;
}

/* It is recorded all the same. */
static void record_refused(struct session *session, const struct codec_draft *draft,
			   enum reason reason)
{
	struct trace_source source = { .origin = session->dialect, .asker = ASKER_SESSION };
	struct envelope event = draft->event;

	event.author = session->peer.self;
	event.origin.instance = slice_of(session->mount->path);
	(void)trace_came(session->worker->trace, &source, &event, session->worker->now_ms, reason);
}

static void sink_draft(struct codec_sink *doors, const struct codec_draft *draft)
{
	struct session_sink *sink = (struct session_sink *)doors;
	enum reason reason;

	if (is_signal(draft->event.kind) || sink_pays(sink))
		reason = draft_judge(sink, draft);
	else
		reason = REASON_RATE_LIMITED;
	if (reason == REASON_NONE)
		return;
	sink->session->worker->counters->intake.accepted++;
	if (sink->session->worker->trace)
		record_refused(sink->session, draft, reason);
	refuse(sink, reason, draft->event.correlation);
}

/* Login failures are answered, and cost the connection after a few. */
static void login_refused(struct session_sink *sink, enum reason reason, struct slice correlation)
{
	sink->reason = reason;
	sink->correlation = correlation;
	sink->login_failed = reason != REASON_ALREADY;
}

static void sink_login(struct codec_sink *doors, const struct codec_login *login)
{
	struct session_sink *sink = (struct session_sink *)doors;
	struct session *session = sink->session;
	struct room_entry *room = session->mount->room;
	enum reason reason = REASON_NONE;

	if (login->room_number || login->room_id.data)
		room = room_table_called(session->worker->rooms, session->dialect,
					 login->room_number, login->room_id);
	if (session->peer.logged_in || session->login_asked)
		reason = REASON_ALREADY;
	else if (room)
		reason = auth_login(session, login, room, true);
	if (reason == REASON_NONE && !room) {
		reason = REASON_UNKNOWN_ROOM;
		auth_refused(session, login->name, login->claimed_number, NULL, reason);
	}
	if (reason == REASON_NONE && session->peer.logged_in)
		auth_enter_rooms(session, room, session_ticket(session), login->correlation);
	else if (reason != REASON_NONE)
		login_refused(sink, reason, login->correlation);
}

static enum reason query_judge(struct session_sink *sink)
{
	if (!sink_pays(sink))
		return REASON_RATE_LIMITED;
	return sink->session->membership_count == 0 ? REASON_NOT_MEMBER : REASON_NONE;
}

static void sink_query(struct codec_sink *doors, const struct codec_query *query)
{
	struct session_sink *sink = (struct session_sink *)doors;
	struct session *session = sink->session;
	enum reason reason = query_judge(sink);
	struct post_query *post;

	session->worker->counters->intake.accepted++;
	if (reason != REASON_NONE) {
		refuse(sink, reason, query->correlation);
		return;
	}
	post = post_new(POST_QUERY);
	post->post.asker = asker_of_session(session->ref, session_ticket(session));
	post->room = session->memberships[0].room;
	post->count = query->count;
	if (query->correlation.data)
		post->correlation = memory_text(query->correlation.data, query->correlation.len);
	post->correlation_len = query->correlation.len;
	worker_post(session->worker, post->room->owner, &post->post);
}

static void sink_answer(struct codec_sink *doors, struct frame *frame)
{
	struct session_sink *sink = (struct session_sink *)doors;

	session_answer(sink->session, TICKET_NONE, frame);
}

static struct session_sink sink_of(struct session *session)
{
	return (struct session_sink){ .doors = { .draft = sink_draft,
						 .login = sink_login,
						 .query = sink_query,
						 .answer = sink_answer },
				      .session = session };
}

/* Not the frame itself, at no level: with a slip of the hand any frame can hold a secret, and
 * those of the rooms dialect all do. */
static void log_bad_frame(const struct session *session, struct slice text, enum reason reason)
{
	struct log_fields fields = { .event = "message_refused",
				     .reason = reason_code(reason),
				     .dialect = session->codec->name };

	log_event_limited(LOG_BAD_FRAME, LOG_DEBUG, &fields, "session %u.%u %s: %s, %zu bytes",
			  session->ref.worker, session->ref.slot, fields.dialect, fields.reason,
			  text.len);
}

/* What it means is not known: what looks like a secret is not kept, and of what comes before a
 * login nothing is. */
static void record_invalid(struct session *session, struct slice text, enum reason reason)
{
	const struct worker *worker = session->worker;
	struct trace_source source = { .origin = session->dialect, .asker = ASKER_SESSION };
	struct redactor redactor = { .key = worker->bridge->key,
				     .ids = &worker->bridge->key,
				     .bodies = true };
	struct json_writer kept = { .data = NULL };

	if (worker->trace->bodies && !session->codec->forbids_history) {
		json_start(&kept, 0, text.len + 80);
		redact_frame(&redactor, session->codec->words, text, !session->peer.logged_in,
			     &kept);
	}
	trace_invalid(worker->trace, &source, &session->peer.self, slice_of(session->mount->path),
		      worker->now_ms, reason, slice_span(kept.data, kept.len), text.len);
	json_clear(&kept);
}

void dispatch_frame(struct session *session, struct slice text, bool binary)
{
	struct session_sink sink = sink_of(session);
	struct codec_reply reply = { .kind = REPLY_REFUSED };
	char trail[TRAIL_MAX];

	if (session->peer.dragoman)
		sink.trail = trail_find(text, session->peer.json_depth, trail);
	trace_reads(session->worker->trace, text, !session->codec->forbids_history);
	reply.reason = session->codec->serves->decode(&session->peer, text, &sink.doors);
	trace_read(session->worker->trace);
	if (!sink.paid && !session_afford_signal(session))
		session_throttle(session);
	if (reply.reason != REASON_NONE) {
		session->worker->counters->bad_frames[reply.reason]++;
		if (session->worker->trace)
			record_invalid(session, text, reply.reason);
		reply.correlation = session->peer.correlation;
	} else if (sink.reason != REASON_NONE) {
		reply.reason = sink.reason;
		reply.correlation = sink.correlation;
	} else {
		return;
	}
	log_bad_frame(session, text, reply.reason);
	/* A text frame must be UTF-8 by RFC 6455; only what did not decode can be otherwise. */
	if (reply.reason == REASON_MALFORMED && !binary && !text_is_utf8(text)) {
		session_close(session, CLOSE_NOT_UTF8);
		return;
	}
	session_reply(session, TICKET_NONE, &reply);
	if (sink.login_failed)
		auth_failed(session);
}

void dispatch_greeting(struct session *session)
{
	struct session_sink sink = sink_of(session);

	if (session->codec->serves->open)
		session->codec->serves->open(&session->peer, &sink.doors);
}
