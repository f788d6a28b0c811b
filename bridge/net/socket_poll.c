#include "bridge/net/socket_poll.h"

#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "codecs/text/memory.h"

struct socket_poll {
	uv_poll_t poll;
	const struct socket_poll_ops *ops;
	void *owner;
	int fd;
	bool reads, writes;
};

static void on_events(uv_poll_t *poll, int status, int events);

static void watch(struct socket_poll *poll)
{
	int events = (poll->reads ? UV_READABLE : 0) | (poll->writes ? UV_WRITABLE : 0);

	if (events)
		uv_poll_start(&poll->poll, events, on_events);
	else
		uv_poll_stop(&poll->poll);
}

/* What it can write goes out before more is read: that may end it. */
static void on_events(uv_poll_t *handle, int status, int events)
{
	struct socket_poll *poll = handle->data;

	if (status < 0) {
		poll->ops->broken(poll->owner);
		return;
	}
	if (events & UV_WRITABLE) {
		poll->writes = false;
		watch(poll);
		poll->ops->writable(poll->owner);
	}
	if ((events & UV_READABLE) && poll->reads && !uv_is_closing((uv_handle_t *)handle))
		poll->ops->readable(poll->owner);
}

struct socket_poll *socket_poll_new(struct uv_loop_s *loop, int fd,
				    const struct socket_poll_ops *ops, void *owner)
{
	struct socket_poll *poll = memory_zeroed(1, sizeof(*poll));

	poll->ops = ops;
	poll->owner = owner;
	poll->fd = fd;
	poll->reads = true;
	if (uv_poll_init(loop, &poll->poll, fd) != 0) {
		close(fd);
		free(poll);
		return NULL;
	}
	poll->poll.data = poll;
	watch(poll);
	return poll;
}

int socket_poll_fd(const struct socket_poll *poll)
{
	return poll->fd;
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

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void socket_poll_close(struct socket_poll *poll)
{
	uv_close((uv_handle_t *)&poll->poll, on_closed);
	close(poll->fd);
}

static void end(uv_handle_t *handle, void *unused)
{
	struct socket_poll *poll;

	(void)unused;
	if (handle->type != UV_POLL || ((uv_poll_t *)handle)->poll_cb != on_events ||
	    uv_is_closing(handle))
		return;
	poll = handle->data;
	poll->ops->broken(poll->owner);
}

void socket_polls_end(struct uv_loop_s *loop)
{
	uv_walk(loop, end, NULL);
}
