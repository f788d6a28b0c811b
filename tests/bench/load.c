/* load.c - opens members of rooms on a server, publishes, checks every delivery, and prints what it
 * measured as one line of JSON.
 *
 *   load --port N [--pid P] [--tls] [--warm S] [--seconds S] [--drain S] [--patience S] [--hold S]
 *        [--at-once N] [--counters] [--steps] --group KEY=VALUE,... [--group ...]
 *
 * --pid: the server whose CPU and memory are looked at. --patience: how long connecting may take.
 * --hold: stay connected so long when nobody publishes. --at-once: connections in the making.
 * --counters: ask the server (USR1) for its counters when measuring begins and when it ends.
 * --steps: prints its line when all are connected, and stays so; for each line "measure" on
 * standard input it publishes, and prints its line again; at the end of input it ends.
 *
 * A group has the keys
 *   name, members (of one room), rooms, first (number of the first room), publishers (of one room),
 *   window (messages in flight in one room) or rate (messages a second in one room; warm-rate
 * before measuring begins), burst (fill the window only when it is empty), size (bytes of a text),
 * stalled (members who never read), deflate (members of one room who offer permessage-deflate),
 * prose (1: texts of words, of which no two are the same), speech: plain, mqtt, nats, mixer,
 * reader, concord, rooms, simple, or mixed (the four in turn) Groups connect one after the other.
 *
 * Ends with 0; 1 when it could not be carried out; 3 when something was lost, doubled, out of
 * order or from elsewhere, or a connection ended. */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/load.h"

#define EVENTS   512
#define QUIET_NS (SECOND_NS / 10)
#define STUCK_NS (2 * SECOND_NS)

struct run run = { .warm = 0.5, .seconds = 2, .drain = 5, .patience = 60, .at_once = 64 };

void fail(const char *format, ...)
{
	va_list list;
	va_start(list, format);
	fputs("load: ", stderr);
	vfprintf(stderr, format, list);
	fputc('\n', stderr);
	va_end(list);
	exit(1);
}

uint64_t clock_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}

void *zeroed(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size);
	if (!memory)
		fail("out of memory");
	return memory;
}

void bytes_add(struct bytes *bytes, const void *data, size_t len)
{
	if (bytes->len + len > bytes->size) {
		bytes->size = (bytes->len + len) * 2;
		bytes->data = realloc(bytes->data, bytes->size);
		if (!bytes->data)
			fail("out of memory");
	}
	if (len)
		memcpy(bytes->data + bytes->len, data, len);
	bytes->len += len;
}

void bytes_drop(struct bytes *bytes, size_t len)
{
	bytes->len -= len;
	if (bytes->len && len)
		memmove(bytes->data, bytes->data + len, bytes->len);
}

/* ---- the loop ---- */

static void turn(uint64_t until)
{
	struct epoll_event events[EVENTS];
	struct timespec wait;
	uint64_t next = run.publishing ? crowd_publish() : UINT64_MAX;
	int count;
	run.now = clock_ns();
	if (until < next)
		next = until;
	next = next > run.now ? next - run.now : 0;
	wait = (struct timespec){ (time_t)(next / SECOND_NS), (long)(next % SECOND_NS) };
	count = epoll_pwait2(run.poller, events, EVENTS, &wait, NULL);
	run.now = clock_ns();
	for (int i = 0; i < count; i++)
		wire_event(events[i].data.ptr, events[i].events);
	run.now = clock_ns();
}

static void turns(double seconds)
{
	uint64_t end = clock_ns() + (uint64_t)(seconds * (double)SECOND_NS);
	while (run.now < end)
		turn(end);
}

/* Until nothing came for a while: what the entries of many caused is over. */
static void wait_quiet(void)
{
	uint64_t reads = run.reads, since = clock_ns(), end = since + 20 * SECOND_NS;
	while (run.now < since + QUIET_NS && run.now < end) {
		turn(since + QUIET_NS);
		if (run.reads != reads) {
			reads = run.reads;
			since = run.now;
		}
	}
}

