#include "bridge/admin/admin_thread.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/admin/admin_http.h"
#include "bridge/admin/control/socket_path.h"
#include "bridge/admin/health.h"
#include "bridge/admin/prometheus.h"
#include "bridge/core/log/log.h"
#include "bridge/core/log/log_limit.h"
#include "bridge/core/worker.h"
#include "bridge/net/listener.h"
#include "bridge/net/loop.h"
#include "bridge/net/peers/addresses.h"
#include "bridge/net/socket_poll.h"
#include "codecs/text/memory.h"
#include "conf/conf.h"

#define ANSWER_MS   500 /* for a worker that is asked: four of them turn in the time */
#define ACCEPTS_MAX 16  /* in one go */

struct door {
	struct socket_poll poll; /* first: what is told of it is told of the door */
	struct admin_thread *admin;
	struct listener_info *info;
	struct socket_path place; /* of a Unix socket */
	int fd;                   /* until it is polled; -1: it is */
	bool open;
	bool resting; /* there was no file left for a connection */
	bool starved; /* that was told, and none was accepted since */
};

/* What is known of a worker. */
struct watched {
	bool asked; /* and not answered yet */
	bool fresh; /* answered in this round */
	struct snapshot *snapshot;
};

struct admin_thread {
	struct bridge *bridge;
	struct worker *ground; /* NULL: there are no listeners */
	struct loop *loop;
	struct socket_polls *polls; /* of the doors */
	struct door *doors;
	size_t door_count;
	struct admin_http http;
	struct watched watched[WORKERS_MAX];
	bool asking;     /* a round is under way */
	uint64_t due_ms; /* then it is over */
	uint64_t started_ms;
	bool running;
};

/* ---- a scrape ---- */

static struct worker_reading read_worker(const struct admin_thread *admin, unsigned index)
{
	struct worker *worker = admin->bridge->workers[index];
	const struct watched *watched = &admin->watched[index];

	return (struct worker_reading){
		.age_ms = health_age_ms(admin->ground->tick_ms, atomic_load(&worker->turned_ms)),
		.queue = mailbox_count(&worker->box),
		.late = !watched->fresh,
		.snapshot = watched->snapshot,
	};
}

static void round_end(struct admin_thread *admin)
{
	struct worker_reading workers[WORKERS_MAX];
	struct bridge *bridge = admin->bridge;
	struct prometheus_reading reading = {
		.bridge = bridge,
		.main_age_ms =
		    health_age_ms(admin->ground->tick_ms, atomic_load(&bridge->turned_ms)),
		.uptime_ms = admin->ground->tick_ms - admin->started_ms,
		.worker_count = bridge->worker_count,
		.workers = workers,
	};
	struct exposition exposition = { .family = "" };

	for (unsigned w = 0; w < bridge->worker_count; w++)
		workers[w] = read_worker(admin, w);
	admin->asking = false;
	prometheus_write(&exposition, &reading);
	admin_http_tell(&admin->http, slice_span(exposition.out.data, exposition.out.len));
	http_output_clear(&exposition.out);
}

/* Who comes while a round is under way is told what it finds. A worker that is stuck is asked
 * once. */
static void round_begin(void *owner)
{
	struct admin_thread *admin = owner;
	struct bridge *bridge = admin->bridge;

	if (admin->asking)
		return;
	admin->asking = true;
	admin->due_ms = admin->ground->tick_ms + ANSWER_MS;
	for (unsigned w = 0; w < bridge->worker_count; w++) {
		struct watched *watched = &admin->watched[w];

		watched->fresh = false;
		if (!watched->asked)
			mailbox_post(&bridge->workers[w]->box, post_new(POST_SCRAPE));
		watched->asked = true;
	}
}

static void take_answer(struct admin_thread *admin, struct post_scraped *post)
{
	struct watched *watched = &admin->watched[post->worker];

	free(watched->snapshot);
	watched->snapshot = post->snapshot;
	post->snapshot = NULL;
	watched->asked = false;
	watched->fresh = true;
}

