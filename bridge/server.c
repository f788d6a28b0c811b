#include "bridge/server.h"

#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "bridge/admin/admin_thread.h"
#include "bridge/admin/control/control.h"
#include "bridge/admin/errands/errands.h"
#include "bridge/admin/overview.h"
#include "bridge/backend/backend.h"
#include "bridge/backend/sockets.h"
#include "bridge/client/life.h"
#include "bridge/core/ids.h"
#include "bridge/core/log/log_limit.h"
#include "bridge/core/log/log_stream.h"
#include "bridge/core/log/output.h"
#include "bridge/dial/dialer.h"
#include "bridge/doors/doors.h"
#include "bridge/durable/lasting.h"
#include "bridge/files.h"
#include "bridge/kept.h"
#include "bridge/mounts.h"
#include "bridge/net/listener.h"
#include "bridge/net/loop.h"
#include "bridge/net/renewal.h"
#include "bridge/print.h"
#include "bridge/reload/reload.h"
#include "bridge/secrets/checker.h"
#include "bridge/service/notify.h"
#include "bridge/service/passed_sockets.h"
#include "bridge/service/watchdog.h"
#include "bridge/store/storage.h"
#include "bridge/turn.h"
#include "codecs/text/memory.h"
#include "conf/conf.h"

#define DRAIN_MS       5000 /* after this the rest is dropped */
#define SWEEP_MS       1000
#define STOP_MS        10000 /* for what comes after: threads end, counters are printed */
#define OUTPUT_MS      100
#define OUTPUT_LAST_MS 1000
#define SECOND_MS      1000
#define LARGE_BLOCK    131072

struct server {
	struct bridge *bridge;
	const struct server_options *options;
	uv_loop_t uv;
	uv_async_t wake;
	uv_signal_t term, interrupt, report, hangup;
	uv_timer_t drain_timer, reserve_timer, sweep_timer, output_timer, second_timer,
	    watchdog_timer;
	struct watchdog watchdog;
	uv_prepare_t prepare;
	uv_work_t mark_work;
	struct ids_mark mark;
	bool mark_under_way;
	struct listeners *listeners;
	struct admin_thread *admin;
	struct sockets *sockets;
	struct storage *storage; /* NULL: rooms are in memory alone */
	struct control *control; /* NULL: none */
	struct errands *errands;
	struct overview *overview;
	struct loop *loops[WORKERS_MAX];
	struct counters *report_sum;
	unsigned reports_missing, drains_missing;
};

static void tell_workers(struct server *server, enum post_kind kind)
{
	for (unsigned w = 0; w < server->bridge->worker_count; w++)
		mailbox_post(&server->bridge->workers[w]->box, post_new(kind));
}

static void enter_phase(struct server *server, enum bridge_phase phase)
{
	atomic_store(&server->bridge->phase, phase);
}

static bool is_closing(const struct server *server)
{
	return atomic_load(&server->bridge->phase) >= BRIDGE_CLOSING;
}

/* The admin thread sees that this one is not stuck. */
static void on_prepare(uv_prepare_t *prepare)
{
	struct server *server = prepare->data;

	atomic_store_explicit(&server->bridge->turned_ms, clock_steady_ms(), memory_order_relaxed);
}

static void finish(struct server *server)
{
	enter_phase(server, BRIDGE_ENDING);
	tell_workers(server, POST_STOP);
	uv_stop(&server->uv);
}

static void on_drain_over(uv_timer_t *timer)
{
	log_line(
	    LOG_WARNING,
	    "shutdown timeout: some connections did not close, or some backends did not answer");
	finish(timer->data);
}

static void on_term(uv_signal_t *handle, int number)
{
	struct server *server = handle->data;

	(void)number;
	if (is_closing(server))
		return;
	notify_stopping("closing connections", DRAIN_MS + STOP_MS);
	log_event(LOG_INFO, &(struct log_fields){ .event = "draining" }, "draining");
	enter_phase(server, BRIDGE_CLOSING);
	server->drains_missing = server->bridge->worker_count;
	listeners_stop(server->listeners);
	tell_workers(server, POST_DRAIN);
	uv_timer_start(&server->drain_timer, on_drain_over, DRAIN_MS, 0);
}

static void on_report(uv_signal_t *handle, int number)
{
	struct server *server = handle->data;

	(void)number;
	if (server->reports_missing > 0 || is_closing(server))
		return;
	server->report_sum = counters_new();
	server->reports_missing = server->bridge->worker_count;
	tell_workers(server, POST_REPORT);
}

static void reload_logged(struct server *server)
{
	FILE *errors = log_stream();

	reload(server->bridge, server->options->file, errors);
	fclose(errors);
}

static void read_again(struct server *server)
{
	renewal_read(server->bridge);
	mounts_renew(server->bridge);
	reload_logged(server);
}

