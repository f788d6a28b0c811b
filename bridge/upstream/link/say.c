#include "bridge/upstream/link/say.h"

#include <stdlib.h>

#include "bridge/dial/socket_call.h"
#include "bridge/upstream/link/calls.h"
#include "bridge/upstream/link/trails.h"
#include "codecs/text/memory.h"

#define HISTORY_COUNT 100  /* messages, as many as mixer tells */
#define SENT_MOST     64   /* messages that are not settled, at once */
#define LIMITED_MS    1000 /* after the server said that it was too fast */
#define ATTEMPTS_MOST 20
#define HISTORY_MS    10000 /* so long it is waited for */

/* A request comes when it comes: one after the other keeps them in order. */
static bool may_send(const struct link *link)
{
	const struct saying_item *item;

	if (link->state != LINK_UP || link->settling || link->asks_late || link->calling ||
	    link->sayings.sent >= SENT_MOST || link->upstream->worker->tick_ms < link->next_say_ms)
		return false;
	for (item = link->sayings.first; item && item->state == SAYING_SENT; item = item->next)
		if (item->settling == SETTLES_ANSWER && !item->settled_ms)
			return false;
	return true;
}

static void sent(struct link *link, struct saying_item *item)
{
	const struct worker *worker = link->upstream->worker;

	item->sent_ms = worker->tick_ms;
	if (!item->said_ms)
		item->said_ms = worker->now_ms;
	item->attempts++;
	sayings_mark(&link->sayings, item, SAYING_SENT);
	link->upstream->ops->sent(link, item);
	link->next_say_ms = worker->tick_ms + upstream_calls(link->upstream)->spacing_ms;
	if (item->settling == SETTLES_SENT)
		link_finish(link, item, REASON_NONE, (struct slice){ NULL, 0 }, false);
}

void link_pump(struct link *link)
{
	struct saying_item *item;
	enum reason why;

	/* Within a call of its codec nothing else is asked of that. What is being taken there would
	 * not be in the history yet. */
	if (link->asks_late && link->state == LINK_UP && !link->calling &&
	    !link_calls_under_way(link)) {
		link->asks_late = false;
		link->settling = link_calls_history(link, HISTORY_COUNT);
		link->deadline_ms = link->upstream->worker->tick_ms + HISTORY_MS;
		if (!link->settling)
			link->upstream->ops->history(link, false);
	}
	while (may_send(link) && (item = sayings_waiting(&link->sayings))) {
		if (link_trail_comes_back(link, item)) {
			item->saying->looped = true;
			link_finish(link, item, REASON_NONE, (struct slice){ NULL, 0 }, false);
		} else if (link_trail_is_full(link, item)) {
			link_finish(link, item, REASON_TOO_FAR, (struct slice){ NULL, 0 }, false);
		} else if (link->upstream->ops->ready(link, item, &why) &&
			   link_calls_say(link, item, &why)) {
			sent(link, item);
		} else if (why == REASON_NONE) {
			return;
		} else {
			link_finish(link, item, why, (struct slice){ NULL, 0 }, false);
		}
	}
	if (link->state == LINK_UP && link->socket && link->sayings.sent >= SENT_MOST)
		socket_call_hurry(link->socket);
}

void link_finish(struct link *link, struct saying_item *item, enum reason reason, struct slice why,
		 bool doubtful)
{
	struct saying *saying = item->saying;

	if (reason != REASON_NONE && item->said_ms && (doubtful || saying->expired) &&
	    link->upstream->ops->lost)
		link->upstream->ops->lost(link, item);
	sayings_take(&link->sayings, item);
	free(item);
	if (reason != REASON_NONE && saying->reason == REASON_NONE) {
		saying->reason = reason;
		saying->doubtful = doubtful;
		saying->why = why.data ? memory_text(why.data, why.len) : NULL;
	}
	if (--saying->left == 0)
		link->upstream->ops->done(link, saying);
}

/* Too fast, it says: the same again, a little later. */
static bool waits_again(struct link *link, struct saying_item *item, enum reason reason)
{
	uint64_t again = link->upstream->worker->tick_ms + LIMITED_MS;

	if (reason != REASON_RATE_LIMITED || item->attempts >= ATTEMPTS_MOST)
		return false;
	sayings_mark(&link->sayings, item, SAYING_WAITING);
	if (link->next_say_ms < again)
		link->next_say_ms = again;
	return true;
}

/* The login is not good any more, as that of a token that has expired: once again, and the same. */
static bool logs_in_again(struct link *link, struct saying_item *item, enum reason reason)
{
	if (reason != REASON_BAD_LOGIN || item->settling != SETTLES_ANSWER || item->attempts > 1)
		return false;
	sayings_mark(&link->sayings, item, SAYING_WAITING);
	link->upstream->ops->fail(link, SLICE("the login is not good any more"), false, 0);
	return true;
}

void link_settled(struct link *link, const struct call_settled *settled)
{
	struct saying_item *item = sayings_find(&link->sayings, settled->serial);

	/* Whatever is said of one that was not sent, or was answered before, says nothing. */
	if (!item || item->state != SAYING_SENT || item->settled_ms)
		return;
	if (waits_again(link, item, settled->reason) || logs_in_again(link, item, settled->reason))
		return;
	if (settled->reason == REASON_NONE && settled->id.data)
		saying_name(item->saying, settled->id);
	/* The order in which everybody hears it is the server's: it is heard, too, in a moment. */
	if (settled->reason == REASON_NONE && link->upstream->front && item->echoes &&
	    link->upstream->ear) {
		item->settled_ms = link->upstream->worker->tick_ms;
		return;
	}
	link_finish(link, item, settled->reason, settled->text, false);
}

void link_expire(struct link *link, struct saying_item *item)
{
	item->saying->expired = true;
	link_finish(link, item, REASON_NO_ANSWER, (struct slice){ NULL, 0 }, false);
}
