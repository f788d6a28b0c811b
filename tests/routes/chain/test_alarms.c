/* The log is not what was read of it: stopping, holding, restoring, copying. */
#include "tests/routes/chain/chain_rig.h"

#define BEAT 500

/* Two nodes that have read the same three entries at 10, 11, 12; the first owns the shard. */
struct pair {
	struct rig one, other;
};

static void pair_open(struct pair *pair, uint64_t rules)
{
	struct chain_options options = rig_options(0), others = rig_options(1);
	struct chain_record records[3];

	options.rules = others.rules = rules;
	rig_open(&pair->one, &options);
	rig_own(&pair->one);
	rig_live(&pair->one, 11, 10, pair->one.appended[1]);
	chain_reserved(pair->one.chain, pair->one.now, UINT64_MAX >> 1);
	(void)chain_submit(pair->one.chain, pair->one.now, SLICE("hello"));
	rig_live(&pair->one, 12, 11, pair->one.appended[2]);
	rig_open(&pair->other, &others);
	chain_start(pair->other.chain, pair->other.now);
	for (size_t i = 0; i < 3; i++)
		records[i] = (struct chain_record){ 10 + i, pair->one.appended[i] };
	chain_range(pair->other.chain, pair->other.now, 0, records, 3, true, true);
	assert_int_equal(rig_view(&pair->other).digest, rig_view(&pair->one).digest);
	pair->one.did[0] = pair->other.did[0] = '\0';
}

static void pair_close(struct pair *pair)
{
	rig_close(&pair->one);
	rig_close(&pair->other);
}

static struct chain_message from_node(unsigned node)
{
	return (struct chain_message){ .from = { (uint8_t)node, 3 }, .version = CHAIN_VERSION };
}

/* What one of them tells, at its own time, is heard by the other. */
static void beat_pass(struct rig *from, struct rig *to)
{
	struct chain_view view = rig_view(from);
	struct chain_message message = from_node(view.me.number);
	struct chain_beat beat;

	chain_beat_make(from->chain, from->now, &beat);
	chain_beat(to->chain, to->now, &message, &beat);
}

/* As somebody would write it who read another log. */
static struct slice strange(const struct chain_view *view, unsigned char *room)
{
	struct chain_entry entry = { .version = CHAIN_VERSION,
				     .kind = CHAIN_BATCH,
				     .shard = 5,
				     .writer = { 2, 7 },
				     .uid = UINT64_C(77) << 40,
				     .after = 12345,
				     .base = 12345,
				     .seen = view->read,
				     .gen = view->gen,
				     .owner = { CHAIN_NODE_NONE, 0 } };

	chain_entry_write(&entry, room);
	return slice_span((const char *)room, chain_entry_size(&entry));
}

static void who_reads_of_another_log_stops(void **state)
{
	unsigned char room[256];
	struct pair pair;
	struct chain_view view;

	(void)state;
	pair_open(&pair, CHAIN_RULES_ALL);
	view = rig_view(&pair.one);
	(void)chain_submit(pair.one.chain, pair.one.now, SLICE("under way"));
	rig_live(&pair.one, 13, 12, strange(&view, room));
	assert_int_equal(rig_view(&pair.one).mode, CHAIN_STOP);
	assert_string_equal(pair.one.did, "judge forget");
	/* It reads all of the log again. */
	assert_true(pair.one.read_leader && pair.one.read_from == 0);
	/* And tells the other, which holds. */
	beat_pass(&pair.one, &pair.other);
	assert_int_equal(rig_view(&pair.other).mode, CHAIN_HOLD);
	pair.other.now += 10 * BEAT;
	assert_int_equal(rig_view(&pair.other).mode, CHAIN_RUN);
	pair_close(&pair);
}

/* What was written under an older restore, and what was written before all that is remembered, is
 * void without alarm. */
static void what_cannot_be_judged_is_void(void **state)
{
	unsigned char room[256];
	struct chain_view view;
	struct pair pair;

	(void)state;
	pair_open(&pair, CHAIN_RULES_ALL);
	view = rig_view(&pair.one);
	view.read = (struct chain_place){ 3, 4 };
	rig_live(&pair.one, 13, 12, strange(&view, room));
	assert_int_equal(rig_view(&pair.one).mode, CHAIN_RUN);
	assert_int_equal(rig_view(&pair.one).read.sequence, 13);
	assert_int_equal(rig_view(&pair.one).count, 3);
	pair_close(&pair);
}

