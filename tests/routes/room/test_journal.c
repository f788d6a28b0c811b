#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "routes/room/journal.h"
#include "routes/room/reactions.h"

static const struct slice any_name;

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

/* The ids of the newest kept messages, as "3 4 7". */
static const char *recent(const struct journal *journal, size_t max)
{
	static char text[256];
	const struct envelope *events[16];
	size_t count = journal_recent(journal, events, max), at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		at += (size_t)snprintf(text + at, sizeof(text) - at, i ? " %llu" : "%llu",
				       (unsigned long long)events[i]->id);
		envelope_release(events[i]);
	}
	return text;
}

/* A message's reactions, as "a2 b1". */
static const char *reactions(const struct journal *journal, uint64_t id)
{
	static char text[1024];
	struct reaction_count rows[ENVELOPE_REACTIONS_MAX];
	size_t count = journal_reactions(journal, id, rows, ENVELOPE_REACTIONS_MAX), at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < count; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%.*s%u", i ? " " : "",
				       (int)rows[i].emoji.len, rows[i].emoji.data, rows[i].count);
	return text;
}

static enum journal_reaction react(struct journal *journal, uint64_t id, const char *emoji,
				   uint32_t person, bool adding)
{
	return journal_react(journal, id, slice_of(emoji), person, adding);
}

static void sequence_counts_from_one(void **state)
{
	struct journal *journal = journal_new(4, 0);

	(void)state;
	for (uint64_t i = 1; i < 10; i++)
		assert_int_equal(journal_next(journal), i);
	journal_free(journal);
	journal_free(NULL);
}

static void a_message_is_found_until_it_is_too_old(void **state)
{
	struct journal *journal = journal_new(3, 0);
	struct journal_entry entry;

	(void)state;
	assert_false(journal_find(journal, 10, &entry));
	for (uint64_t id = 10; id <= 50; id += 10)
		append(journal, id, 7, "Ann", false);
	assert_false(journal_find(journal, 20, &entry));
	for (uint64_t id = 30; id <= 50; id += 10) {
		assert_true(journal_find(journal, id, &entry));
		assert_int_equal(entry.id, id);
		assert_int_equal(entry.author, 7);
		assert_true(slice_is(entry.name, "Ann"));
		assert_false(entry.deleted);
	}
	assert_false(journal_find(journal, 35, &entry));
	assert_false(journal_find(journal, 60, &entry));
	journal_free(journal);
}

static void a_deleted_message_is_known_as_deleted(void **state)
{
	struct journal *journal = journal_new(8, 8);
	struct journal_entry entry;

	(void)state;
	append(journal, 1, 7, "ann", true);
	assert_int_equal(react(journal, 1, "x", 3, true), JOURNAL_REACTED);
	assert_true(journal_delete(journal, 1));
	assert_false(journal_delete(journal, 1));
	assert_false(journal_delete(journal, 2));
	assert_true(journal_find(journal, 1, &entry));
	assert_true(entry.deleted);
	assert_string_equal(recent(journal, 16), "");
	assert_string_equal(reactions(journal, 1), "");
	assert_int_equal(react(journal, 1, "x", 3, true), JOURNAL_UNCHANGED);
	journal_free(journal);
}

static void authors_are_found_by_folded_name_newest_first(void **state)
{
	struct journal *journal = journal_new(4, 0);
	struct slice display = { NULL, 0 };
	uint32_t roles;

	(void)state;
	append(journal, 1, 7, "Ann", false);
	append(journal, 2, 8, "ANN", false);
	append(journal, 3, 9, "bob", false);
	append(journal, 4, 0, "the server", false);
	assert_int_equal(journal_author(journal, SLICE("ann"), &display), 8);
	assert_true(slice_is(display, "ANN"));
	assert_int_equal(journal_author(journal, SLICE("BOB"), NULL), 9);
	assert_int_equal(journal_author(journal, SLICE("cat"), NULL), 0);
	assert_int_equal(journal_author(journal, SLICE(""), NULL), 0);
	assert_int_equal(journal_author(journal, SLICE("the server"), NULL), 0);
	assert_true(journal_author_known(journal, 7, &display, &roles));
	assert_true(slice_is(display, "Ann"));
	append(journal, 5, 9, "bob", false);
	assert_false(journal_author_known(journal, 7, &display, &roles));
	journal_free(journal);
}

