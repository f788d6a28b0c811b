/* asks.h - what was asked and is not yet answered. No lock of its own. */
#ifndef BRIDGE_CLUSTER_NATS_ASKS_H
#define BRIDGE_CLUSTER_NATS_ASKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/cluster/log.h"

enum ask_kind {
	ASK_APPEND,
	ASK_READ,
	ASK_PURGE,
	ASK_LOOK, /* the stream: is it there? */
	ASK_MAKE, /* the stream */
	ASK_SEND  /* of a command only: nothing answers */
};

struct ask {
	struct ask *before, *after; /* by until_ms, while it waits */
	uint64_t serial;            /* 0: this place is free */
	enum ask_kind kind;
	bool waits, leader;
	unsigned shard;
	uint64_t tag, from, next; /* next: of a range, from where its next record is asked for */
	size_t most, len;
	uint64_t sent_us, until_ms;
	struct log_record *records; /* of a range; each with a block of its own */
	size_t count, bytes;
};

struct asks {
	struct ask *places; /* LOG_ASKED_MOST; owned */
	uint32_t *free;     /* indices of those that are */
	size_t free_count;
	uint64_t round;
	struct ask *first, *last;
};

void asks_init(struct asks *asks);
void asks_clear(struct asks *asks);

/* Takes a place, zeroed but for its serial. NULL: none is free. */
struct ask *asks_add(struct asks *asks);

/* From now on it waits, under a new serial, until then. */
void asks_wait(struct asks *asks, struct ask *ask, uint64_t until_ms);

/* The one that waits under that serial waits no longer: the caller has it. NULL: there is none. */
struct ask *asks_take(struct asks *asks, uint64_t serial);

/* The same with the first that waited beyond now_ms; UINT64_MAX: the first at all. */
struct ask *asks_take_late(struct asks *asks, uint64_t now_ms);

/* Adds a record to a range (copies). */
void ask_add_record(struct ask *ask, uint64_t sequence, const void *bytes, size_t len);

/* It does not wait: its place is free, its records are freed. */
void asks_drop(struct asks *asks, struct ask *ask);

#endif
