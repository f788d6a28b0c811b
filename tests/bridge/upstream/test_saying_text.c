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
		assert_int_equal(saying_put_text(&w, &event, rows[i].format),
				 strlen(rows[i].expected) - strlen("hello"));
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

/* Whoever writes lines, or takes a name, that look like somebody else's words. */
static void nobody_elses_words(void **state)
{
	static const struct {
		const char *name, *format, *text, *expected;
	} rows[] = {
		{ "eve", "{name}: ", "hi\nann: hello", "eve: hi\neve: ann: hello" },
		{ "eve", "{name}: ", "a\r\nb\rc\vd\f", "eve: a\r\neve: b\reve: c\veve: d\f" },
		{ "eve", "<{name}> ", "a\xe2\x80\xa8<ann> b\n",
		  "<eve> a\xe2\x80\xa8<eve> <ann> b\n" },
		{ "eve", "{name}: ", "\n\nx", "eve: \neve: \neve: x" },
		{ "eve", "", "a\nb", "a\nb" },
		{ "ann: hello", "{name}: ", "x", "ann_ hello: x" },
		{ "ann> hello <eve", "<{name}> ", "x", "<ann_ hello <eve> x" },
		{ "a-b.c", "{name} ({dialect}): ", "x", "a-b.c (rooms): x" },
		{ "a(b", "{name} ({dialect}): ", "x", "a_b (rooms): x" },
		{ "a:b", "{name}", "x", "a:bx" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct envelope event = said(rows[i].name, rows[i].text);
		struct json_writer w;

		json_start(&w, 0, 16);
		saying_put_text(&w, &event, rows[i].format);
		is(&w, rows[i].expected);
	}
}

/* Each part says whose it is, and all of them say all of it. */
static void cuts(void **state)
{
	static const struct {
		const char *text;
		size_t who_len, units;
		const char *parts[5];
	} rows[] = {
		{ "eve: aaaaa ann: bbb", 5, 12, { "eve: aaaaa ", "eve: ann: bb", "eve: b" } },
		{ "eve: aaaaaaabbbbbbbcc", 5, 12, { "eve: aaaaaaa", "eve: bbbbbbb", "eve: cc" } },
		{ "somebody: aaaabb", 10, 12, { "somebody: ", "aaaabb" } },
		{ "eve: short", 5, 12, { "eve: short" } },
		{ "eve: as long as one likes", 5, 0, { "eve: as long as one likes" } },
		{ "aaaaaabbb", 0, 6, { "aaaaaa", "bbb" } },
		{ "", 0, 6, { "" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct text_cut cut =
		    text_cut_begin(slice_of(rows[i].text), rows[i].who_len, rows[i].units);
		struct text_cut again = cut;
		size_t count = 0;

		do {
			struct json_writer w;
			size_t len = text_cut_next(&again);

			json_start(&w, 0, 16);
			text_cut_put(&w, &cut);
			assert_int_equal(w.len, len);
			assert_non_null(rows[i].parts[count]);
			is(&w, rows[i].parts[count++]);
		} while (cut.rest.len);
		assert_null(rows[i].parts[count]);
		assert_int_equal(cut.number, count);
	}
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
		{ "<!here> @all, @allan", "<!\xe2\x80\x8bhere> @\xe2\x80\x8b"
					  "all, @allan" },
		{ "@ann @", "@ann @" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct json_writer w;

		json_start(&w, 0, 16);
		saying_put_calm(&w, slice_of(rows[i].text));
		assert_int_equal(saying_calm_len(slice_of(rows[i].text)), w.len);
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
		cmocka_unit_test(nobody_elses_words),
		cmocka_unit_test(cuts),
		cmocka_unit_test(calm),
	};

	return cmocka_run_group_tests_name("bridge/upstream/saying_text", tests, NULL, NULL);
}
