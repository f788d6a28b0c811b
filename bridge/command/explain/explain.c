#include "bridge/command/explain/explain.h"

#include <stdlib.h>

#include "bridge/command/explain/explain_own.h"
#include "bridge/routing/enrich.h"
#include "bridge/setup.h"
#include "codecs/text/json_write.h"
#include "codecs/text/memory.h"

/* The event on its way through one room's rules. bridge/routing/routing.c does it in earnest. */
struct way {
	struct envelope *draft; /* owned */
	struct envelope
	    *ordered; /* owned; as its room has it, for copies right behind that; NULL */
	struct room_info *room;
	size_t rule, step, step_count;
	const struct route_step *steps;
	size_t answering; /* the step whose destination answers the speaker; SIZE_MAX: none */
	bool settled;     /* it came to a destination, or was refused or dropped */
};

/* All of them: the first room, and those it is passed on to. */
struct ways {
	const struct trial_event *event;
	struct way *list;
	size_t count;
};

static void ways_add(struct ways *ways, struct room_info *room, struct envelope *draft)
{
	ways->list = memory_resize(ways->list, (ways->count + 1) * sizeof(*ways->list));
	ways->list[ways->count++] = (struct way){ .draft = draft, .room = room };
}

static void way_forget(struct way *way)
{
	envelope_release(way->ordered);
	way->ordered = NULL;
}

static void ways_clear(struct ways *ways)
{
	for (size_t i = 0; i < ways->count; i++) {
		way_forget(&ways->list[i]);
		envelope_release(ways->list[i].draft);
	}
	free(ways->list);
}

static bool is_presence(const struct envelope *event)
{
	return event->kind == KIND_ENTER || event->kind == KIND_EXIT;
}

static void note(const struct trial *trial, const char *text)
{
	fprintf(trial->out, "       %s\n", text);
}

/* ---- rewriting ---- */

static void rewrite(struct trial *trial, struct way *way, const struct route_step *step)
{
	bool name = step->rewrite == REWRITE_NAME;
	struct envelope *before = way->draft;

	way->draft = compose_rewrite(trial->bridge, before, step);
	if (way->draft == before) {
		note(trial, "nothing to change there");
		return;
	}
	fputs(name ? "       the author is now " : "       the text is now ", trial->out);
	trial_put_text(trial->out, name ? way->draft->author.name : way->draft->text);
	fputc('\n', trial->out);
}

/* ---- destinations ---- */

static void pass_on(struct trial *trial, struct ways *ways, struct way *way, struct room_info *room)
{
	struct envelope event = *way->draft;

	if (event.origin.hops >= ROUTE_HOPS_MAX) {
		note(trial, "refused: rules passed it on too often");
		return;
	}
	fprintf(trial->out, "       passed on: see \"In the room %s\", below\n",
		room->rules.name.data);
	event.room = room->rules.name;
	event.origin.hops++;
	ways_add(ways, room, envelope_seal(&event)); /* way may have moved */
}

/* Away from where it was said, only messages of those who are no members are taken. */
static bool needs_membership(const struct ways *ways, const struct envelope *event)
{
	return event->origin.hops > 0 && ways->event->origin != ROUTE_FROM_BACKEND &&
	       (event->kind != KIND_MESSAGE || event->flags & FLAG_PRIVATE);
}

static void deliver_room(struct trial *trial, struct ways *ways, size_t at,
			 const struct route_step *step)
{
	struct way *way = &ways->list[at];
	struct room_info *room =
	    step->target == ROUTE_OWN_ROOM ? way->room : &trial->bridge->rooms[step->target];

	way->settled = true;
	if (room != way->room) {
		pass_on(trial, ways, way, room);
		return;
	}
	if (needs_membership(ways, way->draft))
		note(trial, "(refused when the author is not in this room, too)");
	way->ordered = trial_order(trial, room, way->draft);
	trial_show_room(trial, room, way->ordered);
}

/* What a tap or a backend gets of it. */
static const struct envelope *shown(const struct way *way)
{
	return way->ordered ? way->ordered : way->draft;
}

/* What is acknowledged to the speaker gets an id first. */
static void number_draft(struct trial *trial, struct way *way)
{
	if (!way->draft->id)
		way->draft->id = id_next(&trial->clock, TRIAL_TIME_MS, 0);
}

static void deliver_backend(struct trial *trial, struct way *way, const struct route_step *step)
{
	if (way->step == way->answering && !way->settled)
		number_draft(trial, way);
	way->settled = true;
	trial_show_message(trial, way->rule, step, shown(way));
}

/* ---- steps ---- */

static void tap(struct trial *trial, struct way *way, const struct route_step *step)
{
	if (step->to_backend)
		trial_show_message(trial, way->rule, step, shown(way));
	else
		trial_show_feed(trial, way->room, shown(way));
}

