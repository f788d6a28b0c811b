/* steering.h - operators look at upstreams, and pause them. For bridge/admin, which has views as
 * plain data; it is no part of what an upstream does by itself.
 *
 * The thread of the upstream, but where said. */
#ifndef BRIDGE_UPSTREAM_STEERING_H
#define BRIDGE_UPSTREAM_STEERING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/core/counters.h"
#include "codecs/text/slice.h"

struct bridge;

#define STEERING_WHY_MAX  200
#define STEERING_NAME_MAX 64 /* bytes */

/* What waits to be said, or was said and is not settled. */
struct waiting_view {
	uint64_t items, bytes, oldest_ms; /* the age of the oldest one; 0: there is none */
};

/* A link as it is. Texts are copies, without the secret of its login. */
struct link_view {
	const char *state;  /* "down", "asking", "connecting", "greeting" or "up": constant */
	uint64_t since_ms;  /* wall clock: of that */
	uint64_t retry_ms;  /* from now on, until the next try; 0: it is not down, or is paused */
	uint64_t connected; /* times that it was up */
	struct waiting_view waiting;
	uint32_t number;                  /* whose it is; 0: nobody's, or not known yet */
	char name[STEERING_NAME_MAX + 1]; /* the same; or as who it logs in there. "": not known */
	char self[STEERING_NAME_MAX + 1]; /* who it is there, when it is up */
	char why[STEERING_WHY_MAX];       /* it is not up; "": nothing went wrong */
};

/* "up": a link is; "paused": by an operator; "idle": of mode session, nobody is there; "down". */
struct upstream_view {
	const char *state; /* constant */
	uint64_t links, links_up;
	uint64_t people; /* of that server that are known here */
	struct waiting_view waiting;
	struct link_view worst; /* the one that is down for the longest time; none: the first one.
				 * state NULL: there is no link */
	struct upstream_ledger ledger;
};

/* The worker on whose thread it is. Any thread. */
unsigned upstream_owner(const struct bridge *bridge, size_t index);

/* As it is now. */
void upstream_look(const struct bridge *bridge, size_t index, struct upstream_view *out);

/* Its links, at most most: how many. */
size_t upstream_look_links(const struct bridge *bridge, size_t index, struct link_view *out,
			   size_t most);

/* How its state is called: as of struct upstream_view. */
const char *upstream_state(const struct bridge *bridge, size_t index);

/* All links are closed and none is made; what is to be said waits, and expires. False: it was so
 * before. */
bool upstream_pause(const struct bridge *bridge, size_t index);

/* Links are made again; those that wait for their next try do not wait. False: it was not paused.
 */
bool upstream_resume(const struct bridge *bridge, size_t index);

#endif
