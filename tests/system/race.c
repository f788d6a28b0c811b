#include "race.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "client.h"

#define SPEAKERS   4 /* clients 0 to 3 */
#define AT_ONCE    12
#define AHEAD      8 /* of its own messages that a speaker has not heard yet */
#define STAY       4 /* messages that one who came hears before it leaves */
#define NOWHERE    UINT32_MAX
#define SAID_LIMIT (1u << 20)

static struct {
	unsigned turn;         /* of the speakers */
	unsigned *said_before; /* by client and speaker: said before the client was told it is in */
} race;

static void *zeroed(size_t count, size_t size)
{
	void *block = calloc(count, size);
	if (!block)
		fail("out of memory");
	return block;
}

static void speak(unsigned number)
{
	struct client *speaker = world.clients[number];
	char text[32], id[16];
	if (speaker->sent + 1 >= SAID_LIMIT)
		fail("there is no number left for what s%u says", number);
	snprintf(text, sizeof text, "m%u.%u ", number, speaker->sent);
	snprintf(id, sizeof id, "%u", speaker->sent++);
	client_say(speaker, text, id);
	client_flush(speaker);
}

/* The speakers say something now and then without a reason, too, each when it heard the last. */
static void speak_all(void)
{
	for (unsigned i = 0; i < SPEAKERS; i++)
		if (world.clients[i]->sent == world.clients[i]->own)
			speak(i);
}

static void client_is_in(struct client *c)
{
	if (c->number < SPEAKERS)
		return;
	for (unsigned i = 0; i < SPEAKERS; i++)
		race.said_before[c->number * SPEAKERS + i] = world.clients[i]->sent;
	c->leave_after = c->heard + STAY;
	for (unsigned i = 0; i < SPEAKERS; i++) {
		const struct client *speaker = world.clients[race.turn++ % SPEAKERS];
		if (speaker->sent < speaker->own + AHEAD) {
			speak(speaker->number);
			return;
		}
	}
}

/* Those who heard enough leave, others come. Returns how many are there. */
static unsigned tend(unsigned last)
{
	unsigned open = 0;
	for (size_t i = SPEAKERS; i < world.client_count; i++) {
		struct client *c = world.clients[i];
		if (c->phase == PRESENT && c->heard >= c->leave_after)
			client_leave(c);
		open += c->phase != GONE;
	}
	for (; open < AT_ONCE && world.client_count < last; open++)
		client_open((enum dialect)(world.client_count % DIALECTS), 0);
	return open;
}

static void speakers_enter(void)
{
	for (unsigned i = 0; i < SPEAKERS; i++)
		client_open((enum dialect)i, 0);
	for (unsigned ready = 0; ready < SPEAKERS;) {
		if (world.clients[0]->phase == PRESENT) {
			client_say(world.clients[0], "ready", "ready");
			client_flush(world.clients[0]);
		}
		for (uint64_t end = now_ms() + 100; now_ms() < end;)
			turn(10);
		ready = 0;
		for (unsigned i = 0; i < SPEAKERS; i++)
			ready += world.clients[i]->ready;
	}
}

/* The place of each message in what client 0 heard, by speaker and sequence. */
static uint32_t *places[SPEAKERS];

static void places_find(void)
{
	const struct client *all = world.clients[0];
	unsigned due[SPEAKERS] = { 0 };
	for (unsigned i = 0; i < SPEAKERS; i++)
		places[i] = zeroed(world.clients[i]->sent + 1, sizeof(uint32_t));
	for (size_t at = 0; at < all->logged; at++) {
		unsigned who = all->log[at] >> 20, which = all->log[at] & (SAID_LIMIT - 1);
		if (who >= SPEAKERS || which != due[who])
			fail("s0 saw %s, out of order", saw_text(all->log[at]));
		places[who][due[who]++] = (uint32_t)at;
	}
	for (unsigned i = 0; i < SPEAKERS; i++) {
		if (due[i] != world.clients[i]->sent)
			fail("s0 saw %u of %u messages of s%u", due[i], world.clients[i]->sent, i);
		places[i][due[i]] = NOWHERE;
	}
}

/* What c heard must be one piece of what client 0 heard. Returns how many of the messages that
 * were said after it was told to be in came before that piece. */
static unsigned verify(const struct client *c)
{
	const struct client *all = world.clients[0];
	unsigned first, missed = 0;
	if (!c->logged)
		fail("s%u (%s) heard nothing", c->number, dialect_names[c->dialect]);
	first = places[c->log[0] >> 20][c->log[0] & (SAID_LIMIT - 1)];
	for (size_t at = 0; at < c->logged; at++)
		if (first + at >= all->logged || c->log[at] != all->log[first + at])
			fail("s%u (%s) heard %s as its message %zu, which is not what s0 heard",
			     c->number, dialect_names[c->dialect], saw_text(c->log[at]), at);
	for (unsigned i = 0; i < SPEAKERS; i++)
		for (unsigned said = race.said_before[c->number * SPEAKERS + i];
		     places[i][said] < first; said++)
			missed++;
	return missed;
}

static void report(uint64_t ms)
{
	unsigned missed[DIALECTS] = { 0 }, joins = 0, all = 0;
	size_t heard = 0;
	places_find();
	for (size_t i = SPEAKERS; i < world.client_count; i++, joins++) {
		unsigned count = verify(world.clients[i]);
		missed[world.clients[i]->dialect] += count > 0;
		all += count > 0;
		heard += world.clients[i]->heard;
	}
	printf("{\"scenario\":\"race\",\"joins\":%u,\"messages\":%zu,\"heard\":%zu,\"missed\":%u,",
	       joins, world.clients[0]->heard, heard, all);
	for (int i = 0; i < DIALECTS; i++)
		printf("\"missed_%s\":%u,", dialect_names[i], missed[i]);
	printf("\"ms\":%llu}\n", (unsigned long long)ms);
}

static size_t said(void)
{
	size_t sum = 0;
	for (unsigned i = 0; i < SPEAKERS; i++)
		sum += world.clients[i]->sent;
	return sum;
}

void race_run(unsigned joins)
{
	uint64_t began;
	unsigned last = SPEAKERS + joins * DIALECTS;
	race.said_before = zeroed((size_t)last * SPEAKERS, sizeof *race.said_before);
	world.is_in = client_is_in;
	speakers_enter();
	for (began = now_ms(); tend(last) || world.client_count < last;) {
		speak_all();
		turn(1);
	}
	while (world.clients[0]->heard < said())
		turn(5);
	report(now_ms() - began);
}
