#include <stdio.h>
#include <string.h>

#include "tests/support/chain_parts.h"

static struct part *part_at(const struct place *place)
{
	return part_of(place->node, place->shard);
}

/* ---- what a chain wants done ---- */

static void do_append(void *owner, struct slice entry)
{
	const struct place *place = owner;
	struct message *message = message_new(TO_APPEND);

	message->number = written_note(entry);
	message_send(place->node, -1, message, true);
}

static void do_read(void *owner, uint64_t from, bool leader)
{
	const struct place *place = owner;
	struct message *message = message_new(TO_READ);

	message->shard = (uint8_t)place->shard;
	message->sequence = from;
	message->leader = leader;
	message_send(place->node, -1, message, true);
}

static void do_purge(void *owner, uint64_t below)
{
	const struct place *place = owner;
	struct message *message = message_new(TO_PURGE);

	message->shard = (uint8_t)place->shard;
	message->sequence = below;
	message_send(place->node, -1, message, false);
}

static void do_send(void *owner, unsigned to, struct slice bytes)
{
	const struct place *place = owner;
	struct message *message = message_new(BUS);

	message->bytes = arena_copy(bytes.data, bytes.len);
	message_send(place->node, (int)to, message, true);
}

static void do_reserve(void *owner, uint64_t id)
{
	struct part *part = part_at(owner);

	part->reserve_due = id;
	part->reserve_at = world.now + 1 + chance(4);
}

static bool do_begin(void *owner, uint32_t *key)
{
	const struct place *place = owner;
	struct part *part = part_at(owner);
	struct chain_view view;

	*key = world.nodes[place->node].key;
	if (!*key)
		return false;
	chain_look(part->chain, world.now, &view);
	if (!view.under_way && memcmp(&part->judged, &part->fold.rooms, sizeof(part->judged)) != 0)
		violated("node %d shard %u judges behind something else than what counts",
			 place->node, place->shard);
	return true;
}

static bool do_bury(void *owner, struct chain_node node)
{
	const struct place *place = owner;

	model_bury(place->node, place->shard, node);
	return true;
}

static enum chain_judged do_judge(void *owner, const struct chain_draft *draft)
{
	const struct place *place = owner;
	int32_t number;

	if (!draft->body.len)
		return CHAIN_JUDGED;
	memcpy(&number, draft->body.data, sizeof(number));
	if (world.drafts[number].withdrawn)
		violated("draft %d is judged, but was withdrawn", number);
	if (world.drafts[number].node != draft->node.number ||
	    world.drafts[number].incarnation != draft->node.incarnation ||
	    world.drafts[number].number != draft->number)
		violated("draft %d is not the one it was", number);
	return model_judge(place->node, place->shard, number);
}

static void do_forget(void *owner)
{
	struct part *part = part_at(owner);

	part->judged = part->fold.rooms;
}

static void whispers_leave(const struct place *place, const struct chain_entry *entry)
{
	const struct rooms *rooms = &part_of(place->node, place->shard)->fold.rooms;
	struct slice lines = entry->lines;
	struct chain_line line;
	int32_t number;

	while (on(5) && chain_line_next(&lines, &line)) {
		const struct seat *seat;
		struct message *message;

		if (line.kind != CHAIN_LINE_WHISPER)
			continue;
		memcpy(&number, line.bytes.data, sizeof(number));
		seat = &rooms->seats[world.drafts[number].room][world.drafts[number].to];
		if (!seat->claim)
			continue;
		message = message_new(BUS_WHISPER);
		message->number = (uint32_t)number;
		message_send(place->node, seat->node, message, true);
	}
}

static void key_ask(int node, uint32_t key)
{
	struct message *message = message_new(BUS_KEY_ASK);
	int to = (int)((unsigned)node + 1 + chance(WORLD_NODES - 1)) % WORLD_NODES;

	world.figures->unreadable++;
	message->number = key;
	message_send(node, to, message, true);
}

static void do_counted(void *owner, const struct chain_entry *entry, bool mine, bool readable)
{
	const struct place *place = owner;
	struct part *part = part_at(owner);

	world.figures->counted++;
	if (entry->version > world.nodes[place->node].version)
		violated("a node of version %u counts an entry of version %u",
			 world.nodes[place->node].version, entry->version);
	model_count(place->node, place->shard, entry);
	if (mine)
		whispers_leave(place, entry);
	else
		part->judged = part->fold.rooms;
	if (!readable)
		key_ask(place->node, entry->key);
	drafts_settle(place->node, place->shard);
}

static bool do_readable(void *owner, uint32_t key)
{
	const struct place *place = owner;

	return world.nodes[place->node].keys[key % KEYS];
}

