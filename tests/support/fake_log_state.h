/* fake_log_state.h - the inside of a fake engine's world. For fake_log.c alone. */
#ifndef TESTS_SUPPORT_FAKE_LOG_STATE_H
#define TESTS_SUPPORT_FAKE_LOG_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/support/fake_log.h"

#define SHARDS_MOST 64
#define ANY_ENGINE  UINT64_MAX

enum item_kind {
	ITEM_APPEND, /* arrives at the log */
	ITEM_READ,
	ITEM_PURGE,
	ITEM_MESSAGE, /* arrives at a node */
	ITEM_EVENT    /* arrives at an engine: event, with records of its own */
};

struct item {
	uint64_t due, order;
	enum item_kind kind;
	unsigned node;   /* whom it comes to, or who sent it */
	unsigned group;  /* of who sent it */
	uint64_t engine; /* which opening of the node's it is for, or of */
	uint64_t sent, tag, from;
	unsigned shard;
	size_t most;
	bool leader, answers;
	struct log_event event;
	struct log_record *records; /* owned, like each one's bytes */
	unsigned char *bytes;       /* owned */
	size_t len;
};

struct shard {
	struct log_record *records; /* owned, like each one's bytes */
	size_t count, room;
};

struct fake_log {
	struct cluster_log log;
	struct log_listener listener;
	struct fake_world *world;
	struct log_figures figures;
	unsigned node;
	uint64_t number;
};

struct fake_world {
	uint64_t state, now, order, sequence, opened;
	unsigned shards;
	struct fake_faults faults;
	struct shard shard[SHARDS_MOST];
	struct fake_log *logs[LOG_NODES];
	unsigned groups[LOG_NODES];
	bool halted;
	struct item **heap; /* the first is due first */
	size_t count, room;
};

#endif
