#include "tests/routes/chain/chain_rig.h"

/* ---- an owner's batches ---- */

static void what_an_owner_judges_counts_when_it_is_read(void **state)
{
	struct chain_options options = rig_options(0);
	struct rig rig;

	(void)state;
	rig_open(&rig, &options);
	rig_own(&rig);
	rig_pass(&rig, 100);
	chain_reserved(rig.chain, rig.now, rig.reserve);
	/* Its starts before this one are over: the first batch says so. */
	assert_int_equal(rig.appended_count, 2);
	rig_live(&rig, 11, 10, rig.appended[1]);
	assert_string_equal(rig.did, "mine");
	rig.did[0] = '\0';
	assert_int_equal(chain_submit(rig.chain, rig.now, SLICE("hello")), 1);
	assert_string_equal(rig.did, "judge");
	assert_int_equal(rig.answered, 0);
	/* Ids are to be reserved first. */
	assert_int_equal(rig.appended_count, 2);
	assert_true(rig.reserve > 0);
	chain_reserved(rig.chain, rig.now, rig.reserve);
	assert_int_equal(rig.appended_count, 3);
	assert_int_equal(chain_submit(rig.chain, rig.now, SLICE("again")), 2);
	assert_string_equal(rig.did, "judge");
	rig_live(&rig, 12, 11, rig.appended[2]);
	assert_string_equal(rig.did, "judge mine judge");
	assert_int_equal(rig.answered, 1);
	assert_int_equal(rig.appended_count, 4);
	/* Twice is void. */
	rig_live(&rig, 13, 12, rig.appended[2]);
	rig_live(&rig, 14, 13, rig.appended[3]);
	assert_string_equal(rig.did, "judge mine judge mine");
	assert_int_equal(rig.answered, 2);
	assert_int_equal(rig_view(&rig).count, 4);
	rig_close(&rig);
}

/* An owner with one batch that counts: sequence 11. */
static void rig_settled(struct rig *rig, const struct chain_options *options)
{
	rig_open(rig, options);
	rig_own(rig);
	rig_pass(rig, 100);
	rig_live(rig, 11, 10, rig->appended[1]);
	chain_reserved(rig->chain, rig->now, UINT64_MAX >> 1);
	rig->did[0] = '\0';
}

static void what_is_not_back_is_read_then_appended_again(void **state)
{
	struct chain_options options = rig_options(0);
	struct chain_record last;
	struct rig rig;

	(void)state;
	rig_settled(&rig, &options);
	(void)chain_submit(rig.chain, rig.now, SLICE("hello"));
	assert_int_equal(rig.appended_count, 3);
	rig.reads = 0;
	rig_pass(&rig, 1200);
	assert_true(rig.reads && rig.read_leader && rig.read_from == 11);
	assert_int_equal(rig.appended_count, 3);
	last = (struct chain_record){ 11, rig.appended[1] };
	chain_range(rig.chain, rig.now, 11, &last, 1, true, true);
	assert_int_equal(rig.appended_count, 4);
	assert_true(slice_equal(rig.appended[2], rig.appended[3]));
	rig_close(&rig);
}

static void another_who_counts_first_makes_it_void(void **state)
{
	struct chain_options options = rig_options(0), others = rig_options(1);
	struct rig rig, other;
	struct chain_record records[2];

	(void)state;
	rig_settled(&rig, &options);
	(void)chain_submit(rig.chain, rig.now, SLICE("hello"));
	/* Another node has read the same, and claims. */
	rig_open(&other, &others);
	chain_start(other.chain, other.now);
	records[0] = (struct chain_record){ 10, rig.appended[0] };
	records[1] = (struct chain_record){ 11, rig.appended[1] };
	chain_range(other.chain, other.now, 0, records, 2, true, true);
	assert_int_equal(rig_view(&other).digest, rig_view(&rig).digest);
	while (!other.appended_count)
		rig_pass(&other, 100);
	rig_live(&rig, 12, 11, other.appended[0]);
	assert_string_equal(rig.did, "judge forget claim");
	assert_false(rig_view(&rig).owning);
	rig_live(&rig, 13, 12, rig.appended[2]);
	assert_string_equal(rig.did, "judge forget claim");
	/* What was not answered goes to the new owner. */
	rig_pass(&rig, 100);
	assert_int_equal(rig.sent, 1);
	rig_close(&other);
	rig_close(&rig);
}

