#include "tests/support/fake_log.h"

#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"
#include "tests/support/fake_log_state.h"

/* ---- chances, and what waits ---- */

uint32_t fake_world_chance(struct fake_world *world, uint32_t below)
{
	uint64_t x = world->state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	world->state = x;
	return (uint32_t)((x >> 24) % below);
}

static bool happens(struct fake_world *world, unsigned of_thousand)
{
	return of_thousand && fake_world_chance(world, 1000) < of_thousand;
}

/* How long something takes on its way. */
static uint64_t while_under_way(struct fake_world *world)
{
	uint64_t ms = 1 + fake_world_chance(world, 3);

	if (world->faults.late_ms && happens(world, world->faults.late))
		ms += fake_world_chance(world, world->faults.late_ms);
	return ms;
}

static bool sooner(const struct item *a, const struct item *b)
{
	return a->due != b->due ? a->due < b->due : a->order < b->order;
}

static void put(struct fake_world *world, struct item *item, uint64_t after_ms)
{
	size_t at = world->count;

	item->due = world->now + after_ms;
	item->order = ++world->order;
	if (world->count == world->room) {
		world->room = world->room ? world->room * 2 : 64;
		world->heap = memory_resize(world->heap, world->room * sizeof(*world->heap));
	}
	world->count++;
	for (; at && sooner(item, world->heap[(at - 1) / 2]); at = (at - 1) / 2)
		world->heap[at] = world->heap[(at - 1) / 2];
	world->heap[at] = item;
}

static struct item *take_first(struct fake_world *world)
{
	struct item *first = world->heap[0], *last = world->heap[--world->count];
	size_t at = 0;

	for (size_t child; (child = 2 * at + 1) < world->count; at = child) {
		if (child + 1 < world->count && sooner(world->heap[child + 1], world->heap[child]))
			child++;
		if (!sooner(world->heap[child], last))
			break;
		world->heap[at] = world->heap[child];
	}
	if (world->count)
		world->heap[at] = last;
	return first;
}

static void *copy_of(const void *bytes, size_t len)
{
	void *copy = memory_new(len);

	if (len)
		memcpy(copy, bytes, len);
	return copy;
}

static void records_free(struct log_record *records, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free((void *)(uintptr_t)records[i].bytes);
	free(records);
}

static void item_free(struct item *item)
{
	records_free(item->records, item->event.record_count);
	free(item->bytes);
	free(item);
}

static struct item *item_new(const struct fake_log *log, enum item_kind kind)
{
	struct item *item = memory_zeroed(1, sizeof(*item));

	item->kind = kind;
	item->node = log->node;
	item->group = log->world->groups[log->node];
	item->engine = log->number;
	item->sent = log->world->now;
	return item;
}

/* ---- told ---- */

/* An event for an engine; records (copied) of it. */
static void tell(struct fake_world *world, const struct item *of, const struct log_event *event,
		 uint64_t after_ms)
{
	struct item *item = memory_zeroed(1, sizeof(*item));

	item->kind = ITEM_EVENT;
	item->node = of->node;
	item->engine = of->engine;
	item->event = *event;
	item->records = memory_zeroed(event->record_count, sizeof(*item->records));
	for (size_t i = 0; i < event->record_count; i++) {
		item->records[i] = event->records[i];
		item->records[i].bytes = copy_of(event->records[i].bytes, event->records[i].len);
	}
	put(world, item, after_ms);
}

static struct log_event answer_to(const struct item *item, enum log_result result)
{
	return (struct log_event){ .kind = item->kind == ITEM_APPEND ? LOG_APPENDED
					   : item->kind == ITEM_READ ? LOG_RANGE
								     : LOG_PURGED,
				   .result = result,
				   .shard = item->shard,
				   .tag = item->tag,
				   .from = item->from,
				   .leader = item->leader };
}

/* Nothing comes back in time. */
static void tell_unknown(struct fake_world *world, const struct item *item)
{
	struct log_event event = answer_to(item, LOG_UNKNOWN);
	uint64_t end = item->sent + LOG_WAIT_MS;

	tell(world, item, &event, end > world->now ? end - world->now : 1);
}

static bool reaches_log(const struct fake_world *world, unsigned node)
{
	return world->groups[node] == 0;
}

