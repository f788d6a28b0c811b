#include "bridge/routing/routing.h"

#include <stdlib.h>

#include "bridge/core/errand.h"
#include "bridge/core/metrics.h"
#include "bridge/routing/routing_own.h"
#include "codecs/text/memory.h"

/* ---- lanes ---- */

static struct lane *lane_of(struct lane **holder)
{
	if (!*holder) {
		*holder = memory_take_zeroed(sizeof(struct lane));
		(*holder)->holder = holder;
	}
	return *holder;
}

static void lane_free_empty(struct lane *lane)
{
	if (lane->first)
		return;
	if (lane->holder)
		*lane->holder = NULL;
	memory_give(lane, sizeof(*lane));
}

void routing_left(struct lane *lane, const struct room_entry *room, bool kicked)
{
	for (struct routing *p = lane ? lane->first : NULL; p; p = p->next) {
		if (p->start.room != room)
			continue;
		p->barred = p->barred || kicked;
		p->vouched = !p->barred;
	}
}

void routing_detach(struct lane **lane)
{
	if (!*lane)
		return;
	for (struct routing *p = (*lane)->first; p; p = p->next) {
		p->vouched = !p->barred;
		p->start.ticket = TICKET_NONE;
	}
	(*lane)->holder = NULL;
	*lane = NULL;
}

/* Behind after, or last when after is NULL. */
static void lane_add(struct lane *lane, struct routing *after, struct routing *p)
{
	after = after ? after : lane->last;
	p->lane = lane;
	p->previous = after;
	p->next = after ? after->next : NULL;
	*(after ? &after->next : &lane->first) = p;
	*(p->next ? &p->next->previous : &lane->last) = p;
}

static struct routing *routing_new(struct worker *worker, const struct route_table *table,
				   const struct routing_start *start, struct envelope *draft)
{
	struct routing *p = memory_take_zeroed(sizeof(*p));
	struct routing *all = worker->routings;

	p->table = route_table_hold(table);
	p->start = *start;
	p->draft = draft;
	p->rule = RULE_UNDECIDED;
	p->serial = ++worker->routing_serial;
	HASH_ADD(hh, all, serial, sizeof(p->serial), p);
	worker->routings = all;
	worker->routing_count++;
	return p;
}

static void routing_free(struct worker *worker, struct routing *p)
{
	struct routing *all = worker->routings;

	HASH_DELETE(hh, all, p);
	worker->routings = all;
	worker->routing_count--;
	*(p->previous ? &p->previous->next : &p->lane->first) = p->next;
	*(p->next ? &p->next->previous : &p->lane->last) = p->previous;
	envelope_release(p->draft);
	route_table_release(p->table);
	free(p->start.publication);
	memory_give(p, sizeof(*p));
}

static struct routing *routing_find(struct worker *worker, uint64_t serial)
{
	struct routing *all = worker->routings, *p;

	HASH_FIND(hh, all, &serial, sizeof(serial), p);
	return p;
}

void routing_clear(struct worker *worker)
{
	struct routing *all = worker->routings, *p, *next;

	HASH_ITER(hh, all, p, next)
	{
		struct lane *lane = p->lane;

		worker->routings = all;
		routing_free(worker, p);
		all = worker->routings;
		lane_free_empty(lane);
	}
	route_table_release(worker->rules);
	worker->rules = NULL;
}

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
	struct post *post = post_new(POST_DRAFT);

	post->room = start->room;
	post->ref = start->ref;
	post->ticket = start->ticket;
	post->event = draft;
	post->from_backend = start->origin == ROUTE_FROM_BACKEND;
	if (post->from_backend) {
		post->errand = errand_new();
		post->errand->place = start->backend;
		post->errand->publication = start->publication;
	}
	worker_post(worker, start->room ? start->room->owner : start->owner, post);
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
	struct post *post = post_new(POST_LOCATE);

	post->ref = p->start.ref;
	post->event = routing_draft_share(p);
	post->errand = routing_errand(p, 0);
	post->errand->worker = worker->index;
	p->waiting = true;
	worker_post(worker, p->start.owner, post);
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
	p = routing_new(worker, worker->rules, start, draft);
	lane_add(lane, NULL, p);
	if (!start->room)
		locate(worker, p);
	else if (rule != RULE_UNDECIDED)
		take_rule(p, rule);
	lane_run(worker, lane);
}

struct routing *routing_behind(struct worker *worker, struct routing *p,
			       const struct routing_start *start, struct envelope *draft)
{
	struct routing *on = routing_new(worker, p->table, start, draft);

	lane_add(p->lane, p, on);
	return on;
}

void routing_located(struct worker *worker, struct post *post)
{
	struct routing *p = routing_find(worker, post->errand->serial);

	if (!p)
		return;
	p->waiting = false;
	p->start.room = post->room;
	if (post->room) {
		routing_draft_own(p)->room = post->room->rules.name;
		p->draft->author.roles = post->roles;
	} else {
		end_at_once(worker, p, REASON_UNKNOWN_MESSAGE);
	}
	lane_run(worker, p->lane);
}

/* ---- verdicts ---- */

static void change(struct worker *worker, struct routing *p, const struct errand *errand)
{
	if (errand->changes_text)
		routing_retext(worker, p, errand_text(errand));
	if (errand->changes_action && p->draft->kind == KIND_MESSAGE) {
		struct envelope *draft = routing_draft_own(p);

		draft->flags = errand->action ? draft->flags | FLAG_ACTION
					      : draft->flags & ~(uint32_t)FLAG_ACTION;
	}
}

void routing_verdict(struct worker *worker, struct post *post)
{
	struct routing *p = routing_find(worker, post->errand->serial);
	const struct route_step *step;

	if (!p)
		return;
	step = &p->steps[p->step - 1];
	p->waiting = false;
	if (post->reason == REASON_NONE)
		change(worker, p, post->errand);
	else if (post->reason == REASON_REFUSED || !step->pass_on_timeout ||
		 post->reason == REASON_CLOSING)
		routing_refuse(worker, p, post->reason, errand_text(post->errand));
	lane_run(worker, p->lane);
}

void routing_rules(struct worker *worker, const struct route_table *table)
{
	route_table_release(worker->rules);
	worker->rules = table;
}
