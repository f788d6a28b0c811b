#include "bridge/command/explain/explain.h"

#include <stdlib.h>

#include "bridge/command/explain/event.h"
#include "bridge/command/explain/show.h"
#include "bridge/command/explain/words.h"
#include "bridge/routing/enrich.h"
#include "bridge/setup.h"
#include "codecs/text/json_write.h"
#include "codecs/text/memory.h"
#include "routes/rules/run.h"

/* The event in one room; bridge/routing carries the same run out in earnest. */
struct way {
	struct envelope *draft; /* owned */
	struct room_entry *room;
	struct run run;
};

/* All of them: the first room, and those it is passed on to. */
struct ways {
	const struct explain_event *event;
	struct way *list; /* those from next on own their drafts */
	size_t count, next;
};

static void ways_add(struct ways *ways, struct room_entry *room, struct envelope *draft)
{
	ways->list = memory_resize(ways->list, (ways->count + 1) * sizeof(*ways->list));
	ways->list[ways->count++] = (struct way){ .draft = draft, .room = room };
}

static bool is_presence(const struct envelope *event)
{
	return event->kind == KIND_ENTER || event->kind == KIND_EXIT;
}

static void note(const struct explain *explain, const char *text)
{
	fprintf(explain->out, "       %s\n", text);
}

/* ---- destinations ---- */

/* Away from where it was said, only messages of those who are no members are taken. */
static bool needs_membership(const struct ways *ways, const struct envelope *event)
{
	return event->origin.hops > 0 && ways->event->origin != ROUTE_FROM_BACKEND &&
	       (event->kind != KIND_MESSAGE || event->flags & FLAG_PRIVATE);
}

static void pass_on(struct explain *explain, struct ways *ways, const struct way *way)
{
	struct room_entry *room =
	    room_table_find(explain->bridge->rooms, run_step(&way->run)->text);

	fprintf(explain->out, "       passed on: see \"In the room %s\", below\n",
		room->rules.name.data);
	ways_add(ways, room, run_pass_on(way->draft, room->rules.name));
}

static void copy(struct explain *explain, const struct way *way, const struct run *run,
		 const struct envelope *event)
{
	const struct route_step *step = run_step(run);

	if (step->action == ROUTE_BACKEND || step->to_backend)
		explain_show_message(explain, run->rule, step, event);
	else
		explain_show_feed(explain, way->room, event);
}

/* What is acknowledged to the speaker gets an id first. */
static void deliver_backend(struct explain *explain, const struct way *way)
{
	if (way->run.answers && !way->draft->id)
		way->draft->id = id_next(&explain->clock, EXPLAIN_TIME_MS, 0);
	copy(explain, way, &way->run, way->draft);
}

static void say_there(struct explain *explain, const struct way *way)
{
	if (way->run.answers && !way->draft->id)
		way->draft->id = id_next(&explain->clock, EXPLAIN_TIME_MS, 0);
	explain_show_upstream(explain, way->draft);
}

/* ---- steps ---- */

static void ask(struct explain *explain, struct way *way)
{
	explain_show_message(explain, way->run.rule, run_step(&way->run), way->draft);
	note(explain, "the steps below assume that it is allowed unchanged");
	run_answered(&way->run, REASON_NONE, (struct slice){ NULL, 0 });
}

