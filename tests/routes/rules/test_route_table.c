#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#include "tests/routes/rules/route_fixture.h"

#define TABLES           20000
#define EVENTS_PER_TABLE 5 /* 100,000 pairs of a table and an event */
#define SEED             UINT64_C(20260101)
#define THREADS          4

static const struct slice rooms[] = { { "lobby", 5 }, { "games", 5 }, { "games.go", 8 } };

/* Compiles what has to be right. */
static struct route_table *table_of(const struct route_rule *rules, size_t count)
{
	static struct faults faults;
	struct route_table *table = compile(&faults, rules, count, rooms, LENGTH(rooms));

	if (!table)
		fail_msg("rule %zu: %s", faults.list[0].rule, faults.list[0].text);
	return table;
}

static size_t decide(const struct route_table *table, size_t origin, size_t room,
		     const struct envelope *event)
{
	struct route_subject subject = { event, origin, room, 0 };

	return route_table_decide(table, &subject, NULL);
}

static size_t decide_text(const struct route_table *table, const char *text)
{
	struct envelope event = { .kind = KIND_MESSAGE, .text = slice_of(text) };

	return decide(table, DIALECT_MIXER, 0, &event);
}

/* ---- the contract ---- */

static void an_empty_table_leaves_all_to_the_implicit_rule(void **state)
{
	struct route_table *table = table_of(NULL, 0);
	const struct route_step *steps;
	size_t count;

	(void)state;
	assert_int_equal(route_table_count(table), 0);
	assert_int_equal(decide_text(table, "hi"), 0);
	assert_true(slice_is(route_table_name(table, 0), "the implicit last rule"));
	steps = route_table_steps(table, 0, &count);
	assert_int_equal(count, 1);
	assert_int_equal(steps->action, ROUTE_ROOM);
	assert_true(steps->target == ROUTE_OWN_ROOM);
	route_table_release(table);
}

static void the_first_rule_that_matches_decides(void **state)
{
	const struct route_rule rules[] = {
		{ .name = SLICE("commands"), .pattern = SLICE("^!") },
		{ .name = SLICE("spam"), .pattern = SLICE("(?i)spam") },
		{ .name = SLICE("messages"), .kinds = BIT(KIND_MESSAGE) },
	};
	const struct envelope typing = { .kind = KIND_TYPING };
	struct route_table *table = table_of(rules, LENGTH(rules));

	(void)state;
	assert_int_equal(route_table_count(table), 3);
	assert_int_equal(decide_text(table, "!spam"), 0);
	assert_int_equal(decide_text(table, "no SPAM"), 1);
	assert_int_equal(decide_text(table, "hi"), 2);
	assert_int_equal(decide(table, DIALECT_CONCORD, 0, &typing), 3);
	route_table_release(table);
}

static void each_condition_is_seen_in_its_order(void **state)
{
	const struct slice only_games[] = { SLICE("games*") };
	const struct slice authors[] = { SLICE("Ann"), SLICE("#7") };
	const struct route_rule rule = { .name = SLICE("all"),
					 .origins = BIT(DIALECT_MIXER) | BIT(ROUTE_FROM_BACKEND),
					 .rooms = only_games,
					 .room_count = 1,
					 .kinds = BIT(KIND_MESSAGE) | BIT(KIND_POLL_START),
					 .authors = authors,
					 .author_count = 2,
					 .roles = ROLE_MOD | ROLE_OWNER,
					 .pattern = SLICE("x") };
	struct route_table *table = table_of(&rule, 1);
	struct envelope event = { .kind = KIND_TYPING };
	struct route_subject subject = { &event, DIALECT_SIMPLE, 0, 0 };

	(void)state;
	assert_int_equal(route_table_miss(table, 0, &subject), ROUTE_MISS_DIALECT);
	subject.origin = ROUTE_FROM_BACKEND;
	assert_int_equal(route_table_miss(table, 0, &subject), ROUTE_MISS_ROOM);
	subject.room = 2;
	assert_int_equal(route_table_miss(table, 0, &subject), ROUTE_MISS_KIND);
	event.kind = KIND_POLL_START;
	assert_int_equal(route_table_miss(table, 0, &subject), ROUTE_MISS_AUTHOR);
	event.author.name = SLICE("aNN");
	assert_int_equal(route_table_miss(table, 0, &subject), ROUTE_MISS_ROLE);
	event.author.name = SLICE("somebody");
	event.author.number = 7;
	assert_int_equal(route_table_miss(table, 0, &subject), ROUTE_MISS_ROLE);
	event.author.roles = ROLE_USER | ROLE_OWNER;
	assert_int_equal(route_table_miss(table, 0, &subject), ROUTE_MISS_TEXT);
	event.text = SLICE("x");
	assert_int_equal(route_table_miss(table, 0, &subject), ROUTE_MISS_TEXT);
	event.kind = KIND_MESSAGE;
	assert_int_equal(route_table_miss(table, 0, &subject), ROUTE_HIT);
	assert_int_equal(route_table_decide(table, &subject, NULL), 0);
	route_table_release(table);
}

