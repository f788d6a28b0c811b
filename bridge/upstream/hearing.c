#include "bridge/upstream/hearing.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/durable/store.h"
#include "bridge/routing/enrich.h"
#include "bridge/routing/routing.h"
#include "bridge/upstream/echo.h"
#include "bridge/upstream/front.h"
#include "bridge/upstream/heard.h"
#include "bridge/upstream/id_map.h"
#include "bridge/upstream/late.h"
#include "bridge/upstream/reacting.h"
#include "bridge/upstream/seating.h"
#include "bridge/upstream/strangers.h"
#include "codecs/text/memory.h"
#include "codecs/text/name.h"
#include "routes/rules/pattern.h"

#define WAITING_MOST 1000

/* What was said here, and is not answered: by a number of its own. */
struct pending {
	struct pending *next;
	uint64_t serial;
	char id[FOREIGN_ID_MAX + 1]; /* of the message there; "": it has none */
};

struct heard_queue {
	struct heard *first, **last; /* that wait for ids */
	size_t waiting;
	struct pending *pending, **pending_last;
	size_t in_flight;
};

struct heard_queue *heard_queue_new(void)
{
	struct heard_queue *queue = memory_zeroed(1, sizeof(*queue));

	queue->last = &queue->first;
	queue->pending_last = &queue->pending;
	return queue;
}

void heard_queue_free(struct heard_queue *queue)
{
	if (!queue)
		return;
	while (queue->first) {
		struct heard *next = queue->first->next;

		heard_free(queue->first);
		queue->first = next;
	}
	while (queue->pending) {
		struct pending *next = queue->pending->next;

		free(queue->pending);
		queue->pending = next;
	}
	free(queue);
}

/* ---- ids ---- */

void hearing_map(struct upstream *upstream, struct slice theirs, uint64_t ours)
{
	if (!theirs.len || !ours || !id_map_put(upstream->ids, theirs, ours))
		return;
	upstream_keep_id(upstream, theirs, ours);
}

static uint64_t serial_next(struct upstream *upstream, struct slice id)
{
	struct heard_queue *queue = upstream->heard;
	struct pending *pending = memory_zeroed(1, sizeof(*pending));

	pending->serial = upstream_serial(upstream);
	if (id.len <= FOREIGN_ID_MAX && id.len)
		memcpy(pending->id, id.data, id.len);
	*queue->pending_last = pending;
	queue->pending_last = &pending->next;
	queue->in_flight++;
	return pending->serial;
}

void hearing_answered(struct upstream *upstream, uint64_t serial, const struct answer *answer)
{
	struct heard_queue *queue = upstream->heard;
	struct pending **at = &queue->pending, *pending;
	struct upstream_ledger *ledger = upstream_ledger(upstream);

	while (*at && (*at)->serial != serial)
		at = &(*at)->next;
	pending = *at;
	if (!pending)
		return;
	*at = pending->next;
	if (!pending->next)
		queue->pending_last = at;
	queue->in_flight--;
	if (answer->reason == REASON_NONE)
		ledger->taken++;
	else
		ledger->taken_refused[answer->reason]++;
	if (answer->reason == REASON_NONE && answer->event)
		hearing_map(upstream, slice_of(pending->id), answer->event->id);
	free(pending);
	hearing_pump(upstream);
}

/* ---- people ---- */

static struct person person_of(struct upstream *upstream, const struct foreign_person *there)
{
	const struct stranger *stranger = strangers_find_id(upstream->people, there->id);

	/* One of ours who is not in the room yet has a name alone. */
	if (there->id.len && (stranger || !front_is_ours(upstream, there->id)))
		stranger = strangers_meet(upstream->people, there, upstream->worker->tick_ms);
	return stranger ? stranger->person : (struct person){ .name = there->name };
}

static bool is_ignored(struct upstream *upstream, const struct call_heard *heard)
{
	const struct conf_list *names = &upstream->conf->ignore;

	for (size_t i = 0; i < names->count; i++)
		if (name_same(slice_of(names->items[i]), heard->author.name))
			return true;
	return upstream->ignored && heard->event.text.len &&
	       upstream_ignores(upstream, heard->event.text);
}

/* ---- said here ---- */

static bool acts_on_message(enum envelope_kind kind)
{
	return kind == KIND_EDIT || kind == KIND_DELETE || kind == KIND_REACTION ||
	       kind == KIND_READ;
}

static size_t ours_of(const struct upstream *upstream, const struct call_heard *heard,
		      uint64_t *out)
{
	size_t count = 0;

	for (size_t i = 0; i < heard->removed_count && count < ENVELOPE_REMOVED_MAX; i++) {
		out[count] = id_map_ours(upstream->ids, heard->removed[i]);
		count += out[count] != 0;
	}
	return count;
}

static struct routing_start start_of(struct upstream *upstream, struct slice id)
{
	struct worker *worker = upstream->worker;
	struct routing_start start = { .origin = ROUTE_FROM_UPSTREAM,
				       .backend = SIZE_MAX,
				       .upstream = upstream->index,
				       .trusted = true,
				       .room = upstream->room,
				       .owner = upstream->room->owner };

	start.asker =
	    (struct asker){ ASKER_UPSTREAM, (uint8_t)worker->index, (uint32_t)upstream->index,
			    (uint32_t)serial_next(upstream, id), 0 };
	return start;
}

