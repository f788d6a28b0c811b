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
	struct room_entry *room;
	size_t rule, step, step_count;
	const struct route_step *steps;
	size_t answering; /* the step whose destination answers the speaker; SIZE_MAX: none */
	bool settled;     /* it came to a destination, or was refused or dropped */
};

/* All of them: the first room, and those it is passed on to. */
struct ways {
	const struct explain_event *event;
	struct way *list;
	size_t count;
};

static void ways_add(struct ways *ways, struct room_entry *room, struct envelope *draft)
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

static void note(const struct explain *explain, const char *text)
{
	fprintf(explain->out, "       %s\n", text);
}

/* ---- rewriting ---- */

static void rewrite(struct explain *explain, struct way *way, const struct route_step *step)
{
	bool name = step->rewrite == REWRITE_NAME;
	struct envelope *before = way->draft;

	way->draft = enrich_rewrite(explain->bridge, before, step);
	if (way->draft == before) {
		note(explain, "nothing to change there");
		return;
	}
	fputs(name ? "       the author is now " : "       the text is now ", explain->out);
	explain_put_text(explain->out, name ? way->draft->author.name : way->draft->text);
	fputc('\n', explain->out);
}

/* ---- destinations ---- */

static void pass_on(struct explain *explain, struct ways *ways, struct way *way,
		    struct room_entry *room)
{
	struct envelope event = *way->draft;

