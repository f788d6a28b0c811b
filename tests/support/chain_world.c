#include "tests/support/chain_world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"
#include "tests/support/chain_parts.h"

#define CALM 2600 /* ticks to get well in */

struct world world;

unsigned chance(unsigned of)
{
	world.random ^= world.random << 13;
	world.random ^= world.random >> 7;
	world.random ^= world.random << 17;
	return (unsigned)((world.random >> 11) % of);
}

void violated(const char *format, ...)
{
	va_list values;
	int len;

	if (world.violated)
		return;
	world.violated = true;
	len = snprintf(world.violation, sizeof(world.violation),
		       "seed %llu, tick %llu: ", (unsigned long long)world.options.seed,
		       (unsigned long long)world.now);
	va_start(values, format);
	vsnprintf(world.violation + len, sizeof(world.violation) - (size_t)len, format, values);
	va_end(values);
}

/* ---- memory of one world ---- */

#define CHUNK ((size_t)1 << 20)

static struct chunk {
	struct chunk *next;
	size_t used;
	unsigned char bytes[CHUNK];
} * chunks, *chunk;

void *arena(size_t size)
{
	void *bytes;

	size = (size + 15) & ~(size_t)15;
	if (!chunk || chunk->used + size > CHUNK) {
		struct chunk *next = chunk ? chunk->next : chunks;

		if (!next) {
			next = memory_new(sizeof(*next));
			next->next = NULL;
			if (chunk)
				chunk->next = next;
			else
				chunks = next;
		}
		next->used = 0;
		chunk = next;
	}
	bytes = chunk->bytes + chunk->used;
	chunk->used += size;
	return bytes;
}

struct slice arena_copy(const void *bytes, size_t len)
{
	void *copy = arena(len + 1);

	memcpy(copy, bytes, len);
	return slice_span(copy, len);
}

/* ---- what was written ---- */

static uint32_t *written_slot(unsigned shard, uint64_t uid)
{
	size_t mask = sizeof(world.by_uid) / sizeof(*world.by_uid) - 1;
	size_t slot = (uid * UINT64_C(0x9E3779B97F4A7C15)) >> 40 & mask;

	while (world.by_uid[slot] && (world.written[world.by_uid[slot]].uid != uid ||
				      world.written[world.by_uid[slot]].shard != shard))
		slot = (slot + 1) & mask;
	return &world.by_uid[slot];
}

uint32_t written_find(unsigned shard, uint64_t uid)
{
	return *written_slot(shard, uid);
}

uint32_t written_note(struct slice bytes)
{
	struct chain_entry entry;
	uint32_t *slot;

	if (chain_entry_read(bytes, &entry) != CHAIN_SOUND) {
		violated("what is appended cannot be read");
		return 0;
	}
	slot = written_slot(entry.shard, entry.uid);
	if (*slot) {
		if (!slice_equal(world.written[*slot].bytes, bytes))
			violated("two entries have one uid");
		return *slot;
	}
	if (world.written_count + 2 >= ENTRIES) {
		violated("the world is too long: entries");
		return 0;
	}
	*slot = ++world.written_count;
	world.written[*slot] = (struct written){ .uid = entry.uid,
						 .after = entry.after,
						 .bytes = arena_copy(bytes.data, bytes.len),
						 .shard = (uint8_t)entry.shard,
						 .restore = entry.kind == CHAIN_RESTORE };
	return *slot;
}

/* ---- faults ---- */

static uint64_t begins(void)
{
	uint64_t first = 0;

	for (unsigned i = 0; i < SHARDS; i++)
		if (world.first[i] > first)
			first = world.first[i];
	return first;
}

static void lose_tail(void)
{
	size_t count = 1 + chance(7);

	if (world.logged - count > begins() + 1)
		log_lose(count);
}

/* The log loses a restore; nobody can hear that node for long. */
static void lose_restore(uint64_t uid, struct node *node)
{
	size_t at = world.logged;

	while (at + 8 > world.logged && at > begins() + 2) {
		const struct written *written = &world.written[world.log[at].entry];

		if (written->restore && (!uid || written->uid == uid)) {
			node->cut = true;
			node->cut_until = world.now + 200 + chance(300);
			world.cruel_at = world.now;
			log_lose(world.logged - at + 1);
			return;
		}
		at--;
	}
}

