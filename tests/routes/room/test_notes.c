#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "routes/room/journal.h"

static void note(struct journal *journal, uint64_t id, uint64_t about, bool stands)
{
	const struct journal_note one = { .id = id, .about = about, .stands = stands };

	journal_note(journal, &one);
}

static void so_many_notes_are_remembered(void **state)
{
	struct journal *journal = journal_new(4, 4);
	struct journal_note found;

	(void)state;
	assert_false(journal_note_find(journal, 1, &found));
	for (uint64_t id = 1; id <= JOURNAL_NOTES + 1; id++)
		note(journal, id, 0, false);
	assert_false(journal_note_find(journal, 1, &found));
	assert_true(journal_note_find(journal, 2, &found));
	assert_false(found.deleted);
	journal_note_delete(journal, 2);
	assert_true(journal_note_find(journal, 2, &found));
	assert_true(found.deleted);
	assert_true(journal_note_find(journal, JOURNAL_NOTES + 1, &found));
	assert_false(journal_note_find(journal, JOURNAL_NOTES + 2, &found));
	journal_free(journal);
}

static void others_do_not_push_out_what_stands_for_a_message(void **state)
{
	struct journal *journal = journal_new(4, 4);
	struct envelope message = { .kind = KIND_MESSAGE, .id = 1, .text = SLICE("said") };
	struct envelope *sealed = envelope_seal(&message);
	struct journal_entry entry;
	struct journal_note found;

	(void)state;
	journal_append(journal, sealed, &sealed->author, true);
	note(journal, 2, 1, true);
	for (uint64_t id = 3; id <= JOURNAL_NOTES + 3; id++)
		note(journal, id, 1, false);
	assert_true(journal_note_find(journal, 2, &found));
	assert_true(found.stands);
	assert_int_equal(found.about, 1);
	assert_true(journal_find(journal, 1, &entry));
	assert_int_equal(entry.shown, 2);
	journal_free(journal);
	envelope_release(sealed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_notes_are_remembered),
		cmocka_unit_test(others_do_not_push_out_what_stands_for_a_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