/* The answer, unless it is lost or late on its way. */
static void answer(struct fake_world *world, const struct item *item, const struct log_event *event)
{
	uint64_t ms = while_under_way(world);

	if (!item->answers)
		return;
	if (happens(world, world->faults.lost) || !reaches_log(world, item->node) ||
	    world->now + ms > item->sent + LOG_WAIT_MS)
		tell_unknown(world, item);
	else
		tell(world, item, event, ms);
}

static void state_told(struct fake_log *log)
{
	bool there = reaches_log(log->world, log->node);
	struct item *item = item_new(log, ITEM_EVENT);

	item->event = (struct log_event){ .kind = LOG_STATE,
					  .state = there ? LOG_READY : LOG_AWAY,
					  .text = there ? "fake" : "cut off" };
	log->figures.state = item->event.state;
	log->figures.since_ms = log->world->now;
	put(log->world, item, 1);
}

/* ---- the log ---- */

static void tell_live(struct fake_world *world, unsigned shard, const struct log_record *record)
{
	struct log_event event = {
		.kind = LOG_LIVE, .shard = shard, .records = record, .record_count = 1
	};

	for (unsigned i = 0; i < LOG_NODES; i++) {
		struct item to = { .node = i };

		if (!world->logs[i] || !reaches_log(world, i) || happens(world, world->faults.lost))
			continue;
		to.engine = world->logs[i]->number;
		tell(world, &to, &event, while_under_way(world));
		if (happens(world, world->faults.doubled))
			tell(world, &to, &event, while_under_way(world) + 20);
	}
}

static void append_arrives(struct fake_world *world, const struct item *item)
{
	struct shard *shard = &world->shard[item->shard];
	struct log_event event = answer_to(item, LOG_OK);
	struct log_record record = { .sequence = ++world->sequence, .len = item->len };

	if (shard->count)
		record.before = shard->records[shard->count - 1].sequence;
	record.bytes = copy_of(item->bytes, item->len);
	if (shard->count == shard->room) {
		shard->room = shard->room ? shard->room * 2 : 16;
		shard->records =
		    memory_resize(shard->records, shard->room * sizeof(*shard->records));
	}
	shard->records[shard->count++] = record;
	event.sequence = record.sequence;
	tell_live(world, item->shard, &record);
	if (item->answers && happens(world, world->faults.unsure))
		tell_unknown(world, item);
	else
		answer(world, item, &event);
}

static void read_arrives(struct fake_world *world, const struct item *item)
{
	const struct shard *shard = &world->shard[item->shard];
	struct log_event event = answer_to(item, LOG_OK);
	uint64_t newest = world->sequence;
	struct log_record found[LOG_READ_MOST];
	size_t bytes = 0, i = 0;

	if (!item->leader && newest && happens(world, world->faults.stale))
		newest -= fake_world_chance(world, newest < 8 ? (uint32_t)newest : 8);
	for (; i < shard->count && shard->records[i].sequence < item->from; i++)
		;
	for (; i < shard->count && shard->records[i].sequence <= newest &&
	       event.record_count < item->most && bytes < LOG_READ_BYTES;
	     i++) {
		found[event.record_count] = shard->records[i];
		found[event.record_count++].before = 0;
		bytes += shard->records[i].len;
	}
	event.records = found;
	event.end = event.record_count < item->most && bytes < LOG_READ_BYTES;
	answer(world, item, &event);
}

static void purge_arrives(struct fake_world *world, const struct item *item)
{
	struct shard *shard = &world->shard[item->shard];
	struct log_event event = answer_to(item, LOG_OK);
	size_t gone = 0;

	while (gone < shard->count && shard->records[gone].sequence < item->from)
		free((void *)(uintptr_t)shard->records[gone++].bytes);
	shard->count -= gone;
	if (gone)
		memmove(shard->records, shard->records + gone,
			shard->count * sizeof(*shard->records));
	answer(world, item, &event);
}

/* ---- the world ---- */

static struct fake_log *engine_of(const struct fake_world *world, const struct item *item)
{
	struct fake_log *log = world->logs[item->node];

	return log && (item->engine == ANY_ENGINE || log->number == item->engine) ? log : NULL;
}

