#include "tests/routes/rules/run_fixture.h"

/* ---- what a run says, in words ---- */

/* One word for each result, "!" where it answers the speaker. */
struct words {
	char text[1024];
	size_t len;
};

__attribute__((format(printf, 2, 3))) static void put(struct words *words, const char *format, ...)
{
	va_list list;
	size_t room;

	if (words->len)
		words->text[words->len++] = ' ';
	room = sizeof(words->text) - words->len;
	va_start(list, format);
	words->len += (size_t)vsnprintf(words->text + words->len, room, format, list);
	va_end(list);
	assert_true(words->len < sizeof(words->text));
}

static void put_refusal(struct words *words, const struct run *run, const char *answers)
{
	put(words, "refuse%s(%s%s%.*s)", answers, reason_code(run->reason),
	    run->text.len ? ": " : "", (int)run->text.len, run->text.len ? run->text.data : "");
}

static void put_result(struct words *words, const struct run *run, enum run_result result)
{
	static const char *const skips[] = { "speaker", "told", "presence" };
	const struct route_step *step = run_step(run);
	const char *answers = run->answers ? "!" : "";

	switch (result) {
	case RUN_WAIT: put(words, "wait"); break;
	case RUN_ASK: put(words, "ask(%zu)", step->target); break;
	case RUN_COPY:
		put(words, "%s(%zu)", step->to_backend ? "copy" : "tap", step->target);
		break;
	case RUN_REWRITE: put(words, "rewrite"); break;
	case RUN_ORDER:
		if (run->follows)
			put(words, "order%s+%zu", answers, run->follows);
		else
			put(words, "order%s", answers);
		break;
	case RUN_PASS_ON: put(words, "pass%s(%zu)", answers, step->target); break;
	case RUN_BACKEND: put(words, "backend%s(%zu)", answers, step->target); break;
	case RUN_UPSTREAM: put(words, "upstream%s(%zu)", answers, step->target); break;
	case RUN_REFUSE: put_refusal(words, run, answers); break;
	case RUN_DROP: put(words, "drop%s", answers); break;
	case RUN_SKIP: put(words, "skip(%s)", skips[run->skipped]); break;
	case RUN_DONE: put(words, "done"); break;
	}
}

/* ---- rules and events, and what comes of them ---- */

#define A_BACKEND_SPEAKS 1 /* ... the backend of index 1, or the upstream */

/* All is said in the lobby, room 0. steps: see step_of(). how: B, a backend says it; U, it came by
 * an upstream; E, somebody enters; a digit, how often it was passed on; and a letter for each ask,
 * see answer(). */
struct scene {
	const char *steps, *how, *expected;
};

