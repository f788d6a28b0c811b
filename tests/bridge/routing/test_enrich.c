#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/core/directory.h"
#include "bridge/routing/enrich.h"
#include "tests/support/floor.h"

static struct floor floor_;

static int open_floor(void **state)
{
	(void)state;
	floor_open(&floor_, 1, NULL);
	floor_join(&floor_, "ann", DIALECT_SIMPLE, NULL);
	return 0;
}

static int close_floor(void **state)
{
	(void)state;
	floor_close(&floor_);
	return 0;
}

static const struct bridge *bridge(void)
{
	return floor_.stage->bridge;
}

static struct envelope message(const char *text)
{
	return (struct envelope){ .kind = KIND_MESSAGE,
				  .text = slice_of(text),
				  .room = SLICE("lobby") };
}

static void links_and_mentions_are_found(void **state)
{
	struct envelope event = message("see @Ann http://a.example now"), *sealed;

	(void)state;
	sealed = enrich_seal(bridge(), &event);
	assert_int_equal(sealed->part_count, 5);
	assert_int_equal(sealed->parts[1].kind, PART_MENTION);
	assert_int_equal(sealed->parts[3].kind, PART_LINK);
	assert_true(slice_is(sealed->parts[3].text, "http://a.example"));
	assert_true(slice_equal(sealed->text, event.text));
	envelope_release(sealed);
	event = message("@nobody plain");
	sealed = enrich_seal(bridge(), &event);
	assert_int_equal(sealed->part_count, 0);
	envelope_release(sealed);
	/* Other kinds have no parts. */
	event.kind = KIND_REACTION;
	event.text = SLICE("http://a.example");
	sealed = enrich_seal(bridge(), &event);
	assert_int_equal(sealed->part_count, 0);
	envelope_release(sealed);
}

/* Sixteen people are mentioned; the others are plain text. */
static void mentions_are_bounded(void **state)
{
	char text[512] = "";
	struct envelope event, *sealed;
	size_t mentions = 0;

	(void)state;
	for (int i = 0; i < 20; i++)
		strcat(text, "@ann ");
	event = message(text);
	sealed = enrich_seal(bridge(), &event);
	for (size_t i = 0; i < sealed->part_count; i++)
		mentions += sealed->parts[i].kind == PART_MENTION;
	assert_int_equal(mentions, 16);
	envelope_release(sealed);
}

static void another_text_has_other_parts(void **state)
{
	struct envelope event = message("http://a.example"), *sealed;

	(void)state;
	event.author = (struct person){ .name = SLICE("bob"), .number = 5 };
	sealed = enrich_retext(bridge(), enrich_seal(bridge(), &event), SLICE("plain"));
	assert_true(slice_is(sealed->text, "plain"));
	assert_int_equal(sealed->part_count, 0);
	assert_true(slice_is(sealed->author.name, "bob"));
	assert_int_equal(sealed->author.number, 5);
	/* From its own text, too. */
	sealed = enrich_retext(bridge(), sealed, slice_span(sealed->text.data, 2));
	assert_true(slice_is(sealed->text, "pl"));
	envelope_release(sealed);
}

/* What rewriting to that makes of an event of that kind by ann, whose text is "hi". */
static struct envelope *rewritten(enum envelope_kind kind, enum route_rewrite what, const char *to)
{
	struct route_step step = { .action = ROUTE_REWRITE, .rewrite = what, .text = slice_of(to) };
	struct envelope event = message("hi");

	event.kind = kind;
	event.author = (struct person){ .name = SLICE("ann"), .number = 3 };
	return enrich_rewrite(bridge(), enrich_seal(bridge(), &event), &step);
}

static void rules_rewrite_text_and_name(void **state)
{
	struct envelope *made = rewritten(KIND_MESSAGE, REWRITE_TEXT, "{name}: {text} http://a.x");

	(void)state;
	assert_true(slice_is(made->text, "ann: hi http://a.x"));
	assert_int_equal(made->part_count, 2);
	assert_true(slice_is(made->author.name, "ann"));
	envelope_release(made);
	made = rewritten(KIND_MESSAGE, REWRITE_NAME, " {name}\n of\xe2\x80\x8b {room} ");
	assert_true(slice_is(made->author.name, "ann of lobby"));
	assert_true(made->flags & FLAG_RENAMED);
	assert_true(slice_is(made->text, "hi"));
	envelope_release(made);
}

static void what_cannot_be_rewritten_stays(void **state)
{
	static const struct {
		enum envelope_kind kind;
		enum route_rewrite what;
		const char *to;
	} cases[] = {
		{ KIND_REACTION, REWRITE_TEXT, "ho" }, /* an emoji is no wording */
		{ KIND_MESSAGE, REWRITE_TEXT, "" },
		{ KIND_MESSAGE, REWRITE_NAME, "\xe2\x80\x8b" }, /* nothing is left of it */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct envelope *same = rewritten(cases[i].kind, cases[i].what, cases[i].to);

		assert_true(slice_is(same->text, "hi"));
		assert_true(slice_is(same->author.name, "ann"));
		assert_false(same->flags & FLAG_RENAMED);
		envelope_release(same);
	}
}

static void the_subject_is_completed(void **state)
{
	uint32_t number = stage_find(floor_.stage, "ann")->number;
	struct envelope event = { .kind = KIND_KICK, .subject = { .name = SLICE("ANN") } }, *sealed;

	(void)state;
	sealed = enrich_about(bridge(), &event);
	assert_int_equal(sealed->subject.number, number);
	assert_true(slice_is(sealed->subject.name, "ann"));
	envelope_release(sealed);
	event.subject = (struct person){ .number = number };
	sealed = enrich_about(bridge(), &event);
	assert_true(slice_is(sealed->subject.name, "ann"));
	envelope_release(sealed);
	/* The roles of a change are those asked for. */
	event = (struct envelope){ .kind = KIND_USER_UPDATE,
				   .subject = { .number = number, .roles = ROLE_MOD } };
	sealed = enrich_about(bridge(), &event);
	assert_int_equal(sealed->subject.roles, ROLE_MOD);
	envelope_release(sealed);
	/* Strangers stay as said; nobody stays nobody. */
	event = (struct envelope){ .kind = KIND_KICK, .subject = { .name = SLICE("stranger") } };
	sealed = enrich_about(bridge(), &event);
	assert_int_equal(sealed->subject.number, 0);
	assert_true(slice_is(sealed->subject.name, "stranger"));
	envelope_release(sealed);
	event.subject = (struct person){ .number = 0 };
	sealed = enrich_about(bridge(), &event);
	assert_int_equal(sealed->subject.name.len, 0);
	envelope_release(sealed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(links_and_mentions_are_found),
		cmocka_unit_test(mentions_are_bounded),
		cmocka_unit_test(another_text_has_other_parts),
		cmocka_unit_test(rules_rewrite_text_and_name),
		cmocka_unit_test(what_cannot_be_rewritten_stays),
		cmocka_unit_test(the_subject_is_completed),
	};

	return cmocka_run_group_tests(tests, open_floor, close_floor);
}