static void count_event(struct log_figures *figures, const struct log_event *event)
{
	if (event->kind == LOG_APPENDED && event->result == LOG_OK)
		figures->appends++;
	else if (event->kind == LOG_APPENDED)
		figures->failures++;
	else if (event->kind == LOG_RANGE)
		figures->read_records += event->record_count;
	else if (event->kind == LOG_LIVE)
		figures->live++;
	else if (event->kind == LOG_MESSAGE)
		figures->received++;
}

static void event_arrives(struct fake_world *world, struct item *item)
{
	struct fake_log *log = engine_of(world, item);

	if (!log || (item->event.kind == LOG_LIVE && !reaches_log(world, item->node)))
		return;
	item->event.records = item->records;
	count_event(&log->figures, &item->event);
	log->listener.heard(log->listener.context, &item->event);
}

static void message_arrives(struct fake_world *world, struct item *item)
{
	struct fake_log *log = engine_of(world, item);

	if (!log || world->groups[item->node] != item->group)
		return;
	item->event.kind = LOG_MESSAGE;
	item->event.bytes = item->bytes;
	item->event.len = item->len;
	count_event(&log->figures, &item->event);
	log->listener.heard(log->listener.context, &item->event);
}

/* What a node sent while it was of the log's group arrives, whatever became of the node. */
static void item_arrives(struct fake_world *world, struct item *item)
{
	bool asks =
	    item->kind == ITEM_APPEND || item->kind == ITEM_READ || item->kind == ITEM_PURGE;

	if (asks && (world->halted || item->group != 0)) {
		if (item->answers)
			tell_unknown(world, item);
		return;
	}
	switch (item->kind) {
	case ITEM_APPEND: append_arrives(world, item); break;
	case ITEM_READ: read_arrives(world, item); break;
	case ITEM_PURGE: purge_arrives(world, item); break;
	case ITEM_MESSAGE: message_arrives(world, item); break;
	case ITEM_EVENT: event_arrives(world, item); break;
	}
}

void fake_world_run(struct fake_world *world, uint64_t ms)
{
	uint64_t end = world->now + ms;

	while (world->count && world->heap[0]->due <= end) {
		struct item *item = take_first(world);

		world->now = item->due;
		item_arrives(world, item);
		item_free(item);
	}
	world->now = end;
}

struct fake_world *fake_world_new(uint64_t seed, unsigned shards)
{
	struct fake_world *world = memory_zeroed(1, sizeof(*world));

	world->state = (seed + 1) * UINT64_C(0x9E3779B97F4A7C15) | 1;
	world->now = 1;
	world->shards = shards < SHARDS_MOST ? shards : SHARDS_MOST;
	return world;
}

void fake_world_free(struct fake_world *world)
{
	if (!world)
		return;
	for (size_t i = 0; i < world->count; i++)
		item_free(world->heap[i]);
	for (unsigned i = 0; i < SHARDS_MOST; i++)
		records_free(world->shard[i].records, world->shard[i].count);
	free(world->heap);
	free(world);
}

void fake_world_set(struct fake_world *world, const struct fake_faults *faults)
{
	world->faults = *faults;
}

uint64_t fake_world_ms(const struct fake_world *world)
{
	return world->now;
}

bool fake_world_busy(const struct fake_world *world)
{
	return world->count != 0;
}

void fake_world_group(struct fake_world *world, unsigned node, unsigned group)
{
	bool was = reaches_log(world, node);

	world->groups[node] = group;
	if (world->logs[node] && was != reaches_log(world, node))
		state_told(world->logs[node]);
}

void fake_world_halt(struct fake_world *world, bool halted)
{
	world->halted = halted;
}

size_t fake_world_lose(struct fake_world *world, uint64_t from)
{
	size_t lost = 0;

	for (unsigned i = 0; i < world->shards; i++) {
		struct shard *shard = &world->shard[i];

		for (; shard->count && shard->records[shard->count - 1].sequence >= from; lost++)
			free((void *)(uintptr_t)shard->records[--shard->count].bytes);
	}
	if (from && world->sequence >= from)
		world->sequence = from - 1;
	return lost;
}

uint64_t fake_world_newest(const struct fake_world *world)
{
	return world->sequence;
}

size_t fake_world_count(const struct fake_world *world, unsigned shard)
{
	return world->shard[shard].count;
}

