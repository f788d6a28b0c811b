#include "bridge/net/http/http_queue.h"

#include "codecs/text/memory.h"

struct http_waiting *http_queue_add(struct http_queue *queue)
{
	struct http_waiting *waiting = memory_take_zeroed(sizeof(*waiting));

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

void http_queue_pop(struct http_queue *queue)
{
	struct http_waiting *waiting = queue->first;

	queue->first = waiting->next;
	if (!queue->first)
		queue->last = NULL;
	queue->count--;
	http_output_clear(&waiting->answer);
	memory_give(waiting, sizeof(*waiting));
}
