#include "bridge/durable/made_rooms.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/core/log/log.h"
#include "bridge/core/log/log_stream.h"
#include "codecs/text/memory.h"
#include "codecs/text/name.h"
#include "conf/load.h"

struct made_rooms *made_rooms_new(void)
{
	struct made_rooms *rooms = memory_zeroed(1, sizeof(*rooms));

	rooms->last = &rooms->first;
	return rooms;
}

void made_rooms_free(struct made_rooms *rooms)
{
	if (!rooms)
		return;
	while (rooms->first)
		made_rooms_remove(rooms, rooms->first);
	free(rooms);
}

struct made_room *made_rooms_find(const struct made_rooms *rooms, const char *name)
{
	struct made_room *room = rooms->first;

	while (room && strcmp(room->name, name) != 0)
		room = room->next;
	return room;
}

struct made_room *made_rooms_add(struct made_rooms *rooms, const struct conf_made *made)
{
	struct made_room *room = made_rooms_find(rooms, made->name);
	size_t len = strlen(made->name);

	if (room)
		return room;
	room = memory_zeroed(1, sizeof(*room) + len + 1);
	memcpy(room->name, made->name, len);
	room->made = *made;
	room->made.name = room->name;
	*rooms->last = room;
	rooms->last = &room->next;
	rooms->count++;
	return room;
}

void made_rooms_remove(struct made_rooms *rooms, struct made_room *room)
{
	struct made_room **link = &rooms->first;

	while (*link != room)
		link = &(*link)->next;
	*link = room->next;
	if (!*link)
		rooms->last = link;
	rooms->count--;
	free(room);
}

static bool has(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->room_count; i++)
		if (strcmp(conf->rooms[i].name, name) == 0)
			return true;
	return false;
}

static void join(struct conf *conf, const struct made_room *room)
{
	struct conf_printer printer;
	FILE *errors = log_stream();
	struct conf *made;

	conf_printer_init(&printer, errors);
	made = conf_make_room(&room->made, conf->known, &printer.report);
	fclose(errors);
	if (made)
		conf_take_rooms(conf, made);
}

void made_rooms_join(const struct made_rooms *rooms, struct conf *conf)
{
	char name[4 * NAME_BYTES_MAX + 1];

	for (const struct made_room *room = rooms->first; room; room = room->next)
		if (room->coming)
			continue;
		else if (!has(conf, room->name))
			join(conf, room);
		else
			log_line(LOG_WARNING,
				 "the room \"%s\", made at run time, does not count: the "
				 "configuration has one of that name",
				 text_escape(slice_of(room->name), name, sizeof(name)));
}
