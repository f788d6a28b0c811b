#include "bridge/rules.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/core/room_table.h"
#include "bridge/core/shows/shows.h"
#include "codecs/text/memory.h"
#include "conf/conf.h"

#define NAME_BYTES 128

struct maker {
	struct route_report report;
	const struct conf *conf;
	const struct room_table *table; /* NULL: rooms are those of conf, in its order */
	FILE *errors;                   /* or: */
	struct conf_judge *judge;       /* NULL: to errors */
	size_t *routes;                 /* where the rules stand in conf */
	struct route_rule *rules;
	struct route_step *steps; /* of all rules, one after the other */
	size_t rule_count, step_count;
	struct slice *rooms; /* in the order of the table */
	size_t room_count;
	size_t *places;      /* by index of the room: where it is in that order */
	size_t *numbers;     /* the other way round */
	struct slice *texts; /* the lists of all rules */
	size_t text_count;
	char (*names)[NAME_BYTES];
	struct ladder *ladders; /* by route */
};

static void fault(struct route_report *report, size_t rule, size_t step, const char *text)
{
	struct maker *maker = (struct maker *)report;
	const struct conf_route *route = &maker->conf->routes[maker->routes[rule]];
	const struct conf_place *place =
	    step < route->then_count ? &route->then[step].place : &route->place;

	if (maker->judge)
		maker->judge->fault(maker->judge, place, text);
	else
		fprintf(maker->errors, "%s:%u: error: %s\n",
			place->file ? place->file : "configuration", place->line, text);
}

/* ---- names to places; conf has checked that they exist ---- */

static size_t backend_named(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->backend_count; i++)
		if (strcmp(conf->backends[i].name, name) == 0)
			return i;
	return SIZE_MAX;
}

static size_t tap_named(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->tap_count; i++)
		if (strcmp(conf->taps[i].name, name) == 0)
			return i;
	return SIZE_MAX;
}

static size_t upstream_named(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->upstream_count; i++)
		if (strcmp(conf->upstreams[i].name, name) == 0)
			return i;
	return SIZE_MAX;
}

static size_t room_named(const struct maker *maker, const char *name)
{
	const struct room_entry *room;

	for (size_t i = 0; !maker->table && i < maker->room_count; i++)
		if (slice_is(maker->rooms[i], name))
			return i;
	room = maker->table ? room_table_find(maker->table, slice_of(name)) : NULL;
	return room ? maker->places[room->index] : ROUTE_OWN_ROOM; /* "{room}" */
}

/* ---- one step ---- */

static void tap_step(const struct conf *conf, const char *name, struct route_step *step)
{
	step->action = ROUTE_TAP;
	step->target = tap_named(conf, name);
	step->to_backend = step->target == SIZE_MAX;
	if (step->to_backend)
		step->target = backend_named(conf, name);
}

static struct route_step step_of(const struct maker *maker, const struct conf_step *from)
{
	const struct conf *conf = maker->conf;
	struct route_step step = { .deadline_ms = (uint32_t)from->deadline_ms };

	if (*from->ask) {
		step.action = ROUTE_ASK;
		step.target = backend_named(conf, from->ask);
		step.pass_on_timeout = strcmp(from->on_timeout, "pass") == 0;
	} else if (*from->backend) {
		step.action = ROUTE_BACKEND;
		step.target = backend_named(conf, from->backend);
	} else if (*from->upstream) {
		step.action = ROUTE_UPSTREAM;
		step.target = upstream_named(conf, from->upstream);
	} else if (*from->tap) {
		tap_step(conf, from->tap, &step);
	} else if (*from->room) {
		step.action = ROUTE_ROOM;
		step.target = room_named(maker, from->room);
	} else if (*from->rewrite) {
		step.action = ROUTE_REWRITE;
		step.rewrite = strcmp(from->rewrite, "name") == 0 ? REWRITE_NAME : REWRITE_TEXT;
		step.text = slice_of(from->to);
	} else if (from->drop) {
		step.action = ROUTE_DROP;
	} else {
		step.action = ROUTE_REFUSE;
		step.text = slice_of(from->refuse);
	}
	return step;
}

/* ---- one rule ---- */

static const struct slice *texts_of(struct maker *maker, const struct conf_list *list)
{
	struct slice *texts = maker->texts + maker->text_count;

	for (size_t i = 0; i < list->count; i++)
		texts[i] = slice_of(list->items[i]);
	maker->text_count += list->count;
	return texts;
}

static size_t origin_of(struct slice word)
{
	if (slice_is(word, "upstream"))
		return ROUTE_FROM_UPSTREAM;
	return slice_is(word, "backend") ? ROUTE_FROM_BACKEND : registry_find(word);
}

static uint32_t origins_of(const struct conf_list *list)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < list->count; i++)
		bits |= UINT32_C(1) << origin_of(slice_of(list->items[i]));
	return bits;
}

_Static_assert(CONF_UPSTREAMS_MAX <= ROUTE_UPSTREAMS_MAX, "every upstream has its bit");

static uint64_t upstreams_of(const struct conf *conf, const struct conf_list *list)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < list->count; i++)
		bits |= UINT64_C(1) << upstream_named(conf, list->items[i]);
	return bits;
}

static uint32_t kinds_of(const struct conf_list *list)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < list->count; i++)
		bits |= UINT32_C(1) << envelope_kind_find(slice_of(list->items[i]));
	return bits;
}

static uint32_t roles_of(const struct conf_list *list)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < list->count; i++)
		bits |= person_role_find(slice_of(list->items[i]));
	return bits;
}

