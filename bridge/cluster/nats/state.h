/* state.h - an engine's own state. Included by the files of this folder only. */
#ifndef BRIDGE_CLUSTER_NATS_STATE_H
#define BRIDGE_CLUSTER_NATS_STATE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "bridge/cluster/engine_nats.h"
#include "bridge/cluster/nats/asks.h"
#include "bridge/cluster/nats/subjects.h"

struct nats_link;

/* What a caller wants, on its way to the engine's thread. */
struct command {
	struct command *next;
	enum ask_kind kind;
	bool refused; /* it is only told so */
	bool leader;
	unsigned shard; /* ASK_SEND: the node */
	uint64_t tag, from;
	size_t most, len;
	unsigned char bytes[];
};

struct engine {
	struct cluster_log log;
	struct log_listener listener;
	struct subjects subjects;
	int replicas;
	struct nats_link *link;
	pthread_t thread;
	pthread_mutex_t telling; /* held while the listener hears; taken before lock, never after */
	/* Guarded by lock: */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct command *first, **last;
	struct asks asks;
	struct log_figures figures;
	bool stopping;
	bool connected, over; /* of the connection; over: it will not come back by itself */
	uint64_t losses;      /* how often it ended */
	bool fit;             /* the stream was as it has to be, when it was told last */
	bool looked;          /* that was since it is connected */
	uint64_t look_ms;     /* when it is asked for; 0: it is being asked for */
	char text[ENGINE_NATS_TEXT_MAX]; /* of the state */
	/* The thread's: */
	uint64_t losses_seen;
	uint64_t connect_ms; /* not before */
};

static inline uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* Tells the listener. Not with lock held. */
void engine_tell(struct engine *engine, const struct log_event *event);

/* Sets the state, and tells it if it is another, or another text. Not with lock held. */
void engine_state(struct engine *engine, enum log_state state, const char *text);

#endif
