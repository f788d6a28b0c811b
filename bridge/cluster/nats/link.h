/* link.h - the connection to the servers, and what is heard by it. */
#ifndef BRIDGE_CLUSTER_NATS_LINK_H
#define BRIDGE_CLUSTER_NATS_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "bridge/cluster/engine_nats.h"
#include "bridge/cluster/nats/subjects.h"

struct nats_link;

/* All called by threads of the library. */
struct nats_link_hooks {
	void (*connected)(void *context);
	void (*lost)(void *context); /* it is tried again */
	void (*over)(void *context); /* it is not; last of all */
	/* An answer to the request of that serial. status: of its header ("404"); NULL: none.
	 * sequence: of its header; 0: none */
	void (*answered)(void *context, uint64_t serial, const char *status, uint64_t sequence,
			 const unsigned char *bytes, size_t len);
	void (*live)(void *context, unsigned shard, uint64_t sequence, uint64_t before,
		     const unsigned char *bytes, size_t len);
	void (*message)(void *context, const unsigned char *bytes, size_t len);
	void (*dropped)(void *context); /* something was not understood, or too much waited */
};

/* Does not connect yet. NULL after an error, written to errors. Returns new. */
struct nats_link *nats_link_new(const struct engine_nats_options *options,
				const struct subjects *subjects,
				const struct nats_link_hooks *hooks, void *context, FILE *errors);

/* Connects, or begins to try; the hooks tell. It may take seconds for each server. False: why says
 * it, and it is not tried again. */
bool nats_link_connect(struct nats_link *link, char why[ENGINE_NATS_TEXT_MAX]);

/* Ends the connection, if there is one: no hook is called any more. It can be connected again. Not
 * from a hook. */
void nats_link_end(struct nats_link *link);

/* NULL is ignored. After nats_link_end(). */
void nats_link_free(struct nats_link *link);

/* Sends; with serial != 0 answers are wanted. False: it could not be sent, or not all. Any thread,
 * between connecting and the end. */
bool nats_link_send(struct nats_link *link, const char *subject, uint64_t serial, const void *bytes,
		    size_t len);

/* Why the last attempt failed, or to whom it is connected. */
void nats_link_tell(struct nats_link *link, char text[ENGINE_NATS_TEXT_MAX]);

/* Bytes of a message, at most; 0: not connected. */
int64_t nats_link_payload_max(struct nats_link *link);

/* The round trip to the server, microseconds. False: it does not answer. */
bool nats_link_round_trip(struct nats_link *link, int64_t *us);

#endif