void hearing_say(struct upstream *upstream, struct envelope *event, struct slice id)
{
	struct worker *worker = upstream->worker;
	struct routing_start start = start_of(upstream, id);
	bool whole = event->part_count || event->kind == KIND_OPAQUE;

	event->time_ms = worker->now_ms;
	event->room = upstream->room->rules.name;
	event->origin.dialect = slice_of(upstream->codec->name);
	event->origin.instance = slice_of(upstream->conf->name);
	worker->counters->intake.accepted++;
	routing_begin(worker, &upstream->lane, &start,
		      whole ? envelope_seal(event) : enrich_about(worker->bridge, event));
}

void hearing_said_by(struct upstream *upstream, const struct call_heard *heard)
{
	struct envelope event = heard->event;
	uint64_t removed[ENVELOPE_REMOVED_MAX];

	event.author = person_of(upstream, &heard->author);
	event.subject = person_of(upstream, &heard->subject);
	if (event.kind == KIND_USER_UPDATE)
		event.subject.roles = heard->subject.roles | ROLE_USER;
	if (event.kind == KIND_NOTICE)
		event.author = (struct person){ .number = 0 };
	event.target = heard->target.len ? id_map_ours(upstream->ids, heard->target) : 0;
	event.removed_count = heard->removed_count ? ours_of(upstream, heard, removed) : 0;
	event.removed = event.removed_count ? removed : NULL;
	if (acts_on_message(event.kind) && !event.target)
		upstream_ledger(upstream)->taken_refused[REASON_UNKNOWN_MESSAGE]++;
	else
		hearing_say(upstream, &event, heard->id);
}

/* Its words; whoever it is of is known by then, and it is not our own. */
static void process(struct upstream *upstream, const struct call_heard *heard)
{
	switch (heard->event.kind) {
	case KIND_ENTER:
	case KIND_EXIT:
		seating_heard(upstream, &heard->author, heard->event.kind == KIND_ENTER);
		break;
	case KIND_REACTION: reacting_heard(upstream, heard); break;
	case KIND_INVITE: upstream_ledger(upstream)->ignored++; break;
	default: hearing_said_by(upstream, heard); break;
	}
}

/* What it is about may be on its way here, or on its way there. */
static bool must_wait(const struct upstream *upstream, const struct call_heard *heard)
{
	const struct link *link;

	if (heard->event.kind == KIND_ENTER)
		return front_awaits(upstream, heard->author.name);
	if (!heard->target.len || id_map_ours(upstream->ids, heard->target))
		return false;
	if (upstream->heard->in_flight)
		return true;
	for (link = upstream->links; link; link = link->next)
		if (link->sayings.sent)
			return true;
	return false;
}

static void wait(struct heard_queue *queue, const struct call_heard *heard)
{
	struct heard *copy = heard_new(heard);

	*queue->last = copy;
	queue->last = &copy->next;
	queue->waiting++;
}

void hearing_pump(struct upstream *upstream)
{
	struct heard_queue *queue = upstream->heard;

	while (queue->first) {
		struct heard *heard = queue->first;

		if (must_wait(upstream, &heard->of))
			return;
		queue->first = heard->next;
		if (!queue->first)
			queue->last = &queue->first;
		queue->waiting--;
		process(upstream, &heard->of);
		heard_free(heard);
	}
}

/* ---- heard ---- */

/* What only its addressee hears is heard by their link; all else once, by the ear. */
static bool is_for(const struct link *link, const struct call_heard *heard)
{
	const struct upstream *upstream = link->upstream;

	if (!upstream->front)
		return strcmp(upstream->conf->direction, CONF_OUT) != 0;
	return link == upstream->ear || heard->event.flags & FLAG_PRIVATE;
}

/* Is it known, and what becomes of it then? */
static bool is_over(struct link *link, const struct call_heard *heard)
{
	struct upstream *upstream = link->upstream;
	struct upstream_ledger *ledger = upstream_ledger(upstream);

	/* What others of ours hear, too, counts when the ear does. */
	if (upstream->front && !is_for(link, heard))
		return true;
	if (echo_heard(link, heard)) {
		ledger->echoes++;
		return true;
	}
	if (!is_for(link, heard))
		return true;
	ledger->heard++;
	if (heard->event.kind == KIND_MESSAGE && heard->id.len &&
	    id_map_ours(upstream->ids, heard->id)) {
		ledger->repeated++;
		return true;
	}
	if (heard->room.len || is_ignored(upstream, heard)) {
		ledger->ignored++;
		return true;
	}
	return false;
}

void hearing_take(struct link *link, const struct call_heard *heard)
{
	struct upstream *upstream = link->upstream;
	struct heard_queue *queue = upstream->heard;

	if (heard->late) {
		late_heard(link, heard);
		return;
	}
	if (!is_over(link, heard)) {
		if (!queue->first && !must_wait(upstream, heard))
			process(upstream, heard);
		else if (queue->waiting < WAITING_MOST)
			wait(queue, heard);
		else
			upstream_ledger(upstream)->taken_refused[REASON_BUSY]++;
	}
}

void hearing_known(struct link *link, const struct foreign_person *person, bool online)
{
	struct upstream *upstream = link->upstream;

	if (upstream->front && upstream->ear && link != upstream->ear)
		return;
	if (front_awaits(upstream, person->name))
		return;
	if (online)
		seating_heard(upstream, person, true);
	else if (!front_is_ours(upstream, person->id))
		(void)strangers_meet(upstream->people, person, upstream->worker->tick_ms);
}
