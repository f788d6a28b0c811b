/* What is reported of a table, against trying everything in a small world: that rules never match,
 * and that rooms pass on in circles. And the largest tables. */
#include <inttypes.h>
#include <stdlib.h>

#include "tests/routes/rules/route_fixture.h"

#define SEED         UINT64_C(7)
#define EXACT_TABLES 2000
#define WIDE_TABLES  200
#define WAYS_TABLES  20000
#define SMALL_ROOMS  4 /* the first of world_rooms */

static struct faults faults;

/* Which rules were reported as never matching. */
static void reported_never(size_t count, bool never[WORLD_RULES])
{
	memset(never, 0, count * sizeof(*never));
	assert_true(faults.count <= FAULTS_MAX);
	for (size_t i = 0; i < faults.count; i++)
		if (strstr(faults.list[i].text, "can never match"))
			never[faults.list[i].rule] = true;
}

/* ---- everything that can be said in the world ---- */

struct everything {
	const struct person *authors;
	size_t author_count;
	const uint32_t *roles;
	size_t role_count;
	const struct slice *texts;
	size_t text_count;
};

static void try_texts(const struct everything *all, const struct world_rule *rules, size_t count,
		      struct route_subject *subject, struct envelope *event,
		      bool decides[WORLD_RULES])
{
	for (size_t author = 0; author < all->author_count; author++) {
		event->author = all->authors[author];
		for (size_t role = 0; role < all->role_count; role++) {
			event->author.roles = all->roles[role];
			for (size_t text = 0; text < all->text_count; text++) {
				size_t rule;

				event->text = all->texts[text];
				rule = plain_decide(rules, count, subject, world_rooms);
				if (rule < count)
					decides[rule] = true;
			}
		}
	}
}

static void try_upstreams(const struct everything *all, const struct world_rule *rules,
			  size_t count, size_t origin, enum envelope_kind kind, size_t room,
			  bool decides[WORLD_RULES])
{
	size_t most = origin == ROUTE_FROM_UPSTREAM ? WORLD_UPSTREAMS : 1;

	for (size_t upstream = 0; upstream < most; upstream++) {
		struct envelope event = { .kind = kind };
		struct route_subject subject = { &event, origin, room, upstream };

		try_texts(all, rules, count, &subject, &event, decides);
	}
}

/* Which rules decide about anything that somebody can say. */
static void try_everything(const struct everything *all, const struct world_rule *rules,
			   size_t count, bool decides[WORLD_RULES])
{
	memset(decides, 0, WORLD_RULES * sizeof(*decides));
	for (size_t origin = 0; origin < ROUTE_ORIGINS; origin++) {
		for (enum envelope_kind kind = 0; kind < ENVELOPE_KINDS; kind++) {
			if (!plain_said(origin, kind))
				continue;
			for (size_t room = 0; room < SMALL_ROOMS; room++)
				try_upstreams(all, rules, count, origin, kind, room, decides);
		}
	}
}

/* ---- rules that can never match ---- */

/* A random rule for the first rooms, with no steps. narrow: at most one upstream, author and role,
 * and one of two patterns; then what is judged is exact. */
static void random_condition(uint64_t *seed, struct world_rule *made, size_t index, bool narrow)
{
	static const char *const words[] = { "lobby",  "games",   "games.go", "games.chess",
					     "games*", "games.*", "l*" };
	struct route_rule *rule = &made->rule;

	random_rule(seed, made, index);
	rule->step_count = 0;
	rule->kinds &= ~(BIT(KIND_POLL_END) | BIT(KIND_OPAQUE));
	/* Wide conditions, so that rules cover each other. */
	for (size_t i = below(seed, 4); i; i--)
		rule->origins = rule->origins ? rule->origins | BIT(below(seed, 5)) : 0;
	for (size_t i = below(seed, 10); i; i--)
		rule->kinds = rule->kinds ? rule->kinds | BIT(below(seed, KIND_POLL_END)) : 0;
	for (size_t i = 0; i < rule->room_count; i++)
		made->rooms[i] = slice_of(words[below(seed, LENGTH(words))]);
	if (!narrow)
		return;
	rule->upstreams &= -rule->upstreams;
	rule->author_count = one_in(seed, 3);
	made->authors[0] = one_in(seed, 2) ? SLICE("ann") : SLICE("#3");
	rule->roles = one_in(seed, 3) ? ROLE_MOD : 0;
	rule->pattern = (struct slice){ NULL, 0 };
	if (one_in(seed, 3))
		rule->pattern = one_in(seed, 2) ? SLICE("^!") : SLICE("a");
}

