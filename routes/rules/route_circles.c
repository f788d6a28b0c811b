/* Rooms that pass events on to each other in a circle, judged for each origin and kind. Whether a
 * condition on author, roles or text holds is not known here: such a rule may decide, or the next
 * may. Only a room that some rule passes on to can be on a circle. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"
#include "codecs/text/name.h"
#include "routes/rules/route_compiled.h"
#include "routes/rules/route_set.h"

#define NO_ROOM    SIZE_MAX
#define NO_RULE    SIZE_MAX
#define TEXT_MAX   640
#define SHOWN_MAX  48 /* of a room's name in a fault */
#define ROOMS_MAX  8  /* rooms named in a fault */
#define CELLS      (ROUTE_ORIGINS * ENVELOPE_KINDS)
#define ON_THE_WAY 1
#define LEFT       2

/* A room on the way, and how far its rules were followed. */
struct stop {
	size_t room;
	size_t word;   /* of the row of its rules, the next to look at */
	uint64_t rest; /* rules of the word before it */
	size_t rule, step;
	bool last; /* no rule after this one decides here */
};

struct walk {
	struct route_build *build;
	const struct route_table *table;
	const uint64_t *cell; /* rules for the origin and kind looked at */
	size_t origin, kind;
	struct stop *stops;
	size_t depth;
	unsigned char *seen; /* by room: ON_THE_WAY, LEFT */
	/* By rule: were all its targets followed, but for the one room it was followed from, if
	 * that is a target of its own? Then only that one is worth a look from other rooms. */
	bool *followed;
	size_t *skipped;
	uint16_t *reported; /* by rule: a bit for each step */
	size_t circles;     /* reported */
};

_Static_assert(ROUTE_STEPS_MAX <= 16, "steps are bits of 16");

/* ---- from room to room ---- */

/* Goes to the next rule that may decide in the room of this stop. */
static bool next_rule(const struct walk *walk, struct stop *stop)
{
	const struct route_table *table = walk->table;
	const uint64_t *class = route_class_row(table, table->room_class[stop->room]);
	const struct route_compiled *rule;

	do {
		if (stop->last)
			return false;
		while (!stop->rest) {
			if (stop->word == table->words)
				return false;
			stop->rest = walk->cell[stop->word] & class[stop->word];
			stop->word++;
		}
		stop->rule = (stop->word - 1) * ROUTE_SET_BITS + route_set_take(&stop->rest);
		rule = &table->rules[stop->rule];
	} while (rule->never || !(route_kinds_meant(rule, walk->origin) >> walk->kind & 1));
	stop->last = route_is_plain(rule);
	stop->step = 0;
	return true;
}

/* The next room that the rule at this stop passes on to; NO_ROOM: that was all. */
static size_t next_target(struct walk *walk, struct stop *stop)
{
	const struct route_compiled *rule = &walk->table->rules[stop->rule];
	bool own = false;

	if (walk->followed[stop->rule]) {
		size_t skipped = walk->skipped[stop->rule];

		return stop->step++ || skipped == stop->room ? NO_ROOM : skipped;
	}
	while (stop->step < rule->step_count) {
		const struct route_step *step = &rule->steps[stop->step++];

		if (step->action == ROUTE_ROOM && step->target != ROUTE_OWN_ROOM &&
		    step->target != stop->room)
			return step->target;
	}
	for (size_t i = 0; i < rule->step_count; i++)
		own = own ||
		      (rule->steps[i].action == ROUTE_ROOM && rule->steps[i].target == stop->room);
	walk->followed[stop->rule] = true;
	walk->skipped[stop->rule] = own ? stop->room : NO_ROOM;
	return NO_ROOM;
}

static bool next_room(struct walk *walk, struct stop *stop, size_t *room)
{
	for (;;) {
		*room = stop->rule == NO_RULE ? NO_ROOM : next_target(walk, stop);
		if (*room != NO_ROOM)
			return true;
		if (!next_rule(walk, stop))
			return false;
	}
}

/* ---- reporting ---- */

static size_t path_add(char *path, size_t len, const char *between, const char *word)
{
	int written = snprintf(path + len, TEXT_MAX - len, "%s%s", between, word);

	return len + (size_t)written < TEXT_MAX ? len + (size_t)written : TEXT_MAX - 1;
}

/* The rooms on the way, from the one that the circle comes back to. */
static void path_write(const struct walk *walk, size_t first, char path[TEXT_MAX])
{
	size_t len = 0, count = walk->depth - first;
	char shown[SHOWN_MAX];

	for (size_t i = 0; i < count; i++) {
		size_t room = walk->stops[first + i].room;

		if (i >= ROOMS_MAX && i + 1 < count)
			continue;
		len = path_add(path, len,
			       !i              ? "\""
			       : i > ROOMS_MAX ? " ... \""
					       : " to \"",
			       text_escape(walk->build->rooms[room], shown, sizeof(shown)));
		len = path_add(path, len, "\"", "");
	}
	len = path_add(
	    path, len, " to \"",
	    text_escape(walk->build->rooms[walk->stops[first].room], shown, sizeof(shown)));
	(void)path_add(path, len, "\"", "");
}

