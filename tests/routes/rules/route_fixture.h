/* route_fixture.h - what the tests of routes/route_*.c share: where faults go, and random tables
 * in a small world, with a plain list's opinion of them that shares nothing with the table. */
#ifndef TESTS_ROUTES_RULES_ROUTE_FIXTURE_H
#define TESTS_ROUTES_RULES_ROUTE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "routes/rules/route_table.h"
#include "tests/support/dialects.h"

#define BIT(n)     (UINT32_C(1) << (n))
#define LENGTH(a)  (sizeof(a) / sizeof(*(a)))
#define FAULTS_MAX 64

/* ---- faults ---- */

struct fault {
	size_t rule, step;
	char text[512];
};

struct faults {
	struct route_report report;
	size_t count; /* may be more than are kept */
	struct fault list[FAULTS_MAX];
};

static inline void fault_note(struct route_report *report, size_t rule, size_t step,
			      const char *text)
{
	struct faults *faults = (struct faults *)report;

	if (faults->count < FAULTS_MAX) {
		faults->list[faults->count].rule = rule;
		faults->list[faults->count].step = step;
		snprintf(faults->list[faults->count].text, sizeof(faults->list->text), "%s", text);
	}
	faults->count++;
}

static inline struct route_table *compile(struct faults *faults, const struct route_rule *rules,
					  size_t count, const struct slice *rooms,
					  size_t room_count)
{
	struct route_table *table;

	faults->report.fault = fault_note;
	faults->count = 0;
	table = route_table_new(rules, count, rooms, room_count, &faults->report);
	assert_int_equal(!table, faults->count > 0);
	return table;
}

/* ---- chance ---- */

static inline uint32_t chance(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33);
}

static inline size_t below(uint64_t *seed, size_t limit)
{
	return chance(seed) % limit;
}

static inline bool one_in(uint64_t *seed, size_t n)
{
	return below(seed, n) == 0;
}

/* ---- the small world ---- */

#define WORLD_ROOMS 6
#define WORLD_RULES 12
#define LISTED_MAX  3

static const struct slice world_rooms[WORLD_ROOMS] = {
	{ "lobby", 5 },        { "games", 5 }, { "games.go", 8 },
	{ "games.chess", 11 }, { "dev", 3 },   { "d", 1 },
};

static const char *const world_room_words[] = { "lobby", "games",   "games.go", "dev", "d",
						"d*",    "games.*", "games*",   "*",   "lob*" };

/* Spellings of the same name have the same person. */
static const struct {
	const char *name;
	int person;
} world_names[] = {
	{ "Ann", 1 },
	{ "ANN", 1 },
	{ "ann", 1 },
	{ "bob", 2 },
	{ "BOB", 2 },
	{ "Stra\xc3\x9f"
	  "e",
	  3 },
	{ "STRASSE", 3 },
	{ "Zo\xc3\xab", 4 },
	{ "zoe\xcc\x88", 4 },
	{ "annie", 5 },
};

static const char *const world_numbers[] = { "#1", "#2", "#0003" };

/* Patterns, and what they mean said in C. */
static inline bool has_bang(struct slice text)
{
	return text.len && text.data[0] == '!';
}

static inline bool has_a(struct slice text)
{
	return text.len && memchr(text.data, 'a', text.len);
}

static inline bool ends_with_b(struct slice text)
{
	if (text.len && text.data[text.len - 1] == '\n')
		text.len--;
	return text.len && text.data[text.len - 1] == 'b';
}

static inline bool has_hello(struct slice text)
{
	for (size_t i = 0; i + 5 <= text.len; i++)
		if (strncasecmp(text.data + i, "hello", 5) == 0)
			return true;
	return false;
}

static inline bool is_empty(struct slice text)
{
	return !text.len || slice_is(text, "\n");
}

static inline bool has_nul(struct slice text)
{
	return text.len && memchr(text.data, '\0', text.len);
}

static const struct {
	const char *pattern;
	bool (*found)(struct slice);
} world_patterns[] = {
	{ "^!", has_bang },         { "a", has_a },     { "b$", ends_with_b },
	{ "(?i)hello", has_hello }, { "^$", is_empty }, { "\\x00", has_nul },
};

static const struct slice world_texts[] = {
	{ "", 0 },     { NULL, 0 },    { "!", 1 },        { "!a", 2 },      { "a", 1 },
	{ "ab", 2 },   { "b\n", 2 },   { "\n", 1 },       { "HeLLo b", 7 }, { "!hello", 6 },
	{ "x\0y", 3 }, { "\0a b", 4 }, { "\xc3\xa4", 2 }, { "well", 4 },    { "!a\0hellob", 10 },
};

static const uint32_t world_roles[] = { ROLE_USER, ROLE_MOD, ROLE_OWNER, ROLE_SUBSCRIBER };

/* A rule with all it borrows. */
struct world_rule {
	struct route_rule rule;
	struct slice rooms[LISTED_MAX], authors[LISTED_MAX];
	struct route_step steps[LISTED_MAX];
	char name[32];
};

/* ---- the plain list ---- */

