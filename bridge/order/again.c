#include "bridge/order/again.h"

#include "bridge/durable/release.h"
#include "bridge/trace/trace.h"
#include "codecs/model/trail.h"
#include "codecs/model/trail_ring.h"

static struct slice instance_of(const struct worker *worker)
{
	return slice_span(worker->bridge->instance, UUID_TEXT_LEN);
}

/* What changes nothing the second time needs no memory: it ends where it has been. */
static bool is_remembered(enum envelope_kind kind)
{
	return kind == KIND_MESSAGE || kind == KIND_EDIT || kind == KIND_NOTICE;
}

/* What it is called here; 0: nobody knows. */
static uint64_t known_as(const struct worker *worker, const struct post_draft *draft)
{
	struct slice trail = draft->event->origin.trail;
	uint64_t own = trail_number(trail, instance_of(worker), &worker->bridge->key);

	if (own || !is_remembered(draft->event->kind))
		return own;
	return trail_ring_find(draft->room->trails, trail_id(trail));
}

bool again_has(struct worker *worker, const struct post_draft *draft)
{
	return trail_has(draft->event->origin.trail, instance_of(worker)) ||
	       known_as(worker, draft);
}

void again_answer(struct worker *worker, struct post_draft *draft)
{
	struct answer answer = { .kind = ANSWER_DONE, .room = draft->room };
	uint64_t known = known_as(worker, draft);

	worker->counters->intake.unchanged++;
	trace_note(worker->trace, draft->event, (struct trace_note){ .what = TRACE_UNCHANGED });
	if (known) {
		draft->event->id = known;
		draft->event->time_ms = id_time_ms(known);
	}
	if (known || draft->post.asker.kind == ASKER_SESSION) {
		answer.event = draft->event;
		draft->event = NULL;
	}
	release_answer(worker, &draft->post.asker, &answer);
}

void again_note(struct room_entry *room, struct envelope *ordered, enum envelope_kind draft)
{
	/* What the room made of a vote is its own to tell, to everybody. */
	if (ordered->kind != draft)
		ordered->origin.trail = (struct slice){ NULL, 0 };
	if (!is_remembered(ordered->kind) || !ordered->origin.trail.len)
		return;
	if (!room->trails)
		room->trails = trail_ring_new();
	trail_ring_put(room->trails, trail_id(ordered->origin.trail), ordered->id);
}