static size_t check_never(uint64_t *seed, const struct everything *all, bool narrow)
{
	struct world_rule rules[WORLD_RULES];
	bool never[WORLD_RULES], decides[WORLD_RULES];
	size_t count = 1 + below(seed, WORLD_RULES), found = 0;
	uint64_t start = *seed;

	for (size_t i = 0; i < count; i++)
		random_condition(seed, &rules[i], i, narrow);
	route_table_release(world_compile(&faults, rules, count, SMALL_ROOMS));
	reported_never(count, never);
	try_everything(all, rules, count, decides);
	for (size_t i = 0; i < count; i++) {
		if (never[i] && decides[i])
			fail_msg("seed %" PRIu64 ": rule %zu of %zu decides: %s", start, i, count,
				 faults.list[0].text);
		if (narrow && !never[i] && !decides[i])
			fail_msg("seed %" PRIu64 ": rule %zu of %zu never decides", start, i,
				 count);
		found += never[i];
	}
	return found;
}

static const struct person world_people[] = {
	{ .number = 0 },
	{ .name = { "somebody", 8 }, .number = 9 },
	{ .name = { "Ann", 3 }, .number = 8 },
	{ .name = { "else", 4 }, .number = 3 },
	{ .name = { "bob", 3 }, .number = 2 },
	{ .name = { "Zo\xc3\xab", 4 }, .number = 1 },
};

static void rules_are_reported_that_never_decide_and_no_others(void **state)
{
	static const uint32_t roles[] = { 0, ROLE_MOD };
	static const struct slice texts[] = { { "", 0 }, { "!", 1 }, { "a", 1 }, { "!a", 2 } };
	/* Nobody is both ann and number 3: of a rule for each, neither takes the other's. */
	const struct everything all = {
		world_people, 4, roles, LENGTH(roles), texts, LENGTH(texts)
	};
	uint64_t seed = SEED;
	size_t found = 0;

	(void)state;
	for (size_t i = 0; i < EXACT_TABLES; i++)
		found += check_never(&seed, &all, true);
	print_message("%zu rules of %d tables can never match\n", found, EXACT_TABLES);
	assert_true(found > EXACT_TABLES);
}

static void rules_reported_never_decide_whatever_their_conditions(void **state)
{
	static const uint32_t roles[] = { 0, ROLE_USER | ROLE_MOD, ROLE_OWNER, ROLE_SUBSCRIBER };
	const struct everything all = { world_people,  LENGTH(world_people), roles,
					LENGTH(roles), world_texts,          LENGTH(world_texts) };
	uint64_t seed = SEED;
	size_t found = 0;

	(void)state;
	for (size_t i = 0; i < WIDE_TABLES; i++)
		found += check_never(&seed, &all, false);
	assert_true(found > WIDE_TABLES / 4);
}

/* ---- circles ---- */

/* For one origin and kind: does an event said in one room reach another? Whether a condition on
 * author, role or text holds is left open. */
struct ways {
	bool way[SMALL_ROOMS][SMALL_ROOMS];
};

static bool may_match(const struct route_rule *rule, size_t origin, enum envelope_kind kind,
		      size_t room)
{
	return (!rule->origins || rule->origins & BIT(origin)) &&
	       (!rule->upstreams || origin == ROUTE_FROM_UPSTREAM) &&
	       (!rule->kinds || rule->kinds & BIT(kind)) && plain_room(rule, world_rooms[room]) &&
	       (!rule->pattern.len || plain_has_text(kind));
}

static void find_ways(const struct world_rule *rules, size_t count, const bool *never,
		      size_t origin, enum envelope_kind kind, struct ways *ways)
{
	for (size_t room = 0; room < SMALL_ROOMS; room++) {
		for (size_t i = 0; i < count; i++) {
			const struct route_rule *rule = &rules[i].rule;

			if (never[i] || !may_match(rule, origin, kind, room))
				continue;
			for (size_t j = 0; j < rule->step_count; j++)
				if (rule->steps[j].action == ROUTE_ROOM &&
				    rule->steps[j].target < SMALL_ROOMS &&
				    rule->steps[j].target != room)
					ways->way[room][rule->steps[j].target] = true;
			if (!rule->upstreams && !rule->author_count && !rule->roles &&
			    !rule->pattern.len)
				break;
		}
	}
	for (size_t via = 0; via < SMALL_ROOMS; via++)
		for (size_t from = 0; from < SMALL_ROOMS; from++)
			for (size_t to = 0; to < SMALL_ROOMS; to++)
				if (ways->way[from][via] && ways->way[via][to])
					ways->way[from][to] = true;
}

