#include "bridge/backend/backend.h"

#include <stdio.h>
#include <stdlib.h>

#include "bridge/backend/hear.h"
#include "bridge/backend/tell.h"
#include "bridge/core/directory.h"
#include "bridge/core/log/log.h"
#include "bridge/core/login.h"
#include "bridge/trace/trace.h"
#include "codecs/text/memory.h"
#include "conf/conf.h"

#define TURN_MESSAGES 256
#define UNHEARD_MS    5000
#define NOBODY        ((struct slice){ NULL, 0 })

const char *backend_endpoint(const struct backend *backend)
{
	return backend->endpoint;
}

void backend_look(const struct backend *backend, struct backend_state *state)
{
	*state = (struct backend_state){ .instances = pool_instances(backend->pool),
					 .waiting = pool_waiting(backend->pool),
					 .requests = backend->requests.count };
}

/* ---- sending ---- */

static uint64_t time_left(const struct backend_item *item)
{
	uint64_t now = backend_worker(item->backend)->tick_ms;

	return item->item.deadline_ms > now ? item->item.deadline_ms - now : 0;
}

static struct slice rule_of(const struct post_backend *post)
{
	return post->table ? route_table_name(post->table, post->rule) : (struct slice){ NULL, 0 };
}

static void write_login(struct backend *backend, const struct backend_item *item)
{
	const struct login_claim *claim = item->post->login;
	struct wire_login login = { .dialect = slice_of(claim->dialect),
				    .mount = slice_of(claim->mount),
				    .name = { claim->name, claim->name_len },
				    .secret = { claim->secret, claim->secret_len },
				    .number = claim->number };
	struct wire_ask ask = { .id = item->item.id,
				.deadline_ms = time_left(item),
				.again = item->item.repeated,
				.login = &login };

	wire_put_ask(writer_clear(&backend->meta), &ask);
}

static void write_ask(struct backend *backend, const struct backend_item *item)
{
	struct wire_ask ask = { .id = item->item.id,
				.rule = rule_of(item->post),
				.deadline_ms = time_left(item),
				.again = item->item.repeated };

	wire_put_ask(writer_clear(&backend->meta), &ask);
}

static void write_event(struct backend *backend, const struct backend_item *item)
{
	struct wire_event event = { .id = item->item.id,
				    .cause = item->post->cause,
				    .rule = rule_of(item->post),
				    .deadline_ms = time_left(item),
				    .again = item->item.repeated };

	wire_put_event(writer_clear(&backend->meta), &event);
}

static enum pool_sent item_send(void *owner, struct slice identity, struct pool_item *pooled)
{
	struct backend *backend = owner;
	struct backend_item *item = backend_item_of(pooled);
	bool login = item->post->post.kind == POST_LOGIN;
	bool ask = login || item->post->post.kind == POST_ASK;
	enum socket_sent sent;

	if (login)
		write_login(backend, item);
	else if (ask)
		write_ask(backend, item);
	else
		write_event(backend, item);
	if (!login)
		wire_put_envelope(writer_clear(&backend->body), item->post->event);
	sent = backend_send(backend, identity, ask ? WIRE_ASK : WIRE_EVENT, !login);
	backend_ledger(backend)->repeated += sent == SOCKET_SENT && pooled->repeated;
	if (login && backend->meta.data)
		explicit_bzero(backend->meta.data, backend->meta.len);
	return sent == SOCKET_SENT ? POOL_SENT : sent == SOCKET_FULL ? POOL_BLOCKED : POOL_LOST;
}

static void say_only(struct backend *backend, struct slice identity, enum wire_command command)
{
	struct json_writer *w = writer_clear(&backend->meta);

	json_object_open(w);
	json_object_close(w);
	backend_send(backend, identity, command, false);
}

static void beat(void *owner, struct slice identity)
{
	say_only(owner, identity, WIRE_HEARTBEAT);
}

static void bye(void *owner, struct slice identity)
{
	say_only(owner, identity, WIRE_BYE);
}

/* Which, and why. */
static void tell_gone(struct backend *backend, struct slice identity, enum pool_gone why)
{
	char shown[INSTANCE_SHOWN];
	const char *name = backend_name(backend);

	instance_show(identity, shown);
	if (why == POOL_LEFT)
		log_line(LOG_INFO, "backend %s: instance %s has left with BYE", name, shown);
	else if (why == POOL_CUT)
		log_line(LOG_WARNING, "backend %s: instance %s is dead: its connection was lost",
			 name, shown);
	else
		log_line(
		    LOG_WARNING,
		    "backend %s: instance %s is dead: heartbeat timeout, it sent nothing for %d ms",
		    name, shown, backend->conf->heartbeat_ms * POOL_BEATS_MISSED);
}

