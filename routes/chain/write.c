#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"
#include "routes/chain/state.h"

#define COUNTER_BITS 36

static void bytes_free(struct slice bytes)
{
	free((void *)(uintptr_t)bytes.data);
}

static uint64_t uid_new(struct chain *chain)
{
	const struct chain_node *me = &chain->options.me;

	return (uint64_t)me->number << 61 | (uint64_t)me->incarnation << COUNTER_BITS |
	       (++chain->counter & ((UINT64_C(1) << COUNTER_BITS) - 1));
}

/* [22] The lowest version that any node may be of. */
static unsigned version_for_all(const struct chain *chain)
{
	unsigned version = chain->options.version;

	for (unsigned i = 0; i < CHAIN_NODES && rule(chain, 22); i++)
		if (i != chain->options.me.number && chain->options.nodes >> i & 1 &&
		    chain->peers[i].version < version)
			version = chain->peers[i].version;
	return version;
}

void entry_begin(struct chain *chain, enum chain_kind kind, struct chain_entry *entry)
{
	const struct folded *fold = &chain->fold;
	size_t count = chain->under_way_count;

	memset(entry, 0, sizeof(*entry));
	entry->version = version_for_all(chain);
	entry->kind = kind;
	entry->shard = chain->options.shard;
	entry->writer = entry->owner = chain->options.me;
	entry->epoch = (uint32_t)fold->epoch + (kind != CHAIN_BATCH);
	entry->uid = uid_new(chain);
	entry->base = fold->last;
	entry->after = count ? chain->under_way[count - 1].uid : fold->last;
	entry->seen = fold->read;
	entry->gen = gen_of(chain);
}

/* Writes it, and returns its bytes, new. */
static struct slice entry_bytes(const struct chain_entry *entry)
{
	size_t size = chain_entry_size(entry);
	unsigned char *bytes = memory_new(size);

	chain_entry_write(entry, bytes);
	return slice_span((const char *)bytes, size);
}

void entry_throw(struct chain *chain, const struct chain_entry *entry)
{
	struct slice bytes = entry_bytes(entry);

	chain->calls->append(chain->owner, bytes);
	bytes_free(bytes);
}

/* ---- what is under way ---- */

void judged_reset(struct chain *chain)
{
	memcpy(chain->judged, chain->fold.nodes, sizeof(chain->judged));
	for (unsigned i = 0; i < CHAIN_NODES; i++)
		chain->peers[i].bury = true;
}

void forget_under_way(struct chain *chain)
{
	size_t count = chain->under_way_count;

	chain->handing = chain->again = false;
	if (!count)
		return;
	for (size_t i = 0; i < count; i++)
		bytes_free(chain->under_way[i].bytes);
	chain->under_way_count = 0;
	chain->due = true;
	judged_reset(chain);
	chain->calls->forget(chain->owner);
	tell(chain, CHAIN_TOLD_VOID, count);
}

void under_way_counted(struct chain *chain, uint64_t now)
{
	bytes_free(chain->under_way[0].bytes);
	chain->under_way_count--;
	memmove(chain->under_way, chain->under_way + 1,
		chain->under_way_count * sizeof(*chain->under_way));
	chain->pushed_at = now;
	chain->handing = false;
}

/* Appends in order what waits for the ids it used to be reserved. */
static void append_reserved(struct chain *chain, uint64_t now)
{
	for (size_t i = 0; i < chain->under_way_count; i++) {
		struct batch *batch = &chain->under_way[i];

		if (batch->sent)
			continue;
		if (batch->top > chain->reserved)
			return;
		batch->sent = true;
		chain->pushed_at = now;
		chain->calls->append(chain->owner, batch->bytes);
	}
}

static void push(struct chain *chain, uint64_t now, const struct chain_entry *entry)
{
	struct batch *batch = &chain->under_way[chain->under_way_count++];

	*batch = (struct batch){ .uid = entry->uid,
				 .top = entry->kind == CHAIN_BATCH ? entry->top : 0,
				 .bytes = entry_bytes(entry) };
	if (chain->under_way_count == 1)
		chain->pushed_at = now;
	append_reserved(chain, now);
}

