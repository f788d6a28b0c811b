#include "routes/rules/run.h"

/* ---- beginning ---- */

void run_begin(struct run *run, const struct run_start *start)
{
	*run = (struct run){ .start = *start,
			     .rule = RUN_UNDECIDED,
			     .phase = start->room == RUN_NO_ROOM ? RUN_LOOKS : RUN_GOES };
	if (start->origin != ROUTE_FROM_UPSTREAM)
		run->start.upstream = RUN_NO_SPEAKER;
}

static void take_rule(struct run *run, size_t rule)
{
	run->rule = rule;
	run->steps = route_table_steps(run->start.table, rule, &run->step_count);
	run->answering = route_steps_answering(run->steps, run->step_count, run->start.speaker,
					       run->start.upstream);
}

void run_decide(struct run *run, const struct envelope *event)
{
	struct route_subject subject = { .event = event,
					 .origin = run->start.origin,
					 .upstream = run->start.upstream,
					 .room = run->start.room };

	take_rule(run, route_table_decide(run->start.table, &subject, &run->limited));
	run->presence = event->kind == KIND_ENTER || event->kind == KIND_EXIT;
	run->answered = run->presence;
}

void run_begin_behind(struct run *run, const struct route_table *table, size_t speaker,
		      size_t upstream, size_t rule, size_t follows)
{
	*run = (struct run){ .start = { .table = table,
					.speaker = speaker,
					.upstream = upstream,
					.room = RUN_NO_ROOM },
			     .phase = RUN_GOES,
			     .behind = true,
			     .answered = true };
	take_rule(run, rule);
	run->step = follows;
}

/* ---- what is known ---- */

bool run_is_undecided(const struct run *run)
{
	return run->phase == RUN_GOES && run->rule == RUN_UNDECIDED;
}

bool run_is_plain(const struct run *run)
{
	return run->rule == route_table_count(run->start.table);
}

const struct route_step *run_step(const struct run *run)
{
	return run->at < run->step_count ? &run->steps[run->at] : NULL;
}

bool run_may_go(const struct run *run, const struct run *before)
{
	enum route_action action;

	if (!before || run->phase != RUN_GOES || run->step == run->step_count)
		return true;
	action = run->steps[run->step].action;
	return before->start.table == run->start.table && before->rule == run->rule &&
	       before->step > run->step &&
	       (action == ROUTE_ASK || action == ROUTE_TAP || action == ROUTE_REWRITE);
}

/* ---- ends ---- */

static enum run_result over(struct run *run)
{
	run->at = run->step = run->step_count;
	return RUN_DONE;
}

/* Nothing comes after it. Who has an answer already is told no more. */
static enum run_result end(struct run *run, enum run_result result)
{
	if (run->answered)
		return over(run);
	run->step = run->step_count;
	run->answered = run->answers = true;
	return result;
}

static enum run_result refuse(struct run *run, enum reason reason, struct slice text)
{
	run->reason = reason;
	run->text = text;
	return end(run, RUN_REFUSE);
}

static enum run_result skip(struct run *run, enum run_skip why)
{
	run->skipped = why;
	return RUN_SKIP;
}

/* ---- destinations ---- */

/* Each is reached with the answer to the speaker, or for itself alone. */
static enum run_result reach(struct run *run, enum run_result result)
{
	run->answers = run->at == run->answering;
	run->answered = run->answered || run->answers;
	return result;
}

static bool is_copy(const struct route_step *step)
{
	return step->action == ROUTE_TAP || step->action == ROUTE_BACKEND ||
	       step->action == ROUTE_UPSTREAM;
}

static enum run_result order(struct run *run)
{
	size_t behind = run->step;

	while (run->step < run->step_count && is_copy(&run->steps[run->step]))
		run->step++;
	run->follows = run->step > behind ? behind : 0;
	return reach(run, RUN_ORDER);
}

static enum run_result pass_on(struct run *run, const struct envelope *event)
{
	struct slice none = { NULL, 0 };

