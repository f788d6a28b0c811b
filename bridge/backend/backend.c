#include "bridge/backend/backend.h"

#include <stdlib.h>

#include "bridge/backend/backend_own.h"
#include "bridge/core/directory.h"
#include "bridge/core/log.h"
#include "codecs/text/memory.h"
#include "conf/conf.h"

#define TURN_MESSAGES 256

#define NEWS_PERIOD_MS 10000
#define NEWS_MAX       (2 * INSTANCES_MAX) /* that many in a period: all may come, and all go */

/* ---- what it is ---- */

const char *backend_name(const struct backend *backend)
{
	return backend->conf->name;
}

const char *backend_endpoint(const struct backend *backend)
{
	return backend->endpoint;
}

struct worker *backend_worker(const struct backend *backend)
{
	return backend->bridge->workers[backend->owner];
}

struct backend_ledger *backend_ledger(const struct backend *backend)
{
	return &backend_worker(backend)->counters->backends[backend->index];
}

void backend_tell(struct backend *backend, enum backend_cause cause, const char *what,
		  const char *detail)
{
	if (backend->told & UINT32_C(1) << cause)
		return;
	backend->told |= UINT32_C(1) << cause;
	log_line(LOG_WARNING, "backend %s: %s%s%s; further ones are only counted",
		 backend_name(backend), what, *detail ? ": " : "", detail);
}

bool backend_tells_news(struct backend *backend)
{
	uint64_t now_ms = backend_worker(backend)->tick_ms;

	if (now_ms - backend->news_ms >= NEWS_PERIOD_MS) {
		backend->news_ms = now_ms;
		backend->news_told = 0;
	}
	if (backend->news_told > NEWS_MAX)
		return false;
	if (++backend->news_told <= NEWS_MAX)
		return true;
	log_line(LOG_WARNING,
		 "backend %s: instances come and go too fast; they are only counted for a while",
		 backend_name(backend));
	return false;
}

/* ---- sending ---- */

struct json_writer *writer_clear(struct json_writer *w)
{
	w->len = 0;
	w->comma = false;
	return w;
}

enum socket_sent backend_send(struct backend *backend, struct slice identity,
			      enum wire_command command, bool with_body)
{
	struct slice frames[5] = { identity, SLICE(WIRE_PROTOCOL),
				   slice_of(wire_command_name(command)),
				   slice_span(backend->meta.data, backend->meta.len),
				   slice_span(backend->body.data, backend->body.len) };

	if (!backend->ops)
		return SOCKET_GONE;
	return backend->ops->send(backend->socket, frames, with_body ? 5 : 4);
}

void backend_error(struct backend *backend, struct slice identity, struct slice id,
		   struct slice code, struct slice text)
{
	wire_put_error(writer_clear(&backend->meta), id, code, text);
	backend_send(backend, identity, WIRE_ERROR, false);
}

struct backend_item *backend_item_of(struct pool_item *item)
{
	return (struct backend_item *)item;
}

static uint64_t time_left(const struct backend_item *item)
{
	uint64_t now = backend_worker(item->backend)->tick_ms;

	return item->item.deadline_ms > now ? item->item.deadline_ms - now : 0;
}

static void write_login(struct backend *backend, const struct backend_item *item)
{
	const struct login_claim *claim = item->post->errand->login;
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
				.rule = errand_rule(item->post->errand),
				.deadline_ms = time_left(item),
				.again = item->item.repeated };

	wire_put_ask(writer_clear(&backend->meta), &ask);
}

static void write_event(struct backend *backend, const struct backend_item *item)
{
	struct wire_event event = { .id = item->item.id,
				    .cause = item->post->errand->cause,
				    .rule = errand_rule(item->post->errand),
				    .deadline_ms = time_left(item),
				    .again = item->item.repeated };

	wire_put_event(writer_clear(&backend->meta), &event);
}

