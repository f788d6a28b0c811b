#include "bridge/upstream/telling.h"

#include <stdio.h>

#include "bridge/order/order.h"
#include "bridge/upstream/people/strangers.h"
#include "codecs/text/name.h"

#define TEXT_MAX 512

static void tell(struct upstream *upstream, const struct person *person, const char *text)
{
	struct envelope notice = { .kind = KIND_NOTICE,
				   .flags = FLAG_PRIVATE,
				   .time_ms = upstream->worker->now_ms,
				   .room = upstream->room->rules.name,
				   .subject = *person,
				   .text = slice_of(text),
				   .origin = { .dialect = SLICE("bridge") } };

	if (upstream->room->room)
		(void)order_say(upstream->worker, upstream->room, envelope_seal(&notice));
}

/* What people do by hand, and would miss. */
static bool is_worth(const struct upstream *upstream, const struct envelope *event)
{
	if (!event || !event->author.number ||
	    strangers_find_number(upstream->people, event->author.number))
		return false;
	return event->kind != KIND_TYPING && event->kind != KIND_READ &&
	       event->kind != KIND_ENTER && event->kind != KIND_EXIT;
}

void telling_refused(struct upstream *upstream, const struct envelope *event, enum reason reason,
		     struct slice text)
{
	struct slice why = text_clip(call_why(reason, text), 200);
	char said[TEXT_MAX];

	if (!is_worth(upstream, event))
		return;
	snprintf(said, sizeof(said), "This did not reach %s: %.*s", upstream->conf->name,
		 (int)why.len, why.data);
	tell(upstream, &event->author, said);
}

void telling_unknown(struct upstream *upstream, const struct envelope *event)
{
	char said[TEXT_MAX];

	if (!is_worth(upstream, event))
		return;
	snprintf(said, sizeof(said),
		 "The connection to %s broke: it is not known whether this arrived there",
		 upstream->conf->name);
	tell(upstream, &event->author, said);
}

void telling_client(struct upstream *upstream, const struct person *person, const char *text)
{
	if (person->number)
		tell(upstream, person, text);
}
