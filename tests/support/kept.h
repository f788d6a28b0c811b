/* kept.h - a store of which only what lasts and is of no room is there, in memory: what it was
 * given is counted, comes back by mail to the main thread, and fails when the test says so. */
#ifndef TESTS_SUPPORT_KEPT_H
#define TESTS_SUPPORT_KEPT_H

#include <stdbool.h>
#include <stddef.h>

#include "bridge/core/bridge.h"
#include "bridge/durable/lasting.h"
#include "bridge/durable/store.h"

#define KEPT_MAX 64

struct kept {
	struct store store; /* first */
	struct lasting got[KEPT_MAX];
	size_t count;
	bool fails;
	bool holds;                     /* it answers when it is told to, */
	struct lasting *held[KEPT_MAX]; /* these */
	size_t held_count;
};

/* It is the bridge's store from now on. */
void kept_use(struct kept *kept, struct bridge *bridge);

/* What is held is answered. */
void kept_go(struct kept *kept, struct bridge *bridge);

/* What it was given last; fails when that is of another kind. */
const struct lasting *kept_last(const struct kept *kept, enum lasting_kind kind);

/* The bridge has no store any more. */
void kept_leave(struct kept *kept, struct bridge *bridge);

#endif
