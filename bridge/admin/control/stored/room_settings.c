#include "bridge/admin/control/stored/room_settings.h"

#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_DIGITS 10

_Static_assert(LASTING_SETTINGS_MAX >
		   6 * LASTING_ROOM_MAX + 2 * CONF_PEOPLE_MAX * (NUMBER_DIGITS + 1) + 150,
	       "a name of escapes fits, and all people");

static void people_print(json_t *object, const char *name, const struct conf_people *people)
{
	json_t *numbers;

	if (!people->count)
		return;
	numbers = json_array();
	for (size_t i = 0; i < people->count; i++)
		json_array_append_new(numbers, json_integer((json_int_t)people->numbers[i]));
	json_object_set_new(object, name, numbers);
}

/* Absent: nobody. */
static bool people_read(const json_t *object, const char *name, struct conf_people *people)
{
	const json_t *numbers = json_object_get(object, name), *number;
	size_t i;

	people->count = json_array_size(numbers);
	if ((numbers && !json_is_array(numbers)) || people->count > CONF_PEOPLE_MAX)
		return false;
	json_array_foreach(numbers, i, number)
	{
		people->numbers[i] = (uint32_t)json_integer_value(number);
		if (json_integer_value(number) < 1 || json_integer_value(number) > UINT32_MAX)
			return false;
	}
	return true;
}

void room_settings_print(const struct conf_made *made, char settings[LASTING_SETTINGS_MAX])
{
	json_t *object =
	    json_pack("{s:s,s:b,s:I,s:I}", "name", made->name, "open", (int)made->open, "history",
		      (json_int_t)made->history, "remembered", (json_int_t)made->remembered);
	size_t len;

	people_print(object, "admins", &made->admins);
	people_print(object, "members", &made->members);
	if (made->owner)
		json_object_set_new(object, "owner", json_integer(made->owner));
	len = json_dumpb(object, settings, LASTING_SETTINGS_MAX - 1, JSON_COMPACT);
	json_decref(object);
	if (len == 0 || len >= LASTING_SETTINGS_MAX)
		abort();
	settings[len] = '\0';
}

bool room_settings_read(struct slice settings, struct conf_made *made, char name[LASTING_ROOM_MAX])
{
	json_t *object = json_loadb(settings.data, settings.len, 0, NULL);
	json_int_t history, remembered, owner = 0;
	const char *text;
	int open = 0;
	bool read;

	read = object &&
	       json_unpack(object, "{s:s,s:b,s:I,s:I,s?I}", "name", &text, "open", &open, "history",
			   &history, "remembered", &remembered, "owner", &owner) == 0 &&
	       strlen(text) < LASTING_ROOM_MAX && owner >= 0 && owner <= INT32_MAX;
	if (read) {
		strcpy(name, text);
		*made = (struct conf_made){ .name = name,
					    .open = open != 0,
					    .history = history,
					    .remembered = remembered,
					    .owner = (uint32_t)owner };
		read = people_read(object, "admins", &made->admins) &&
		       people_read(object, "members", &made->members);
	}
	json_decref(object);
	return read;
}