/* The last stop passes on to target, which is on the way already. */
static void report_circle(struct walk *walk, size_t target)
{
	const struct stop *stop = &walk->stops[walk->depth - 1];
	const struct route_compiled *rule = &walk->table->rules[stop->rule];
	size_t first = 0, step = 0;
	char path[TEXT_MAX];

	while (walk->stops[first].room != target)
		first++;
	while (rule->steps[step].action != ROUTE_ROOM || rule->steps[step].target != target)
		step++;
	if (walk->reported[stop->rule] >> step & 1)
		return;
	walk->reported[stop->rule] |= (uint16_t)(1U << step);
	walk->circles++;
	path_write(walk, first, path);
	route_fault(walk->build, stop->rule, step,
		    "loop: rooms pass events on in a circle: %s (%s from %s)", path,
		    envelope_kind_name((enum envelope_kind)walk->kind),
		    route_origin_name(walk->origin));
}

/* ---- walking ---- */

static void arrive(struct walk *walk, size_t room)
{
	walk->stops[walk->depth++] = (struct stop){ .room = room, .rule = NO_RULE };
	walk->seen[room] = ON_THE_WAY;
}

static void walk_from(struct walk *walk, size_t start)
{
	walk->depth = 0;
	arrive(walk, start);
	while (walk->depth && walk->circles < ROUTE_CIRCLES_MAX) {
		struct stop *stop = &walk->stops[walk->depth - 1];
		size_t room;

		if (!next_room(walk, stop, &room)) {
			walk->seen[stop->room] = LEFT;
			walk->depth--;
		} else if (walk->seen[room] == ON_THE_WAY) {
			report_circle(walk, room);
		} else if (!walk->seen[room]) {
			arrive(walk, room);
		}
	}
}

/* Every room that a rule passes on to, for the origin and kind of walk. */
static void walk_targets(struct walk *walk)
{
	const struct route_table *table = walk->table;

	memset(walk->seen, 0, table->room_count);
	memset(walk->followed, 0, table->count * sizeof(*walk->followed));
	for (size_t i = 0; i < table->count; i++) {
		for (size_t j = 0; j < table->rules[i].step_count; j++) {
			const struct route_step *step = &table->rules[i].steps[j];

			if (step->action == ROUTE_ROOM && step->target != ROUTE_OWN_ROOM &&
			    !walk->seen[step->target])
				walk_from(walk, step->target);
		}
	}
}

/* Comings and goings are never passed on. */
static bool is_passed_on(size_t origin, size_t kind)
{
	return kind != KIND_ENTER && kind != KIND_EXIT && route_kinds_from(origin) >> kind & 1;
}

static void walk_cells(struct walk *walk)
{
	const struct route_table *table = walk->table;
	size_t bytes = table->words * sizeof(*table->cell_rows);
	size_t walked[CELLS], count = 0;

	for (size_t cell = 0; cell < CELLS && walk->circles < ROUTE_CIRCLES_MAX; cell++) {
		size_t same = 0;

		walk->origin = cell / ENVELOPE_KINDS;
		walk->kind = cell % ENVELOPE_KINDS;
		walk->cell = table->cell_rows + cell * table->words;
		if (!is_passed_on(walk->origin, walk->kind))
			continue;
		/* The same rules make the same circles. */
		while (same < count &&
		       ((route_kinds_with_text() >> walk->kind ^
			 route_kinds_with_text() >> walked[same] % ENVELOPE_KINDS) &
			    1 ||
			memcmp(walk->cell, table->cell_rows + walked[same] * table->words, bytes)))
			same++;
		if (same < count)
			continue;
		walked[count++] = cell;
		walk_targets(walk);
	}
}

void route_check_circles(struct route_build *build)
{
	const struct route_table *table = build->table;
	struct walk walk = { .build = build, .table = table };

	for (size_t i = 0; i < table->count; i++)
		if (table->rules[i].unsound)
			return;
	if (!table->count || (build->report && build->report->partial))
		return;
	walk.stops = memory_zeroed(table->room_count, sizeof(*walk.stops));
	walk.seen = memory_zeroed(table->room_count, sizeof(*walk.seen));
	walk.followed = memory_zeroed(table->count, sizeof(*walk.followed));
	walk.skipped = memory_zeroed(table->count, sizeof(*walk.skipped));
	walk.reported = memory_zeroed(table->count, sizeof(*walk.reported));
	walk_cells(&walk);
	free(walk.stops);
	free(walk.seen);
	free(walk.followed);
	free(walk.skipped);
	free(walk.reported);
}
