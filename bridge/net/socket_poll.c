#include "bridge/net/socket_poll.h"

#include <stddef.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <uv.h>

#include "codecs/text/memory.h"

#define EVENTS_MAX 1024 /* told of in one go; the others are told of in the next */

struct socket_polls {
	uv_poll_t poll;
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

static void on_ready(uv_poll_t *handle, int status, int events)
{
	struct socket_polls *polls = handle->data;

	(void)status;
	(void)events;
	polls->count = epoll_wait(polls->fd, polls->events, EVENTS_MAX, 0);
	for (polls->at = 0; polls->at < polls->count; polls->at++)
		if (polls->events[polls->at].data.ptr)
			tell(polls, &polls->events[polls->at]);
	polls->count = 0;
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
	polls->poll.data = polls;
	uv_poll_start(&polls->poll, UV_READABLE, on_ready);
	return polls;
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void socket_polls_close(struct socket_polls *polls)
{
	if (!polls)
		return;
	while (polls->first)
		polls->ops->broken(polls->first);
	uv_close((uv_handle_t *)&polls->poll, on_closed);
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
