#include "bridge/net/http/http_queue.h"

#include "codecs/text/memory.h"

struct http_waiting *http_queue_add(struct http_queue *queue, struct http_manner manner,
				    uint64_t due_ms)
{
	struct http_waiting *waiting = memory_take_zeroed(sizeof(*waiting));

	waiting->ticket = ++queue->tickets;
	waiting->manner = manner;
	waiting->due_ms = due_ms;
	if (queue->last)
		queue->last->next = waiting;
	else
		queue->first = waiting;
	queue->last = waiting;
	queue->count++;
	return waiting;
}

struct http_waiting *http_queue_find(const struct http_queue *queue, uint32_t ticket)
{
	for (struct http_waiting *waiting = queue->first; waiting; waiting = waiting->next)
		if (waiting->ticket == ticket)
			return waiting->answered ? NULL : waiting;
	return NULL;
}

struct http_waiting *http_queue_overdue(const struct http_queue *queue, uint64_t now_ms)
{
	for (struct http_waiting *waiting = queue->first; waiting; waiting = waiting->next)
		if (!waiting->answered && waiting->due_ms <= now_ms)
			return waiting;
	return NULL;
}

uint32_t http_queue_drop(struct http_queue *queue)
{
	struct http_waiting *waiting = queue->first;
	uint32_t ticket = waiting->answered ? 0 : waiting->ticket;

	queue->first = waiting->next;
	if (!queue->first)
		queue->last = NULL;
	queue->count--;
	http_output_clear(&waiting->answer);
	memory_give(waiting, sizeof(*waiting));
	return ticket;
}

/* The answer of the first is in the output. */
static void pop(struct http_queue *queue, uint64_t now_ms)
{
	const struct http_waiting *first = queue->first;

	if (first->upgrade && first->status == 101)
		queue->switched = true;
	else if (!first->manner.keep_alive)
		queue->last_answered = true;
	queue->answered_ms = now_ms;
	(void)http_queue_drop(queue);
}

static void tell_continue(struct http_queue *queue)
{
	if (queue->first || !queue->continue_due)
		return;
	http_answer_continue(&queue->output);
	queue->continue_due = false;
}

/* What was answered before its turn, as far as its turn has come. */
static void advance(struct http_queue *queue, uint64_t now_ms)
{
	struct http_waiting *first;

	while ((first = queue->first) && first->answered) {
		http_output_add(&queue->output, slice_span(first->answer.data, first->answer.len));
		pop(queue, now_ms);
	}
	tell_continue(queue);
}

bool http_queue_answer(struct http_queue *queue, struct http_waiting *waiting,
		       const struct http_answer *answer, uint64_t now_ms)
{
	bool first = waiting == queue->first, well;

	if (waiting->upgrade != (answer->status == 101))
		waiting->manner.keep_alive = false;
	well =
	    http_answer_write(first ? &queue->output : &waiting->answer, answer, waiting->manner);
	waiting->answered = true;
	waiting->status = answer->status;
	if (first) {
		pop(queue, now_ms);
		advance(queue, now_ms);
	}
	return well;
}

void http_queue_continue(struct http_queue *queue)
{
	queue->continue_due = true;
	tell_continue(queue);
}
