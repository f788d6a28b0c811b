#include <stdlib.h>

#include "tests/routes/rules/route_fixture.h"

#define STEPS(...)                                                                                 \
	.steps = (const struct route_step[]){ __VA_ARGS__ },                                       \
	.step_count = LENGTH(((const struct route_step[]){ __VA_ARGS__ }))
#define LIST(list, ...)                                                                            \
	.list##s = (const struct slice[]){ __VA_ARGS__ },                                          \
	.list##_count = LENGTH(((const struct slice[]){ __VA_ARGS__ }))

static const struct slice rooms[] = {
	{ "lobby", 5 }, { "games", 5 }, { "games.go", 8 }, { "dev", 3 }
};
enum { LOBBY, GAMES, GAMES_GO, DEV };

static struct faults faults;

/* The rules have exactly one fault: of this rule and step, in these words. */
static void check_fault(const struct route_rule *rules, size_t count, size_t rule, size_t step,
			const char *text)
{
	struct route_table *table = compile(&faults, rules, count, rooms, LENGTH(rooms));

	assert_null(table);
	assert_string_equal(faults.list[0].text, text);
	assert_int_equal(faults.count, 1);
	assert_int_equal(faults.list[0].rule, rule);
	assert_true(faults.list[0].step == step);
}

static void check_sound(const struct route_rule *rules, size_t count)
{
	struct route_table *table = compile(&faults, rules, count, rooms, LENGTH(rooms));

	if (!table)
		fail_msg("rule %zu: %s", faults.list[0].rule, faults.list[0].text);
	route_table_release(table);
}

static void check_rule(struct route_rule rule, const char *text)
{
	rule.name = SLICE("one");
	check_fault(&rule, 1, 0, SIZE_MAX, text);
}

static void check_step(struct route_rule rule, size_t step, const char *text)
{
	rule.name = SLICE("one");
	check_fault(&rule, 1, 0, step, text);
}

/* ---- conditions ---- */

static void wrong_patterns_are_told(void **state)
{
	(void)state;
	check_rule((struct route_rule){ .pattern = SLICE("(a") },
		   "the pattern of text is invalid: missing closing parenthesis, at byte 2");
	check_rule(
	    (struct route_rule){ .pattern = SLICE("a\\C") },
	    "the pattern of text is invalid: using \\C is disabled by the application, at byte 3");
}

static void authors_have_to_be_possible(void **state)
{
	static const char *const numbers[] = {
		"#", "#0", "#x", "#1x", "#-1", "# 1", "#2147483648", "#99999999999999999999999999"
	};
	char text[96];

	(void)state;
	for (size_t i = 0; i < LENGTH(numbers); i++) {
		snprintf(text, sizeof(text), "author \"%s\" is not a number from #1 to #2147483647",
			 numbers[i]);
		check_rule((struct route_rule){ LIST(author, SLICE("ann"), slice_of(numbers[i])) },
			   text);
	}
	check_rule((struct route_rule){ LIST(author, SLICE("\xe2\x80\x8b")) },
		   "author \"\\xe2\\x80\\x8b\" is not a valid name");
	check_rule((struct route_rule){ LIST(author, SLICE("")) },
		   "author \"\" is not a valid name");
	check_sound(&(struct route_rule){ .name = SLICE("a"),
					  LIST(author, SLICE("#1"), SLICE("#2147483647")) },
		    1);
}

static void rooms_have_to_exist(void **state)
{
	(void)state;
	check_rule((struct route_rule){ LIST(room, SLICE("lobby"), SLICE("loby")) },
		   "there is no room \"loby\"");
	check_rule((struct route_rule){ LIST(room, SLICE("x*")) }, "there is no room \"x*\"");
	check_rule((struct route_rule){ LIST(room, SLICE("Lobby")) }, "there is no room \"Lobby\"");
	check_rule((struct route_rule){ LIST(room, SLICE("games.go2*")) },
		   "there is no room \"games.go2*\"");
	check_sound(
	    &(struct route_rule){ .name = SLICE("a"), LIST(room, SLICE("games.go*"), SLICE("*")) },
	    1);
}