/* The next rule. */
static void rule_make(struct maker *maker, size_t index)
{
	const struct conf_route *from = &maker->conf->routes[index];
	struct route_rule *rule = &maker->rules[maker->rule_count];
	struct route_step *steps = maker->steps + maker->step_count;

	if (*from->name)
		snprintf(maker->names[index], NAME_BYTES, "%s", from->name);
	else
		snprintf(maker->names[index], NAME_BYTES, "route %zu", index + 1);
	maker->routes[maker->rule_count++] = index;
	maker->step_count += from->then_count;
	rule->name = slice_of(maker->names[index]);
	rule->origins = origins_of(&from->dialect);
	rule->upstreams = upstreams_of(maker->conf, &from->upstream);
	rule->rooms = texts_of(maker, &from->room);
	rule->room_count = from->room.count;
	rule->kinds = kinds_of(&from->kind);
	rule->authors = texts_of(maker, &from->author);
	rule->author_count = from->author.count;
	rule->roles = roles_of(&from->role);
	rule->pattern = *from->text ? slice_of(from->text) : (struct slice){ NULL, 0 };
	rule->steps = steps;
	rule->step_count = from->then_count;
	if (from->show_count || from->mass_mentions) {
		shows_ladder(from, &maker->ladders[index]);
		rule->ladder = &maker->ladders[index];
	}
	for (size_t i = 0; i < from->then_count; i++)
		steps[i] = step_of(maker, &from->then[i]);
}

/* The table's order, in which faults name rooms, and indices, by which they are known later. */
static void maker_list_rooms(struct maker *maker)
{
	size_t count = room_table_count(maker->table), highest = 0;

	maker->rooms = memory_zeroed(count, sizeof(*maker->rooms));
	maker->numbers = memory_zeroed(count, sizeof(*maker->numbers));
	for (size_t i = 0; i < count; i++) {
		const struct room_entry *room = room_table_at(maker->table, i);

		maker->rooms[i] = room->rules.name;
		maker->numbers[i] = room->index;
		highest = room->index > highest ? room->index : highest;
	}
	maker->room_count = count;
	maker->places = memory_zeroed(highest + 1, sizeof(*maker->places));
	for (size_t i = 0; i < count; i++)
		maker->places[maker->numbers[i]] = i;
}

static void maker_name_rooms(struct maker *maker)
{
	maker->room_count = maker->conf->room_count;
	maker->rooms = memory_zeroed(maker->room_count, sizeof(*maker->rooms));
	for (size_t i = 0; i < maker->room_count; i++)
		maker->rooms[i] = slice_of(maker->conf->rooms[i].name);
}

static void maker_open(struct maker *maker, const struct conf *conf, const struct room_table *table,
		       FILE *errors)
{
	size_t steps = 0, texts = 0;

	for (size_t i = 0; i < conf->route_count; i++) {
		steps += conf->routes[i].then_count;
		texts += conf->routes[i].room.count + conf->routes[i].author.count;
	}
	*maker = (struct maker){
		.report = { fault, false }, .conf = conf, .table = table, .errors = errors
	};
	maker->routes = memory_zeroed(conf->route_count, sizeof(*maker->routes));
	maker->rules = memory_zeroed(conf->route_count, sizeof(*maker->rules));
	maker->steps = memory_zeroed(steps, sizeof(*maker->steps));
	maker->texts = memory_zeroed(texts, sizeof(*maker->texts));
	maker->names = memory_zeroed(conf->route_count, sizeof(*maker->names));
	maker->ladders = memory_zeroed(conf->route_count, sizeof(*maker->ladders));
	if (table)
		maker_list_rooms(maker);
	else
		maker_name_rooms(maker);
}

static void maker_close(struct maker *maker)
{
	free(maker->routes);
	free(maker->rules);
	free(maker->steps);
	free(maker->texts);
	free(maker->rooms);
	free(maker->places);
	free(maker->numbers);
	free(maker->names);
	free(maker->ladders);
}

static struct route_table *table_make(struct maker *maker)
{
	return route_table_new(maker->rules, maker->rule_count, maker->rooms, maker->room_count,
			       &maker->report);
}

const struct route_table *rules_make(const struct conf *conf, const struct room_table *rooms,
				     FILE *errors)
{
	struct route_table *table;
	struct maker maker;

	maker_open(&maker, conf, rooms, errors);
	for (size_t i = 0; i < conf->route_count; i++)
		rule_make(&maker, i);
	table = table_make(&maker);
	if (table)
		route_table_number(table, maker.numbers);
	maker_close(&maker);
	return table;
}

/* A rule that has the pattern of a route and nothing else, alone in a table. */
static void pattern_check(const struct conf *conf, size_t index, struct conf_judge *judge)
{
	static const struct route_step drop = { .action = ROUTE_DROP };
	const char *text = conf->routes[index].text;
	struct route_rule rule = { .name = SLICE("a pattern"),
				   .pattern = slice_of(text),
				   .steps = &drop,
				   .step_count = 1 };
	struct maker maker = { .report = { fault, true }, .conf = conf, .judge = judge };

	if (!*text)
		return;
	maker.routes = &index;
	route_table_release(route_table_new(&rule, 1, NULL, 0, &maker.report));
}

void rules_check(const struct conf *conf, const bool *sound, bool names_known,
		 struct conf_judge *judge)
{
	struct maker maker;

	maker_open(&maker, conf, NULL, NULL);
	maker.judge = judge;
	for (size_t i = 0; i < conf->route_count; i++)
		if (sound[i] && names_known)
			rule_make(&maker, i);
		else
			pattern_check(conf, i, judge);
	maker.report.partial = maker.rule_count < conf->route_count;
	route_table_release(table_make(&maker));
	maker_close(&maker);
}
