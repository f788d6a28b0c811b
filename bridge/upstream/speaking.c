#include "bridge/upstream/speaking.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/routing/enrich.h"
#include "bridge/routing/routing.h"
#include "bridge/upstream/id_map.h"
#include "bridge/upstream/people/strangers.h"
#include "codecs/text/memory.h"

/* A rule may keep what is heard waiting for a backend, and the server goes on talking. */
#define PENDING_MOST       10000
#define PENDING_BYTES_MOST (16 * 1024 * 1024)

/* What was said here, and is not answered: by a number of its own. */
struct pending {
	struct pending *next;
	uint64_t serial;
	size_t bytes;
	char id[FOREIGN_ID_MAX + 1]; /* of the message there; "": it has none */
};

struct speaking {
	struct pending *first, **last;
	size_t count, bytes;
};

struct speaking *speaking_new(void)
{
	struct speaking *speaking = memory_zeroed(1, sizeof(*speaking));

	speaking->last = &speaking->first;
	return speaking;
}

void speaking_free(struct speaking *speaking)
{
	if (!speaking)
		return;
	while (speaking->first) {
		struct pending *next = speaking->first->next;

		free(speaking->first);
		speaking->first = next;
	}
	free(speaking);
}

bool speaking_waits(const struct upstream *upstream)
{
	return upstream->speaking->count > 0;
}

/* ---- ids ---- */

void speaking_map(struct upstream *upstream, struct slice theirs, uint64_t ours)
{
	if (!theirs.len || !ours || !id_map_put(upstream->ids, theirs, ours))
		return;
	upstream_keep_id(upstream, theirs, ours);
}

static uint64_t serial_next(struct upstream *upstream, struct slice id, size_t bytes)
{
	struct speaking *speaking = upstream->speaking;
	struct pending *pending = memory_zeroed(1, sizeof(*pending));

	pending->serial = upstream_serial(upstream);
	pending->bytes = bytes;
	if (id.len <= FOREIGN_ID_MAX && id.len)
		memcpy(pending->id, id.data, id.len);
	*speaking->last = pending;
	speaking->last = &pending->next;
	speaking->count++;
	speaking->bytes += bytes;
	return pending->serial;
}

void speaking_answered(struct upstream *upstream, uint64_t serial, const struct answer *answer)
{
	struct speaking *speaking = upstream->speaking;
	struct pending **at = &speaking->first, *pending;
	struct upstream_ledger *ledger = upstream_ledger(upstream);

	while (*at && (*at)->serial != serial)
		at = &(*at)->next;
	pending = *at;
	if (!pending)
		return;
	*at = pending->next;
	if (!pending->next)
		speaking->last = at;
	speaking->count--;
	speaking->bytes -= pending->bytes;
	if (answer->reason == REASON_NONE)
		ledger->taken++;
	else
		ledger->taken_refused[answer->reason]++;
	if (answer->reason == REASON_NONE && answer->event)
		speaking_map(upstream, slice_of(pending->id), answer->event->id);
	free(pending);
}

static struct person person_of(struct upstream *upstream, const struct foreign_person *there)
{
	const struct stranger *stranger = strangers_find_id(upstream->people, there->id);

	/* One of ours who is not in the room yet has a name alone. */
	if (there->id.len && (stranger || !upstream_has_client(upstream, there->id)))
		stranger = strangers_meet(upstream->people, there, upstream->worker->tick_ms);
	return stranger ? stranger->person : (struct person){ .name = there->name };
}

/* ---- said here ---- */

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

static struct routing_start start_of(struct upstream *upstream, struct slice id, size_t bytes)
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
			    (uint32_t)serial_next(upstream, id, bytes), 0 };
	return start;
}

void speaking_say(struct upstream *upstream, struct envelope *event, struct slice id)
{
	struct worker *worker = upstream->worker;
	struct routing_start start = start_of(upstream, id, event->text.len + event->extra.len);
	bool whole = event->part_count || event->kind == KIND_OPAQUE;

	event->time_ms = worker->now_ms;
	event->room = upstream->room->rules.name;
	event->origin.dialect = slice_of(upstream->codec->name);
	event->origin.instance = slice_of(upstream->conf->name);
	worker->counters->intake.accepted++;
	routing_begin(worker, &upstream->lane, &start,
		      whole ? envelope_seal(event) : enrich_about(worker->bridge, event));
}

static bool is_full(const struct speaking *speaking)
{
	return speaking->count >= PENDING_MOST || speaking->bytes >= PENDING_BYTES_MOST;
}

void speaking_by(struct upstream *upstream, const struct call_heard *heard)
{
	struct envelope event = heard->event;
	uint64_t removed[ENVELOPE_REMOVED_MAX];

	if (is_full(upstream->speaking)) {
		upstream_ledger(upstream)->taken_refused[REASON_BUSY]++;
		return;
	}
	event.author = person_of(upstream, &heard->author);
	event.subject = person_of(upstream, &heard->subject);
	if (event.kind == KIND_USER_UPDATE)
		event.subject.roles = heard->subject.roles | ROLE_USER;
	if (event.kind == KIND_NOTICE)
		event.author = (struct person){ .number = 0 };
	event.target = heard->target.len ? id_map_ours(upstream->ids, heard->target) : 0;
	event.removed_count = heard->removed_count ? ours_of(upstream, heard, removed) : 0;
	event.removed = event.removed_count ? removed : NULL;
	if (envelope_acts_on_message(event.kind) && !event.target)
		upstream_ledger(upstream)->taken_refused[REASON_UNKNOWN_MESSAGE]++;
	else
		speaking_say(upstream, &event, heard->id);
}
