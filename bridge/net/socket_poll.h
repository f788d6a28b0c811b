/* socket_poll.h - the socket of a plain connection in its worker's loop (libuv): tells when it can
 * be read or written. Called by stream.c; all on the thread of the loop. */
#ifndef BRIDGE_NET_SOCKET_POLL_H
#define BRIDGE_NET_SOCKET_POLL_H

#include <stdbool.h>

struct socket_poll;
struct uv_loop_s;

/* What it tells its owner, who may close it in the call. */
struct socket_poll_ops {
	void (*readable)(void *owner); /* bytes came, or the end */
	void (*writable)(void *owner); /* once, after it was wanted */
	void (*broken)(void *owner);   /* the connection is; or close_all: the loop ends */
};

/* Watches an open socket, which does not block, for reading. Takes fd; borrows loop, ops and owner
 * until it is closed. Returns new, or NULL: then fd is closed. */
struct socket_poll *socket_poll_new(struct uv_loop_s *loop, int fd,
				    const struct socket_poll_ops *ops, void *owner);

int socket_poll_fd(const struct socket_poll *poll);

/* Is told of what can be read, or not. */
void socket_poll_read(struct socket_poll *poll, bool reads);

/* Is told once when it can be written. */
void socket_poll_write(struct socket_poll *poll);

/* Closes the socket. Takes poll: it is freed when the loop has let go of it. */
void socket_poll_close(struct socket_poll *poll);

/* Tells all of a loop that they are broken: the owner of each has to close it. */
void socket_polls_end(struct uv_loop_s *loop);

#endif