static const struct scene scenes[] = {
	/* Without a destination of its own a rule delivers to the event's room. */
	{ "", "", "order! done" },
	{ "rewrite", "", "rewrite order! done" },
	{ "tap2 copy1", "", "tap(2) copy(1) order! done" },

	/* Asking: allowed, refused, no answer and what the step says then, the end of the server.
	 */
	{ "ask0", "a", "ask(0) wait order! done" },
	{ "ask0", "r", "ask(0) wait refuse!(refused: no) done" },
	{ "ask0", "n", "ask(0) wait refuse!(no_answer) done" },
	{ "ask0", "c", "ask(0) wait refuse!(closing) done" },
	{ "ask0?", "n", "ask(0) wait order! done" },
	{ "ask0?", "r", "ask(0) wait refuse!(refused: no) done" },
	{ "ask0?", "c", "ask(0) wait refuse!(closing) done" },
	{ "ask0 ask1? rewrite ask2 own", "anr",
	  "ask(0) wait ask(1) wait rewrite ask(2) wait refuse!(refused: no) done" },

	/* What refuses and drops is the end, and is said to the speaker. */
	{ "refuse=Quiet", "", "refuse!(refused: Quiet) done" },
	{ "refuse", "", "refuse!(refused) done" },
	{ "tap0 ask0 drop", "a", "tap(0) ask(0) wait drop! done" },

	/* Copies right behind the event's own room are left to it; others are not. */
	{ "own tap0", "", "order!+1 done" },
	{ "tap3 own backend1 copy2 rewrite tap0 backend2", "",
	  "tap(3) order!+2 rewrite tap(0) backend(2) done" },
	{ "room0 own tap1", "", "order! order+2 done" },
	{ "room1 tap0", "", "pass!(1) tap(0) done" },

	/* The first room answers, or else the first backend; the others count for themselves. */
	{ "backend0 backend2", "", "backend!(0) backend(2) done" },
	{ "backend0 room1 own room2", "", "backend(0) pass!(1) order pass(2) done" },
	{ "own room1", "", "order! pass(1) done" },

	/* Who was answered is not told again: what fails later only ends it. */
	{ "own ask0 backend1", "r", "order! ask(0) wait done" },
	{ "own ask0 backend1", "n", "order! ask(0) wait done" },
	{ "own ask0 backend1", "a", "order! ask(0) wait backend(1) done" },
	{ "backend1 ask0 own", "r", "backend(1) ask(0) wait refuse!(refused: no) done" },

	/* A backend is not asked about, told or copied to what it says itself. */
	{ "ask1", "B", "skip(speaker) order! done" },
	{ "copy1 tap1 copy0", "B", "skip(speaker) tap(1) copy(0) order! done" },
	{ "backend1 backend2 backend0", "B", "skip(speaker) backend!(2) backend(0) done" },
	{ "own backend1", "B", "order!+1 done" },
	{ "ask0 backend0", "Ba", "ask(0) wait backend!(0) done" },
	/* Then it may come nowhere. */
	{ "backend1", "B", "skip(speaker) refuse!(too_far) done" },
	{ "tap0 backend1 rewrite copy1", "B",
	  "tap(0) skip(speaker) rewrite skip(speaker) refuse!(too_far) done" },

	/* An upstream is a destination, too, and not told what came by it. */
	{ "upstream1", "", "upstream!(1) done" },
	{ "upstream1 backend0 upstream0", "", "upstream!(1) backend(0) upstream(0) done" },
	{ "backend0 upstream1", "", "backend!(0) upstream(1) done" },
	{ "upstream1 own upstream0", "", "upstream(1) order!+2 done" },
	{ "upstream1 upstream2 backend1", "U", "skip(speaker) upstream!(2) backend(1) done" },
	{ "upstream1 backend1", "U", "skip(speaker) backend!(1) done" },
	{ "upstream1 backend1", "B", "upstream!(1) skip(speaker) done" },
	{ "ask1 copy1 upstream1", "Ua", "ask(1) wait copy(1) skip(speaker) refuse!(too_far) done" },
	{ "own upstream1 tap0", "U", "order!+1 done" },
	{ "upstream0 own", "E", "upstream(0) skip(told) done" },
	{ "upstream1 tap0", "UE", "skip(speaker) tap(0) done" },

	/* What was passed on too often ends there: all of it, if that would have answered. */
	{ "room1", "3", "pass!(1) done" },
	{ "room1", "4", "refuse!(too_far) done" },
	{ "room1 backend0", "4", "refuse!(too_far) done" },
	{ "own room1 room2 backend0", "4",
	  "order! refuse(too_far) refuse(too_far) backend(0) done" },
	{ "room0", "4", "order! done" },

	/* Of somebody who comes or goes there are only copies, and no answer. */
	{ "", "E", "skip(told) done" },
	{ "tap0 copy1 backend2 own", "E", "tap(0) copy(1) backend(2) skip(told) done" },
	{ "own tap0 backend2", "E", "skip(told) tap(0) backend(2) done" },
	{ "ask0 rewrite room1 room0", "E",
	  "skip(presence) skip(presence) skip(presence) skip(told) done" },
	{ "tap0 refuse=No", "E", "tap(0) skip(presence) done" },
	{ "drop", "E", "skip(presence) done" },
};

