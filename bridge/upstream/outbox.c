#include "bridge/upstream/outbox.h"

#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"

#define ITEM_BYTES 256 /* of an item beside its text, about */

size_t outbox_item_bytes(const struct outbox_item *item)
{
	return ITEM_BYTES + item->text.len;
}

void outbox_add(struct outbox *outbox, struct outbox_item *item)
{
	item->next = NULL;
	if (outbox->last)
		outbox->last->next = item;
	else
		outbox->first = item;
	outbox->last = item;
	outbox->count++;
	outbox->bytes += outbox_item_bytes(item);
}

void outbox_take(struct outbox *outbox, struct outbox_item *item)
{
	struct outbox_item **at = &outbox->first, *before = NULL;

	while (*at != item) {
		before = *at;
		at = &before->next;
	}
	*at = item->next;
	if (outbox->last == item)
		outbox->last = before;
	outbox->count--;
	outbox->bytes -= outbox_item_bytes(item);
	outbox->sent -= item->state == OUTBOX_SENT;
	item->next = NULL;
}

void outbox_mark(struct outbox *outbox, struct outbox_item *item, enum outbox_state state)
{
	outbox->sent -= item->state == OUTBOX_SENT;
	item->state = state;
	outbox->sent += state == OUTBOX_SENT;
}

struct outbox_item *outbox_find(const struct outbox *outbox, uint64_t serial)
{
	struct outbox_item *item = outbox->first;

	while (item && item->serial != serial)
		item = item->next;
	return item;
}

struct outbox_item *outbox_waiting(const struct outbox *outbox)
{
	struct outbox_item *item = outbox->first;

	while (item && item->state != OUTBOX_WAITING)
		item = item->next;
	return item;
}

static bool is_echo(const struct outbox_item *item, enum envelope_kind kind, struct slice text,
		    struct slice target)
{
	if (item->state != OUTBOX_SENT || item->echoed || !item->echoes ||
	    item->saying->event->kind != kind)
		return false;
	if (kind == KIND_MESSAGE)
		return slice_equal(item->text, text);
	return !target.data || slice_equal(slice_of(item->target), target);
}

struct outbox_item *outbox_echo(const struct outbox *outbox, enum envelope_kind kind,
				struct slice text, struct slice target)
{
	struct outbox_item *item = outbox->first;

	while (item && !is_echo(item, kind, text, target))
		item = item->next;
	return item;
}

void saying_name(struct saying *saying, struct slice name)
{
	size_t len = name.len < FOREIGN_ID_MAX ? name.len : FOREIGN_ID_MAX;

	for (size_t i = 0; i < saying->name_count; i++)
		if (slice_equal(slice_of(saying->names[i]), name))
			return;
	saying->names =
	    memory_resize(saying->names, (saying->name_count + 1) * sizeof(*saying->names));
	memcpy(saying->names[saying->name_count], name.data, len);
	saying->names[saying->name_count++][len] = '\0';
}

void saying_free(struct saying *saying)
{
	if (!saying)
		return;
	if (!saying->draft || saying->event != saying->draft->event)
		envelope_release(saying->event);
	envelope_release(saying->origin);
	if (saying->draft)
		post_free(&saying->draft->post);
	free(saying->text);
	free(saying->why);
	free(saying->names);
	free(saying);
}
