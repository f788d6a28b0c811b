/* http_queue.h - the requests of one connection that wait for their answers. Answers may come in
 * any order; they leave in the order of the requests (RFC 9112, 9.3.2). Called by http_connection
 * only. Pure; one thread at a time. */
#ifndef BRIDGE_NET_HTTP_HTTP_QUEUE_H
#define BRIDGE_NET_HTTP_HTTP_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge/net/http/http_answer.h"
#include "bridge/net/http/http_output.h"

/* One request. Blocks of the thread (codecs/text/memory.h). */
struct http_waiting {
	struct http_waiting *next;
	uint64_t due_ms; /* when it is answered by 504 */
	uint32_t ticket;
	struct http_manner manner;
	bool upgrade;  /* 101 is a possible answer */
	bool answered; /* before one that came earlier: */
	unsigned status;
	struct http_output answer;
};

/* Zeroed is empty. */
struct http_queue {
	struct http_waiting *first, *last;
	uint32_t count;
};

/* One more, zeroed. Borrows from the queue. */
struct http_waiting *http_queue_add(struct http_queue *queue);

/* The one of that ticket that is not answered; NULL when there is none. Borrows from the queue. */
struct http_waiting *http_queue_find(const struct http_queue *queue, uint32_t ticket);

/* Takes away the first, of which there must be one, and frees it with its answer. */
void http_queue_pop(struct http_queue *queue);

#endif