static void some_kinds_are_never_routed(void **state)
{
	(void)state;
	check_rule((struct route_rule){ .kinds = BIT(KIND_POLL_END) },
		   "kind \"poll_end\" is never routed: no client or backend can send it");
	check_rule((struct route_rule){ .kinds = BIT(KIND_OPAQUE) | BIT(KIND_MESSAGE) },
		   "kind \"opaque\" is never routed: no client or backend can send it");
	check_sound(&(struct route_rule){ .name = SLICE("a"),
					  .kinds = (BIT(ENVELOPE_KINDS) - 1) &
						   ~(BIT(KIND_POLL_END) | BIT(KIND_OPAQUE)) },
		    1);
}

static void faults_of_all_rules_come_in_one_go(void **state)
{
	const struct route_rule rules[] = {
		{ .name = SLICE("a"), .pattern = SLICE("("), LIST(room, SLICE("nowhere")) },
		{ .name = SLICE("b"),
		  .kinds = BIT(KIND_OPAQUE),
		  STEPS({ .action = ROUTE_DROP }, { .action = ROUTE_TAP }) },
		{ .name = SLICE("c"), .kinds = BIT(KIND_TYPING), .origins = BIT(DIALECT_SIMPLE) },
	};

	(void)state;
	assert_null(compile(&faults, rules, LENGTH(rules), rooms, LENGTH(rooms)));
	assert_int_equal(faults.count, 5);
}

/* ---- rules that can never match ---- */

static void what_nobody_there_says_cannot_be_matched(void **state)
{
	(void)state;
	check_rule((struct route_rule){ .origins = BIT(DIALECT_SIMPLE), .kinds = BIT(KIND_TYPING) },
		   "can never match: typing never comes from simple");
	check_rule(
	    (struct route_rule){ .origins = BIT(DIALECT_SIMPLE) | BIT(DIALECT_MIXER),
				 .kinds = BIT(KIND_TYPING) | BIT(KIND_READ) | BIT(KIND_EDIT) },
	    "can never match: edit, typing and read never come from mixer or simple");
	check_rule((struct route_rule){ .origins = BIT(ROUTE_FROM_BACKEND),
					.kinds = BIT(KIND_ENTER) | BIT(KIND_EXIT) },
		   "can never match: enter and exit never come from backend");
	for (size_t origin = 0; origin < ROUTE_ORIGINS; origin++) {
		for (enum envelope_kind kind = 0; kind < KIND_POLL_END; kind++) {
			const struct route_rule rule = { .name = SLICE("a"),
							 .origins = BIT(origin),
							 .kinds = BIT(kind) };
			struct route_table *table =
			    compile(&faults, &rule, 1, rooms, LENGTH(rooms));

			assert_int_equal(!!table, plain_said(origin, kind));
			route_table_release(table);
		}
	}
}

static void what_comes_by_an_upstream_has_its_origin(void **state)
{
	const struct route_rule rules[] = {
		{ .name = SLICE("a"), .upstreams = 3 },
		{ .name = SLICE("b"), .upstreams = 4, LIST(author, SLICE("ann")) },
		{ .name = SLICE("c"), .upstreams = 6 },
		{ .name = SLICE("d"), .upstreams = 2, .origins = BIT(ROUTE_FROM_UPSTREAM) },
	};

	(void)state;
	check_rule((struct route_rule){ .origins = BIT(DIALECT_SIMPLE) | BIT(ROUTE_FROM_BACKEND),
					.upstreams = 1 },
		   "can never match: what comes by an upstream is of no dialect but \"upstream\"");
	check_sound(&(struct route_rule){ .name = SLICE("a"),
					  .origins = BIT(DIALECT_SIMPLE) | BIT(ROUTE_FROM_UPSTREAM),
					  .kinds = BIT(KIND_ENTER),
					  .upstreams = 1 },
		    1);
	check_fault(rules, LENGTH(rules), 3, SIZE_MAX,
		    "can never match: rule \"a\" before it matches all that this one does");
}

