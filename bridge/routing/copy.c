#include "bridge/routing/copy.h"

#include "bridge/core/counters.h"
#include "bridge/durable/release.h"
#include "bridge/trace/trace.h"

/* Copies of what was ordered wait for the store as all else does that tells of it; those that a
 * rule makes before that do not. */
typedef void send_function(struct worker *, unsigned to, struct post *);

/* Takes one count of event: nobody changes it, what comes in by these posts is only read. */
static void copy_backend(struct worker *worker, struct post_backend *post, struct room_entry *room,
			 const struct envelope *event, send_function *send)
{
	post->room = room;
	post->event = event;
	send(worker, backend_owner(worker->bridge, post->backend), &post->post);
}

static void copy_tap(struct worker *worker, struct room_entry *room, const struct envelope *event,
		     size_t tap, send_function *send)
{
	struct post_tap *post = post_new(POST_TAP);

	post->tap = tap;
	post->room = room;
	post->event = event;
	send(worker, tap_owner(worker->bridge, tap), &post->post);
}

static void copy_send(struct worker *worker, struct room_entry *room, const struct envelope *event,
		      const struct run *run, send_function *send)
{
	const struct route_step *step = run_step(run);
	struct post_backend *post;

	if (step->action == ROUTE_TAP && !step->to_backend) {
		copy_tap(worker, room, event, step->target, send);
		return;
	}
	post = post_new(POST_EVENT);
	post->backend = step->target;
	post->cause = step->action == ROUTE_TAP ? WIRE_CAUSE_TAP : WIRE_CAUSE_ROUTE;
	post->table = route_table_hold(run->start.table);
	post->rule = run->rule;
	post->deadline_ms = step->deadline_ms;
	copy_backend(worker, post, room, event, send);
}

void copy_step(struct worker *worker, struct room_entry *room, const struct envelope *event,
	       const struct run *run)
{
	copy_send(worker, room, event, run, worker_post);
}

bool copy_upstream(struct worker *worker, struct room_entry *room, const struct envelope *event,
		   const struct run *run, const struct asker *asker)
{
	if (!worker->upstream_said) {
		worker->counters->intake.refused[REASON_NO_ANSWER]++;
		trace_note(worker->trace, event,
			   (struct trace_note){ .what = TRACE_SAID,
						.reason = REASON_NO_ANSWER,
						.index = (uint32_t)run_step(run)->target });
		return false;
	}
	worker->upstream_said(worker, run_step(run)->target, room, event, asker);
	return true;
}

static void copy_run(struct worker *worker, struct room_entry *room, const struct envelope *event,
		     struct run *run)
{
	const struct asker nobody = { 0 };
	enum run_result result;

	while ((result = run_next(run, event)) != RUN_DONE) {
		trace_step(worker->trace, event, run, result);
		if (result == RUN_SKIP)
			continue;
		worker->counters->intake.accepted += result != RUN_COPY;
		if (result == RUN_UPSTREAM)
			(void)copy_upstream(worker, room, event, run, &nobody);
		else
			copy_send(worker, room, envelope_hold(event), run, release_post);
	}
}

void copy_ordered(struct worker *worker, const struct post_draft *draft,
		  const struct envelope *ordered)
{
	const struct copies *copies = &draft->copies;
	struct run run;

	run_begin_behind(&run, copies->table, draft->backend, draft->upstream, copies->rule,
			 copies->step);
	copy_run(worker, draft->room, ordered, &run);
}

static void presence_rules(struct worker *worker, struct room_entry *room,
			   const struct envelope *event, size_t dialect)
{
	struct run_start start = { .table = worker->rules,
				   .origin = dialect,
				   .speaker = RUN_NO_SPEAKER,
				   .room = room->index };
	struct run run;

	if (!start.table || route_table_count(start.table) == 0)
		return;
	run_begin(&run, &start);
	run_decide(&run, event);
	worker->counters->patterns_limited += run.limited;
	copy_run(worker, room, event, &run);
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
		copy_backend(worker, post, room, envelope_hold(event), release_post);
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