static void be_cruel(void)
{
	for (int i = 0; i < WORLD_NODES; i++) {
		struct node *node = &world.nodes[i];

		if (node->waits_for && world.now - world.cruel_at > 400)
			lose_restore(node->waits_for, node);
		node->waits_for = 0;
		if (node->cut_until >= world.now)
			node->cut = node->cut_until > world.now;
	}
	if (chance(300) == 0)
		lose_restore(0, &world.nodes[chance(WORLD_NODES)]);
}

static void part_groups(void)
{
	bool together = chance(2) == 0;

	for (int i = 0; i < WORLD_NODES; i++)
		world.nodes[i].group = together ? 0 : chance(3);
}

/* Its disk is another one. */
static void empty(int number)
{
	struct node *node = &world.nodes[number];

	if (node->up)
		node_kill(number, false);
	for (unsigned i = 0; i < SHARDS; i++) {
		struct part *part = part_of(number, i);

		free(part->disk.rows);
		memset(&part->disk, 0, sizeof(part->disk));
		part->reserved = 0;
	}
	node->emptied = true;
	node->incarnation = 0;
	world.figures->emptied++;
}

static void faults(void)
{
	int i;

	if (chance(170) == 0) {
		i = (int)chance(WORLD_NODES);
		world.nodes[i].cut = !world.nodes[i].cut;
	}
	if (chance(230) == 0) {
		i = (int)chance(WORLD_NODES);
		world.nodes[i].paused = world.now + chance(chance(4) ? 120 : 400);
	}
	if (chance(350) == 0 && world.nodes[i = (int)chance(WORLD_NODES)].up) {
		node_kill(i, false);
		world.figures->kills++;
	}
	if (chance(60) == 0 && !world.nodes[i = (int)chance(WORLD_NODES)].up &&
	    !world.nodes[i].away)
		node_boot(i);
	i = (int)chance(WORLD_NODES);
	if (chance(500) == 0 && world.nodes[i].up && !world.nodes[i].drain && !world.nodes[i].cut) {
		world.nodes[i].drain = true;
		world.nodes[i].drain_at = world.now;
		for (unsigned shard = 0; shard < SHARDS; shard++)
			chain_drain(part_of(i, shard)->chain, true);
	}
	if (world.options.losing && chance(world.options.hasty ? 150 : 450) == 0 &&
	    world.logged > 12)
		lose_tail();
}

static void more_faults(void)
{
	const struct world_options *options = &world.options;
	int i;

	if (options->cruel)
		be_cruel();
	if (options->groups && chance(200) == 0)
		part_groups();
	if (options->emptied && world.now == options->ticks / 4) {
		i = (int)chance(WORLD_NODES);
		empty(i);
	}
	if (options->leaving && world.now == options->ticks / 2) {
		i = (int)chance(WORLD_NODES);
		world.nodes[i].away = true;
		if (world.nodes[i].up)
			node_kill(i, false);
	}
}

static void recover(void)
{
	for (int i = 0; i < WORLD_NODES; i++) {
		struct node *node = &world.nodes[i];

		node->cut = false;
		node->paused = 0;
		node->group = 0;
		if (!node->up && !node->away)
			node_boot(i);
		if (world.now != world.faults_end || !node->up)
			continue;
		node->drain = false;
		for (unsigned shard = 0; shard < SHARDS; shard++)
			chain_drain(part_of(i, shard)->chain, false);
	}
}

/* ---- the end: all equal, all answered, nothing lost ---- */

static int survivor(void)
{
	for (int i = 0; i < WORLD_NODES; i++)
		if (world.nodes[i].up)
			return i;
	return 0;
}

static bool counts_at(int node, unsigned shard, uint32_t entry)
{
	return part_of(node, shard)->fold.counted[entry / 8] >> entry % 8 & 1;
}

static void end_shard(unsigned shard)
{
	int first = survivor();
	struct chain_view one, other;

	chain_look(part_of(first, shard)->chain, world.now, &one);
	for (int i = 0; i < WORLD_NODES; i++) {
		if (!world.nodes[i].up)
			continue;
		chain_look(part_of(i, shard)->chain, world.now, &other);
		if (other.mode != CHAIN_RUN)
			violated("shard %u never runs again at node %d (mode %d)", shard, i,
				 (int)other.mode);
		if (other.last != one.last || model_digest(i, shard) != model_digest(first, shard))
			violated("shard %u: nodes %d and %d differ at the end", shard, i, first);
		if (other.waiting)
			violated("shard %u: drafts of node %d wait in the end", shard, i);
	}
	for (uint32_t i = 1; i <= world.written_count; i++)
		if (world.written[i].shard == shard && world.written[i].counted &&
		    !counts_at(first, shard, i) && !world.cuts)
			violated("entry %u counted, was shown, and does not count in the end", i);
}