static void several_batches_may_be_under_way(void **state)
{
	struct chain_options options = rig_options(0);
	struct chain_record last;
	struct rig rig;

	(void)state;
	options.window = 3;
	rig_settled(&rig, &options);
	for (int i = 0; i < 4; i++)
		(void)chain_submit(rig.chain, rig.now, SLICE("word"));
	assert_int_equal(rig.appended_count, 5);
	assert_int_equal(rig_view(&rig).under_way, 3);
	/* The second comes first: it does not count yet. */
	rig_live(&rig, 12, 11, rig.appended[3]);
	rig_live(&rig, 13, 12, rig.appended[2]);
	assert_int_equal(rig.answered, 1);
	assert_int_equal(rig_view(&rig).under_way, 3);
	rig_pass(&rig, 1200);
	last = (struct chain_record){ 13, rig.appended[2] };
	chain_range(rig.chain, rig.now, 13, &last, 1, true, true);
	assert_int_equal(rig.appended_count, 9);
	for (uint64_t i = 0; i < 3; i++)
		rig_live(&rig, 14 + i, 13 + i, rig.appended[6 + i]);
	assert_int_equal(rig.answered, 4);
	assert_string_equal(rig.did, "judge judge judge mine judge mine mine mine");
	rig_close(&rig);
}

static void who_waits_or_is_not_ready_is_judged_later(void **state)
{
	struct chain_options options = rig_options(0);
	struct rig rig;

	(void)state;
	rig_settled(&rig, &options);
	rig.busy = true;
	(void)chain_submit(rig.chain, rig.now, SLICE("hello"));
	assert_string_equal(rig.did, "");
	rig.busy = false;
	rig.wait = true;
	rig_pass(&rig, 100);
	assert_int_equal(rig.appended_count, 2);
	rig.wait = false;
	rig_pass(&rig, 100);
	assert_string_equal(rig.did, "judge");
	assert_int_equal(rig.appended_count, 3);
	rig_close(&rig);
}

static void what_is_due_needs_no_draft(void **state)
{
	struct chain_options options = rig_options(0);
	struct chain_entry entry;
	struct rig rig;

	(void)state;
	rig_settled(&rig, &options);
	chain_due(rig.chain, rig.now);
	assert_string_equal(rig.did, "due");
	assert_int_equal(rig.appended_count, 2);
	rig.ends = true;
	chain_due(rig.chain, rig.now);
	assert_int_equal(rig.appended_count, 3);
	assert_int_equal(chain_entry_read(rig.appended[2], &entry), CHAIN_SOUND);
	assert_int_equal(entry.lines.len, chain_line_size(strlen("the poll is over")));
	rig_live(&rig, 12, 11, rig.appended[2]);
	assert_string_equal(rig.did, "due due mine");
	rig_close(&rig);
}

static void a_shard_is_handed_over(void **state)
{
	struct chain_options options = rig_options(0);
	struct rig rig;

	(void)state;
	rig_settled(&rig, &options);
	assert_true(chain_hand(rig.chain, rig.now, (struct chain_node){ 2, 9 }));
	assert_false(chain_hand(rig.chain, rig.now, (struct chain_node){ 2, 9 }));
	(void)chain_submit(rig.chain, rig.now, SLICE("not here any more"));
	assert_string_equal(rig.did, "");
	rig_live(&rig, 12, 11, rig.appended[2]);
	assert_string_equal(rig.did, "claim");
	assert_int_equal(rig_view(&rig).owner.number, 2);
	rig_close(&rig);
}

/* ---- drafts ---- */

static void drafts_are_bounded(void **state)
{
	struct chain_options options = rig_options(0);
	struct rig rig;

	(void)state;
	rig_open(&rig, &options);
	chain_start(rig.chain, rig.now);
	for (uint64_t i = 0; i < CHAIN_WAITING_MAX; i++)
		assert_int_equal(chain_submit(rig.chain, rig.now, SLICE("x")), i + 1);
	assert_int_equal(chain_submit(rig.chain, rig.now, SLICE("x")), 0);
	assert_int_equal(rig_view(&rig).waiting, CHAIN_WAITING_MAX);
	rig_close(&rig);
}