static bool all_answered(const struct admin_thread *admin)
{
	for (unsigned w = 0; w < admin->bridge->worker_count; w++)
		if (!admin->watched[w].fresh)
			return false;
	return true;
}

/* ---- turns ---- */

static struct admin_thread *admin_of(struct worker *ground)
{
	return ground->admin->owner;
}

static void take_post(struct admin_thread *admin, struct post *post)
{
	if (post->kind == POST_SCRAPED)
		take_answer(admin, (struct post_scraped *)post);
	else if (post->kind == POST_CERTIFICATE)
		admin->ground->certify(admin->ground, post);
	else if (post->kind == POST_STOP)
		admin->ground->stopped = true;
	post_free(post);
}

static void turn(struct worker *ground)
{
	struct admin_thread *admin = admin_of(ground);
	struct post *post = mailbox_take(&ground->box);

	while (post) {
		struct post *next = post->next;

		take_post(admin, post);
		post = next;
	}
	if (admin->asking && (all_answered(admin) || ground->tick_ms >= admin->due_ms))
		round_end(admin);
	worker_send_mail(ground);
}

static void tick(struct worker *ground)
{
	struct admin_thread *admin = admin_of(ground);

	admin_http_tick(&admin->http);
	for (size_t i = 0; i < admin->door_count; i++)
		if (admin->doors[i].resting && admin->doors[i].open) {
			admin->doors[i].resting = false;
			socket_poll_read(&admin->doors[i].poll, true);
		}
}

/* ---- listening ---- */

static void hand_over(struct door *door, int fd, const struct sockaddr_storage *address)
{
	struct post_socket *post = post_new(POST_SOCKET);

	post->fd = fd;
	post->listener = door->info;
	if (address->ss_family == AF_INET || address->ss_family == AF_INET6)
		post->peer = address_of(address);
	atomic_fetch_add_explicit(&door->info->accepted, 1, memory_order_relaxed);
	door->admin->ground->adopt(door->admin->ground, &post->post);
	post_free(&post->post);
}

static struct door *door_of(struct socket_poll *poll)
{
	return (struct door *)(void *)poll;
}

/* The socket stays readable: until the next tick nobody is accepted. */
static void door_rest(struct door *door, int why)
{
	if (!door->starved)
		log_limited(LOG_ACCEPT, LOG_WARNING,
			    "cannot accept connections of an admin listener: %s; retrying until "
			    "there is room",
			    strerror(why));
	door->starved = door->resting = true;
	socket_poll_read(&door->poll, false);
}

static void on_readable(struct socket_poll *poll)
{
	struct door *door = door_of(poll);
	struct worker *ground = door->admin->ground;

	if (ground->clock_stale)
		ground->read_clock(ground);
	for (int i = 0; i < ACCEPTS_MAX; i++) {
		struct sockaddr_storage address = { .ss_family = AF_UNSPEC };
		socklen_t len = sizeof(address);
		int fd = accept4(poll->fd, (struct sockaddr *)&address, &len,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			door->starved = false;
			hand_over(door, fd, &address);
			continue;
		}
		if (errno == EINTR || errno == ECONNABORTED)
			continue;
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			door_rest(door, errno);
		return;
	}
}

static void on_writable(struct socket_poll *poll)
{
	(void)poll;
}

static void on_broken(struct socket_poll *poll)
{
	const char *path = door_of(poll)->info->conf->path;

	if (door_of(poll)->admin->running)
		log_line(LOG_ERROR,
			 "an admin listener (%s) is broken: nobody is accepted there any more",
			 path[0] ? path : listener_address(door_of(poll)->info));
	socket_path_leave(&door_of(poll)->place);
	socket_poll_close(poll);
	door_of(poll)->open = false;
}

