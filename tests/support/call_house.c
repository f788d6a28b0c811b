#include "tests/support/call_house.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "bridge/client/life.h"
#include "bridge/core/worker.h"
#include "bridge/dial/dialer.h"
#include "bridge/known.h"
#include "bridge/net/loop.h"
#include "bridge/setup.h"
#include "bridge/turn.h"
#include "conf/load.h"

#define WITHIN_MS 20000

static struct conf *conf;
static struct bridge *bridge;
static struct loop *loop;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

/* What the worker's thread is to do; with the lock. */
static struct {
	void (*what)(struct worker *worker, void *data);
	void *data;
} task;

/* ---- the worker ---- */

static void turn(struct worker *worker)
{
	void (*what)(struct worker *, void *);
	void *data;

	pthread_mutex_lock(&lock);
	what = task.what;
	data = task.data;
	pthread_mutex_unlock(&lock);
	if (what)
		what(worker, data);
	turn_run(worker);
	if (!what)
		return;
	pthread_mutex_lock(&lock);
	task.what = NULL;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

static const struct loop_ops ops = { .turn = turn, .tick = turn_tick, .use = &life_user };

void call_house_do(void (*what)(struct worker *, void *), void *data)
{
	struct mailbox *box = &bridge->workers[0]->box;

	pthread_mutex_lock(&lock);
	task.what = what;
	task.data = data;
	pthread_mutex_unlock(&lock);
	box->wake(box->owner);
	pthread_mutex_lock(&lock);
	while (task.what)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
}

void call_house_open(void)
{
	static const char text[] =
	    "workers = 1; listeners = ( { port = 0; mounts = ( { path = \"/x\"; dialect = "
	    "\"simple\"; room = \"lobby\"; } ); } ); rooms = ( { name = \"lobby\"; } );";
	struct conf_printer printer;

	signal(SIGPIPE, SIG_IGN);
	conf_printer_init(&printer, stderr);
	conf = conf_parse(text, known_names(), &printer.report);
	assert_non_null(conf);
	bridge = setup_bridge(conf, NULL, stderr);
	assert_non_null(bridge);
	bridge->dialer = dialer_new();
	assert_non_null(bridge->dialer);
	loop_set_library();
	loop = loop_new(bridge->workers[0], &ops);
	assert_non_null(loop);
	assert_true(loop_start(loop));
}

static void forget_dialer(struct worker *worker, void *data)
{
	*(struct dialer **)data = worker->bridge->dialer;
	worker->bridge->dialer = NULL;
}

void call_house_stop_dialer(void)
{
	struct dialer *dialer;

	call_house_do(forget_dialer, &dialer);
	dialer_free(dialer);
}

/* As a server ends. */
void call_house_close(void)
{
	mailbox_post(&bridge->workers[0]->box, post_new(POST_STOP));
	loop_join(loop);
	dialer_free(bridge->dialer);
	bridge->dialer = NULL;
	bridge->workers[0]->box.wake = NULL;
	loop_free(loop);
	turn_run(bridge->workers[0]);
	setup_free(bridge);
	conf_free(conf);
}

/* ---- who calls ---- */

static void act(struct caller *caller, enum caller_frees when)
{
	if (caller->frees != when)
		return;
	if (caller->closes) {
		socket_call_close(caller->call, 1000);
		return;
	}
	socket_call_free(caller->call);
	caller->call = NULL;
}

static void count(size_t *what)
{
	pthread_mutex_lock(&lock);
	++*what;
	pthread_mutex_unlock(&lock);
}

static void on_open(void *user, struct slice instance)
{
	struct caller *caller = user;

	pthread_mutex_lock(&lock);
	snprintf(caller->instance, sizeof(caller->instance), "%.*s", (int)instance.len,
		 instance.data ? instance.data : "");
	pthread_mutex_unlock(&lock);
	act(caller, FREES_AT_OPEN);
	count(&caller->opened);
}

static void on_message(void *user, struct slice text)
{
	struct caller *caller = user;
	size_t len;

	pthread_mutex_lock(&lock);
	len = strlen(caller->heard);
	if (text.len <= 64 && len + text.len + 2 < sizeof(caller->heard))
		snprintf(caller->heard + len, sizeof(caller->heard) - len, " %.*s", (int)text.len,
			 text.data);
	caller->bytes += text.len;
	pthread_mutex_unlock(&lock);
	act(caller, FREES_AT_MESSAGE);
	count(&caller->messages);
}

static void on_drained(void *user)
{
	struct caller *caller = user;

	act(caller, FREES_AT_DRAINED);
	count(&caller->drained);
}

static void on_end(void *user, const struct socket_call_end *end)
{
	struct caller *caller = user;

	pthread_mutex_lock(&lock);
	caller->end = *end;
	snprintf(caller->why, sizeof(caller->why), "%.*s", (int)end->why.len, end->why.data);
	pthread_mutex_unlock(&lock);
	act(caller, FREES_AT_END);
	count(&caller->ended);
}

static const struct socket_call_user use = {
	.open = on_open, .message = on_message, .drained = on_drained, .end = on_end
};

struct socket_call_request caller_request(const char *url)
{
	return (struct socket_call_request){ .url = slice_of(url),
					     .group = "group",
					     .message_bytes = 4 * 1024 * 1024,
					     .unsent_bytes = 4 * 1024 * 1024,
					     .connect_ms = WITHIN_MS };
}

/* A caller, and what the worker's thread is to do with its call. */
struct deed {
	struct caller *caller;
	const struct socket_call_request *request;
	struct slice text;
	uint16_t code;
	bool taken;
	size_t unsent;
};

static void do_call(struct worker *worker, void *data)
{
	struct deed *deed = data;

	deed->caller->call = socket_call_new(worker, deed->request, &use, deed->caller);
	deed->taken = deed->caller->ended == 0;
}

static void do_free(struct worker *worker, void *data)
{
	struct deed *deed = data;

	(void)worker;
	socket_call_free(deed->caller->call);
	deed->caller->call = NULL;
}

static void do_say(struct worker *worker, void *data)
{
	struct deed *deed = data;

	(void)worker;
	deed->taken = deed->caller->call && socket_call_send(deed->caller->call, deed->text);
}

static void do_close(struct worker *worker, void *data)
{
	struct deed *deed = data;

	(void)worker;
	socket_call_close(deed->caller->call, deed->code);
}

static void do_measure(struct worker *worker, void *data)
{
	struct deed *deed = data;

	(void)worker;
	deed->unsent = socket_call_unsent(deed->caller->call);
}

void caller_call(struct caller *caller, const struct socket_call_request *request)
{
	struct deed deed = { .caller = caller, .request = request };

	call_house_do(do_call, &deed);
	assert_true(deed.taken);
}

void caller_free(struct caller *caller)
{
	call_house_do(do_free, &(struct deed){ .caller = caller });
}

bool caller_say(struct caller *caller, struct slice text)
{
	struct deed deed = { .caller = caller, .text = text };

	call_house_do(do_say, &deed);
	return deed.taken;
}

void caller_closes(struct caller *caller, uint16_t code)
{
	call_house_do(do_close, &(struct deed){ .caller = caller, .code = code });
}

size_t caller_unsent(struct caller *caller)
{
	struct deed deed = { .caller = caller };

	call_house_do(do_measure, &deed);
	return deed.unsent;
}

size_t caller_count(const size_t *what)
{
	size_t now;

	pthread_mutex_lock(&lock);
	now = *what;
	pthread_mutex_unlock(&lock);
	return now;
}

void caller_wait(const size_t *what, size_t wanted)
{
	for (int i = 0; i < WITHIN_MS && caller_count(what) < wanted; i++)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	assert_int_equal(caller_count(what), wanted);
}

void caller_ends(struct caller *caller, enum socket_call_stage stage, unsigned code,
		 const char *words)
{
	caller_wait(&caller->ended, 1);
	if (!strstr(caller->why, words))
		fail_msg("why: %s", caller->why);
	assert_int_equal(caller->end.stage, stage);
	assert_int_equal(stage == SOCKET_CALL_OPEN ? caller->end.code : caller->end.status, code);
	caller_free(caller);
	assert_int_equal(caller_count(&caller->ended), 1);
}
