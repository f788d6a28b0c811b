#include "bridge/upstream/link/sayings.h"

#include <stdlib.h>
#include <string.h>

#include "codecs/text/hash.h"
#include "codecs/text/memory.h"

#define ITEM_BYTES 256 /* of an item beside its text, about */

/* That it counts as. */
static size_t saying_item_bytes(const struct saying_item *item)
{
	return ITEM_BYTES + item->text.len;
}

/* ---- whose they are ---- */

/* What somebody in a room has in it. */
struct sayings_share {
	uint32_t number;
	size_t count, bytes;
	UT_hash_handle hh;
};

static struct sayings_share *share_find(const struct sayings *sayings, uint32_t number)
{
	struct sayings_share *share;

	HASH_FIND(hh, sayings->shares, &number, sizeof(number), share);
	return share;
}

static void share_add(struct sayings *sayings, struct saying_item *item)
{
	const struct envelope *origin = item->saying->origin;
	uint32_t number = origin ? origin->author.number : 0;
	struct sayings_share *share;

	item->share = NULL;
	if (!number)
		return;
	share = share_find(sayings, number);
	if (!share) {
		share = memory_zeroed(1, sizeof(*share));
		share->number = number;
		HASH_ADD(hh, sayings->shares, number, sizeof(share->number), share);
	}
	share->count++;
	share->bytes += saying_item_bytes(item);
	item->share = share;
}

static void share_take(struct sayings *sayings, struct saying_item *item)
{
	struct sayings_share *share = item->share;

	item->share = NULL;
	if (!share)
		return;
	share->bytes -= saying_item_bytes(item);
	if (--share->count > 0)
		return;
	HASH_DEL(sayings->shares, share);
	free(share);
}

enum reason sayings_room(const struct sayings *sayings, uint32_t number, size_t items, size_t bytes)
{
	const struct sayings_share *share;

	if (sayings->count >= items || sayings->bytes >= bytes)
		return REASON_BUSY;
	share = number ? share_find(sayings, number) : NULL;
	if (share &&
	    (share->count > items - sayings->count || share->bytes > bytes - sayings->bytes))
		return REASON_RATE_LIMITED;
	return REASON_NONE;
}

/* ---- the queue ---- */

void sayings_add(struct sayings *sayings, struct saying_item *item)
{
	item->next = NULL;
	if (sayings->last)
		sayings->last->next = item;
	else
		sayings->first = item;
	sayings->last = item;
	share_add(sayings, item);
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
	share_take(sayings, item);
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