void repeat_under_way(struct chain *chain, uint64_t now)
{
	if (!chain->under_way_count || !chain->under_way[0].sent || chain_holding(chain, now) ||
	    !passed(now, chain->pushed_at, chain->options.times.repeat))
		return;
	chain->pushed_at = now;
	chain->again = true;
	range_ask(chain, now, true);
}

void chain_reserved(struct chain *chain, uint64_t now, uint64_t id)
{
	if (id > chain->reserved)
		chain->reserved = id;
	append_reserved(chain, now);
}

bool chain_hand(struct chain *chain, uint64_t now, struct chain_node to)
{
	struct chain_entry entry;

	if (!chain_owning(chain, now) || chain->under_way_count)
		return false;
	entry_begin(chain, CHAIN_CLAIM, &entry);
	entry.owner = to;
	chain->handing = true;
	push(chain, now, &entry);
	tell(chain, CHAIN_TOLD_CLAIM, entry.epoch);
	return true;
}

/* ---- ids ---- */

static uint64_t id_of(const struct chain *chain, uint64_t last)
{
	return last >> 9 << 13 | (uint64_t)chain->options.shard << 9 | (last & 511);
}

/* [15, 16, 34, 35, 36] Nothing it gives from here on was given before, by whom ever. */
static void clock_prepare(struct chain *chain)
{
	struct id_clock *clock = &chain->clock;
	bool both = rule(chain, 15) && rule(chain, 16);

	if (!both || !rule(chain, 35))
		*clock = (struct id_clock){ 0 };
	clock->nodes = both && rule(chain, 34) ? CHAIN_NODES : 0;
	clock->node = chain->options.me.number;
	id_clock_pass(clock, chain->fold.last_id);
	for (size_t i = 0; i < chain->under_way_count; i++)
		id_clock_pass(clock, chain->under_way[i].top);
	if (rule(chain, 15) && rule(chain, 36))
		id_clock_pass(clock, chain->fold.floor);
	if (both && rule(chain, 35))
		id_clock_pass(clock, chain->given);
}

/* Has the time to come reserved, long before it is needed. */
static void reserve_ahead(struct chain *chain)
{
	uint64_t ahead = chain->options.times.ahead << 13;

	if (chain->given + ahead / 2 <= chain->reserving)
		return;
	chain->reserving = chain->given + ahead;
	chain->calls->reserve(chain->owner, chain->reserving);
}

/* ---- judging ---- */

void chain_add(struct chain *chain, const struct chain_line *line)
{
	size_t size = chain_line_size(line->bytes.len);

	if (chain->lines_len + size > chain->lines_room) {
		chain->lines_room = 2 * (chain->lines_len + size);
		chain->lines = memory_resize(chain->lines, chain->lines_room);
	}
	chain_line_write(line, chain->lines + chain->lines_len);
	chain->lines_len += size;
}

static bool batch_full(const struct chain *chain)
{
	return chain->lines_len >= CHAIN_BATCH_BYTES;
}

/* [N4] The start of a node up to which all are over; 0: none. */
static uint32_t dead_start(const struct chain *chain, uint64_t now, unsigned node)
{
	uint32_t newest = chain_newest(chain, node);

	if (node != chain->options.me.number &&
	    passed(now, chain->peers[node].heard, chain->options.times.gone))
		return newest;
	return newest ? newest - 1 : 0;
}

/* The next draft of a node that is to be judged, or NULL. */
static const struct waiting *next_draft(const struct chain *chain, unsigned node,
					uint32_t *incarnation)
{
	const struct standing *standing = &chain->judged[node];
	const struct peer *peer = &chain->peers[node];
	uint32_t newest = chain_newest(chain, node);
	uint64_t number;

	*incarnation = newest > standing->incarnation ? newest : standing->incarnation;
	if (*incarnation <= standing->gone && rule(chain, 20))
		return NULL;
	number = *incarnation == standing->incarnation ? standing->high + 1 : 1;
	/* [19] */
	if (*incarnation == newest && peer->base > number && rule(chain, 19) && rule(chain, 33))
		number = peer->base;
	if (peer->inbox_incarnation != *incarnation)
		return NULL;
	if (!rule(chain, 3))
		return peer->inbox.count ? &peer->inbox.items[0] : NULL;
	return queue_find(&peer->inbox, number);
}

