#include "bridge/routing/carry_out.h"

#include "bridge/routing/copy.h"
#include "bridge/routing/enrich.h"
#include "bridge/trace/trace.h"

/* ---- the draft ---- */

/* The draft for one who may change it: its own, or a copy of what others hold, too. */
struct envelope *routing_draft_own(struct routing *p)
{
	if (p->shared) {
		struct envelope *copy = envelope_seal(p->draft);

		envelope_release(p->draft);
		p->draft = copy;
		p->shared = false;
	}
	return p->draft;
}

const struct envelope *routing_draft_share(struct routing *p)
{
	p->shared = true;
	envelope_hold(p->draft);
	return p->draft;
}

static void draft_take(struct routing *p, struct envelope *draft)
{
	if (draft != p->draft)
		p->shared = false;
	p->draft = draft;
}

void routing_retext(struct worker *worker, struct routing *p, struct slice text)
{
	draft_take(p, enrich_retext(worker->bridge, p->draft, text));
}

/* ---- telling the speaker ---- */

/* The speaker's own draft ends here. text: a reason in somebody's words; may be absent. */
static void answer(struct worker *worker, struct routing *p, enum reason reason, struct slice text)
{
	struct answer answer = { .kind = ANSWER_DONE, .reason = reason, .room = p->start.room };

	if (!asker_waits(&p->start.asker))
		return;
	answer.event = routing_draft_share(p);
	answer_put_text(&answer, text);
	worker_answer(worker, &p->start.asker, &answer);
}

static void draft_number(struct worker *worker, struct routing *p)
{
	struct envelope *draft = routing_draft_own(p);

	draft->id = id_next(&worker->clock, worker->now_ms, worker->index);
	draft->time_ms = worker->now_ms;
}

/* The sender is to think that it was said. */
static void drop(struct worker *worker, struct routing *p)
{
	worker->counters->intake.dropped++;
	draft_number(worker, p);
	answer(worker, p, REASON_NONE, (struct slice){ NULL, 0 });
}

/* ---- destinations ---- */

/* One that does not answer the speaker counts as a draft of its own. */
static void count(struct worker *worker, const struct run *run)
{
	worker->counters->intake.accepted += !run->answers;
}

static void refuse(struct worker *worker, struct routing *p)
{
	count(worker, &p->run);
	worker->counters->intake.refused[p->run.reason]++;
	if (p->run.answers)
		answer(worker, p, p->run.reason, p->run.text);
}

/* Who is told by the destination: the speaker, once. */
static struct asker asker_of(const struct routing *p)
{
	return p->run.answers ? p->start.asker : asker_silent(p->start.asker);
}

static void deliver_own(struct worker *worker, struct routing *p)
{
	const struct run *run = &p->run;
	struct post_draft *post = post_new(POST_DRAFT);

	count(worker, run);
	post->room = p->start.room;
	post->vouched = p->vouched;
	post->whose = p->start.whose;
	post->calling = p->start.calling;
	post->trusted = p->start.trusted;
	post->backend = run->start.speaker;
	post->upstream = run->start.upstream;
	if (run->follows)
		post->copies =
		    (struct copies){ route_table_hold(run->start.table), run->rule, run->follows };
	post->post.asker = asker_of(p);
	if (run->step == run->step_count) {
		post->event = routing_draft_own(p);
		p->draft = NULL;
	} else {
		post->event = envelope_seal(p->draft);
	}
	ladder_apply(route_table_ladder(run->start.table, run->rule), post->event);
	worker_post(worker, post->room->owner, &post->post);
}

/* Rules name rooms: one that they pass on to may be no more, or have come again. */
static void no_room(struct worker *worker, struct routing *p)
{
	count(worker, &p->run);
	worker->counters->intake.refused[REASON_UNKNOWN_ROOM]++;
	trace_note(worker->trace, p->draft,
		   (struct trace_note){ .what = TRACE_REFUSED, .reason = REASON_UNKNOWN_ROOM });
	if (p->run.answers)
		answer(worker, p, REASON_UNKNOWN_ROOM, (struct slice){ NULL, 0 });
}

