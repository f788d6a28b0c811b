#include "bridge/passage.h"

#include <stdlib.h>

#define uthash_fatal(message) abort()
#include <uthash.h>

#include "bridge/backend.h"
#include "bridge/compose.h"
#include "bridge/errand.h"
#include "bridge/metrics.h"
#include "codecs/memory.h"
#include "codecs/name.h"
#include "routes/route_table.h"

struct passage {
	struct passage *previous, *next; /* in the lane */
	struct lane *lane;
	struct passage_start start;
	const struct route_table *table; /* held */
	size_t rule, step, step_count;   /* step: the next to be taken */
	const struct route_step *steps;
	size_t answering;       /* the step whose destination answers the speaker */
	struct envelope *draft; /* held */
	bool shared;            /* others hold the draft, too: it must not be changed */
	bool waiting;           /* for a verdict, or for its room to be found */
	bool settled;           /* the speaker's own count and answer are given, or on their way */
	bool vouched;           /* see struct post */
	uint64_t serial;
	UT_hash_handle hh; /* by serial, in the worker's passages */
};

struct lane {
	struct passage *first, *last;
	struct lane **holder; /* NULL: the speaker is gone */
};

/* ---- lanes ---- */

static struct lane *lane_of(struct lane **holder)
{
	if (!*holder) {
		*holder = memory_zeroed(1, sizeof(struct lane));
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
	free(lane);
}

void passage_detach(struct lane **lane)
{
	if (!*lane)
		return;
	for (struct passage *p = (*lane)->first; p; p = p->next) {
		p->vouched = true;
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
	struct passage *p = memory_zeroed(1, sizeof(*p));
	struct passage *all = worker->passages;

	p->table = route_table_hold(table);
	p->start = *start;
	p->draft = draft;
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
	free(p);
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

/* ---- the draft ---- */

/* The draft for one who may change it: the passage's own, or a copy of what others hold, too. */
static struct envelope *draft_own(struct passage *p)
{
	if (p->shared) {
		struct envelope *copy = envelope_seal(p->draft);

		envelope_release(p->draft);
		p->draft = copy;
		p->shared = false;
	}
	return p->draft;
}

static struct envelope *draft_share(struct passage *p)
{
	p->shared = true;
	envelope_hold(p->draft);
	return p->draft;
}

static void draft_rename(struct passage *p, struct slice name)
{
	struct envelope event = *p->draft, *sealed;

	event.author.name = name;
	event.flags |= FLAG_RENAMED;
	sealed = envelope_seal(&event);
	envelope_release(p->draft);
	p->draft = sealed;
	p->shared = false;
}

/* ---- telling the speaker ---- */

static bool wants_answer(const struct passage *p)
{
	return p->start.ticket != TICKET_NONE || p->start.publication;
}

static struct errand *errand_of(const struct passage *p, size_t place)
{
	struct errand *errand = errand_new();

	errand->place = place;
	errand->serial = p->serial;
	errand->table = route_table_hold(p->table);
	errand->rule = p->rule;
	return errand;
}

/* The speaker's own draft ends here. text: a reason in somebody's words; may be absent. */
static void answer(struct worker *worker, struct passage *p, enum reason reason, struct slice text)
{
	struct post *post;

	p->settled = true;
	if (!wants_answer(p))
		return;
	post = post_new(p->start.publication ? POST_PUBLISHED : POST_ANSWERED);
	post->reason = reason;
	post->room = p->start.room;
	post->ref = p->start.ref;
	post->ticket = p->start.ticket;
	post->event = draft_share(p);
	post->errand = errand_of(p, p->start.backend);
	post->errand->publication = p->start.publication;
	p->start.publication = NULL;
	errand_put_text(post->errand, text);
	worker_post(worker, worker->index, post);
}

static void refuse(struct worker *worker, struct passage *p, enum reason reason, struct slice text)
{
	p->step = p->step_count;
	if (p->settled)
		return;
	worker->counters->intake.refused[reason]++;
	answer(worker, p, reason, text);
}

static void draft_number(struct worker *worker, struct passage *p)
{
	struct envelope *draft = draft_own(p);

	draft->id = id_next(&worker->clock, worker->now_ms, worker->index);
	draft->time_ms = worker->now_ms;
}

/* The sender is to think that it was said. */
static void drop(struct worker *worker, struct passage *p)
{
	p->step = p->step_count;
	if (p->settled)
		return;
	worker->counters->intake.dropped++;
	draft_number(worker, p);
	answer(worker, p, REASON_NONE, (struct slice){ NULL, 0 });
}

/* ---- destinations ---- */

/* Does this step's destination answer the speaker? Others count as drafts of their own. */
static bool answers(struct worker *worker, struct passage *p, size_t step)
{
	if (step == p->answering && !p->settled) {
		p->settled = true;
		return true;
	}
	worker->counters->intake.accepted++;
	return false;
}

static void post_answered_by(struct post *post, struct passage *p, bool answering)
{
	post->ref = p->start.ref;
	if (!answering)
		return;
	post->ticket = p->start.ticket;
	if (post->errand)
		post->errand->publication = p->start.publication;
	p->start.publication = NULL;
}

static void deliver_home(struct worker *worker, struct passage *p, size_t step)
{
	struct post *post = post_new(POST_DRAFT);
	bool last = step + 1 == p->step_count;

	post->room = p->start.room;
	post->vouched = p->vouched;
	if (p->start.publication || p->start.origin == ROUTE_FROM_BACKEND)
		post->errand = errand_of(p, p->start.backend);
	post_answered_by(post, p, answers(worker, p, step));
	if (last) {
		post->event = draft_own(p);
		p->draft = NULL;
	} else {
		post->event = envelope_seal(p->draft);
	}
	worker_post(worker, post->room ? post->room->home : p->start.home, post);
}

/* The other room's rules decide what becomes of it there; its place is right behind. */
static void pass_on(struct worker *worker, struct passage *p, size_t step)
{
	struct room_info *room = &worker->bridge->rooms[p->steps[step].target];
	struct envelope event = *p->draft;
	struct passage_start start = p->start;
	bool answering = answers(worker, p, step);
	struct passage *on;

	start.room = room;
	start.home = room->home;
	if (!answering) {
		start.ticket = TICKET_NONE;
		start.publication = NULL;
	} else {
		p->start.publication = NULL;
	}
	event.room = room->rules.name;
	event.origin.hops++;
	on = passage_new(worker, p->table, &start, envelope_seal(&event));
	on->vouched = true;
	on->rule = SIZE_MAX;
	lane_add(p->lane, p, on);
}

static void deliver_room(struct worker *worker, struct passage *p, size_t step)
{
	size_t target = p->steps[step].target;

	if (target == ROUTE_OWN_ROOM || &worker->bridge->rooms[target] == p->start.room)
		deliver_home(worker, p, step);
	else if (p->draft->origin.hops >= ROUTE_HOPS_MAX)
		refuse(worker, p, REASON_TOO_FAR, (struct slice){ NULL, 0 });
	else
		pass_on(worker, p, step);
}

static struct post *backend_post(struct worker *worker, struct passage *p, enum post_kind kind,
				 const struct route_step *step)
{
	struct post *post = post_new(kind);

	post->room = p->start.room;
	post->errand = errand_of(p, step->target);
	post->errand->worker = worker->index;
	post->errand->deadline_ms = step->deadline_ms;
	post->event = draft_share(p);
	return post;
}

static bool is_own_backend(const struct passage *p, const struct route_step *step)
{
	return p->start.origin == ROUTE_FROM_BACKEND && p->start.backend == step->target &&
	       (step->verb != ROUTE_TAP || step->to_backend);
}

static void deliver_backend(struct worker *worker, struct passage *p, size_t step)
{
	bool answering = answers(worker, p, step);
	struct post *post;

	/* What was acknowledged needs an id to be talked about. */
	if (answering && !p->draft->id)
		draft_number(worker, p);
	post = backend_post(worker, p, POST_EVENT, &p->steps[step]);
	post->errand->cause = WIRE_CAUSE_ROUTE;
	post_answered_by(post, p, answering);
	worker_post(worker, backend_owner(worker->bridge, post->errand->place), post);
}

/* ---- steps on the way ---- */

static void ask(struct worker *worker, struct passage *p, const struct route_step *step)
{
	struct post *post = backend_post(worker, p, POST_ASK, step);

	post->ref = p->start.ref;
	p->waiting = true;
	worker_post(worker, backend_owner(worker->bridge, step->target), post);
}

static void tap(struct worker *worker, struct passage *p, const struct route_step *step)
{
	struct post *post = backend_post(worker, p, step->to_backend ? POST_EVENT : POST_TAP, step);

	post->errand->cause = WIRE_CAUSE_TAP;
	worker_post(worker,
		    step->to_backend ? backend_owner(worker->bridge, step->target)
				     : tap_owner(worker->bridge, step->target),
		    post);
}

static void rewrite(struct worker *worker, struct passage *p, const struct route_step *step)
{
	size_t max =
	    step->rewrite == REWRITE_NAME ? NAME_BYTES_MAX : worker->bridge->limits.message_bytes;
	size_t len;
	char *text = route_rewrite_text(step->text, p->draft, max, &len);
	char clean[NAME_BYTES_MAX];

	if (step->rewrite == REWRITE_TEXT) {
		p->draft = compose_retext(worker->bridge, p->draft, slice_span(text, len));
		p->shared = false;
	} else {
		len = name_clean(slice_span(text, len), clean);
		if (len > 0 && p->draft->author.number)
			draft_rename(p, slice_span(clean, len));
	}
	free(text);
}

static void step_take(struct worker *worker, struct passage *p)
{
	size_t at = p->step++;
	const struct route_step *step = &p->steps[at];

	switch (step->verb) {
	case ROUTE_ASK:
		if (!is_own_backend(p, step))
			ask(worker, p, step);
		break;
	case ROUTE_TAP:
		if (!is_own_backend(p, step))
			tap(worker, p, step);
		break;
	case ROUTE_REWRITE: rewrite(worker, p, step); break;
	case ROUTE_ROOM: deliver_room(worker, p, at); break;
	case ROUTE_BACKEND:
		if (!is_own_backend(p, step))
			deliver_backend(worker, p, at);
		break;
	case ROUTE_REFUSE: refuse(worker, p, REASON_REFUSED, step->text); break;
	case ROUTE_DROP: drop(worker, p); break;
	}
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

/* The first room that takes it answers, else the first backend. */
static size_t answering_step(const struct passage *p)
{
	size_t backend = SIZE_MAX;

	for (size_t i = 0; i < p->step_count; i++) {
		if (p->steps[i].verb == ROUTE_ROOM)
			return i;
		if (p->steps[i].verb == ROUTE_BACKEND && backend == SIZE_MAX &&
		    !is_own_backend(p, &p->steps[i]))
			backend = i;
	}
	return backend;
}

static void decide(struct worker *worker, struct passage *p)
{
	struct route_subject subject = { .event = p->draft,
					 .origin = p->start.origin,
					 .room = p->start.room->index };
	bool limited = false;

	p->rule = route_table_decide(p->table, &subject, &limited);
	worker->counters->patterns_limited += limited;
	p->steps = route_table_steps(p->table, p->rule, &p->step_count);
	p->step = 0;
	p->answering = answering_step(p);
}

/* A rule whose only destination is where the event came from takes it nowhere. */
static void passage_end(struct worker *worker, struct passage *p)
{
	if (!p->settled)
		refuse(worker, p, REASON_TOO_FAR, (struct slice){ NULL, 0 });
	passage_free(worker, p);
}

static void lane_run(struct worker *worker, struct lane *lane)
{
	struct passage *p = lane->first;

	while (p) {
		struct passage *next;
		bool stuck = false;

		if (!p->waiting && p->rule == SIZE_MAX)
			decide(worker, p);
		while (!p->waiting && p->step < p->step_count && !stuck) {
			stuck = !may_step(p);
			if (!stuck)
				step_take(worker, p);
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
	if (start->origin == ROUTE_FROM_BACKEND) {
		post->errand = errand_new();
		post->errand->place = start->backend;
		post->errand->publication = start->publication;
	}
	worker_post(worker, start->room ? start->room->home : start->home, post);
}

/* Most events meet no rule but the last, and nothing waits before them. */
static bool goes_straight(struct worker *worker, struct lane **lane,
			  const struct passage_start *start, const struct envelope *draft)
{
	const struct route_table *table = worker->rules;
	struct route_subject subject = { .event = draft, .origin = start->origin };
	bool limited = false;
	size_t rule;

	if (*lane)
		return false;
	if (!table || route_table_count(table) == 0)
		return true;
	if (!start->room)
		return false;
	subject.room = start->room->index;
	rule = route_table_decide(table, &subject, &limited);
	worker->counters->patterns_limited += limited;
	return rule == route_table_count(table);
}

/* Which of the speaker's rooms has the target is known at the rooms' home only. */
static void locate(struct worker *worker, struct passage *p)
{
	struct post *post = post_new(POST_LOCATE);

	post->ref = p->start.ref;
	post->event = draft_share(p);
	post->errand = errand_of(p, 0);
	post->errand->worker = worker->index;
	p->waiting = true;
	worker_post(worker, p->start.home, post);
}

void passage_begin(struct worker *worker, struct lane **holder, const struct passage_start *start,
		   struct envelope *draft)
{
	struct passage *p;
	struct lane *lane;

	if (goes_straight(worker, holder, start, draft)) {
		post_directly(worker, start, draft);
		return;
	}
	lane = lane_of(holder);
	p = passage_new(worker, worker->rules, start, draft);
	p->rule = SIZE_MAX;
	lane_add(lane, NULL, p);
	if (!start->room)
		locate(worker, p);
	lane_run(worker, lane);
}

void passage_located(struct worker *worker, struct post *post)
{
	struct passage *p = passage_find(worker, post->errand->serial);

	if (!p)
		return;
	p->waiting = false;
	p->start.room = post->room;
	if (post->room) {
		draft_own(p)->room = post->room->rules.name;
	} else {
		p->rule = route_table_count(p->table);
		refuse(worker, p, REASON_UNKNOWN_MESSAGE, (struct slice){ NULL, 0 });
	}
	lane_run(worker, p->lane);
}

/* ---- verdicts ---- */

static void change(struct worker *worker, struct passage *p, const struct errand *errand)
{
	if (errand->changes_text) {
		p->draft = compose_retext(worker->bridge, p->draft, errand_text(errand));
		p->shared = false;
	}
	if (errand->changes_action && p->draft->kind == KIND_MESSAGE) {
		struct envelope *draft = draft_own(p);

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
		refuse(worker, p, post->reason, errand_text(post->errand));
	lane_run(worker, p->lane);
}

/* ---- presence ---- */

static struct post *presence_post(enum post_kind kind, struct room_info *room,
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

static void presence_step(struct worker *worker, struct room_info *room,
			  const struct envelope *event, size_t rule, const struct route_step *step)
{
	bool to_backend = step->verb == ROUTE_BACKEND || step->to_backend;
	enum wire_cause cause = step->verb == ROUTE_TAP ? WIRE_CAUSE_TAP : WIRE_CAUSE_ROUTE;
	struct post *post;

	if (step->verb != ROUTE_TAP && step->verb != ROUTE_BACKEND)
		return;
	post = presence_post(to_backend ? POST_EVENT : POST_TAP, room, event, step->target, cause);
	post->errand->table = route_table_hold(worker->rules);
	post->errand->rule = rule;
	if (step->verb == ROUTE_BACKEND)
		worker->counters->intake.accepted++;
	worker_post(worker,
		    to_backend ? backend_owner(worker->bridge, step->target)
			       : tap_owner(worker->bridge, step->target),
		    post);
}

static void presence_rules(struct worker *worker, struct room_info *room,
			   const struct envelope *event, size_t dialect)
{
	struct route_subject subject = { .event = event, .origin = dialect, .room = room->index };
	const struct route_step *steps;
	size_t rule, count;
	bool limited = false;

	if (!worker->rules || route_table_count(worker->rules) == 0)
		return;
	rule = route_table_decide(worker->rules, &subject, &limited);
	worker->counters->patterns_limited += limited;
	steps = route_table_steps(worker->rules, rule, &count);
	for (size_t i = 0; i < count; i++)
		presence_step(worker, room, event, rule, &steps[i]);
}

void passage_presence(struct worker *worker, struct room_info *room, const struct envelope *event,
		      size_t dialect)
{
	for (size_t b = 0; b < worker->bridge->backend_count; b++)
		if (backend_wants_presence(worker->bridge, b))
			worker_post(
			    worker, backend_owner(worker->bridge, b),
			    presence_post(POST_PRESENCE, room, event, b, WIRE_CAUSE_PRESENCE));
	presence_rules(worker, room, event, dialect);
}

void passage_rules(struct worker *worker, const struct route_table *table)
{
	route_table_release(worker->rules);
	worker->rules = table;
}