/* "own", or what to do, with the number of the target; "?" behind an ask: go on without an
 * answer; "=..." behind refuse: the reason. */
static struct route_step step_of(struct slice word)
{
	static const struct {
		const char *word;
		struct route_step step;
	} words[] = {
		{ "own", { .action = ROUTE_ROOM, .target = ROUTE_OWN_ROOM } },
		{ "room", { .action = ROUTE_ROOM } },
		{ "ask", { .action = ROUTE_ASK } },
		{ "tap", { .action = ROUTE_TAP } },
		{ "copy", { .action = ROUTE_TAP, .to_backend = true } },
		{ "backend", { .action = ROUTE_BACKEND } },
		{ "upstream", { .action = ROUTE_UPSTREAM } },
		{ "rewrite", { .action = ROUTE_REWRITE } },
		{ "refuse", { .action = ROUTE_REFUSE } },
		{ "drop", { .action = ROUTE_DROP } },
	};
	struct route_step step;
	size_t w = 0, len;

	while (strncmp(word.data, words[w].word, strlen(words[w].word)) != 0)
		assert_true(++w < LENGTH(words));
	step = words[w].step;
	len = strlen(words[w].word);
	if (len < word.len && word.data[len] == '=')
		step.text = slice_span(word.data + len + 1, word.len - len - 1);
	else if (len < word.len)
		step.target = (size_t)(word.data[len] - '0');
	step.pass_on_timeout = word.data[word.len - 1] == '?';
	return step;
}

static size_t steps_of(const char *text, struct route_step *steps)
{
	size_t count = 0;

	while (*text) {
		size_t len = strcspn(text, " ");

		assert_true(count < STEPS_MAX);
		steps[count++] = step_of(slice_span(text, len));
		text += len + (text[len] == ' ');
	}
	return count;
}

/* A rule of the lobby alone. */
static struct route_table *lobby_table(const char *text)
{
	struct route_step steps[STEPS_MAX];
	const struct route_rule rule = { .name = SLICE("it"),
					 .rooms = &world_rooms[0],
					 .room_count = 1,
					 .steps = steps,
					 .step_count = steps_of(text, steps) };
	struct route_table *table = table_of(&rule, 1);

	assert_non_null(table);
	return table;
}

static void say(struct words *words, struct run *run, const struct envelope *event,
		const char *verdicts)
{
	enum run_result result;

	do {
		result = run_next(run, event);
		put_result(words, run, result);
		if (result == RUN_WAIT)
			answer(run, *verdicts++);
	} while (result != RUN_DONE);
}

/* Returns the letters for asks. */
static const char *scene_set(const char *how, struct run_start *start, struct envelope *event)
{
	for (;; how++)
		if (*how == 'B') {
			start->origin = ROUTE_FROM_BACKEND;
			start->speaker = A_BACKEND_SPEAKS;
		} else if (*how == 'U') {
			start->origin = ROUTE_FROM_UPSTREAM;
			start->upstream = A_BACKEND_SPEAKS;
		} else if (*how == 'E') {
			event->kind = KIND_ENTER;
		} else if (*how >= '0' && *how <= '9') {
			event->origin.hops = (uint32_t)(*how - '0');
		} else {
			return how;
		}
}

static void each_rule_has_its_results(void **state)
{
	(void)state;
	assert_int_equal(ROUTE_HOPS_MAX, 4);
	for (size_t i = 0; i < LENGTH(scenes); i++) {
		const struct scene *scene = &scenes[i];
		struct route_table *table = lobby_table(scene->steps);
		struct envelope event = { .kind = KIND_MESSAGE, .text = SLICE("hi") };
		struct run_start start = { .table = table,
					   .origin = DIALECT_MIXER,
					   .speaker = RUN_NO_SPEAKER };
		const char *verdicts = scene_set(scene->how, &start, &event);
		struct words words = { .len = 0 };
		struct run run;

		run_begin(&run, &start);
		say(&words, &run, &event, verdicts);
		if (strcmp(words.text, scene->expected) != 0)
			fail_msg("%s: %s, not %s", scene->steps, words.text, scene->expected);
		assert_int_equal(run_next(&run, &event), RUN_DONE);
		assert_false(run.answers);
		assert_null(run_step(&run));
		route_table_release(table);
	}
}