static void upstreams_are_told_apart(void **state)
{
	const struct route_rule rules[] = {
		{ .name = SLICE("some"), .upstreams = UINT64_C(1) << 63 | 2 },
		{ .name = SLICE("any"), .origins = BIT(ROUTE_FROM_UPSTREAM) },
		{ .name = SLICE("else") },
	};
	struct route_table *table = table_of(rules, LENGTH(rules));
	const struct envelope event = { .kind = KIND_ENTER };
	struct route_subject subject = { &event, ROUTE_FROM_UPSTREAM, 0, 63 };

	(void)state;
	assert_int_equal(route_table_decide(table, &subject, NULL), 0);
	subject.upstream = 1;
	assert_int_equal(route_table_decide(table, &subject, NULL), 0);
	subject.upstream = 0;
	assert_int_equal(route_table_decide(table, &subject, NULL), 1);
	assert_int_equal(route_table_miss(table, 0, &subject), ROUTE_MISS_UPSTREAM);
	subject.upstream = SIZE_MAX;
	assert_int_equal(route_table_decide(table, &subject, NULL), 1);
	subject.origin = DIALECT_MIXER;
	subject.upstream = 1;
	assert_int_equal(route_table_decide(table, &subject, NULL), 2);
	assert_int_equal(route_table_miss(table, 0, &subject), ROUTE_MISS_UPSTREAM);
	assert_int_equal(route_table_miss(table, 1, &subject), ROUTE_MISS_DIALECT);
	route_table_release(table);
}

static void misses_are_told_in_words(void **state)
{
	(void)state;
	assert_string_equal(route_miss_text(ROUTE_HIT), "it matches");
	assert_string_equal(route_miss_text(ROUTE_MISS_UPSTREAM), "it came by no such upstream");
	assert_string_equal(route_miss_text(ROUTE_MISS_DIALECT), "its dialect is a different one");
	assert_string_equal(route_miss_text(ROUTE_MISS_ROOM), "its room is a different one");
	assert_string_equal(route_miss_text(ROUTE_MISS_KIND), "its kind is a different one");
	assert_string_equal(route_miss_text(ROUTE_MISS_AUTHOR), "its author is a different one");
	assert_string_equal(route_miss_text(ROUTE_MISS_ROLE), "its author has none of the roles");
	assert_string_equal(route_miss_text(ROUTE_MISS_TEXT),
			    "the pattern does not match in its text");
}

/* Nobody has no name: they are no author, and have no number 0 either. */
static void nobody_is_no_author(void **state)
{
	const struct slice authors[] = { SLICE("ann"), SLICE("#1") };
	const struct route_rule rule = { .name = SLICE("a"),
					 .authors = authors,
					 .author_count = 2 };
	struct route_table *table = table_of(&rule, 1);
	struct envelope event = { .kind = KIND_NOTICE, .text = SLICE("hi") };
	struct route_subject subject = { &event, DIALECT_MIXER, 0, 0 };

	(void)state;
	assert_int_equal(route_table_miss(table, 0, &subject), ROUTE_MISS_AUTHOR);
	assert_int_equal(route_table_decide(table, &subject, NULL), 1);
	route_table_release(table);
}

