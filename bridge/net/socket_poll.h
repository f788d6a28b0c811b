/* socket_poll.h - the sockets of a worker's plain connections: tells when one can be read or
 * written. They are in an epoll set of their own, which the worker's loop (libuv) watches as one
 * descriptor: a uv_poll_t for each costs three more system calls for a connection made. Called by
 * stream.c and loop.c; all on the thread of the loop. */
#ifndef BRIDGE_NET_SOCKET_POLL_H
#define BRIDGE_NET_SOCKET_POLL_H

#include <stdbool.h>

struct socket_poll;
struct socket_polls;
struct uv_loop_s;

/* What a socket's owner is told, who may close it, or any other, in the call. */
struct socket_poll_ops {
	void (*readable)(struct socket_poll *poll); /* bytes came, or the end */
	void (*writable)(struct socket_poll *poll); /* once, after it was wanted */
	void (*broken)(struct socket_poll *poll);   /* the connection is, or the loop ends */
};

/* A part of its owner. */
struct socket_poll {
	struct socket_polls *polls;
	struct socket_poll *next, **link; /* all of the loop */
	int fd;
	bool reads, writes, watched;
};

/* Sockets of one loop. Borrows loop and ops until socket_polls_close(). Returns new, or NULL when
 * there is no descriptor left. */
struct socket_polls *socket_polls_new(struct uv_loop_s *loop, const struct socket_poll_ops *ops);

/* When a lot comes, it is looked for each so many ms only, all at once: what waits so long
 * meanwhile costs less. 0, as at first: never. */
void socket_polls_pace(struct socket_polls *polls, unsigned pace_ms);

/* Somebody can do nothing before something comes: it is looked for sooner, once. */
void socket_polls_hurry(struct socket_polls *polls);

/* Tells all that they are broken: the owner of each has to close it. Takes polls, which is freed in
 * turns of the loop that follow. NULL is ignored. */
void socket_polls_close(struct socket_polls *polls);

/* Watches an open socket, which does not block, for reading. Takes fd; borrows poll until it is
 * closed. False: then fd is closed. */
bool socket_poll_open(struct socket_polls *polls, struct socket_poll *poll, int fd)
    __attribute__((warn_unused_result));

/* Is told of what can be read, or not. */
void socket_poll_read(struct socket_poll *poll, bool reads);

/* Is told once when it can be written. */
void socket_poll_write(struct socket_poll *poll);

/* Closes the socket. Nothing more is told of it. */
void socket_poll_close(struct socket_poll *poll);

#endif
