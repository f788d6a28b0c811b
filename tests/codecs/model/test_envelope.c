#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/model/envelope.h"

#define NUMBER_OF_TEST 4503599627370497

/* A draft and all it points at in one piece of memory that a test wipes after sealing. */
struct source {
	char text[64], names[64], odd[64];
	struct part parts[3];
	struct reaction_count reactions[2];
	uint64_t removed[3];
	struct poll poll;
	struct envelope draft;
};

static struct slice place(char *in, size_t at, const char *text)
{
	memcpy(in + at, text, strlen(text));
	return slice_span(in + at, strlen(text));
}

static struct source *full_source(void)
{
	struct source *s = calloc(1, sizeof(*s));
	struct envelope *e = &s->draft;

	e->kind = KIND_MESSAGE;
	e->flags = FLAG_ACTION | FLAG_EDITED;
	e->id = NUMBER_OF_TEST;
	e->sequence = 7;
	e->time_ms = 1795289388027;
	e->client_time_ms = -5;
	e->text = place(s->text, 0, "hi :) mixer.com");
	e->room = place(s->names, 0, "lobby");
	e->thread = place(s->names, 5, "thread");
	e->author = (struct person){ .name = place(s->names, 11, "ann"),
				     .number = 12,
				     .uuid = { 1, 2, 3 },
				     .roles = ROLE_USER | ROLE_MOD };
	e->subject = (struct person){ .name = place(s->names, 14, "bob"), .number = 13 };
	e->correlation = place(s->names, 17, "\"id\"");
	e->extra = place(s->names, 21, "{}");
	e->origin = (struct origin){ .dialect = place(s->names, 23, "mixer"),
				     .instance = place(s->names, 28, "mount"),
				     .hops = 2 };
	s->parts[0] = (struct part){ .kind = PART_TEXT, .text = slice_span(s->text, 3) };
	s->parts[1] = (struct part){ .kind = PART_EMOTE,
				     .text = slice_span(s->text + 3, 2),
				     .name = place(s->odd, 0, "default"),
				     .x = 96,
				     .y = 24 };
	s->parts[2] = (struct part){ .kind = PART_LINK,
				     .text = slice_span(s->text + 6, 9),
				     .name = place(s->odd, 7, "https://mixer.com") };
	e->parts = s->parts;
	e->part_count = 3;
	s->reactions[0] = (struct reaction_count){ place(s->odd, 24, "\xf0\x9f\x98\x82"), 4 };
	s->reactions[1] = (struct reaction_count){ place(s->odd, 28, "+1"), 1 };
	e->reactions = s->reactions;
	e->reaction_count = 2;
	s->removed[0] = 1;
	s->removed[2] = 3;
	e->removed = s->removed;
	e->removed_count = 3;
	s->poll = (struct poll){ .question = place(s->odd, 30, "why?"),
				 .options = { place(s->odd, 34, "a"), place(s->odd, 35, "b") },
				 .counts = { 5, 6 },
				 .option_count = 2,
				 .voters = 11,
				 .duration_ms = 1000,
				 .ends_ms = 2000 };
	e->poll = &s->poll;
	return s;
}

static void sealing_copies_everything(void **state)
{
	struct source *s = full_source();
	struct envelope *e = envelope_seal(&s->draft);

	(void)state;
	memset(s, 'X', sizeof(*s));
	free(s);
	assert_int_equal(e->kind, KIND_MESSAGE);
	assert_int_equal(e->flags, FLAG_ACTION | FLAG_EDITED);
	assert_true(e->id == NUMBER_OF_TEST && e->sequence == 7 && e->time_ms == 1795289388027);
	assert_true(e->client_time_ms == -5);
	assert_true(slice_is(e->text, "hi :) mixer.com"));
	assert_true(slice_is(e->room, "lobby"));
	assert_true(slice_is(e->thread, "thread"));
	assert_true(slice_is(e->author.name, "ann"));
	assert_int_equal(e->author.number, 12);
	assert_memory_equal(e->author.uuid, "\1\2\3\0", 4);
	assert_int_equal(e->author.roles, ROLE_USER | ROLE_MOD);
	assert_true(slice_is(e->subject.name, "bob"));
	assert_true(slice_is(e->correlation, "\"id\""));
	assert_true(slice_is(e->extra, "{}"));
	assert_true(slice_is(e->origin.dialect, "mixer"));
	assert_true(slice_is(e->origin.instance, "mount"));
	assert_int_equal(e->origin.hops, 2);
	envelope_release(e);
}

static void sealing_copies_the_arrays(void **state)
{
	struct source *s = full_source();
	struct envelope *e = envelope_seal(&s->draft);

	(void)state;
	memset(s, 'X', sizeof(*s));
	free(s);
	assert_int_equal(e->part_count, 3);
	assert_true(slice_is(e->parts[0].text, "hi "));
	assert_null(e->parts[0].name.data);
	assert_true(slice_is(e->parts[1].text, ":)"));
	assert_true(slice_is(e->parts[1].name, "default"));
	assert_int_equal(e->parts[1].x, 96);
	assert_true(slice_is(e->parts[2].text, "mixer.com"));
	assert_true(slice_is(e->parts[2].name, "https://mixer.com"));
	assert_int_equal(e->reaction_count, 2);
	assert_true(slice_is(e->reactions[0].emoji, "\xf0\x9f\x98\x82"));
	assert_int_equal(e->reactions[0].count, 4);
	assert_true(slice_is(e->reactions[1].emoji, "+1"));
	assert_int_equal(e->removed_count, 3);
	assert_true(e->removed[0] == 1 && e->removed[1] == 0 && e->removed[2] == 3);
	assert_true(slice_is(e->poll->question, "why?"));
	assert_true(slice_is(e->poll->options[1], "b"));
	assert_int_equal(e->poll->counts[1], 6);
	assert_true(e->poll->ends_ms == 2000);
	envelope_release(e);
}