static void says(const char *steps, size_t speaker, const char *expected)
{
	struct route_table *table = lobby_table(steps);
	const struct envelope event = { .kind = KIND_MESSAGE, .text = SLICE("hi") };
	struct run_start start = { .table = table,
				   .origin = ROUTE_FROM_BACKEND,
				   .speaker = speaker };
	struct words words = { .len = 0 };
	struct run run;

	run_begin(&run, &start);
	say(&words, &run, &event, "aaaa");
	assert_string_equal(words.text, expected);
	route_table_release(table);
}

/* What steps reach is a backend, by its number, and no tap or room with the same. */
static void what_reaches_the_speaker_is_left_out(void **state)
{
	(void)state;
	says("ask1 tap1 copy1 backend1 backend2 room1", 1,
	     "skip(speaker) tap(1) skip(speaker) skip(speaker) backend(2) pass!(1) done");
	says("ask1 tap1 copy1 backend1 backend2 room1", RUN_NO_SPEAKER,
	     "ask(1) wait tap(1) copy(1) backend(1) backend(2) pass!(1) done");
	says("ask1 tap1 copy1 backend1 backend2", RUN_NO_SPEAKER,
	     "ask(1) wait tap(1) copy(1) backend!(1) backend(2) done");
	says("ask1 tap1 copy1 backend1 backend2", 1,
	     "skip(speaker) tap(1) skip(speaker) skip(speaker) backend!(2) done");
	says("ask1 tap1 copy1", 1, "skip(speaker) tap(1) skip(speaker) order! done");
}

/* ---- copies behind a room ---- */

static void says_behind_of(const struct route_table *table, size_t speaker, size_t upstream,
			   size_t follows, const char *expected)
{
	const struct envelope ordered = { .kind = KIND_MESSAGE, .id = 7, .text = SLICE("hi") };
	struct words words = { .len = 0 };
	struct run run;

	run_begin_behind(&run, table, speaker, upstream, 0, follows);
	say(&words, &run, &ordered, "");
	assert_string_equal(words.text, expected);
	assert_int_equal(run_next(&run, &ordered), RUN_DONE);
}

static void says_behind(const struct route_table *table, size_t speaker, size_t follows,
			const char *expected)
{
	says_behind_of(table, speaker, RUN_NO_SPEAKER, follows, expected);
}

static void copies_behind_a_room_are_a_run_of_their_own(void **state)
{
	struct route_table *table =
	    lobby_table("own tap2 copy1 backend0 rewrite backend2 own backend1");

	(void)state;
	says_behind(table, RUN_NO_SPEAKER, 1, "tap(2) copy(1) backend(0) done");
	says_behind(table, 1, 1, "tap(2) skip(speaker) backend(0) done");
	says_behind(table, 0, 1, "tap(2) copy(1) skip(speaker) done");
	says_behind(table, RUN_NO_SPEAKER, 7, "backend(1) done");
	says_behind(table, 1, 7, "skip(speaker) done");
	route_table_release(table);
	table = lobby_table("own upstream1 backend1 tap1");
	says_behind(table, RUN_NO_SPEAKER, 1, "upstream(1) backend(1) tap(1) done");
	says_behind_of(table, RUN_NO_SPEAKER, 1, 1, "skip(speaker) backend(1) tap(1) done");
	says_behind_of(table, RUN_NO_SPEAKER, 0, 1, "upstream(1) backend(1) tap(1) done");
	route_table_release(table);
	/* They end where the speaker would not be asked. */
	table = lobby_table("own tap2 ask1 tap0");
	says_behind(table, 1, 1, "tap(2) done");
	route_table_release(table);
}

/* ---- deciding, and looking for the room ---- */

