/* What tests/support/fake_log.h does is what bridge/cluster/log.h says of an engine: the tests of
 * whoever stands on one rely on that. The real one: tests/system/cluster_log.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/fake_log.h"

#define HEARD_MOST 4096

struct ear {
	struct cluster_log *log;
	unsigned counts[LOG_MESSAGE + 1];
	struct log_event last[LOG_MESSAGE + 1];              /* without what it borrowed */
	uint64_t sequences[HEARD_MOST], befores[HEARD_MOST]; /* of the last range, or all live */
	size_t heard;
	unsigned results[LOG_REFUSED + 1]; /* of appends */
	char text[64];
};

static void hear(void *context, const struct log_event *event)
{
	struct ear *ear = context;

	ear->counts[event->kind]++;
	ear->last[event->kind] = *event;
	if (event->kind == LOG_APPENDED)
		ear->results[event->result]++;
	if (event->kind == LOG_RANGE)
		ear->heard = 0;
	for (size_t i = 0; i < event->record_count && ear->heard < HEARD_MOST; i++) {
		ear->sequences[ear->heard] = event->records[i].sequence;
		ear->befores[ear->heard++] = event->records[i].before;
		snprintf(ear->text, sizeof(ear->text), "%.*s", (int)event->records[i].len,
			 (const char *)event->records[i].bytes);
	}
}

static void open_ear(struct ear *ear, struct fake_world *world, unsigned node)
{
	struct log_listener listener = { hear, ear };

	memset(ear, 0, sizeof(*ear));
	ear->log = fake_log_open(world, node, &listener);
}

static void append(struct ear *ear, unsigned shard, const char *text)
{
	ear->log->append(ear->log, shard, 7, text, strlen(text));
}

static void records_stand_in_one_order(void **state)
{
	struct fake_world *world = fake_world_new(1, 16);
	struct ear one, two;

	(void)state;
	open_ear(&one, world, 0);
	open_ear(&two, world, 1);
	fake_world_run(world, 10);
	assert_int_equal(one.last[LOG_STATE].state, LOG_READY);
	append(&one, 3, "first");
	fake_world_run(world, 10);
	append(&two, 4, "another shard's");
	fake_world_run(world, 10);
	append(&two, 3, "second");
	fake_world_run(world, 10);
	assert_int_equal(one.results[LOG_OK], 1);
	assert_int_equal(one.last[LOG_APPENDED].tag, 7);
	assert_int_equal(two.last[LOG_APPENDED].sequence, 3);
	assert_int_equal(one.counts[LOG_LIVE], 3);
	assert_int_equal(one.sequences[2], 3);
	assert_int_equal(one.befores[2], 1);
	one.log->read(one.log, 3, 9, 1, 64, true);
	fake_world_run(world, 10);
	assert_int_equal(one.last[LOG_RANGE].record_count, 2);
	assert_true(one.last[LOG_RANGE].end && one.last[LOG_RANGE].leader);
	assert_string_equal(one.text, "second");
	one.log->read(one.log, 3, 9, 2, 1, false);
	fake_world_run(world, 10);
	assert_int_equal(one.sequences[0], 3);
	assert_false(one.last[LOG_RANGE].end);
	one.log->purge(one.log, 3, 1, 3);
	fake_world_run(world, 10);
	assert_int_equal(one.last[LOG_PURGED].result, LOG_OK);
	assert_int_equal(fake_world_count(world, 3), 1);
	assert_int_equal(fake_world_record(world, 3, 0)->sequence, 3);
	one.log->close(one.log);
	two.log->close(two.log);
	fake_world_free(world);
}

