#include "bridge/cluster/nats/subjects.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void subjects_make(struct subjects *subjects, const char *name, unsigned node, unsigned shards)
{
	subjects->shards = shards;
	subjects->node = node;
	snprintf(subjects->stream, SUBJECT_MAX, "DRAGOMAN_%.64s", name);
	snprintf(subjects->log, SUBJECT_MAX, "dragoman.%.64s.log.", name);
	snprintf(subjects->live, SUBJECT_MAX, "dragoman.%.64s.live.", name);
	snprintf(subjects->bus, SUBJECT_MAX, "dragoman.%.64s.node.", name);
}

char *subject_of_shard(const struct subjects *subjects, unsigned shard, char out[SUBJECT_MAX])
{
	snprintf(out, SUBJECT_MAX, "%.100s%u", subjects->log, shard);
	return out;
}

bool subject_shard(const struct subjects *subjects, const char *prefix, const char *subject,
		   unsigned *shard)
{
	size_t len = strlen(prefix);
	unsigned long number;
	char *end;

	if (strncmp(subject, prefix, len) != 0 || subject[len] < '0' || subject[len] > '9')
		return false;
	number = strtoul(subject + len, &end, 10);
	if (*end || number >= subjects->shards)
		return false;
	*shard = (unsigned)number;
	return true;
}