static struct run begun(const struct route_table *table, size_t room)
{
	struct run_start start = {
		.table = table, .origin = DIALECT_MIXER, .speaker = RUN_NO_SPEAKER, .room = room
	};
	struct run run;

	run_begin(&run, &start);
	return run;
}

static void the_rule_is_decided_once(void **state)
{
	const struct route_step steps[] = { { .action = ROUTE_REWRITE } };
	const struct route_rule rules[] = {
		{ .name = SLICE("slow"), .pattern = SLICE("(a+)+$"), .kinds = BIT(KIND_MESSAGE) },
		{ .name = SLICE("b"), .pattern = SLICE("b"), .steps = steps, .step_count = 1 },
	};
	struct envelope event = { .kind = KIND_MESSAGE,
				  .text = SLICE("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab") };
	struct route_table *table = table_of(rules, LENGTH(rules));
	struct run run = begun(table, 0);

	(void)state;
	assert_non_null(table);
	assert_true(run_is_undecided(&run));
	run_decide(&run, &event);
	assert_false(run_is_undecided(&run));
	assert_true(run.limited);
	assert_int_equal(run.rule, 1);
	assert_false(run_is_plain(&run));
	assert_int_equal(run_next(&run, &event), RUN_REWRITE);
	event.text = SLICE("x");
	assert_int_equal(run_next(&run, &event), RUN_ORDER);
	assert_int_equal(run.rule, 1);
	run = begun(table, 0);
	assert_int_equal(run_next(&run, &event), RUN_ORDER);
	assert_true(run_is_plain(&run));
	assert_false(run.limited);
	route_table_release(table);
}

static void a_run_waits_for_its_room(void **state)
{
	struct route_table *table = lobby_table("room1");
	const struct envelope event = { .kind = KIND_DELETE };
	struct run run = begun(table, RUN_NO_ROOM);

	(void)state;
	assert_false(run_is_undecided(&run));
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(run_next(&run, &event), RUN_WAIT);
	assert_true(run_located(&run, 1));
	assert_true(run_is_undecided(&run));
	assert_int_equal(run_next(&run, &event), RUN_ORDER);
	assert_true(run_is_plain(&run));
	run = begun(table, RUN_NO_ROOM);
	assert_true(run_located(&run, 0));
	assert_int_equal(run_next(&run, &event), RUN_PASS_ON);
	run = begun(table, RUN_NO_ROOM);
	assert_false(run_located(&run, RUN_NO_ROOM));
	assert_false(run_is_undecided(&run));
	assert_int_equal(run_next(&run, &event), RUN_REFUSE);
	assert_true(run.answers);
	assert_int_equal(run.reason, REASON_UNKNOWN_MESSAGE);
	assert_null(run_step(&run));
	assert_int_equal(run_next(&run, &event), RUN_DONE);
	route_table_release(table);
}

static void what_is_passed_on_is_one_room_further(void **state)
{
	struct envelope event = { .kind = KIND_MESSAGE,
				  .text = SLICE("hi"),
				  .room = SLICE("lobby"),
				  .origin = { .dialect = SLICE("mixer"), .hops = 2 } };
	struct envelope *on;

	(void)state;
	/* What a rule has shown otherwise is for the room that it decided in. */
	event.flags = FLAG_MASS_MENTIONS | FLAG_ACTION;
	event.ladder = 77;
	on = run_pass_on(&event, SLICE("games"));
	assert_int_equal(on->flags, FLAG_ACTION);
	assert_int_equal(on->ladder, 0);
	assert_true(slice_is(on->room, "games"));
	assert_true(slice_is(on->text, "hi"));
	assert_true(slice_is(on->origin.dialect, "mixer"));
	assert_int_equal(on->origin.hops, 3);
	envelope_release(on);
}

/* ---- who waits behind whom ---- */

