#include "bridge/client/outbox.h"

#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"

/* An emptied outbox keeps this many entries, so that a busy connection allocates nothing. */
#define KEPT_ENTRIES 128

static void outbox_account(const struct outbox *outbox, int64_t bytes)
{
	if (outbox->account)
		*outbox->account += bytes;
}

static void account_entries(const struct outbox *outbox, int64_t entries)
{
	outbox_account(outbox, entries * (int64_t)sizeof(*outbox->entries));
}

/* What it gives back when it is in no outbox any more. */
static int64_t frame_leaves(struct frame *frame)
{
	return atomic_fetch_sub_explicit(&frame->queued, 1, memory_order_relaxed) == 1 ? frame->size
										       : 0;
}

static void outbox_make_room(struct outbox *outbox)
{
	if (outbox->first > 0 && outbox->first >= outbox->count) {
		memmove(outbox->entries, outbox->entries + outbox->first,
			outbox->count * sizeof(*outbox->entries));
		outbox->first = 0;
		return;
	}
	account_entries(outbox, outbox->capacity ? outbox->capacity : 4);
	outbox->capacity = outbox->capacity ? outbox->capacity * 2 : 4;
	outbox->entries =
	    memory_resize(outbox->entries, outbox->capacity * sizeof(*outbox->entries));
}

void outbox_push(struct outbox *outbox, struct frame *frame, struct tally *tally,
		 enum outcome outcome, uint32_t told)
{
	if (outbox->first + outbox->count == outbox->capacity)
		outbox_make_room(outbox);
	outbox->entries[outbox->first + outbox->count++] =
	    (struct outbox_entry){ frame_hold(frame), tally, outcome, told };
	outbox->bytes += frame->len;
	if (tally)
		tally->in_flight++;
	if (atomic_fetch_add_explicit(&frame->queued, 1, memory_order_relaxed) == 0)
		outbox_account(outbox, frame->size);
}

const unsigned char *outbox_gather(const struct outbox *outbox, unsigned char *scratch, size_t size,
				   size_t *len, uint32_t *taken)
{
	const struct outbox_entry *entry = outbox->entries + outbox->first + outbox->sent;
	uint32_t waiting = outbox->count - outbox->sent;
	size_t filled = 0;
	uint32_t i = 0;

	*len = 0;
	*taken = 0;
	if (waiting == 0)
		return NULL;
	if (waiting == 1 || entry->frame->len > size) {
		*len = entry->frame->len;
		*taken = 1;
		return entry->frame->bytes;
	}
	for (; i < waiting && filled + entry[i].frame->len <= size; i++) {
		memcpy(scratch + filled, entry[i].frame->bytes, entry[i].frame->len);
		filled += entry[i].frame->len;
	}
	*len = filled;
	*taken = i;
	return scratch;
}

static void outbox_shrink(struct outbox *outbox)
{
	if (outbox->count > 0)
		return;
	outbox->first = 0;
	if (outbox->capacity <= KEPT_ENTRIES)
		return;
	account_entries(outbox, -(int64_t)outbox->capacity);
	free(outbox->entries);
	outbox->entries = NULL;
	outbox->capacity = 0;
}

static void outbox_drop_front(struct outbox *outbox, uint32_t count)
{
	int64_t left = 0;

	for (uint32_t i = 0; i < count; i++) {
		struct outbox_entry *entry = &outbox->entries[outbox->first + i];

		if (entry->tally) {
			entry->tally->in_flight--;
			entry->tally->outcomes[entry->outcome]++;
		}
		if (entry->told)
			outbox->ended(outbox, entry->told, entry->outcome);
		outbox->bytes -= entry->frame->len;
		left += frame_leaves(entry->frame);
		frame_release(entry->frame);
	}
	outbox_account(outbox, -left);
	outbox->first += count;
	outbox->count -= count;
	outbox_shrink(outbox);
}

void outbox_sent(struct outbox *outbox, uint32_t taken, bool complete)
{
	outbox->sent += taken;
	if (!complete)
		return;
	taken = outbox->sent;
	outbox->sent = 0;
	outbox_drop_front(outbox, taken);
}

bool outbox_waiting(const struct outbox *outbox)
{
	return outbox->count > outbox->sent;
}

void outbox_rest(struct outbox *outbox)
{
	if (outbox->count == 0)
		outbox_clear(outbox, OUTCOME_DELIVERED);
}

void outbox_clear(struct outbox *outbox, enum outcome why)
{
	for (uint32_t i = 0; i < outbox->count; i++)
		outbox->entries[outbox->first + i].outcome = why;
	outbox->sent = 0;
	outbox_drop_front(outbox, outbox->count);
	account_entries(outbox, -(int64_t)outbox->capacity);
	free(outbox->entries);
	*outbox = (struct outbox){ .account = outbox->account, .ended = outbox->ended };
}