static void do_answered(void *owner, uint64_t number)
{
	const struct place *place = owner;
	struct part *part = part_at(owner);

	for (size_t i = 0; i < part->mine_count; i++)
		if (world.drafts[part->mine[i]].number == number &&
		    !world.drafts[part->mine[i]].withdrawn && !part->fold.outcomes[part->mine[i]])
			violated("draft %d is answered, but the fold has no outcome",
				 part->mine[i]);
	drafts_settle(place->node, place->shard);
}

void model_copy(struct model *to, const struct model *from)
{
	to->rooms = from->rooms;
	memcpy(to->outcomes, from->outcomes, world.draft_count * sizeof(*to->outcomes));
	memcpy(to->counted, from->counted, world.written_count / 8 + 1);
}

static void do_give(void *owner, unsigned to)
{
	const struct place *place = owner;
	const struct part *part = part_at(owner);
	struct message *message = message_new(BUS_ROWS);
	struct stored *rows = arena(sizeof(*rows));
	const struct chain_row *from = chain_rows(part->chain, 0, &rows->count);

	memset(&rows->model, 0, sizeof(rows->model));
	model_copy(&rows->model, &part->fold);
	rows->head_len = chain_head_write(part->chain, rows->head);
	rows->rows = arena(rows->count * sizeof(*from) + 1);
	if (rows->count)
		memcpy(rows->rows, from, rows->count * sizeof(*from));
	message->shard = (uint8_t)place->shard;
	message->rows = rows;
	message_send(place->node, (int)to, message, true);
}

/* Clients are shown what is above what they were shown last; the rest is for the history. */
static void do_install(void *owner, struct slice bytes)
{
	const struct place *place = owner;
	struct part *part = part_at(owner);
	const struct stored *rows = (const struct stored *)(const void *)bytes.data;

	part->fold = rows->model;
	part->judged = part->fold.rooms;
	for (unsigned room = 0; room < ROOMS; room++)
		if (part->fold.rooms.last_id > part->delivered[room] || !part->shown)
			part->delivered[room] = part->fold.rooms.last_id;
	world.figures->copies++;
	drafts_settle(place->node, place->shard);
}

static void do_renew(void *owner, enum chain_renewal why, uint32_t above)
{
	const struct place *place = owner;
	struct node *node = &world.nodes[place->node];

	if (why == CHAIN_RENEW_TAKEN && !world.options.emptied)
		violated("node %d took an incarnation twice", place->node);
	node->renewing = true;
	if (above > node->renew_above)
		node->renew_above = above;
}

static void told_print(const struct place *place, enum chain_told what, uint64_t number)
{
	static const char *const names[] = { "stop",    "hold",  "copy",      "run",
					     "restore", "claim", "void",      "damaged",
					     "newer",   "lost",  "unreadable" };
	struct chain_view view;

	chain_look(part_of(place->node, place->shard)->chain, world.now, &view);
	printf("%llu shard %u node %d: %s %llu; read %llu, count %llu, gen %llx, log %llu to %zu\n",
	       (unsigned long long)world.now, place->shard, place->node, names[what],
	       (unsigned long long)number, (unsigned long long)view.read.sequence,
	       (unsigned long long)view.count, (unsigned long long)view.gen,
	       (unsigned long long)world.first[place->shard], world.logged);
}

static void do_told(void *owner, enum chain_told what, uint64_t number)
{
	const struct place *place = owner;
	struct world_figures *figures = world.figures;

	if (world.options.telling)
		told_print(place, what, number);
	switch (what) {
	case CHAIN_TOLD_COPY:
		if (number)
			world.nodes[place->node].waits_for = number;
		break;
	case CHAIN_TOLD_STOP: figures->stops++; break;
	case CHAIN_TOLD_HOLD: figures->holds++; break;
	case CHAIN_TOLD_RESTORE: figures->restores++; break;
	case CHAIN_TOLD_CLAIM: figures->claims++; break;
	case CHAIN_TOLD_VOID: figures->voids += number; break;
	case CHAIN_TOLD_LOST: figures->void_lost += number; break;
	case CHAIN_TOLD_NEWER:
		violated("node %d of version %u reads an entry of version %llu", place->node,
			 world.nodes[place->node].version, (unsigned long long)number);
		break;
	default: break;
	}
}

const struct chain_calls node_calls = { .append = do_append,
					.read = do_read,
					.purge = do_purge,
					.send = do_send,
					.reserve = do_reserve,
					.begin = do_begin,
					.bury = do_bury,
					.judge = do_judge,
					.forget = do_forget,
					.counted = do_counted,
					.readable = do_readable,
					.answered = do_answered,
					.give = do_give,
					.install = do_install,
					.renew = do_renew,
					.told = do_told };
