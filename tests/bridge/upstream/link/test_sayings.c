/* What is to be said, until it is settled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "bridge/upstream/link/sayings.h"
#include "codecs/text/memory.h"

static struct saying *saying_of(enum envelope_kind kind)
{
	struct envelope event = { .kind = kind, .text = SLICE("hello") };
	struct saying *saying = memory_zeroed(1, sizeof(*saying));

	saying->event = envelope_seal(&event);
	return saying;
}

static struct saying_item *item_of(struct saying *saying, uint64_t serial, const char *text)
{
	struct saying_item *item = memory_zeroed(1, sizeof(*item));

	item->saying = saying;
	item->serial = serial;
	item->text = slice_of(text);
	item->echoes = true;
	return item;
}

static void first_come_first_said(void **state)
{
	struct saying *saying = saying_of(KIND_MESSAGE);
	struct saying_item *one = item_of(saying, 1, "a"), *two = item_of(saying, 2, "b"),
			   *three = item_of(saying, 3, "c");
	struct sayings sayings = { .first = NULL };
	size_t bytes;

	(void)state;
	assert_null(sayings_waiting(&sayings));
	sayings_add(&sayings, one);
	bytes = sayings.bytes;
	assert_true(bytes > 0);
	sayings_add(&sayings, two);
	sayings_add(&sayings, three);
	assert_int_equal(sayings.count, 3);
	assert_ptr_equal(sayings_waiting(&sayings), one);
	sayings_mark(&sayings, one, SAYING_SENT);
	assert_int_equal(sayings.sent, 1);
	assert_ptr_equal(sayings_waiting(&sayings), two);
	sayings_mark(&sayings, one, SAYING_WAITING);
	assert_int_equal(sayings.sent, 0);
	assert_ptr_equal(sayings_waiting(&sayings), one);
	assert_ptr_equal(sayings_find(&sayings, 3), three);
	assert_null(sayings_find(&sayings, 4));
	sayings_take(&sayings, two);
	sayings_take(&sayings, three);
	assert_ptr_equal(sayings.last, one);
	assert_int_equal(sayings.bytes, bytes);
	sayings_take(&sayings, one);
	assert_null(sayings.first);
	assert_null(sayings.last);
	assert_int_equal(sayings.bytes, 0);
	free(one);
	free(two);
	free(three);
	saying_free(saying);
}

/* The oldest that was sent, says the same, and was not heard yet. */
static void echoes(void **state)
{
	struct saying *words = saying_of(KIND_MESSAGE), *deed = saying_of(KIND_DELETE);
	struct saying_item *one = item_of(words, 1, "same"), *two = item_of(words, 2, "same"),
			   *gone = item_of(deed, 3, "");
	struct sayings sayings = { .first = NULL };
	const struct slice none = { NULL, 0 };

	(void)state;
	memcpy(gone->target, "t1", 3);
	sayings_add(&sayings, one);
	sayings_add(&sayings, two);
	sayings_add(&sayings, gone);
	assert_null(sayings_echo(&sayings, KIND_MESSAGE, SLICE("same"), none));
	sayings_mark(&sayings, one, SAYING_SENT);
	sayings_mark(&sayings, two, SAYING_SENT);
	sayings_mark(&sayings, gone, SAYING_SENT);
	assert_ptr_equal(sayings_echo(&sayings, KIND_MESSAGE, SLICE("same"), none), one);
	one->echoes = false;
	assert_ptr_equal(sayings_echo(&sayings, KIND_MESSAGE, SLICE("same"), none), two);
	assert_null(sayings_echo(&sayings, KIND_MESSAGE, SLICE("other"), none));
	assert_ptr_equal(sayings_echo(&sayings, KIND_DELETE, none, SLICE("t1")), gone);
	assert_null(sayings_echo(&sayings, KIND_DELETE, none, SLICE("t2")));
	gone->echoes = false;
	assert_null(sayings_echo(&sayings, KIND_DELETE, none, SLICE("t1")));
	sayings_take(&sayings, one);
	sayings_take(&sayings, two);
	sayings_take(&sayings, gone);
	free(one);
	free(two);
	free(gone);
	saying_free(words);
	saying_free(deed);
}