static bool acknowledged_lost(const struct draft *draft, uint64_t outcome)
{
	return draft->answer > OUTCOME_UNSURE && outcome != draft->answer;
}

static void end_draft(int number)
{
	const struct draft *draft = &world.drafts[number];
	uint64_t outcome = part_of(survivor(), draft->shard)->fold.outcomes[number];

	if (!draft->dead && !draft->answer)
		violated("draft %d (kind %u) of living node %u start %u shard %u number %llu is "
			 "never answered",
			 number, draft->kind, draft->node, draft->incarnation, draft->shard,
			 (unsigned long long)draft->number);
	if (acknowledged_lost(draft, outcome)) {
		world.figures->lost_answers++;
		if (!world.cuts)
			violated("draft %d was acknowledged, and stands otherwise", number);
	}
	if (world.cuts)
		return;
	if (draft->withdrawn && outcome)
		violated("draft %d was withdrawn, and has an outcome", number);
	if (draft->answer == OUTCOME_REFUSED && outcome > OUTCOME_UNSURE)
		violated("draft %d is refused and said", number);
	if (draft->arrived && outcome != OUTCOME_WHISPERED)
		violated("whisper %d reached its receiver, but its judging does not count", number);
}

static bool sits(uint64_t claim)
{
	for (int i = 0; i < WORLD_NODES; i++)
		for (unsigned k = 0; k < SESSIONS && world.nodes[i].up; k++)
			if (world.nodes[i].sessions[k].claim == claim &&
			    world.nodes[i].sessions[k].state >= 2)
				return true;
	return false;
}

static void end_seats(void)
{
	for (unsigned shard = 1; shard < SHARDS; shard++)
		for (unsigned room = 0; room < ROOMS; room++)
			for (unsigned name = 0; name < NAMES; name++) {
				const struct rooms *rooms = &part_of(survivor(), shard)->fold.rooms;
				uint64_t claim = rooms->seats[room][name].claim;

				if (claim && !sits(claim))
					violated("shard %u room %u: name %u sits, but no session "
						 "has it",
						 shard, room, name);
			}
}

/* ---- one world ---- */

static void world_begin(const struct world_options *options, struct world_figures *figures)
{
	messages_clear();
	chunk = NULL;
	memset(&world, 0, sizeof(world));
	world.options = *options;
	world.figures = figures;
	world.random = options->seed * UINT64_C(0x9E3779B97F4A7C15) + UINT64_C(88172645463325252);
	for (int i = 0; i < 8; i++)
		chance(2);
	world.now = 1;
	world.faults_end = options->ticks;
	for (int i = 0; i < WORLD_NODES; i++) {
		world.nodes[i].clock = chance(2000);
		node_boot(i);
	}
}

static void world_finish(void)
{
	for (unsigned i = 0; i < SHARDS && !world.violated; i++)
		end_shard(i);
	for (size_t i = 0; i < world.draft_count && !world.violated; i++)
		end_draft((int)i);
	if (!world.violated)
		end_seats();
	for (int i = 0; i < WORLD_NODES; i++) {
		if (world.nodes[i].up)
			node_kill(i, false);
		for (unsigned shard = 0; shard < SHARDS; shard++)
			free(part_of(i, shard)->disk.rows);
	}
	world.figures->worlds++;
}

const char *world_run(const struct world_options *options, struct world_figures *figures)
{
	static char violation[sizeof(world.violation)];

	world_begin(options, figures);
	for (; world.now < options->ticks + CALM && !world.violated; world.now++) {
		if (world.now < options->ticks) {
			faults();
			more_faults();
		} else {
			recover();
		}
		messages_due();
		for (int i = 0; i < WORLD_NODES && !world.violated; i++)
			node_tick(i);
	}
	world_finish();
	if (!world.violated)
		return NULL;
	memcpy(violation, world.violation, sizeof(violation));
	return violation;
}