static void gone(void *owner, struct slice identity, enum pool_gone why)
{
	struct backend *backend = owner;

	backend_present(backend);
	if (why == POOL_LEFT)
		backend_ledger(backend)->left++;
	else
		backend_ledger(backend)->died++;
	if (backend_tells_news(backend))
		tell_gone(backend, identity, why);
}

/* ---- settling ---- */

static enum reason reason_of(enum pool_outcome outcome)
{
	switch (outcome) {
	case POOL_EXPIRED:
	case POOL_UNAVAILABLE: return REASON_NO_ANSWER;
	case POOL_FULL: return REASON_BUSY;
	case POOL_CLOSED: return REASON_CLOSING;
	default: return REASON_NONE;
	}
}

static void tell_outcome(struct backend *backend, enum pool_outcome outcome)
{
	if (outcome == POOL_UNAVAILABLE)
		backend_tell(backend, CAUSE_UNAVAILABLE, NOBODY, "no instance is connected", "");
	else if (outcome == POOL_FULL)
		backend_tell(backend, CAUSE_FULL, NOBODY, "its queue is full", "");
	else if (outcome == POOL_EXPIRED)
		backend_tell(backend, CAUSE_EXPIRED, NOBODY, "timeout: it did not answer in time",
			     "");
}

static void count_ask(struct backend_ledger *ledger, enum pool_outcome outcome,
		      const struct answer *answer)
{
	if (outcome != POOL_ANSWERED)
		ledger->asks_failed[outcome]++;
	else if (answer->reason != REASON_NONE)
		ledger->refused++;
	else if (answer->changes_text || answer->changes_action)
		ledger->changed++;
	else
		ledger->allowed++;
}

static void count_event(struct backend_ledger *ledger, enum pool_outcome outcome)
{
	if (outcome == POOL_ANSWERED)
		ledger->acknowledged++;
	else
		ledger->events_failed[outcome]++;
}

/* A destination's draft ends here; a tap's copy and presence were never drafts. */
static void count_draft(struct intake *intake, const struct post_backend *post, enum reason reason)
{
	if (post->cause != WIRE_CAUSE_ROUTE)
		return;
	if (reason == REASON_NONE)
		intake->routed++;
	else
		intake->refused[reason]++;
}

/* Who asked is told; what was asked goes back where it matters. */
static void answer(struct worker *worker, struct post_backend *post, struct answer *answer)
{
	answer->room = post->room;
	switch (post->post.kind) {
	case POST_ASK: answer->kind = ANSWER_VERDICT; break;
	case POST_LOGIN:
		answer->kind = ANSWER_LOGIN;
		answer->login = post->login;
		post->login = NULL;
		break;
	default:
		answer->kind = ANSWER_DONE;
		answer->event = post->event;
		post->event = NULL;
		break;
	}
	worker_answer(worker, &post->post.asker, answer);
	post_free(&post->post);
}

/* The room cannot go while it is named here. */
static struct room_entry *room_named(const struct post_backend *post)
{
	return post->login ? post->login->room : post->room;
}

static void settled(void *owner, struct pool_item *pooled, enum pool_outcome outcome)
{
	struct room_entry *room = room_named(backend_item_of(pooled)->post);
	struct backend *backend = owner;
	struct backend_item *item = backend_item_of(pooled);
	struct worker *worker = backend_worker(backend);

	tell_outcome(backend, outcome);
	if (outcome != POOL_ANSWERED)
		item->answer.reason = reason_of(outcome);
	if (item->post->post.kind == POST_EVENT) {
		count_event(backend_ledger(backend), outcome);
		count_draft(&worker->counters->intake, item->post, item->answer.reason);
		trace_note(worker->trace, item->post->event,
			   (struct trace_note){ .what = TRACE_BACKEND,
						.reason = (uint8_t)item->answer.reason,
						.index = (uint32_t)backend->index });
	} else {
		count_ask(backend_ledger(backend), outcome, &item->answer);
	}
	answer(worker, item->post, &item->answer);
	memory_give(item, sizeof(*item));
	if (room)
		atomic_fetch_sub_explicit(&room->items, 1, memory_order_release);
}

static const struct pool_ops pool_ops = {
	.send = item_send,
	.beat = beat,
	.settled = settled,
	.gone = gone,
};

