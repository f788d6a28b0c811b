/* backend.h - the backends: programs behind ZeroMQ that observe, decide, answer and speak.
 * contrib/man/dragoman-backend.7 tells what is said on the wire.
 *
 * Each backend, and each tap, belongs to one worker, on whose thread everything here runs but for
 * what says otherwise. It knows its socket only as a line, which bridge/server.c implements with
 * ZeroMQ and the replay of the tests without. */
#ifndef BRIDGE_BACKEND_BACKEND_H
#define BRIDGE_BACKEND_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/backend/socket_ops.h"
#include "bridge/core/bridge.h"
#include "bridge/core/mailbox.h"
#include "codecs/text/slice.h"

struct conf_backend;
struct conf_tap;
struct worker;

struct backend;
struct tap;

/* Main thread, before any worker runs. index: its place in bridge->backends or bridge->taps. conf
 * is borrowed for its life. The names it may speak under are taken in the directory. Returns new,
 * or NULL when such a name is taken (said to errors). */
struct backend *backend_new(struct bridge *bridge, size_t index, const struct conf_backend *conf,
			    FILE *errors);
struct tap *tap_new(struct bridge *bridge, size_t index, const struct conf_tap *conf);

/* After its worker's thread has ended. What is under way is settled as closing, by mail. NULL is
 * ignored. */
void backend_close(struct backend *backend);
void backend_free(struct backend *backend);
void tap_free(struct tap *tap);

/* Main thread, before any worker runs: gives it its socket. Borrows all; endpoint is for people. */
void backend_attach(struct backend *backend, const struct socket_ops *ops, void *socket,
		    const char *endpoint);
void tap_attach(struct tap *tap, const struct socket_ops *ops, void *socket, const char *endpoint);

/* How a backend is doing just now. */
struct backend_state {
	size_t instances;  /* not gone yet */
	size_t waiting;    /* asks and events that wait for credits */
	uint32_t requests; /* its own under way */
};

/* The owner's thread. */
void backend_look(const struct backend *backend, struct backend_state *state);

/* Any thread. endpoint: NULL when nothing is attached. */
const char *backend_endpoint(const struct backend *backend);
const char *tap_endpoint(const struct tap *tap);

/* POST_ASK, POST_LOGIN; POST_EVENT: take the post. POST_PRESENCE, POST_TAP: borrow it. */
void backend_ask(struct worker *worker, struct post *post);
void backend_event(struct worker *worker, struct post *post);
void backend_presence(struct worker *worker, struct post *post);
void tap_take(struct worker *worker, struct post *post);

/* Takes what arrived for this worker's backends, at most so much that others get their turn. True
 * when more may be waiting. */
bool backends_turn(struct worker *worker);

/* Every 250 ms or so: deadlines, heartbeats, the dead, connections. */
void backends_tick(struct worker *worker);
void taps_tick(struct worker *worker);

/* The server is ending: tells every instance of this worker's backends. */
void backends_bye(struct worker *worker);

#endif
