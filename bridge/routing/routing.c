#include "bridge/routing/routing.h"

#include "bridge/core/counters.h"
#include "bridge/routing/carry_out.h"
#include "codecs/text/memory.h"

/* ---- order ---- */

/* A later draft may be asked about and tapped ahead of its turn where the one before it has been
 * so by the same rule; all else comes in the order it was said. */
static bool may_step(const struct routing *p)
{
	const struct routing *before = p->previous;
	enum route_action action;

	if (!before)
		return true;
	action = p->steps[p->step].action;
	return before->table == p->table && before->rule == p->rule && before->step > p->step &&
	       (action == ROUTE_ASK || action == ROUTE_TAP || action == ROUTE_REWRITE);
}

static void take_rule(struct routing *p, size_t rule)
{
	p->rule = rule;
	p->steps = route_table_steps(p->table, rule, &p->step_count);
	p->step = 0;
	p->answering = route_steps_answering(p->steps, p->step_count, routing_speaker(p));
}

static size_t decide(struct worker *worker, const struct route_table *table,
		     const struct routing_start *start, const struct envelope *draft)
{
	struct route_subject subject = { .event = draft,
					 .origin = start->origin,
					 .room = start->room->index };
	bool limited = false;
	size_t rule = route_table_decide(table, &subject, &limited);

	worker->counters->patterns_limited += limited;
	return rule;
}

/* A rule whose only destination is where the event came from takes it nowhere. */
static void routing_end(struct worker *worker, struct routing *p)
{
	if (!p->settled)
		routing_refuse(worker, p, REASON_TOO_FAR, (struct slice){ NULL, 0 });
	routing_free(worker, p);
}

static void lane_run(struct worker *worker, struct lane *lane)
{
	struct routing *p = lane->first;

	while (p) {
		struct routing *next;
		bool stuck = false;

		if (!p->waiting && p->rule == RULE_UNDECIDED)
			take_rule(p, decide(worker, p->table, &p->start, p->draft));
		while (!p->waiting && p->step < p->step_count && !stuck) {
			stuck = !may_step(p);
			if (!stuck)
				routing_step(worker, p);
		}
		next = p->next;
		if (!p->waiting && !stuck)
			routing_end(worker, p);
		else if (stuck)
			break;
		p = next;
	}
	lane_free_empty(lane);
}

/* ---- coming in ---- */

static void post_directly(struct worker *worker, const struct routing_start *start,
			  struct envelope *draft)
{
	struct post_draft *post = post_new(POST_DRAFT);

	post->post.asker = start->asker;
	post->room = start->room;
	post->event = draft;
	if (start->origin == ROUTE_FROM_BACKEND)
		post->backend = start->backend;
	worker_post(worker, start->room ? start->room->owner : start->owner, &post->post);
}

/* Most events meet no rule but the last, and nothing waits before them. *rule: the one that
 * decides, when that was looked at. */
static bool goes_straight(struct worker *worker, const struct lane *lane,
			  const struct routing_start *start, const struct envelope *draft,
			  size_t *rule)
{
	const struct route_table *table = worker->rules;

	*rule = RULE_UNDECIDED;
	if (lane)
		return false;
	if (!table || route_table_count(table) == 0)
		return true;
	if (!start->room)
		return false;
	*rule = decide(worker, table, start, draft);
	return *rule == route_table_count(table);
}

/* Before any rule decided. */
static void end_at_once(struct worker *worker, struct routing *p, enum reason reason)
{
	p->rule = route_table_count(p->table);
	routing_refuse(worker, p, reason, (struct slice){ NULL, 0 });
}

/* Which of the speaker's rooms has the target is known at the rooms' owner only. */
static void locate(struct worker *worker, struct routing *p)
{
	struct post_locate *post = post_new(POST_LOCATE);

	post->post.asker = asker_of_routing(worker->index, p->serial);
	post->speaker = asker_session(&p->start.asker);
	post->event = routing_draft_share(p);
	p->waiting = true;
	worker_post(worker, p->start.owner, &post->post);
}

void routing_begin(struct worker *worker, struct lane **holder, const struct routing_start *start,
		   struct envelope *draft)
{
	struct routing *p;
	struct lane *lane;
	size_t rule;

	if (goes_straight(worker, *holder, start, draft, &rule)) {
		post_directly(worker, start, draft);
		return;
	}
	lane = lane_of(holder);
	p = routing_new(worker, lane, NULL, worker->rules, start, draft);
	if (!start->room)
		locate(worker, p);
	else if (rule != RULE_UNDECIDED)
		take_rule(p, rule);
	lane_run(worker, lane);
}

/* ---- answers ---- */

static void take_place(struct worker *worker, struct routing *p, const struct answer *answer)
{
	p->start.room = answer->room;
	if (!answer->room) {
		end_at_once(worker, p, REASON_UNKNOWN_MESSAGE);
		return;
	}
	routing_draft_own(p)->room = answer->room->rules.name;
	p->draft->author.roles = answer->roles;
}

static void change(struct worker *worker, struct routing *p, const struct answer *answer)
{
	if (answer->changes_text)
		routing_retext(worker, p, answer_text(answer));
	if (answer->changes_action && p->draft->kind == KIND_MESSAGE) {
		struct envelope *draft = routing_draft_own(p);

		draft->flags = answer->action ? draft->flags | FLAG_ACTION
					      : draft->flags & ~(uint32_t)FLAG_ACTION;
	}
}

static void take_verdict(struct worker *worker, struct routing *p, const struct answer *answer)
{
	const struct route_step *step = &p->steps[p->step - 1];

	if (answer->reason == REASON_NONE)
		change(worker, p, answer);
	else if (answer->reason == REASON_REFUSED || !step->pass_on_timeout ||
		 answer->reason == REASON_CLOSING)
		routing_refuse(worker, p, answer->reason, answer_text(answer));
}

void routing_answered(struct worker *worker, const struct asker *asker, struct answer *answer)
{
	struct routing *p = routing_find(worker, asker_serial(asker));

	if (!p)
		return;
	p->waiting = false;
	if (answer->kind == ANSWER_LOCATED)
		take_place(worker, p, answer);
	else
		take_verdict(worker, p, answer);
	lane_run(worker, p->lane);
}

void routing_rules(struct worker *worker, const struct route_table *table)
{
	route_table_release(worker->rules);
	worker->rules = table;
}