/* The other room's rules decide what becomes of it there; its place is right behind. */
static void pass_on(struct worker *worker, struct routing *p, struct room_entry *room)
{
	struct run_start begin = p->run.start;
	struct routing_start start = p->start;
	struct routing *on;
	struct run run;

	count(worker, &p->run);
	begin.room = room->index;
	run_begin(&run, &begin);
	start.room = room;
	start.owner = room->owner;
	start.asker = asker_of(p);
	on = routing_new(worker, p->lane, p, &run, &start, run_pass_on(p->draft, room->rules.name));
	on->vouched = true;
}

static void go_on(struct worker *worker, struct routing *p)
{
	struct room_entry *room = room_table_find(worker->rooms, run_step(&p->run)->text);

	if (room)
		pass_on(worker, p, room);
	else
		no_room(worker, p);
}

static struct post_backend *backend_post(struct routing *p, enum post_kind kind)
{
	const struct route_step *step = run_step(&p->run);
	struct post_backend *post = post_new(kind);

	post->room = p->start.room;
	post->backend = step->target;
	post->table = route_table_hold(p->run.start.table);
	post->rule = p->run.rule;
	post->deadline_ms = step->deadline_ms;
	post->event = routing_draft_share(p);
	return post;
}

static void post_to_backend(struct worker *worker, struct post_backend *post)
{
	worker_post(worker, backend_owner(worker->bridge, post->backend), &post->post);
}

static void deliver_backend(struct worker *worker, struct routing *p)
{
	struct post_backend *post;

	count(worker, &p->run);
	/* What was acknowledged needs an id to be talked about. */
	if (p->run.answers && !p->draft->id)
		draft_number(worker, p);
	post = backend_post(p, POST_EVENT);
	post->cause = WIRE_CAUSE_ROUTE;
	post->post.asker = asker_of(p);
	post_to_backend(worker, post);
}

static void deliver_upstream(struct worker *worker, struct routing *p)
{
	struct asker asker = asker_of(p);

	count(worker, &p->run);
	/* What was acknowledged needs an id to be talked about. */
	if (p->run.answers && !p->draft->id)
		draft_number(worker, p);
	p->shared = true;
	if (!copy_upstream(worker, p->start.room, p->draft, &p->run, &asker) && p->run.answers)
		answer(worker, p, REASON_NO_ANSWER, (struct slice){ NULL, 0 });
}

/* ---- steps on the way ---- */

static void ask(struct worker *worker, struct routing *p)
{
	struct post_backend *post = backend_post(p, POST_ASK);

	post->post.asker = asker_of_routing(worker->index, p->serial);
	post_to_backend(worker, post);
}

static void rewrite(struct worker *worker, struct routing *p)
{
	draft_take(p, enrich_rewrite(worker->bridge, p->draft, run_step(&p->run)));
}

/* What gives the draft away is noted before, all else with the id that it may have got. */
static void note_step(struct worker *worker, const struct routing *p, enum run_result result,
		      bool before)
{
	bool gives = result == RUN_ORDER;

	if (gives == before && p->draft && result != RUN_WAIT && result != RUN_DONE)
		trace_step(worker->trace, p->draft, &p->run, result);
}

enum run_result carry_out(struct worker *worker, struct routing *p)
{
	enum run_result result = run_next(&p->run, p->draft);

	if (worker->trace)
		note_step(worker, p, result, true);
	switch (result) {
	case RUN_ASK: ask(worker, p); break;
	case RUN_COPY: copy_step(worker, p->start.room, routing_draft_share(p), &p->run); break;
	case RUN_REWRITE: rewrite(worker, p); break;
	case RUN_ORDER: deliver_own(worker, p); break;
	case RUN_PASS_ON: go_on(worker, p); break;
	case RUN_BACKEND: deliver_backend(worker, p); break;
	case RUN_UPSTREAM: deliver_upstream(worker, p); break;
	case RUN_REFUSE: refuse(worker, p); break;
	case RUN_DROP: drop(worker, p); break;
	case RUN_SKIP:
	case RUN_WAIT:
	case RUN_DONE: break;
	}
	if (worker->trace)
		note_step(worker, p, result, false);
	if (p->run.answers)
		routing_passed_on(worker, p);
	return result;
}