static void kinds_without_a_text_match_no_pattern(void **state)
{
	(void)state;
	check_rule((struct route_rule){ .kinds = BIT(KIND_TYPING), .pattern = SLICE("a") },
		   "can never match: it needs a text, and typing has none");
	check_rule((struct route_rule){ .kinds = BIT(KIND_DELETE) | BIT(KIND_POLL_START),
					.pattern = SLICE("a") },
		   "can never match: it needs a text, and delete and poll_start have none");
	/* mixer's clients do not edit, so only delete is left. */
	check_rule((struct route_rule){ .origins = BIT(DIALECT_MIXER),
					.kinds = BIT(KIND_DELETE) | BIT(KIND_EDIT),
					.pattern = SLICE("a") },
		   "can never match: it needs a text, and delete has none");
	for (enum envelope_kind kind = 0; kind < KIND_POLL_END; kind++) {
		const struct route_rule rule = { .name = SLICE("a"),
						 .kinds = BIT(kind),
						 .pattern = SLICE("a") };
		struct route_table *table = compile(&faults, &rule, 1, rooms, LENGTH(rooms));

		assert_int_equal(!!table, plain_has_text(kind));
		route_table_release(table);
	}
}

static void an_earlier_rule_that_matches_all_is_named(void **state)
{
	const struct route_rule first = { .name = SLICE("com\"mands") };
	const struct route_rule later[] = {
		{ .name = SLICE("all") },
		{ .name = SLICE("text"), .pattern = SLICE("^!") },
		{ .name = SLICE("room"), LIST(room, SLICE("games*")) },
		{ .name = SLICE("author"), LIST(author, SLICE("ann")) },
		{ .name = SLICE("role"), .roles = ROLE_MOD },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(later); i++) {
		const struct route_rule rules[] = { first, later[i] };

		check_fault(rules, 2, 1, SIZE_MAX,
			    "can never match: rule \"com\\x22mands\" before it matches all that "
			    "this one does");
	}
}

/* Two rules, where the earlier one's conditions take all of the later one's: or just not. */
static void check_two(struct route_rule earlier, struct route_rule later, bool taken)
{
	const struct route_rule rules[] = { earlier, later };

	if (taken)
		check_fault(rules, 2, 1, SIZE_MAX,
			    "can never match: rule \"first\" before it matches all that this one "
			    "does");
	else
		check_sound(rules, 2);
}

#define FIRST(...)  ((struct route_rule){ .name = SLICE("first"), __VA_ARGS__ })
#define SECOND(...) ((struct route_rule){ .name = SLICE("second"), __VA_ARGS__ })

static void conditions_no_narrower_take_all(void **state)
{
	const struct slice ann = SLICE("ann"), bob = SLICE("BOB"), seven = SLICE("#7");

	(void)state;
	check_two(FIRST(.pattern = SLICE("a")), SECOND(.pattern = SLICE("a")), true);
	check_two(FIRST(.pattern = SLICE("a")), SECOND(.pattern = SLICE("aa")), false);
	check_two(FIRST(.pattern = SLICE("a")), SECOND(.kinds = BIT(KIND_MESSAGE)), false);
	check_two(FIRST(.pattern = SLICE("a")),
		  SECOND(.pattern = SLICE("a"), LIST(author, ann), .roles = ROLE_MOD), true);
	check_two(FIRST(LIST(author, SLICE("ANN"), bob)), SECOND(LIST(author, ann)), true);
	check_two(FIRST(LIST(author, ann)), SECOND(LIST(author, ann, bob)), false);
	check_two(FIRST(LIST(author, ann, seven)), SECOND(LIST(author, SLICE("#007"))), true);
	check_two(FIRST(LIST(author, ann)), SECOND(LIST(author, seven)), false);
	check_two(FIRST(LIST(author, seven)), SECOND(LIST(author, ann)), false);
	check_two(FIRST(.roles = ROLE_MOD | ROLE_OWNER), SECOND(.roles = ROLE_MOD), true);
	check_two(FIRST(.roles = ROLE_MOD), SECOND(.roles = ROLE_MOD | ROLE_OWNER), false);
	check_two(FIRST(.roles = ROLE_MOD), SECOND(LIST(author, ann)), false);
	check_two(FIRST(LIST(room, SLICE("games*"))),
		  SECOND(LIST(room, SLICE("games"), SLICE("games.go"))), true);
	check_two(FIRST(LIST(room, SLICE("games.*"))), SECOND(LIST(room, SLICE("games*"))), false);
	check_two(FIRST(LIST(room, SLICE("games*"), SLICE("lobby"), SLICE("d*"))),
		  SECOND(.origins = 0), true);
	check_two(FIRST(.kinds = BIT(KIND_MESSAGE) | BIT(KIND_TYPING)),
		  SECOND(.kinds = BIT(KIND_MESSAGE)), true);
	/* simple's clients say nothing else. */
	check_two(FIRST(.kinds = BIT(KIND_MESSAGE) | BIT(KIND_ENTER) | BIT(KIND_EXIT)),
		  SECOND(.origins = BIT(DIALECT_SIMPLE)), true);
	check_two(FIRST(.kinds = BIT(KIND_MESSAGE) | BIT(KIND_ENTER)),
		  SECOND(.origins = BIT(DIALECT_SIMPLE)), false);
	/* What has a text is all that a pattern is looked for in. */
	check_two(FIRST(.kinds = BIT(KIND_MESSAGE)),
		  SECOND(.origins = BIT(DIALECT_SIMPLE), .pattern = SLICE("a")), true);
	check_two(FIRST(.kinds = BIT(KIND_MESSAGE) | BIT(KIND_KICK)),
		  SECOND(.origins = BIT(DIALECT_ROOMS), .pattern = SLICE("a")), true);
	check_two(FIRST(.kinds = BIT(KIND_MESSAGE)),
		  SECOND(.origins = BIT(DIALECT_ROOMS), .pattern = SLICE("a")), false);
}

