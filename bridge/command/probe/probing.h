/* probing.h - a login at an upstream by the code that the server has for it, on a thread of its
 * own, without a room: made once, told step by step, and left. */
#ifndef BRIDGE_COMMAND_PROBE_PROBING_H
#define BRIDGE_COMMAND_PROBE_PROBING_H

#include <stdbool.h>
#include <stddef.h>

#include "bridge/upstream/state.h"

#define PROBING_MS       15000 /* for all of it */
#define PROBING_WHY_MAX  320
#define PROBING_NAME_MAX 65

struct probing {
	/* ---- filled in by the caller, who keeps it ---- */
	struct upstream *upstream; /* of a bridge of setup_sketch() */
	struct call_account account;
	void (*tell)(void *context, const char *line); /* a step, on that thread */
	void *context;

	/* ---- what came of it ---- */
	bool up, refused; /* neither: nothing answers, or not what it should */
	char why[PROBING_WHY_MAX];
	char name[PROBING_NAME_MAX], id[PROBING_NAME_MAX]; /* who it is there; "": a reader */
	size_t people; /* that it was told of, before it left; at most PROBING_PEOPLE_MOST */

	/* ---- its own ---- */
	struct link *link;
	uint64_t until_ms, step_ms; /* steady clock */
	uint64_t seen[1024];        /* ids of people, hashed */
	bool connects, over;
};

#define PROBING_PEOPLE_MOST 1024

/* Does it all; returns when it is over. False: it could not begin, and probing->why says why not.
 * One at a time; main thread. */
bool probing_run(struct probing *probing) __attribute__((warn_unused_result));

#endif
