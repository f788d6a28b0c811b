#include "bridge/core/worker.h"

#include <stdlib.h>

#include "bridge/backend/backend.h"
#include "bridge/client/auth.h"
#include "bridge/client/batch.h"
#include "bridge/client/fanout.h"
#include "bridge/client/session.h"
#include "bridge/core/errand.h"
#include "bridge/net/headers.h"
#include "bridge/order/order.h"
#include "bridge/routing/routing.h"
#include "codecs/text/memory.h"

#define SESSION_TICK_MS 1000

#define SLOTS_FIRST 64
#define MAIL_ROUNDS 8
#define POSTS_HELD  64 /* then the other thread may begin */

/* Upgrade requests are decoded there too. */
static size_t read_bytes(const struct limits *limits)
{
	size_t most = limits->message_bytes;

	if (most < limits->login_bytes)
		most = limits->login_bytes;
	return (most < REQUEST_BYTES_MAX ? REQUEST_BYTES_MAX : most) + 1;
}

static void rooms_make(struct worker *worker)
{
	struct bridge *bridge = worker->bridge;

	worker->rooms = memory_zeroed(bridge->room_count, sizeof(struct room *));
	for (size_t i = 0; i < bridge->room_count; i++)
		if (bridge->rooms[i].owner == worker->index)
			worker->rooms[i] =
			    room_new(&bridge->rooms[i].rules, &worker->clock, worker->index);
}

struct worker *worker_new(struct bridge *bridge, unsigned index)
{
	struct worker *worker = memory_zeroed(1, sizeof(*worker));

	worker->bridge = bridge;
	worker->index = index;
	mailbox_init(&worker->box, NULL, worker);
	worker->hubs = memory_zeroed(bridge->room_count, sizeof(struct hub));
	worker->counters = counters_new(bridge->room_count);
	worker->batch = batch_new(bridge->room_count);
	worker->write_scratch = memory_new(WRITE_BYTES_MAX);
	worker->read_scratch = memory_new(read_bytes(&bridge->limits));
	if (bridge->rules)
		worker->rules = route_table_hold(bridge->rules);
	rooms_make(worker);
	return worker;
}

void worker_free(struct worker *worker)
{
	if (!worker)
		return;
	/* Lanes know where their speakers keep them: these go first. */
	routing_clear(worker);
	for (uint32_t i = 0; i < worker->slot_count; i++)
		if (worker->slots[i])
			session_free(worker->slots[i]);
	mailbox_clear(&worker->box);
	for (size_t w = 0; w < WORKERS_MAX; w++)
		post_list_clear(&worker->outgoing[w]);
	batch_free(worker->batch);
	for (size_t i = 0; i < worker->bridge->room_count; i++) {
		room_free(worker->rooms[i]);
		hub_clear(&worker->hubs[i]);
	}
	free(worker->rooms);
	free(worker->hubs);
	counters_free(worker->counters);
	free(worker->slots);
	free(worker->generations);
	free(worker->free_slots);
	free(worker->write_scratch);
	free(worker->read_scratch);
	free(worker);
}

void worker_post(struct worker *from, unsigned to, struct post *post)
{
	struct post_list *list = &from->outgoing[to];

	post_list_add(list, post);
	if (to != from->index && list->count >= POSTS_HELD)
		mailbox_post_list(&from->bridge->workers[to]->box, list, false);
}

void worker_send_mail(struct worker *worker)
{
	struct bridge *bridge = worker->bridge;

	for (unsigned w = 0; w < bridge->worker_count; w++)
		mailbox_post_list(&bridge->workers[w]->box, &worker->outgoing[w],
				  w == worker->index);
}

static void report(struct worker *worker)
{
	struct post *post = post_new(POST_REPORTED);

	post->counters = counters_new(worker->bridge->room_count);
	counters_add(post->counters, worker->counters);
	mailbox_post(&worker->bridge->main_box, post);
}

static void drain(struct worker *worker)
{
	worker->draining = true;
	for (uint32_t i = 0; i < worker->slot_count; i++)
		if (worker->slots[i])
			session_close(worker->slots[i], 1001, "going away");
}

static void stop(struct worker *worker)
{
	backends_bye(worker);
	worker->stopped = true;
}

static void take_verdict(struct worker *worker, struct post *post)
{
	if (post->errand->login)
		auth_verdict(worker, post);
	else
		routing_verdict(worker, post);
}

static void take_rules(struct worker *worker, struct post *post)
{
	struct post *taken = post_new(POST_RULED);

	taken->rules = route_table_hold(post->rules);
	routing_rules(worker, post->rules);
	post->rules = NULL;
	mailbox_post(&worker->bridge->main_box, taken);
}

/* For the worker that owns a backend. Did it keep the post? */
static bool handle_backend(struct worker *worker, struct post *post)
{
	switch (post->kind) {
	case POST_ASK: return backend_ask(worker, post);
	case POST_EVENT: return backend_event(worker, post);
	case POST_PRESENCE: return backend_presence(worker, post);
	case POST_PUBLISHED: return backend_published(worker, post);
	case POST_LISTED: return backend_members(worker, post);
	default: return false;
	}
}