static bool work_waits(const struct chain *chain, uint64_t now)
{
	uint32_t incarnation;

	if (chain->due && chain->calls->due)
		return true;
	for (unsigned i = 0; i < CHAIN_NODES; i++) {
		const struct standing *standing = &chain->judged[i];

		if (dead_start(chain, now, i) > standing->gone ||
		    (standing->gone && chain->peers[i].bury) || next_draft(chain, i, &incarnation))
			return true;
	}
	return false;
}

static void bury_gone(struct chain *chain, uint64_t now, struct chain_entry *entry)
{
	for (unsigned i = 0; i < CHAIN_NODES; i++) {
		struct standing *standing = &chain->judged[i];
		uint32_t dead = dead_start(chain, now, i);
		struct chain_node node = { (uint8_t)i, dead };

		if (dead > standing->gone) {
			standing->gone = dead;
			entry->gone[entry->gone_count++] = node;
			chain->peers[i].bury = true;
		}
		node.incarnation = standing->gone;
		if (standing->gone && chain->peers[i].bury && !batch_full(chain))
			chain->peers[i].bury = !chain->calls->bury(chain->owner, node);
	}
}

static bool judge_one(struct chain *chain, struct chain_node node, const struct waiting *waiting)
{
	struct standing *standing = &chain->judged[node.number];
	struct chain_draft draft = { .node = node,
				     .number = waiting->number,
				     .base = chain->peers[node.number].base,
				     .gen = gen_of(chain),
				     .body = waiting->body };

	if (chain->calls->judge(chain->owner, &draft) == CHAIN_WAIT)
		return false;
	standing->incarnation = node.incarnation;
	standing->high = draft.number;
	if (!rule(chain, 3))
		queue_drop(&chain->peers[node.number].inbox, draft.number);
	return true;
}

static void judge_node(struct chain *chain, unsigned number, struct chain_entry *entry)
{
	struct chain_node node = { (uint8_t)number, 0 };
	const struct waiting *waiting;
	bool any = false;

	while (!batch_full(chain) && (waiting = next_draft(chain, number, &node.incarnation))) {
		if (!judge_one(chain, node, waiting))
			break;
		any = true;
	}
	if (!any)
		return;
	entry->high[entry->high_count++] =
	    (struct chain_high){ { (uint8_t)number, chain->judged[number].incarnation },
				 chain->judged[number].high };
}

/* Judges what there is into one batch. False: there is nothing, or nothing now. */
static bool judge_batch(struct chain *chain, uint64_t now)
{
	struct chain_entry entry;
	uint32_t key = 0;
	uint64_t before;

	if (!work_waits(chain, now) || !chain->calls->begin(chain->owner, &key))
		return false;
	entry_begin(chain, CHAIN_BATCH, &entry);
	entry.key = key;
	entry.owner = (struct chain_node){ CHAIN_NODE_NONE, 0 };
	chain->lines_len = 0;
	clock_prepare(chain);
	before = chain->clock.last;
	bury_gone(chain, now, &entry);
	if (chain->due && chain->calls->due)
		chain->due = !chain->calls->due(chain->owner);
	chain->turn++;
	for (unsigned i = 0; i < CHAIN_NODES; i++)
		judge_node(chain, (i + chain->turn) % CHAIN_NODES, &entry);
	if (!chain->lines_len && !entry.high_count && !entry.gone_count)
		return false;
	entry.lines = slice_span((const char *)chain->lines, chain->lines_len);
	if (chain->clock.last > before)
		entry.top = id_of(chain, chain->clock.last);
	if (entry.top > chain->given)
		chain->given = entry.top;
	push(chain, now, &entry);
	reserve_ahead(chain);
	return true;
}

void chain_due(struct chain *chain, uint64_t now)
{
	chain->due = chain_owning(chain, now);
	batches_judge(chain, now);
}

void batches_judge(struct chain *chain, uint64_t now)
{
	while (chain_owning(chain, now) && !chain->handing &&
	       chain->under_way_count < chain->options.window)
		if (!judge_batch(chain, now))
			return;
}
