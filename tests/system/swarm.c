/* swarm.c - many WebSocket clients of the four dialects in one process, which compare what they
 * saw.
 *
 *   swarm order --port N [--clients 200] [--publishers 20] [--messages 50] [--window 0]
 *   swarm churn --port N ... [--churners 50]   the same while others come and leave
 *   swarm burst --port N [--readers 100] [--messages 64] [--dialect D]
 *   swarm race --port N [--joins 200]          of each dialect, see race.h
 *   swarm stall --port N [--readers 100] [--mib 12] [--dialect D]
 *
 * --mixer, --concord, --rooms: the room's ids. --step: print "ready" when all are in and go on at
 * a line on standard input; after the result line wait for another before leaving. Ends with one
 * line of JSON and 0, or an explanation on standard error and 1. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "client.h"
#include "race.h"

static struct {
	unsigned clients, publishers, messages, window, churners, readers, bytes, mib, joins;
	enum dialect dialect;
	bool step;
} option = { .clients = 200,
	     .publishers = 20,
	     .churners = 50,
	     .readers = 100,
	     .bytes = 100,
	     .mib = 12,
	     .joins = 200 };

static unsigned random_below(unsigned limit)
{
	static uint64_t state = UINT64_C(0x9e3779b97f4a7c15);
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state % limit);
}

static void turns(unsigned ms)
{
	for (uint64_t end = now_ms() + ms; now_ms() < end;)
		turn(10);
}

/* Waits for the line that lets the next step begin. */
static void step(void)
{
	char line[16];
	fflush(stdout);
	if (option.step && !fgets(line, sizeof line, stdin))
		fail("standard input ended");
}

/* Lets client 0 speak until everyone heard it: then all are in the room. */
static void wait_ready(void)
{
	struct client *speaker = world.clients[0];
	uint64_t again = 0;
	for (size_t missing = 1; missing;) {
		missing = 0;
		for (size_t i = 0; i < world.client_count; i++)
			missing += !world.clients[i]->ready;
		if (missing && now_ms() >= again && speaker->phase == PRESENT) {
			client_say(speaker, "ready", "ready");
			client_flush(speaker);
			again = now_ms() + 100;
		}
		turn(20);
	}
	turns(150);
	if (option.step) {
		puts("ready");
		step();
	}
}

/* Says what c has still to say, but no more than the window allows ahead of what was heard. */
static void publish(struct client *c, size_t heard)
{
	char id[16], *text;
	size_t until = option.window ? heard + option.window : option.messages;
	if (c->sent >= until || c->sent >= option.messages)
		return;
	text = malloc(option.bytes + 1);
	if (!text)
		fail("out of memory");
	for (; c->sent < until && c->sent < option.messages; c->sent++) {
		int len = snprintf(text, option.bytes, "m%u.%u ", c->number, c->sent);
		memset(text + len, 'x', option.bytes - (size_t)len);
		text[option.bytes] = 0;
		snprintf(id, sizeof id, "%u", c->sent);
		client_say(c, text, id);
	}
	free(text);
	client_flush(c);
}

/* Steps to the next message in a log. */
static bool next_message(const struct client *c, size_t *at, uint32_t *message)
{
	while (*at < c->logged) {
		*message = c->log[(*at)++];
		if (*message < SAW_EXIT)
			return true;
	}
	return false;
}

/* Client 0 must have each publisher's messages once and in order. Returns their hash. */
static uint64_t verify_total(void)
{
	unsigned *next = calloc(option.publishers, sizeof *next);
	uint64_t hash = UINT64_C(14695981039346656037);
	uint32_t message;
	for (size_t at = 0; next && next_message(world.clients[0], &at, &message);) {
		unsigned who = message >> 20;
		if (who >= option.publishers)
			fail("s0 saw %s of no publisher", saw_text(message));
		if (SAW(who, next[who]) != message)
			fail("s0 saw %s where %s was due", saw_text(message),
			     saw_text(SAW(who, next[who])));
		next[who]++;
		hash = (hash ^ message) * UINT64_C(1099511628211);
	}
	for (unsigned i = 0; next && i < option.publishers; i++)
		if (next[i] != option.messages)
			fail("s0 saw %u of the %u messages of s%u", next[i], option.messages, i);
	free(next);
	return hash;
}

/* c must have seen what client 0 saw from that place of its log on; all of it when whole. Returns
 * the place behind what it saw. */