static void on_hangup(uv_signal_t *handle, int number)
{
	(void)number;
	read_again(handle->data);
}

/* Standard output is given the counters as fast as it takes them. */
static void on_output(uv_timer_t *timer)
{
	if (output_flush(0))
		uv_timer_stop(timer);
}

static void on_second(uv_timer_t *timer)
{
	struct server *server = timer->data;

	kept_tick(server->bridge, clock_wall_ms());
	overview_tick(server->overview);
	log_limits_tell(false);
	notify_again();
}

static void on_watchdog(uv_timer_t *timer)
{
	struct server *server = timer->data;

	if (watchdog_feeds(&server->watchdog, server->bridge))
		notify_alive();
}

static void take_report(struct server *server, const struct post_reported *post)
{
	counters_add(server->report_sum, post->counters);
	if (--server->reports_missing > 0)
		return;
	print_counters(server->report_sum, server->bridge, "counters are");
	uv_timer_start(&server->output_timer, on_output, OUTPUT_MS, OUTPUT_MS);
	counters_free(server->report_sum);
	server->report_sum = NULL;
}

static void on_sweep(uv_timer_t *timer)
{
	struct server *server = timer->data;

	if (reload_sweeps(server->bridge))
		reload_sweep(server->bridge);
	else
		uv_timer_stop(timer);
}

/* Whose question an answer is to, either knows. */
static void take_post(struct server *server, struct post *post)
{
	if (post->kind == POST_GONE)
		listeners_gone(server->listeners, (struct post_gone *)post);
	else if (post->kind == POST_REPORTED)
		take_report(server, (struct post_reported *)post);
	else if (post->kind == POST_INQUIRED) {
		control_hear(server->control, (struct post_inquiry *)post);
		overview_hear(server->overview, (struct post_inquiry *)post);
	} else if (post->kind == POST_ERRAND)
		errands_take(server->errands, (struct post_errand *)post);
	else if (post->kind == POST_KEPT)
		lasting_heard(post);
	else if (post->kind == POST_DRAINED && --server->drains_missing == 0)
		finish(server);
	else if (reload_post(server->bridge, post) && reload_sweeps(server->bridge) &&
		 !uv_is_active((uv_handle_t *)&server->sweep_timer))
		uv_timer_start(&server->sweep_timer, on_sweep, SWEEP_MS, SWEEP_MS);
	post_free(post);
	control_look(server->control);
	errands_look(server->errands);
	overview_look(server->overview);
}

static void on_wake(uv_async_t *async)
{
	struct server *server = async->data;
	struct post *post = mailbox_take(&server->bridge->main_box);

	while (post) {
		struct post *next = post->next;

		take_post(server, post);
		post = next;
	}
}

static void wake_main(void *owner)
{
	struct server *server = owner;

	uv_async_send(&server->wake);
}

/* The disk is waited for elsewhere. */
static void write_mark(uv_work_t *work)
{
	pthread_setname_np(pthread_self(), "state");
	ids_write(&((struct server *)work->data)->mark);
}

static void mark_written(uv_work_t *work, int status)
{
	struct server *server = work->data;

	(void)status;
	server->mark_under_way = false;
	ids_written(server->bridge, &server->mark);
}

static void reserve_ids(uv_timer_t *timer)
{
	struct server *server = timer->data;

	if (server->mark_under_way || !ids_next(server->bridge, clock_wall_ms(), &server->mark))
		return;
	server->mark_under_way = true;
	server->mark_work.data = server;
	if (uv_queue_work(&server->uv, &server->mark_work, write_mark, mark_written) != 0)
		abort();
}

static void watch_signal(struct server *server, uv_signal_t *handle, uv_signal_cb callback,
			 int number)
{
	handle->data = server;
	uv_signal_init(&server->uv, handle);
	uv_signal_start(handle, callback, number);
}

/* Without a file there is nothing to read again, and whoever started it has closed the terminal;
 * but `nohup` wants it to stay. */
static void watch_hangup(struct server *server)
{
	struct sigaction before;

	if (server->options->file)
		watch_signal(server, &server->hangup, on_hangup, SIGHUP);
	else if (sigaction(SIGHUP, NULL, &before) != 0 || before.sa_handler != SIG_IGN)
		watch_signal(server, &server->hangup, on_term, SIGHUP);
}

void server_hold_signals(bool hold)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGUSR1);
	pthread_sigmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &signals, NULL);
}

