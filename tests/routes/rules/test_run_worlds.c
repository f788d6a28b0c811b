#include "tests/routes/rules/run_fixture.h"

#define BACKENDS 3
#define TABLES   4000
#define EVENTS   25 /* of each table */
#define LANES    4000
#define SAID     6 /* drafts in a lane */
#define SEED     UINT64_C(20261128)

/* ---- rules by chance ---- */

struct long_rule {
	struct slice room;
	struct route_step steps[STEPS_MAX];
	char name[16];
};

static struct route_step chosen_step(uint64_t *seed, bool last)
{
	static const enum route_action actions[] = { ROUTE_ASK,     ROUTE_TAP,      ROUTE_ROOM,
						     ROUTE_BACKEND, ROUTE_UPSTREAM, ROUTE_REWRITE,
						     ROUTE_REFUSE,  ROUTE_DROP };
	struct route_step step = { .action = actions[below(seed, last ? 8 : 6)],
				   .target = below(seed, BACKENDS) };

	step.to_backend = step.action == ROUTE_TAP && one_in(seed, 2);
	step.pass_on_timeout = one_in(seed, 2);
	if (step.action == ROUTE_ROOM)
		step.target = one_in(seed, 2) ? ROUTE_OWN_ROOM : below(seed, WORLD_ROOMS);
	return step;
}

/* A rule for each of some rooms; NULL: they go in a circle, or end in the midst. */
static struct route_table *chosen_table(uint64_t *seed)
{
	static struct long_rule made[WORLD_ROOMS];
	struct route_rule rules[WORLD_ROOMS];
	size_t count = 0;

	for (size_t room = 0; room < WORLD_ROOMS; room++) {
		struct long_rule *rule = &made[count];

		if (one_in(seed, 3))
			continue;
		rule->room = world_rooms[room];
		snprintf(rule->name, sizeof(rule->name), "rule-%zu", room);
		rules[count] = (struct route_rule){ .name = slice_of(rule->name),
						    .rooms = &rule->room,
						    .room_count = 1,
						    .steps = rule->steps,
						    .step_count = below(seed, STEPS_MAX + 1) };
		for (size_t i = 0; i < rules[count].step_count; i++)
			rule->steps[i] = chosen_step(seed, i + 1 == rules[count].step_count);
		count++;
	}
	return table_of(rules, count);
}

/* ---- every run ends, and has answered once ---- */

/* What came of an event, wherever it was passed on to: as the server counts it. */
struct tally {
	uint64_t *seed;
	size_t accepted, ended, told;
};

static void check_addressee(const struct run *run, enum run_result result)
{
	const struct route_step *step = run_step(run);

	if (result == RUN_ASK || result == RUN_BACKEND || (result == RUN_COPY && step->to_backend))
		assert_true(step->target != run->start.speaker);
	if (result == RUN_UPSTREAM)
		assert_true(step->target != run->start.upstream);
	if (result == RUN_SKIP && run->skipped == RUN_SKIP_SPEAKER)
		assert_true(step->target == (step->action == ROUTE_UPSTREAM ? run->start.upstream
									    : run->start.speaker));
}

/* Only the first room, or else the first backend or upstream that is told, answers by its
 * destination. */
static void check_answering(const struct run *run)
{
	const struct route_step *step = run_step(run);
	bool room = step->action == ROUTE_ROOM;

	for (size_t i = 0; i < (room ? run->at : run->step_count); i++)
		assert_true(run->steps[i].action != ROUTE_ROOM);
	for (size_t i = 0; !room && i < run->at; i++) {
		assert_true(run->steps[i].action != ROUTE_BACKEND ||
			    run->steps[i].target == run->start.speaker);
		assert_true(run->steps[i].action != ROUTE_UPSTREAM ||
			    run->steps[i].target == run->start.upstream);
	}
}