/* The log lost 12, which both have: they stop and one of them restores. */
static void pair_restored(struct pair *pair)
{
	struct chain_record records[2];
	struct rig *rigs[] = { &pair->one, &pair->other };

	for (int i = 0; i < 2; i++) {
		for (size_t k = 0; k < 2; k++)
			records[k] = (struct chain_record){ 10 + k, pair->one.appended[k] };
		/* 12 is not there, and it is not trimmed away. */
		chain_range(rigs[i]->chain, rigs[i]->now, 12, NULL, 0, true, true);
		assert_int_equal(rigs[i]->read_from, 0);
		chain_range(rigs[i]->chain, rigs[i]->now, 0, records, 2, true, true);
		assert_int_equal(rig_view(rigs[i]).mode, CHAIN_STOP);
		chain_range(rigs[i]->chain, rigs[i]->now, 0, records, 2, true, true);
	}
}

static void the_one_furthest_ahead_restores(void **state)
{
	struct chain_entry entry;
	struct pair pair;
	size_t before;

	(void)state;
	pair_open(&pair, CHAIN_RULES_ALL);
	pair_restored(&pair);
	before = pair.one.appended_count;
	for (int i = 0; i < 11; i++) {
		beat_pass(&pair.one, &pair.other);
		beat_pass(&pair.other, &pair.one);
		rig_pass(&pair.one, BEAT);
		rig_pass(&pair.other, BEAT);
	}
	/* Both are as far: the lower number does. */
	assert_int_equal(pair.other.appended_count, 0);
	assert_int_equal(pair.one.appended_count, before + 1);
	assert_int_equal(chain_entry_read(pair.one.appended[before], &entry), CHAIN_SOUND);
	assert_true(entry.kind == CHAIN_RESTORE && entry.seen.sequence == 11 && entry.count == 3);
	assert_int_equal(entry.top, rig_view(&pair.one).top);
	rig_live(&pair.one, 12, 11, pair.one.appended[before]);
	rig_live(&pair.other, 12, 11, pair.one.appended[before]);
	assert_int_equal(rig_view(&pair.one).mode, CHAIN_RUN);
	assert_int_equal(rig_view(&pair.other).mode, CHAIN_RUN);
	assert_int_equal(rig_view(&pair.other).gen, entry.uid);
	assert_int_equal(rig_view(&pair.other).digest, rig_view(&pair.one).digest);
	assert_true(rig_view(&pair.one).owning);
	assert_int_equal(rig_view(&pair.one).floor, entry.top);
	pair_close(&pair);
}

/* A restore of what was not counted here, behind 12, as node 2 would write it. */
static struct slice restore(const struct chain_view *view, uint64_t uid, unsigned char *room)
{
	struct chain_entry entry = { .version = CHAIN_VERSION,
				     .kind = CHAIN_RESTORE,
				     .shard = 5,
				     .writer = { 2, 7 },
				     .uid = uid,
				     .seen = view->read,
				     .owner = { 2, 7 },
				     .epoch = 9,
				     .count = view->count + 1,
				     .digest = 1 };

	chain_entry_write(&entry, room);
	return slice_span((const char *)room, chain_entry_size(&entry));
}

static void give(struct rig *from, struct rig *to, bool taken)
{
	unsigned char head[CHAIN_HEAD_MAX];
	size_t len = chain_head_write(from->chain, head), count;
	const struct chain_row *rows = chain_rows(from->chain, 0, &count);

	assert_int_equal(chain_install(to->chain, to->now, slice_span((const char *)head, len),
				       rows, count, SLICE("")),
			 taken);
}

/* 13 is a restore of another past: rows are wanted, and rows of before it do not do. */
static void rows_of_another_past_are_copied(void **state)
{
	const uint64_t uid = UINT64_C(99) << 40;
	unsigned char room[256];
	struct chain_view view;
	struct chain_beat beat;
	struct chain_message message = from_node(2), read;
	struct pair pair;

	(void)state;
	pair_open(&pair, CHAIN_RULES_ALL);
	view = rig_view(&pair.one);
	rig_live(&pair.other, 13, 12, restore(&view, uid, room));
	assert_int_equal(rig_view(&pair.other).mode, CHAIN_COPY);
	give(&pair.one, &pair.other, false);
	chain_beat_make(pair.one.chain, pair.one.now, &beat);
	beat.gen = uid;
	beat.place = (struct chain_place){ 13, uid };
	chain_beat(pair.other.chain, pair.other.now, &message, &beat);
	rig_pass(&pair.other, 2 * BEAT);
	assert_true(pair.other.sent > 0);
	assert_true(chain_message_read(pair.other.message, &read));
	assert_true(read.kind == CHAIN_MESSAGE_COPY && read.copy.gen == uid);
	/* Only who has counted it answers. */
	chain_message(pair.one.chain, pair.one.now, &read);
	assert_int_equal(pair.one.given, 0);
	pair_close(&pair);
}

/* [31] Waits for rows that nobody has, while others run: looks at the log again. */
static enum chain_mode waited_in_vain(uint64_t rules)
{
	unsigned char room[256];
	struct chain_view view;
	struct chain_message message = from_node(2);
	struct chain_beat beat;
	struct pair pair;
	enum chain_mode mode = CHAIN_COPY;

