#include "bridge/upstream/listening.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/upstream/echo.h"
#include "bridge/upstream/heard.h"
#include "bridge/upstream/id_map.h"
#include "bridge/upstream/people/seating.h"
#include "bridge/upstream/people/strangers.h"
#include "bridge/upstream/reacting.h"
#include "bridge/upstream/speaking.h"
#include "codecs/model/trail.h"
#include "codecs/text/memory.h"

#define WAITING_MOST       1000
#define WAITING_BYTES_MOST (4 * 1024 * 1024)

struct heard_queue {
	struct heard *first, **last; /* that wait for ids */
	size_t waiting, bytes;
};

struct heard_queue *heard_queue_new(void)
{
	struct heard_queue *queue = memory_zeroed(1, sizeof(*queue));

	queue->last = &queue->first;
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
	free(queue);
}

static bool is_ignored(struct upstream *upstream, const struct call_heard *heard)
{
	return upstream_ignores_name(upstream, heard->author.name) ||
	       (heard->event.text.len && upstream_ignores(upstream, heard->event.text));
}

/* Its words; whoever it is of is known by then, and it is not our own. */
static void process(struct upstream *upstream, const struct call_heard *heard)
{
	switch (heard->event.kind) {
	case KIND_ENTER:
	case KIND_EXIT:
		seating_heard(upstream, &heard->author, heard->event.kind == KIND_ENTER,
			      heard->event.origin.trail);
		break;
	case KIND_REACTION: reacting_heard(upstream, heard); break;
	case KIND_INVITE: upstream_ledger(upstream)->ignored++; break;
	default: speaking_by(upstream, heard); break;
	}
}

/* What it is about may be on its way here, or on its way there. */
static bool must_wait(const struct upstream *upstream, const struct call_heard *heard)
{
	const struct link *link;

	if (heard->event.kind == KIND_ENTER)
		return upstream_awaits(upstream, heard->author.name);
	if (!heard->target.len || id_map_ours(upstream->ids, heard->target))
		return false;
	if (speaking_waits(upstream))
		return true;
	for (link = upstream->links; link; link = link->next)
		if (link->sayings.sent)
			return true;
	return false;
}

/* Of what can be long in it. */
static size_t bytes_of(const struct call_heard *heard)
{
	const struct envelope *event = &heard->event;

	return sizeof(struct heard) + event->text.len + event->extra.len + heard->author.name.len +
	       heard->subject.name.len + event->part_count * sizeof(*event->parts) +
	       heard->removed_count * sizeof(*heard->removed);
}

static bool is_full(const struct heard_queue *queue, const struct call_heard *heard)
{
	return queue->waiting >= WAITING_MOST ||
	       queue->bytes + bytes_of(heard) > WAITING_BYTES_MOST;
}

static void wait(struct heard_queue *queue, const struct call_heard *heard)
{
	struct heard *copy = heard_new(heard);

	*queue->last = copy;
	queue->last = &copy->next;
	queue->waiting++;
	queue->bytes += bytes_of(&copy->of);
}

void listening_pump(struct upstream *upstream)
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
		queue->bytes -= bytes_of(&heard->of);
		process(upstream, &heard->of);
		heard_free(heard);
	}
}

/* ---- heard ---- */

static bool takes_in(const struct upstream *upstream)
{
	return strcmp(upstream->conf->direction, CONF_OUT) != 0;
}

/* What only its addressee hears is heard by their link; all else once, by the ear. */
static bool is_for(const struct link *link, const struct call_heard *heard)
{
	const struct upstream *upstream = link->upstream;

	if (!upstream->front)
		return takes_in(upstream);
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
	if (trail_has(heard->event.origin.trail,
		      slice_span(upstream->bridge->instance, UUID_TEXT_LEN))) {
		ledger->looped++;
		return true;
	}
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

void listening_take(struct link *link, const struct call_heard *heard)
{
	struct upstream *upstream = link->upstream;
	struct heard_queue *queue = upstream->heard;

	if (!is_over(link, heard)) {
		if (!queue->first && !must_wait(upstream, heard))
			process(upstream, heard);
		else if (!is_full(queue, heard))
			wait(queue, heard);
		else
			upstream_ledger(upstream)->taken_refused[REASON_BUSY]++;
	}
}

void listening_known(struct link *link, const struct foreign_person *person, bool online,
		     struct slice trail)
{
	struct upstream *upstream = link->upstream;

	if (upstream->front && upstream->ear && link != upstream->ear)
		return;
	if (upstream_awaits(upstream, person->name))
		return;
	if (online && (upstream->front || takes_in(upstream)))
		seating_heard(upstream, person, true, trail);
	else if (!upstream_has_client(upstream, person->id))
		(void)strangers_meet(upstream->people, person, upstream->worker->tick_ms);
}
