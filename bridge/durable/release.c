#include "bridge/durable/release.h"

#include <stdlib.h>

#include "bridge/durable/store.h"
#include "bridge/trace/trace.h"
#include "codecs/text/memory.h"
#include "routes/room/judge.h"
#include "routes/room/recording.h"

#define BATCH_FIRST 4096 /* bytes */

/* One batch, and what was posted behind it. */
struct step {
	struct step *next;
	uint64_t number;
	uint64_t since_ms; /* worker->tick_ms */
	size_t bytes;
	uint32_t ordered; /* drafts in it */
	struct post_list posts;
};

struct release {
	uint32_t era;
	uint64_t number;          /* the newest batch */
	struct post_store *batch; /* not sent yet; NULL: there is none */
	struct post_list foreign; /* to be sent behind it */
	struct step *first, *last;
	size_t bytes;      /* in all steps */
	uint64_t again_ms; /* worker->tick_ms; before that drafts are refused */
};

struct release *release_new(void)
{
	return memory_zeroed(1, sizeof(struct release));
}

static void step_free(struct step *step)
{
	post_list_clear(&step->posts);
	free(step);
}

void release_free(struct release *release)
{
	if (!release)
		return;
	while (release->first) {
		struct step *next = release->first->next;

		step_free(release->first);
		release->first = next;
	}
	post_free(release->batch ? &release->batch->post : NULL);
	post_list_clear(&release->foreign);
	free(release);
}

bool release_waits(const struct worker *worker)
{
	return worker->release && worker->release->first;
}

/* Makes a room again what is stored of it. Until that can be read, nothing is said there. */
static void room_return(struct worker *worker, struct room_entry *room)
{
	struct store *store = worker->bridge->store;

	room_erase(room->room);
	room->unread_ms = store->load(store, room, worker_time(worker)) ? 0 : worker->tick_ms;
}

bool release_knows(struct worker *worker, struct room_entry *room)
{
	if (room->unread_ms && worker->tick_ms - room->unread_ms >= RELEASE_AGAIN_MS)
		room_return(worker, room);
	return !room->unread_ms;
}

enum reason release_judges(struct worker *worker, struct room_entry *room, bool changes)
{
	const struct release *release = worker->release;

	if (!release)
		return REASON_NONE;
	if (changes && (worker->tick_ms < release->again_ms || worker->tick_ms < room->again_ms))
		return REASON_UNSTORED;
	if (!release_knows(worker, room))
		return REASON_UNSTORED;
	if (!release->first)
		return REASON_NONE;
	if (release->bytes > RELEASE_BYTES_MOST ||
	    worker->tick_ms - release->first->since_ms > RELEASE_LATE_MS)
		return REASON_BUSY;
	return REASON_NONE;
}

void release_keep(struct worker *worker, struct room_entry *room)
{
	room->home = worker;
	room_record(room->room, release_record, room);
}

/* ---- the batch ---- */

static void batch_open(struct worker *worker)
{
	struct release *release = worker->release;
	struct step *step = memory_zeroed(1, sizeof(*step));
	struct post_store *batch = post_new(POST_STORE);

	batch->worker = worker->index;
	batch->era = release->era;
	batch->number = ++release->number;
	release->batch = batch;
	step->number = batch->number;
	step->since_ms = worker->tick_ms;
	if (release->last)
		release->last->next = step;
	else
		release->first = step;
	release->last = step;
}

static void batch_reserve(struct post_store *batch, size_t more)
{
	size_t room = batch->room ? batch->room : BATCH_FIRST;

	while (room - batch->len < more)
		room *= 2;
	if (room == batch->room)
		return;
	batch->bytes = memory_resize(batch->bytes, room);
	batch->room = room;
}

/* The batch that a record of at most so many bytes fits into. */
static struct post_store *batch_for(struct worker *worker, size_t most)
{
	struct release *release = worker->release;

	if (release->batch && release->batch->len > RELEASE_BATCH_MOST)
		release_send(worker);
	if (!release->batch)
		batch_open(worker);
	batch_reserve(release->batch, most);
	return release->batch;
}

/* Who comes and goes is, where somebody is to be told what they missed. */
static bool is_stored(const struct bridge *bridge, const struct record *record)
{
	switch (record->kind) {
	case RECORD_EVENT:
	case RECORD_PARDON: return true;
	case RECORD_SEAT:
	case RECORD_UNSEAT:
		return bridge->replays && record->event->id &&
		       room_number_lasts(record->event->author.number);
	default: return false;
	}
}

void release_record(void *owner, const struct record *record)
{
	struct room_entry *room = owner;
	struct release *release = room->home->release;
	struct post_store *batch;
	size_t len;

	if (!is_stored(room->home->bridge, record))
		return;
	batch = batch_for(room->home, record_most(record));
	len = record_write(record, batch->bytes + batch->len);
	batch->len += len;
	batch->records++;
	release->last->bytes += len;
	release->bytes += len;
	room->recorded = batch->number;
}

