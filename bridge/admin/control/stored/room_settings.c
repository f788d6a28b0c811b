#include "bridge/admin/control/stored/room_settings.h"

#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(LASTING_SETTINGS_MAX > 6 * LASTING_ROOM_MAX + 100, "a name of escapes fits");

void room_settings_print(const struct conf_made *made, char settings[LASTING_SETTINGS_MAX])
{
	json_t *object =
	    json_pack("{s:s,s:b,s:I,s:I}", "name", made->name, "open", (int)made->open, "history",
		      (json_int_t)made->history, "remembered", (json_int_t)made->remembered);
	size_t len;

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
	}
	json_decref(object);
	return read;
}