static void every_ask_is_answered_once(void **state)
{
	static const struct fake_faults all = {
		.lost = 100, .doubled = 50, .late = 100, .late_ms = 4000, .stale = 100, .unsure = 50
	};
	struct fake_world *world = fake_world_new(5, 2);
	struct ear ear;
	unsigned acknowledged;

	(void)state;
	open_ear(&ear, world, 0);
	fake_world_run(world, 10);
	fake_world_set(world, &all);
	for (int i = 0; i < 1000; i++) {
		append(&ear, (unsigned)i % 2, "x");
		ear.log->read(ear.log, 0, 1, 1, 5, i % 2);
		fake_world_run(world, 5);
	}
	fake_world_run(world, 10000);
	assert_false(fake_world_busy(world));
	assert_int_equal(ear.counts[LOG_APPENDED], 1000);
	assert_int_equal(ear.counts[LOG_RANGE], 1000);
	acknowledged = ear.results[LOG_OK];
	assert_true(acknowledged > 500 && ear.results[LOG_UNKNOWN] > 50);
	assert_true(fake_world_count(world, 0) + fake_world_count(world, 1) >= acknowledged);
	ear.log->close(ear.log);
	fake_world_free(world);
}

static uint64_t digest_of(uint64_t seed)
{
	static const struct fake_faults some = {
		.lost = 50, .doubled = 50, .late = 50, .late_ms = 99
	};
	struct fake_world *world = fake_world_new(seed, 1);
	struct ear ear;
	uint64_t digest = 0;

	open_ear(&ear, world, 0);
	fake_world_run(world, 10);
	fake_world_set(world, &some);
	for (int i = 0; i < 200; i++) {
		append(&ear, 0, "x");
		fake_world_run(world, 3);
	}
	for (size_t i = 0; i < ear.heard; i++)
		digest = digest * 31 + ear.sequences[i];
	ear.log->close(ear.log);
	fake_world_free(world);
	return digest;
}

static void one_seed_is_one_course(void **state)
{
	(void)state;
	assert_true(digest_of(1) == digest_of(1));
	assert_true(digest_of(1) != digest_of(2));
}

static void who_is_cut_off_is_refused(void **state)
{
	struct fake_world *world = fake_world_new(1, 1);
	struct ear one, two;

	(void)state;
	open_ear(&one, world, 0);
	open_ear(&two, world, 1);
	fake_world_run(world, 10);
	append(&one, 0, "under way");
	fake_world_group(world, 0, 1);
	fake_world_run(world, 5000);
	assert_int_equal(one.last[LOG_STATE].state, LOG_AWAY);
	assert_int_equal(one.results[LOG_UNKNOWN], 1); /* it stands there all the same */
	assert_int_equal(two.counts[LOG_LIVE], 1);
	append(&one, 0, "cut off");
	assert_true(two.log->send(two.log, LOG_NODE_ALL, "hello", 5));
	fake_world_run(world, 10);
	assert_int_equal(one.results[LOG_REFUSED], 1);
	assert_int_equal(one.counts[LOG_MESSAGE], 0);
	assert_int_equal(two.counts[LOG_MESSAGE], 1);
	fake_world_group(world, 0, 0);
	fake_world_halt(world, true);
	fake_world_run(world, 10);
	append(&one, 0, "no leader");
	fake_world_run(world, 5000);
	assert_int_equal(one.last[LOG_STATE].state, LOG_READY);
	assert_int_equal(one.results[LOG_UNKNOWN], 2);
	assert_int_equal(fake_world_count(world, 0), 1);
	one.log->close(one.log);
	two.log->close(two.log);
	fake_world_free(world);
}

static void a_lost_tail_gives_sequences_again(void **state)
{
	struct fake_world *world = fake_world_new(1, 2);
	struct ear ear;

	(void)state;
	open_ear(&ear, world, 0);
	fake_world_run(world, 10);
	for (unsigned i = 0; i < 4; i++) {
		append(&ear, i % 2, "before");
		fake_world_run(world, 10);
	}
	assert_int_equal(fake_world_lose(world, 3), 2);
	assert_int_equal(fake_world_newest(world), 2);
	append(&ear, 1, "after");
	fake_world_run(world, 10);
	assert_int_equal(ear.last[LOG_APPENDED].sequence, 3);
	assert_int_equal(ear.befores[4], 2);
	ear.log->close(ear.log);
	fake_world_free(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_stand_in_one_order),
		cmocka_unit_test(every_ask_is_answered_once),
		cmocka_unit_test(one_seed_is_one_course),
		cmocka_unit_test(who_is_cut_off_is_refused),
		cmocka_unit_test(a_lost_tail_gives_sequences_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
