#include "routes/rules/route_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"
#include "codecs/text/name.h"
#include "routes/rules/route_compiled.h"
#include "routes/rules/route_set.h"

/* ---- making and freeing ---- */

static void table_free(struct route_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		route_compiled_clear(&table->rules[i]);
	pattern_search_free(atomic_load(&table->spare));
	free(table->rules);
	free(table->room_class);
	free(table->class_rows);
	free(table->anywhere_row);
	free(table->cell_rows);
	free(table);
}

struct route_table *route_table_new(const struct route_rule *rules, size_t count,
				    const struct slice *rooms, size_t room_count,
				    struct route_report *report)
{
	struct route_table *table = memory_zeroed(1, sizeof(*table));
	struct route_build build = {
		.table = table, .rules = rules, .rooms = rooms, .report = report
	};

	atomic_init(&table->holders, 1);
	atomic_init(&table->spare, NULL);
	table->count = count;
	table->words = route_set_words(count);
	table->room_count = room_count;
	route_compile_rules(&build);
	route_compile_rooms(&build);
	route_check_steps(&build);
	route_check_never(&build);
	route_check_circles(&build);
	if (!build.refused)
		return table;
	table_free(table);
	return NULL;
}

/* A holder may share a table it cannot change; its count is not part of what is read. */
static struct route_table *counted(const struct route_table *table)
{
	return (struct route_table *)(uintptr_t)table;
}

const struct route_table *route_table_hold(const struct route_table *table)
{
	atomic_fetch_add_explicit(&counted(table)->holders, 1, memory_order_relaxed);
	return table;
}

void route_table_release(const struct route_table *table)
{
	if (!table)
		return;
	if (atomic_fetch_sub_explicit(&counted(table)->holders, 1, memory_order_acq_rel) == 1)
		table_free(counted(table));
}

/* ---- one rule ---- */

static uint64_t upstream_bit(const struct route_subject *subject)
{
	bool came =
	    subject->origin == ROUTE_FROM_UPSTREAM && subject->upstream < ROUTE_UPSTREAMS_MAX;

	return came ? UINT64_C(1) << subject->upstream : 0;
}

static bool upstream_matches(const struct route_compiled *rule, uint64_t upstream)
{
	return !rule->upstreams || rule->upstreams & upstream;
}

/* What looking at rules one after the other needs only once, and not before it needs it. */
struct look {
	const struct route_table *table;
	const struct envelope *event;
	uint64_t upstream; /* its bit; 0: it came by none */
	bool folded, limited;
	struct pattern_search *search;
	struct slice name; /* of the author; len 0: nobody's */
	char buffer[NAME_FOLDED_MAX];
};

static void look_begin(struct look *look, const struct route_table *table,
		       const struct route_subject *subject)
{
	look->table = table;
	look->event = subject->event;
	look->upstream = upstream_bit(subject);
	look->folded = look->limited = false;
	look->search = NULL;
}

static struct pattern_search *look_search(struct look *look)
{
	if (!look->search)
		look->search = atomic_exchange(&counted(look->table)->spare, NULL);
	if (!look->search)
		look->search = pattern_search_new();
	return look->search;
}

static void look_end(struct look *look)
{
	if (look->search)
		pattern_search_free(atomic_exchange(&counted(look->table)->spare, look->search));
}

static bool author_matches(const struct route_compiled *rule, struct look *look)
{
	const struct person *author = &look->event->author;

	if (!rule->name_count && !rule->number_count)
		return true;
	if (rule->number_count && bsearch(&author->number, rule->numbers, rule->number_count,
					  sizeof(*rule->numbers), route_number_order))
		return true;
	if (!look->folded)
		look->name = slice_span(look->buffer, name_fold(author->name, look->buffer));
	look->folded = true;
	return look->name.len && rule->name_count &&
	       bsearch(&look->name, rule->names, rule->name_count, sizeof(*rule->names),
		       route_name_order);
}

static bool text_matches(const struct route_compiled *rule, struct look *look)
{
	enum pattern_verdict verdict;

	if (!rule->pattern)
		return true;
	if (!(route_kinds_with_text() >> look->event->kind & 1))
		return false;
	verdict = pattern_find(rule->pattern, look_search(look), look->event->text);
	look->limited = look->limited || verdict == PATTERN_GAVE_UP;
	return verdict == PATTERN_FOUND;
}

