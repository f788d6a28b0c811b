/* engine_nats.h - the engine of a cluster over NATS JetStream: one connection, one stream. Only
 * builds with NATS=yes have it; in the others opening fails and says so. */
#ifndef BRIDGE_CLUSTER_ENGINE_NATS_H
#define BRIDGE_CLUSTER_ENGINE_NATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "bridge/cluster/log.h"

/* All borrowed for the call. */
struct engine_nats_options {
	const char *name;             /* of the cluster: letters, digits, '-' and '_' */
	unsigned node;                /* this one's number, below LOG_NODES */
	unsigned shards;              /* 1 .. 64 */
	const char *const *servers;   /* URLs: nats://HOST:PORT or tls://HOST:PORT */
	size_t server_count;          /* at least one */
	int replicas;                 /* of the log, when it is made: 1, 3 or 5 */
	const char *user;             /* "": none */
	const char *password_file;    /* its first line; "": none */
	const char *nkey_file;        /* the seed of the NKey that user is; "": none */
	const char *credentials_file; /* a JWT and its seed, as nsc makes it; "": none */
	const char *tls_ca; /* PEM of who signed the servers' certificates; "": the system's */
	const char *tls_certificate, *tls_key; /* PEM; "": none is shown */
};

/* Was it built with NATS=yes? */
bool engine_nats_built(void);

/* Begins to connect, and goes on trying for ever; makes the stream if it is not there. The listener
 * (copies; its context outlives the engine) hears of all. NULL after an error in the options or
 * their files, which is written to errors. Returns new: end it by its close(). */
struct cluster_log *engine_nats_open(const struct engine_nats_options *options,
				     const struct log_listener *listener, FILE *errors);

#define ENGINE_NATS_TEXT_MAX 320

/* What a try saw. */
struct engine_nats_probe {
	char server[ENGINE_NATS_TEXT_MAX];    /* URL of the one that answered; "": none did */
	char version[64];                     /* of it; "": not told */
	bool tls, jetstream, made;            /* made: the stream was not there before */
	long long max_payload, round_trip_us; /* round_trip_us: of an append, the median of nine */
	int replicas;                         /* of the stream */
	char leader[128];                     /* name of the server that leads it; "": none */
	unsigned current;                     /* replicas that have all of it, with the leader */
	unsigned long long records, bytes;    /* in it */
	char fault[ENGINE_NATS_TEXT_MAX];     /* why it cannot be used; "": it can */
	char warning[ENGINE_NATS_TEXT_MAX];   /* "": none */
};

/* Connects, looks at the stream (makes it if it is not there), appends to it behind a subject that
 * no shard has, reads that back from the leader and from any, and removes it. Waits up to half a
 * minute. False: probe->fault says why. */
bool engine_nats_probe(const struct engine_nats_options *options, struct engine_nats_probe *probe);

#endif