static void rewrite(struct explain *explain, struct way *way)
{
	const struct route_step *step = run_step(&way->run);
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

static void skip(const struct explain *explain, const struct run *run)
{
	static const char *const notes[] = {
		[RUN_SKIP_SPEAKER] = "skipped: that backend sent it",
		[RUN_SKIP_TOLD] = "the room is told already",
		[RUN_SKIP_PRESENCE] = "skipped: this cannot be done to enter and exit",
	};

	if (run->skipped == RUN_SKIP_SPEAKER && run_step(run)->action == ROUTE_UPSTREAM)
		note(explain, "skipped: it came by that upstream");
	else
		note(explain, notes[run->skipped]);
}

static void refuse(const struct explain *explain, const struct route_step *step)
{
	if (!step)
		note(explain, "refused: it would only return to where it comes from");
	else if (step->action == ROUTE_ROOM)
		note(explain, "refused: rules passed it on too often");
}

static void put_numbered(const struct explain *explain, const struct run *run)
{
	if (!run_step(run))
		return;
	fprintf(explain->out, "    %zu. ", run->at + 1);
	explain_put_step(explain, run_step(run));
	fputc('\n', explain->out);
}

/* ---- one room ---- */

static void order(struct explain *explain, const struct ways *ways, const struct way *way)
{
	const struct run *run = &way->run;
	struct envelope *ordered;
	enum run_result result;
	struct run behind;

	if (needs_membership(ways, way->draft))
		note(explain, "(refused when the author is not in this room, too)");
	ordered = explain_order(explain, way->room, way->draft);
	explain_show_room(explain, way->room, ordered);
	if (run->follows) {
		run_begin_behind(&behind, run->start.table, run->start.speaker, run->start.upstream,
				 run->rule, run->follows);
		while ((result = run_next(&behind, ordered)) != RUN_DONE) {
			put_numbered(explain, &behind);
			if (result == RUN_SKIP)
				skip(explain, &behind);
			else if (result == RUN_UPSTREAM)
				explain_show_upstream(explain, ordered);
			else
				copy(explain, way, &behind, ordered);
		}
	}
	envelope_release(ordered);
}

static void show(struct explain *explain, struct ways *ways, struct way *way,
		 enum run_result result)
{
	put_numbered(explain, &way->run);
	switch (result) {
	case RUN_ASK: ask(explain, way); break;
	case RUN_COPY: copy(explain, way, &way->run, way->draft); break;
	case RUN_REWRITE: rewrite(explain, way); break;
	case RUN_ORDER: order(explain, ways, way); break;
	case RUN_PASS_ON: pass_on(explain, ways, way); break;
	case RUN_BACKEND: deliver_backend(explain, way); break;
	case RUN_REFUSE: refuse(explain, run_step(&way->run)); break;
	case RUN_UPSTREAM: say_there(explain, way); break;
	case RUN_SKIP: skip(explain, &way->run); break;
	case RUN_WAIT:
	case RUN_DROP:
	case RUN_DONE: break;
	}
}

static void decide(struct explain *explain, const struct ways *ways, struct way *way)
{
	const struct route_table *table = explain->bridge->rules;
	struct run_start start = { .table = table,
				   .origin = ways->event->origin,
				   .speaker = ways->event->backend,
				   .upstream = ways->event->upstream,
				   .room = way->room->index };
	struct route_subject subject = { .event = way->draft,
					 .origin = start.origin,
					 .upstream = start.upstream,
					 .room = start.room };

	run_begin(&way->run, &start);
	run_decide(&way->run, way->draft);
	for (size_t rule = 0; rule < way->run.rule; rule++) {
		fputs("  ", explain->out);
		explain_put_rule(explain, rule);
		fprintf(explain->out, " does not match: %s\n",
			route_miss_text(route_table_miss(table, rule, &subject)));
	}
	if (way->run.limited)
		fputs("  (pattern limit: matching takes too long on this text)\n", explain->out);
	fputs("  ", explain->out);
	explain_put_rule(explain, way->run.rule);
	fputs(" decides\n", explain->out);
}

static void way_go(struct explain *explain, struct ways *ways)
{
	struct way way = ways->list[ways->next++];
	enum run_result result;

	fprintf(explain->out, "\nIn the room %s:\n", way.room->rules.name.data);
	if (is_presence(way.draft)) {
		fputs("  whatever the rules say, all members there are told\n", explain->out);
		explain_show_ordered(explain, way.room, way.draft);
	}
	decide(explain, ways, &way);
	while ((result = run_next(&way.run, way.draft)) != RUN_DONE)
		show(explain, ways, &way, result);
	envelope_release(way.draft);
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
	while (ways.next < ways.count)
		way_go(explain, &ways);
	free(ways.list);
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