static void an_author_keeps_every_name_they_wrote_under(void **state)
{
	struct journal *journal = journal_new(3, 0);
	struct journal_entry entry;

	(void)state;
	append(journal, 1, 7, "ann", false);
	append(journal, 2, 7, "anna", false);
	append(journal, 3, 7, "ann", false);
	assert_true(journal_find(journal, 2, &entry));
	assert_true(slice_is(entry.name, "anna"));
	append(journal, 4, 7, "ann", false);
	append(journal, 5, 7, "ann", false);
	assert_int_equal(journal_author(journal, SLICE("anna"), NULL), 0);
	assert_true(journal_find(journal, 4, &entry));
	assert_true(slice_is(entry.name, "ann"));
	journal_free(journal);
}

static void one_authors_messages_are_removed(void **state)
{
	struct journal *journal = journal_new(8, 8);
	uint64_t removed[8];

	(void)state;
	for (uint64_t id = 1; id <= 8; id++)
		append(journal, id, id % 2 ? 7 : 8, id % 2 ? "ann" : "bob", true);
	assert_true(journal_delete(journal, 3));
	assert_int_equal(journal_delete_all(journal, 7, any_name, removed, 8), 3);
	assert_int_equal(removed[0], 1);
	assert_int_equal(removed[1], 5);
	assert_int_equal(removed[2], 7);
	assert_int_equal(journal_delete_all(journal, 7, any_name, removed, 8), 0);
	assert_int_equal(journal_delete_all(journal, 99, any_name, removed, 8), 0);
	append(journal, 9, 7, "ann", true);
	assert_string_equal(recent(journal, 16), "2 4 6 8 9");
	assert_int_equal(journal_delete_all(journal, 7, any_name, removed, 8), 1);
	assert_int_equal(removed[0], 9);
	journal_free(journal);
}

static void what_was_written_under_another_name_stays(void **state)
{
	struct journal *journal = journal_new(8, 8);
	uint64_t removed[8];

	(void)state;
	append(journal, 1, 7, "ann", true);
	append(journal, 2, 7, "bob", true);
	append(journal, 3, 7, "Ann", true);
	assert_int_equal(journal_delete_all(journal, 7, SLICE("ann"), removed, 8), 2);
	assert_int_equal(removed[0], 1);
	assert_int_equal(removed[1], 3);
	assert_string_equal(recent(journal, 16), "2");
	assert_int_equal(journal_delete_all(journal, 7, any_name, removed, 8), 1);
	journal_free(journal);
}

static void the_newest_removed_are_named_and_all_are_gone(void **state)
{
	struct journal *journal = journal_new(8, 8);
	struct journal_entry entry;
	uint64_t removed[3];

	(void)state;
	for (uint64_t id = 1; id <= 8; id++)
		append(journal, id, (uint32_t)id, "someone", true);
	assert_int_equal(journal_delete_all(journal, 0, any_name, removed, 3), 3);
	assert_int_equal(removed[0], 6);
	assert_int_equal(removed[1], 7);
	assert_int_equal(removed[2], 8);
	for (uint64_t id = 1; id <= 8; id++) {
		assert_true(journal_find(journal, id, &entry));
		assert_true(entry.deleted);
	}
	assert_string_equal(recent(journal, 16), "");
	journal_free(journal);
}

static void content_is_kept_of_the_newest(void **state)
{
	struct journal *journal = journal_new(5, 3);

	(void)state;
	append(journal, 1, 7, "ann", true);
	append(journal, 2, 7, "ann", true);
	append(journal, 3, 8, "bob", false);
	append(journal, 4, 7, "ann", true);
	append(journal, 5, 7, "ann", true);
	assert_string_equal(recent(journal, 16), "2 4 5");
	assert_string_equal(recent(journal, 2), "4 5");
	assert_string_equal(recent(journal, 0), "");
	for (uint64_t id = 6; id <= 10; id++)
		append(journal, id, 8, "bob", false);
	assert_string_equal(recent(journal, 16), "");
	journal_free(journal);
}

static void nothing_is_kept_without_history(void **state)
{
	struct journal *journal = journal_new(5, 0);

	(void)state;
	append(journal, 1, 7, "ann", true);
	assert_string_equal(recent(journal, 16), "");
	journal_free(journal);
}