static void earlier_rules_may_match_all_together(void **state)
{
	const struct route_rule two[] = {
		{ .name = SLICE("a"), LIST(room, SLICE("games*"), SLICE("dev")) },
		{ .name = SLICE("x"), .kinds = BIT(KIND_TYPING) },
		{ .name = SLICE("b"), LIST(room, SLICE("lobby")), .origins = 0xf },
		{ .name = SLICE("c"), .origins = 0x3, .kinds = BIT(KIND_MESSAGE) },
	};
	const struct route_rule many[] = {
		{ .name = SLICE("a"), LIST(room, SLICE("lobby")) },
		{ .name = SLICE("b"), LIST(room, SLICE("games")) },
		{ .name = SLICE("c"), LIST(room, SLICE("games.go")), .pattern = SLICE("x") },
		{ .name = SLICE("d"), LIST(room, SLICE("dev")), .origins = 0x7 },
		{ .name = SLICE("e"),
		  LIST(room, SLICE("dev")),
		  .origins =
		      BIT(DIALECT_SIMPLE) | BIT(ROUTE_FROM_BACKEND) | BIT(ROUTE_FROM_UPSTREAM) },
		{ .name = SLICE("f"), .pattern = SLICE("x"), LIST(author, SLICE("ann")) },
	};

	(void)state;
	check_fault(two, LENGTH(two), 3, SIZE_MAX,
		    "can never match: rules \"a\" and \"b\" before it match all that this one "
		    "does");
	check_fault(
	    many, LENGTH(many), 5, SIZE_MAX,
	    "can never match: rules \"a\", \"b\", \"c\" and 2 more before it match all that "
	    "this one does");
}

/* ---- steps ---- */

static void the_last_steps_stand_last(void **state)
{
	(void)state;
	check_step((struct route_rule){ STEPS({ .action = ROUTE_DROP }, { .action = ROUTE_TAP }) },
		   0, "drop is not the last step");
	check_step((struct route_rule){ STEPS({ .action = ROUTE_ASK }, { .action = ROUTE_REFUSE },
					      { .action = ROUTE_DROP }) },
		   1, "refuse is not the last step");
	check_step(
	    (struct route_rule){ STEPS({ .action = ROUTE_BACKEND }, { .action = ROUTE_DROP }) }, 1,
	    "drop follows a step that delivers the event");
	check_step(
	    (struct route_rule){ STEPS({ .action = ROUTE_UPSTREAM }, { .action = ROUTE_DROP }) }, 1,
	    "drop follows a step that delivers the event");
	check_step((struct route_rule){ STEPS({ .action = ROUTE_ROOM, .target = ROUTE_OWN_ROOM },
					      { .action = ROUTE_REFUSE }) },
		   1, "refuse follows a step that delivers the event");
	check_sound(
	    &(struct route_rule){ .name = SLICE("a"),
				  STEPS({ .action = ROUTE_TAP }, { .action = ROUTE_DROP }) },
	    1);
}