static void later_ones_go_ahead_only_where_the_one_before_was(void **state)
{
	struct route_table *table = lobby_table("tap0 rewrite ask0 own");
	const struct envelope event = { .kind = KIND_MESSAGE, .text = SLICE("hi") };
	struct run first = begun(table, 0), later = begun(table, 0), other = begun(table, 1);

	(void)state;
	run_decide(&first, &event);
	run_decide(&later, &event);
	run_decide(&other, &event);
	assert_true(run_may_go(&first, NULL));
	assert_false(run_may_go(&later, &first)); /* the first has not been tapped */
	for (size_t i = 0; i < 3; i++)
		run_next(&first, &event);
	assert_int_equal(run_next(&first, &event), RUN_WAIT);
	for (size_t i = 0; i < 3; i++) {
		assert_true(run_may_go(&later, &first));
		run_next(&later, &event);
	}
	assert_false(run_may_go(&other, &first)); /* by another rule */
	assert_true(run_may_go(&later, &first));  /* it waits itself */
	assert_true(run_answered(&later, REASON_NONE, none));
	assert_false(run_may_go(&later, &first)); /* a delivery waits for its turn */
	assert_true(run_answered(&first, REASON_NONE, none));
	assert_int_equal(run_next(&first, &event), RUN_ORDER);
	assert_false(run_may_go(&later, &first));
	assert_true(run_may_go(&later, NULL));
	route_table_release(table);
}

/* Even where its steps are the same ones. */
static void another_rule_is_no_reason_to_go_ahead(void **state)
{
	struct route_step steps[STEPS_MAX];
	size_t count = steps_of("tap0 tap1 ask0", steps);
	const struct route_rule rules[] = {
		{ .name = SLICE("in the lobby"),
		  .rooms = &world_rooms[0],
		  .room_count = 1,
		  .steps = steps,
		  .step_count = count },
		{ .name = SLICE("elsewhere"), .steps = steps, .step_count = count },
	};
	struct route_table *table = table_of(rules, 2), *reloaded = table_of(rules, 2);
	const struct envelope event = { .kind = KIND_MESSAGE };
	struct run first = begun(table, 0), like = begun(table, 0), other = begun(table, 1),
		   newer = begun(reloaded, 0);

	(void)state;
	assert_true(table && reloaded);
	for (size_t i = 0; i < 3; i++)
		run_next(&first, &event);
	run_decide(&like, &event);
	run_decide(&other, &event);
	run_decide(&newer, &event);
	assert_true(run_may_go(&like, &first));
	assert_false(run_may_go(&other, &first));
	assert_false(run_may_go(&newer, &first));
	route_table_release(table);
	route_table_release(reloaded);
}

static void an_end_waits_for_nobody(void **state)
{
	struct route_table *table = lobby_table("ask0");
	const struct envelope event = { .kind = KIND_MESSAGE, .text = SLICE("hi") };
	struct run first = begun(table, 0), later = begun(table, 0),
		   lost = begun(table, RUN_NO_ROOM);

	(void)state;
	run_next(&first, &event);
	run_next(&later, &event);
	assert_false(run_answered(&later, REASON_REFUSED, none));
	assert_true(run_may_go(&later, &first));
	assert_int_equal(run_next(&later, &event), RUN_REFUSE);
	assert_true(run_may_go(&later, &first));
	assert_int_equal(run_next(&later, &event), RUN_DONE);
	assert_true(run_may_go(&lost, &first));
	assert_false(run_located(&lost, RUN_NO_ROOM));
	assert_true(run_may_go(&lost, &first));
	route_table_release(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_has_its_results),
		cmocka_unit_test(what_reaches_the_speaker_is_left_out),
		cmocka_unit_test(copies_behind_a_room_are_a_run_of_their_own),
		cmocka_unit_test(the_rule_is_decided_once),
		cmocka_unit_test(a_run_waits_for_its_room),
		cmocka_unit_test(what_is_passed_on_is_one_room_further),
		cmocka_unit_test(later_ones_go_ahead_only_where_the_one_before_was),
		cmocka_unit_test(another_rule_is_no_reason_to_go_ahead),
		cmocka_unit_test(an_end_waits_for_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
