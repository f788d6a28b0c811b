/* api.h - the JSON of JetStream: what is asked for, and what is answered. Pure. */
#ifndef BRIDGE_CLUSTER_NATS_API_H
#define BRIDGE_CLUSTER_NATS_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/cluster/nats/subjects.h"

#define API_TEXT_MAX 256

enum api_verdict {
	API_OK,
	API_ABSENT, /* there is no such stream, or message */
	API_FAILED  /* text says why */
};

struct api_answer {
	char text[API_TEXT_MAX]; /* what the server said is wrong; "": nothing */
	uint64_t sequence;       /* of what was stored, or is told */
	unsigned char *bytes;    /* of a message; owned by who gave the answer to be filled */
	size_t len;
};

/* What is told of a stream. */
struct api_stream {
	int replicas;
	unsigned current; /* that have all of it, with the leader */
	char leader[128]; /* "": it has none */
	uint64_t messages, bytes;
	char fault[API_TEXT_MAX]; /* why it is not the one that we would make; "": it is. Another
				   * number of replicas is no fault */
};

/* The request that makes the stream. Returns new; free() it. */
char *api_make_stream(const struct subjects *subjects, int replicas);

/* The request for the record at or after a sequence, of one subject; and that to remove what is
 * below one. Return new; free() them. */
char *api_get(const char *subject, uint64_t from);
char *api_purge(const char *subject, uint64_t below);

/* The answer to an append, with sequence; to a request whose success is all there is to know. */
enum api_verdict api_read_append(const void *json, size_t len, struct api_answer *answer);
enum api_verdict api_read_plain(const void *json, size_t len, struct api_answer *answer);

/* A message that the leader found: sequence, bytes (new). */
enum api_verdict api_read_message(const void *json, size_t len, struct api_answer *answer);

/* The stream as it is, after looking at it or making it. */
enum api_verdict api_read_stream(const void *json, size_t len, const struct subjects *subjects,
				 struct api_stream *stream, struct api_answer *answer);

#endif
