#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "bridge/backend/backend.h"
#include "bridge/core/log/log.h"
#include "bridge/net/loop.h"
#include "bridge/turn.h"
#include "codecs/text/memory.h"
#include "tests/support/crowd.h"
#include "tests/support/dialects.h"
#include "tests/support/floor.h"

#define RESTLESS_NS   500000
#define BOUND_SECONDS 60

#define LIMITS "limits = {" FLOOR_NO_RATE " requests_under_way = 4; };"
#define MOUNTS(suffix, room)                                                                       \
	"{ path = \"/mixer" suffix "\"; dialect = \"mixer\"; room = \"" room "\"; },"              \
	"{ path = \"/concord" suffix "\"; dialect = \"concord\"; room = \"" room "\"; },"          \
	"{ path = \"/rooms" suffix "\"; dialect = \"rooms\"; room = \"" room "\"; },"              \
	"{ path = \"/simple" suffix "\"; dialect = \"simple\"; room = \"" room "\"; }"

static const char *const configs[CROWD_ROOMS_MAX] = {
	FLOOR_LOBBY LIMITS,
	"rooms = ( { name = \"lobby\"; mixer = 1; concord = 1; history = 10; },"
	" { name = \"attic\"; mixer = 2; concord = 2; } );"
	"listeners = ( { mounts = (" MOUNTS("", "lobby") "," MOUNTS("2", "attic") "); } );" LIMITS,
};

#define ASKED                                                                                      \
	"routes: ( { name = \"asked\"; kind = \"message\"; then = ( { tap = \"copy\"; },"          \
	" { ask = \"judge\"; } ); } );"                                                            \
	"backends: ( { name = \"judge\"; bind = \"ipc://j\"; queue = 100000; },"                   \
	" { name = \"copy\"; bind = \"ipc://c\"; queue = 100000; } );"

/* ---- between threads ---- */

void driver_tell(struct driver *driver, const struct command *what)
{
	struct command *command = memory_new(sizeof(*command));

	*command = *what;
	command->next = NULL;
	pthread_mutex_lock(&driver->lock);
	*driver->last = command;
	driver->last = &command->next;
	pthread_cond_signal(&driver->news);
	pthread_mutex_unlock(&driver->lock);
}

static void run_come(struct driver *driver, const struct command *command)
{
	visitor_come(driver, command->visitor);
}

void driver_bring(struct driver *driver, struct visitor *visitor)
{
	driver_tell(driver, &(struct command){ .run = run_come, .visitor = visitor });
}

static void driver_wake(void *owner)
{
	struct driver *driver = ((struct worker *)owner)->loop;

	pthread_mutex_lock(&driver->lock);
	driver->woken = true;
	pthread_cond_signal(&driver->news);
	pthread_mutex_unlock(&driver->lock);
}

static struct timespec time_after(long nanoseconds)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	time.tv_nsec += nanoseconds;
	time.tv_sec += time.tv_nsec / 1000000000;
	time.tv_nsec %= 1000000000;
	return time;
}

/* Who has nothing of its own to do sleeps until it is woken: a lost wake-up is one for ever. */
static struct command *driver_wait(struct driver *driver)
{
	struct timespec soon = time_after(RESTLESS_NS);
	struct command *commands;
	int late = 0;

	pthread_mutex_lock(&driver->lock);
	driver->asleep = true;
	while (!driver->woken && !driver->commands && !driver->again && late != ETIMEDOUT) {
		if (driver->restless)
			late = pthread_cond_timedwait(&driver->news, &driver->lock, &soon);
		else
			pthread_cond_wait(&driver->news, &driver->lock);
	}
	driver->asleep = driver->woken = driver->again = driver->restless = false;
	commands = driver->commands;
	driver->commands = NULL;
	driver->last = &driver->commands;
	pthread_mutex_unlock(&driver->lock);
	return commands;
}

/* ---- a thread ---- */

/* Has somebody something to say, or a closed connection to hang up? */
static bool is_busy(const struct stage_client *client)
{
	return client->session && (client->ended || (client->said && !client->paused));
}

