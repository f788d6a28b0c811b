#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "routes/room/journal.h"

static void append(struct journal *journal, uint64_t id, uint32_t author, const char *name,
		   bool keep)
{
	struct envelope event = { .kind = KIND_MESSAGE,
				  .id = id,
				  .author = { .name = slice_of(name), .number = author },
				  .text = SLICE("said") };
	struct envelope *sealed = envelope_seal(&event);

	journal_append(journal, sealed, &sealed->author, keep);
	envelope_release(sealed);
}

static void the_name_is_that_of_the_newest_message(void **state)
{
	struct journal *journal = journal_new(8, 0);
	struct slice display;
	uint32_t roles;

	(void)state;
	append(journal, 1, 7, "ann", false);
	append(journal, 2, 7, "anna", false);
	append(journal, 3, 7, "queen", false);
	assert_true(journal_author_known(journal, 7, &display, &roles));
	assert_true(slice_is(display, "queen"));
	append(journal, 4, 7, "ann", false);
	assert_true(journal_author_known(journal, 7, &display, &roles));
	assert_true(slice_is(display, "ann"));
	append(journal, 5, 7, "anna", false);
	assert_true(journal_author_known(journal, 7, &display, &roles));
	assert_true(slice_is(display, "anna"));
	journal_free(journal);
}

static void roles_are_those_of_the_newest_message(void **state)
{
	struct journal *journal = journal_new(8, 0);
	struct envelope event = { .id = 1, .author = { .number = 7, .roles = ROLE_OWNER } };
	struct envelope *sealed = envelope_seal(&event);
	struct slice display;
	uint32_t roles;

	(void)state;
	append(journal, 0, 7, "ann", false);
	journal_append(journal, sealed, &sealed->author, false);
	envelope_release(sealed);
	assert_true(journal_author_known(journal, 7, &display, &roles));
	assert_int_equal(roles, ROLE_OWNER);
	journal_free(journal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_name_is_that_of_the_newest_message),
		cmocka_unit_test(roles_are_those_of_the_newest_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