static void step_take(struct trial *trial, struct ways *ways, size_t at)
{
	struct way *way = &ways->list[at];
	const struct route_step *step = &way->steps[way->step];

	if (step->verb != ROUTE_TAP && step->verb != ROUTE_BACKEND)
		way_forget(way);
	if (route_step_reaches(step, ways->event->backend)) {
		note(trial, "left out: that backend says it itself");
		return;
	}
	switch (step->verb) {
	case ROUTE_ASK:
		trial_show_message(trial, way->rule, step, way->draft);
		note(trial, "what follows is what becomes of it when that is allowed unchanged");
		break;
	case ROUTE_TAP: tap(trial, way, step); break;
	case ROUTE_REWRITE: rewrite(trial, way, step); break;
	case ROUTE_ROOM: deliver_room(trial, ways, at, step); break;
	case ROUTE_BACKEND: deliver_backend(trial, way, step); break;
	case ROUTE_REFUSE:
	case ROUTE_DROP: way->settled = true; break;
	}
}

/* Nobody can stop that somebody comes or goes. */
static void presence_take(struct trial *trial, struct way *way)
{
	const struct route_step *step = &way->steps[way->step];

	way->settled = true;
	if (step->verb == ROUTE_TAP)
		tap(trial, way, step);
	else if (step->verb == ROUTE_BACKEND)
		trial_show_message(trial, way->rule, step, way->draft);
	else if (step->verb == ROUTE_ROOM)
		note(trial, "the room is told already");
	else
		note(trial, "left out: this cannot be done to enter and exit");
}

/* ---- one room ---- */

static void decide(struct trial *trial, const struct trial_event *event, struct way *way)
{
	const struct route_table *table = trial->bridge->rules;
	struct route_subject subject = { .event = way->draft,
					 .origin = event->origin,
					 .room = way->room->index };
	bool limited = false;

	way->rule = route_table_decide(table, &subject, &limited);
	way->steps = route_table_steps(table, way->rule, &way->step_count);
	for (size_t rule = 0; rule < way->rule; rule++) {
		fputs("  ", trial->out);
		trial_put_rule(trial, rule);
		fprintf(trial->out, " does not match: %s\n",
			route_miss_text(route_table_miss(table, rule, &subject)));
	}
	if (limited)
		fputs("  (a pattern gave up: it takes too long on this text)\n", trial->out);
	fputs("  ", trial->out);
	trial_put_rule(trial, way->rule);
	fputs(" decides\n", trial->out);
}

static void way_go(struct trial *trial, struct ways *ways, size_t at)
{
	struct way *way = &ways->list[at];

	fprintf(trial->out, "\nIn the room %s:\n", way->room->rules.name.data);
	if (is_presence(way->draft)) {
		fputs("  whatever the rules say, everybody there is told\n", trial->out);
		trial_show_ordered(trial, way->room, way->draft);
	}
	decide(trial, ways->event, way);
	way->answering = route_steps_answering(way->steps, way->step_count, ways->event->backend);
	for (; way->step < way->step_count; ways->list[at].step++, way = &ways->list[at]) {
		fprintf(trial->out, "    %zu. ", way->step + 1);
		trial_put_step(trial, &way->steps[way->step]);
		fputc('\n', trial->out);
		if (is_presence(way->draft))
			presence_take(trial, way);
		else
			step_take(trial, ways, at);
	}
	if (!way->settled)
		note(trial, "refused: it is taken nowhere but where it comes from");
}

static void event_go(struct trial *trial, struct trial_event *event)
{
	struct ways ways = { .event = event };

	/* Rules hear of it when it has happened. */
	if (is_presence(event->draft)) {
		struct envelope *ordered = trial_order(trial, event->room, event->draft);

		envelope_release(event->draft);
		event->draft = ordered;
	}
	fputs("The event: ", trial->out);
	trial_put_envelope(trial, event->draft);
	ways_add(&ways, event->room, event->draft);
	for (size_t i = 0; i < ways.count; i++)
		way_go(trial, &ways, i);
	ways_clear(&ways);
}

/* ---- the command ---- */

static bool has_event(const struct arguments *a)
{
	return a->event || a->dialect || a->room || a->kind || a->from || a->role || a->text;
}

bool trial_run(const struct conf *conf, const struct arguments *arguments, FILE *out, FILE *errors)
{
	struct bridge *bridge = setup_sketch(conf, errors);
	struct trial trial = { .bridge = bridge, .conf = conf, .out = out };
	struct trial_event event;
	bool right = true;

	if (!bridge)
		return false;
	if (!has_event(arguments)) {
		trial_put_rules(&trial);
	} else {
		right = trial_event_read(bridge, arguments, &event, errors);
		if (right)
			event_go(&trial, &event);
	}
	setup_free(bridge);
	return right;
}