static void an_edit_changes_the_kept_content(void **state)
{
	struct journal *journal = journal_new(5, 5);
	const struct envelope *before, *after;

	(void)state;
	append(journal, 1, 7, "ann", true);
	append(journal, 2, 7, "ann", false);
	assert_int_equal(journal_recent(journal, &before, 1), 1);
	journal_edit(journal, 1, &(struct envelope){ .text = SLICE("said otherwise") });
	journal_edit(journal, 2, &(struct envelope){ .text = SLICE("not kept") });
	journal_edit(journal, 3, &(struct envelope){ .text = SLICE("not there") });
	assert_int_equal(journal_recent(journal, &after, 1), 1);
	assert_true(slice_is(before->text, "said"));
	assert_true(slice_is(after->text, "said otherwise"));
	assert_int_equal(after->flags, FLAG_EDITED);
	assert_int_equal(after->id, 1);
	envelope_release(before);
	envelope_release(after);
	journal_edit(journal, 1, &(struct envelope){ .text = SLICE("once more") });
	journal_forget(journal, 1);
	journal_forget(journal, 3);
	assert_string_equal(recent(journal, 16), "");
	journal_free(journal);
}

static void reactions_count_persons_in_order_of_first_use(void **state)
{
	struct journal *journal = journal_new(5, 0);

	(void)state;
	append(journal, 1, 7, "ann", false);
	assert_int_equal(react(journal, 1, "b", 1, true), JOURNAL_REACTED);
	assert_int_equal(react(journal, 1, "a", 1, true), JOURNAL_REACTED);
	assert_int_equal(react(journal, 1, "b", 3, true), JOURNAL_REACTED);
	assert_int_equal(react(journal, 1, "b", 2, true), JOURNAL_REACTED);
	assert_int_equal(react(journal, 1, "b", 2, true), JOURNAL_UNCHANGED);
	assert_string_equal(reactions(journal, 1), "b3 a1");
	assert_int_equal(react(journal, 1, "c", 2, false), JOURNAL_UNCHANGED);
	assert_int_equal(react(journal, 1, "a", 2, false), JOURNAL_UNCHANGED);
	for (uint32_t person = 1; person <= 3; person++)
		assert_int_equal(react(journal, 1, "b", person, false), JOURNAL_REACTED);
	assert_string_equal(reactions(journal, 1), "a1");
	assert_int_equal(react(journal, 1, "b", 2, true), JOURNAL_REACTED);
	assert_string_equal(reactions(journal, 1), "a1 b1");
	assert_int_equal(react(journal, 2, "a", 1, true), JOURNAL_UNCHANGED);
	journal_free(journal);
}

static void reactions_of_one_message_are_bounded(void **state)
{
	struct journal *journal = journal_new(5, 0);
	char emoji[8], longest[REACTION_BYTES_MAX + 2];
	uint32_t person = 0;

	(void)state;
	append(journal, 1, 7, "ann", false);
	for (unsigned i = 0; i < ENVELOPE_REACTIONS_MAX; i++) {
		snprintf(emoji, sizeof(emoji), "e%u", i);
		assert_int_equal(react(journal, 1, emoji, 1, true), JOURNAL_REACTED);
	}
	assert_int_equal(react(journal, 1, "more", 1, true), JOURNAL_FULL);
	for (person = 2; person - 1 + ENVELOPE_REACTIONS_MAX <= REACTIONS_MAX; person++)
		assert_int_equal(react(journal, 1, "e0", person, true), JOURNAL_REACTED);
	assert_int_equal(react(journal, 1, "e0", person, true), JOURNAL_FULL);
	assert_int_equal(react(journal, 1, "e0", 2, true), JOURNAL_UNCHANGED);
	assert_int_equal(react(journal, 1, "e0", 2, false), JOURNAL_REACTED);
	assert_int_equal(react(journal, 1, "e0", person, true), JOURNAL_REACTED);

	append(journal, 2, 7, "ann", false);
	memset(longest, 'x', sizeof(longest));
	longest[REACTION_BYTES_MAX + 1] = '\0';
	assert_int_equal(react(journal, 2, longest, 1, true), JOURNAL_FULL);
	longest[REACTION_BYTES_MAX] = '\0';
	assert_int_equal(react(journal, 2, longest, 1, true), JOURNAL_REACTED);
	journal_free(journal);
}

static void reactions_of_a_room_are_bounded_and_freed_with_old_messages(void **state)
{
	const uint32_t messages = JOURNAL_REACTIONS_MAX / REACTIONS_MAX;
	struct journal *journal = journal_new(messages + 1, 0);

	(void)state;
	for (uint32_t id = 1; id <= messages + 1; id++)
		append(journal, id, 7, "ann", false);
	for (uint32_t id = 1; id <= messages; id++)
		for (uint32_t person = 1; person <= REACTIONS_MAX; person++)
			assert_int_equal(react(journal, id, "a", person, true), JOURNAL_REACTED);
	assert_int_equal(react(journal, messages + 1, "a", 1, true), JOURNAL_FULL);
	append(journal, messages + 2, 7, "ann", false);
	assert_int_equal(react(journal, messages + 1, "a", 1, true), JOURNAL_REACTED);
	journal_free(journal);
}

