#include "bridge/net/socket_poll.h"

#include <stddef.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <uv.h>

#include "codecs/text/memory.h"

#define EVENTS_MAX 1024 /* told of in one go; the others are told of in the next */

/* So often within so many ms, and looking each time costs more than what is found: then it is
 * looked each pace_ms, until nothing is found. */
#define BUSY_TIMES 25
#define BUSY_MS    50

#define HURRY_DIVIDES 4 /* the pace, when somebody waits */

struct socket_polls {
	uv_poll_t poll;
	uv_timer_t pace;
	unsigned pace_ms; /* 0: it is looked whenever something comes */
	unsigned times;   /* since busy_ms, of the loop's clock */
	uint64_t busy_ms;
	bool paced, hurried;
	unsigned closing; /* handles that are not closed yet */
	const struct socket_poll_ops *ops;
	struct socket_poll *first;
	int fd;
	int at, count; /* of those who are being told */
	struct epoll_event events[EVENTS_MAX];
};

static bool set_control(const struct socket_poll *poll, int operation)
{
	struct epoll_event event = { .data.ptr = (void *)(uintptr_t)poll };

	event.events =
	    (poll->reads ? (uint32_t)EPOLLIN : 0) | (poll->writes ? (uint32_t)EPOLLOUT : 0);
	return epoll_ctl(poll->polls->fd, operation, poll->fd, &event) == 0;
}

static void unwatch(struct socket_poll *poll)
{
	if (poll->watched)
		set_control(poll, EPOLL_CTL_DEL);
	poll->watched = false;
}

/* One that wants nothing is taken out: the end of a connection is told of even when unwanted. */
static void watch(struct socket_poll *poll)
{
	bool wanted = poll->reads || poll->writes;

	if (wanted && poll->watched)
		set_control(poll, EPOLL_CTL_MOD);
	else if (wanted)
		poll->watched = set_control(poll, EPOLL_CTL_ADD);
	else
		unwatch(poll);
}

/* What can be written goes out before more is read: that may end it. */
static void tell(struct socket_polls *polls, const struct epoll_event *event)
{
	struct socket_poll *poll = event->data.ptr;
	uint32_t ended = event->events & EPOLLHUP;

	if (event->events & EPOLLERR) {
		polls->ops->broken(poll);
		return;
	}
	if (poll->writes && (event->events & EPOLLOUT || (ended && !poll->reads))) {
		poll->writes = false;
		watch(poll);
		polls->ops->writable(poll);
	}
	/* It may have been closed by what was just told. */
	poll = event->data.ptr;
	if (poll && poll->reads && (event->events & EPOLLIN || ended))
		polls->ops->readable(poll);
}

static void look(struct socket_polls *polls)
{
	polls->count = epoll_wait(polls->fd, polls->events, EVENTS_MAX, 0);
	for (polls->at = 0; polls->at < polls->count; polls->at++)
		if (polls->events[polls->at].data.ptr)
			tell(polls, &polls->events[polls->at]);
}

static void on_pace(uv_timer_t *timer);

static void on_ready(uv_poll_t *handle, int status, int events)
{
	struct socket_polls *polls = handle->data;
	uint64_t now = uv_now(handle->loop);

	(void)status;
	(void)events;
	look(polls);
	polls->count = 0;
	if (!polls->pace_ms || polls->closing)
		return;
	if (now - polls->busy_ms >= BUSY_MS) {
		polls->busy_ms = now;
		polls->times = 0;
	}
	if (++polls->times < BUSY_TIMES)
		return;
	polls->paced = true;
	uv_poll_stop(handle);
	uv_timer_start(&polls->pace, on_pace, polls->pace_ms, 0);
}

static void on_pace(uv_timer_t *timer)
{
	struct socket_polls *polls = timer->data;
	bool found;

	polls->hurried = false;
	look(polls);
	found = polls->count > 0;
	polls->count = 0;
	if (polls->closing)
		return;
	if (found) {
		if (!polls->hurried)
			uv_timer_start(timer, on_pace, polls->pace_ms, 0);
		return;
	}
	uv_timer_stop(timer);
	polls->paced = polls->hurried = false;
	polls->times = 0;
	uv_poll_start(&polls->poll, UV_READABLE, on_ready);
}

void socket_polls_hurry(struct socket_polls *polls)
{
	if (!polls->paced || polls->hurried || polls->closing)
		return;
	polls->hurried = true;
	uv_timer_start(&polls->pace, on_pace, polls->pace_ms / HURRY_DIVIDES, 0);
}

void socket_polls_pace(struct socket_polls *polls, unsigned pace_ms)
{
	polls->pace_ms = pace_ms;
}

struct socket_polls *socket_polls_new(struct uv_loop_s *loop, const struct socket_poll_ops *ops)
{
	struct socket_polls *polls = memory_zeroed(1, sizeof(*polls));

	polls->ops = ops;
	polls->fd = epoll_create1(EPOLL_CLOEXEC);
	if (polls->fd < 0 || uv_poll_init(loop, &polls->poll, polls->fd) != 0) {
		if (polls->fd >= 0)
			close(polls->fd);
		free(polls);
		return NULL;
	}
	uv_timer_init(loop, &polls->pace);
	polls->poll.data = polls->pace.data = polls;
	uv_poll_start(&polls->poll, UV_READABLE, on_ready);
	return polls;
}

static void on_closed(uv_handle_t *handle)
{
	struct socket_polls *polls = handle->data;

	if (--polls->closing == 0)
		free(polls);
}

void socket_polls_close(struct socket_polls *polls)
{
	if (!polls)
		return;
	while (polls->first)
		polls->ops->broken(polls->first);
	polls->closing = 2;
	uv_close((uv_handle_t *)&polls->poll, on_closed);
	uv_close((uv_handle_t *)&polls->pace, on_closed);
	close(polls->fd);
}

bool socket_poll_open(struct socket_polls *polls, struct socket_poll *poll, int fd)
{
	*poll = (struct socket_poll){ .polls = polls, .fd = fd, .reads = true };
	watch(poll);
	if (!poll->watched) {
		close(fd);
		return false;
	}
	poll->next = polls->first;
	poll->link = &polls->first;
	if (poll->next)
		poll->next->link = &poll->next;
	polls->first = poll;
	return true;
}

void socket_poll_read(struct socket_poll *poll, bool reads)
{
	if (poll->reads == reads)
		return;
	poll->reads = reads;
	watch(poll);
}

void socket_poll_write(struct socket_poll *poll)
{
	if (poll->writes)
		return;
	poll->writes = true;
	watch(poll);
}

/* It may be among those who are yet to be told, or be told right now. */
static void forget(struct socket_polls *polls, const struct socket_poll *poll)
{
	for (int i = polls->at; i < polls->count; i++)
		if (polls->events[i].data.ptr == poll)
			polls->events[i].data.ptr = NULL;
}

/* The kernel takes a closed socket out of the set by itself only when no copy of it is open; and a
 * process that another thread starts has one until its program runs. */
void socket_poll_close(struct socket_poll *poll)
{
	forget(poll->polls, poll);
	*poll->link = poll->next;
	if (poll->next)
		poll->next->link = poll->link;
	unwatch(poll);
	close(poll->fd);
}
