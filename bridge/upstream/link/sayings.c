#include "bridge/upstream/link/sayings.h"

#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"

#define ITEM_BYTES 256 /* of an item beside its text, about */

/* That it counts as. */
static size_t saying_item_bytes(const struct saying_item *item)
{
	return ITEM_BYTES + item->text.len;
}

void sayings_add(struct sayings *sayings, struct saying_item *item)
{
	item->next = NULL;
	if (sayings->last)
		sayings->last->next = item;
	else
		sayings->first = item;
	sayings->last = item;
	sayings->count++;
	sayings->bytes += saying_item_bytes(item);
}

void sayings_take(struct sayings *sayings, struct saying_item *item)
{
	struct saying_item **at = &sayings->first, *before = NULL;

	while (*at != item) {
		before = *at;
		at = &before->next;
	}
	*at = item->next;
	if (sayings->last == item)
		sayings->last = before;
	sayings->count--;
	sayings->bytes -= saying_item_bytes(item);
	sayings->sent -= item->state == SAYING_SENT;
	item->next = NULL;
}

void sayings_mark(struct sayings *sayings, struct saying_item *item, enum saying_state state)
{
	sayings->sent -= item->state == SAYING_SENT;
	item->state = state;
	sayings->sent += state == SAYING_SENT;
}

const struct saying *sayings_making(const struct sayings *sayings, uint64_t ours)
{
	const struct saying_item *item = sayings->first;

	while (item &&
	       !(item->saying->mapped && item->saying->origin && item->saying->origin->id == ours))
		item = item->next;
	return item ? item->saying : NULL;
}

struct saying_item *sayings_find(const struct sayings *sayings, uint64_t serial)
{
	struct saying_item *item = sayings->first;

	while (item && item->serial != serial)
		item = item->next;
	return item;
}

struct saying_item *sayings_waiting(const struct sayings *sayings)
{
	struct saying_item *item = sayings->first;

	while (item && item->state != SAYING_WAITING)
		item = item->next;
	return item;
}

static bool is_echo(const struct saying_item *item, enum envelope_kind kind, struct slice text,
		    struct slice target)
{
	if (item->state != SAYING_SENT || !item->echoes || item->saying->event->kind != kind)
		return false;
	if (kind == KIND_MESSAGE)
		return slice_equal(item->text, text);
	return !target.data || slice_equal(slice_of(item->target), target);
}

struct saying_item *sayings_echo(const struct sayings *sayings, enum envelope_kind kind,
				 struct slice text, struct slice target)
{
	struct saying_item *item = sayings->first;

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
	envelope_release(saying->event);
	envelope_release(saying->origin);
	if (saying->draft)
		post_free(&saying->draft->post);
	free(saying->text);
	free(saying->why);
	free(saying->names);
	free(saying);
}
