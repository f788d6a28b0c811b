/* news.h - what a reload changes, as every worker hears of it. Made by the main thread, then shared
 * and counted; what one worker alone may take out of it is said so. */
#ifndef BRIDGE_CORE_NEWS_H
#define BRIDGE_CORE_NEWS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/core/room_table.h"
#include "routes/rules/route_table.h"

/* A room that gets other rules. */
struct news_change {
	struct room_entry *room;
	struct room_rules rules;
	void *lists; /* what the rules' lists point at; the room's owner takes it */
};

struct news {
	atomic_uint holders;
	const struct room_table *rooms;  /* held: from now on */
	const struct route_table *rules; /* held: from now on */
	struct news_change *changed;
	struct room_entry **opened;  /* that came, or got other rules: more may be let in there */
	struct room_entry **removed; /* that are in no table any more */
	uint32_t *gone;              /* owned: numbers of people whose connections end */
	size_t changed_count, opened_count, removed_count, gone_count;
};

/* Holds both tables. rooms_most: of rooms that come, change and go together. Returns new, count
 * one, with room for so many and none in it; gone, if any, is put there as a whole. */
struct news *news_new(const struct room_table *rooms, const struct route_table *rules,
		      size_t rooms_most);

/* Any thread. release ignores NULL. */
struct news *news_hold(struct news *news);
void news_release(struct news *news);

#endif
