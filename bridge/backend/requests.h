/* requests.h - what the instances of one backend asked for and were not answered yet: who asked,
 * by place. The owner's thread. */
#ifndef BRIDGE_BACKEND_REQUESTS_H
#define BRIDGE_BACKEND_REQUESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/core/asker.h"
#include "codecs/text/slice.h"

#define REQUESTS_UNDER_WAY_MAX 1024 /* more are refused */

struct request_place;

/* Zeroed is empty. */
struct requests {
	struct request_place *places;
	uint32_t count, capacity; /* places in use; there are */
	uint32_t free;            /* the first free place + 1; 0: none */
};

/* Notes one: which instance asked, and the id it gave the request (may be absent). Copies both.
 * backend, worker: go into the asker it returns, whose answer requests_take() takes. Only below
 * REQUESTS_UNDER_WAY_MAX. */
struct asker requests_add(struct requests *requests, size_t backend, unsigned worker,
			  struct slice identity, struct slice id);

/* Who waits for an answer. False: nobody (any more). Then identity and id borrow from *block, which
 * the caller frees. */
bool requests_take(struct requests *requests, const struct asker *asker, struct slice *identity,
		   struct slice *id, void **block) __attribute__((warn_unused_result));

/* Frees everything. */
void requests_clear(struct requests *requests);

#endif