/* ---- the same again at random, beside a plain model ---- */

#define MODEL_IDS        3000
#define MODEL_REMEMBERED 13
#define MODEL_HISTORY    5
#define MODEL_PERSONS    3
#define MODEL_EMOJIS     4

struct model_message {
	uint32_t author;
	bool kept, deleted, edited;
	bool pairs[MODEL_EMOJIS][MODEL_PERSONS];
	unsigned first_used[MODEL_EMOJIS]; /* turn; 0: not in use */
};

struct model {
	struct model_message messages[MODEL_IDS + 1];
	uint64_t newest;
	unsigned turn;
	uint32_t random;
};

static uint32_t chance(struct model *model, uint32_t below)
{
	model->random = model->random * 1664525 + 1013904223;
	return (model->random >> 8) % below;
}

static bool model_knows(const struct model *model, uint64_t id)
{
	return id > 0 && id <= model->newest && model->newest - id < MODEL_REMEMBERED;
}

static bool model_sees(const struct model *model, uint64_t id)
{
	return model_knows(model, id) && !model->messages[id].deleted;
}

static void model_append(struct model *model, struct journal *journal)
{
	struct model_message *message = &model->messages[++model->newest];
	size_t kept = 0;

	message->author = 1 + chance(model, MODEL_PERSONS);
	message->kept = chance(model, 3) > 0;
	append(journal, model->newest, message->author, message->author == 1 ? "one" : "other",
	       message->kept);
	for (uint64_t id = model->newest; model_knows(model, id); id--) {
		kept += model->messages[id].kept;
		if (kept > MODEL_HISTORY)
			model->messages[id].kept = false;
	}
}

static void model_delete(struct model *model, uint64_t id)
{
	model->messages[id].deleted = true;
	model->messages[id].kept = false;
	memset(model->messages[id].pairs, 0, sizeof(model->messages[id].pairs));
	memset(model->messages[id].first_used, 0, sizeof(model->messages[id].first_used));
}

static void model_delete_all(struct model *model, struct journal *journal, uint32_t author)
{
	uint64_t removed[MODEL_REMEMBERED], id;
	size_t count = journal_delete_all(journal, author, any_name, removed, MODEL_REMEMBERED),
	       at = 0;

	id = model->newest < MODEL_REMEMBERED ? 1 : model->newest - MODEL_REMEMBERED + 1;
	for (; id <= model->newest; id++) {
		if (!model_sees(model, id) || (author && model->messages[id].author != author))
			continue;
		assert_true(at < count);
		assert_int_equal(removed[at++], id);
		model_delete(model, id);
	}
	assert_int_equal(at, count);
}

static bool model_react(struct model *model, uint64_t id, uint32_t emoji, uint32_t person,
			bool adding)
{
	struct model_message *message = &model->messages[id];
	unsigned left = 0;

	if (!model_sees(model, id) || message->pairs[emoji][person] == adding)
		return false;
	message->pairs[emoji][person] = adding;
	for (uint32_t i = 0; i < MODEL_PERSONS; i++)
		left += message->pairs[emoji][i];
	if (!message->first_used[emoji])
		message->first_used[emoji] = model->turn;
	if (!left)
		message->first_used[emoji] = 0;
	return true;
}

static const char *model_reactions(const struct model *model, uint64_t id)
{
	static char text[64];
	unsigned after = 0;
	size_t at = 0;

	text[0] = '\0';
	if (!model_sees(model, id))
		return text;
	for (;;) {
		const struct model_message *message = &model->messages[id];
		unsigned next = MODEL_EMOJIS, count = 0;

		for (unsigned e = 0; e < MODEL_EMOJIS; e++)
			if (message->first_used[e] > after &&
			    (next == MODEL_EMOJIS ||
			     message->first_used[e] < message->first_used[next]))
				next = e;
		if (next == MODEL_EMOJIS)
			return text;
		for (unsigned p = 0; p < MODEL_PERSONS; p++)
			count += message->pairs[next][p];
		after = message->first_used[next];
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%c%u", at ? " " : "",
				       (char)('a' + next), count);
	}
}