static void presence_goes_its_way(void **state)
{
	static const struct {
		struct route_step step;
		const char *word;
	} wrong[] = { { { .action = ROUTE_ASK }, "asked about" },
		      { { .action = ROUTE_REWRITE }, "rewritten" },
		      { { .action = ROUTE_ROOM, .target = DEV }, "passed on to another room" },
		      { { .action = ROUTE_REFUSE }, "refused" },
		      { { .action = ROUTE_DROP }, "dropped" } };
	char text[128];

	(void)state;
	for (size_t i = 0; i < LENGTH(wrong); i++) {
		struct route_rule rule = { .kinds = BIT(KIND_ENTER) | BIT(KIND_EXIT),
					   .name = SLICE("a"),
					   .steps = &wrong[i].step,
					   .step_count = 1 };

		snprintf(text, sizeof(text),
			 "enter and exit cannot be %s, and the rule matches nothing else",
			 wrong[i].word);
		check_step(rule, 0, text);
		/* simple's clients cannot type, so enter is all that is left. */
		rule.kinds = BIT(KIND_ENTER) | BIT(KIND_TYPING);
		rule.origins = BIT(DIALECT_SIMPLE);
		check_step(rule, 0, text);
		rule.kinds |= BIT(KIND_MESSAGE);
		check_sound(&rule, 1);
	}
	check_sound(
	    &(struct route_rule){ .name = SLICE("a"),
				  .kinds = BIT(KIND_ENTER),
				  STEPS({ .action = ROUTE_TAP }, { .action = ROUTE_BACKEND },
					{ .action = ROUTE_ROOM, .target = ROUTE_OWN_ROOM }) },
	    1);
	check_sound(&(struct route_rule){ .name = SLICE("a"),
					  .kinds = BIT(KIND_ENTER),
					  LIST(room, SLICE("dev")),
					  STEPS({ .action = ROUTE_ROOM, .target = DEV }) },
		    1);
}

/* ---- circles ---- */

#define TO(room) STEPS({ .action = ROUTE_ROOM, .target = (room) })

static void circles_are_told_with_their_rooms(void **state)
{
	const struct route_rule two[] = {
		{ .name = SLICE("a"), LIST(room, SLICE("lobby")), TO(GAMES) },
		{ .name = SLICE("b"),
		  LIST(room, SLICE("games")),
		  .pattern = SLICE("x"),
		  STEPS({ .action = ROUTE_TAP }, { .action = ROUTE_ROOM, .target = ROUTE_OWN_ROOM },
			{ .action = ROUTE_ROOM, .target = LOBBY }) },
	};
	const struct route_rule three[] = {
		{ .name = SLICE("a"), LIST(room, SLICE("lobby")), TO(GAMES) },
		{ .name = SLICE("b"), LIST(room, SLICE("games")), .roles = ROLE_MOD, TO(DEV) },
		{ .name = SLICE("c"),
		  .kinds = BIT(KIND_TYPING),
		  LIST(room, SLICE("dev")),
		  LIST(author, SLICE("ann")),
		  TO(LOBBY) },
	};
	const struct route_rule one[] = {
		{ .name = SLICE("all"),
		  STEPS({ .action = ROUTE_ROOM, .target = LOBBY },
			{ .action = ROUTE_ROOM, .target = DEV }) },
	};

	(void)state;
	check_fault(two, LENGTH(two), 0, 0,
		    "loop: rooms pass events on in a circle: \"games\" to \"lobby\" to \"games\" "
		    "(message from mixer)");
	check_fault(three, LENGTH(three), 0, 0,
		    "loop: rooms pass events on in a circle: \"games\" to \"dev\" to \"lobby\" to "
		    "\"games\" (typing from concord)");
	check_fault(one, LENGTH(one), 0, 0,
		    "loop: rooms pass events on in a circle: \"lobby\" to \"dev\" to \"lobby\" "
		    "(message from mixer)");
}