static size_t verify_piece(const struct client *c, size_t from, bool whole)
{
	const char *dialect = dialect_names[c->dialect];
	uint32_t mine, theirs;
	size_t at = 0, count = 0;
	for (; next_message(c, &at, &mine); count++) {
		if (!next_message(world.clients[0], &from, &theirs))
			fail("s%u (%s) saw %s after the end", c->number, dialect, saw_text(mine));
		if (mine != theirs)
			fail("s%u (%s) saw %s as its message %zu, s0 saw %s", c->number, dialect,
			     saw_text(mine), count, saw_text(theirs));
	}
	if (whole && next_message(world.clients[0], &from, &theirs))
		fail("s%u (%s) never saw %s", c->number, dialect, saw_text(theirs));
	return from;
}

static void leave_all(void)
{
	bool open = true;
	for (size_t i = 0; i < world.client_count; i++)
		if (world.clients[i]->phase != GONE)
			client_leave(world.clients[i]);
	while (open) {
		open = false;
		turn(20);
		for (size_t i = 0; i < world.client_count; i++)
			open = open || world.clients[i]->phase != GONE;
	}
}

/* Ends the visits that are long enough, each third one without a close frame, and begins as many
 * new ones as there is room for. Returns how many are open. */
static unsigned visits_tend(size_t first, bool more)
{
	unsigned open = 0;
	for (size_t i = first; i < world.client_count; i++) {
		struct client *c = world.clients[i];
		if (c->phase == PRESENT &&
		    (c->heard >= c->leave_after || now_ms() >= c->leave_at)) {
			if (c->number % 3)
				client_leave(c);
			else
				client_vanish(c);
		}
		open += c->phase != GONE;
	}
	for (; more && open < option.churners; open++) {
		struct client *c = client_open((enum dialect)random_below(DIALECTS), 0);
		c->leave_after = 1 + random_below(60);
		c->leave_at = now_ms() + 20 + random_below(400);
	}
	return open;
}

/* The place in client 0's log behind a note that must be there once, or 0 when it is not there. */
static size_t find_note(uint32_t note)
{
	const struct client *c = world.clients[0];
	size_t found = 0;
	for (size_t at = 0; at < c->logged; at++) {
		if (c->log[at] != note)
			continue;
		if (found)
			fail("s0 saw the %s twice", saw_text(note));
		found = at + 1;
	}
	return found;
}

static void wait_visits(size_t first)
{
	while (visits_tend(first, false))
		turn(5);
	for (size_t i = first; i < world.client_count; i++)
		while (find_note(SAW_ENTER | (uint32_t)i) && !find_note(SAW_EXIT | (uint32_t)i))
			turn(5);
}

/* From its entry, as client 0 saw it, each visitor saw one piece of the sequence, and nothing from
 * after its exit. Returns how many saw any. */
static size_t verify_visits(size_t first)
{
	size_t seen = 0;
	for (size_t i = first; i < world.client_count; i++) {
		const struct client *c = world.clients[i];
		size_t enter = find_note(SAW_ENTER | (uint32_t)i);
		if (c->heard == 0)
			continue;
		if (!enter)
			fail("s%zu (%s) heard %zu messages, but s0 never saw its entry", i,
			     dialect_names[c->dialect], c->heard);
		if (verify_piece(c, enter, false) >= find_note(SAW_EXIT | (uint32_t)i))
			fail("s%zu (%s) heard messages from after its exit", i,
			     dialect_names[c->dialect]);
		seen++;
	}
	return seen;
}

static void run_order(unsigned shift)
{
	unsigned total, done = 0, sends;
	uint64_t began, ended, hash;
	size_t visits;
	option.messages = option.messages ? option.messages : 50;
	total = option.publishers * option.messages;
	for (unsigned i = 0; i < option.clients; i++)
		client_open((enum dialect)((i + shift) % DIALECTS), 0);
	wait_ready();
	world.clients[0]->logs_presence = option.churners > 0;
	sends = world.clients[0]->sends;
	for (began = now_ms(); done < option.clients;) {
		for (unsigned i = 0; i < option.publishers; i++)
			publish(world.clients[i], world.clients[i]->own);
		turn(5);
		done = 0;
		for (unsigned i = 0; i < option.clients; i++)
			done += world.clients[i]->heard >= total;
		if (option.churners)
			visits_tend(option.clients, done < option.clients);
	}
	ended = now_ms();
	sends = world.clients[0]->sends - sends;
	wait_visits(option.clients);
	turns(200); /* for what may come twice */
	hash = verify_total();
	for (unsigned i = 1; i < option.clients; i++)
		verify_piece(world.clients[i], 0, true);
	visits = verify_visits(option.clients);
	printf("{\"scenario\":\"%s\",\"messages\":%u,\"deliveries\":%u,\"visits\":%zu,"
	       "\"visits_with_messages\":%zu,\"sends\":%u,\"hash\":\"%016llx\",\"ms\":%llu}\n",
	       world.scenario, total, total * option.clients, world.client_count - option.clients,
	       visits, sends, (unsigned long long)hash, (unsigned long long)(ended - began));
}

