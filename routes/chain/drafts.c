#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"
#include "routes/chain/state.h"

#define SEND_BYTES 1048576 /* of drafts sent at once */

static void waiting_free(struct waiting *waiting)
{
	free((void *)(uintptr_t)waiting->body.data);
}

void queue_clear(struct queue *queue)
{
	for (size_t i = 0; i < queue->count; i++)
		waiting_free(&queue->items[i]);
	free(queue->items);
	memset(queue, 0, sizeof(*queue));
}

/* Of the first at or above that number. */
static size_t queue_index(const struct queue *queue, uint64_t number)
{
	size_t low = 0, high = queue->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (queue->items[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Adds a draft, in order; copies. False: it is there, or there is no room. */
static bool queue_put(struct queue *queue, uint64_t number, struct slice body)
{
	size_t index = queue_index(queue, number);
	char *copy;

	if (index < queue->count && queue->items[index].number == number)
		return false;
	if (queue->count >= CHAIN_WAITING_MAX ||
	    (queue->count && queue->bytes + body.len > CHAIN_WAITING_BYTES_MAX))
		return false;
	if (queue->count == queue->room) {
		queue->room = queue->room ? 2 * queue->room : 16;
		queue->items = memory_resize(queue->items, queue->room * sizeof(*queue->items));
	}
	copy = memory_new(body.len);
	if (body.len)
		memcpy(copy, body.data, body.len);
	memmove(&queue->items[index + 1], &queue->items[index],
		(queue->count - index) * sizeof(*queue->items));
	queue->items[index] = (struct waiting){ number, slice_span(copy, body.len), 0, false };
	queue->count++;
	queue->bytes += body.len;
	return true;
}

const struct waiting *queue_find(const struct queue *queue, uint64_t number)
{
	size_t index = queue_index(queue, number);

	return index < queue->count && queue->items[index].number == number ? &queue->items[index]
									    : NULL;
}

void queue_drop(struct queue *queue, uint64_t number)
{
	size_t end = queue_index(queue, number + 1);

	for (size_t i = 0; i < end; i++) {
		queue->bytes -= queue->items[i].body.len;
		waiting_free(&queue->items[i]);
	}
	if (!end)
		return;
	queue->count -= end;
	memmove(queue->items, queue->items + end, queue->count * sizeof(*queue->items));
}

void inboxes_clear(struct chain *chain)
{
	for (unsigned i = 0; i < CHAIN_NODES; i++)
		queue_clear(&chain->peers[i].inbox);
}

void outbox_settle(struct chain *chain)
{
	const struct standing *mine = &chain->fold.nodes[chain->options.me.number];
	const struct queue *queue = &chain->outbox;

	if (mine->incarnation != chain->options.me.incarnation)
		return;
	for (size_t i = 0; i < queue->count && queue->items[i].number <= mine->high; i++)
		chain->calls->answered(chain->owner, queue->items[i].number);
	queue_drop(&chain->outbox, mine->high);
}

void message_to(struct chain *chain, unsigned node, struct chain_message *message)
{
	size_t size = chain_message_size(message);
	unsigned char *bytes = memory_take(size);

	message->shard = chain->options.shard;
	message->from = chain->options.me;
	chain_message_write(message, bytes);
	chain->calls->send(chain->owner, node, slice_span((const char *)bytes, size));
	memory_give(bytes, size);
}

/* What of a node's drafts is judged: the number below which nothing of it is taken any more. */
static uint64_t judged_high(const struct chain *chain, struct chain_node node)
{
	const struct standing *standing = &chain->fold.nodes[node.number];

	return standing->incarnation == node.incarnation ? standing->high : 0;
}

bool draft_take(struct chain *chain, uint64_t now, const struct chain_draft *draft)
{
	struct peer *peer = &chain->peers[draft->node.number];
	uint64_t high = judged_high(chain, draft->node);

	if (!chain_owning(chain, now))
		return false;
	/* [23] */
	if (draft->gen != gen_of(chain) && rule(chain, 23) && rule(chain, 33))
		return false;
	note_newest(chain, draft->node.number, draft->node.incarnation);
	if (draft->node.incarnation < peer->newest)
		return false;
	if (peer->inbox_incarnation != draft->node.incarnation)
		queue_clear(&peer->inbox);
	peer->inbox_incarnation = draft->node.incarnation;
	if (draft->base > peer->base)
		peer->base = draft->base;
	if (high < peer->base)
		high = peer->base;
	if (draft->number > high + CHAIN_WAITING_MAX)
		return false;
	/* [3] */
	if (draft->number <= judged_high(chain, draft->node) && rule(chain, 3))
		return false;
	queue_put(&peer->inbox, draft->number, draft->body);
	return true;
}

static void send_draft(struct chain *chain, uint64_t now, struct waiting *waiting)
{
	struct chain_message message = { .kind = CHAIN_MESSAGE_DRAFT };

	message.draft = (struct chain_draft){ .node = chain->options.me,
					      .number = waiting->number,
					      .base = chain->outbox.items[0].number,
					      .gen = gen_of(chain),
					      .body = waiting->body };
	if (chain->fold.owner.number == chain->options.me.number) {
		if (!draft_take(chain, now, &message.draft))
			return;
	} else {
		message_to(chain, chain->fold.owner.number, &message);
	}
	waiting->sent_at = now;
	waiting->given = true;
}

static bool can_send(const struct chain *chain)
{
	return chain->mode == CHAIN_RUN && chain->fold.owner.number < CHAIN_NODES;
}

uint64_t chain_submit(struct chain *chain, uint64_t now, struct slice body)
{
	if (chain->renewing || !chain->options.me.incarnation ||
	    !queue_put(&chain->outbox, chain->next_number + 1, body))
		return 0;
	chain->next_number++;
	if (can_send(chain))
		send_draft(chain, now, &chain->outbox.items[chain->outbox.count - 1]);
	batches_judge(chain, now);
	return chain->next_number;
}

bool chain_withdraw(struct chain *chain, uint64_t number)
{
	struct queue *queue = &chain->outbox;
	size_t index = queue_index(queue, number);

	if (index == queue->count || queue->items[index].number != number ||
	    queue->items[index].given)
		return false;
	queue->bytes -= queue->items[index].body.len;
	queue->items[index].body.len = 0;
	return true;
}

void drafts_unsent(struct chain *chain)
{
	for (size_t i = 0; i < chain->outbox.count; i++)
		chain->outbox.items[i].sent_at = 0;
}

void drafts_tick(struct chain *chain, uint64_t now)
{
	size_t bytes = 0;

	for (size_t i = 0; i < chain->outbox.count && bytes < SEND_BYTES && can_send(chain); i++) {
		struct waiting *waiting = &chain->outbox.items[i];

		if (waiting->sent_at && !passed(now, waiting->sent_at, chain->options.times.repeat))
			continue;
		bytes += waiting->body.len;
		send_draft(chain, now, waiting);
	}
}