static void *driver_run(void *data)
{
	struct driver *driver = data;

	while (!driver->stopped) {
		struct command *command = driver_wait(driver);

		driver->stage->now_ms = clock_wall_ms();
		driver->stage->tick_ms = clock_steady_ms();
		while (command) {
			struct command *next = command->next;

			command->run(driver, command);
			free(command);
			command = next;
		}
		stage_settle(driver->stage);
		for (struct visitor *v = driver->visitors; v; v = v->next)
			visitor_act(v);
		turn_run(driver->worker);
		for (struct visitor *v = driver->visitors; v; v = v->next)
			driver->again = driver->again || is_busy(v->client);
		driver->again = driver->again || judge_busy(driver->judge);
	}
	return NULL;
}

static void run_publish(struct driver *driver, const struct command *command)
{
	(void)command;
	driver->publishing = true;
}

static void run_last_words(struct driver *driver, const struct command *command)
{
	for (struct visitor *v = driver->visitors; v; v = v->next)
		if (v->person == crowd_reference(command->room->index)) {
			v->said = CROWD_SAYINGS;
			visitor_say(v, command->room);
		}
}

static void run_end(struct driver *driver, const struct command *command)
{
	(void)command;
	driver->stopped = true;
	for (struct visitor *v = driver->visitors; v; v = v->next)
		if (v->client->session)
			stage_leave(v->client);
}

/* ---- the main thread ---- */

static const char *lock_state(pthread_mutex_t *lock)
{
	if (pthread_mutex_trylock(lock) != 0)
		return "locked";
	pthread_mutex_unlock(lock);
	return "free";
}

/* What the threads own is read under their feet: they hang, or the test has failed anyway. */
static void fail_waiting(struct crowd *crowd, const char *whom, unsigned is, unsigned wanted)
{
	for (unsigned w = 0; w < CROWD_WORKERS; w++) {
		struct driver *driver = &crowd->drivers[w];
		struct mailbox *box = &driver->worker->box;

		print_error("worker %u: thread %s, its lock %s; mailbox %s, its lock %s; %s\n", w,
			    driver->asleep ? "asleep" : "awake", lock_state(&driver->lock),
			    box->first ? "not empty" : "empty", lock_state(&box->lock),
			    driver->stage->fault);
	}
	fail_msg("after %d s %u of %u %s; %u lives are over, %u under way", BOUND_SECONDS, is,
		 wanted, whom, atomic_load(&crowd->lives_ended), atomic_load(&crowd->alive));
}

static void await(struct crowd *crowd, atomic_uint *what, unsigned wanted, const char *whom)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	uint64_t end = clock_steady_ms() + BOUND_SECONDS * 1000;

	while (atomic_load(what) != wanted) {
		if (clock_steady_ms() > end)
			fail_waiting(crowd, whom, atomic_load(what), wanted);
		nanosleep(&pause, NULL);
	}
}

static void tell_all(struct crowd *crowd, void (*run)(struct driver *, const struct command *))
{
	for (unsigned w = 0; w < CROWD_WORKERS; w++)
		driver_tell(&crowd->drivers[w], &(struct command){ .run = run });
}

static void bring(struct crowd *crowd, unsigned worker, unsigned person, unsigned lives)
{
	driver_bring(&crowd->drivers[worker], visitor_new(crowd, person, lives));
}

static void driver_open(struct driver *driver, struct crowd *crowd, unsigned worker)
{
	struct stage *stage = memory_zeroed(1, sizeof(*stage));

	driver->crowd = crowd;
	driver->worker = crowd->stage->bridge->workers[worker];
	driver->worker->loop = driver;
	driver->worker->box.wake = driver_wake;
	driver->part = *crowd->stage->bridge;
	driver->part.workers[0] = driver->worker;
	driver->part.worker_count = 1;
	driver->stage = stage;
	driver->random = worker + 1;
	driver->last = &driver->commands;
	stage->bridge = &driver->part;
	stage->clients_end = &stage->clients;
	stage->held = true;
	pthread_mutex_init(&driver->lock, NULL);
	pthread_cond_init(&driver->news, NULL);
}

static void judges_open(struct crowd *crowd)
{
	struct bridge *bridge = crowd->stage->bridge;

	for (size_t b = 0; b < bridge->backend_count; b++) {
		struct driver *driver = &crowd->drivers[backend_owner(bridge, b)];

		assert_null(driver->judge);
		driver->judge = judge_new(bridge, b);
		driver->again = true;
	}
}