static inline int plain_person(struct slice name)
{
	for (size_t i = 0; i < LENGTH(world_names); i++)
		if (slice_is(name, world_names[i].name))
			return world_names[i].person;
	return 0;
}

static inline bool plain_room(const struct route_rule *rule, struct slice room)
{
	bool any = !rule->room_count;

	for (size_t i = 0; i < rule->room_count; i++) {
		struct slice word = rule->rooms[i];

		if (word.data[word.len - 1] == '*')
			any = any || (room.len + 1 >= word.len &&
				      strncmp(room.data, word.data, word.len - 1) == 0);
		else
			any = any || slice_equal(room, word);
	}
	return any;
}

static inline bool plain_author(const struct route_rule *rule, const struct person *author)
{
	bool any = !rule->author_count;

	for (size_t i = 0; i < rule->author_count; i++) {
		struct slice word = rule->authors[i];
		int person = plain_person(word);

		if (word.data[0] == '#')
			any = any || author->number == (uint32_t)(word.data[word.len - 1] - '0');
		else
			any = any || (person && person == plain_person(author->name));
	}
	return any;
}

static inline bool plain_has_text(enum envelope_kind kind)
{
	switch (kind) {
	case KIND_MESSAGE:
	case KIND_EDIT:
	case KIND_REACTION:
	case KIND_KICK:
	case KIND_TIMEOUT:
	case KIND_PRESENCE:
	case KIND_NOTICE: return true;
	default: return false;
	}
}

static inline bool plain_text(const struct route_rule *rule, const struct envelope *event)
{
	if (!rule->pattern.len)
		return true;
	if (!plain_has_text(event->kind))
		return false;
	for (size_t i = 0; i < LENGTH(world_patterns); i++)
		if (slice_is(rule->pattern, world_patterns[i].pattern))
			return world_patterns[i].found(event->text);
	fail_msg("a pattern nobody knows");
	return false;
}

static inline enum route_miss plain_miss(const struct route_rule *rule,
					 const struct route_subject *subject,
					 const struct slice *rooms)
{
	const struct envelope *event = subject->event;

	if (rule->upstreams &&
	    (subject->origin != ROUTE_FROM_UPSTREAM || !(rule->upstreams >> subject->upstream & 1)))
		return ROUTE_MISS_UPSTREAM;
	if (rule->origins && !(rule->origins & BIT(subject->origin)))
		return ROUTE_MISS_DIALECT;
	if (!plain_room(rule, rooms[subject->room]))
		return ROUTE_MISS_ROOM;
	if (rule->kinds && !(rule->kinds & BIT(event->kind)))
		return ROUTE_MISS_KIND;
	if (!plain_author(rule, &event->author))
		return ROUTE_MISS_AUTHOR;
	if (rule->roles && !(rule->roles & event->author.roles))
		return ROUTE_MISS_ROLE;
	return plain_text(rule, event) ? ROUTE_HIT : ROUTE_MISS_TEXT;
}

static inline size_t plain_decide(const struct world_rule *rules, size_t count,
				  const struct route_subject *subject, const struct slice *rooms)
{
	size_t i = 0;

	while (i < count && plain_miss(&rules[i].rule, subject, rooms) != ROUTE_HIT)
		i++;
	return i;
}

/* May somebody originate this kind from there? Said again, for all four dialects. */
static inline bool plain_said(size_t origin, enum envelope_kind kind)
{
	static const uint32_t said[ROUTE_ORIGINS] = {
		[DIALECT_MIXER] = BIT(KIND_MESSAGE) | BIT(KIND_DELETE) | BIT(KIND_CLEAR) |
				  BIT(KIND_PURGE) | BIT(KIND_TIMEOUT) | BIT(KIND_POLL_START) |
				  BIT(KIND_POLL_VOTE) | BIT(KIND_ENTER) | BIT(KIND_EXIT),
		[DIALECT_CONCORD] = BIT(KIND_MESSAGE) | BIT(KIND_EDIT) | BIT(KIND_DELETE) |
				    BIT(KIND_REACTION) | BIT(KIND_TYPING) | BIT(KIND_ENTER) |
				    BIT(KIND_EXIT),
		[DIALECT_ROOMS] = BIT(KIND_MESSAGE) | BIT(KIND_READ) | BIT(KIND_INVITE) |
				  BIT(KIND_KICK) | BIT(KIND_USER_UPDATE) | BIT(KIND_ENTER) |
				  BIT(KIND_EXIT),
		[DIALECT_SIMPLE] = BIT(KIND_MESSAGE) | BIT(KIND_ENTER) | BIT(KIND_EXIT),
		[ROUTE_FROM_BACKEND] =
		    (BIT(ENVELOPE_KINDS) - 1) &
		    ~(BIT(KIND_ENTER) | BIT(KIND_EXIT) | BIT(KIND_POLL_END) | BIT(KIND_OPAQUE)),
		[ROUTE_FROM_UPSTREAM] =
		    (BIT(ENVELOPE_KINDS) - 1) & ~(BIT(KIND_POLL_END) | BIT(KIND_OPAQUE)),
	};

	return said[origin] >> kind & 1;
}

