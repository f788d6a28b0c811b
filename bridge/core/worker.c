#include "bridge/core/worker.h"

#include <stdlib.h>

#include "bridge/core/capture/capture.h"
#include "codecs/text/memory.h"
#include "routes/room/judge.h"

#define SLOTS_FIRST 64
#define POSTS_HELD  64 /* then the other thread may begin */

/* Upgrade requests are decoded there, too. */
static size_t read_bytes(const struct limits *limits)
{
	size_t most = limits->message_bytes;

	if (most < limits->login_bytes)
		most = limits->login_bytes;
	if (most < limits->http_header_bytes)
		most = limits->http_header_bytes;
	return most + 1;
}

struct worker *worker_new(struct bridge *bridge, unsigned index)
{
	struct worker *worker = memory_zeroed(1, sizeof(*worker));

	worker->bridge = bridge;
	worker->index = index;
	mailbox_init(&worker->box, NULL, worker);
	worker->rooms = room_table_hold(bridge->rooms);
	worker->counters = counters_new();
	worker->write_scratch = memory_new(WRITE_BYTES_MAX);
	worker->read_scratch = memory_new(read_bytes(&bridge->limits));
	return worker;
}

void worker_free(struct worker *worker)
{
	if (!worker)
		return;
	mailbox_clear(&worker->box);
	capture_free(worker->capture);
	for (size_t w = 0; w < WORKERS_MAX; w++)
		post_list_clear(&worker->outgoing[w]);
	post_list_clear(&worker->to_main);
	while (worker->shares)
		worker_share_end(worker, worker->shares);
	room_table_release(worker->rooms);
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

	from->counters->intake.waiting += post_is_draft(post);
	post_list_add(list, post);
	if (to != from->index && list->count >= POSTS_HELD)
		mailbox_post_list(&from->bridge->workers[to]->box, list, false);
}

void worker_post_main(struct worker *from, struct post *post)
{
	post_list_add(&from->to_main, post);
}

void worker_send_mail(struct worker *worker)
{
	struct bridge *bridge = worker->bridge;

	for (unsigned w = 0; w < bridge->worker_count; w++)
		mailbox_post_list(&bridge->workers[w]->box, &worker->outgoing[w],
				  w == worker->index);
	mailbox_post_list(&bridge->main_box, &worker->to_main, false);
}

/* A login is judged for a connection that may have asked for it by its upgrade request alone. */
static bool is_awaited(const struct asker *asker, const struct answer *answer)
{
	return asker_waits(asker) || (answer->login && asker->kind == ASKER_SESSION);
}

void worker_answer(struct worker *worker, const struct asker *asker, const struct answer *answer)
{
	struct post_answer *post;

	if (!is_awaited(asker, answer)) {
		struct answer unwanted = *answer;

		answer_clear(&unwanted);
		return;
	}
	post = post_new(POST_ANSWER);
	post->post.asker = *asker;
	post->answer = *answer;
	worker_post(worker, asker->worker, &post->post);
}

struct room_share *worker_share(struct worker *worker, struct room_entry *room)
{
	struct room_share *share =
	    memory_zeroed(1, sizeof(*share) + registry_count() * sizeof(struct tally));

	share->room = room;
	share->next = worker->shares;
	if (share->next)
		share->next->previous = share;
	worker->shares = share;
	room->shares[worker->index] = share;
	return share;
}

void worker_share_end(struct worker *worker, struct room_share *share)
{
	tallies_add(worker->counters->removed.dialects, share->tallies);
	*(share->previous ? &share->previous->next : &worker->shares) = share->next;
	if (share->next)
		share->next->previous = share->previous;
	share->room->shares[worker->index] = NULL;
	hub_clear(&share->hub);
	free(share);
}

void worker_count(const struct worker *worker, struct counters *sum)
{
	counters_add(sum, worker->counters);
	for (const struct room_share *share = worker->shares; share; share = share->next)
		counters_add_room(
		    sum, atomic_load(&share->room->removed) ? SIZE_MAX : share->room->index,
		    share->tallies);
}

struct session *worker_at(const struct worker *worker, struct session_ref ref)
{
	if (ref.worker != worker->index || ref.slot >= worker->slot_count ||
	    worker->generations[ref.slot] != ref.generation)
		return NULL;
	return worker->slots[ref.slot];
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

void worker_slot_free(struct worker *worker, struct session_ref ref)
{
	worker->slots[ref.slot] = NULL;
	worker->free_slots[worker->free_count++] = ref.slot;
	worker->session_count--;
}
