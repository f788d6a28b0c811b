#include "bridge/core/survey.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/core/room_table.h"
#include "codecs/text/memory.h"

#define FIRST 16

struct survey *survey_new(void)
{
	return memory_zeroed(1, sizeof(struct survey));
}

void survey_free(struct survey *survey)
{
	if (!survey)
		return;
	for (size_t i = 0; i < survey->event_count; i++)
		envelope_release(survey->events[i].event);
	free(survey->rooms);
	free(survey->people);
	free(survey->events);
	free(survey->reactors);
	free(survey);
}

/* Memory for one more. */
static void *grow(void *each, size_t count, size_t *held, size_t size)
{
	if (count < *held)
		return each;
	*held = *held ? 2 * *held : FIRST;
	return memory_resize(each, *held * size);
}

void survey_add_room(struct survey *survey, struct room_entry *room)
{
	survey->rooms = grow(survey->rooms, survey->room_count, &survey->rooms_held,
			     sizeof(struct room_entry *));
	survey->rooms[survey->room_count++] = room;
}

void survey_add_person(struct survey *survey, uint32_t number, struct slice name, uint32_t roles)
{
	struct surveyed_person *person;

	survey->people = grow(survey->people, survey->people_count, &survey->people_held,
			      sizeof(*survey->people));
	person = &survey->people[survey->people_count++];
	*person = (struct surveyed_person){ .number = number, .roles = roles };
	name = text_clip(name, NAME_BYTES_MAX);
	person->name_len = (uint8_t)name.len;
	if (name.len > 0)
		memcpy(person->name, name.data, name.len);
}

void survey_add_event(struct survey *survey, const struct envelope *event, struct room_entry *room)
{
	survey->events = grow(survey->events, survey->event_count, &survey->events_held,
			      sizeof(*survey->events));
	survey->events[survey->event_count++] = (struct surveyed_event){ event, room };
}

/* ---- in order ---- */

static int by_id(const void *left, const void *right)
{
	uint64_t a = ((const struct surveyed_event *)left)->event->id;
	uint64_t b = ((const struct surveyed_event *)right)->event->id;

	return (a > b) - (a < b);
}

void survey_trim(struct survey *survey, size_t count)
{
	size_t over = survey->event_count > count ? survey->event_count - count : 0;

	if (survey->event_count == 0)
		return;
	qsort(survey->events, survey->event_count, sizeof(*survey->events), by_id);
	for (size_t i = 0; i < over; i++)
		envelope_release(survey->events[i].event);
	survey->event_count -= over;
	memmove(survey->events, survey->events + over,
		survey->event_count * sizeof(*survey->events));
}

static int by_number(const void *left, const void *right)
{
	uint32_t a = ((const struct surveyed_person *)left)->number;
	uint32_t b = ((const struct surveyed_person *)right)->number;

	return (a > b) - (a < b);
}

static int by_index(const void *left, const void *right)
{
	size_t a = (*(struct room_entry *const *)left)->index;
	size_t b = (*(struct room_entry *const *)right)->index;

	return (a > b) - (a < b);
}

void survey_sort(struct survey *survey)
{
	size_t count = 0;

	if (survey->room_count > 0)
		qsort(survey->rooms, survey->room_count, sizeof(struct room_entry *), by_index);
	if (survey->people_count == 0)
		return;
	qsort(survey->people, survey->people_count, sizeof(*survey->people), by_number);
	for (size_t i = 0; i < survey->people_count; i++)
		if (count == 0 || survey->people[count - 1].number != survey->people[i].number)
			survey->people[count++] = survey->people[i];
	survey->people_count = count;
}