/* ---- mail ---- */

/* Where it is counted while the pool has it. */
static void count_held(struct backend_item *item)
{
	struct backend_ledger *ledger = backend_ledger(item->backend);

	if (item->post->post.kind != POST_EVENT)
		item->item.held[0] = &ledger->asks_under_way;
	else
		item->item.held[0] = &ledger->events_under_way;
	if (post_is_draft(&item->post->post))
		item->item.held[1] = &backend_worker(item->backend)->counters->intake.waiting;
}

/* Takes post. */
static struct backend_item *item_of(struct worker *worker, struct post_backend *post)
{
	struct backend *backend = worker->bridge->backends[post->backend];
	struct backend_item *item = memory_take_zeroed(sizeof(*item));
	uint32_t deadline = post->deadline_ms;

	item->backend = backend;
	item->post = post;
	item->item.id = id_next(&worker->clock, worker->now_ms, worker->index);
	item->item.deadline_ms =
	    worker->tick_ms + (deadline ? deadline : (uint32_t)backend->conf->deadline_ms);
	count_held(item);
	if (post->room)
		item->item.room = post->room->rules.name;
	if (room_named(post))
		atomic_fetch_add_explicit(&room_named(post)->items, 1, memory_order_relaxed);
	return item;
}

static void put(struct worker *worker, struct backend_item *item)
{
	if (item->backend->pool)
		pool_put(item->backend->pool, &item->item, worker->tick_ms);
	else
		settled(item->backend, &item->item, POOL_CLOSED);
}

void backend_ask(struct worker *worker, struct post *post)
{
	struct backend_item *item = item_of(worker, (struct post_backend *)post);

	backend_ledger(item->backend)->asked++;
	put(worker, item);
}

void backend_event(struct worker *worker, struct post *post)
{
	struct backend_item *item = item_of(worker, (struct post_backend *)post);

	backend_ledger(item->backend)->events++;
	put(worker, item);
}

/* One event for every instance that wants it. */
struct presence {
	struct backend *backend;
	const struct post_backend *post;
};

static void presence_one(void *context, struct slice identity)
{
	const struct presence *presence = context;
	struct worker *worker = backend_worker(presence->backend);
	struct post_backend *copy = post_new(POST_EVENT);
	struct backend_item *item;

	copy->room = presence->post->room;
	copy->event = envelope_hold(presence->post->event);
	copy->backend = presence->post->backend;
	copy->cause = WIRE_CAUSE_PRESENCE;
	item = item_of(worker, copy);
	backend_ledger(presence->backend)->events++;
	pool_put_to(presence->backend->pool, identity, &item->item, worker->tick_ms);
}

void backend_presence(struct worker *worker, struct post *post)
{
	const struct post_backend *event = (struct post_backend *)post;
	struct presence presence = { worker->bridge->backends[event->backend], event };

	if (presence.backend->pool)
		pool_each_present(presence.backend->pool, event->room->rules.name, presence_one,
				  &presence);
}

/* ---- turns ---- */

static bool backend_turn(struct backend *backend)
{
	struct socket_message message;

	for (int i = 0; i < TURN_MESSAGES; i++) {
		if (!backend->ops->receive(backend->socket, &message)) {
			backend->used = false;
			return false;
		}
		backend_hear(backend, &message);
	}
	backend->used = true;
	return true;
}

/* Looking in vain costs two system calls, and there are two turns for each wait. */
static bool may_have_said(const struct backend *backend)
{
	return backend->ops &&
	       (!backend->ops->fires || backend->used || backend_worker(backend)->fired);
}

bool backends_turn(struct worker *worker)
{
	bool more = false;

	for (size_t b = 0; b < worker->bridge->backend_count; b++) {
		struct backend *backend = worker->bridge->backends[b];

		if (backend_owner(worker->bridge, b) == worker->index && may_have_said(backend))
			more |= backend_turn(backend);
	}
	worker->fired = false;
	return more;
}

/* Somebody is connected of whom nothing is heard. */
static void tend_unheard(struct backend *backend, uint32_t connected)
{
	uint64_t now = backend_worker(backend)->tick_ms;

	if (connected <= pool_instances(backend->pool))
		backend->unheard_ms = 0;
	else if (!backend->unheard_ms)
		backend->unheard_ms = now;
	else if (now - backend->unheard_ms >= UNHEARD_MS)
		backend_tell(
		    backend, CAUSE_UNHEARD, NOBODY, "a connection has sent no valid READY",
		    "it sends no READY, or its routing identity is, or was when it connected, that "
		    "of another connection (leave the identity to ZeroMQ)");
}