	if (event.origin.hops >= ROUTE_HOPS_MAX) {
		note(explain, "refused: rules passed it on too often");
		return;
	}
	fprintf(explain->out, "       passed on: see \"In the room %s\", below\n",
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

static void deliver_room(struct explain *explain, struct ways *ways, size_t at,
			 const struct route_step *step)
{
	struct way *way = &ways->list[at];
	struct room_entry *room =
	    step->target == ROUTE_OWN_ROOM ? way->room : &explain->bridge->rooms[step->target];

	way->settled = true;
	if (room != way->room) {
		pass_on(explain, ways, way, room);
		return;
	}
	if (needs_membership(ways, way->draft))
		note(explain, "(refused when the author is not in this room, too)");
	way->ordered = explain_order(explain, room, way->draft);
	explain_show_room(explain, room, way->ordered);
}

/* What a tap or a backend gets of it. */
static const struct envelope *shown(const struct way *way)
{
	return way->ordered ? way->ordered : way->draft;
}

/* What is acknowledged to the speaker gets an id first. */
static void number_draft(struct explain *explain, struct way *way)
{
	if (!way->draft->id)
		way->draft->id = id_next(&explain->clock, EXPLAIN_TIME_MS, 0);
}

static void deliver_backend(struct explain *explain, struct way *way, const struct route_step *step)
{
	if (way->step == way->answering && !way->settled)
		number_draft(explain, way);
	way->settled = true;
	explain_show_message(explain, way->rule, step, shown(way));
}

/* ---- steps ---- */

static void tap(struct explain *explain, struct way *way, const struct route_step *step)
{
	if (step->to_backend)
		explain_show_message(explain, way->rule, step, shown(way));
	else
		explain_show_feed(explain, way->room, shown(way));
}

static void step_take(struct explain *explain, struct ways *ways, size_t at)
{
	struct way *way = &ways->list[at];
	const struct route_step *step = &way->steps[way->step];

	if (step->action != ROUTE_TAP && step->action != ROUTE_BACKEND)
		way_forget(way);
	if (route_step_reaches(step, ways->event->backend)) {
		note(explain, "left out: that backend says it itself");
		return;
	}
	switch (step->action) {
	case ROUTE_ASK:
		explain_show_message(explain, way->rule, step, way->draft);
		note(explain, "what follows is what becomes of it when that is allowed unchanged");
		break;
	case ROUTE_TAP: tap(explain, way, step); break;
	case ROUTE_REWRITE: rewrite(explain, way, step); break;
	case ROUTE_ROOM: deliver_room(explain, ways, at, step); break;
	case ROUTE_BACKEND: deliver_backend(explain, way, step); break;
	case ROUTE_REFUSE:
	case ROUTE_DROP: way->settled = true; break;
	}
}

/* Nobody can stop that somebody comes or goes. */
static void presence_take(struct explain *explain, struct way *way)
{
	const struct route_step *step = &way->steps[way->step];

	way->settled = true;
	if (step->action == ROUTE_TAP)
		tap(explain, way, step);
	else if (step->action == ROUTE_BACKEND)
		explain_show_message(explain, way->rule, step, way->draft);
	else if (step->action == ROUTE_ROOM)
		note(explain, "the room is told already");
	else
		note(explain, "left out: this cannot be done to enter and exit");
}

/* ---- one room ---- */

static void decide(struct explain *explain, const struct explain_event *event, struct way *way)
{
	const struct route_table *table = explain->bridge->rules;
	struct route_subject subject = { .event = way->draft,
					 .origin = event->origin,
					 .room = way->room->index };
	bool limited = false;

	way->rule = route_table_decide(table, &subject, &limited);
	way->steps = route_table_steps(table, way->rule, &way->step_count);
	for (size_t rule = 0; rule < way->rule; rule++) {
		fputs("  ", explain->out);
		explain_put_rule(explain, rule);
		fprintf(explain->out, " does not match: %s\n",
			route_miss_text(route_table_miss(table, rule, &subject)));
	}
	if (limited)
		fputs("  (a pattern gave up: it takes too long on this text)\n", explain->out);
	fputs("  ", explain->out);
	explain_put_rule(explain, way->rule);
	fputs(" decides\n", explain->out);
}

static void way_go(struct explain *explain, struct ways *ways, size_t at)
{
	struct way *way = &ways->list[at];

	fprintf(explain->out, "\nIn the room %s:\n", way->room->rules.name.data);
	if (is_presence(way->draft)) {
		fputs("  whatever the rules say, everybody there is told\n", explain->out);
		explain_show_ordered(explain, way->room, way->draft);
	}
	decide(explain, ways->event, way);
	way->answering = route_steps_answering(way->steps, way->step_count, ways->event->backend);
	for (; way->step < way->step_count; ways->list[at].step++, way = &ways->list[at]) {
		fprintf(explain->out, "    %zu. ", way->step + 1);
		explain_put_step(explain, &way->steps[way->step]);
		fputc('\n', explain->out);
		if (is_presence(way->draft))
			presence_take(explain, way);
		else
			step_take(explain, ways, at);
	}
	if (!way->settled)
		note(explain, "refused: it is taken nowhere but where it comes from");
}

static void event_go(struct explain *explain, struct explain_event *event)
{
	struct ways ways = { .event = event };

	/* Rules hear of it when it has happened. */
	if (is_presence(event->draft)) {
		struct envelope *ordered = explain_order(explain, event->room, event->draft);

		envelope_release(event->draft);
		event->draft = ordered;
	}
	fputs("The event: ", explain->out);
	explain_put_envelope(explain, event->draft);
	ways_add(&ways, event->room, event->draft);
	for (size_t i = 0; i < ways.count; i++)
		way_go(explain, &ways, i);
	ways_clear(&ways);
}

/* ---- the command ---- */

static bool has_event(const struct arguments *a)
{
	return a->event || a->dialect || a->room || a->kind || a->from || a->role || a->text;
}

bool explain_run(const struct conf *conf, const struct arguments *arguments, FILE *out,
		 FILE *errors)
{
	struct bridge *bridge = setup_sketch(conf, errors);
	struct explain explain = { .bridge = bridge, .conf = conf, .out = out };
	struct explain_event event;
	bool right = true;

	if (!bridge)
		return false;
	if (!has_event(arguments)) {
		explain_put_rules(&explain);
	} else {
		right = explain_event_read(bridge, arguments, &event, errors);
		if (right)
			event_go(&explain, &event);
	}
	setup_free(bridge);
	return right;
}