static void what_nobody_was_given_is_withdrawn(void **state)
{
	struct chain_options options = rig_options(0);
	struct rig rig;

	(void)state;
	rig_open(&rig, &options);
	chain_start(rig.chain, rig.now);
	assert_int_equal(chain_submit(rig.chain, rig.now, SLICE("early")), 1);
	assert_int_equal(chain_submit(rig.chain, rig.now, SLICE("stays")), 2);
	assert_true(chain_withdraw(rig.chain, 1));
	assert_false(chain_withdraw(rig.chain, 3));
	chain_range(rig.chain, rig.now, 0, NULL, 0, true, true);
	while (!rig.appended_count)
		rig_pass(&rig, 100);
	rig_live(&rig, 10, 0, rig.appended[0]);
	assert_string_equal(rig.did, "claim bury nothing judge");
	/* Now it may count. */
	assert_false(chain_withdraw(rig.chain, 2));
	rig_close(&rig);
}

static void a_node_without_a_memory_only_reads(void **state)
{
	struct chain_options options = rig_options(0);
	struct rig rig;

	(void)state;
	options.me.incarnation = 0;
	rig_open(&rig, &options);
	chain_start(rig.chain, rig.now);
	chain_range(rig.chain, rig.now, 0, NULL, 0, true, true);
	rig_pass(&rig, 60000);
	assert_int_equal(rig.appended_count, 0);
	assert_int_equal(chain_submit(rig.chain, rig.now, SLICE("x")), 0);
	assert_true(rig_view(&rig).caught_up);
	chain_renew(rig.chain, rig.now, 12);
	chain_range(rig.chain, rig.now, 0, NULL, 0, true, true);
	rig_pass(&rig, 60000);
	assert_true(rig.appended_count > 0);
	rig_close(&rig);
}

/* ---- reading ---- */

static void damaged_entries_do_not_count(void **state)
{
	struct chain_options options = rig_options(0);
	struct rig rig;

	(void)state;
	rig_settled(&rig, &options);
	(void)chain_submit(rig.chain, rig.now, SLICE("hello"));
	rig_live(&rig, 12, 11, SLICE("what is this?"));
	assert_string_equal(rig.did, "judge damaged");
	rig_live(&rig, 13, 12, rig.appended[2]);
	assert_string_equal(rig.did, "judge damaged mine");
	rig_close(&rig);
}

static void a_newer_version_is_not_skipped(void **state)
{
	struct chain_options options = rig_options(0), older = rig_options(1);
	struct chain_record records[3];
	struct rig rig, other;

	(void)state;
	rig_settled(&rig, &options);
	(void)chain_submit(rig.chain, rig.now, SLICE("hello"));
	rig_live(&rig, 12, 11, rig.appended[2]);
	for (size_t i = 0; i < 3; i++)
		records[i] = (struct chain_record){ 10 + i, rig.appended[i] };
	older.version = older.oldest = 0;
	rig_open(&other, &older);
	chain_start(other.chain, other.now);
	chain_range(other.chain, other.now, 0, records, 3, true, true);
	assert_string_equal(other.did, "newer");
	assert_true(rig_view(&other).blocked);
	assert_int_equal(rig_view(&other).read.sequence, 0);
	rig_pass(&other, 60000);
	assert_int_equal(other.appended_count, 0);
	rig_close(&other);
	rig_close(&rig);
}

static void words_without_their_key_count(void **state)
{
	struct chain_options options = rig_options(0);
	struct rig rig;

	(void)state;
	rig_settled(&rig, &options);
	rig.key = 4;
	rig.keyless = true;
	(void)chain_submit(rig.chain, rig.now, SLICE("hello"));
	rig_live(&rig, 12, 11, rig.appended[2]);
	assert_string_equal(rig.did, "judge mine sealed");
	rig_close(&rig);
}