static void run_burst(void)
{
	option.clients = option.readers + 1;
	option.publishers = 1;
	option.messages = option.messages ? option.messages : 64;
	option.churners = 0;
	run_order(option.dialect);
}

static void run_stall(void)
{
	unsigned last = option.readers + 1;
	struct client *stalled;
	bool done = false;
	option.bytes = 16384;
	option.messages = option.mib * 64;
	option.publishers = 1;
	option.window = 8;
	for (unsigned i = 0; i < last; i++)
		client_open((enum dialect)(i % DIALECTS), 0);
	stalled = client_open(option.dialect, 4096);
	wait_ready();
	world.clients[0]->logs_presence = true;
	stalled->may_end = true;
	stalled->reading = false;
	client_poll(stalled);
	while (!done) {
		size_t slowest = option.messages;
		turn(5);
		for (unsigned i = 0; i < last; i++)
			if (world.clients[i]->heard < slowest)
				slowest = world.clients[i]->heard;
		publish(world.clients[0], slowest);
		done = slowest == option.messages && find_note(SAW_EXIT | last) > 0;
	}
	stalled->reading = true;
	client_poll(stalled);
	while (stalled->phase != GONE)
		turn(5);
	verify_total();
	for (unsigned i = 1; i < last; i++)
		verify_piece(world.clients[i], 0, true);
	verify_piece(stalled, 0, false);
	if (stalled->heard >= option.messages)
		fail("the reader that stopped got everything");
	printf("{\"scenario\":\"stall\",\"messages\":%u,\"bytes\":%u,\"stalled_heard\":%zu}\n",
	       option.messages, option.bytes, stalled->heard);
}

static enum dialect find_dialect(const char *name)
{
	for (int i = 0; i < DIALECTS; i++)
		if (strcmp(name, dialect_names[i]) == 0)
			return (enum dialect)i;
	fail("there is no dialect %s", name);
}

static void read_options(int argc, char **argv)
{
	static const struct option names[] = {
		{ "port", 1, NULL, 0 },       { "seconds", 1, NULL, 0 },
		{ "clients", 1, NULL, 0 },    { "messages", 1, NULL, 0 },
		{ "window", 1, NULL, 0 },     { "churners", 1, NULL, 0 },
		{ "readers", 1, NULL, 0 },    { "bytes", 1, NULL, 0 },
		{ "publishers", 1, NULL, 0 }, { "mib", 1, NULL, 0 },
		{ "joins", 1, NULL, 0 },      { "mixer", 1, NULL, 'm' },
		{ "concord", 1, NULL, 'c' },  { "rooms", 1, NULL, 'r' },
		{ "dialect", 1, NULL, 'd' },  { "step", 0, NULL, 's' },
		{ NULL, 0, NULL, 0 }
	};
	unsigned *const numbers[] = { &world.port,      &world.seconds, &option.clients,
				      &option.messages, &option.window, &option.churners,
				      &option.readers,  &option.bytes,  &option.publishers,
				      &option.mib,      &option.joins };
	int found, index;
	while ((found = getopt_long(argc, argv, "", names, &index)) != -1) {
		switch (found) {
		case 0: *numbers[index] = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'm': world.mixer = optarg; break;
		case 'c': world.concord = optarg; break;
		case 'r': world.rooms = optarg; break;
		case 'd': option.dialect = find_dialect(optarg); break;
		case 's': option.step = true; break;
		default: exit(2);
		}
	}
	world.scenario = optind == argc - 1 ? argv[optind] : NULL;
	if (!world.scenario || !world.port || option.bytes < 24)
		fail("usage: swarm order|churn|burst|race|stall --port N [options]");
}

int main(int argc, char **argv)
{
	world = (struct world){ .seconds = 90, .mixer = "1", .concord = "1", .rooms = "" };
	read_options(argc, argv);
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 4096, 4096 });
	world.poller = epoll_create1(0);
	world.deadline = now_ms() + world.seconds * UINT64_C(1000);
	if (strcmp(world.scenario, "order") == 0) {
		option.churners = 0;
		run_order(SIMPLE);
	} else if (strcmp(world.scenario, "churn") == 0) {
		run_order(SIMPLE);
	} else if (strcmp(world.scenario, "burst") == 0) {
		run_burst();
	} else if (strcmp(world.scenario, "race") == 0) {
		race_run(option.joins);
	} else if (strcmp(world.scenario, "stall") == 0) {
		run_stall();
	} else {
		fail("there is no scenario %s", world.scenario);
	}
	step();
	leave_all();
	return 0;
}
