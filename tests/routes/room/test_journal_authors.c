#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

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

/* What is older than that, as "3:said 4- 5?": a deleted one, one whose words are not kept. */
static const char *past(const struct journal *journal, uint64_t before, size_t max)
{
	static char text[256];
	const struct envelope *events[16];
	size_t count = journal_past(journal, before, events, max), at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		at +=
		    (size_t)snprintf(text + at, sizeof(text) - at, "%s%llu%s%.*s", i ? " " : "",
				     (unsigned long long)events[i]->id,
				     events[i]->kind == KIND_DELETE ? "-"
				     : events[i]->text.len          ? ":"
								    : "?",
				     (int)events[i]->author.name.len,
				     events[i]->author.name.len ? events[i]->author.name.data : "");
		envelope_release(events[i]);
	}
	return text;
}

static void the_past_has_what_lost_its_words(void **state)
{
	struct journal *journal = journal_new(8, 4);

	(void)state;
	assert_string_equal(past(journal, UINT64_MAX, 9), "");
	for (uint64_t id = 1; id <= 10; id++)
		append(journal, id, id == 4 ? 0 : 7, id == 4 ? "" : "ann", id != 6);
	assert_true(journal_delete(journal, 8));
	assert_string_equal(past(journal, UINT64_MAX, 9),
			    "3?ann 5?ann 6?ann 7:ann 8-ann 9:ann 10:ann");
	assert_string_equal(past(journal, 9, 2), "7:ann 8-ann");
	assert_string_equal(past(journal, 3, 2), "");
	assert_string_equal(past(journal, UINT64_MAX, 0), "");
	journal_free(journal);
}

static void an_author_is_forgotten(void **state)
{
	struct journal *journal = journal_new(8, 8);
	struct slice display;
	size_t reactions = 1;
	uint32_t roles;

	(void)state;
	append(journal, 1, 7, "ann", true);
	append(journal, 2, 8, "bob", true);
	append(journal, 3, 7, "anna", true);
	assert_true(journal_delete(journal, 3));
	assert_int_equal(journal_react(journal, 2, SLICE("a"), 7, true), JOURNAL_REACTED);
	assert_int_equal(journal_react(journal, 1, SLICE("a"), 8, true), JOURNAL_REACTED);
	assert_true(journal_has_author(journal, 7));
	assert_int_equal(journal_forget_author(journal, 7, &reactions), 2);
	assert_int_equal(reactions, 3);
	assert_false(journal_has_author(journal, 7));
	assert_true(journal_has_author(journal, 8));
	assert_string_equal(past(journal, UINT64_MAX, 9), "1- 2:bob 3-");
	assert_true(journal_author_known(journal, 7, &display, &roles));
	assert_int_equal(display.len, 0);
	assert_int_equal(journal_author(journal, SLICE("ann"), NULL), 0);
	assert_int_equal(journal_forget_author(journal, 7, &reactions), 0);
	append(journal, 4, 7, "ann", true);
	assert_true(journal_has_author(journal, 7));
	journal_free(journal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_name_is_that_of_the_newest_message),
		cmocka_unit_test(the_past_has_what_lost_its_words),
		cmocka_unit_test(an_author_is_forgotten),
		cmocka_unit_test(roles_are_those_of_the_newest_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