static void rules_without_a_destination_deliver_to_their_own_room(void **state)
{
	const struct route_step tap[] = { { .action = ROUTE_TAP, .target = 3 } };
	const struct route_step refuse[] = { { .action = ROUTE_ASK, .target = 1, .deadline_ms = 9 },
					     { .action = ROUTE_REFUSE,
					       .text = SLICE("not here") } };
	const struct route_rule rules[] = {
		{ .name = SLICE("r"), .pattern = SLICE("^r"), .steps = refuse, .step_count = 2 },
		{ .name = SLICE("t"), .pattern = SLICE("^t"), .steps = tap, .step_count = 1 },
		{ .name = SLICE("n") },
	};
	struct route_table *table = table_of(rules, LENGTH(rules));
	const struct route_step *steps;
	size_t count;

	(void)state;
	steps = route_table_steps(table, 0, &count);
	assert_int_equal(count, 2);
	assert_int_equal(steps[0].deadline_ms, 9);
	assert_int_equal(steps[1].action, ROUTE_REFUSE);
	assert_true(slice_is(steps[1].text, "not here"));
	assert_ptr_not_equal(steps[1].text.data, refuse[1].text.data);
	steps = route_table_steps(table, 1, &count);
	assert_int_equal(count, 2);
	assert_int_equal(steps[0].target, 3);
	assert_int_equal(steps[1].action, ROUTE_ROOM);
	assert_true(steps[1].target == ROUTE_OWN_ROOM);
	(void)route_table_steps(table, 2, &count);
	assert_int_equal(count, 1);
	assert_true(slice_is(route_table_name(table, 1), "t"));
	route_table_release(table);
}

static void patterns_that_give_up_are_told_and_not_found(void **state)
{
	static char text[60000];
	const struct route_rule rules[] = {
		{ .name = SLICE("slow"), .pattern = SLICE("\\w*[!?]") },
		{ .name = SLICE("next"), .pattern = SLICE("a") },
	};
	struct route_table *table = table_of(rules, LENGTH(rules));
	struct envelope event = { .kind = KIND_MESSAGE, .text = { text, sizeof(text) } };
	struct route_subject subject = { &event, DIALECT_MIXER, 0, 0 };
	bool limited = false;

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_int_equal(route_table_decide(table, &subject, &limited), 1);
	assert_true(limited);
	assert_int_equal(route_table_miss(table, 0, &subject), ROUTE_MISS_TEXT);
	event.text = SLICE("well!");
	assert_int_equal(route_table_decide(table, &subject, &limited), 0);
	assert_true(limited); /* never cleared */
	limited = false;
	assert_int_equal(route_table_decide(table, &subject, &limited), 0);
	assert_false(limited);
	route_table_release(table);
}

/* ---- counting and threads ---- */

static void *decide_often(void *data)
{
	const struct route_table *table = data;
	size_t *wrong = calloc(1, sizeof(*wrong));

	for (size_t i = 0; wrong && i < 2000; i++) {
		route_table_hold(table);
		*wrong += decide_text(table, i % 2 ? "!x" : "x") != (i % 2 ? 0 : 1);
		route_table_release(table);
	}
	route_table_release(table);
	return wrong;
}

static void many_threads_decide_with_one_table(void **state)
{
	const struct route_rule rules[] = { { .name = SLICE("c"), .pattern = SLICE("^!") },
					    { .name = SLICE("x"), .pattern = SLICE("^x$") } };
	struct route_table *table = table_of(rules, LENGTH(rules));
	pthread_t threads[THREADS];

	(void)state;
	for (size_t i = 0; i < THREADS; i++) {
		assert_ptr_equal(route_table_hold(table), table);
		assert_int_equal(pthread_create(&threads[i], NULL, decide_often, table), 0);
	}
	route_table_release(table);
	for (size_t i = 0; i < THREADS; i++) {
		void *wrong;

		assert_int_equal(pthread_join(threads[i], &wrong), 0);
		assert_non_null(wrong);
		assert_int_equal(*(size_t *)wrong, 0);
		free(wrong);
	}
	route_table_release(NULL);
}

/* ---- as the plain list does ---- */

struct pair {
	uint64_t seed; /* what its table was made of */
	size_t decided, implicit, faulty;
};