static void handle(struct worker *worker, struct post *post)
{
	if (handle_backend(worker, post))
		return;
	switch (post->kind) {
	case POST_SOCKET: worker->adopt(worker, post); break;
	case POST_CERTIFICATE: worker->certify(worker, post); break;
	case POST_DRAIN: drain(worker); break;
	case POST_STOP: stop(worker); break;
	case POST_REPORT: report(worker); break;
	case POST_ENTER: order_enter(worker, post); break;
	case POST_LEAVE: order_leave(worker, post); break;
	case POST_DRAFT: order_draft(worker, post); break;
	case POST_QUERY: order_query(worker, post); break;
	case POST_LOCATE: order_locate(worker, post); break;
	case POST_ENTERED: fanout_entered(worker, post); break;
	case POST_BROADCAST: fanout_broadcast(worker, post); break;
	case POST_ANSWERED: fanout_answered(worker, post); break;
	case POST_HISTORY: fanout_history(worker, post); break;
	case POST_LOCATED: routing_located(worker, post); break;
	case POST_VERDICT: take_verdict(worker, post); break;
	case POST_TAP: tap_take(worker, post); break;
	case POST_MEMBERS: order_members(worker, post); break;
	case POST_RULES: take_rules(worker, post); break;
	case POST_ASK:
	case POST_EVENT:
	case POST_PRESENCE:
	case POST_PUBLISHED:
	case POST_LISTED: break; /* handled */
	case POST_GONE:
	case POST_DRAINED:
	case POST_RULED:
	case POST_REPORTED: break; /* for the main thread only */
	}
	post_free(post);
}

/* What mail brings up is mailed in turn: a request takes three rounds to its broadcast. Others may
 * post all the time, so rounds are counted. */
static void take_mail(struct worker *worker)
{
	for (unsigned round = 0; round < MAIL_ROUNDS; round++) {
		struct post *post;

		worker_send_mail(worker);
		post = mailbox_take(&worker->box);
		if (!post)
			return;
		while (post) {
			struct post *next = post->next;

			handle(worker, post);
			post = next;
		}
	}
}

static void flush_dirty(struct worker *worker)
{
	while (worker->dirty) {
		struct session *session = worker->dirty;

		worker->dirty = session->next_dirty;
		session->dirty = false;
		session_flush(session);
	}
}

static void free_dead(struct worker *worker)
{
	while (worker->dead) {
		struct session *session = worker->dead;

		worker->dead = session->next_dead;
		session_free(session);
	}
}

static void tell_drained(struct worker *worker)
{
	if (!worker->draining || worker->drained_told || worker->session_count > 0 ||
	    worker->routing_count > 0)
		return;
	worker->drained_told = true;
	mailbox_post(&worker->bridge->main_box, post_new(POST_DRAINED));
}

void worker_turn(struct worker *worker)
{
	worker->more_waiting = backends_turn(worker);
	take_mail(worker);
	worker_send_mail(worker);
	batch_settle(worker);
	flush_dirty(worker);
	free_dead(worker);
	tell_drained(worker);
	worker_send_mail(worker);
	if (worker->box.wake && !mailbox_is_empty(&worker->box))
		worker->box.wake(worker->box.owner);
}

void worker_tick(struct worker *worker)
{
	order_tick(worker);
	backends_tick(worker);
	taps_tick(worker);
	if (!worker->draining && worker->tick_ms - worker->session_tick_ms < SESSION_TICK_MS)
		return;
	worker->session_tick_ms = worker->tick_ms;
	for (uint32_t i = 0; i < worker->slot_count; i++)
		if (worker->slots[i])
			session_tick(worker->slots[i]);
}

struct session *worker_session(struct worker *worker, struct session_ref ref)
{
	struct session *session;

	if (ref.worker != worker->index || ref.slot >= worker->slot_count)
		return NULL;
	session = worker->slots[ref.slot];
	return session && session->ref.generation == ref.generation &&
		       session->phase != SESSION_DEAD
		   ? session
		   : NULL;
}

static void slots_grow(struct worker *worker)
{
	uint32_t count = worker->slot_count ? worker->slot_count * 2 : SLOTS_FIRST;

	worker->slots = memory_resize(worker->slots, count * sizeof(*worker->slots));
	worker->generations =
	    memory_resize(worker->generations, count * sizeof(*worker->generations));
	worker->free_slots = memory_resize(worker->free_slots, count * sizeof(*worker->free_slots));
	for (uint32_t i = count; i-- > worker->slot_count;) {
		worker->slots[i] = NULL;
		worker->generations[i] = 0;
		worker->free_slots[worker->free_count++] = i;
	}
	worker->slot_count = count;
}

struct session_ref worker_slot_take(struct worker *worker, struct session *session)
{
	struct session_ref ref = { .worker = worker->index };

	if (worker->free_count == 0)
		slots_grow(worker);
	ref.slot = worker->free_slots[--worker->free_count];
	ref.generation = ++worker->generations[ref.slot];
	worker->slots[ref.slot] = session;
	worker->session_count++;
	return ref;
}

void worker_slot_free(struct worker *worker, struct session *session)
{
	worker->slots[session->ref.slot] = NULL;
	worker->free_slots[worker->free_count++] = session->ref.slot;
	worker->session_count--;
}

void worker_mark_dirty(struct worker *worker, struct session *session)
{
	session->dirty = true;
	session->next_dirty = worker->dirty;
	worker->dirty = session;
}

void worker_mark_dead(struct worker *worker, struct session *session)
{
	session->next_dead = worker->dead;
	worker->dead = session;
}
