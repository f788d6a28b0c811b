#include "routes/balance/pool_lanes.h"

#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"

/* ---- sets ---- */

static uint64_t slot_bit(size_t slot)
{
	return UINT64_C(1) << slot % 64;
}

void instance_set_add(struct instance_set *set, size_t slot)
{
	set->words[slot / 64] |= slot_bit(slot);
}

void instance_set_remove(struct instance_set *set, size_t slot)
{
	set->words[slot / 64] &= ~slot_bit(slot);
}

bool instance_set_has(const struct instance_set *set, size_t slot)
{
	return set->words[slot / 64] & slot_bit(slot);
}

bool instance_set_empty(const struct instance_set *set)
{
	uint64_t any = 0;

	for (size_t i = 0; i < SET_WORDS; i++)
		any |= set->words[i];
	return !any;
}

static bool sets_equal(const struct instance_set *a, const struct instance_set *b)
{
	return memcmp(a->words, b->words, sizeof(a->words)) == 0;
}

static bool sets_meet(const struct instance_set *a, const struct instance_set *b)
{
	uint64_t both = 0;

	for (size_t i = 0; i < SET_WORDS; i++)
		both |= a->words[i] & b->words[i];
	return both;
}

/* ---- lanes ---- */

static struct pool_lane *lane_open(struct pool_lanes *lanes, const struct instance_set *served_by)
{
	struct pool_lane *lane = memory_zeroed(1, sizeof(*lane));

	lane->served_by = *served_by;
	lane->next = lanes->first;
	if (lane->next)
		lane->next->previous = lane;
	lanes->first = lane;
	return lane;
}

static void lane_close(struct pool_lanes *lanes, struct pool_lane *lane)
{
	if (lane->previous)
		lane->previous->next = lane->next;
	else
		lanes->first = lane->next;
	if (lane->next)
		lane->next->previous = lane->previous;
	free(lane);
}

void lanes_add(struct pool_lanes *lanes, struct pool_item *item,
	       const struct instance_set *served_by)
{
	struct pool_lane *lane = lanes->first;

	/* What comes back from a dead instance is older than what waits: it gets a lane of its own
	 * instead of a place in the middle. */
	while (lane &&
	       (!sets_equal(&lane->served_by, served_by) || lane->items.last->order > item->order))
		lane = lane->next;
	if (!lane)
		lane = lane_open(lanes, served_by);
	item_chain_append(&lane->items, item);
	item->lane = lane;
	lanes->waiting++;
}

void lanes_remove(struct pool_lanes *lanes, struct pool_item *item)
{
	struct pool_lane *lane = item->lane;

	item_chain_remove(&lane->items, item);
	item->lane = NULL;
	lanes->waiting--;
	if (!lane->items.count)
		lane_close(lanes, lane);
}

struct pool_item *lanes_first(const struct pool_lanes *lanes, const struct instance_set *available)
{
	struct pool_item *oldest = NULL;

	for (const struct pool_lane *lane = lanes->first; lane; lane = lane->next)
		if ((!oldest || lane->items.first->order < oldest->order) &&
		    sets_meet(&lane->served_by, available))
			oldest = lane->items.first;
	return oldest;
}

void lanes_withdraw(struct pool_lanes *lanes, size_t slot)
{
	for (struct pool_lane *lane = lanes->first; lane; lane = lane->next)
		instance_set_remove(&lane->served_by, slot);
}

/* Divides a lane into what the instance serves and the rest. */
static void lane_offer(struct pool_lanes *lanes, struct pool_lane *lane,
		       const struct pool_instance *instance)
{
	struct item_chain served = { .count = 0 }, rest = { .count = 0 };
	struct pool_item *next;

	for (struct pool_item *item = lane->items.first; item; item = next) {
		next = item->next;
		item_chain_append(instance_serves(instance, item->room) ? &served : &rest, item);
	}
	lane->items = rest.count ? rest : served;
	if (served.count && rest.count) {
		lane = lane_open(lanes, &lane->served_by);
		lane->items = served;
		for (struct pool_item *item = served.first; item; item = item->next)
			item->lane = lane;
	}
	if (served.count)
		instance_set_add(&lane->served_by, instance->slot);
}

void lanes_offer(struct pool_lanes *lanes, const struct pool_instance *instance)
{
	struct pool_lane *next;

	/* New lanes are put before those still to be seen. */
	for (struct pool_lane *lane = lanes->first; lane; lane = next) {
		next = lane->next;
		if (instance->room_count)
			lane_offer(lanes, lane, instance);
		else
			instance_set_add(&lane->served_by, instance->slot);
	}
}
