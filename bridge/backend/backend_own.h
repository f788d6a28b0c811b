/* backend_own.h - what the backend*.c files share; nobody else includes it. backend.c sends,
 * backend_hear.c receives, backend_publish.c carries out what backends ask for. */
#ifndef BRIDGE_BACKEND_BACKEND_OWN_H
#define BRIDGE_BACKEND_BACKEND_OWN_H

#include <stdatomic.h>

#include "bridge/backend/backend.h"
#include "bridge/core/errand.h"
#include "bridge/core/metrics.h"
#include "bridge/core/worker.h"
#include "bridge/routing/routing.h"
#include "codecs/backend/wire.h"
#include "codecs/text/json_write.h"
#include "routes/balance/pool.h"

#define INSTANCES_MAX 64 /* of one backend */

/* What is logged once and then only counted. */
enum backend_cause {
	CAUSE_GARBAGE, /* one for each enum wire_status from here on */
	CAUSE_LAST_STATUS = CAUSE_GARBAGE + WIRE_STATUSES - 1,
	CAUSE_KEYS,
	CAUSE_NOT_READY,
	CAUSE_LATE,
	CAUSE_WRONG_NAME,
	CAUSE_TOO_MANY,
	CAUSE_UNAVAILABLE,
	CAUSE_FULL,
	CAUSE_EXPIRED,
	CAUSE_ERROR,
	CAUSE_BAD_LOGIN
};

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
	struct pool *pool;
	struct lane *lane; /* what it said */
	uint32_t publications;
	uint32_t told;      /* causes that were logged, a bit each */
	uint64_t news_ms;   /* since when comings and goings are logged, */
	uint32_t news_told; /* and how many were */
	struct json_writer meta, body;
	char *scratch; /* where a message is unescaped to; grows to the longest */
	size_t scratch_size;
};

/* An ask or an event on its way. */
struct backend_item {
	struct pool_item item;
	struct backend *backend;
	struct post *post;
};

struct worker *backend_worker(const struct backend *backend);
struct backend_ledger *backend_ledger(const struct backend *backend);

/* Logs the first of each cause. detail: constant or made by us, printable. */
void backend_tell(struct backend *backend, enum backend_cause cause, const char *what,
		  const char *detail);

/* May one more coming or going of an instance be logged? Whoever comes and goes without an end
 * does not fill the log. */
bool backend_tells_news(struct backend *backend);

/* Sends command with what stands in backend->meta, and with body in backend->body. */
enum socket_sent backend_send(struct backend *backend, struct slice identity,
			      enum wire_command command, bool with_body);

/* Empties a writer and returns it. */
struct json_writer *writer_clear(struct json_writer *w);

void backend_error(struct backend *backend, struct slice identity, struct slice id,
		   struct slice code, struct slice text);

/* Settles an item by its answer; post goes back to who waits for it. */
struct backend_item *backend_item_of(struct pool_item *item);

/* backend_hear.c: one message from an instance. */
void backend_hear(struct backend *backend, const struct socket_message *message);

/* backend_publish.c: a PUBLISH or CONTROL that was read well. */
void backend_publish(struct backend *backend, struct slice identity,
		     const struct wire_message *message);
void backend_control(struct backend *backend, struct slice identity,
		     const struct wire_message *message);

#endif
