#include "bridge/command/tried/tried.h"

#include <stdlib.h>

#include "bridge/command/tried/event.h"
#include "bridge/command/tried/show.h"
#include "bridge/command/tried/words.h"
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
	const struct tried_event *event;
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

static void note(const struct tried *tried, const char *text)
{
	fprintf(tried->out, "       %s\n", text);
}

/* ---- destinations ---- */

/* Away from where it was said, only messages of those who are no members are taken. */
static bool needs_membership(const struct ways *ways, const struct envelope *event)
{
	return event->origin.hops > 0 && ways->event->origin != ROUTE_FROM_BACKEND &&
	       (event->kind != KIND_MESSAGE || event->flags & FLAG_PRIVATE);
}

static void pass_on(struct tried *tried, struct ways *ways, const struct way *way)
{
	struct room_entry *room = room_table_find(tried->bridge->rooms, run_step(&way->run)->text);

	fprintf(tried->out, "       passed on: see \"In the room %s\", below\n",
		room->rules.name.data);
	ways_add(ways, room, run_pass_on(way->draft, room->rules.name));
}

static void copy(struct tried *tried, const struct way *way, const struct run *run,
		 const struct envelope *event)
{
	const struct route_step *step = run_step(run);

	if (step->action == ROUTE_BACKEND || step->to_backend)
		tried_show_message(tried, run->rule, step, event);
	else
		tried_show_feed(tried, way->room, event);
}

/* What is acknowledged to the speaker gets an id first. */
static void deliver_backend(struct tried *tried, const struct way *way)
{
	if (way->run.answers && !way->draft->id)
		way->draft->id = id_next(&tried->clock, TRIED_TIME_MS, 0);
	copy(tried, way, &way->run, way->draft);
}

static void say_there(struct tried *tried, const struct way *way)
{
	if (way->run.answers && !way->draft->id)
		way->draft->id = id_next(&tried->clock, TRIED_TIME_MS, 0);
	tried_show_upstream(tried, way->draft);
}

/* ---- steps ---- */

static void ask(struct tried *tried, struct way *way)
{
	tried_show_message(tried, way->run.rule, run_step(&way->run), way->draft);
	note(tried, "the steps below assume that it is allowed unchanged");
	run_answered(&way->run, REASON_NONE, (struct slice){ NULL, 0 });
}

static void rewrite(struct tried *tried, struct way *way)
{
	const struct route_step *step = run_step(&way->run);
	bool name = step->rewrite == REWRITE_NAME;
	struct envelope *before = way->draft;

	way->draft = enrich_rewrite(tried->bridge, before, step);
	if (way->draft == before) {
		note(tried, "nothing to change there");
		return;
	}
	fputs(name ? "       the author is now " : "       the text is now ", tried->out);
	tried_put_text(tried->out, name ? way->draft->author.name : way->draft->text);
	fputc('\n', tried->out);
}

static void skip(const struct tried *tried, const struct run *run)
{
	static const char *const notes[] = {
		[RUN_SKIP_SPEAKER] = "skipped: that backend sent it",
		[RUN_SKIP_TOLD] = "the room is told already",
		[RUN_SKIP_PRESENCE] = "skipped: this cannot be done to enter and exit",
	};

	if (run->skipped == RUN_SKIP_SPEAKER && run_step(run)->action == ROUTE_UPSTREAM)
		note(tried, "skipped: it came by that upstream");
	else
		note(tried, notes[run->skipped]);
}

static void refuse(const struct tried *tried, const struct route_step *step)
{
	if (!step)
		note(tried, "refused: it would only return to where it comes from");
	else if (step->action == ROUTE_ROOM)
		note(tried, "refused: rules passed it on too often");
}

static void put_numbered(const struct tried *tried, const struct run *run)
{
	if (!run_step(run))
		return;
	fprintf(tried->out, "    %zu. ", run->at + 1);
	tried_put_step(tried, run_step(run));
	fputc('\n', tried->out);
}

/* ---- one room ---- */