void release_send(struct worker *worker)
{
	struct release *release = worker->release;

	if (!release || !release->batch)
		return;
	mailbox_post(&worker->bridge->store->box, &release->batch->post);
	release->batch = NULL;
	if (release->foreign.first)
		mailbox_post_list(&worker->bridge->store->box, &release->foreign, false);
}

void release_keep_foreign(struct worker *worker, const struct foreign_keeping *keeping)
{
	struct release *release = worker->release;
	struct post_foreign *post;

	if (!release)
		return;
	post = foreign_post(keeping);
	post->follows = true;
	post->worker = worker->index;
	post->era = release->era;
	if (release->batch)
		post_list_add(&release->foreign, &post->post);
	else
		mailbox_post(&worker->bridge->store->box, &post->post);
}

/* ---- what waits ---- */

void release_count(struct worker *worker)
{
	if (!release_waits(worker)) {
		worker->counters->intake.ordered++;
		return;
	}
	worker->counters->intake.waiting++;
	worker->release->last->ordered++;
}

static void let_go(struct worker *worker, struct post *post)
{
	struct store *store = worker->bridge->store;

	if (post->to == POST_TO_MAIN)
		worker_post_main(worker, post);
	else if (post->to == POST_TO_STORE)
		store->read(store, &((struct post_past *)post)->past);
	else
		worker_post(worker, post->to, post);
}

static void hold(struct worker *worker, struct post *post)
{
	if (!release_waits(worker)) {
		let_go(worker, post);
		return;
	}
	worker->counters->intake.waiting += post_is_draft(post);
	post_list_add(&worker->release->last->posts, post);
}

void release_post(struct worker *worker, unsigned to, struct post *post)
{
	post->to = (uint8_t)to;
	hold(worker, post);
}

void release_post_store(struct worker *worker, struct post *post)
{
	post->to = POST_TO_STORE;
	hold(worker, post);
}

void release_post_main(struct worker *worker, struct post *post)
{
	post->to = POST_TO_MAIN;
	hold(worker, post);
}

static void answer(struct worker *worker, const struct asker *asker, const struct answer *answer,
		   bool sure)
{
	struct post_answer *post;

	if (!release_waits(worker)) {
		worker_answer(worker, asker, answer);
		return;
	}
	post = post_new(POST_ANSWER);
	post->post.asker = *asker;
	post->post.sure = sure;
	post->answer = *answer;
	release_post(worker, asker->worker, &post->post);
}

void release_answer(struct worker *worker, const struct asker *asker, const struct answer *it)
{
	answer(worker, asker, it, false);
}

void release_answer_sure(struct worker *worker, const struct asker *asker, const struct answer *it)
{
	answer(worker, asker, it, true);
}

/* An answer that nobody waits for is known as such where it would be sent. */
static void let_go_answer(struct worker *worker, struct post *post)
{
	struct post_answer *held = (struct post_answer *)post;

	worker_answer(worker, &post->asker, &held->answer);
	held->answer = (struct answer){ .kind = ANSWER_DONE };
	post_free(post);
}

static struct step *step_take(struct release *release)
{
	struct step *step = release->first;

	release->first = step->next;
	if (!release->first)
		release->last = NULL;
	release->bytes -= step->bytes;
	return step;
}

/* ---- what becomes of it ---- */

typedef void end_function(struct worker *, struct post *);

static void step_end(struct worker *worker, struct step *step, end_function *end)
{
	struct post *post = step->posts.first;

	step->posts = (struct post_list){ 0 };
	while (post) {
		struct post *next = post->next;

		worker->counters->intake.waiting -= post_is_draft(post);
		end(worker, post);
		post = next;
	}
	step_free(step);
}

static void post_stored(struct worker *worker, struct post *post)
{
	if (post->kind == POST_ANSWER)
		let_go_answer(worker, post);
	else
		let_go(worker, post);
}

static void step_stored(struct worker *worker, struct step *step)
{
	worker->counters->intake.waiting -= step->ordered;
	worker->counters->intake.ordered += step->ordered;
	step_end(worker, step, post_stored);
}

/* Who waits for what did not come about. event: held, taken; it carries the correlation. */
static void tell_unstored(struct worker *worker, const struct asker *asker, struct room_entry *room,
			  const struct envelope *event)
{
	struct answer answer = {
		.kind = ANSWER_DONE, .reason = REASON_UNSTORED, .room = room, .event = event
	};

	worker_answer(worker, asker, &answer);
}

