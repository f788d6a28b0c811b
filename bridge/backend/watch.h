/* watch.h - for zmq.c: what happens to a socket's connections, told by the library's monitor.
 * Connects, and connects again; counts connections, and peers that did not come as far as the judge
 * of curve.h: with keys because they have none, or know a wrong one of ours, without because they
 * are another type of socket, or speak another protocol. */
#ifndef BRIDGE_BACKEND_WATCH_H
#define BRIDGE_BACKEND_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct socket_watch;

/* Main thread, before the socket is bound. zmq is the library's context; number is unique in it;
 * connect are the endpoints that the socket will connect to (copied). Returns new; NULL with errno
 * of the library. */
struct socket_watch *socket_watch_open(void *zmq, void *socket, unsigned number,
				       char *const *connect, size_t count);

/* Before the socket itself is closed. NULL is ignored. */
void socket_watch_close(struct socket_watch *watch);

/* Main thread, once: connects to all. On failure returns false, *wrong is the index of the endpoint
 * that the library does not understand, and errno says why. */
bool socket_watch_connect(struct socket_watch *watch, size_t *wrong)
    __attribute__((warn_unused_result));

/* The owner: looks what happened, at most every 50 ms, and connects again. */
void socket_watch_tend(struct socket_watch *watch);

/* How many handshakes failed before the judge was asked. Any thread. */
uint64_t socket_watch_refused(const struct socket_watch *watch);

/* The owner: how many connections ended before their handshake succeeded, of those to us; some of
 * many at once may be missing. Turned away by the judge are among them. */
uint64_t socket_watch_strange(const struct socket_watch *watch);

/* The owner: how many connections there are, with those that are not through with the handshake. */
uint32_t socket_watch_connected(const struct socket_watch *watch);

/* The owner: an endpoint that could not be connected to for some tries; NULL: there is none.
 * Borrows. */
const char *socket_watch_unreachable(const struct socket_watch *watch);

#endif
