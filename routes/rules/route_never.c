/* Which rules can never decide. What a rule can decide about is a set of rooms, each with the
 * same kinds from each origin; earlier rules take from it, those without other conditions in any
 * case, and those with others when this rule's own say no less. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"
#include "codecs/text/name.h"
#include "routes/rules/route_compiled.h"
#include "routes/rules/route_set.h"

#define LIST_MAX  256
#define NAMED_MAX 3 /* rules named in a fault */

/* Kinds by origin. */
struct kinds {
	uint32_t from[ROUTE_ORIGINS];
};

struct analysis {
	struct route_build *build;
	struct route_table *table;
	struct kinds *meant;   /* by rule */
	struct kinds *decided; /* by class: what plain rules looked at so far decide */
	/* What earlier rules leave of the one looked at: classes, kinds in each, and in any. */
	uint32_t *classes;
	struct kinds *left;
	size_t class_count;
	struct kinds rest;
};

/* ---- kinds by origin ---- */

static bool kinds_empty(const struct kinds *kinds)
{
	uint32_t all = 0;

	for (size_t origin = 0; origin < ROUTE_ORIGINS; origin++)
		all |= kinds->from[origin];
	return !all;
}

/* Returns whether anything was taken. */
static bool kinds_take(struct kinds *kinds, const struct kinds *away)
{
	uint32_t taken = 0;

	for (size_t origin = 0; origin < ROUTE_ORIGINS; origin++) {
		taken |= kinds->from[origin] & away->from[origin];
		kinds->from[origin] &= ~away->from[origin];
	}
	return taken;
}

static void kinds_add(struct kinds *kinds, const struct kinds *more)
{
	for (size_t origin = 0; origin < ROUTE_ORIGINS; origin++)
		kinds->from[origin] |= more->from[origin];
}

static bool kinds_within(const struct kinds *inner, const struct kinds *outer)
{
	struct kinds rest = *inner;

	(void)kinds_take(&rest, outer);
	return kinds_empty(&rest);
}

/* ---- conditions on upstream, author, roles and text ---- */

static bool names_within(const struct route_compiled *inner, const struct route_compiled *outer)
{
	for (size_t i = 0; i < inner->name_count; i++)
		if (!outer->name_count ||
		    !bsearch(&inner->names[i], outer->names, outer->name_count,
			     sizeof(*outer->names), route_name_order))
			return false;
	for (size_t i = 0; i < inner->number_count; i++)
		if (!outer->number_count ||
		    !bsearch(&inner->numbers[i], outer->numbers, outer->number_count,
			     sizeof(*outer->numbers), route_number_order))
			return false;
	return true;
}

/* Whenever these conditions of inner hold, do those of outer? */
static bool rest_within(const struct route_compiled *inner, const struct route_compiled *outer)
{
	bool authors = inner->name_count || inner->number_count;

	if (outer->upstreams && (!inner->upstreams || inner->upstreams & ~outer->upstreams))
		return false;
	if (outer->pattern && !slice_equal(outer->pattern_text, inner->pattern_text))
		return false;
	if (outer->roles && (!inner->roles || inner->roles & ~outer->roles))
		return false;
	if (outer->name_count || outer->number_count)
		return authors && names_within(inner, outer);
	return true;
}

/* Can what the earlier rule matches be taken from the later one? */
static bool takes_from(const struct route_table *table, size_t earlier, size_t later)
{
	const struct route_compiled *rule = &table->rules[earlier];

	return !rule->unsound && !rule->never && rest_within(&table->rules[later], rule);
}

/* ---- taking ---- */

