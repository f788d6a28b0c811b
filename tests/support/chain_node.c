#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"
#include "tests/support/chain_parts.h"

static struct place places[WORLD_NODES][SHARDS];

struct part *part_of(int number, unsigned shard)
{
	return &world.nodes[number].parts[shard];
}

/* ---- the disk ---- */

static void rows_store(struct stored *disk, const struct chain_changes *changes,
		       const struct chain_row *rows, size_t count)
{
	size_t begin = 0, end = disk->count;

	while (begin < end && disk->rows[begin].place.sequence < changes->below)
		begin++;
	while (end > begin && disk->rows[end - 1].place.sequence >= changes->from)
		end--;
	if (begin)
		memmove(disk->rows, disk->rows + begin, (end - begin) * sizeof(*rows));
	disk->count = end - begin;
	if (disk->count + count > disk->room) {
		disk->room = 2 * (disk->count + count);
		disk->rows = memory_resize(disk->rows, disk->room * sizeof(*rows));
	}
	if (count)
		memcpy(disk->rows + disk->count, rows, count * sizeof(*rows));
	disk->count += count;
}

static void part_store(struct part *part)
{
	struct stored *disk = &part->disk;
	struct chain_changes changes;
	const struct chain_row *rows;
	struct chain_view view;
	size_t count;

	chain_look(part->chain, world.now, &view);
	if (disk->head_len && disk->read == view.last && disk->top == view.read.sequence)
		return;
	chain_changes(part->chain, &changes);
	rows = chain_rows(part->chain, changes.from, &count);
	rows_store(disk, &changes, rows, count);
	disk->head_len = chain_head_write(part->chain, disk->head);
	disk->read = view.last;
	disk->top = view.read.sequence;
	model_copy(&disk->model, &part->fold);
	chain_stored(part->chain, view.read.sequence);
}

/* ---- life ---- */

static void part_begin(struct part *part)
{
	part->judged = part->fold.rooms;
	part->submitted = 0;
	part->wait_since = 0;
	part->mine_count = 0;
	part->shown = false;
	for (unsigned room = 0; room < ROOMS; room++)
		part->delivered[room] = part->fold.rooms.last_id;
}

static void node_begin(struct node *node)
{
	memset(node->sessions, 0, sizeof(node->sessions));
	for (unsigned i = 0; i < SESSIONS; i++)
		node->sessions[i].pending = -1;
	memset(node->keys, 0, sizeof(node->keys));
	node->key = node->new_key = 0;
	node->key_at = 0;
	node->drain = node->renewing = false;
	node->life++;
}

static void part_boot(int number, unsigned shard)
{
	struct part *part = part_of(number, shard);
	struct chain_options options = { .shard = shard,
					 .me = { (uint8_t)number, world.nodes[number].incarnation },
					 .nodes = (1u << WORLD_NODES) - 1,
					 .window = world.options.window,
					 .times = { .beat = 6,
						    .repeat = 25,
						    .silent = 45,
						    .gone = 150,
						    .absent = world.options.hasty ? 80 : 300,
						    .look = 25,
						    .trim = world.options.hasty ? 30 : 120,
						    .ahead = 40 },
					 .version = world.nodes[number].version,
					 .oldest = 0,
					 .rules = world.options.rules };
	struct slice head = { (const char *)part->disk.head, part->disk.head_len };

	places[number][shard] = (struct place){ number, shard };
	part->chain = chain_new(&options, &node_calls, &places[number][shard]);
	memset(&part->fold, 0, sizeof(part->fold));
	if (head.len) {
		model_copy(&part->fold, &part->disk.model);
		if (!chain_load(part->chain, head, part->disk.rows, part->disk.count,
				part->reserved))
			violated("node %d does not find what it stored", number);
	}
	part_begin(part);
	part->reserve_at = 0;
	chain_start(part->chain, world.now);
}

void node_boot(int number)
{
	struct node *node = &world.nodes[number];

	if (world.options.telling)
		printf("%llu node %d boots\n", (unsigned long long)world.now, number);
	node->up = true;
	node->joined_at = world.now;
	node->heard = false;
	node->newest = 0;
	if (!node->emptied)
		node->incarnation++;
	node_begin(node);
	for (unsigned i = 0; i < SHARDS; i++)
		part_boot(number, i);
}

void node_kill(int number, bool clean)
{
	struct node *node = &world.nodes[number];

	if (world.options.telling)
		printf("%llu node %d is killed\n", (unsigned long long)world.now, number);
	drafts_forget(number);
	node->up = false;
	for (unsigned i = 0; i < SHARDS; i++) {
		struct part *part = part_of(number, i);

		if (clean)
			part_store(part);
		chain_free(part->chain);
		part->chain = NULL;
	}
}

