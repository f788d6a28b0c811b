/* context.h - the ZeroMQ library's context: its threads, and the one that judges keys.
 *
 * Its threads are nicer than ours by CONTEXT_NICE. Where they share a core with a worker, the
 * library's thread would else interrupt it for the first message of a turn, sleep again, and be
 * woken for the next: what a turn sends goes out together when the worker waits. Other programs are
 * interrupted as before. */
#ifndef BRIDGE_BACKEND_CONTEXT_H
#define BRIDGE_BACKEND_CONTEXT_H

#include <stdio.h>

#define CONTEXT_NICE 5 /* a third of the weight: on a core that is never idle, a quarter of it */

struct curve_judge;

/* For zmq.c. */
struct socket_context {
	void *zmq; /* the library's */
	struct curve_judge *judge;
	unsigned made; /* sockets so far */
};

/* Main thread. Blocks all signals for the library's threads. Returns new; NULL when the library
 * does not start (said to errors). */
struct socket_context *socket_context_open(FILE *errors);

/* After every socket was closed. NULL is ignored. */
void socket_context_close(struct socket_context *context);

#endif
