#include "bridge/routing/routing.h"

#include <stdlib.h>

#include "bridge/backend/backend.h"
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

void passage_left(struct lane *lane, const struct room_info *room, bool kicked)
{
	for (struct passage *p = lane ? lane->first : NULL; p; p = p->next) {
		if (p->start.room != room)
			continue;
		p->barred = p->barred || kicked;
		p->vouched = !p->barred;
	}
}

void passage_detach(struct lane **lane)
{
	if (!*lane)
		return;
	for (struct passage *p = (*lane)->first; p; p = p->next) {
		p->vouched = !p->barred;
		p->start.ticket = TICKET_NONE;
	}
	(*lane)->holder = NULL;
	*lane = NULL;
}

/* Behind after, or last when after is NULL. */
static void lane_add(struct lane *lane, struct passage *after, struct passage *passage)
{
	after = after ? after : lane->last;
	passage->lane = lane;
	passage->previous = after;
	passage->next = after ? after->next : NULL;
	*(after ? &after->next : &lane->first) = passage;
	*(passage->next ? &passage->next->previous : &lane->last) = passage;
}

static struct passage *passage_new(struct worker *worker, const struct route_table *table,
				   const struct passage_start *start, struct envelope *draft)
{
	struct passage *p = memory_take_zeroed(sizeof(*p));
	struct passage *all = worker->passages;

	p->table = route_table_hold(table);
	p->start = *start;
	p->draft = draft;
	p->rule = RULE_UNDECIDED;
	p->serial = ++worker->passage_serial;
	HASH_ADD(hh, all, serial, sizeof(p->serial), p);
	worker->passages = all;
	worker->passage_count++;
	return p;
}

static void passage_free(struct worker *worker, struct passage *p)
{
	struct passage *all = worker->passages;

	HASH_DELETE(hh, all, p);
	worker->passages = all;
	worker->passage_count--;
	*(p->previous ? &p->previous->next : &p->lane->first) = p->next;
	*(p->next ? &p->next->previous : &p->lane->last) = p->previous;
	envelope_release(p->draft);
	route_table_release(p->table);
	free(p->start.publication);
	memory_give(p, sizeof(*p));
}

static struct passage *passage_find(struct worker *worker, uint64_t serial)
{
	struct passage *all = worker->passages, *p;

	HASH_FIND(hh, all, &serial, sizeof(serial), p);
	return p;
}

void passage_clear(struct worker *worker)
{
	struct passage *all = worker->passages, *p, *next;

	HASH_ITER(hh, all, p, next)
	{
		struct lane *lane = p->lane;

		worker->passages = all;
		passage_free(worker, p);
		all = worker->passages;
		lane_free_empty(lane);
	}
	route_table_release(worker->rules);
	worker->rules = NULL;
}

/* ---- order ---- */

/* A later passage may be asked about and tapped ahead of its turn where the one before it has been
 * so by the same rule; all else comes in the order it was said. */
static bool may_step(const struct passage *p)
{
	const struct passage *before = p->previous;
	enum route_verb verb;

	if (!before)
		return true;
	verb = p->steps[p->step].verb;
	return before->table == p->table && before->rule == p->rule && before->step > p->step &&
	       (verb == ROUTE_ASK || verb == ROUTE_TAP || verb == ROUTE_REWRITE);
}

static void take_rule(struct passage *p, size_t rule)
{
	p->rule = rule;
	p->steps = route_table_steps(p->table, rule, &p->step_count);
	p->step = 0;
	p->answering = route_steps_answering(p->steps, p->step_count, passage_speaker(p));
}

static size_t decide(struct worker *worker, const struct route_table *table,
		     const struct passage_start *start, const struct envelope *draft)
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
static void passage_end(struct worker *worker, struct passage *p)
{
	if (!p->settled)
		passage_refuse(worker, p, REASON_TOO_FAR, (struct slice){ NULL, 0 });
	passage_free(worker, p);
}

