#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/registry.h"
#include "routes/deliver/broadcast.h"
#include "routes/deliver/calm.h"
#include "tests/support/dialects.h"

#define BREAK "\xe2\x80\x8b"

static struct envelope said(const char *dialect, const char *text)
{
	return (struct envelope){ .kind = KIND_MESSAGE,
				  .id = 5,
				  .room = SLICE("lobby"),
				  .author = { .name = SLICE("ann"), .number = 1 },
				  .text = slice_of(text),
				  .origin = { .dialect = slice_of(dialect) } };
}

static void only_another_dialect_s_people_alert_nobody(void **state)
{
	const struct codec_view view = { .codec = registry_codec(DIALECT_SIMPLE) };
	struct codec_view open = view;
	struct envelope event = said("mixer", "@here");

	(void)state;
	open.mass_mentions = true;
	assert_true(calm_needed(&event, SLICE("mixer"), &view));
	assert_false(calm_needed(&event, SLICE("mixer"), &open));
	assert_false(calm_needed(&event, SLICE("simple"), &view));
	assert_false(calm_needed(&event, SLICE("backend"), &view));
	assert_false(calm_needed(&event, SLICE("bridge"), &view));
	event.flags |= FLAG_MASS_MENTIONS;
	assert_false(calm_needed(&event, SLICE("mixer"), &view));
	event.flags = 0;
	event.text = SLICE("@ann!");
	assert_false(calm_needed(&event, SLICE("mixer"), &view));
}

/* The parts' texts are still the text, and what parts are is kept. */
static void parts_are_broken_alike(void **state)
{
	const struct part parts[] = {
		{ .text = SLICE("hi @all and ") },
		{ .kind = PART_MENTION,
		  .text = SLICE("@here"),
		  .name = SLICE("here"),
		  .number = 7 },
		{ .text = SLICE("!") },
	};
	struct envelope event = said("mixer", "hi @all and @here!");
	struct degraded out;
	size_t at = 0;

	(void)state;
	event.parts = parts;
	event.part_count = 3;
	calm_event(&event, &out);
	assert_true(slice_is(out.event.text, "hi @" BREAK "all and @" BREAK "here!"));
	assert_int_equal(out.event.part_count, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_ptr_equal(out.event.parts[i].text.data, out.event.text.data + at);
		at += out.event.parts[i].text.len;
	}
	assert_int_equal(at, out.event.text.len);
	assert_int_equal(out.event.parts[1].kind, PART_MENTION);
	assert_int_equal(out.event.parts[1].number, 7);
	degrade_clear(&out);
}

static bool is_shown(const struct envelope *event, size_t dialect, bool mass_mentions,
		     const char *text)
{
	static const struct id_key key;
	const struct codec_view view = { .codec = registry_codec(dialect),
					 .room_number = 1,
					 .ids = &key,
					 .mass_mentions = mass_mentions };
	struct rendition made;
	bool found;

	rendition_make(event, &view, &view, &view.codec->forms[0], AUDIENCE_OTHERS, 0, &made);
	assert_non_null(made.frame);
	found = memmem(made.frame->bytes, made.frame->len, text, strlen(text)) != NULL;
	frame_release(made.frame);
	return found;
}

static void it_is_broken_on_the_way_to_every_other_dialect(void **state)
{
	(void)state;
	for (size_t from = 0; from < DIALECTS; from++)
		for (size_t to = 0; to < DIALECTS; to++) {
			struct envelope event = said(registry_codec(from)->name, "@everyone: tea");

			assert_true(is_shown(&event, to, true, "@everyone"));
			assert_true(is_shown(&event, to, false, "@everyone") == (from == to));
			assert_true(is_shown(&event, to, false, "everyone: tea"));
		}
}

/* In the sentences of the server, too: what it quotes is still what a person wrote. */
static void what_is_said_in_words_is_broken_too(void **state)
{
	struct envelope event = said("concord", "@everyone");

	(void)state;
	event.kind = KIND_EDIT;
	event.subject = event.author;
	event.target = 4;
	assert_false(is_shown(&event, DIALECT_SIMPLE, false, "@everyone"));
	assert_false(is_shown(&event, DIALECT_MIXER, false, "@everyone"));
	assert_true(is_shown(&event, DIALECT_SIMPLE, false, "everyone"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_another_dialect_s_people_alert_nobody),
		cmocka_unit_test(parts_are_broken_alike),
		cmocka_unit_test(it_is_broken_on_the_way_to_every_other_dialect),
		cmocka_unit_test(what_is_said_in_words_is_broken_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