	if (event->origin.hops < ROUTE_HOPS_MAX)
		return reach(run, RUN_PASS_ON);
	if (run->at == run->answering)
		return refuse(run, REASON_TOO_FAR, none);
	run->reason = REASON_TOO_FAR;
	run->text = none;
	return RUN_REFUSE;
}

static bool is_own_room(const struct run *run, const struct route_step *step)
{
	return step->target == ROUTE_OWN_ROOM || step->target == run->start.room;
}

/* ---- steps ---- */

static enum run_result take(struct run *run, const struct route_step *step,
			    const struct envelope *event)
{
	switch (step->action) {
	case ROUTE_ASK: run->phase = RUN_ASKS; return RUN_ASK;
	case ROUTE_TAP: return RUN_COPY;
	case ROUTE_REWRITE: return RUN_REWRITE;
	case ROUTE_ROOM: return is_own_room(run, step) ? order(run) : pass_on(run, event);
	case ROUTE_BACKEND: return reach(run, RUN_BACKEND);
	case ROUTE_UPSTREAM: return reach(run, RUN_UPSTREAM);
	case ROUTE_REFUSE: return refuse(run, REASON_REFUSED, step->text);
	case ROUTE_DROP: return end(run, RUN_DROP);
	}
	return RUN_DONE;
}

/* Of what has happened already. */
static enum run_result take_copy(struct run *run, const struct route_step *step)
{
	if (step->action == ROUTE_TAP)
		return RUN_COPY;
	if (step->action == ROUTE_BACKEND)
		return RUN_BACKEND;
	if (step->action == ROUTE_UPSTREAM)
		return RUN_UPSTREAM;
	return skip(run, step->action == ROUTE_ROOM && is_own_room(run, step) ? RUN_SKIP_TOLD
									      : RUN_SKIP_PRESENCE);
}

enum run_result run_next(struct run *run, const struct envelope *event)
{
	const struct route_step *step;

	if (run_is_undecided(run))
		run_decide(run, event);
	run->at = run->step_count;
	run->answers = false;
	if (run->phase == RUN_STOPS)
		return refuse(run, run->reason, run->text);
	if (run->phase != RUN_GOES)
		return RUN_WAIT;
	/* A rule whose only destination is where the event came from takes it nowhere. */
	if (run->step == run->step_count)
		return refuse(run, REASON_TOO_FAR, (struct slice){ NULL, 0 });
	step = &run->steps[run->at = run->step++];
	if (run->behind && !is_copy(step))
		return over(run);
	if (route_step_reaches(step, run->start.speaker, run->start.upstream))
		return skip(run, RUN_SKIP_SPEAKER);
	if (run->presence || run->behind)
		return take_copy(run, step);
	return take(run, step, event);
}

/* ---- what was waited for ---- */

static bool stop(struct run *run, enum reason reason, struct slice text)
{
	run->phase = RUN_STOPS;
	run->reason = reason;
	run->text = text;
	return false;
}

bool run_answered(struct run *run, enum reason reason, struct slice text)
{
	run->phase = RUN_GOES;
	if (reason == REASON_NONE)
		return true;
	if (reason == REASON_REFUSED || reason == REASON_CLOSING ||
	    !run->steps[run->step - 1].pass_on_timeout)
		return stop(run, reason, text);
	return true;
}

bool run_located(struct run *run, size_t room)
{
	run->start.room = room;
	run->phase = RUN_GOES;
	if (room != RUN_NO_ROOM)
		return true;
	run->rule = route_table_count(run->start.table);
	return stop(run, REASON_UNKNOWN_MESSAGE, (struct slice){ NULL, 0 });
}

struct envelope *run_pass_on(const struct envelope *event, struct slice room)
{
	struct envelope on = *event;

	on.room = room;
	on.origin.hops++;
	ladder_apply(NULL, &on);
	return envelope_seal(&on);
}
