#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"
#include "codecs/text/name.h"
#include "routes/rules/route_compiled.h"
#include "routes/rules/route_set.h"

#define FAULT_MAX    1024
#define ALL_KINDS    ((UINT32_C(1) << ENVELOPE_KINDS) - 1)
#define DECIMAL_BASE 10

void route_fault(struct route_build *build, size_t rule, size_t step, const char *format, ...)
{
	char text[FAULT_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	build->refused = true;
	build->report->fault(build->report, rule, step, text);
}

static struct slice copy_of(struct slice text)
{
	return slice_span(memory_text(text.data, text.len), text.len);
}

/* ---- authors ---- */

int route_name_order(const void *a, const void *b)
{
	return slice_order(*(const struct slice *)a, *(const struct slice *)b);
}

int route_number_order(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

/* The number in "#N"; 0: none that a person can have. */
static uint32_t person_number(struct slice author)
{
	uint64_t number = 0;

	for (size_t i = 1; i < author.len; i++) {
		if (author.data[i] < '0' || author.data[i] > '9')
			return 0;
		number = number * DECIMAL_BASE + (uint64_t)(author.data[i] - '0');
		if (number > INT32_MAX)
			return 0;
	}
	return (uint32_t)number;
}

static void add_author(struct route_build *build, size_t index, struct slice author)
{
	struct route_compiled *rule = &build->table->rules[index];
	char shown[ROUTE_SHOWN_MAX], folded[NAME_FOLDED_MAX];
	struct slice name = { folded, name_fold(author, folded) };
	uint32_t number;

	if (author.len && author.data[0] == '#') {
		number = person_number(author);
		if (number) {
			rule->numbers[rule->number_count++] = number;
			return;
		}
		route_fault(build, index, SIZE_MAX,
			    "author \"%s\" is not a number from #1 to #2147483647",
			    text_escape(author, shown, sizeof(shown)));
	} else if (name.len) {
		rule->names[rule->name_count++] = copy_of(name);
		return;
	} else {
		route_fault(build, index, SIZE_MAX, "author \"%s\" is not a valid name",
			    text_escape(author, shown, sizeof(shown)));
	}
	rule->unsound = true;
}

static void compile_authors(struct route_build *build, size_t index)
{
	const struct route_rule *given = &build->rules[index];
	struct route_compiled *rule = &build->table->rules[index];

	if (!given->author_count)
		return;
	rule->names = memory_zeroed(given->author_count, sizeof(*rule->names));
	rule->numbers = memory_zeroed(given->author_count, sizeof(*rule->numbers));
	for (size_t i = 0; i < given->author_count; i++)
		add_author(build, index, given->authors[i]);
	qsort(rule->names, rule->name_count, sizeof(*rule->names), route_name_order);
	qsort(rule->numbers, rule->number_count, sizeof(*rule->numbers), route_number_order);
}

/* ---- the rest ---- */

/* What came by an upstream has no other origin. */
static void compile_origins(struct route_build *build, size_t index)
{
	const struct route_rule *given = &build->rules[index];
	struct route_compiled *rule = &build->table->rules[index];
	uint32_t upstream = UINT32_C(1) << ROUTE_FROM_UPSTREAM;

	rule->origins = (given->origins ? given->origins : UINT32_MAX) & route_origins();
	rule->upstreams = given->upstreams;
	if (!given->upstreams)
		return;
	rule->origins &= upstream;
	if (!rule->origins) {
		route_fault(build, index, SIZE_MAX,
			    "can never match: what comes by an upstream is of no dialect but "
			    "\"upstream\"");
		rule->never = true;
	}
}

static void compile_pattern(struct route_build *build, size_t index)
{
	struct route_compiled *rule = &build->table->rules[index];
	char why[PATTERN_WHY_MAX];

	if (!build->rules[index].pattern.len)
		return;
	rule->pattern_text = copy_of(build->rules[index].pattern);
	rule->pattern = pattern_new(rule->pattern_text, why);
	if (rule->pattern)
		return;
	route_fault(build, index, SIZE_MAX, "the pattern of text is invalid: %s", why);
	rule->unsound = true;
}

static void compile_kinds(struct route_build *build, size_t index)
{
	struct route_compiled *rule = &build->table->rules[index];
	uint32_t routed = 0;

	rule->kinds = build->rules[index].kinds & ALL_KINDS;
	for (size_t origin = 0; origin < ROUTE_ORIGINS; origin++)
		routed |= route_kinds_from(origin);
	for (enum envelope_kind kind = 0; kind < ENVELOPE_KINDS; kind++) {
		if (!((rule->kinds & ~routed) >> kind & 1))
			continue;
		route_fault(build, index, SIZE_MAX,
			    "kind \"%s\" is never routed: no client or backend can send it",
			    envelope_kind_name(kind));
		rule->unsound = true;
	}
	if (!rule->kinds)
		rule->kinds = ALL_KINDS;
}

static void compile_ladder(struct route_compiled *rule, const struct ladder *given)
{
	if (!given || ladder_is_empty(given))
		return;
	rule->ladder = memory_new(sizeof(*rule->ladder));
	*rule->ladder = *given;
}

static void compile_steps(struct route_compiled *rule, const struct route_rule *given,
			  const struct slice *rooms)
{
	bool arrives = false;

	rule->steps = memory_zeroed(given->step_count + 1, sizeof(*rule->steps));
	for (size_t i = 0; i < given->step_count; i++) {
		struct route_step *step = &rule->steps[rule->step_count++];

		*step = given->steps[i];
		if (step->action == ROUTE_ROOM)
			step->text = step->target == ROUTE_OWN_ROOM ? (struct slice){ NULL, 0 }
								    : rooms[step->target];
		step->text = step->text.data ? copy_of(step->text) : step->text;
		arrives = arrives || step->action == ROUTE_ROOM || step->action == ROUTE_BACKEND ||
			  step->action == ROUTE_UPSTREAM || step->action == ROUTE_REFUSE ||
			  step->action == ROUTE_DROP;
	}
	if (!arrives)
		rule->steps[rule->step_count++] =
		    (struct route_step){ .action = ROUTE_ROOM, .target = ROUTE_OWN_ROOM };
}

void route_compiled_clear(struct route_compiled *rule)
{
	for (size_t i = 0; i < rule->name_count; i++)
		free((void *)(uintptr_t)rule->names[i].data);
	for (size_t i = 0; i < rule->step_count; i++)
		free((void *)(uintptr_t)rule->steps[i].text.data);
	free((void *)(uintptr_t)rule->name.data);
	free((void *)(uintptr_t)rule->pattern_text.data);
	free(rule->names);
	free(rule->numbers);
	free(rule->steps);
	free(rule->ladder);
	pattern_free(rule->pattern);
}

static void fill_cells(struct route_table *table)
{
	table->cell_rows =
	    memory_zeroed(ROUTE_ORIGINS * ENVELOPE_KINDS * table->words, sizeof(*table->cell_rows));
	for (size_t origin = 0; origin < ROUTE_ORIGINS; origin++) {
		for (size_t kind = 0; kind < ENVELOPE_KINDS; kind++) {
			uint64_t *row =
			    table->cell_rows + (origin * ENVELOPE_KINDS + kind) * table->words;

			for (size_t i = 0; i < table->count; i++)
				if (table->rules[i].origins >> origin & 1 &&
				    table->rules[i].kinds >> kind & 1)
					route_set_add(row, i);
		}
	}
}

void route_compile_rules(struct route_build *build)
{
	struct route_table *table = build->table;

	table->rules = memory_zeroed(table->count, sizeof(*table->rules));
	for (size_t i = 0; i < table->count; i++) {
		const struct route_rule *given = &build->rules[i];
		struct route_compiled *rule = &table->rules[i];

		rule->name = copy_of(given->name);
		rule->roles = given->roles;
		compile_origins(build, i);
		compile_kinds(build, i);
		compile_authors(build, i);
		compile_pattern(build, i);
		compile_steps(rule, given, build->rooms);
		compile_ladder(rule, given->ladder);
	}
	fill_cells(table);
}
