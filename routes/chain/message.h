/* message.h - the bytes of what nodes tell each other about shards, beside the log: beats, drafts,
 * and who wants a copy. Pure; any thread. Each is versioned, and has no checksum: a bus that
 * changes bytes would have to be found out elsewhere.
 *
 *    0  message kind (1), version of these bytes (1), shard or 255 (1), sender's node (1), its
 *       incarnation (4); then, little-endian and without padding, what follows in the struct */
#ifndef ROUTES_CHAIN_MESSAGE_H
#define ROUTES_CHAIN_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/text/slice.h"
#include "routes/chain/entry.h"

#define CHAIN_MESSAGE_HEAD 8
#define CHAIN_SHARD_ALL    255
#define CHAIN_DRAFT_MAX    524288 /* bytes of a draft's body */

/* The numbers are those of the bytes. From 64 on they are the application's. */
enum chain_message_kind {
	CHAIN_MESSAGE_BEAT = 1,  /* struct chain_beat of several shards */
	CHAIN_MESSAGE_DRAFT = 2, /* struct chain_draft */
	CHAIN_MESSAGE_COPY = 3   /* struct chain_copy: somebody wants rows */
};

enum chain_mode {
	CHAIN_RUN = 0,
	CHAIN_HOLD = 1, /* reads and counts, writes nothing */
	CHAIN_STOP = 2, /* counts nothing, follows the log */
	CHAIN_COPY = 3  /* waits for another node's rows */
};

/* What a node tells of one shard. */
struct chain_beat {
	unsigned shard;
	enum chain_mode mode;
	struct chain_place place; /* RUN, HOLD: the last one read. COPY: the restore it waits for;
				   * sequence 0: unknown */
	uint64_t stored;          /* the last sequence that its disk has */
	uint64_t first;           /* where it knows the log to begin; 0: unknown */
	uint64_t gen;             /* COPY: the restore it waits for; else the newest that counts */
	uint64_t count, digest, top;
	uint32_t epoch;
};

struct chain_draft {
	struct chain_node node;
	uint64_t number; /* 1, 2, 3 ... within its shard and incarnation */
	uint64_t base;   /* the node's lowest number without an answer */
	uint64_t gen;    /* as the node knows it */
	struct slice body;
};

struct chain_copy {
	uint64_t gen;  /* the rows must have counted this restore; 0: any */
	uint64_t from; /* their position must not be below this sequence */
};

struct chain_message {
	enum chain_message_kind kind;
	unsigned shard; /* CHAIN_SHARD_ALL: a beat */
	struct chain_node from;
	unsigned version;             /* of a beat: CHAIN_VERSION of the node's program */
	uint32_t newest[CHAIN_NODES]; /* of a beat: the newest incarnations that the node knows */
	size_t beat_count;
	struct slice beats; /* see chain_beat_next() */
	struct chain_draft draft;
	struct chain_copy copy;
};

/* How many bytes message_write() writes. Of a beat, beats are bytes of chain_beat_write(). */
size_t chain_message_size(const struct chain_message *message);

/* Writes chain_message_size() bytes to `to`. Borrows message. */
void chain_message_write(const struct chain_message *message, unsigned char *to);

/* Reads a message, all of bytes, which it borrows from. False: it is damaged, of another version
 * or kind; *message is undefined. */
bool chain_message_read(struct slice bytes, struct chain_message *message)
    __attribute__((warn_unused_result));

#define CHAIN_BEAT_SIZE 70

/* Writes CHAIN_BEAT_SIZE bytes to `to`. */
void chain_beat_write(const struct chain_beat *beat, unsigned char *to);

/* The first of so many beats, which it is taken off. False: there is none. */
bool chain_beat_next(struct slice *beats, struct chain_beat *beat);

#endif