/* Begins with all that a rule matches, or with what plain rules leave of it. */
static void begin_rule(struct analysis *analysis, size_t index, bool after_plain)
{
	struct kinds left;

	analysis->class_count = 0;
	analysis->rest = analysis->meant[index];
	for (size_t i = 0; i < analysis->table->class_count; i++) {
		if (!route_set_has(route_class_row(analysis->table, i), index))
			continue;
		left = analysis->meant[index];
		if (after_plain)
			(void)kinds_take(&left, &analysis->decided[i]);
		if (kinds_empty(&left))
			continue;
		analysis->left[analysis->class_count] = left;
		analysis->classes[analysis->class_count++] = (uint32_t)i;
	}
}

/* Takes what the earlier rule matches. Returns whether that was anything. */
static bool take_rule(struct analysis *analysis, size_t earlier)
{
	const struct kinds *meant = &analysis->meant[earlier];
	struct kinds rest = analysis->rest;
	size_t kept = 0;
	bool taken = false;

	if (!kinds_take(&rest, meant))
		return false;
	rest = (struct kinds){ .from = { 0 } };
	for (size_t i = 0; i < analysis->class_count; i++) {
		uint32_t class = analysis->classes[i];
		struct kinds left = analysis->left[i];

		if (route_set_has(route_class_row(analysis->table, class), earlier) &&
		    kinds_take(&left, meant))
			taken = true;
		if (kinds_empty(&left))
			continue;
		kinds_add(&rest, &left);
		analysis->left[kept] = left;
		analysis->classes[kept++] = class;
	}
	analysis->class_count = kept;
	analysis->rest = rest;
	return taken;
}

/* ---- saying why ---- */

struct list {
	char text[LIST_MAX];
	size_t len, count;
};

/* Adds a word: "a", "a, b", and at last "a, b or c". */
static void list_add(struct list *list, const char *word, bool last, const char *conjunction)
{
	const char *between = !list->count++ ? "" : last ? conjunction : ", ";

	list->len += (size_t)snprintf(list->text + list->len, sizeof(list->text) - list->len,
				      "%s%s", between, word);
	if (list->len >= sizeof(list->text))
		list->len = sizeof(list->text) - 1;
}

static void list_origins(struct list *list, uint32_t origins)
{
	for (size_t i = 0; i < ROUTE_ORIGINS; i++)
		if (origins >> i & 1)
			list_add(list, route_origin_name(i), !(origins >> i >> 1), " or ");
}

static void list_kinds(struct list *list, uint32_t kinds)
{
	for (enum envelope_kind i = 0; i < ENVELOPE_KINDS; i++)
		if (kinds >> i & 1)
			list_add(list, envelope_kind_name(i), !(kinds >> i >> 1), " and ");
}

/* Nothing that any origin can say is meant by the rule. */
static void report_nothing_meant(const struct analysis *analysis, size_t index)
{
	const struct route_compiled *rule = &analysis->table->rules[index];
	struct list origins = { .len = 0 }, kinds = { .len = 0 };
	uint32_t said = 0;

	for (size_t origin = 0; origin < ROUTE_ORIGINS; origin++)
		if (rule->origins >> origin & 1)
			said |= rule->kinds & route_kinds_from(origin);
	list_origins(&origins, rule->origins & route_origins());
	list_kinds(&kinds, said ? said : rule->kinds);
	if (said)
		route_fault(analysis->build, index, SIZE_MAX,
			    "can never match: it needs a text, and %s ha%s none", kinds.text,
			    kinds.count == 1 ? "s" : "ve");
	else
		route_fault(analysis->build, index, SIZE_MAX,
			    "can never match: %s never come%s from %s", kinds.text,
			    kinds.count == 1 ? "s" : "", origins.text);
}

static const char *shown_name(const struct route_table *table, size_t rule, char *out, size_t size)
{
	char name[ROUTE_SHOWN_MAX];

	snprintf(out, size, "\"%s\"", text_escape(table->rules[rule].name, name, sizeof(name)));
	return out;
}

