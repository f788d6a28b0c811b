/* route_table.h - the operator's rules: which one decides about an event, and the steps it names.
 *
 * Rules stand in an ordered list; the first that matches decides, like a firewall's. When none
 * does, the implicit last one delivers to the event's own room. A table is compiled once, then
 * immutable and counted: a reload makes a new one, and an event ends with the table it began
 * with. How rules are written: ROUTES in dragoman.cfg(5). Pure; any thread may read a table it
 * holds. */
#ifndef ROUTES_RULES_ROUTE_TABLE_H
#define ROUTES_RULES_ROUTE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/model/envelope.h"
#include "codecs/text/slice.h"
#include "routes/rules/route_rule.h"

struct route_table;

/* Compiles rules (at most ROUTES_MAX, each with at most ROUTE_STEPS_MAX steps, whose targets
 * exist). rooms: the canonical names of all rooms, by index, no two alike; all is borrowed for
 * the call only. Returns new, count one, or NULL when anything was reported:
 *
 * - a pattern PCRE2 does not take;
 * - an author "#N" that is not a number from 1 to 2^31-1, or an invalid name;
 * - a room name or prefix that no room has;
 * - a kind never routed, even among others: poll_end, opaque;
 * - a rule that can never match: no client of its dialects, nor a backend or upstream, can say its
 *   kinds (upstreams say all that is routed, backends all but enter and exit; every dialect's
 *   clients enter and exit); or it wants upstreams and another origin; or a text of kinds without
 *   one; or earlier rules match all that it does: those without conditions on upstream, author,
 *   role and text, and those whose conditions there are no narrower than its own (any or the same
 *   pattern; all its upstreams; all its authors, written alike; all its roles);
 * - REFUSE or DROP that is not the last step, or follows a ROOM, BACKEND or UPSTREAM;
 * - steps that make a presence event (enter, exit) be asked about, refused, dropped, rewritten or
 *   passed on where the rule matches nothing else. (Among others, such steps are left out for
 *   presence by who carries them out);
 * - rooms that pass events on to each other in a circle: for an origin and kind, when conditions on
 *   author, role and text hold as they need to, here one way and there another. Presence is never
 *   passed on. Looked for only when all conditions are right.
 *
 * All faults are reported (of circles at most ROUTE_CIRCLES_MAX), by what is judged and then by
 * rule. The work is bounded: a second or two for the largest tables. */
struct route_table *route_table_new(const struct route_rule *rules, size_t count,
				    const struct slice *rooms, size_t room_count,
				    struct route_report *report);

/* From here on rooms are known by other numbers than their places in the list: the room at i by
 * places[i]; no two alike. Where no room has a number, rules decide that say nothing of rooms.
 * Borrows places. Before the table is shared. */
void route_table_number(struct route_table *table, const size_t *places);

/* Counting. hold returns its argument; release frees at zero and ignores NULL. Any thread. */
const struct route_table *route_table_hold(const struct route_table *table);
void route_table_release(const struct route_table *table);

/* How many rules there are, without the implicit last one. */
size_t route_table_count(const struct route_table *table);

/* An event as rules see it. */
struct route_subject {
	const struct envelope *event; /* kind, author (its roles are those in the room), text */
	size_t origin;                /* a dialect index, ROUTE_FROM_BACKEND or _UPSTREAM */
	size_t room;                  /* number of the room it is said in, or was passed on to */
	size_t upstream;              /* of ROUTE_FROM_UPSTREAM: which; SIZE_MAX: none of ours */
};

/* The index of the rule that decides, or route_table_count() for the implicit one. *limited, if
 * not NULL, is set when a pattern gave up at its limits (it counts as not found), and never
 * cleared. */
size_t route_table_decide(const struct route_table *table, const struct route_subject *subject,
			  bool *limited);

/* Why a rule (below route_table_count()) does not match; ROUTE_HIT: it does. The first that
 * fails, in this order. A pattern that gives up is a miss. */
enum route_miss {
	ROUTE_HIT,
	ROUTE_MISS_UPSTREAM,
	ROUTE_MISS_DIALECT,
	ROUTE_MISS_ROOM,
	ROUTE_MISS_KIND,
	ROUTE_MISS_AUTHOR,
	ROUTE_MISS_ROLE,
	ROUTE_MISS_TEXT
};
enum route_miss route_table_miss(const struct route_table *table, size_t rule,
				 const struct route_subject *subject);

/* "its dialect is another", ...: constant, follows "does not match: ". */
const char *route_miss_text(enum route_miss miss);

/* A rule's name and steps; of route_table_count(), "the implicit last rule" and one ROUTE_ROOM to
 * ROUTE_OWN_ROOM. Rules without a destination have it appended as their last step, so that what
 * is returned is all that happens. Borrowed from the table. */
struct slice route_table_name(const struct route_table *table, size_t rule);
const struct route_step *route_table_steps(const struct route_table *table, size_t rule,
					   size_t *count);

/* How a rule has what it delivers to the event's own room shown there; NULL: as the room has it.
 * Borrowed from the table. */
const struct ladder *route_table_ladder(const struct route_table *table, size_t rule);

#endif