static void connect_group(struct group *group, unsigned *at)
{
	unsigned end = *at + group->rooms * group->members, start = *at, gone = run.lost_members;
	struct usage server = usage_of(run.server), self = usage_of(0);
	uint64_t begin = clock_ns(), limit = begin + (uint64_t)(run.patience * (double)SECOND_NS);
	run.now = begin;
	while (group->ready + (run.lost_members - gone) < end - start) {
		unsigned done = group->ready + (run.lost_members - gone);
		while (*at < end && *at - start - done < run.at_once)
			wire_connect(&run.members[(*at)++]);
		turn(run.now + SECOND_NS / 10);
		if (run.now > limit)
			fail("%u of the %u members of %s are ready after %.0f s", group->ready,
			     end - start, group->name, run.patience);
	}
	group->connect_ns = run.now - begin;
	group->server_ns = usage_of(run.server).run_ns - server.run_ns;
	group->self_ns = usage_of(0).run_ns - self.run_ns;
	if (run.lost_members)
		fail("%u members of %s could not come in", run.lost_members, group->name);
}

static void connect_all(void)
{
	unsigned at = 0;
	for (unsigned i = 0; i < run.group_count; i++) {
		connect_group(&run.groups[i], &at);
		wait_quiet();
		run.groups[i].rss = usage_of(run.server).rss;
	}
}

static bool in_step(void)
{
	return run.expected == 0 || run.now < run.progress + STUCK_NS;
}

static void ask_counters(void)
{
	if (run.counters && run.server)
		kill(run.server, SIGUSR1);
}

static void measure(struct window *window)
{
	bool windows = false;
	uint64_t begin, limit;
	for (unsigned i = 0; i < run.group_count; i++)
		windows |= run.groups[i].window > 0;
	run.publishing = true;
	run.progress = run.now = clock_ns();
	turns(run.warm);
	run.reads = run.bytes = 0;
	ask_counters();
	window->server[0] = usage_of(run.server);
	window->self[0] = usage_of(0);
	crowd_measure();
	begin = clock_ns();
	limit = begin + (uint64_t)(run.seconds * (double)SECOND_NS);
	while (run.now < limit && (!windows || in_step()))
		turn(limit);
	window->ns = run.now - begin;
	window->stuck = windows && !in_step();
	run.measuring = run.publishing = false;
	window->bytes = run.bytes;
	ask_counters();
	window->server[1] = usage_of(run.server);
	window->self[1] = usage_of(0);
	limit = run.now + (uint64_t)(run.drain * (double)SECOND_NS);
	while (run.now < limit && run.delivered < run.expected)
		turn(limit);
	/* What is delivered twice comes late. */
	turns(0.05);
	window->drained_ns = run.now - begin - window->ns;
}

/* ---- step by step ---- */

/* Meanwhile what comes is read. False: there is none. */
static bool next_step(void)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	char line[16];
	while (poll(&input, 1, 0) == 0)
		turn(clock_ns() + SECOND_NS / 50);
	if (!fgets(line, sizeof line, stdin))
		return false;
	if (strcmp(line, "measure\n") != 0)
		fail("there is no step %s", line);
	return true;
}

static void forget_measured(void)
{
	run.measured_published = run.measured_delivered = 0;
	for (unsigned i = 0; i < run.group_count; i++) {
		struct group *group = &run.groups[i];
		group->delivered = group->published = 0;
		group->latency = (struct histogram){ .count = 0 };
	}
	for (unsigned i = 0; i < run.room_count; i++)
		run.rooms[i].first_due = run.rooms[i].scheduled = 0;
}

static void steps(struct window *window)
{
	report_print(window);
	while (fflush(stdout) == 0 && next_step()) {
		forget_measured();
		measure(window);
		report_print(window);
	}
}

/* ---- options ---- */

static enum speech speech_named(const char *name)
{
	static const char *const names[SPEECHES] = { "plain",  "mqtt",    "nats",  "mixer",
						     "reader", "concord", "rooms", "simple" };
	for (int i = 0; i < SPEECHES; i++)
		if (strcmp(name, names[i]) == 0)
			return (enum speech)i;
	fail("there is no speech %s", name);
}

enum {
	NAME,
	MEMBERS,
	GROUP_ROOMS,
	FIRST,
	PUBLISHERS,
	WINDOW,
	RATE,
	WARM_RATE,
	BURST,
	SIZE,
	STALLED,
	SPEECH,
	DEFLATE,
	PROSE
};