static void lane_run(struct worker *worker, struct lane *lane)
{
	struct passage *p = lane->first;

	while (p) {
		struct passage *next;
		bool stuck = false;

		if (!p->waiting && p->rule == RULE_UNDECIDED)
			take_rule(p, decide(worker, p->table, &p->start, p->draft));
		while (!p->waiting && p->step < p->step_count && !stuck) {
			stuck = !may_step(p);
			if (!stuck)
				passage_step(worker, p);
		}
		next = p->next;
		if (!p->waiting && !stuck)
			passage_end(worker, p);
		else if (stuck)
			break;
		p = next;
	}
	lane_free_empty(lane);
}

/* ---- coming in ---- */

static void post_directly(struct worker *worker, const struct passage_start *start,
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
	worker_post(worker, start->room ? start->room->home : start->home, post);
}

/* Most events meet no rule but the last, and nothing waits before them. *rule: the one that
 * decides, when that was looked at. */
static bool goes_straight(struct worker *worker, const struct lane *lane,
			  const struct passage_start *start, const struct envelope *draft,
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
static void end_at_once(struct worker *worker, struct passage *p, enum reason reason)
{
	p->rule = route_table_count(p->table);
	passage_refuse(worker, p, reason, (struct slice){ NULL, 0 });
}

/* Which of the speaker's rooms has the target is known at the rooms' home only. */
static void locate(struct worker *worker, struct passage *p)
{
	struct post *post = post_new(POST_LOCATE);

	post->ref = p->start.ref;
	post->event = passage_draft_share(p);
	post->errand = passage_errand(p, 0);
	post->errand->worker = worker->index;
	p->waiting = true;
	worker_post(worker, p->start.home, post);
}

void passage_begin(struct worker *worker, struct lane **holder, const struct passage_start *start,
		   struct envelope *draft)
{
	struct passage *p;
	struct lane *lane;
	size_t rule;

	if (goes_straight(worker, *holder, start, draft, &rule)) {
		post_directly(worker, start, draft);
		return;
	}
	lane = lane_of(holder);
	p = passage_new(worker, worker->rules, start, draft);
	lane_add(lane, NULL, p);
	if (!start->room)
		locate(worker, p);
	else if (rule != RULE_UNDECIDED)
		take_rule(p, rule);
	lane_run(worker, lane);
}

struct passage *passage_behind(struct worker *worker, struct passage *p,
			       const struct passage_start *start, struct envelope *draft)
{
	struct passage *on = passage_new(worker, p->table, start, draft);

	lane_add(p->lane, p, on);
	return on;
}

void passage_located(struct worker *worker, struct post *post)
{
	struct passage *p = passage_find(worker, post->errand->serial);

	if (!p)
		return;
	p->waiting = false;
	p->start.room = post->room;
	if (post->room) {
		passage_draft_own(p)->room = post->room->rules.name;
		p->draft->author.roles = post->roles;
	} else {
		end_at_once(worker, p, REASON_UNKNOWN_MESSAGE);
	}
	lane_run(worker, p->lane);
}

/* ---- verdicts ---- */

static void change(struct worker *worker, struct passage *p, const struct errand *errand)
{
	if (errand->changes_text)
		passage_retext(worker, p, errand_text(errand));
	if (errand->changes_action && p->draft->kind == KIND_MESSAGE) {
		struct envelope *draft = passage_draft_own(p);

		draft->flags = errand->action ? draft->flags | FLAG_ACTION
					      : draft->flags & ~(uint32_t)FLAG_ACTION;
	}
}

void passage_verdict(struct worker *worker, struct post *post)
{
	struct passage *p = passage_find(worker, post->errand->serial);
	const struct route_step *step;

	if (!p)
		return;
	step = &p->steps[p->step - 1];
	p->waiting = false;
	if (post->reason == REASON_NONE)
		change(worker, p, post->errand);
	else if (post->reason == REASON_REFUSED || !step->pass_on_timeout ||
		 post->reason == REASON_CLOSING)
		passage_refuse(worker, p, post->reason, errand_text(post->errand));
	lane_run(worker, p->lane);
}

void passage_rules(struct worker *worker, const struct route_table *table)
{
	route_table_release(worker->rules);
	worker->rules = table;
}