/* Is there a circle by that step, for any origin and kind? rule count: by any step. */
static bool is_circle(const struct world_rule *rules, size_t count, const bool *never, size_t rule,
		      size_t step)
{
	for (size_t origin = 0; origin < ROUTE_ORIGINS; origin++) {
		for (enum envelope_kind kind = 0; kind < ENVELOPE_KINDS; kind++) {
			struct ways ways = { .way = { { false } } };

			if (!plain_said(origin, kind) || kind == KIND_ENTER || kind == KIND_EXIT)
				continue;
			find_ways(rules, count, never, origin, kind, &ways);
			for (size_t room = 0; room < SMALL_ROOMS; room++) {
				size_t to = rule == count ? room : rules[rule].steps[step].target;

				if (rule == count
					? ways.way[room][room]
					: room != to && ways.way[to][room] && ways.way[room][to] &&
					      may_match(&rules[rule].rule, origin, kind, room))
					return true;
			}
		}
	}
	return false;
}

static bool check_circles(uint64_t *seed)
{
	struct world_rule rules[WORLD_RULES];
	bool never[WORLD_RULES], reported = false;
	size_t count = 1 + below(seed, 6);
	uint64_t start = *seed;

	for (size_t i = 0; i < count; i++) {
		random_condition(seed, &rules[i], i, false);
		for (size_t j = below(seed, LISTED_MAX); j; j--)
			rules[i].steps[rules[i].rule.step_count++] =
			    (struct route_step){ .action = ROUTE_ROOM,
						 .target = one_in(seed, 4)
							       ? ROUTE_OWN_ROOM
							       : below(seed, SMALL_ROOMS) };
	}
	route_table_release(world_compile(&faults, rules, count, SMALL_ROOMS));
	reported_never(count, never);
	for (size_t i = 0; i < faults.count; i++) {
		const struct fault *fault = &faults.list[i];

		if (!strstr(fault->text, "in a circle"))
			continue;
		reported = true;
		if (!is_circle(rules, count, never, fault->rule, fault->step))
			fail_msg("seed %" PRIu64 ": rule %zu, step %zu is on none: %s", start,
				 fault->rule, fault->step, fault->text);
	}
	if (!reported && is_circle(rules, count, never, count, 0))
		fail_msg("seed %" PRIu64 ": a circle of %zu rules is not reported", start, count);
	return reported;
}

static void circles_are_reported_and_nothing_else(void **state)
{
	uint64_t seed = SEED;
	size_t found = 0;

	(void)state;
	for (size_t i = 0; i < WAYS_TABLES; i++)
		found += check_circles(&seed);
	print_message("%zu of %d tables have circles\n", found, WAYS_TABLES);
	assert_true(found > WAYS_TABLES / 10 && found < WAYS_TABLES - WAYS_TABLES / 10);
}

/* ---- the largest tables ---- */

#define MANY_ROOMS 10000

struct large {
	struct slice rooms[MANY_ROOMS];
	char room_names[MANY_ROOMS][32];
	struct route_rule rules[ROUTES_MAX];
	struct slice listed[ROUTES_MAX];
	struct slice patterns[ROUTES_MAX];
	char rule_names[ROUTES_MAX][32];
	struct route_step steps[ROUTES_MAX];
};

static struct large *large_new(void)
{
	struct large *large = calloc(1, sizeof(*large));

	assert_non_null(large);
	for (size_t i = 0; i < MANY_ROOMS; i++) {
		snprintf(large->room_names[i], sizeof(large->room_names[i]), "r%04zu", i);
		large->rooms[i] = slice_of(large->room_names[i]);
	}
	for (size_t i = 0; i < ROUTES_MAX; i++) {
		snprintf(large->rule_names[i], sizeof(large->rule_names[i]), "rule-%03zu", i);
		large->rules[i].name = slice_of(large->rule_names[i]);
		large->rules[i].steps = &large->steps[i];
	}
	return large;
}

static size_t decide_large(const struct route_table *table, size_t room, const char *text)
{
	const struct envelope event = { .kind = KIND_MESSAGE,
					.author = { .roles = UINT32_MAX },
					.text = slice_of(text) };
	const struct route_subject subject = { &event, DIALECT_ROOMS, room, 0 };

	return route_table_decide(table, &subject, NULL);
}