static bool doors_poll(struct admin_thread *admin)
{
	static const struct socket_poll_ops ops = { .readable = on_readable,
						    .writable = on_writable,
						    .broken = on_broken };

	admin->polls = socket_polls_new(admin->ground->uv, &ops);
	if (!admin->polls)
		return false;
	for (size_t i = 0; i < admin->door_count; i++) {
		struct door *door = &admin->doors[i];

		door->open = socket_poll_open(admin->polls, &door->poll, door->fd);
		door->fd = -1;
		if (!door->open)
			return false;
	}
	return true;
}

static int door_bind(struct door *door, FILE *errors)
{
	const char *path = door->info->conf->path;
	enum socket_path_fault fault;
	int fd;

	if (!path[0])
		return listener_bind(door->info, errors);
	fault = socket_path_take(&door->place, path, false, &fd);
	if (fault != SOCKET_PATH_OK)
		fprintf(errors, "dragoman: cannot listen on %s: %s\n", path,
			socket_path_fault_text(fault));
	return fd;
}

static bool doors_open(struct admin_thread *admin, FILE *errors)
{
	struct bridge *bridge = admin->bridge;

	admin->doors = memory_zeroed(bridge->listener_count, sizeof(*admin->doors));
	for (size_t i = 0; i < bridge->listener_count; i++) {
		struct door *door = &admin->doors[admin->door_count];

		if (!bridge->listeners[i].admin)
			continue;
		door->admin = admin;
		door->info = &bridge->listeners[i];
		door->fd = door_bind(door, errors);
		if (door->fd < 0)
			return false;
		admin->door_count++;
	}
	return true;
}

static void doors_close(struct admin_thread *admin)
{
	for (size_t i = 0; i < admin->door_count; i++) {
		socket_path_leave(&admin->doors[i].place);
		if (admin->doors[i].fd >= 0)
			close(admin->doors[i].fd);
	}
	admin->door_count = 0;
}

/* ---- its life ---- */

struct admin_thread *admin_thread_open(struct bridge *bridge, FILE *errors)
{
	struct admin_thread *admin = memory_zeroed(1, sizeof(*admin));

	admin->bridge = bridge;
	admin->http.asked = round_begin;
	admin->http.owner = admin;
	if (!doors_open(admin, errors)) {
		admin_thread_free(admin);
		return NULL;
	}
	if (admin->door_count == 0)
		return admin;
	admin->ground = worker_new(bridge, bridge->worker_count);
	admin->ground->admin = &admin->http;
	bridge->admin = admin->ground;
	return admin;
}

bool admin_thread_start(struct admin_thread *admin)
{
	static const struct loop_ops ops = { .turn = turn, .tick = tick, .open = admin_http_open };

	if (!admin->ground)
		return true;
	admin->loop = loop_new(admin->ground, &ops);
	admin->started_ms = admin->ground->tick_ms;
	/* Before the thread looks at it. */
	admin->running = admin->loop && doors_poll(admin);
	if (admin->running && !loop_start(admin->loop))
		admin->running = false;
	return admin->running;
}

void admin_thread_stop(struct admin_thread *admin)
{
	if (admin->running) {
		mailbox_post(&admin->ground->box, post_new(POST_STOP));
		loop_join(admin->loop);
	}
	admin->running = false;
	if (admin->ground)
		admin->ground->box.wake = NULL;
	socket_polls_close(admin->polls);
	admin->polls = NULL;
	loop_free(admin->loop);
	admin->loop = NULL;
	doors_close(admin);
}

void admin_thread_free(struct admin_thread *admin)
{
	if (!admin)
		return;
	admin_thread_stop(admin);
	for (unsigned w = 0; w < WORKERS_MAX; w++)
		free(admin->watched[w].snapshot);
	worker_free(admin->ground);
	if (admin->ground)
		admin->bridge->admin = NULL;
	free(admin->doors);
	free(admin);
}