/* Of the conditions that no row of bits holds. */
static enum route_miss rest_missed(const struct route_compiled *rule, struct look *look)
{
	if (!upstream_matches(rule, look->upstream))
		return ROUTE_MISS_UPSTREAM;
	if (!author_matches(rule, look))
		return ROUTE_MISS_AUTHOR;
	if (rule->roles && !(rule->roles & look->event->author.roles))
		return ROUTE_MISS_ROLE;
	return text_matches(rule, look) ? ROUTE_HIT : ROUTE_MISS_TEXT;
}

/* ---- deciding ---- */

static const uint64_t *room_row(const struct route_table *table, size_t room)
{
	if (room >= table->room_count || table->room_class[room] == ROUTE_NO_CLASS)
		return table->anywhere_row;
	return route_class_row(table, table->room_class[room]);
}

static size_t first_hit(struct look *look, const uint64_t *cell, const uint64_t *class)
{
	const struct route_table *table = look->table;

	for (size_t word = 0; word < table->words; word++) {
		uint64_t left = cell[word] & class[word];

		while (left) {
			size_t rule = word * ROUTE_SET_BITS + route_set_take(&left);

			if (rest_missed(&table->rules[rule], look) == ROUTE_HIT)
				return rule;
		}
	}
	return table->count;
}

size_t route_table_decide(const struct route_table *table, const struct route_subject *subject,
			  bool *limited)
{
	struct look look;
	size_t rule;

	look_begin(&look, table, subject);
	rule = first_hit(&look, route_cell_row(table, subject->origin, subject->event->kind),
			 room_row(table, subject->room));
	look_end(&look);
	if (limited && look.limited)
		*limited = true;
	return rule;
}

enum route_miss route_table_miss(const struct route_table *table, size_t rule,
				 const struct route_subject *subject)
{
	const struct route_compiled *compiled = &table->rules[rule];
	struct look look;
	enum route_miss miss;

	if (!upstream_matches(compiled, upstream_bit(subject)))
		return ROUTE_MISS_UPSTREAM;
	if (!(compiled->origins >> subject->origin & 1))
		return ROUTE_MISS_DIALECT;
	if (!route_set_has(room_row(table, subject->room), rule))
		return ROUTE_MISS_ROOM;
	if (!(compiled->kinds >> subject->event->kind & 1))
		return ROUTE_MISS_KIND;
	look_begin(&look, table, subject);
	miss = rest_missed(compiled, &look);
	look_end(&look);
	return miss;
}

/* ---- looking things up ---- */

const char *route_miss_text(enum route_miss miss)
{
	static const char *const texts[] = {
		[ROUTE_HIT] = "it matches",
		[ROUTE_MISS_UPSTREAM] = "it came by no such upstream",
		[ROUTE_MISS_DIALECT] = "its dialect is a different one",
		[ROUTE_MISS_ROOM] = "its room is a different one",
		[ROUTE_MISS_KIND] = "its kind is a different one",
		[ROUTE_MISS_AUTHOR] = "its author is a different one",
		[ROUTE_MISS_ROLE] = "its author has none of the roles",
		[ROUTE_MISS_TEXT] = "the pattern does not match in its text",
	};

	return texts[miss];
}

size_t route_table_count(const struct route_table *table)
{
	return table->count;
}

struct slice route_table_name(const struct route_table *table, size_t rule)
{
	return rule < table->count ? table->rules[rule].name : SLICE("the implicit last rule");
}

const struct route_step *route_table_steps(const struct route_table *table, size_t rule,
					   size_t *count)
{
	static const struct route_step own_room = { .action = ROUTE_ROOM,
						    .target = ROUTE_OWN_ROOM };

	*count = rule < table->count ? table->rules[rule].step_count : 1;
	return rule < table->count ? table->rules[rule].steps : &own_room;
}

const struct ladder *route_table_ladder(const struct route_table *table, size_t rule)
{
	return rule < table->count ? table->rules[rule].ladder : NULL;
}