static void order(struct tried *tried, const struct ways *ways, const struct way *way)
{
	const struct run *run = &way->run;
	struct envelope *ordered;
	enum run_result result;
	struct run behind;

	if (needs_membership(ways, way->draft))
		note(tried, "(refused when the author is not in this room, too)");
	ordered = tried_order(tried, way->room, way->draft);
	ladder_apply(route_table_ladder(run->start.table, run->rule), ordered);
	tried_show_room(tried, way->room, ordered);
	if (run->follows) {
		run_begin_behind(&behind, run->start.table, run->start.speaker, run->start.upstream,
				 run->rule, run->follows);
		while ((result = run_next(&behind, ordered)) != RUN_DONE) {
			put_numbered(tried, &behind);
			if (result == RUN_SKIP)
				skip(tried, &behind);
			else if (result == RUN_UPSTREAM)
				tried_show_upstream(tried, ordered);
			else
				copy(tried, way, &behind, ordered);
		}
	}
	envelope_release(ordered);
}

static void show(struct tried *tried, struct ways *ways, struct way *way, enum run_result result)
{
	put_numbered(tried, &way->run);
	switch (result) {
	case RUN_ASK: ask(tried, way); break;
	case RUN_COPY: copy(tried, way, &way->run, way->draft); break;
	case RUN_REWRITE: rewrite(tried, way); break;
	case RUN_ORDER: order(tried, ways, way); break;
	case RUN_PASS_ON: pass_on(tried, ways, way); break;
	case RUN_BACKEND: deliver_backend(tried, way); break;
	case RUN_REFUSE: refuse(tried, run_step(&way->run)); break;
	case RUN_UPSTREAM: say_there(tried, way); break;
	case RUN_SKIP: skip(tried, &way->run); break;
	case RUN_WAIT:
	case RUN_DROP:
	case RUN_DONE: break;
	}
}

static void decide(struct tried *tried, const struct ways *ways, struct way *way)
{
	const struct route_table *table = tried->bridge->rules;
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
		fputs("  ", tried->out);
		tried_put_rule(tried, rule);
		fprintf(tried->out, " does not match: %s\n",
			route_miss_text(route_table_miss(table, rule, &subject)));
	}
	if (way->run.limited)
		fputs("  (pattern limit: matching takes too long on this text)\n", tried->out);
	fputs("  ", tried->out);
	tried_put_rule(tried, way->run.rule);
	fputs(" decides\n", tried->out);
}

static void way_go(struct tried *tried, struct ways *ways)
{
	struct way way = ways->list[ways->next++];
	enum run_result result;

	fprintf(tried->out, "\nIn the room %s:\n", way.room->rules.name.data);
	if (is_presence(way.draft)) {
		fputs("  whatever the rules say, all members there are told\n", tried->out);
		tried_show_ordered(tried, way.room, way.draft);
	}
	decide(tried, ways, &way);
	while ((result = run_next(&way.run, way.draft)) != RUN_DONE)
		show(tried, ways, &way, result);
	envelope_release(way.draft);
}

static void event_go(struct tried *tried, struct tried_event *event)
{
	struct ways ways = { .event = event };

	/* Rules hear of it when it has happened. */
	if (is_presence(event->draft)) {
		struct envelope *ordered = tried_order(tried, event->room, event->draft);

		envelope_release(event->draft);
		event->draft = ordered;
	}
	fputs("The event: ", tried->out);
	tried_put_envelope(tried, event->draft);
	ways_add(&ways, event->room, event->draft);
	while (ways.next < ways.count)
		way_go(tried, &ways);
	free(ways.list);
}

/* ---- the command ---- */

static bool has_event(const struct arguments *a)
{
	return a->event || a->dialect || a->room || a->kind || a->from || a->role || a->text;
}

bool tried_run(const struct conf *conf, const struct arguments *arguments, FILE *out, FILE *errors)
{
	struct bridge *bridge = setup_sketch(conf, errors);
	struct tried tried = { .bridge = bridge, .conf = conf, .out = out };
	struct tried_event event;
	bool right = true;

	if (!bridge)
		return false;
	if (!has_event(arguments)) {
		tried_put_rules(&tried);
	} else {
		right = tried_event_read(bridge, arguments, &event, errors);
		if (right)
			event_go(&tried, &event);
	}
	setup_free(bridge);
	return right;
}
