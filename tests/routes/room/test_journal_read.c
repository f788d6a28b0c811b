/* What is read of a journal as it is now. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "routes/room/journal.h"
#include "routes/room/reactions.h"

static void append(struct journal *journal, uint64_t id, uint32_t author, const char *name,
		   bool keep)
{
	struct envelope event = {
		.kind = KIND_MESSAGE,
		.id = id,
		.author = { .name = slice_of(name), .number = author, .roles = ROLE_USER },
		.text = SLICE("said")
	};
	struct envelope *sealed = envelope_seal(&event);

	journal_append(journal, sealed, &sealed->author, keep);
	envelope_release(sealed);
}

/* Their ids and reactions: "3 4(a2b1)". */
static const char *now(const struct journal *journal, uint64_t before, size_t max)
{
	static char text[256];
	const struct envelope *events[16];
	size_t count = journal_now(journal, before, events, max), at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%llu", i ? " " : "",
				       (unsigned long long)events[i]->id);
		for (size_t r = 0; r < events[i]->reaction_count; r++)
			at += (size_t)snprintf(text + at, sizeof(text) - at, "(%.*s%u)",
					       (int)events[i]->reactions[r].emoji.len,
					       events[i]->reactions[r].emoji.data,
					       events[i]->reactions[r].count);
		envelope_release(events[i]);
	}
	return text;
}

static void messages_are_read_with_their_reactions(void **state)
{
	struct journal *journal = journal_new(8, 8);

	(void)state;
	assert_string_equal(now(journal, UINT64_MAX, 9), "");
	for (uint64_t id = 10; id <= 50; id += 10)
		append(journal, id, 1, "ann", id != 30);
	journal_react(journal, 20, SLICE("b"), 7, true);
	journal_react(journal, 20, SLICE("a"), 7, true);
	journal_react(journal, 20, SLICE("a"), 3, true);
	assert_string_equal(now(journal, UINT64_MAX, 9), "10 20(b1)(a2) 40 50");
	assert_string_equal(now(journal, UINT64_MAX, 2), "40 50");
	assert_string_equal(now(journal, 40, 9), "10 20(b1)(a2)");
	assert_string_equal(now(journal, 41, 1), "40");
	assert_string_equal(now(journal, 10, 9), "");
	assert_true(journal_delete(journal, 40));
	assert_string_equal(now(journal, UINT64_MAX, 9), "10 20(b1)(a2) 50");
	journal_free(journal);
}

static void one_message_is_found_as_it_is(void **state)
{
	struct journal *journal = journal_new(4, 2);
	const struct envelope *content;
	struct reactor reactors[8];
	size_t count;

	(void)state;
	assert_false(journal_message(journal, 10, &content, reactors, 8, &count));
	for (uint64_t id = 10; id <= 60; id += 10)
		append(journal, id, 1, "ann", true);
	/* Too old; between two; newer than all. */
	assert_false(journal_message(journal, 20, &content, reactors, 8, &count));
	assert_false(journal_message(journal, 45, &content, reactors, 8, &count));
	assert_false(journal_message(journal, 61, &content, reactors, 8, &count));
	assert_null(content);
	/* Its words are not kept, who reacted is. */
	journal_react(journal, 30, SLICE("b"), 9, true);
	journal_react(journal, 30, SLICE("b"), 4, true);
	journal_react(journal, 30, SLICE("a"), 9, true);
	assert_true(journal_message(journal, 30, &content, reactors, 8, &count));
	assert_null(content);
	assert_int_equal(count, 3);
	assert_true(slice_is(reactors[0].emoji, "b"));
	assert_int_equal(reactors[0].person, 4);
	assert_int_equal(reactors[1].person, 9);
	assert_true(slice_is(reactors[2].emoji, "a"));
	assert_true(journal_message(journal, 30, &content, reactors, 2, &count));
	assert_int_equal(count, 2);
	journal_react(journal, 60, SLICE("a"), 9, true);
	assert_true(journal_message(journal, 60, &content, reactors, 8, &count));
	assert_true(content->id == 60);
	assert_int_equal(content->reaction_count, 1);
	envelope_release(content);
	assert_true(journal_delete(journal, 60));
	assert_false(journal_message(journal, 60, &content, reactors, 8, &count));
	journal_free(journal);
}

struct heard {
	char text[256];
	size_t at;
};

static void hear(void *context, uint32_t number, struct slice name, uint32_t roles)
{
	struct heard *heard = context;

	assert_int_equal(roles, ROLE_USER);
	heard->at += (size_t)snprintf(heard->text + heard->at, sizeof(heard->text) - heard->at,
				      "%u%.*s ", number, (int)name.len, name.data);
}

/* Also of whom nothing but deleted words is remembered; not the bridge. */
static void whoever_wrote_is_told(void **state)
{
	struct journal *journal = journal_new(4, 4);
	struct heard heard = { .at = 0 };

	(void)state;
	journal_authors(journal, hear, &heard);
	assert_int_equal(heard.at, 0);
	append(journal, 10, 5, "old", true);
	append(journal, 20, 3, "cy", true);
	append(journal, 30, 1, "ann", true);
	append(journal, 40, 3, "cyrus", true);
	append(journal, 50, 0, "", true);
	assert_true(journal_delete(journal, 30));
	journal_authors(journal, hear, &heard);
	assert_string_equal(heard.text, "1ann 3cyrus ");
	journal_free(journal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_are_read_with_their_reactions),
		cmocka_unit_test(one_message_is_found_as_it_is),
		cmocka_unit_test(whoever_wrote_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
