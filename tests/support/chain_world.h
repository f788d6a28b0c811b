/* chain_world.h - several nodes in one process, under one seed: their chains, an engine that keeps
 * no promise but one order, a bus that loses, doubles and delays, and a small model of an
 * application: names, seats, words. Nodes are killed, paused, cut off, drained; the log may lose
 * its tail. Whatever must never happen is looked for all the time. */
#ifndef TESTS_SUPPORT_CHAIN_WORLD_H
#define TESTS_SUPPORT_CHAIN_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORLD_NODES 4

struct world_options {
	uint64_t seed;
	unsigned ticks;  /* of faults; as long again and more to get well */
	bool losing;     /* the log loses its tail now and then */
	unsigned window; /* batches under way */
	uint64_t rules;  /* CHAIN_RULES_ALL, or without one; those of the application too */
	bool groups;     /* nodes are parted into groups, one of which has the engine */
	bool leaving;    /* a node is killed and never comes back */
	bool emptied;    /* a node is killed, and comes back with nothing */
	bool hasty;      /* the log loses more often, and is trimmed soon */
	bool cruel;      /* the log likes to lose restores, when a node cannot see that */
	bool telling;    /* prints what happens */
};

struct world_figures {
	uint64_t worlds, counted, drafts, said, refused, whispered, unsure, claims, voids, kills,
	    renewals, rolled, cuts, cut_entries, stops, holds, restores, copies, purges,
	    lost_answers, emptied, unreadable, withdrawn, void_lost;
};

/* Lives through one world. Returns NULL, or what was violated: text that lasts until the next
 * call. Adds to *figures. */
const char *world_run(const struct world_options *options, struct world_figures *figures);

#endif