/* All copies that stand there, each once. Returns how many steps that were. */
static size_t go_behind(struct tally *tally, const struct run *at, const struct envelope *event)
{
	enum run_result result;
	struct run run;
	size_t count = 0;

	run_begin_behind(&run, at->start.table, at->start.speaker, at->start.upstream, at->rule,
			 at->follows);
	while ((result = run_next(&run, event)) != RUN_DONE) {
		assert_int_equal(run.at, at->follows + count++);
		assert_false(run.answers);
		assert_true(result == RUN_COPY || result == RUN_BACKEND || result == RUN_UPSTREAM ||
			    result == RUN_SKIP);
		check_addressee(&run, result);
		tally->accepted += result == RUN_BACKEND || result == RUN_UPSTREAM;
		tally->ended += result == RUN_BACKEND || result == RUN_UPSTREAM;
	}
	return count;
}

static void go(struct tally *tally, const struct run_start *start, const struct envelope *event,
	       bool speaker_waits);

static void go_on(struct tally *tally, const struct run *run, const struct envelope *event,
		  bool speaker_waits)
{
	struct run_start start = run->start;
	struct envelope *on = run_pass_on(event, world_rooms[run_step(run)->target]);

	start.room = run_step(run)->target;
	assert_true(on->origin.hops <= ROUTE_HOPS_MAX);
	go(tally, &start, on, speaker_waits);
	envelope_release(on);
}

static bool is_destination(enum run_result result)
{
	return result == RUN_ORDER || result == RUN_PASS_ON || result == RUN_BACKEND ||
	       result == RUN_UPSTREAM || result == RUN_REFUSE || result == RUN_DROP;
}

static void wait_and_answer(struct tally *tally, struct run *run, const struct envelope *event)
{
	assert_int_equal(run_next(run, event), RUN_WAIT);
	assert_int_equal(run_next(run, event), RUN_WAIT);
	answer(run, "aaarnc"[below(tally->seed, 6)]);
}

static void go(struct tally *tally, const struct run_start *start, const struct envelope *event,
	       bool speaker_waits)
{
	enum run_result result;
	struct run run;
	size_t taken = 0, answers = 0;

	run_begin(&run, start);
	while ((result = run_next(&run, event)) != RUN_DONE) {
		assert_true(answers <= 1);
		if (run_step(&run))
			assert_int_equal(run.at, taken++);
		check_addressee(&run, result);
		if (is_destination(result)) {
			answers += run.answers;
			tally->accepted += !run.answers;
			tally->ended += result != RUN_PASS_ON;
			tally->told += run.answers && speaker_waits && result != RUN_PASS_ON;
		}
		if (run.answers && result != RUN_REFUSE && result != RUN_DROP)
			check_answering(&run);
		if (result == RUN_ORDER && run.follows)
			taken += go_behind(tally, &run, event);
		else if (result == RUN_PASS_ON)
			go_on(tally, &run, event, speaker_waits && run.answers);
		else if (result == RUN_ASK)
			wait_and_answer(tally, &run, event);
	}
	assert_int_equal(answers, run.presence ? 0 : 1);
	assert_true(taken <= run.step_count);
	assert_int_equal(run_next(&run, event), RUN_DONE);
}

static struct run_start chosen_start(uint64_t *seed, const struct route_table *table)
{
	size_t origin = below(seed, ROUTE_ORIGINS);

	return (struct run_start){ .table = table,
				   .origin = origin,
				   .speaker = origin == ROUTE_FROM_BACKEND ? below(seed, BACKENDS)
									   : RUN_NO_SPEAKER,
				   .upstream = below(seed, BACKENDS),
				   .room = below(seed, WORLD_ROOMS) };
}

