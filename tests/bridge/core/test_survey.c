#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/core/room_table.h"
#include "bridge/core/survey.h"

static const struct envelope *event(uint64_t id)
{
	return envelope_seal(&(struct envelope){ .kind = KIND_MESSAGE, .id = id });
}

static void the_newest_stay_in_order(void **state)
{
	static const uint64_t ids[] = { 5, 90, 1, 40, 7, 30 };
	struct survey *survey = survey_new();

	(void)state;
	survey_trim(survey, 3);
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		survey_add_event(survey, event(ids[i]), NULL);
	survey_trim(survey, 3);
	assert_int_equal(survey->event_count, 3);
	assert_true(survey->events[0].event->id == 30);
	assert_true(survey->events[1].event->id == 40);
	assert_true(survey->events[2].event->id == 90);
	survey_trim(survey, 9);
	assert_int_equal(survey->event_count, 3);
	survey_trim(survey, 0);
	assert_int_equal(survey->event_count, 0);
	survey_free(survey);
	survey_free(NULL);
}

static void people_are_there_once(void **state)
{
	struct survey *survey = survey_new();
	char longest[2 * NAME_BYTES_MAX];

	(void)state;
	survey_sort(survey);
	for (unsigned i = 0; i < 50; i++) {
		survey_add_person(survey, 9, SLICE("cy"), ROLE_USER);
		survey_add_person(survey, 3, SLICE("ann"), ROLE_USER);
	}
	memset(longest, 'x', sizeof(longest));
	survey_add_person(survey, 7, slice_span(longest, sizeof(longest)), ROLE_USER);
	survey_sort(survey);
	assert_int_equal(survey->people_count, 3);
	assert_int_equal(survey->people[0].number, 3);
	assert_memory_equal(survey->people[0].name, "ann", 3);
	assert_int_equal(survey->people[1].number, 7);
	assert_int_equal(survey->people[1].name_len, NAME_BYTES_MAX);
	assert_int_equal(survey->people[2].number, 9);
	survey_free(survey);
}

static void rooms_are_in_the_order_of_their_places(void **state)
{
	struct room_entry *rooms[40];
	struct survey *survey = survey_new();

	(void)state;
	for (size_t i = 0; i < 40; i++)
		rooms[i] = room_entry_new(i, 2, SLICE("a"));
	for (size_t i = 40; i-- > 0;)
		survey_add_room(survey, rooms[i]);
	survey_sort(survey);
	for (size_t i = 0; i < 40; i++)
		assert_ptr_equal(survey->rooms[i], rooms[i]);
	survey_free(survey);
	for (size_t i = 0; i < 40; i++)
		room_entry_free(rooms[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_newest_stay_in_order),
		cmocka_unit_test(people_are_there_once),
		cmocka_unit_test(rooms_are_in_the_order_of_their_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