static const char *model_recent(const struct model *model)
{
	static char text[256];
	uint64_t id = model->newest < MODEL_REMEMBERED ? 1 : model->newest - MODEL_REMEMBERED + 1;
	size_t at = 0;

	text[0] = '\0';
	for (; id <= model->newest; id++)
		if (model_sees(model, id) && model->messages[id].kept)
			at += (size_t)snprintf(text + at, sizeof(text) - at, at ? " %llu" : "%llu",
					       (unsigned long long)id);
	return text;
}

static void model_turn(struct model *model, struct journal *journal)
{
	uint64_t id =
	    model->newest > 20 ? model->newest - 20 + chance(model, 23) : chance(model, 23);
	uint32_t emoji = chance(model, MODEL_EMOJIS), person = chance(model, MODEL_PERSONS);
	bool adding = chance(model, 2), changed;
	char text[2] = { (char)('a' + emoji), '\0' };
	uint32_t what = chance(model, 100);

	model->turn++;
	if (what < 5 && model->newest < MODEL_IDS) {
		model_append(model, journal);
	} else if (what < 10) {
		assert_int_equal(journal_delete(journal, id), model_sees(model, id));
		if (model_sees(model, id))
			model_delete(model, id);
	} else if (what < 11) {
		model_delete_all(model, journal, chance(model, 40) ? person + 1 : 0);
	} else {
		changed = model_react(model, id, emoji, person, adding);
		assert_int_equal(react(journal, id, text, person, adding),
				 changed ? JOURNAL_REACTED : JOURNAL_UNCHANGED);
	}
	assert_string_equal(reactions(journal, id), model_reactions(model, id));
}

static void the_journal_does_as_a_plain_model_does(void **state)
{
	static struct model model = { .random = 12345 };
	struct journal *journal = journal_new(MODEL_REMEMBERED, MODEL_HISTORY);
	struct journal_entry entry;

	(void)state;
	while (model.newest < MODEL_IDS) {
		model_turn(&model, journal);
		assert_string_equal(recent(journal, 16), model_recent(&model));
		for (uint64_t back = 0; back < MODEL_REMEMBERED + 2 && back < model.newest;
		     back++) {
			uint64_t id = model.newest - back;

			assert_int_equal(journal_find(journal, id, &entry),
					 model_knows(&model, id));
			if (!model_knows(&model, id))
				continue;
			assert_int_equal(entry.deleted, model.messages[id].deleted);
			assert_int_equal(entry.author, model.messages[id].author);
		}
	}
	journal_free(journal);
}

/* With other limits the oldest go, at once or when it is their turn. */
static void limits_may_change(void **state)
{
	struct journal *journal = journal_new(8, 4);
	struct journal_entry entry;

	(void)state;
	for (uint64_t id = 1; id <= 8; id++)
		append(journal, id, 1, "ann", true);
	assert_string_equal(recent(journal, 16), "5 6 7 8");
	journal_limit(journal, 8, 2);
	assert_string_equal(recent(journal, 16), "7 8");
	journal_limit(journal, 3, 3);
	assert_false(journal_find(journal, 5, &entry));
	assert_true(journal_find(journal, 6, &entry));
	append(journal, 9, 1, "ann", true);
	assert_string_equal(recent(journal, 16), "7 8 9");
	assert_false(journal_find(journal, 6, &entry));
	journal_limit(journal, 16, 0);
	assert_string_equal(recent(journal, 16), "");
	for (uint64_t id = 10; id <= 20; id++)
		append(journal, id, 1, "ann", true);
	assert_true(journal_find(journal, 7, &entry));
	assert_string_equal(recent(journal, 16), "");
	journal_free(journal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sequence_counts_from_one),
		cmocka_unit_test(a_message_is_found_until_it_is_too_old),
		cmocka_unit_test(a_deleted_message_is_known_as_deleted),
		cmocka_unit_test(authors_are_found_by_folded_name_newest_first),
		cmocka_unit_test(an_author_keeps_every_name_they_wrote_under),
		cmocka_unit_test(one_authors_messages_are_removed),
		cmocka_unit_test(what_was_written_under_another_name_stays),
		cmocka_unit_test(the_newest_removed_are_named_and_all_are_gone),
		cmocka_unit_test(content_is_kept_of_the_newest),
		cmocka_unit_test(nothing_is_kept_without_history),
		cmocka_unit_test(an_edit_changes_the_kept_content),
		cmocka_unit_test(reactions_count_persons_in_order_of_first_use),
		cmocka_unit_test(reactions_of_one_message_are_bounded),
		cmocka_unit_test(reactions_of_a_room_are_bounded_and_freed_with_old_messages),
		cmocka_unit_test(the_journal_does_as_a_plain_model_does),
		cmocka_unit_test(limits_may_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
