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
	uint32_t count, tickets;   /* waiting; given so far */
	struct http_output output; /* what may leave now */
	uint64_t answered_ms;      /* when the last one was put there */
	bool continue_due;         /* 100 follows, once all that came earlier is answered */
	bool last_answered;        /* with the answer that ends the connection */
	bool switched;             /* with 101 */
};

/* One more, with the next ticket. due_ms: see http_queue_overdue(). Borrows from the queue. */
struct http_waiting *http_queue_add(struct http_queue *queue, struct http_manner manner,
				    uint64_t due_ms);

/* The one of that ticket that is not answered; NULL when there is none. Borrows from the queue. */
struct http_waiting *http_queue_find(const struct http_queue *queue, uint32_t ticket);

/* One that is not answered and was due by then; NULL when there is none. Borrows from the queue. */
struct http_waiting *http_queue_overdue(const struct http_queue *queue, uint64_t now_ms);

/* Answers one that is not answered, and puts into the output what may leave. It is gone afterwards,
 * if its turn has come. An answer that does not say 101 to who asked for that, or says it to who
 * did not, is the connection's last. False as of http_answer_write(). */
bool http_queue_answer(struct http_queue *queue, struct http_waiting *waiting,
		       const struct http_answer *answer, uint64_t now_ms);

/* 100 is to follow what waits: at once, when that is nothing. */
void http_queue_continue(struct http_queue *queue);

/* Takes the first away, of which there must be one, as no answer is wanted any more. Returns its
 * ticket; 0 when it was answered. */
uint32_t http_queue_drop(struct http_queue *queue);

#endif