/* A random table without what is reported of it. */
static struct route_table *random_table(uint64_t *seed, struct world_rule *rules, size_t *count,
					size_t *faulty)
{
	static struct faults faults;
	struct route_table *table;

	*count = 1 + below(seed, WORLD_RULES);
	for (size_t i = 0; i < *count; i++)
		random_rule(seed, &rules[i], i);
	while (!(table = world_compile(&faults, rules, *count, WORLD_ROOMS))) {
		*faulty += 1;
		for (size_t i = *count; i--;)
			for (size_t j = 0; j < faults.count && j < FAULTS_MAX; j++)
				if (faults.list[j].rule == i) {
					world_remove(rules, count, i);
					break;
				}
	}
	return table;
}

static void check_pair(const struct route_table *table, const struct world_rule *rules,
		       size_t count, const struct route_subject *subject, struct pair *pair)
{
	bool limited = false;
	size_t plain = plain_decide(rules, count, subject, world_rooms);
	size_t decided = route_table_decide(table, subject, &limited);

	if (decided != plain || limited)
		fail_msg("seed %" PRIu64 ": rule %zu decides, not %zu, of a %s from %zu in %s",
			 pair->seed, decided, plain, envelope_kind_name(subject->event->kind),
			 subject->origin, world_rooms[subject->room].data);
	for (size_t i = 0; i < count; i++) {
		enum route_miss miss = route_table_miss(table, i, subject);
		enum route_miss wanted = plain_miss(&rules[i].rule, subject, world_rooms);

		if (miss != wanted)
			fail_msg("seed %" PRIu64 ": rule %zu of %zu: \"%s\", not \"%s\"",
				 pair->seed, i, count, route_miss_text(miss),
				 route_miss_text(wanted));
	}
	pair->decided += decided < count;
	pair->implicit += decided == count;
}

static void the_table_decides_as_the_plain_list(void **state)
{
	static struct world_rule rules[WORLD_RULES];
	struct pair pair = { .seed = 0 };
	uint64_t seed = SEED;

	(void)state;
	for (size_t i = 0; i < TABLES; i++) {
		struct route_table *table;
		size_t count;

		pair.seed = seed;
		table = random_table(&seed, rules, &count, &pair.faulty);
		assert_int_equal(route_table_count(table), count);
		for (size_t j = 0; j < EVENTS_PER_TABLE; j++) {
			struct envelope event;
			struct route_subject subject = { &event,
							 world_origin(below(&seed, WORLD_ORIGINS)),
							 below(&seed, WORLD_ROOMS),
							 below(&seed, WORLD_UPSTREAMS) };

			random_event(&seed, &event);
			check_pair(table, rules, count, &subject, &pair);
		}
		route_table_release(table);
	}
	print_message("%zu decided by a rule, %zu by none; %zu tables had faults\n", pair.decided,
		      pair.implicit, pair.faulty);
	/* Chance must not have made it too easy. */
	assert_int_equal(pair.decided + pair.implicit, TABLES * EVENTS_PER_TABLE);
	assert_true(pair.decided > TABLES && pair.implicit > TABLES);
}

/* A row has more than one word; rules in every one of them decide. */
static void rules_beyond_the_first_words_decide(void **state)
{
	static struct route_rule rules[ROUTES_MAX];
	static char names[ROUTES_MAX][32];
	static struct slice authors[ROUTES_MAX];
	struct route_table *table;

	(void)state;
	for (size_t i = 0; i < ROUTES_MAX; i++) {
		snprintf(names[i], sizeof(names[i]), "#%zu", i + 1);
		authors[i] = slice_of(names[i]);
		rules[i] = (struct route_rule){ .name = authors[i],
						.authors = &authors[i],
						.author_count = 1 };
	}
	table = table_of(rules, ROUTES_MAX);
	for (uint32_t i = 0; i <= ROUTES_MAX; i++) {
		struct envelope event = { .kind = KIND_MESSAGE, .author = { .number = i + 1 } };

		assert_int_equal(decide(table, DIALECT_ROOMS, i % LENGTH(rooms), &event), i);
	}
	route_table_release(table);
}

