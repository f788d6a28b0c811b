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
	return memory_zeroed(1, sizeof(struct made_rooms));
}

void made_rooms_free(struct made_rooms *rooms)
{
	if (!rooms)
		return;
	while (rooms->names)
		made_rooms_remove(rooms, rooms->names);
	free(rooms);
}

size_t made_rooms_count(const struct made_rooms *rooms)
{
	return HASH_CNT(by_name, rooms->names);
}

const struct made_room *made_rooms_next(const struct made_rooms *rooms,
					const struct made_room *room)
{
	return room ? room->by_name.next : rooms->names;
}

struct made_room *made_rooms_find(const struct made_rooms *rooms, const char *name)
{
	struct made_room *room;

	HASH_FIND(by_name, rooms->names, name, (unsigned)strlen(name), room);
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
	HASH_ADD(by_name, rooms->names, name, (unsigned)len, room);
	return room;
}

bool made_rooms_taken(const struct made_rooms *rooms, const struct room_table *table,
		      struct slice name)
{
	const struct made_room *room = made_rooms_next(rooms, NULL);
	size_t i = 0, count = room_table_count(table);

	while (i < count && !name_same(room_table_at(table, i)->rules.name, name))
		i++;
	while (room && !name_same(slice_of(room->name), name))
		room = made_rooms_next(rooms, room);
	return i < count || room;
}

void made_rooms_remove(struct made_rooms *rooms, struct made_room *room)
{
	HASH_DELETE(by_name, rooms->names, room);
	free(room);
}

/* Names of a configuration's rooms, in order. */
static int name_order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Returns new. */
static const char **names_of(const struct conf *conf)
{
	const char **names = memory_zeroed(conf->room_count + 1, sizeof(*names));

	for (size_t i = 0; i < conf->room_count; i++)
		names[i] = conf->rooms[i].name;
	qsort(names, conf->room_count, sizeof(*names), name_order);
	return names;
}

static void warn_of(const struct made_room *room)
{
	char name[4 * NAME_BYTES_MAX + 1];

	log_line(LOG_WARNING,
		 "the room \"%s\", made at run time, does not count: the configuration has one of "
		 "that name",
		 text_escape(slice_of(room->name), name, sizeof(name)));
}

/* Those that count. Returns how many. */
static size_t choose(const struct made_rooms *rooms, const struct conf *conf,
		     struct conf_made *chosen)
{
	const char **names = names_of(conf);
	size_t count = 0;

	for (const struct made_room *room = NULL; (room = made_rooms_next(rooms, room));) {
		const char *name = room->name;

		if (room->coming)
			continue;
		if (bsearch(&name, names, conf->room_count, sizeof(*names), name_order))
			warn_of(room);
		else
			chosen[count++] = room->made;
	}
	free(names);
	return count;
}

static bool append(struct conf *conf, const struct conf_made *made, size_t count, FILE *errors)
{
	struct conf_printer printer;
	struct conf *rooms;

	conf_printer_init(&printer, errors);
	rooms = conf_make_rooms(made, count, conf->known, &printer.report);
	if (rooms)
		conf_take_rooms(conf, rooms);
	return rooms != NULL;
}

/* Where one is wrong, by the rules of another version, the others are not. */
void made_rooms_join(const struct made_rooms *rooms, struct conf *conf)
{
	struct conf_made *chosen = memory_zeroed(made_rooms_count(rooms) + 1, sizeof(*chosen));
	size_t count = choose(rooms, conf, chosen);
	FILE *errors = log_stream();

	if (count > 0 && !append(conf, chosen, count, errors))
		for (size_t i = 0; i < count; i++)
			(void)append(conf, &chosen[i], 1, errors);
	fclose(errors);
	free(chosen);
}