static void main_loop_open(struct server *server)
{
	uv_loop_init(&server->uv);
	uv_async_init(&server->uv, &server->wake, on_wake);
	uv_timer_init(&server->uv, &server->drain_timer);
	uv_timer_init(&server->uv, &server->reserve_timer);
	uv_timer_init(&server->uv, &server->sweep_timer);
	uv_timer_init(&server->uv, &server->output_timer);
	uv_timer_init(&server->uv, &server->second_timer);
	uv_timer_init(&server->uv, &server->watchdog_timer);
	uv_prepare_init(&server->uv, &server->prepare);
	server->prepare.data = server;
	uv_prepare_start(&server->prepare, on_prepare);
	server->wake.data = server->drain_timer.data = server->reserve_timer.data =
	    server->sweep_timer.data = server->second_timer.data = server->watchdog_timer.data =
		server;
	watch_signal(server, &server->term, on_term, SIGTERM);
	watch_signal(server, &server->interrupt, on_term, SIGINT);
	watch_signal(server, &server->report, on_report, SIGUSR1);
	watch_hangup(server);
	server_hold_signals(false);
	server->bridge->main_box.owner = server;
	server->bridge->main_box.wake = wake_main;
}

static const struct loop_ops loop_ops = {
	.turn = turn_run, .tick = turn_tick, .use = &life_user, .doors = &doors_user
};

static bool loops_open(struct server *server)
{
	for (unsigned w = 0; w < server->bridge->worker_count; w++) {
		server->loops[w] = loop_new(server->bridge->workers[w], &loop_ops);
		if (!server->loops[w])
			return false;
	}
	return true;
}

static bool loops_watch(struct server *server)
{
	for (unsigned w = 0; w < server->bridge->worker_count; w++) {
		int descriptors[BACKENDS_MAX];
		size_t count = sockets_descriptors(server->sockets, w, descriptors);

		if (!loop_watch(server->loops[w], descriptors, count))
			return false;
	}
	return true;
}

static bool loops_start(struct server *server)
{
	for (unsigned w = 0; w < server->bridge->worker_count; w++)
		if (!loop_start(server->loops[w])) {
			log_line(LOG_ERROR, "cannot start a thread");
			return false;
		}
	return true;
}

/* Where a worker shares its core with the main thread, it would be interrupted for each connection
 * that comes, at a loss to both; for accepting there is time when it waits or has had its turn. */
static void let_workers_finish(void)
{
	struct sched_param none = { 0 };

	if (sched_getscheduler(0) == SCHED_OTHER && sched_setscheduler(0, SCHED_BATCH, &none) != 0)
		log_line(LOG_DEBUG, "cannot lower the scheduling priority of the main thread");
}

static void watchdog_start(struct server *server)
{
	uint64_t timeout = notify_watchdog_ms(), interval = watchdog_interval(timeout);

	if (timeout == 0)
		return;
	if (timeout < 2 * interval)
		log_line(LOG_WARNING,
			 "the service manager's watchdog has %u ms, which is too short: "
			 "WatchdogSec has to be at least 2",
			 (unsigned)timeout);
	uv_timer_start(&server->watchdog_timer, on_watchdog, interval, interval);
}

static void greet(struct server *server)
{
	struct print print;

	if (!server->options->ready)
		return;
	print_begin(&print);
	server->options->ready(server->bridge, server->options->context, print.stream);
	print_end(&print, "what is told at start is");
	uv_timer_start(&server->output_timer, on_output, OUTPUT_MS, OUTPUT_MS);
}

static bool server_start(struct server *server)
{
	/* Before anybody is given an id. */
	ids_reserve(server->bridge, clock_wall_ms());
	if (!loops_open(server) || !loops_watch(server) || !admin_thread_start(server->admin) ||
	    !storage_start(server->storage) || !loops_start(server))
		return false;
	let_workers_finish();
	uv_timer_start(&server->second_timer, on_second, SECOND_MS, SECOND_MS);
	uv_timer_start(&server->reserve_timer, reserve_ids, IDS_RESERVE_MS, IDS_RESERVE_MS);
	listeners_start(server->listeners, &server->uv);
	enter_phase(server, BRIDGE_SERVING);
	watchdog_start(server);
	control_start(server->control, &server->uv);
	greet(server);
	notify_ready("running");
	return true;
}

static bool mail_is_waiting(const struct bridge *bridge)
{
	for (unsigned w = 0; w < bridge->worker_count; w++)
		if (!mailbox_is_empty(&bridge->workers[w]->box))
			return true;
	return false;
}

/* From here on one thread: what the library still closes, and what is still in the mail, ends up
 * in the counters. A loop that is gone must not be woken. */