static void node_renew(int number)
{
	struct node *node = &world.nodes[number];

	drafts_forget(number);
	world.figures->renewals++;
	node->incarnation =
	    (node->renew_above > node->incarnation ? node->renew_above : node->incarnation) + 1;
	node->renew_above = 0;
	node_begin(node);
	for (unsigned i = 0; i < SHARDS; i++) {
		struct part *part = part_of(number, i);

		part_store(part);
		part_begin(part);
		chain_renew(part->chain, world.now, node->incarnation);
	}
}

/* ---- what comes ---- */

static void hear_bus(int number, const struct message *message)
{
	struct chain_message read;
	struct chain_beat beat;

	if (!chain_message_read(message->bytes, &read)) {
		violated("a message cannot be read");
		return;
	}
	if (read.kind != CHAIN_MESSAGE_BEAT) {
		chain_message(part_of(number, read.shard)->chain, world.now, &read);
		return;
	}
	world.nodes[number].heard = true;
	if (read.newest[number] > world.nodes[number].newest)
		world.nodes[number].newest = read.newest[number];
	while (chain_beat_next(&read.beats, &beat))
		chain_beat(part_of(number, beat.shard)->chain, world.now, &read, &beat);
}

static void hear_range(int number, const struct message *message)
{
	struct chain_record records[RANGE];

	for (size_t i = 0; i < message->count; i++)
		records[i] =
		    (struct chain_record){ message->lines[i].sequence, message->lines[i].bytes };
	chain_range(part_of(number, message->shard)->chain, world.now, message->sequence, records,
		    message->count, message->end, message->leader);
}

static void hear_rows(int number, const struct message *message)
{
	const struct stored *rows = message->rows;

	if (!chain_install(part_of(number, message->shard)->chain, world.now,
			   slice_span((const char *)rows->head, rows->head_len), rows->rows,
			   rows->count, slice_span((const char *)rows, sizeof(*rows))))
		return;
}

/* Rule 6 is off: the engine's word is taken for enough. */
static void hear_acknowledged(int number, uint32_t index)
{
	struct chain_entry entry;
	struct chain_line line;
	struct event event;

	if (chain_entry_read(world.written[index].bytes, &entry) != CHAIN_SOUND)
		return;
	while (chain_line_next(&entry.lines, &line)) {
		if (line.kind != CHAIN_LINE_RECORDS)
			continue;
		memcpy(&event, line.bytes.data, sizeof(event));
		if (event.draft >= 0 && event.node == number &&
		    event.incarnation == world.nodes[number].incarnation)
			draft_answer(event.draft, event.id);
	}
}

static void hear_whisper(int number, const struct message *message)
{
	struct draft *draft = &world.drafts[message->number];
	struct message *answer = message_new(BUS_CONFIRM);

	draft->arrived = true;
	answer->number = message->number;
	message_send(number, draft->node, answer, true);
}

static void hear_confirm(int number, const struct message *message)
{
	const struct draft *draft = &world.drafts[message->number];

	if (draft->node != number || draft->incarnation != world.nodes[number].incarnation ||
	    draft_find(number, draft->shard, (int)message->number) < 0 || !draft->asked ||
	    draft->answer)
		return;
	draft_answer((int)message->number, OUTCOME_WHISPERED);
	drafts_settle(number, draft->shard);
}

static void hear_key(int number, const struct message *message)
{
	struct node *node = &world.nodes[number];
	struct message *answer;

	if (message->kind == BUS_KEY) {
		node->keys[message->number] = true;
		return;
	}
	if (!node->keys[message->number])
		return;
	answer = message_new(BUS_KEY);
	answer->number = message->number;
	message_send(number, message->from, answer, true);
}

void node_hear(int number, struct message *message)
{
	struct chain_record record = { message->sequence, message->bytes };

	switch (message->kind) {
	case FROM_LIVE:
		chain_live(part_of(number, message->shard)->chain, world.now, &record,
			   message->before);
		break;
	case FROM_RANGE: hear_range(number, message); break;
	case FROM_ACK: hear_acknowledged(number, message->number); break;
	case BUS: hear_bus(number, message); break;
	case BUS_ROWS: hear_rows(number, message); break;
	case BUS_WHISPER: hear_whisper(number, message); break;
	case BUS_CONFIRM: hear_confirm(number, message); break;
	case BUS_KEY:
	case BUS_KEY_ASK: hear_key(number, message); break;
	case BUS_ANSWER:
		if (world.drafts[message->number].incarnation == world.nodes[number].incarnation)
			draft_answer((int)message->number, OUTCOME_REFUSED);
		break;
	default: break;
	}
	if (world.nodes[number].renewing)
		node_renew(number);
}

/* ---- what is due ---- */

static uint32_t newest_start(int number, unsigned of)
{
	uint32_t newest = 0;

	for (unsigned i = 0; i < SHARDS; i++) {
		uint32_t known = chain_newest(part_of(number, i)->chain, of);

		newest = known > newest ? known : newest;
	}
	return newest;
}