static void group_set(struct group *group, int key, const char *value)
{
	unsigned number = (unsigned)strtoul(value, NULL, 10);
	switch (key) {
	case NAME: snprintf(group->name, sizeof group->name, "%s", value); break;
	case MEMBERS: group->members = number; break;
	case GROUP_ROOMS: group->rooms = number; break;
	case FIRST: group->first_room = number; break;
	case PUBLISHERS: group->publishers = number; break;
	case WINDOW: group->window = number; break;
	case RATE: group->rate = strtod(value, NULL); break;
	case WARM_RATE: group->warm_rate = strtod(value, NULL); break;
	case BURST: group->burst = number; break;
	case SIZE: group->size = number; break;
	case STALLED: group->stalled = number; break;
	case DEFLATE: group->deflate = number; break;
	case PROSE: group->prose = number; break;
	default:
		group->mixed = strcmp(value, "mixed") == 0;
		group->speech = group->mixed ? SIMPLE : speech_named(value);
	}
}

static void group_read(char *text)
{
	static char *const keys[] = { "name",    "members", "rooms",     "first", "publishers",
				      "window",  "rate",    "warm-rate", "burst", "size",
				      "stalled", "speech",  "deflate",   "prose", NULL };
	struct group *group = &run.groups[run.group_count++];
	char *value;
	if (run.group_count > GROUPS_MAX)
		fail("more than %d groups", GROUPS_MAX);
	*group = (struct group){ .name = "room", .members = 1, .rooms = 1, .size = 256 };
	while (*text) {
		int key = getsubopt(&text, keys, &value);
		if (key < 0 || !value)
			fail("a group has no %s", value ? value : "key without a value");
		group_set(group, key, value);
	}
	if (group->publishers > PUBLISHERS_MAX ||
	    group->publishers + group->stalled > group->members)
		fail("%s has too many publishers", group->name);
	if (group->publishers && !group->window && group->rate <= 0)
		fail("%s has neither window nor rate", group->name);
	if (group->size < TOKEN_BYTES || group->size > 60000)
		fail("size must be %d .. 60000", TOKEN_BYTES);
}

static void options_read(int argc, char **argv)
{
	static const struct option options[] = {
		{ "port", 1, NULL, 'p' },     { "pid", 1, NULL, 'i' },
		{ "tls", 0, NULL, 't' },      { "warm", 1, NULL, 'w' },
		{ "seconds", 1, NULL, 's' },  { "drain", 1, NULL, 'd' },
		{ "patience", 1, NULL, 'a' }, { "hold", 1, NULL, 'h' },
		{ "counters", 0, NULL, 'c' }, { "at-once", 1, NULL, 'n' },
		{ "group", 1, NULL, 'g' },    { "steps", 0, NULL, 'e' },
		{ NULL, 0, NULL, 0 }
	};
	for (int letter; (letter = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		switch (letter) {
		case 'p': run.port = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'i': run.server = (int)strtol(optarg, NULL, 10); break;
		case 't': run.tls = true; break;
		case 'w': run.warm = strtod(optarg, NULL); break;
		case 's': run.seconds = strtod(optarg, NULL); break;
		case 'd': run.drain = strtod(optarg, NULL); break;
		case 'a': run.patience = strtod(optarg, NULL); break;
		case 'h': run.hold = strtod(optarg, NULL); break;
		case 'n': run.at_once = (unsigned)strtoul(optarg, NULL, 10); break;
		case 'c': run.counters = true; break;
		case 'g': group_read(optarg); break;
		case 'e': run.steps = true; break;
		default: exit(1);
		}
	}
	if (!run.port || !run.group_count || optind < argc)
		fail("--port and --group are needed, see the head of load.c");
}

static bool anybody_publishes(void)
{
	for (unsigned i = 0; i < run.group_count; i++)
		if (run.groups[i].publishers)
			return true;
	return false;
}

int main(int argc, char **argv)
{
	static struct window window;
	struct rlimit files;
	options_read(argc, argv);
	signal(SIGPIPE, SIG_IGN);
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	run.poller = epoll_create1(EPOLL_CLOEXEC);
	crowd_build();
	window.rss_start = usage_of(run.server).rss;
	connect_all();
	if (run.steps)
		steps(&window);
	else if (anybody_publishes())
		measure(&window);
	else
		turns(run.hold);
	window.rss_end = usage_of(run.server).rss;
	if (!run.steps)
		report_print(&window);
	wire_close_all();
	return window.stuck || run.expected != run.delivered || run.doubled || run.reordered ||
		       run.foreign || run.lost_members
		   ? 3
		   : 0;
}