/* Rooms by other numbers: where no room has one, rules decide that are for any. */
static void rooms_may_have_other_numbers(void **state)
{
	static const size_t places[] = { 7, 2 };
	const struct slice two[] = { SLICE("lobby"), SLICE("attic") }, any = SLICE("*");
	const struct route_step on = { .action = ROUTE_ROOM, .target = 1 };
	const struct route_rule given[] = {
		{ .name = SLICE("a"),
		  .rooms = &two[0],
		  .room_count = 1,
		  .steps = &on,
		  .step_count = 1 },
		{ .name = SLICE("b"), .rooms = &two[1], .room_count = 1, .roles = ROLE_MOD },
		{ .name = SLICE("c"), .rooms = &any, .room_count = 1, .roles = ROLE_OWNER },
		{ .name = SLICE("d"), .kinds = BIT(KIND_EDIT) },
	};
	struct envelope event = { .kind = KIND_MESSAGE,
				  .author = { .roles = ROLE_MOD | ROLE_OWNER } };
	struct envelope edit = { .kind = KIND_EDIT };
	static struct faults faults;
	struct route_table *table = compile(&faults, given, LENGTH(given), two, 2);
	const struct route_step *steps;
	size_t count;

	(void)state;
	assert_non_null(table);
	steps = route_table_steps(table, 0, &count);
	assert_true(slice_is(steps[0].text, "attic"));
	assert_int_equal(steps[0].target, 1);
	route_table_number(table, places);
	assert_int_equal(steps[0].target, 2);
	assert_int_equal(decide(table, DIALECT_MIXER, 7, &event), 0);
	assert_int_equal(decide(table, DIALECT_MIXER, 2, &event), 1);
	for (size_t room = 0; room < 10; room++)
		if (room != 7 && room != 2) {
			assert_int_equal(decide(table, DIALECT_MIXER, room, &event), 2);
			assert_int_equal(decide(table, ROUTE_FROM_BACKEND, room, &edit), 3);
		}
	route_table_release(table);
}

/* The table has it from the call on; what says nothing is none. */
static void a_rule_has_its_ladder(void **state)
{
	struct ladder ladder = { .mass_mentions = true };
	const struct ladder empty = { .mass_mentions = false };
	const struct route_rule given[] = {
		{ .name = SLICE("one"), .kinds = BIT(KIND_EDIT), .ladder = &ladder },
		{ .name = SLICE("two"), .kinds = BIT(KIND_DELETE), .ladder = &empty },
		{ .name = SLICE("three") },
	};
	const struct slice lobby = SLICE("lobby");
	struct faults faults;
	struct route_table *table;

	(void)state;
	ladder.rules[DIALECT_SIMPLE][KIND_EDIT] = 1 + RULE_NOTICE;
	table = compile(&faults, given, LENGTH(given), &lobby, 1);
	assert_non_null(table);
	ladder = empty;
	assert_true(route_table_ladder(table, 0)->mass_mentions);
	assert_int_equal(route_table_ladder(table, 0)->rules[DIALECT_SIMPLE][KIND_EDIT],
			 1 + RULE_NOTICE);
	assert_null(route_table_ladder(table, 1));
	assert_null(route_table_ladder(table, 2));
	assert_null(route_table_ladder(table, route_table_count(table)));
	route_table_release(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_table_leaves_all_to_the_implicit_rule),
		cmocka_unit_test(the_first_rule_that_matches_decides),
		cmocka_unit_test(each_condition_is_seen_in_its_order),
		cmocka_unit_test(upstreams_are_told_apart),
		cmocka_unit_test(misses_are_told_in_words),
		cmocka_unit_test(nobody_is_no_author),
		cmocka_unit_test(rules_without_a_destination_deliver_to_their_own_room),
		cmocka_unit_test(patterns_that_give_up_are_told_and_not_found),
		cmocka_unit_test(many_threads_decide_with_one_table),
		cmocka_unit_test(the_table_decides_as_the_plain_list),
		cmocka_unit_test(rules_beyond_the_first_words_decide),
		cmocka_unit_test(rooms_may_have_other_numbers),
		cmocka_unit_test(a_rule_has_its_ladder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
