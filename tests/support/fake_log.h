/* fake_log.h - an engine of a cluster in one process: a world of shards and a bus that all nodes
 * of a test share, with its own clock and all its chances from one seed. Nothing happens but in
 * fake_world_run(), so what is heard comes in the same order each time. One thread. */
#ifndef TESTS_SUPPORT_FAKE_LOG_H
#define TESTS_SUPPORT_FAKE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/cluster/log.h"

/* Each of a thousand; all 0 at first. */
struct fake_faults {
	unsigned lost;    /* what is sent, live copies, answers, messages of the bus */
	unsigned doubled; /* the same, but for answers; appends too, which stand twice then */
	unsigned late;    /* take up to late_ms longer: they change places with others */
	unsigned late_ms; /* more than LOG_WAIT_MS: appends are stored after LOG_UNKNOWN */
	unsigned stale;   /* reads of any replica miss the newest records */
	unsigned unsure;  /* appends that are stored, and answered with LOG_UNKNOWN */
};

struct fake_world;

/* shards: 1 .. 64. Returns new. */
struct fake_world *fake_world_new(uint64_t seed, unsigned shards);

/* After all of its engines are closed. NULL is ignored. */
void fake_world_free(struct fake_world *world);

void fake_world_set(struct fake_world *world, const struct fake_faults *faults);

/* The clock, from 1; the chances, for a test's own ones: below `below`. */
uint64_t fake_world_ms(const struct fake_world *world);
uint32_t fake_world_chance(struct fake_world *world, uint32_t below);

/* Lets so many milliseconds pass, and all happen that is due by then. */
void fake_world_run(struct fake_world *world, uint64_t ms);

/* Does anything wait to happen? */
bool fake_world_busy(const struct fake_world *world);

/* Whoever is of one group hears each other; the log is of group 0, as all are at first. A node that
 * leaves it is told LOG_AWAY. Messages under way to another group are lost. */
void fake_world_group(struct fake_world *world, unsigned node, unsigned group);

/* The log has no leader: nothing is stored, read or told until it has. The bus goes on. */
void fake_world_halt(struct fake_world *world, bool halted);

/* The log loses the records of all shards from a sequence on, and gives it again. What is under way
 * of them is told nevertheless. Returns how many are lost. */
size_t fake_world_lose(struct fake_world *world, uint64_t from);

/* The newest sequence; 0: there is none. */
uint64_t fake_world_newest(const struct fake_world *world);

/* What a shard has: how many, and one of them (valid until the world is used again). */
size_t fake_world_count(const struct fake_world *world, unsigned shard);
const struct log_record *fake_world_record(const struct fake_world *world, unsigned shard,
					   size_t index);

/* A node's engine; one at a time for each node. Its tags, limits and answers are those of log.h.
 * close() before the world is freed; what was under way to it is lost, what it sent is not. Returns
 * new. */
struct cluster_log *fake_log_open(struct fake_world *world, unsigned node,
				  const struct log_listener *listener);

#endif
