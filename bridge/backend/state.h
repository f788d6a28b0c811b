/* state.h - one backend, as the files of bridge/backend share it: backend.c sends, hear.c receives,
 * publish.c carries out what backends ask for. */
#ifndef BRIDGE_BACKEND_STATE_H
#define BRIDGE_BACKEND_STATE_H

#include "bridge/backend/requests.h"
#include "bridge/backend/socket_ops.h"
#include "bridge/core/worker.h"
#include "codecs/text/json_write.h"
#include "routes/balance/pool.h"

#define INSTANCES_MAX 64 /* of one backend */

struct conf_backend;
struct lane;

struct backend {
	struct bridge *bridge;
	const struct conf_backend *conf;
	size_t index;
	unsigned owner;
	struct person *speakers; /* their names borrow from conf */
	size_t speaker_count;
	/* the owner's from here on */
	const struct socket_ops *ops; /* NULL: no socket */
	void *socket;
	const char *endpoint;
	bool used; /* the socket was, since nothing waited there: see fires in struct socket_ops */
	struct pool *pool;
	struct lane *lane; /* what it said */
	struct requests requests;
	uint32_t told;       /* causes that were logged, a bit each */
	uint64_t news_ms;    /* since when comings and goings are logged, */
	uint32_t news_told;  /* and how many were */
	uint64_t unheard_ms; /* since when there are more connections than instances; 0: not */
	struct json_writer meta, body;
	char *scratch; /* where a message is unescaped to; grows to the longest */
	size_t scratch_size;
};

/* Lets the other workers know whether any instance wants to hear who comes and goes. Call it when
 * what instances want, or which there are, has changed. */
static inline void backend_present(const struct backend *backend)
{
	atomic_store_explicit(&backend->bridge->wants_presence[backend->index],
			      pool_wants_presence(backend->pool), memory_order_relaxed);
}

/* A question or an event on its way to an instance, and what is answered. */
struct backend_item {
	struct pool_item item;
	struct backend *backend;
	struct post_backend *post;
	struct answer answer;
};

static inline struct backend_item *backend_item_of(struct pool_item *item)
{
	return (struct backend_item *)item;
}

#endif
