/* Who said something, before what they said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "bridge/upstream/saying_text.h"

static void is(struct json_writer *w, const char *expected)
{
	assert_int_equal(w->len, strlen(expected));
	assert_memory_equal(w->data, expected, w->len);
	json_clear(w);
}

static struct envelope said(const char *name, const char *text)
{
	return (struct envelope){
		.kind = KIND_MESSAGE,
		.room = SLICE("lobby"),
		.author = { .name = slice_of(name), .number = 7, .roles = ROLE_USER | ROLE_MOD },
		.text = slice_of(text),
		.origin = { .dialect = SLICE("rooms") }
	};
}

static void formats(void **state)
{
	static const struct {
		const char *format, *expected;
	} rows[] = {
		{ "{name}: ", "ann: hello" },
		{ "<{name}@{dialect}> ", "<ann@rooms> hello" },
		{ "[{room} #{number} {roles}] ", "[lobby #7 user,mod] hello" },
		{ "", "hello" },
		{ "{", "{hello" },
	};
	struct envelope event = said("ann", "hello");

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct json_writer w;

		json_start(&w, 0, 16);
		saying_put_text(&w, &event, rows[i].format);
		is(&w, rows[i].expected);
	}
}

static void actions_and_notices(void **state)
{
	struct envelope event = said("ann", "waves");
	struct json_writer w;

	(void)state;
	event.flags = FLAG_ACTION;
	json_start(&w, 0, 16);
	saying_put_text(&w, &event, "{name}: ");
	is(&w, "* ann waves");
	event = said("ann", "the server restarts");
	event.kind = KIND_NOTICE;
	event.author = (struct person){ .number = 0 };
	json_start(&w, 0, 16);
	saying_put_text(&w, &event, "{name}: ");
	is(&w, "the server restarts");
}

/* What calls everybody is broken; an address or a name that begins so, too; nothing else. */
static void calm(void **state)
{
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{ "nothing", "nothing" },
		{ "@everyone", "@\xe2\x80\x8b"
			       "everyone" },
		{ "hi @HERE and @channel!", "hi @\xe2\x80\x8bHERE and @\xe2\x80\x8b"
					    "channel!" },
		{ "@ann @", "@ann @" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct json_writer w;

		json_start(&w, 0, 16);
		saying_put_calm(&w, slice_of(rows[i].text));
		is(&w, rows[i].expected);
	}
}

static void actions_without_a_form_are_put_in_words(void **state)
{
	const struct codec_calls with = { .has_action = true }, without = { .has_action = false };
	struct envelope event = { .kind = KIND_MESSAGE };

	(void)state;
	assert_false(saying_words_action(&with, &event));
	assert_false(saying_words_action(&without, &event));
	event.flags = FLAG_ACTION;
	assert_false(saying_words_action(&with, &event));
	assert_true(saying_words_action(&without, &event));
	event.flags |= FLAG_PRIVATE;
	assert_true(saying_words_action(&with, &event));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats),
		cmocka_unit_test(actions_and_notices),
		cmocka_unit_test(actions_without_a_form_are_put_in_words),
		cmocka_unit_test(calm),
	};

	return cmocka_run_group_tests_name("bridge/upstream/saying_text", tests, NULL, NULL);
}