static void a_gap_is_read_first(void **state)
{
	struct chain_options options = rig_options(0);
	struct rig rig;

	(void)state;
	rig_settled(&rig, &options);
	(void)chain_submit(rig.chain, rig.now, SLICE("hello"));
	rig.now++;
	rig.reads = 0;
	rig_live(&rig, 14, 13, rig.appended[2]);
	assert_int_equal(rig.answered, 0);
	assert_true(rig.reads == 1 && rig.read_from == 11 && !rig.read_leader);
	rig_close(&rig);
}

/* ---- being kept ---- */

static void a_chain_is_kept(void **state)
{
	struct chain_options options = rig_options(0);
	unsigned char head[CHAIN_HEAD_MAX];
	struct chain_changes changes;
	const struct chain_row *rows;
	struct rig rig, later;
	size_t len, count;

	(void)state;
	rig_settled(&rig, &options);
	chain_changes(rig.chain, &changes);
	assert_int_equal(changes.from, 10);
	(void)chain_submit(rig.chain, rig.now, SLICE("hello"));
	rig_live(&rig, 12, 11, rig.appended[2]);
	chain_changes(rig.chain, &changes);
	assert_true(changes.from == 12 && changes.below == 0);
	len = chain_head_write(rig.chain, head);
	rows = chain_rows(rig.chain, 0, &count);
	assert_int_equal(count, 3);
	options.me.incarnation++;
	rig_open(&later, &options);
	head[9] ^= 1;
	assert_false(chain_load(later.chain, slice_span((const char *)head, len), rows, count, 0));
	head[9] ^= 1;
	assert_false(
	    chain_load(later.chain, slice_span((const char *)head, len), rows, count - 1, 0));
	assert_true(chain_load(later.chain, slice_span((const char *)head, len), rows, count, 0));
	chain_start(later.chain, later.now);
	assert_int_equal(later.read_from, 12);
	assert_int_equal(rig_view(&later).digest, rig_view(&rig).digest);
	assert_int_equal(chain_high(later.chain, 0).number, 1);
	assert_int_equal(rig_view(&later).last_id, rig_view(&rig).last_id);
	rig_close(&later);
	rig_close(&rig);
}

/* What only this node of three has is kept, then the log is cut where another has it too. */
static void the_log_is_trimmed_where_most_have_it(void **state)
{
	struct chain_options options = rig_options(0);
	struct chain_message from = { .from = { 1, 2 }, .version = CHAIN_VERSION };
	struct chain_beat beat;
	struct rig rig;
	size_t count;

	(void)state;
	rig_settled(&rig, &options);
	for (uint64_t i = 0; i < 4; i++) {
		(void)chain_submit(rig.chain, rig.now, SLICE("hello"));
		rig_live(&rig, 12 + i, 11 + i, rig.appended[2 + i]);
	}
	chain_stored(rig.chain, 15);
	rig_pass(&rig, 12000);
	assert_int_equal(rig.purged, 0);
	chain_beat_make(rig.chain, rig.now, &beat);
	beat.stored = 13;
	chain_beat(rig.chain, rig.now, &from, &beat);
	rig_pass(&rig, 12000);
	assert_int_equal(rig.purged, 13);
	(void)chain_rows(rig.chain, 0, &count);
	assert_int_equal(count, 3);
	assert_int_equal(rig_view(&rig).first, 13);
	rig_close(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_an_owner_judges_counts_when_it_is_read),
		cmocka_unit_test(what_is_not_back_is_read_then_appended_again),
		cmocka_unit_test(another_who_counts_first_makes_it_void),
		cmocka_unit_test(several_batches_may_be_under_way),
		cmocka_unit_test(who_waits_or_is_not_ready_is_judged_later),
		cmocka_unit_test(what_is_due_needs_no_draft),
		cmocka_unit_test(a_shard_is_handed_over),
		cmocka_unit_test(drafts_are_bounded),
		cmocka_unit_test(what_nobody_was_given_is_withdrawn),
		cmocka_unit_test(a_node_without_a_memory_only_reads),
		cmocka_unit_test(damaged_entries_do_not_count),
		cmocka_unit_test(a_newer_version_is_not_skipped),
		cmocka_unit_test(words_without_their_key_count),
		cmocka_unit_test(a_gap_is_read_first),
		cmocka_unit_test(a_chain_is_kept),
		cmocka_unit_test(the_log_is_trimmed_where_most_have_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