static void names(void **state)
{
	struct saying *saying = saying_of(KIND_MESSAGE);
	char long_name[FOREIGN_ID_MAX + 9];

	(void)state;
	memset(long_name, 'n', sizeof(long_name));
	saying_name(saying, SLICE("1"));
	saying_name(saying, SLICE("2"));
	saying_name(saying, SLICE("1"));
	saying_name(saying, slice_span(long_name, sizeof(long_name)));
	assert_int_equal(saying->name_count, 3);
	assert_string_equal(saying->names[0], "1");
	assert_string_equal(saying->names[1], "2");
	assert_int_equal(strlen(saying->names[2]), FOREIGN_ID_MAX);
	saying_free(saying);
	saying_free(NULL);
}

static struct saying *said_by(uint32_t number)
{
	struct saying *saying = saying_of(KIND_MESSAGE);
	struct envelope event = { .kind = KIND_MESSAGE, .author = { .number = number } };

	saying->origin = envelope_seal(&event);
	return saying;
}

static void empty(struct sayings *sayings)
{
	while (sayings->first) {
		struct saying_item *item = sayings->first;

		sayings_take(sayings, item);
		free(item);
	}
	assert_null(sayings->shares);
}

#define ITEMS 100
#define BYTES 1000000

/* How many of a person there is room for. */
static unsigned fills(struct sayings *sayings, struct saying *saying, size_t bytes,
		      enum reason *reason)
{
	uint32_t number = saying->origin->author.number;
	unsigned count = 0;

	while ((*reason = sayings_room(sayings, number, ITEMS, bytes)) == REASON_NONE) {
		sayings_add(sayings, item_of(saying, 1, "hello"));
		count++;
	}
	return count;
}

/* However much one talks, there is room for the next. */
static void nobody_has_more_than_is_left(void **state)
{
	struct saying *ann = said_by(1), *bob = said_by(2), *eve = said_by(3), *none = said_by(0);
	struct sayings sayings = { .first = NULL };
	enum reason reason;

	(void)state;
	assert_int_equal(fills(&sayings, ann, BYTES, &reason), 51);
	assert_int_equal(reason, REASON_RATE_LIMITED);
	assert_int_equal(fills(&sayings, bob, BYTES, &reason), 25);
	assert_int_equal(reason, REASON_RATE_LIMITED);
	assert_int_equal(fills(&sayings, eve, BYTES, &reason), 13);
	/* What nobody says is nobody's flood. */
	assert_int_equal(fills(&sayings, none, BYTES, &reason), 11);
	assert_int_equal(reason, REASON_BUSY);
	assert_int_equal(sayings_room(&sayings, 4, ITEMS, BYTES), REASON_BUSY);
	/* What was said makes room. */
	while (sayings.count > 40) {
		struct saying_item *item = sayings.first;

		sayings_take(&sayings, item);
		free(item);
	}
	assert_int_equal(sayings_room(&sayings, 1, ITEMS, BYTES), REASON_NONE);
	empty(&sayings);
	assert_true(fills(&sayings, ann, 10000, &reason) < 25);
	assert_int_equal(reason, REASON_RATE_LIMITED);
	assert_true(fills(&sayings, bob, 10000, &reason) > 5);
	empty(&sayings);
	saying_free(ann);
	saying_free(bob);
	saying_free(eve);
	saying_free(none);
}

/* Of a queue of one, that is it. */
static void one_place_is_anybodys(void **state)
{
	struct sayings sayings = { .first = NULL };

	(void)state;
	assert_int_equal(sayings_room(&sayings, 1, 1, 4096), REASON_NONE);
	assert_int_equal(sayings_room(&sayings, 0, 1, 4096), REASON_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_come_first_said),
		cmocka_unit_test(echoes),
		cmocka_unit_test(names),
		cmocka_unit_test(nobody_has_more_than_is_left),
		cmocka_unit_test(one_place_is_anybodys),
	};

	return cmocka_run_group_tests_name("bridge/upstream/link/sayings", tests, NULL, NULL);
}
