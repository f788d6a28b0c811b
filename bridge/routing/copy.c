#include "bridge/routing/copy.h"

/* Nobody changes the event: what comes in by these posts is only read. */
static void copy_backend(struct worker *worker, struct post_backend *post, struct room_entry *room,
			 const struct envelope *event)
{
	post->room = room;
	post->event = envelope_hold(event);
	worker_post(worker, backend_owner(worker->bridge, post->backend), &post->post);
}

void copy_tap(struct worker *worker, struct room_entry *room, const struct envelope *event,
	      size_t tap)
{
	struct post_tap *post = post_new(POST_TAP);

	post->tap = tap;
	post->room = room;
	post->event = event;
	worker_post(worker, tap_owner(worker->bridge, tap), &post->post);
}

/* A rule, and one of its steps, about an event that has its place in its room. */
struct copying {
	struct room_entry *room;
	const struct envelope *event;
	const struct route_table *table;
	size_t rule;
};

/* Steps that are no copies are left out. */
static void copy_step(struct worker *worker, const struct copying *c, const struct route_step *step)
{
	struct post_backend *post;

	if (step->action == ROUTE_TAP && !step->to_backend) {
		copy_tap(worker, c->room, envelope_hold(c->event), step->target);
		return;
	}
	if (step->action != ROUTE_TAP && step->action != ROUTE_BACKEND)
		return;
	post = post_new(POST_EVENT);
	post->backend = step->target;
	post->cause = step->action == ROUTE_TAP ? WIRE_CAUSE_TAP : WIRE_CAUSE_ROUTE;
	post->table = route_table_hold(c->table);
	post->rule = c->rule;
	post->deadline_ms = step->deadline_ms;
	if (step->action == ROUTE_BACKEND)
		worker->counters->intake.accepted++;
	copy_backend(worker, post, c->room, c->event);
}

void copy_ordered(struct worker *worker, const struct post_draft *draft,
		  const struct envelope *ordered)
{
	const struct copies *copies = &draft->copies;
	struct copying copying = {
		.room = draft->room, .event = ordered, .table = copies->table, .rule = copies->rule
	};
	const struct route_step *steps;
	size_t count;

	steps = route_table_steps(copies->table, copies->rule, &count);
	for (size_t i = copies->step; i < count; i++) {
		if (steps[i].action != ROUTE_TAP && steps[i].action != ROUTE_BACKEND)
			return;
		/* Nobody is told by us what they said themselves. */
		if (!route_step_reaches(&steps[i], draft->backend))
			copy_step(worker, &copying, &steps[i]);
	}
}

static void presence_rules(struct worker *worker, struct room_entry *room,
			   const struct envelope *event, size_t dialect)
{
	struct route_subject subject = { .event = event, .origin = dialect, .room = room->index };
	struct copying copying = { .room = room, .event = event, .table = worker->rules };
	const struct route_step *steps;
	size_t count;
	bool limited = false;

	if (!worker->rules || route_table_count(worker->rules) == 0)
		return;
	copying.rule = route_table_decide(worker->rules, &subject, &limited);
	worker->counters->patterns_limited += limited;
	steps = route_table_steps(worker->rules, copying.rule, &count);
	for (size_t i = 0; i < count; i++)
		copy_step(worker, &copying, &steps[i]);
}

static void presence_tell(struct worker *worker, struct room_entry *room,
			  const struct envelope *event)
{
	struct bridge *bridge = worker->bridge;

	for (size_t b = 0; b < bridge->backend_count; b++) {
		struct post_backend *post;

		if (!atomic_load_explicit(&bridge->wants_presence[b], memory_order_relaxed))
			continue;
		post = post_new(POST_PRESENCE);
		post->backend = b;
		post->cause = WIRE_CAUSE_PRESENCE;
		copy_backend(worker, post, room, event);
	}
}

void copy_presence(struct worker *worker, struct room_entry *room, const struct envelope *event,
		   size_t dialect)
{
	presence_tell(worker, room, event);
	presence_rules(worker, room, event, dialect);
}

/* To clients the kick itself says it, and rules have heard of that. */
void copy_kick(struct worker *worker, struct room_entry *room, const struct envelope *kick)
{
	struct envelope exit = { .kind = KIND_EXIT,
				 .id = kick->id,
				 .sequence = kick->sequence,
				 .time_ms = kick->time_ms,
				 .room = kick->room,
				 .author = kick->subject,
				 .origin = { .dialect = kick->origin.dialect,
					     .instance = kick->origin.instance } };
	struct envelope *sealed = envelope_seal(&exit);

	presence_tell(worker, room, sealed);
	envelope_release(sealed);
}