static void loops_end(struct server *server)
{
	struct bridge *bridge = server->bridge;

	for (unsigned w = 0; w < bridge->worker_count; w++)
		if (server->loops[w])
			loop_join(server->loops[w]);
	kept_end(bridge, clock_wall_ms());
	storage_stop(server->storage);
	admin_thread_stop(server->admin);
	checker_stop(bridge->checker);
	dialer_free(bridge->dialer);
	bridge->dialer = NULL;
	for (unsigned w = 0; w < bridge->worker_count; w++)
		bridge->workers[w]->box.wake = NULL;
	for (unsigned w = 0; w < bridge->worker_count; w++)
		loop_free(server->loops[w]);
	for (size_t b = 0; b < bridge->backend_count; b++)
		backend_close(bridge->backends[b]);
	do {
		for (unsigned w = 0; w < bridge->worker_count; w++)
			turn_run(bridge->workers[w]);
		storage_settle(server->storage);
	} while (mail_is_waiting(bridge));
	sockets_close(server->sockets);
}

static void print_last(const struct server *server)
{
	const struct bridge *bridge = server->bridge;
	struct counters *sum = counters_new();

	for (unsigned w = 0; w < bridge->worker_count; w++)
		worker_count(bridge->workers[w], sum);
	if (server->options->ended)
		print_sum(sum, server->options->ended);
	else
		print_counters(sum, bridge, "the last counters are");
	if (!output_flush(OUTPUT_LAST_MS))
		log_line(LOG_WARNING, "standard output is not read: the last counters are lost");
	counters_free(sum);
}

static void close_handle(uv_handle_t *handle, void *unused)
{
	(void)unused;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

static void main_loop_close(struct server *server)
{
	server_hold_signals(true);
	server->bridge->main_box.wake = NULL;
	uv_walk(&server->uv, close_handle, NULL);
	uv_run(&server->uv, UV_RUN_DEFAULT);
	uv_loop_close(&server->uv);
	listeners_free(server->listeners);
	admin_thread_free(server->admin);
	control_free(server->control);
	errands_free(server->errands);
	overview_free(server->overview);
	counters_free(server->report_sum);
}

static bool doors_open(struct server *server, const struct control_server *hooks)
{
	struct bridge *bridge = server->bridge;
	FILE *errors = server->options->errors;

	server->listeners = listeners_open(bridge, errors);
	if (server->listeners)
		server->admin = admin_thread_open(bridge, errors);
	if (server->admin) {
		passed_sockets_end();
		if (control_open(bridge, hooks, errors, &server->control))
			return true;
	}
	admin_thread_free(server->admin);
	listeners_free(server->listeners);
	return false;
}

/* ---- what is asked for at the control socket ---- */

static uint64_t reload_asked(void *context)
{
	struct server *server = context;
	uint64_t number = server->bridge->reloads.begun + 1;

	read_again(server);
	return number;
}

static void end_asked(void *context)
{
	on_term(&((struct server *)context)->term, 0);
}

int server_run(struct bridge *bridge, const struct server_options *options)
{
	struct server server = { .bridge = bridge, .options = options };
	struct control_server hooks = { .server = &server,
					.file = options->file,
					.reload = reload_asked,
					.add_room = reload_add_room,
					.remove_room = reload_remove_room,
					.change_room = reload_change_room,
					.changes_rooms = reload_busy,
					.end = end_asked };
	struct room_time now = { clock_wall_ms(), clock_steady_ms() };
	bool started, stored;

	bridge->started_ms = clock_wall_ms();
	bridge->turned_ms = clock_steady_ms();
	signal(SIGPIPE, SIG_IGN);
	/* What is given back of large blocks, as long answers are, is to go back to the system: the
	 * allocator raises this limit with the first of them, and keeps the rest. */
	mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
	/* The library's threads only write the mark of ids. */
	setenv("UV_THREADPOOL_SIZE", "1", 0);
	loop_set_library();
	if (!files_limit(bridge, options->errors) ||
	    !storage_open(bridge, now, options->errors, &server.storage))
		return EXIT_FAILURE;
	if (!kept_open(bridge, now, options->errors)) {
		storage_free(server.storage);
		return EXIT_FAILURE;
	}
	/* Its sockets serve nobody yet: what cannot be had is told before anybody is. */
	server.sockets = sockets_open(bridge, options->errors);
	if (!server.sockets) {
		storage_free(server.storage);
		return EXIT_FAILURE;
	}
	if (!doors_open(&server, &hooks)) {
		sockets_close(server.sockets);
		storage_free(server.storage);
		return EXIT_FAILURE;
	}
	server.errands = errands_new(bridge, &hooks);
	server.overview = overview_new(bridge, &hooks);
	bridge->dialer = dialer_new();
	main_loop_open(&server);
	started = server_start(&server);
	if (started)
		uv_run(&server.uv, UV_RUN_DEFAULT);
	else
		tell_workers(&server, POST_STOP);
	listeners_stop(server.listeners);
	control_stop(server.control);
	loops_end(&server);
	if (started)
		print_last(&server);
	stored = storage_works(server.storage);
	main_loop_close(&server);
	storage_free(server.storage);
	log_limits_tell(true);
	return started && stored ? EXIT_SUCCESS : EXIT_FAILURE;
}
