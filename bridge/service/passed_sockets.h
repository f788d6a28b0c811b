/* passed_sockets.h - socket activation: listening sockets that the service manager opened and
 * passes to this process, by the protocol of sd_listen_fds(3): $LISTEN_PID, $LISTEN_FDS and
 * $LISTEN_FDNAMES. Ports below 1024 need no capability then, and clients that connect while the
 * server restarts wait instead of being refused.
 *
 * Main thread; taken before there are others. */
#ifndef BRIDGE_SERVICE_PASSED_SOCKETS_H
#define BRIDGE_SERVICE_PASSED_SOCKETS_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>

#define PASSED_SOCKETS_MAX 64

/* Takes what was passed to this process, and removes the variables. What is no listening TCP socket
 * is closed, which is said in the log. Once. */
void passed_sockets_take(void);

/* Hands out, once, the socket of that name that is bound to address; or, when there is none, any of
 * that name. name NULL: one that is bound to address, whatever its name. Returns its descriptor,
 * which does not block and is closed by who took it; -1: there is none. Borrows. */
int passed_sockets_find(const char *name, const struct sockaddr *address);

/* Closes those that nobody took, and says so in the log. */
void passed_sockets_end(void);

#endif