static enum pool_sent item_send(void *owner, struct slice identity, struct pool_item *pooled)
{
	struct backend *backend = owner;
	struct backend_item *item = backend_item_of(pooled);
	bool ask = item->post->kind == POST_ASK, login = item->post->errand->login;
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

static void gone(void *owner, struct slice identity, bool died)
{
	struct backend *backend = owner;

	(void)identity;
	if (died)
		backend_ledger(backend)->died++;
	else
		backend_ledger(backend)->left++;
	if (backend_tells_news(backend))
		log_line(died ? LOG_WARNING : LOG_INFO, "backend %s: an instance %s",
			 backend_name(backend), died ? "is dead" : "has left");
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
		backend_tell(backend, CAUSE_UNAVAILABLE, "no instance is there", "");
	else if (outcome == POOL_FULL)
		backend_tell(backend, CAUSE_FULL, "too much waits for it", "");
	else if (outcome == POOL_EXPIRED)
		backend_tell(backend, CAUSE_EXPIRED, "it did not answer in time", "");
}

static void count_ask(struct backend_ledger *ledger, enum pool_outcome outcome,
		      const struct post *post)
{
	if (outcome != POOL_ANSWERED)
		ledger->asks_failed[outcome]++;
	else if (post->reason != REASON_NONE)
		ledger->refused++;
	else if (post->errand->changes_text || post->errand->changes_action)
		ledger->changed++;
	else
		ledger->allowed++;
}

/* The ask's own post goes back as the verdict. */
static void settle_ask(struct worker *worker, struct post *post)
{
	post->kind = POST_VERDICT;
	worker_post(worker, post->errand->worker, post);
}

/* A destination's draft ends here; a tap's copy and presence were never drafts. */
static void settle_event(struct worker *worker, struct post *post)
{
	struct intake *intake = &worker->counters->intake;

	if (post->errand->cause == WIRE_CAUSE_ROUTE && post->reason == REASON_NONE)
		intake->routed++;
	else if (post->errand->cause == WIRE_CAUSE_ROUTE)
		intake->refused[post->reason]++;
	if (post->errand->publication) {
		post->kind = POST_PUBLISHED;
		worker_post(worker, post->errand->worker, post);
	} else if (post->ticket != TICKET_NONE) {
		post->kind = POST_ANSWERED;
		worker_post(worker, post->ref.worker, post);
	} else {
		post_free(post);
	}
}

static void settled(void *owner, struct pool_item *pooled, enum pool_outcome outcome)
{
	struct backend *backend = owner;
	struct backend_item *item = backend_item_of(pooled);
	struct worker *worker = backend_worker(backend);
	struct backend_ledger *ledger = backend_ledger(backend);
	struct post *post = item->post;

	memory_give(item, sizeof(*item));
	tell_outcome(backend, outcome);
	if (outcome != POOL_ANSWERED)
		post->reason = reason_of(outcome);
	if (post->kind == POST_ASK) {
		count_ask(ledger, outcome, post);
		settle_ask(worker, post);
		return;
	}
	if (outcome == POOL_ANSWERED)
		ledger->acknowledged++;
	else
		ledger->events_failed[outcome]++;
	settle_event(worker, post);
}

static const struct pool_ops pool_ops = {
	.send = item_send,
	.beat = beat,
	.settled = settled,
	.gone = gone,
};

/* ---- mail ---- */

static struct backend_item *item_of(struct worker *worker, struct post *post)
{
	struct backend *backend = worker->bridge->backends[post->errand->place];
	struct backend_item *item = memory_take_zeroed(sizeof(*item));
	uint32_t deadline = post->errand->deadline_ms;

	item->backend = backend;
	item->post = post;
	item->item.id = id_next(&worker->clock, worker->now_ms, worker->index);
	item->item.deadline_ms =
	    worker->tick_ms + (deadline ? deadline : (uint32_t)backend->conf->deadline_ms);
	if (post->room)
		item->item.room = post->room->rules.name;
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
	struct backend_item *item = item_of(worker, post);

	backend_ledger(item->backend)->asked++;
	put(worker, item);
}

void backend_event(struct worker *worker, struct post *post)
{
	struct backend_item *item = item_of(worker, post);

	backend_ledger(item->backend)->events++;
	put(worker, item);
}

/* One event for every instance that wants it. */
struct presence {
	struct backend *backend;
	const struct post *post;
};

static void presence_one(void *context, struct slice identity)
{
	const struct presence *presence = context;
	struct worker *worker = backend_worker(presence->backend);
	struct post *copy = post_new(POST_EVENT);
	struct backend_item *item;

	copy->room = presence->post->room;
	copy->event = (struct envelope *)envelope_hold(presence->post->event);
	copy->errand = errand_new();
	copy->errand->place = presence->post->errand->place;
	copy->errand->cause = WIRE_CAUSE_PRESENCE;
	item = item_of(worker, copy);
	backend_ledger(presence->backend)->events++;
	pool_put_to(presence->backend->pool, identity, &item->item, worker->tick_ms);
}

void backend_presence(struct worker *worker, struct post *post)
{
	struct presence presence = { worker->bridge->backends[post->errand->place], post };

	if (!presence.backend->pool)
		return;
	pool_each_present(presence.backend->pool, post->room->rules.name, presence_one, &presence);
}

/* ---- turns ---- */

static bool backend_turn(struct backend *backend)
{
	struct socket_message message;

	if (!backend->ops)
		return false;
	for (int i = 0; i < TURN_MESSAGES; i++) {
		if (!backend->ops->receive(backend->socket, &message))
			return false;
		backend_hear(backend, &message);
	}
	return true;
}

bool backends_turn(struct worker *worker)
{
	bool more = false;

	for (size_t b = 0; b < worker->bridge->backend_count; b++)
		if (backend_owner(worker->bridge, b) == worker->index)
			more |= backend_turn(worker->bridge->backends[b]);
	return more;
}

static void backend_tend(struct backend *backend)
{
	struct backend_ledger *ledger = backend_ledger(backend);

	if (!backend->ops || !backend->ops->tend)
		return;
	ledger->keys_refused = backend->ops->tend(backend->socket);
	if (ledger->keys_refused)
		backend_tell(backend, CAUSE_KEYS, "somebody without the right key is turned away",
			     "");
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
}
