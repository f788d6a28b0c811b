#include <stdio.h>
#include <stdlib.h>

#include "codecs/text/memory.h"
#include "tests/support/chain_parts.h"

#define RING 1024

static struct message *first[RING], *last[RING], *unused;

struct message *message_new(enum message_kind kind)
{
	struct message *message = unused;

	if (message)
		unused = message->next;
	else
		message = memory_new(sizeof(*message));
	memset(message, 0, offsetof(struct message, lines));
	message->rows = NULL;
	message->kind = kind;
	return message;
}

static void message_drop(struct message *message)
{
	message->next = unused;
	unused = message;
}

static void post(struct message *message, uint64_t at)
{
	size_t slot = at % RING;

	message->next = NULL;
	if (last[slot])
		last[slot]->next = message;
	else
		first[slot] = message;
	last[slot] = message;
}

static bool reaches(int from, int to)
{
	if ((from >= 0 && world.nodes[from].cut) || (to >= 0 && world.nodes[to].cut))
		return false;
	/* The engine is with group 0. */
	return (from < 0 ? 0 : world.nodes[from].group) == (to < 0 ? 0 : world.nodes[to].group);
}

void message_send(int from, int to, struct message *message, bool lossy)
{
	uint64_t at = world.now + 1 + chance(lossy ? 10 : 4);

	message->from = from;
	message->to = to;
	message->life = to >= 0 ? world.nodes[to].life : 0;
	if (!reaches(from, to) || (lossy && chance(100) < 6)) {
		message_drop(message);
		return;
	}
	if (chance(40) == 0)
		at += chance(150);
	if (world.options.cruel && message->kind == TO_APPEND && chance(6) == 0)
		at += chance(400);
	if (lossy && chance(50) == 0 && !message->rows) {
		struct message *copy = message_new(message->kind);

		*copy = *message;
		post(copy, at + chance(60));
	}
	post(message, at);
}

/* ---- the engine ---- */

static void log_append(struct message *message)
{
	uint32_t entry = message->number;
	unsigned shard = world.written[entry].shard;
	uint64_t before = 0;

	if (world.logged + 2 >= LOG) {
		violated("the world is too long: log");
		return;
	}
	for (size_t i = world.logged; i > 0 && !before; i--)
		if (world.log[i].shard == shard)
			before = i;
	world.log[++world.logged] = (struct logged){ entry, before, (uint8_t)shard };
	if (!on(6)) {
		struct message *answer = message_new(FROM_ACK);

		answer->number = entry;
		message_send(-1, message->from, answer, false);
	}
	for (int i = 0; i < WORLD_NODES; i++) {
		struct message *live = message_new(FROM_LIVE);

		live->shard = (uint8_t)shard;
		live->sequence = world.logged;
		live->before = before < world.first[shard] ? 0 : before;
		live->bytes = world.written[entry].bytes;
		message_send(-1, i, live, true);
	}
}

static void log_read(const struct message *message)
{
	struct message *answer = message_new(FROM_RANGE);
	unsigned shard = message->shard;
	size_t end = world.logged;
	uint64_t at = message->sequence ? message->sequence : 1;

	answer->shard = message->shard;
	answer->leader = message->leader;
	answer->sequence = message->sequence;
	answer->end = true;
	if (!message->leader && chance(10) == 0 && end > 3)
		end -= chance(4);
	if (at < world.first[shard])
		at = world.first[shard];
	for (; at <= end; at++) {
		if (world.log[at].shard != shard)
			continue;
		if (answer->count == RANGE) {
			answer->end = false;
			break;
		}
		answer->lines[answer->count++] =
		    (struct line){ at, world.written[world.log[at].entry].bytes };
	}
	message_send(-1, message->from, answer, false);
}

static void log_purge(const struct message *message)
{
	unsigned shard = message->shard;
	bool later = false;

	if (message->sequence <= world.first[shard] || message->sequence >= world.logged ||
	    world.log[message->sequence].shard != shard)
		return;
	for (size_t i = message->sequence + 1; i <= world.logged; i++)
		later = later || world.log[i].shard == shard;
	if (!later)
		return;
	world.first[shard] = message->sequence;
	world.figures->purges++;
	if (world.options.telling)
		printf("%llu shard %u: log begins at %llu, by node %d\n",
		       (unsigned long long)world.now, shard, (unsigned long long)message->sequence,
		       message->from);
}

void log_lose(size_t count)
{
	for (size_t i = 0; i < count; i++) {
		world.logged--;
		world.figures->cut_entries++;
	}
	world.figures->cuts++;
	world.cuts++;
}

static void arrive(struct message *message)
{
	struct node *node;

	if (message->to < 0) {
		if (message->kind == TO_APPEND)
			log_append(message);
		else if (message->kind == TO_READ)
			log_read(message);
		else
			log_purge(message);
		message_drop(message);
		return;
	}
	node = &world.nodes[message->to];
	if (node->up && node->life == message->life && node->paused > world.now) {
		uint64_t wait = node->paused - world.now;

		post(message, world.now + (wait < RING - 2 ? wait : RING - 2) + (wait < 2));
		return;
	}
	if (node->up && node->life == message->life)
		node_hear(message->to, message);
	message_drop(message);
}

void messages_due(void)
{
	size_t slot = world.now % RING;
	struct message *message;

	while ((message = first[slot])) {
		first[slot] = message->next;
		if (!first[slot])
			last[slot] = NULL;
		arrive(message);
	}
}

void messages_clear(void)
{
	for (size_t i = 0; i < RING; i++) {
		while (first[i]) {
			struct message *message = first[i];

			first[i] = message->next;
			message_drop(message);
		}
		last[i] = NULL;
	}
}