/* Who came or went did so; and a victim of a kick is out, though not banned. */
static bool is_sure(const struct envelope *event)
{
	return event->kind == KIND_ENTER || event->kind == KIND_EXIT || event->kind == KIND_KICK;
}

static void broadcast_unstored(struct worker *worker, struct post *post)
{
	struct post_broadcast *news = (struct post_broadcast *)post;
	const struct envelope *event = news->broadcast->event;

	if (!is_sure(event))
		trace_note(worker->trace, event, (struct trace_note){ .what = TRACE_UNSTORED });
	if (post->asker.kind != ASKER_NOBODY)
		tell_unstored(worker, &post->asker, news->room, envelope_hold(event));
	post->asker = (struct asker){ .kind = ASKER_NOBODY };
	if (is_sure(event))
		let_go(worker, post);
	else
		post_free(post);
}

/* The answer says so instead. */
static void unstored(struct answer *answer)
{
	struct answer refusal = { .kind = answer->kind,
				  .reason = REASON_UNSTORED,
				  .room = answer->room,
				  .correlation = answer->correlation,
				  .correlation_len = answer->correlation_len,
				  .event = answer->event };

	answer->event = NULL;
	answer->correlation = NULL;
	answer_clear(answer);
	*answer = refusal;
}

static void answer_unstored(struct worker *worker, struct post *post)
{
	struct answer *answer = &((struct post_answer *)post)->answer;

	if (!post->sure && answer->reason == REASON_NONE)
		unstored(answer);
	let_go_answer(worker, post);
}

/* A copy for a backend or a tap is of something that did not happen. */
static void copy_unstored(struct worker *worker, struct post *post)
{
	if (post_is_draft(post))
		worker->counters->intake.refused[REASON_UNSTORED]++;
	post_free(post);
}

static void inquiry_undo(struct inquiry *inquiry)
{
	if (inquiry->undo)
		inquiry->undo(inquiry);
}

/* What the room had to answer with has not happened. */
static void past_unstored(struct worker *worker, struct post *post)
{
	struct post_past *held = (struct post_past *)post;
	struct answer answer = held->answer;

	held->answer = (struct answer){ .kind = ANSWER_DONE };
	atomic_fetch_sub(&answer.room->items, 1);
	unstored(&answer);
	worker_answer(worker, &post->asker, &answer);
	post_free(post);
}

static void post_unstored(struct worker *worker, struct post *post)
{
	switch (post->kind) {
	case POST_BROADCAST: broadcast_unstored(worker, post); break;
	case POST_ANSWER: answer_unstored(worker, post); break;
	case POST_PAST: past_unstored(worker, post); break;
	case POST_EVENT:
	case POST_TAP: copy_unstored(worker, post); break;
	case POST_INQUIRED:
		inquiry_undo(((struct post_inquiry *)post)->inquiry);
		let_go(worker, post);
		break;
	default: let_go(worker, post); break;
	}
}

static void step_unstored(struct worker *worker, struct step *step)
{
	worker->counters->intake.waiting -= step->ordered;
	worker->counters->intake.refused[REASON_UNSTORED] += step->ordered;
	step_end(worker, step, post_unstored);
}

/* The rooms that were changed since are as they were stored last. */
static void rooms_return(struct worker *worker, uint64_t since)
{
	for (size_t i = 0; i < room_table_count(worker->rooms); i++) {
		struct room_entry *entry = room_table_at(worker->rooms, i);

		if (entry->owner == worker->index && entry->room && entry->recorded >= since)
			room_return(worker, entry);
	}
}

/* When the store is tried again. Who says something in a room whose rows are damaged, each time it
 * is let, must not keep the worker's other rooms from being stored. */
static void hold_back(struct worker *worker, const struct post_store *stored)
{
	struct slice blamed = slice_span(stored->blamed, stored->blamed_len);
	struct room_entry *room = NULL;

	if (blamed.len)
		room = room_table_find(worker->rooms, blamed);
	if (room)
		room->again_ms = worker->tick_ms + RELEASE_BLAMED_MS;
	else
		worker->release->again_ms = worker->tick_ms + RELEASE_AGAIN_MS;
}

static void all_unstored(struct worker *worker, const struct post_store *stored)
{
	struct release *release = worker->release;

	post_free(release->batch ? &release->batch->post : NULL);
	release->batch = NULL;
	post_list_clear(&release->foreign);
	release->era++;
	hold_back(worker, stored);
	rooms_return(worker, release->first->number);
	while (release->first)
		step_unstored(worker, step_take(release));
}

void release_stored(struct worker *worker, struct post *post)
{
	const struct post_store *stored = (struct post_store *)post;
	struct release *release = worker->release;

	/* What was on its way when the store failed has been told of already. */
	if (stored->era != release->era)
		return;
	if (stored->failed)
		all_unstored(worker, stored);
	else
		step_stored(worker, step_take(release));
}