/* ---- random rules and events ---- */

/* The origins there are, one after the other: the dialects, backends, and upstreams. */
#define WORLD_ORIGINS   (DIALECTS + 2)
#define WORLD_UPSTREAMS 3 /* the last of which no rule names */

static inline size_t world_origin(size_t place)
{
	return place < DIALECTS    ? place
	       : place == DIALECTS ? ROUTE_FROM_BACKEND
				   : ROUTE_FROM_UPSTREAM;
}

static inline uint32_t world_origins(uint32_t places)
{
	uint32_t backend = places >> DIALECTS & 1, upstream = places >> (DIALECTS + 1) & 1;

	return (places & ((1u << DIALECTS) - 1)) | backend << ROUTE_FROM_BACKEND |
	       upstream << ROUTE_FROM_UPSTREAM;
}

static inline void random_step(uint64_t *seed, struct route_step *step, bool last)
{
	static const enum route_action verbs[] = { ROUTE_ASK,    ROUTE_REWRITE, ROUTE_TAP,
						   ROUTE_ROOM,   ROUTE_BACKEND, ROUTE_UPSTREAM,
						   ROUTE_REFUSE, ROUTE_DROP };

	*step = (struct route_step){ .action = verbs[below(seed, last ? 8 : 6)] };
	if (step->action == ROUTE_ROOM)
		step->target = one_in(seed, 2) ? ROUTE_OWN_ROOM : below(seed, WORLD_ROOMS);
}

static inline uint32_t random_bits(uint64_t *seed, size_t limit)
{
	uint32_t bits = 0;

	for (size_t i = 1 + below(seed, 3); i; i--)
		bits |= BIT(below(seed, limit));
	return bits;
}

static inline struct slice random_author(uint64_t *seed)
{
	return slice_of(one_in(seed, 3) ? world_numbers[below(seed, LENGTH(world_numbers))]
					: world_names[below(seed, LENGTH(world_names))].name);
}

static inline void random_rule(uint64_t *seed, struct world_rule *made, size_t index)
{
	struct route_rule *rule = &made->rule;

	snprintf(made->name, sizeof(made->name), "rule-%zu", index);
	*rule = (struct route_rule){ .name = slice_of(made->name),
				     .rooms = made->rooms,
				     .authors = made->authors,
				     .steps = made->steps };
	if (one_in(seed, 3))
		rule->origins = world_origins(random_bits(seed, WORLD_ORIGINS));
	if (one_in(seed, 6))
		rule->upstreams = random_bits(seed, WORLD_UPSTREAMS - 1);
	if (one_in(seed, 3))
		rule->kinds = random_bits(seed, one_in(seed, 20) ? ENVELOPE_KINDS : KIND_POLL_END);
	if (one_in(seed, 2))
		for (size_t i = 1 + below(seed, LISTED_MAX); i; i--)
			made->rooms[rule->room_count++] =
			    slice_of(world_room_words[below(seed, LENGTH(world_room_words))]);
	if (one_in(seed, 4))
		for (size_t i = 1 + below(seed, LISTED_MAX); i; i--)
			made->authors[rule->author_count++] = random_author(seed);
	if (one_in(seed, 4))
		for (size_t i = 1 + below(seed, 2); i; i--)
			rule->roles |= world_roles[below(seed, LENGTH(world_roles))];
	if (one_in(seed, 3))
		rule->pattern =
		    slice_of(world_patterns[below(seed, LENGTH(world_patterns))].pattern);
	rule->step_count = below(seed, LISTED_MAX + 1);
	for (size_t i = 0; i < rule->step_count; i++)
		random_step(seed, &made->steps[i], i + 1 == rule->step_count);
}

static inline void random_event(uint64_t *seed, struct envelope *event)
{
	*event = (struct envelope){ .kind = (enum envelope_kind)below(seed, ENVELOPE_KINDS),
				    .text = world_texts[below(seed, LENGTH(world_texts))] };
	if (one_in(seed, 2))
		event->kind = KIND_MESSAGE;
	if (!one_in(seed, 8)) {
		event->author.name = slice_of(world_names[below(seed, LENGTH(world_names))].name);
		event->author.number = (uint32_t)below(seed, 5);
		event->author.roles = random_bits(seed, 10);
	}
}

/* Rules again with one left out. The lists they borrow move with them. */
static inline void world_remove(struct world_rule *rules, size_t *count, size_t index)
{
	for (size_t i = index; i + 1 < *count; i++)
		rules[i] = rules[i + 1];
	*count -= 1;
	for (size_t i = 0; i < *count; i++) {
		rules[i].rule.name = slice_of(rules[i].name);
		rules[i].rule.rooms = rules[i].rooms;
		rules[i].rule.authors = rules[i].authors;
		rules[i].rule.steps = rules[i].steps;
	}
}

static inline struct route_table *world_compile(struct faults *faults,
						const struct world_rule *rules, size_t count,
						size_t room_count)
{
	struct route_rule given[WORLD_RULES];

	for (size_t i = 0; i < count; i++)
		given[i] = rules[i].rule;
	return compile(faults, given, count, world_rooms, room_count);
}

#endif