/* Each rule has ten rooms by a prefix, and passes their events on to the first room of the next
 * ten; the last has none to pass on to, unless closed. */
static struct route_table *chain_of(struct large *large, bool closed)
{
	for (size_t i = 0; i < ROUTES_MAX; i++) {
		snprintf(large->rule_names[i], sizeof(large->rule_names[i]), "r%03zu*", i);
		large->listed[i] = slice_of(large->rule_names[i]);
		large->rules[i].name = large->listed[i];
		large->rules[i].rooms = &large->listed[i];
		large->rules[i].room_count = 1;
		large->steps[i] = (struct route_step){ .action = ROUTE_ROOM,
						       .target = (i + 1) * 10 % MANY_ROOMS };
		large->rules[i].step_count = closed || i + 1 < ROUTES_MAX;
	}
	return compile(&faults, large->rules, ROUTES_MAX, large->rooms, MANY_ROOMS);
}

static void a_thousand_rules_for_ten_thousand_rooms(void **state)
{
	struct large *large = large_new();
	struct route_table *table = chain_of(large, false);

	(void)state;
	assert_non_null(table);
	for (size_t room = 0; room < MANY_ROOMS; room++)
		assert_int_equal(decide_large(table, room, "hi"), room / 10);
	route_table_release(table);
	assert_null(chain_of(large, true));
	assert_int_equal(faults.count, 1);
	assert_int_equal(faults.list[0].rule, 0);
	free(large);
}

/* All rules match all rooms by a pattern, and pass on to a room each: everything is a circle. */
static void circles_of_a_thousand_rooms(void **state)
{
	struct large *large = large_new();

	(void)state;
	for (size_t i = 0; i < ROUTES_MAX; i++) {
		large->patterns[i] = slice_of(large->rule_names[i]);
		large->rules[i].pattern = large->patterns[i];
		large->steps[i] = (struct route_step){ .action = ROUTE_ROOM, .target = i * 10 };
		large->rules[i].step_count = 1;
	}
	assert_null(compile(&faults, large->rules, ROUTES_MAX, large->rooms, MANY_ROOMS));
	assert_int_equal(faults.count, ROUTE_CIRCLES_MAX);
	for (size_t i = 0; i < faults.count; i++)
		assert_non_null(strstr(faults.list[i].text, "in a circle"));
	free(large);
}

#define ROOM_BITS 14
#define SOME      97

/* A rule for each bit of a room's number, so that no two rooms are in the rules of one class; and
 * many more for all rooms. */
static void rooms_that_are_all_different(void **state)
{
	struct large *large = large_new();
	struct slice *lists = calloc(ROOM_BITS * MANY_ROOMS, sizeof(*lists)), *list = lists;
	struct route_table *table;

	(void)state;
	assert_non_null(lists);
	for (size_t bit = 0; bit < ROOM_BITS; bit++, list += MANY_ROOMS) {
		large->rules[bit].rooms = list;
		for (size_t room = 0; room < MANY_ROOMS; room++)
			if (room >> bit & 1)
				list[large->rules[bit].room_count++] = large->rooms[room];
		large->rules[bit].roles = ROLE_USER;
	}
	for (size_t i = ROOM_BITS; i < ROUTES_MAX; i++) {
		large->patterns[i] = slice_of(large->rule_names[i]);
		large->rules[i].pattern = large->patterns[i];
	}
	table = compile(&faults, large->rules, ROUTES_MAX, large->rooms, MANY_ROOMS);
	assert_non_null(table);
	assert_int_equal(decide_large(table, 0, "this is rule-999"), ROUTES_MAX - 1);
	assert_int_equal(decide_large(table, 0, "this is no rule"), ROUTES_MAX);
	for (size_t room = 1; room < MANY_ROOMS; room += SOME)
		assert_int_equal(decide_large(table, room, "rule-999"), __builtin_ctzl(room));
	route_table_release(table);
	free(lists);
	free(large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_are_reported_that_never_decide_and_no_others),
		cmocka_unit_test(rules_reported_never_decide_whatever_their_conditions),
		cmocka_unit_test(circles_are_reported_and_nothing_else),
		cmocka_unit_test(a_thousand_rules_for_ten_thousand_rooms),
		cmocka_unit_test(circles_of_a_thousand_rooms),
		cmocka_unit_test(rooms_that_are_all_different),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
