#include "bridge/routing/routing.h"

#include "bridge/core/counters.h"
#include "bridge/routing/carry_out.h"
#include "bridge/trace/trace.h"

/* ---- order ---- */

static void decide(struct worker *worker, struct run *run, const struct envelope *draft)
{
	run_decide(run, draft);
	worker->counters->patterns_limited += run->limited;
	trace_rule(worker->trace, draft, run);
}

/* As far as may be. False: it took no step, so what is behind it may take none that it might not
 * before. */
static bool go(struct worker *worker, struct routing *p, enum run_result *result)
{
	bool moved = false;

	if (run_is_undecided(&p->run))
		decide(worker, &p->run, p->draft);
	while (run_may_go(&p->run, p->previous ? &p->previous->run : NULL)) {
		*result = carry_out(worker, p);
		if (*result == RUN_DONE)
			return true;
		if (*result == RUN_WAIT)
			break;
		moved = true;
	}
	return moved;
}

/* From one that may have something to do on. All others went as far as they may, and how far that
 * is only the one before each tells; so nobody looks at all that wait for an answer, for each that
 * comes. */
static void lane_run(struct worker *worker, struct routing *p)
{
	struct lane *lane = p->lane;
	enum run_result result = RUN_WAIT;

	while (p && go(worker, p, &result)) {
		struct routing *next = p->next;

		if (result == RUN_DONE)
			routing_free(worker, p);
		p = next;
	}
	lane_free_empty(lane);
}

/* ---- coming in ---- */

static size_t speaker_of(const struct routing_start *start)
{
	return start->origin == ROUTE_FROM_BACKEND ? start->backend : RUN_NO_SPEAKER;
}

static size_t upstream_of(const struct routing_start *start)
{
	return start->origin == ROUTE_FROM_UPSTREAM ? start->upstream : RUN_NO_SPEAKER;
}

static void post_directly(struct worker *worker, const struct routing_start *start,
			  struct envelope *draft)
{
	struct post_draft *post = post_new(POST_DRAFT);

	post->post.asker = start->asker;
	post->room = start->room;
	post->event = draft;
	post->backend = speaker_of(start);
	post->upstream = upstream_of(start);
	post->whose = start->whose;
	post->calling = start->calling;
	post->trusted = start->trusted;
	worker_post(worker, start->room ? start->room->owner : start->owner, &post->post);
}

/* Most events meet no rule but the last, and nothing waits before them. Else run is begun. */
static bool goes_straight(struct worker *worker, const struct lane *lane,
			  const struct routing_start *start, const struct envelope *draft,
			  struct run *run)
{
	const struct route_table *table = worker->rules;
	struct run_start begin;

	if (!lane && (!table || route_table_count(table) == 0))
		return true;
	begin = (struct run_start){ .table = table,
				    .origin = start->origin,
				    .speaker = speaker_of(start),
				    .upstream = upstream_of(start),
				    .room = start->room ? start->room->index : RUN_NO_ROOM };
	run_begin(run, &begin);
	if (lane || !start->room)
		return false;
	decide(worker, run, draft);
	return run_is_plain(run);
}

/* Which of the speaker's rooms has the target is known at the rooms' owner only. */
static void locate(struct worker *worker, struct routing *p)
{
	struct post_locate *post = post_new(POST_LOCATE);

	post->post.asker = asker_of_routing(worker->index, p->serial);
	post->speaker = p->start.asker;
	post->event = routing_draft_share(p);
	worker_post(worker, p->start.owner, &post->post);
}

/* Others do not hold the draft yet. */
static void record(struct worker *worker, const struct routing_start *start, struct envelope *draft)
{
	struct trace_source source = { .origin = start->origin, .asker = start->asker.kind };

	if (start->origin == ROUTE_FROM_BACKEND)
		source.place = start->backend;
	else if (start->origin == ROUTE_FROM_UPSTREAM)
		source.place = start->upstream;
	draft->origin.record =
	    trace_came(worker->trace, &source, draft, worker->now_ms, REASON_NONE);
}

void routing_begin(struct worker *worker, struct lane **holder, const struct routing_start *start,
		   struct envelope *draft)
{
	struct routing *p;
	struct run run;

	if (worker->trace)
		record(worker, start, draft);
	if (goes_straight(worker, *holder, start, draft, &run)) {
		post_directly(worker, start, draft);
		return;
	}
	p = routing_new(worker, lane_of(holder), NULL, &run, start, draft);
	if (!start->room)
		locate(worker, p);
	lane_run(worker, p);
}

/* ---- answers ---- */

static bool take_place(struct routing *p, const struct answer *answer)
{
	struct room_entry *room = answer->room;

	p->start.room = room;
	if (!run_located(&p->run, room ? room->index : RUN_NO_ROOM))
		return false;
	routing_draft_own(p)->room = room->rules.name;
	p->draft->author.roles = answer->roles;
	return true;
}

static void change(struct worker *worker, struct routing *p, const struct answer *answer)
{
	if (answer->changes_text)
		routing_retext(worker, p, answer_text(answer));
	if (answer->changes_action &&
	    (p->draft->kind == KIND_MESSAGE || p->draft->kind == KIND_EDIT)) {
		struct envelope *draft = routing_draft_own(p);

		draft->flags = answer->action ? draft->flags | FLAG_ACTION
					      : draft->flags & ~(uint32_t)FLAG_ACTION;
	}
}

static void note_verdict(struct worker *worker, const struct routing *p,
			 const struct answer *answer)
{
	trace_note(worker->trace, p->draft,
		   (struct trace_note){
		       .what = TRACE_VERDICT,
		       .reason = (uint8_t)answer->reason,
		       .result = (uint8_t)((answer->changes_text ? TRACE_CHANGED_TEXT : 0) |
					   (answer->changes_action ? TRACE_CHANGED_ACTION : 0)) });
}

static bool take_verdict(struct worker *worker, struct routing *p, const struct answer *answer)
{
	if (p->draft)
		note_verdict(worker, p, answer);
	if (!run_answered(&p->run, answer->reason, answer_text(answer)))
		return false;
	if (answer->reason == REASON_NONE)
		change(worker, p, answer);
	return true;
}

void routing_answered(struct worker *worker, const struct asker *asker, struct answer *answer)
{
	struct routing *p = routing_find(worker, asker_serial(asker));

	if (!p)
		return;
	/* What ends by it waits for nobody. */
	if (!(answer->kind == ANSWER_LOCATED ? take_place(p, answer)
					     : take_verdict(worker, p, answer)))
		carry_out(worker, p);
	lane_run(worker, p);
}

void routing_rules(struct worker *worker, const struct route_table *table)
{
	route_table_release(worker->rules);
	worker->rules = table;
}

bool routing_sweep(const struct worker *worker)
{
	const struct routing *p, *next;

	HASH_ITER(hh, worker->routings, p, next)
	{
		if (p->run.start.table != worker->rules ||
		    (p->start.room && atomic_load(&p->start.room->removed)))
			return false;
	}
	return true;
}
