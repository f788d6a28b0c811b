#include "bridge/routing/carry_out.h"

#include "bridge/routing/copy.h"
#include "bridge/routing/enrich.h"
#include "codecs/text/memory.h"

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

	p->settled = true;
	if (!asker_waits(&p->start.asker))
		return;
	answer.event = routing_draft_share(p);
	answer_put_text(&answer, text);
	worker_answer(worker, &p->start.asker, &answer);
}

void routing_refuse(struct worker *worker, struct routing *p, enum reason reason, struct slice text)
{
	p->step = p->step_count;
	if (p->settled)
		return;
	worker->counters->intake.refused[reason]++;
	answer(worker, p, reason, text);
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
	p->step = p->step_count;
	if (p->settled)
		return;
	worker->counters->intake.dropped++;
	draft_number(worker, p);
	answer(worker, p, REASON_NONE, (struct slice){ NULL, 0 });
}

/* ---- destinations ---- */

/* Does this step's destination answer the speaker? Others count as drafts of their own. */
static bool answers(struct worker *worker, struct routing *p, size_t step)
{
	if (step == p->answering && !p->settled) {
		p->settled = true;
		return true;
	}
	worker->counters->intake.accepted++;
	return false;
}

/* Who is told by the destination: the speaker, once. */
static struct asker asker_of(const struct routing *p, bool answering)
{
	return answering ? p->start.asker : asker_silent(p->start.asker);
}

/* Copies right behind a room are made where the event gets its place there: they have its id, and
 * are made only of what was let in. */
static size_t skip_copies(const struct routing *p, size_t step)
{
	while (step < p->step_count &&
	       (p->steps[step].action == ROUTE_TAP || p->steps[step].action == ROUTE_BACKEND))
		step++;
	return step;
}

static void deliver_own(struct worker *worker, struct routing *p, size_t step)
{
	struct post_draft *post = post_new(POST_DRAFT);

	p->step = skip_copies(p, step + 1);
	post->room = p->start.room;
	post->vouched = p->vouched;
	post->backend = routing_speaker(p);
	if (p->step > step + 1)
		post->copies = (struct copies){ route_table_hold(p->table), p->rule, step + 1 };
	post->post.asker = asker_of(p, answers(worker, p, step));
	if (p->step == p->step_count) {
		post->event = routing_draft_own(p);
		p->draft = NULL;
	} else {
		post->event = envelope_seal(p->draft);
	}
	worker_post(worker, post->room ? post->room->owner : p->start.owner, &post->post);
}

/* The other room's rules decide what becomes of it there; its place is right behind. */
static void pass_on(struct worker *worker, struct routing *p, size_t step)
{
	struct room_entry *room = &worker->bridge->rooms[p->steps[step].target];
	struct envelope event = *p->draft;
	struct routing_start start = p->start;
	bool answering = answers(worker, p, step);
	struct routing *on;

	start.room = room;
	start.owner = room->owner;
	start.asker = asker_of(p, answering);
	event.room = room->rules.name;
	event.origin.hops++;
	on = routing_new(worker, p->lane, p, p->table, &start, envelope_seal(&event));
	on->vouched = true;
}

/* A destination beside the one that answers. */
static void too_far(struct worker *worker)
{
	worker->counters->intake.accepted++;
	worker->counters->intake.refused[REASON_TOO_FAR]++;
}

static void deliver_room(struct worker *worker, struct routing *p, size_t step)
{
	size_t target = p->steps[step].target;

	if (target == ROUTE_OWN_ROOM || &worker->bridge->rooms[target] == p->start.room)
		deliver_own(worker, p, step);
	else if (p->draft->origin.hops >= ROUTE_HOPS_MAX && step == p->answering)
		routing_refuse(worker, p, REASON_TOO_FAR, (struct slice){ NULL, 0 });
	else if (p->draft->origin.hops >= ROUTE_HOPS_MAX)
		too_far(worker);
	else
		pass_on(worker, p, step);
}

static struct post_backend *backend_post(struct routing *p, enum post_kind kind,
					 const struct route_step *step)
{
	struct post_backend *post = post_new(kind);

	post->room = p->start.room;
	post->backend = step->target;
	post->table = route_table_hold(p->table);
	post->rule = p->rule;
	post->deadline_ms = step->deadline_ms;
	post->event = routing_draft_share(p);
	return post;
}

static void post_to_backend(struct worker *worker, struct post_backend *post)
{
	worker_post(worker, backend_owner(worker->bridge, post->backend), &post->post);
}

size_t routing_speaker(const struct routing *p)
{
	return p->start.origin == ROUTE_FROM_BACKEND ? p->start.backend : SIZE_MAX;
}

static void deliver_backend(struct worker *worker, struct routing *p, size_t step)
{
	bool answering = answers(worker, p, step);
	struct post_backend *post;

	/* What was acknowledged needs an id to be talked about. */
	if (answering && !p->draft->id)
		draft_number(worker, p);
	post = backend_post(p, POST_EVENT, &p->steps[step]);
	post->cause = WIRE_CAUSE_ROUTE;
	post->post.asker = asker_of(p, answering);
	post_to_backend(worker, post);
}

/* ---- steps on the way ---- */

static void ask(struct worker *worker, struct routing *p, const struct route_step *step)
{
	struct post_backend *post = backend_post(p, POST_ASK, step);

	post->post.asker = asker_of_routing(worker->index, p->serial);
	p->waiting = true;
	post_to_backend(worker, post);
}

static void tap(struct worker *worker, struct routing *p, const struct route_step *step)
{
	struct post_backend *post;

	if (!step->to_backend) {
		copy_tap(worker, p->start.room, routing_draft_share(p), step->target);
		return;
	}
	post = backend_post(p, POST_EVENT, step);
	post->cause = WIRE_CAUSE_TAP;
	post_to_backend(worker, post);
}

void routing_step(struct worker *worker, struct routing *p)
{
	size_t at = p->step++;
	const struct route_step *step = &p->steps[at];

	if (route_step_reaches(step, routing_speaker(p)))
		return;
	switch (step->action) {
	case ROUTE_ASK: ask(worker, p, step); break;
	case ROUTE_TAP: tap(worker, p, step); break;
	case ROUTE_REWRITE: draft_take(p, enrich_rewrite(worker->bridge, p->draft, step)); break;
	case ROUTE_ROOM: deliver_room(worker, p, at); break;
	case ROUTE_BACKEND: deliver_backend(worker, p, at); break;
	case ROUTE_REFUSE: routing_refuse(worker, p, REASON_REFUSED, step->text); break;
	case ROUTE_DROP: drop(worker, p); break;
	}
}