struct crowd *crowd_open(unsigned rooms, bool asked)
{
	struct crowd *crowd = memory_zeroed(1, sizeof(*crowd));
	char config[2048];

	log_set_level(asked ? LOG_ERROR : LOG_WARNING);
	snprintf(config, sizeof(config), "%s%s", configs[rooms - 1], asked ? ASKED : "");
	crowd->stage = stage_new(config, CROWD_WORKERS, clock_wall_ms());
	assert_non_null(crowd->stage);
	crowd->bridge = crowd->stage->bridge;
	for (unsigned i = 1; i < rooms; i++)
		assert_int_not_equal(room_table_at(crowd->bridge->rooms, i)->owner,
				     room_table_at(crowd->bridge->rooms, 0)->owner);
	atomic_init(&crowd->persons, CROWD_STEADY);
	for (unsigned w = 0; w < CROWD_WORKERS; w++)
		driver_open(&crowd->drivers[w], crowd, w);
	judges_open(crowd);
	for (unsigned w = 0; w < CROWD_WORKERS; w++)
		assert_int_equal(
		    pthread_create(&crowd->drivers[w].thread, NULL, driver_run, &crowd->drivers[w]),
		    0);
	return crowd;
}

void crowd_gather(struct crowd *crowd)
{
	unsigned rooms = (unsigned)room_table_count(crowd->bridge->rooms);
	unsigned each = CROWD_STEADY / CROWD_WORKERS;

	for (unsigned r = 0; r < rooms; r++)
		bring(crowd, crowd_reference(r) / each, crowd_reference(r), 0);
	await(crowd, &crowd->settled, rooms, "references are in");
	for (unsigned person = 0; person < CROWD_STEADY; person++)
		if (person != crowd_reference(crowd_room(crowd, person)))
			bring(crowd, person / each, person, 0);
	await(crowd, &crowd->settled, CROWD_STEADY, "steady people are in");
}

/* How many of the steady people hear each room's last words. */
static unsigned listeners(const struct crowd *crowd)
{
	unsigned rooms = (unsigned)room_table_count(crowd->bridge->rooms), count = 0;

	for (unsigned person = 0; person < CROWD_STEADY; person++)
		count += person % DIALECTS == DIALECT_CONCORD ? rooms : 1;
	return count;
}

void crowd_act(struct crowd *crowd, bool churn)
{
	unsigned churners = churn ? CROWD_CHURNERS : 0;

	/* The threads see it no sooner than the next command. */
	crowd->lives = churners * CROWD_LIVES;
	atomic_store(&crowd->alive, churners);
	for (unsigned i = 0; i < churners; i++)
		bring(crowd, i % CROWD_WORKERS, atomic_fetch_add(&crowd->persons, 1),
		      CROWD_LIVES - 1);
	tell_all(crowd, run_publish);
	await(crowd, &crowd->published, CROWD_PUBLISHERS, "publishers have said all");
	await(crowd, &crowd->alive, 0, "churners are left");
	for (size_t r = 0; r < room_table_count(crowd->bridge->rooms); r++)
		driver_tell(
		    &crowd->drivers[0],
		    &(struct command){ .run = run_last_words,
				       .room = room_table_at(crowd->stage->bridge->rooms, r) });
	await(crowd, &crowd->last_words, listeners(crowd), "last words are heard");
}

void crowd_end(struct crowd *crowd)
{
	tell_all(crowd, run_end);
	for (unsigned w = 0; w < CROWD_WORKERS; w++)
		pthread_join(crowd->drivers[w].thread, NULL);
	/* What the last turns posted. */
	stage_balance(crowd->stage);
}

static void driver_free(struct driver *driver)
{
	while (driver->visitors) {
		struct visitor *visitor = driver->visitors;

		driver->visitors = visitor->next;
		free(visitor->notes);
		free(visitor);
	}
	driver->stage->bridge = NULL; /* not its own */
	stage_free(driver->stage);
	judge_free(driver->judge);
	pthread_cond_destroy(&driver->news);
	pthread_mutex_destroy(&driver->lock);
}

void crowd_free(struct crowd *crowd)
{
	stage_free(crowd->stage);
	for (unsigned w = 0; w < CROWD_WORKERS; w++)
		driver_free(&crowd->drivers[w]);
	free(crowd);
}
