/* route_compiled.h - what a table of rules is made of, and the passes that check one. For
 * routes/rules/route_*.c only.
 *
 * Deciding looks at two rows of bits: the rules whose origin and kind are right, and those whose
 * rooms are right. Rooms that the same rules match share a row, and are called a class. What is
 * left of both rows is looked at in order: upstream, author, roles, text. */
#ifndef ROUTES_RULES_ROUTE_COMPILED_H
#define ROUTES_RULES_ROUTE_COMPILED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/model/envelope.h"
#include "routes/rules/pattern.h"
#include "routes/rules/route_rule.h"

#define ROUTE_SHOWN_MAX 64 /* of a name in a fault, with its NUL */

/* A rule with its conditions made ready. All owned. */
struct route_compiled {
	struct slice name;
	uint32_t origins, kinds; /* all bits, where the rule as given has none */
	uint64_t upstreams;      /* 0: any; else of origins ROUTE_FROM_UPSTREAM alone */
	uint32_t roles;          /* 0: any */
	struct slice *names;     /* authors, folded, in order */
	size_t name_count;
	uint32_t *numbers; /* authors by number, in order */
	size_t number_count;
	struct slice pattern_text; /* absent: none */
	struct pattern *pattern;
	struct route_step *steps; /* with a destination */
	size_t step_count;
	struct ladder *ladder; /* NULL: as the room has it */
	bool unsound;          /* something about its conditions was reported: not judged further */
	bool never;            /* it never decides */
};

#define ROUTE_NO_CLASS UINT32_MAX

struct route_table {
	atomic_uint holders;
	_Atomic(struct pattern_search *) spare; /* for the next who needs one; NULL: none */
	struct route_compiled *rules;
	size_t count, words; /* words of a row */
	size_t room_count, class_count;
	uint32_t *room_class;   /* by number of the room; ROUTE_NO_CLASS: no room has it */
	uint64_t *class_rows;   /* a row for each class */
	uint64_t *anywhere_row; /* rules that match rooms of any name */
	uint64_t *cell_rows;    /* a row for each origin and kind */
};

/* A table being made. */
struct route_build {
	struct route_table *table;
	const struct route_rule *rules;
	const struct slice *rooms;
	struct route_report *report;
	bool refused; /* something was reported */
};

/* Reports a fault; step SIZE_MAX: of the rule itself. */
void route_fault(struct route_build *build, size_t rule, size_t step, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The passes, in this order. Each reports what it finds. */
void route_compile_rules(struct route_build *build); /* all but rooms; fills cell_rows */
void route_compile_rooms(struct route_build *build); /* fills classes */
void route_check_steps(struct route_build *build);   /* what cannot stand where it stands */
void route_check_never(struct route_build *build);   /* sets never */
void route_check_circles(struct route_build *build); /* only when all rules are sound */

/* The order of folded names and of numbers, for bsearch() and qsort(). */
int route_name_order(const void *a, const void *b);   /* of struct slice */
int route_number_order(const void *a, const void *b); /* of uint32_t */

/* Frees what a rule owns. */
void route_compiled_clear(struct route_compiled *rule);

/* The kinds whose events have a text, and those that come from an origin at all. */
uint32_t route_kinds_with_text(void);
uint32_t route_kinds_from(size_t origin);

/* A bit for each origin there is: the dialects registered, backends and upstreams. */
uint32_t route_origins(void);

/* The kinds a rule can decide about for an origin, by its conditions on origin, kind and text:
 * what comes from there, and has a text if one is wanted. */
uint32_t route_kinds_meant(const struct route_compiled *rule, size_t origin);

/* Has it no conditions but on origin, room and kind? Then it decides whenever these hold. */
bool route_is_plain(const struct route_compiled *rule);

/* "mixer", ..., "backend", "upstream". Constant. */
const char *route_origin_name(size_t origin);

static inline const uint64_t *route_cell_row(const struct route_table *table, size_t origin,
					     size_t kind)
{
	return table->cell_rows + (origin * ENVELOPE_KINDS + kind) * table->words;
}

static inline const uint64_t *route_class_row(const struct route_table *table, size_t class)
{
	return table->class_rows + class * table->words;
}

#endif