	pair_open(&pair, rules);
	view = rig_view(&pair.one);
	rig_live(&pair.other, 13, 12, restore(&view, UINT64_C(99) << 40, room));
	chain_beat_make(pair.one.chain, pair.one.now, &beat);
	beat.gen = UINT64_C(98) << 40;
	for (int i = 0; i < 30 && mode == CHAIN_COPY; i++) {
		chain_beat(pair.other.chain, pair.other.now, &message, &beat);
		rig_pass(&pair.other, BEAT);
		mode = rig_view(&pair.other).mode;
	}
	pair_close(&pair);
	return mode;
}

/* [28] A beat shows a restore that was never read, at a place that was passed. */
static enum chain_mode missed_a_restore(uint64_t rules)
{
	struct chain_message message = from_node(2);
	struct chain_beat beat;
	struct pair pair;
	enum chain_mode mode;

	pair_open(&pair, rules);
	chain_beat_make(pair.one.chain, pair.one.now, &beat);
	beat.gen = UINT64_C(98) << 40;
	chain_beat(pair.other.chain, pair.other.now, &message, &beat);
	mode = rig_view(&pair.other).mode;
	pair_close(&pair);
	return mode;
}

static void rules_of_alarm_can_be_switched_off(void **state)
{
	(void)state;
	assert_int_equal(waited_in_vain(CHAIN_RULES_ALL), CHAIN_STOP);
	assert_int_equal(waited_in_vain(~(UINT64_C(1) << 31)), CHAIN_COPY);
	assert_int_equal(missed_a_restore(CHAIN_RULES_ALL), CHAIN_STOP);
	assert_int_equal(missed_a_restore(~(UINT64_C(1) << 28)), CHAIN_RUN);
}

/* Whose place is below the log needs rows; a start that was declared gone begins anew. */
static void who_is_below_the_log_copies(void **state)
{
	struct chain_options options = rig_options(2);
	struct chain_record record;
	struct chain_message read;
	struct rig rig;
	struct pair pair;

	(void)state;
	pair_open(&pair, CHAIN_RULES_ALL);
	rig_open(&rig, &options);
	chain_start(rig.chain, rig.now);
	record = (struct chain_record){ 12, pair.one.appended[2] };
	chain_range(rig.chain, rig.now, 0, &record, 1, true, true);
	assert_int_equal(rig_view(&rig).mode, CHAIN_COPY);
	beat_pass(&pair.one, &rig);
	rig_pass(&rig, 2 * BEAT);
	assert_true(chain_message_read(rig.message, &read));
	assert_int_equal(read.copy.from, 12);
	chain_message(pair.one.chain, pair.one.now, &read);
	assert_int_equal(pair.one.given, 1);
	give(&pair.one, &rig, true);
	assert_string_equal(rig.did, "install");
	assert_int_equal(rig_view(&rig).mode, CHAIN_RUN);
	assert_int_equal(rig_view(&rig).digest, rig_view(&pair.one).digest);
	give(&pair.one, &rig, false);
	rig_close(&rig);
	pair_close(&pair);
}

static void who_is_silent_is_declared_gone(void **state)
{
	struct pair pair;
	size_t next;

	(void)state;
	pair_open(&pair, CHAIN_RULES_ALL);
	/* That it is heard ends its starts before this one. */
	beat_pass(&pair.other, &pair.one);
	next = pair.one.appended_count;
	for (int i = 0; i < 200; i++) {
		rig_pass(&pair.one, 100);
		for (; next < pair.one.appended_count && next < 5; next++) {
			rig_live(&pair.other, 10 + next, 9 + next, pair.one.appended[next]);
			rig_live(&pair.one, 10 + next, 9 + next, pair.one.appended[next]);
		}
	}
	assert_int_equal(chain_gone(pair.one.chain, 1), 3);
	assert_string_equal(pair.one.did, "bury mine bury mine");
	assert_string_equal(pair.other.did, "batch batch gone");
	assert_int_equal(pair.other.above, 3);
	assert_int_equal(chain_submit(pair.other.chain, pair.other.now, SLICE("x")), 0);
	chain_renew(pair.other.chain, pair.other.now, 4);
	assert_int_equal(chain_submit(pair.other.chain, pair.other.now, SLICE("x")), 1);
	pair_close(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_reads_of_another_log_stops),
		cmocka_unit_test(what_cannot_be_judged_is_void),
		cmocka_unit_test(the_one_furthest_ahead_restores),
		cmocka_unit_test(rows_of_another_past_are_copied),
		cmocka_unit_test(rules_of_alarm_can_be_switched_off),
		cmocka_unit_test(who_is_below_the_log_copies),
		cmocka_unit_test(who_is_silent_is_declared_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