static void every_run_ends_and_answers_once(void **state)
{
	uint64_t seed = SEED;
	size_t tables = 0;

	(void)state;
	while (tables < TABLES) {
		struct route_table *table = chosen_table(&seed);

		if (!table)
			continue;
		tables++;
		for (size_t i = 0; i < EVENTS; i++) {
			struct run_start start = chosen_start(&seed, table);
			bool enters = one_in(&seed, 8) && start.origin != ROUTE_FROM_BACKEND;
			struct envelope event = { .kind = enters ? KIND_ENTER : KIND_MESSAGE,
						  .origin.hops =
						      (uint32_t)below(&seed, ROUTE_HOPS_MAX + 1) };
			struct tally tally = { .seed = &seed };

			tally.accepted = enters ? 0 : 1;
			go(&tally, &start, &event, true);
			assert_int_equal(tally.accepted, tally.ended);
			assert_int_equal(tally.told, enters ? 0 : 1);
		}
		route_table_release(table);
	}
}

/* ---- a lane comes to its end, and each destination hears it in order ---- */

struct lane {
	struct run runs[SAID];
	struct envelope events[SAID];
	bool waits[SAID], done[SAID];
	/* Who got there last, and one more; 0: nobody. */
	size_t last[WORLD_ROOMS + BACKENDS + BACKENDS];
};

static void note_delivery(struct lane *lane, size_t i, enum run_result result)
{
	const struct run *run = &lane->runs[i];
	size_t place;

	if (result == RUN_ORDER)
		place = run->start.room;
	else if (result == RUN_PASS_ON)
		place = run_step(run)->target;
	else if (result == RUN_BACKEND)
		place = WORLD_ROOMS + run_step(run)->target;
	else if (result == RUN_UPSTREAM)
		place = WORLD_ROOMS + BACKENDS + run_step(run)->target;
	else
		return;
	assert_true(lane->last[place] <= i + 1);
	lane->last[place] = i + 1;
}

/* As far as it goes; returns whether it is done. */
static bool lane_step(struct lane *lane, size_t i, const struct run *before)
{
	struct run *run = &lane->runs[i];

	if (run_is_undecided(run))
		run_decide(run, &lane->events[i]);
	while (!lane->waits[i] && run_may_go(run, before)) {
		enum run_result result = run_next(run, &lane->events[i]);

		note_delivery(lane, i, result);
		lane->waits[i] = result == RUN_ASK;
		if (result == RUN_DONE)
			return true;
	}
	return false;
}

/* Everybody goes as far as may be; false: all are done. */
static bool lane_go(struct lane *lane)
{
	const struct run *before = NULL;
	bool left = false;

	for (size_t i = 0; i < SAID; i++) {
		lane->done[i] = lane->done[i] || lane_step(lane, i, before);
		if (lane->done[i])
			continue;
		left = true;
		before = &lane->runs[i];
		if (!lane->waits[i])
			break;
	}
	return left;
}

/* Somebody of those who wait hears, in any order; somebody must wait as long as any are left. */
static void lane_hear(struct lane *lane, uint64_t *seed)
{
	size_t waiting[SAID], count = 0, i;

	for (i = 0; i < SAID; i++)
		if (lane->waits[i])
			waiting[count++] = i;
	assert_true(count > 0);
	i = waiting[below(seed, count)];
	lane->waits[i] = false;
	if (!answer(&lane->runs[i], "aaarnc"[below(seed, 6)])) {
		note_delivery(lane, i, run_next(&lane->runs[i], &lane->events[i]));
		lane->done[i] = true;
	}
}

static void lanes_keep_their_order(void **state)
{
	uint64_t seed = SEED;
	size_t lanes = 0;

	(void)state;
	while (lanes < LANES) {
		struct route_table *table = chosen_table(&seed);
		struct run_start start;
		struct lane lane = { .last = { 0 } };

		if (!table)
			continue;
		start = chosen_start(&seed, table);
		for (size_t i = 0; i < SAID; i++) {
			/* Most stay where they are. */
			if (one_in(&seed, 4))
				start.room = below(&seed, WORLD_ROOMS);
			lane.events[i] = (struct envelope){ .kind = KIND_MESSAGE };
			run_begin(&lane.runs[i], &start);
		}
		while (lane_go(&lane))
			lane_hear(&lane, &seed);
		route_table_release(table);
		lanes++;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_run_ends_and_answers_once),
		cmocka_unit_test(lanes_keep_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
