#include "bridge/core/errand.h"
#include "bridge/core/metrics.h"
#include "bridge/routing/routing.h"

static struct post *copy_post(enum post_kind kind, struct room_entry *room,
			      const struct envelope *event, size_t place, enum wire_cause cause)
{
	struct post *post = post_new(kind);

	post->room = room;
	/* Nobody changes it: what comes in by these posts is only read. */
	post->event = (struct envelope *)envelope_hold(event);
	post->errand = errand_new();
	post->errand->place = place;
	post->errand->cause = cause;
	return post;
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
	bool to_backend = step->action == ROUTE_BACKEND || step->to_backend;
	enum wire_cause cause = step->action == ROUTE_TAP ? WIRE_CAUSE_TAP : WIRE_CAUSE_ROUTE;
	struct post *post;

	if (step->action != ROUTE_TAP && step->action != ROUTE_BACKEND)
		return;
	post =
	    copy_post(to_backend ? POST_EVENT : POST_TAP, c->room, c->event, step->target, cause);
	post->errand->table = route_table_hold(c->table);
	post->errand->rule = c->rule;
	post->errand->deadline_ms = step->deadline_ms;
	if (step->action == ROUTE_BACKEND)
		worker->counters->intake.accepted++;
	worker_post(worker,
		    to_backend ? backend_owner(worker->bridge, step->target)
			       : tap_owner(worker->bridge, step->target),
		    post);
}

void copy_ordered(struct worker *worker, const struct post *post, const struct envelope *ordered)
{
	const struct errand *errand = post->errand;
	struct copying copying = {
		.room = post->room, .event = ordered, .table = errand->table, .rule = errand->rule
	};
	const struct route_step *steps;
	size_t count;

	steps = route_table_steps(errand->table, errand->rule, &count);
	for (size_t i = errand->follows; i < count; i++) {
		if (steps[i].action != ROUTE_TAP && steps[i].action != ROUTE_BACKEND)
			return;
		/* Nobody is told by us what they said themselves. */
		if (!post->from_backend || !route_step_reaches(&steps[i], errand->place))
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
	for (size_t b = 0; b < worker->bridge->backend_count; b++)
		if (atomic_load_explicit(&worker->bridge->wants_presence[b], memory_order_relaxed))
			worker_post(worker, backend_owner(worker->bridge, b),
				    copy_post(POST_PRESENCE, room, event, b, WIRE_CAUSE_PRESENCE));
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
