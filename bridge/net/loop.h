/* loop.h - the event loop of one worker: a thread, its libuv loop and its libwebsockets context
 * on that loop.
 *
 * Contexts are made one after the other by the main thread before any connection exists: the
 * library's TLS set-up is process-wide and not repeatable under traffic. */
#ifndef BRIDGE_NET_LOOP_H
#define BRIDGE_NET_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge/core/worker.h"

struct door_user;
struct loop;
struct lws_vhost;
struct transport_user;

/* Points the library's log lines at ours. Main thread, once, before anything else of the library.
 */
void loop_set_library(void);

/* What a loop does not know by itself. */
struct loop_ops {
	void (*turn)(struct worker *worker); /* after events and before waiting for more */
	void (*tick)(struct worker *worker); /* every 250 ms */
	const struct transport_user *use;    /* the user of each connection; NULL with open */
	const struct door_user *doors; /* who answers dialects' requests of HTTP; NULL: nobody */
	/* Makes a connection of an accepted socket, as connection_open() does, which is NULL. */
	void (*open)(struct worker *worker, struct lws_vhost *vhost, struct post_socket *socket);
};

/* Makes the loop of a worker and sets the worker's clock, mailbox wake-up, adopt and certify. ops
 * is borrowed until loop_free(). Returns new, or NULL (said in the log) when the library cannot
 * start, for example without its libuv plugin. */
struct loop *loop_new(struct worker *worker, const struct loop_ops *ops);

/* A turn follows when one of these descriptors becomes readable, with worker->fired set. Before
 * loop_start(), once; they stay open until after loop_free(). False when they cannot be watched. */
bool loop_watch(struct loop *loop, const int *descriptors, size_t count)
    __attribute__((warn_unused_result));

/* Starts the thread. False when it cannot be made. */
bool loop_start(struct loop *loop) __attribute__((warn_unused_result));

/* Waits for the thread, which ends after POST_STOP. */
void loop_join(struct loop *loop);

/* Frees it. Not while its thread runs. NULL is ignored. */
void loop_free(struct loop *loop);

/* Wall clock and steady clock in ms. */
uint64_t clock_wall_ms(void);
uint64_t clock_steady_ms(void);

#endif