const struct log_record *fake_world_record(const struct fake_world *world, unsigned shard,
					   size_t index)
{
	return &world->shard[shard].records[index];
}

/* ---- an engine ---- */

static struct fake_log *log_of(struct cluster_log *log)
{
	return (struct fake_log *)log;
}

/* Sends it to the log, or tells that it could not be sent. Takes the item. */
static void ask(struct fake_log *log, struct item *item)
{
	struct fake_world *world = log->world;

	item->answers = true;
	if (log->figures.state != LOG_READY || item->len > LOG_RECORD_MOST) {
		struct log_event event = answer_to(item, LOG_REFUSED);

		tell(world, item, &event, 1);
		item_free(item);
		return;
	}
	if (item->kind == ITEM_APPEND && happens(world, world->faults.doubled)) {
		struct item *again = item_new(log, ITEM_APPEND);

		again->shard = item->shard;
		again->bytes = copy_of(item->bytes, item->len);
		again->len = item->len;
		put(world, again, while_under_way(world) + 20);
	}
	if (happens(world, world->faults.lost)) {
		tell_unknown(world, item);
		item_free(item);
		return;
	}
	put(world, item, while_under_way(world));
}

static void fake_append(struct cluster_log *base, unsigned shard, uint64_t tag, const void *bytes,
			size_t len)
{
	struct fake_log *log = log_of(base);
	struct item *item = item_new(log, ITEM_APPEND);

	item->shard = shard;
	item->tag = tag;
	item->bytes = copy_of(bytes, len);
	item->len = len;
	ask(log, item);
}

static void fake_read(struct cluster_log *base, unsigned shard, uint64_t tag, uint64_t from,
		      size_t most, bool leader)
{
	struct fake_log *log = log_of(base);
	struct item *item = item_new(log, ITEM_READ);

	item->shard = shard;
	item->tag = tag;
	item->from = from ? from : 1;
	item->most = most < LOG_READ_MOST ? most ? most : 1 : LOG_READ_MOST;
	item->leader = leader;
	log->figures.reads++;
	ask(log, item);
}

static void fake_purge(struct cluster_log *base, unsigned shard, uint64_t tag, uint64_t below)
{
	struct fake_log *log = log_of(base);
	struct item *item = item_new(log, ITEM_PURGE);

	item->shard = shard;
	item->tag = tag;
	item->from = below;
	ask(log, item);
}

static void send_to(struct fake_log *log, unsigned node, const void *bytes, size_t len, uint64_t ms)
{
	struct item *item = item_new(log, ITEM_MESSAGE);

	item->node = node;
	item->engine = ANY_ENGINE;
	item->bytes = copy_of(bytes, len);
	item->len = len;
	put(log->world, item, ms);
}

static bool fake_send(struct cluster_log *base, unsigned node, const void *bytes, size_t len)
{
	struct fake_log *log = log_of(base);
	struct fake_world *world = log->world;

	if (len > LOG_RECORD_MOST)
		return false;
	for (unsigned i = 0; i < LOG_NODES; i++) {
		if ((node != LOG_NODE_ALL && node != i) || happens(world, world->faults.lost))
			continue;
		send_to(log, i, bytes, len, while_under_way(world));
		if (happens(world, world->faults.doubled))
			send_to(log, i, bytes, len, while_under_way(world) + 20);
	}
	log->figures.sent++;
	return true;
}

static void fake_look(struct cluster_log *base, struct log_figures *figures)
{
	*figures = log_of(base)->figures;
}

static void fake_close(struct cluster_log *base)
{
	struct fake_log *log = log_of(base);

	log->world->logs[log->node] = NULL;
	free(log);
}

struct cluster_log *fake_log_open(struct fake_world *world, unsigned node,
				  const struct log_listener *listener)
{
	static const struct cluster_log functions = { .append = fake_append,
						      .read = fake_read,
						      .purge = fake_purge,
						      .send = fake_send,
						      .look = fake_look,
						      .close = fake_close };
	struct fake_log *log = memory_zeroed(1, sizeof(*log));

	log->log = functions;
	log->listener = *listener;
	log->world = world;
	log->node = node;
	log->number = ++world->opened;
	world->logs[node] = log;
	state_told(log);
	return &log->log;
}
