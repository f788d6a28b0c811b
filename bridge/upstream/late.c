#include "bridge/upstream/late.h"

#include "bridge/upstream/echo.h"
#include "bridge/upstream/heard.h"
#include "bridge/upstream/id_map.h"
#include "bridge/upstream/link/link.h"
#include "bridge/upstream/listening.h"

#define LATE_MOST 100 /* messages: no more are asked for */

static bool is_listened_to(const struct link *link)
{
	return !link->upstream->front || link == link->upstream->ear;
}

/* What came before the first is nobody's business: only what was missed. */
static bool missed_something(const struct link *link)
{
	return link->upstream->conf->late_seconds > 0 && is_listened_to(link) &&
	       id_map_count(link->upstream->ids) > 0;
}

void late_ask(struct link *link)
{
	if (link->state != LINK_UP || link->settling || !(link->doubts || missed_something(link)))
		return;
	link->asks_late = true;
}

/* Of more than were asked for, the newest. */
void late_heard(struct link *link, const struct call_heard *heard)
{
	struct heard **last = &link->late, *oldest = link->late;
	size_t count = 0;

	for (; *last; last = &(*last)->next)
		count++;
	*last = heard_new(heard);
	if (count < LATE_MOST)
		return;
	link->late = oldest->next;
	heard_free(oldest);
}

void late_drop(struct link *link)
{
	link->asks_late = false;
	while (link->late) {
		struct heard *next = link->late->next;

		heard_free(link->late);
		link->late = next;
	}
}

static bool is_recent(const struct link *link, const struct call_heard *heard)
{
	uint64_t now = link->upstream->worker->now_ms;
	uint64_t most = (uint64_t)link->upstream->conf->late_seconds * 1000;

	return heard->event.client_time_ms <= 0 ||
	       (uint64_t)heard->event.client_time_ms + most >= now;
}

/* What stands behind the newest that is known; nothing, where none of it is. */
static struct heard *news_of(const struct link *link)
{
	struct heard *news = NULL;

	for (struct heard *one = link->late; one; one = one->next)
		if (one->of.id.len && id_map_ours(link->upstream->ids, one->of.id))
			news = one->next;
	return news;
}

/* Does the history tell of a time before that item was sent first? */
static bool goes_back(const struct link *link, const struct saying_item *item, bool reaches)
{
	const struct heard *oldest = link->late;

	return reaches || (oldest && ((oldest->of.event.client_time_ms > 0 &&
				       (uint64_t)oldest->of.event.client_time_ms < item->said_ms) ||
				      id_map_ours(link->upstream->ids, oldest->of.id)));
}

/* What was sent and is not in it was not taken there, if it would be in it. */
static void settle_doubts(struct link *link, bool reaches)
{
	struct saying_item *item = link->sayings.first, *next;

	link->doubts = false;
	for (; item; item = next) {
		next = item->next;
		if (item->state != SAYING_SENT || item->settled_ms || item->sent_ms >= link->up_ms)
			continue;
		if (goes_back(link, item, reaches))
			sayings_mark(&link->sayings, item, SAYING_WAITING);
		else
			link_finish(link, item, REASON_NO_ANSWER, (struct slice){ NULL, 0 }, true);
	}
}

void late_end(struct link *link, bool reaches)
{
	struct heard *one, *news = missed_something(link) ? news_of(link) : NULL;
	bool own_only = true;

	for (one = link->late; one; one = one->next) {
		own_only = own_only && one != news;
		if (echo_heard(link, &one->of) || own_only)
			continue;
		upstream_ledger(link->upstream)->late++;
		one->of.late = false;
		if (is_recent(link, &one->of))
			listening_take(link, &one->of);
	}
	settle_doubts(link, reaches);
	late_drop(link);
	link->settling = false;
}