static void ways_that_end_are_no_circles(void **state)
{
	const struct route_rule to_itself[] = { { .name = SLICE("all"), TO(LOBBY) } };
	const struct route_rule other_kinds[] = {
		{ .name = SLICE("a"),
		  .kinds = BIT(KIND_MESSAGE),
		  LIST(room, SLICE("lobby")),
		  TO(GAMES) },
		{ .name = SLICE("b"),
		  .kinds = BIT(KIND_TYPING),
		  LIST(room, SLICE("games")),
		  TO(LOBBY) },
	};
	const struct route_rule other_origins[] = {
		{ .name = SLICE("a"),
		  .origins = BIT(DIALECT_MIXER),
		  LIST(room, SLICE("lobby")),
		  TO(GAMES) },
		{ .name = SLICE("b"),
		  .origins = BIT(DIALECT_SIMPLE),
		  LIST(room, SLICE("games")),
		  TO(LOBBY) },
	};
	const struct route_rule stopped[] = {
		{ .name = SLICE("stop"), LIST(room, SLICE("games")), .kinds = BIT(KIND_MESSAGE) },
		{ .name = SLICE("a"), LIST(room, SLICE("lobby")), TO(GAMES) },
		{ .name = SLICE("b"),
		  .kinds = BIT(KIND_MESSAGE),
		  LIST(room, SLICE("games*")),
		  TO(LOBBY) },
	};
	const struct route_rule chain[] = {
		{ .name = SLICE("a"), LIST(room, SLICE("lobby")), TO(GAMES) },
		{ .name = SLICE("b"), LIST(room, SLICE("games")), TO(GAMES_GO) },
		{ .name = SLICE("c"), LIST(room, SLICE("games.go")), TO(DEV) },
	};
	/* Presence, which nobody but clients says, stays where it is. */
	const struct route_rule presence[] = {
		{ .name = SLICE("a"), LIST(room, SLICE("lobby")), TO(GAMES) },
		{ .name = SLICE("b"),
		  .origins = BIT(DIALECT_SIMPLE),
		  LIST(room, SLICE("games")),
		  .kinds = BIT(KIND_MESSAGE) },
		{ .name = SLICE("c"),
		  .origins = BIT(DIALECT_SIMPLE),
		  LIST(room, SLICE("games"), SLICE("dev")),
		  TO(DEV) },
	};

	(void)state;
	check_sound(to_itself, LENGTH(to_itself));
	check_sound(other_kinds, LENGTH(other_kinds));
	check_sound(other_origins, LENGTH(other_origins));
	check_sound(stopped, LENGTH(stopped));
	check_sound(chain, LENGTH(chain));
	check_sound(presence, LENGTH(presence));
}

static void long_circles_are_told_in_part(void **state)
{
	enum { MANY = 12 };
	static char names[MANY][32];
	struct slice all[MANY];
	struct route_rule rules[MANY];
	struct route_step steps[MANY];

	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		snprintf(names[i], sizeof(names[i]), "r%zu", i);
		all[i] = slice_of(names[i]);
		steps[i] = (struct route_step){ .action = ROUTE_ROOM, .target = (i + 1) % MANY };
		rules[i] = (struct route_rule){ .name = all[i],
						.rooms = &all[i],
						.room_count = 1,
						.steps = &steps[i],
						.step_count = 1 };
	}
	assert_null(compile(&faults, rules, MANY, all, MANY));
	assert_int_equal(faults.count, 1);
	assert_int_equal(faults.list[0].rule, 0);
	assert_string_equal(
	    faults.list[0].text,
	    "loop: rooms pass events on in a circle: \"r1\" to \"r2\" to \"r3\" to \"r4\" to "
	    "\"r5\" to \"r6\" to \"r7\" to \"r8\" ... \"r0\" to \"r1\" (message from mixer)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_patterns_are_told),
		cmocka_unit_test(authors_have_to_be_possible),
		cmocka_unit_test(rooms_have_to_exist),
		cmocka_unit_test(some_kinds_are_never_routed),
		cmocka_unit_test(faults_of_all_rules_come_in_one_go),
		cmocka_unit_test(what_nobody_there_says_cannot_be_matched),
		cmocka_unit_test(what_comes_by_an_upstream_has_its_origin),
		cmocka_unit_test(kinds_without_a_text_match_no_pattern),
		cmocka_unit_test(an_earlier_rule_that_matches_all_is_named),
		cmocka_unit_test(conditions_no_narrower_take_all),
		cmocka_unit_test(earlier_rules_may_match_all_together),
		cmocka_unit_test(the_last_steps_stand_last),
		cmocka_unit_test(presence_goes_its_way),
		cmocka_unit_test(circles_are_told_with_their_rooms),
		cmocka_unit_test(ways_that_end_are_no_circles),
		cmocka_unit_test(long_circles_are_told_in_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