static void tend_unreachable(struct backend *backend, const struct socket_news *news)
{
	char detail[320];

	if (!news->unreachable) {
		backend->told &= ~(UINT32_C(1) << CAUSE_UNREACHABLE);
		return;
	}
	snprintf(detail, sizeof(detail), "%s: %s", news->unreachable, news->why);
	backend_tell(backend, CAUSE_UNREACHABLE, NOBODY, "cannot connect, retrying", detail);
}

static void backend_tend(struct backend *backend)
{
	struct backend_ledger *ledger = backend_ledger(backend);
	struct socket_news news = { .refused = 0 };

	if (!backend->ops || !backend->ops->tend)
		return;
	backend->ops->tend(backend->socket, &news);
	backend->used = true;
	ledger->keys_refused = news.refused;
	ledger->handshakes_failed = news.failed;
	if (news.refused)
		backend_tell(backend, CAUSE_KEYS, NOBODY, "a peer without a valid key was refused",
			     "");
	if (news.failed)
		backend_tell(
		    backend, CAUSE_HANDSHAKE, NOBODY,
		    "a peer connected with a socket that is not a DEALER, or violated the protocol",
		    "");
	tend_unheard(backend, news.connected);
	tend_unreachable(backend, &news);
}

/* What has arrived is heard first: a long pause of ours is not the silence of others. */
void backends_tick(struct worker *worker)
{
	worker->more_waiting = backends_turn(worker);
	for (size_t b = 0; b < worker->bridge->backend_count; b++) {
		struct backend *backend = worker->bridge->backends[b];

		if (backend_owner(worker->bridge, b) != worker->index || !backend->pool)
			continue;
		pool_tick(backend->pool, worker->tick_ms);
		backend_tend(backend);
	}
}

void backends_bye(struct worker *worker)
{
	for (size_t b = 0; b < worker->bridge->backend_count; b++) {
		struct backend *backend = worker->bridge->backends[b];

		if (backend_owner(worker->bridge, b) == worker->index && backend->pool)
			pool_each(backend->pool, bye, backend);
	}
}

/* ---- up and down ---- */

static bool speakers_make(struct backend *backend, FILE *errors)
{
	const struct conf_list *names = &backend->conf->speaks_as;

	backend->speakers = memory_zeroed(names->count, sizeof(*backend->speakers));
	for (size_t i = 0; i < names->count; i++) {
		struct person *speaker = &backend->speakers[backend->speaker_count];

		if (!directory_reserve(backend->bridge->directory, names->items[i], speaker)) {
			fprintf(errors, "dragoman: backend \"%s\": the name \"%s\" is taken\n",
				backend_name(backend), names->items[i]);
			return false;
		}
		speaker->name = slice_of(names->items[i]);
		backend->speaker_count++;
	}
	return true;
}

struct backend *backend_new(struct bridge *bridge, size_t index, const struct conf_backend *conf,
			    FILE *errors)
{
	struct pool_limits limits = { .queue = (uint32_t)conf->queue,
				      .heartbeat_ms = (uint32_t)conf->heartbeat_ms,
				      .instances = INSTANCES_MAX,
				      .credits = WIRE_CREDITS_MAX };
	struct backend *backend = memory_zeroed(1, sizeof(*backend));

	backend->bridge = bridge;
	backend->conf = conf;
	backend->index = index;
	backend->owner = backend_owner(bridge, index);
	backend->pool = pool_new(&limits, &pool_ops, backend);
	json_start(&backend->meta, 0, 512);
	json_start(&backend->body, 0, 1024);
	if (speakers_make(backend, errors))
		return backend;
	backend_free(backend);
	return NULL;
}

void backend_close(struct backend *backend)
{
	if (!backend)
		return;
	backend->ops = NULL;
	pool_free(backend->pool);
	backend->pool = NULL;
}

void backend_free(struct backend *backend)
{
	if (!backend)
		return;
	backend_close(backend);
	json_clear(&backend->meta);
	json_clear(&backend->body);
	requests_clear(&backend->requests);
	free(backend->speakers);
	free(backend->scratch);
	free(backend);
}

void backend_attach(struct backend *backend, const struct socket_ops *ops, void *socket,
		    const char *endpoint)
{
	backend->endpoint = endpoint;
	backend->ops = ops;
	backend->socket = socket;
	backend->used = true;
}
