/* subjects.h - what the stream and the subjects of a cluster are called. */
#ifndef BRIDGE_CLUSTER_NATS_SUBJECTS_H
#define BRIDGE_CLUSTER_NATS_SUBJECTS_H

#include <stdbool.h>
#include <stdint.h>

#define SUBJECT_MAX    128
#define SUBJECTS_PROBE "probe" /* in the place of a shard */

struct subjects {
	unsigned shards, node;
	char stream[SUBJECT_MAX]; /* "DRAGOMAN_NAME" */
	char log[SUBJECT_MAX];    /* "dragoman.NAME.log.": what the stream has, a shard follows */
	char live[SUBJECT_MAX];   /* "dragoman.NAME.live.": where it is published again */
	char bus[SUBJECT_MAX];    /* "dragoman.NAME.node.": a node's number, or "all", follows */
};

void subjects_make(struct subjects *subjects, const char *name, unsigned node, unsigned shards);

/* "dragoman.NAME.log.7". Returns out. */
char *subject_of_shard(const struct subjects *subjects, unsigned shard, char out[SUBJECT_MAX]);

/* Of which shard a subject is that begins with prefix. False: of none. */
bool subject_shard(const struct subjects *subjects, const char *prefix, const char *subject,
		   unsigned *shard);

#endif