static void lies_in_text(const struct envelope *e, struct slice part)
{
	if (part.data)
		assert_in_range((uintptr_t)part.data, (uintptr_t)e->text.data,
				(uintptr_t)e->text.data + e->text.len);
}

/* A history keeps thousands of these: the text is not stored once more for its parts. */
static void parts_share_the_text_of_the_block(void **state)
{
	struct source *s = full_source();
	struct envelope *with, *without;

	(void)state;
	s->parts[2].name = s->parts[2].text;
	s->parts[1].name = s->parts[0].text;
	with = envelope_seal(&s->draft);
	s->draft.part_count = 0;
	without = envelope_seal(&s->draft);
	assert_ptr_equal(with->parts[1].text.data, with->text.data + 3);
	assert_ptr_equal(with->parts[2].name.data, with->text.data + 6);
	for (size_t i = 0; i < with->part_count; i++) {
		lies_in_text(with, with->parts[i].text);
		lies_in_text(with, with->parts[i].name);
	}
	assert_null(without->parts);
	envelope_release(with);
	envelope_release(without);
	free(s);
}

static void absent_and_empty_stay_what_they_are(void **state)
{
	struct envelope draft = { .kind = KIND_NOTICE, .text = SLICE("") };
	struct envelope *e = envelope_seal(&draft);

	(void)state;
	assert_non_null(e->text.data);
	assert_int_equal(e->text.len, 0);
	assert_null(e->room.data);
	assert_null(e->correlation.data);
	assert_null(e->parts);
	assert_null(e->reactions);
	assert_null(e->removed);
	assert_null(e->poll);
	envelope_release(e);
}

static void a_held_envelope_outlives_one_release(void **state)
{
	struct envelope draft = { .kind = KIND_MESSAGE, .text = SLICE("still here") };
	const struct envelope *e = envelope_seal(&draft);

	(void)state;
	assert_ptr_equal(envelope_hold(e), e);
	envelope_release(e);
	assert_true(slice_is(e->text, "still here"));
	envelope_release(e);
	envelope_release(NULL);
}

/* A count of none is no reason to keep what the draft pointed at. */
static void arrays_without_elements_are_not_kept(void **state)
{
	struct part part = { .kind = PART_TEXT };
	struct reaction_count reaction = { .count = 1 };
	uint64_t removed = 1;
	struct envelope draft = { .kind = KIND_MESSAGE,
				  .text = slice_of("hi"),
				  .parts = &part,
				  .reactions = &reaction,
				  .removed = &removed };
	struct poll poll = { .question = slice_of("?") };

	(void)state;
	for (int with_poll = 0; with_poll < 2; with_poll++) {
		const struct envelope *e;

		draft.poll = with_poll ? &poll : NULL;
		e = envelope_seal(&draft);
		assert_null(e->parts);
		assert_null(e->reactions);
		assert_null(e->removed);
		envelope_release(e);
	}
}

/* A sealed envelope is a fit draft: the home worker seals anew what a route rewrote. */
static void a_sealed_envelope_can_be_sealed_again(void **state)
{
	struct source *s = full_source();
	struct envelope *first = envelope_seal(&s->draft);
	struct envelope *second = envelope_seal(first);

	(void)state;
	envelope_release(first);
	assert_true(slice_is(second->text, "hi :) mixer.com"));
	assert_true(slice_is(second->parts[1].text, ":)"));
	assert_true(slice_is(second->poll->options[0], "a"));
	envelope_release(second);
	free(s);
}

static void kinds_have_names(void **state)
{
	(void)state;
	for (enum envelope_kind kind = 0; kind < ENVELOPE_KINDS; kind++)
		assert_int_equal(envelope_kind_find(slice_of(envelope_kind_name(kind))), kind);
	assert_string_equal(envelope_kind_name(KIND_MESSAGE), "message");
	assert_string_equal(envelope_kind_name(KIND_USER_UPDATE), "user_update");
	assert_string_equal(envelope_kind_name(KIND_OPAQUE), "opaque");
	assert_int_equal(envelope_kind_find(SLICE("messages")), ENVELOPE_KINDS);
	assert_int_equal(envelope_kind_find(SLICE("")), ENVELOPE_KINDS);
}

static void roles_have_names(void **state)
{
	static const char *const names[] = { "user",  "pro",     "subscriber", "editor", "mod",
					     "staff", "founder", "owner",      "banned", "muted" };

	(void)state;
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(person_role_find(slice_of(names[i])), 1u << i);
	assert_int_equal(person_role_find(SLICE("Mod")), 0);
	assert_int_equal(person_role_find((struct slice){ 0 }), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sealing_copies_everything),
		cmocka_unit_test(sealing_copies_the_arrays),
		cmocka_unit_test(parts_share_the_text_of_the_block),
		cmocka_unit_test(absent_and_empty_stay_what_they_are),
		cmocka_unit_test(arrays_without_elements_are_not_kept),
		cmocka_unit_test(a_held_envelope_outlives_one_release),
		cmocka_unit_test(a_sealed_envelope_can_be_sealed_again),
		cmocka_unit_test(kinds_have_names),
		cmocka_unit_test(roles_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