/* A node without a memory waits until it knows which starts it has had. */
static void join_tick(int number)
{
	struct node *node = &world.nodes[number];
	uint32_t newest = newest_start(number, (unsigned)number);
	struct chain_view view;

	if (!node->heard || world.now - node->joined_at < 20)
		return;
	for (unsigned i = 0; i < SHARDS; i++) {
		chain_look(part_of(number, i)->chain, world.now, &view);
		if (!view.caught_up || view.mode != CHAIN_RUN)
			return;
	}
	node->renew_above = newest > node->newest ? newest : node->newest;
	/* Nobody may know. */
	if (node->renew_above < world.now / 4)
		node->renew_above = (uint32_t)(world.now / 4);
	node->emptied = false;
	node->renewing = true;
}

static void beats_send(int number)
{
	struct chain_message message = { .kind = CHAIN_MESSAGE_BEAT,
					 .shard = CHAIN_SHARD_ALL,
					 .from = { (uint8_t)number,
						   world.nodes[number].incarnation },
					 .version = world.nodes[number].version };
	unsigned char beats[SHARDS * CHAIN_BEAT_SIZE], bytes[sizeof(beats) + 64];
	struct chain_beat beat;

	for (unsigned i = 0; i < WORLD_NODES; i++)
		message.newest[i] = newest_start(number, i);
	for (unsigned i = 0; i < SHARDS; i++) {
		chain_beat_make(part_of(number, i)->chain, world.now, &beat);
		chain_beat_write(&beat, beats + i * CHAIN_BEAT_SIZE);
	}
	message.beats = slice_span((const char *)beats, sizeof(beats));
	chain_message_write(&message, bytes);
	for (int i = 0; i < WORLD_NODES; i++) {
		struct message *to;

		if (i == number)
			continue;
		to = message_new(BUS);
		to->bytes = arena_copy(bytes, chain_message_size(&message));
		message_send(number, i, to, true);
	}
}

static void keys_tick(int number)
{
	struct node *node = &world.nodes[number];

	if ((!node->key_at || world.now - node->key_at > 300) && world.key_count + 5 < KEYS) {
		node->new_key = ++world.key_count;
		node->key_at = world.now;
		node->keys[node->new_key] = true;
		for (int i = 0; i < WORLD_NODES; i++) {
			struct message *message = message_new(BUS_KEY);

			message->number = node->new_key;
			message_send(number, i, message, true);
		}
	}
	if (node->new_key && world.now - node->key_at > 12) {
		node->key = node->new_key;
		node->new_key = 0;
	}
}

static void part_tick(int number, unsigned shard)
{
	struct part *part = part_of(number, shard);

	if (world.now - part->stored_at > 3 + chance(12)) {
		part->stored_at = world.now;
		part_store(part);
	}
	if (part->reserve_at && part->reserve_at <= world.now) {
		part->reserve_at = 0;
		part->reserved = part->reserve_due;
		chain_reserved(part->chain, world.now, part->reserved);
	}
	if (part->mine_count && world.now % 25 == 0) {
		drafts_withdraw(number, shard);
		drafts_settle(number, shard);
	}
	chain_tick(part->chain, world.now);
}

static void drain_tick(int number)
{
	struct node *node = &world.nodes[number];
	size_t left = 0;
	int to = (int)chance(WORLD_NODES);

	for (unsigned i = 0; i < SHARDS; i++) {
		struct part *part = part_of(number, i);
		struct chain_view view;

		chain_look(part->chain, world.now, &view);
		left += part->mine_count + view.owning;
		if (view.owning && world.now % 20 == 0 && to != number &&
		    !node_silent(number, (unsigned)to))
			(void)chain_hand(
			    part->chain, world.now,
			    (struct chain_node){ (uint8_t)to,
						 chain_newest(part->chain, (unsigned)to) });
	}
	for (unsigned i = 0; i < SESSIONS; i++)
		left += node->sessions[i].state != 0;
	if (left && world.now - node->drain_at <= 200)
		return;
	world.figures->rolled += !left;
	node_kill(number, !left);
	node->version = CHAIN_VERSION;
}

void node_tick(int number)
{
	struct node *node = &world.nodes[number];

	if (!node->up || node->paused > world.now)
		return;
	if (world.now % 6 == (unsigned)number)
		beats_send(number);
	keys_tick(number);
	for (unsigned i = 0; i < SHARDS; i++)
		part_tick(number, i);
	if (node->emptied)
		join_tick(number);
	if (node->renewing)
		node_renew(number);
	for (unsigned i = 0; i < SESSIONS && !node->emptied; i++)
		session_step(number, i);
	if (world.now % 50 == (unsigned)number && on(27))
		sessions_sweep(number);
	if (node->drain)
		drain_tick(number);
	if (node->up && node->renewing)
		node_renew(number);
}