/* Does one earlier rule take everything? Returns it, or index. */
static size_t find_single(const struct analysis *analysis, size_t index)
{
	const struct route_table *table = analysis->table;

	for (size_t i = 0; i < index; i++) {
		size_t place = 0;

		if (!takes_from(table, i, index) ||
		    !kinds_within(&analysis->meant[index], &analysis->meant[i]))
			continue;
		while (place < analysis->class_count &&
		       route_set_has(route_class_row(table, analysis->classes[place]), i))
			place++;
		if (place == analysis->class_count)
			return i;
	}
	return index;
}

/* Together several earlier rules take everything: name them. */
static void report_together(struct analysis *analysis, size_t index)
{
	struct list list = { .len = 0 };
	size_t named[NAMED_MAX + 1], count = 0;
	char text[ROUTE_SHOWN_MAX + 2];

	begin_rule(analysis, index, false);
	for (size_t i = 0; i < index; i++) {
		if (!takes_from(analysis->table, i, index) || !take_rule(analysis, i))
			continue;
		if (count <= NAMED_MAX)
			named[count] = i;
		count++;
	}
	for (size_t i = 0; i < count && i < NAMED_MAX; i++)
		list_add(&list, shown_name(analysis->table, named[i], text, sizeof(text)),
			 i + 1 == count, " and ");
	if (count > NAMED_MAX) {
		snprintf(text, sizeof(text), "%zu more", count - NAMED_MAX);
		list_add(&list, text, true, " and ");
	}
	route_fault(analysis->build, index, SIZE_MAX,
		    "can never match: rules %s before it match all that this one does", list.text);
}

static void report_taken(struct analysis *analysis, size_t index)
{
	char text[ROUTE_SHOWN_MAX + 2];
	size_t single;

	begin_rule(analysis, index, false);
	single = find_single(analysis, index);
	if (single == index)
		report_together(analysis, index);
	else
		route_fault(analysis->build, index, SIZE_MAX,
			    "can never match: rule %s before it matches all that this one does",
			    shown_name(analysis->table, single, text, sizeof(text)));
}

/* ---- looking at every rule ---- */

static bool ever_decides(struct analysis *analysis, size_t index)
{
	const struct route_table *table = analysis->table;

	begin_rule(analysis, index, true);
	if (route_is_plain(&table->rules[index])) {
		for (size_t i = 0; i < analysis->class_count; i++)
			kinds_add(&analysis->decided[analysis->classes[i]],
				  &analysis->meant[index]);
		return analysis->class_count;
	}
	/* The last ones first: alike rules stand together. */
	for (size_t i = index; i-- && analysis->class_count;)
		if (!route_is_plain(&table->rules[i]) && takes_from(table, i, index))
			(void)take_rule(analysis, i);
	return analysis->class_count;
}

static void check_rule(struct analysis *analysis, size_t index)
{
	struct route_compiled *rule = &analysis->table->rules[index];
	struct kinds *meant = &analysis->meant[index];

	if (rule->unsound || rule->never)
		return;
	for (size_t origin = 0; origin < ROUTE_ORIGINS; origin++)
		meant->from[origin] = route_kinds_meant(rule, origin);
	if (kinds_empty(meant))
		report_nothing_meant(analysis, index);
	else if (!ever_decides(analysis, index))
		report_taken(analysis, index);
	else
		return;
	rule->never = true;
}

void route_check_never(struct route_build *build)
{
	struct route_table *table = build->table;
	struct analysis analysis = { .build = build, .table = table };

	if (!table->room_count)
		return;
	analysis.meant = memory_zeroed(table->count, sizeof(*analysis.meant));
	analysis.decided = memory_zeroed(table->class_count, sizeof(*analysis.decided));
	analysis.classes = memory_zeroed(table->class_count, sizeof(*analysis.classes));
	analysis.left = memory_zeroed(table->class_count, sizeof(*analysis.left));
	for (size_t i = 0; i < table->count; i++)
		check_rule(&analysis, i);
	free(analysis.meant);
	free(analysis.decided);
	free(analysis.classes);
	free(analysis.left);
}
