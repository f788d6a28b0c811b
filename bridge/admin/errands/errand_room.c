#include "bridge/admin/errands/errand_room.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/admin/control/stored/room_settings.h"
#include "bridge/durable/made_rooms.h"
#include "conf/load.h"

#define ROOM_NAME "room" /* of one that is given none */

static struct made_rooms *made_rooms_of(const struct errand *errand)
{
	return errand->bridge->made_rooms;
}

static struct made_room *made_of(const struct errand *errand)
{
	return made_rooms_find(made_rooms_of(errand), errand->name);
}

static struct room_entry *entry_of(const struct errand *errand)
{
	return room_table_find(errand->bridge->rooms, slice_of(errand->name));
}

static struct lasting *lasting_of(const struct errand *errand)
{
	struct lasting *lasting = lasting_new(LASTING_ROOM);

	snprintf(lasting->room, sizeof(lasting->room), "%s", errand->name);
	return lasting;
}

/* ---- made ---- */

static void try_name(struct errand *errand);

static void made(struct errand *errand)
{
	struct room_entry *entry = entry_of(errand);

	errand_end(errand, entry ? REASON_NONE : REASON_REFUSED, entry, NULL);
}

/* Another room has its id in some dialect. */
static void forgotten(struct errand *errand, bool unused)
{
	(void)unused;
	made_rooms_remove(made_rooms_of(errand), made_of(errand));
	try_name(errand);
}

/* A reload may have opened it meanwhile. */
static void open_room(struct errand *errand)
{
	char *why = NULL;

	if (errand->hooks->add_room && !entry_of(errand)) {
		why = errand->hooks->add_room(errand->bridge, errand->conf);
		errand->conf = NULL;
	}
	if (why) {
		errand_keep(errand, lasting_of(errand), forgotten);
	} else {
		made_of(errand)->changing = false;
		errand_when_idle(errand, made);
	}
	free(why);
}

static void kept(struct errand *errand, bool failed)
{
	struct made_room *room = made_of(errand);

	room->coming = false;
	if (failed) {
		made_rooms_remove(made_rooms_of(errand), room);
		errand_end(errand, REASON_UNSTORED, NULL, NULL);
		return;
	}
	room->changing = true;
	errand_when_idle(errand, open_room);
}

/* As a configuration would have it. NULL: it could not have that name. */
static struct conf *conf_of(const struct errand *errand, const struct conf_made *room)
{
	struct conf_printer printer;
	struct conf *conf;
	char *said = NULL;
	size_t len = 0;
	FILE *errors = open_memstream(&said, &len);

	if (!errors)
		abort();
	conf_printer_init(&printer, errors);
	conf = conf_make_rooms(room, 1, errand->bridge->conf->known, &printer.report);
	fclose(errors);
	free(said);
	return conf;
}

static bool next_free(struct errand *errand)
{
	do
		if (!errand_next_name(errand, ROOM_NAME))
			return false;
	while (
	    made_rooms_taken(made_rooms_of(errand), errand->bridge->rooms, slice_of(errand->name)));
	return true;
}

static void try_name(struct errand *errand)
{
	struct conf_made room = { .name = errand->name,
				  .open = errand->open,
				  .owner = errand->owner };
	struct lasting *lasting;

	if (!next_free(errand)) {
		errand_end(errand, errand->asked[0] ? REASON_NAME_TAKEN : REASON_BAD_ARGUMENT, NULL,
			   NULL);
		return;
	}
	conf_free(errand->conf);
	errand->conf = conf_of(errand, &room);
	if (!errand->conf) {
		errand_end(errand, REASON_BAD_ARGUMENT, NULL, NULL);
		return;
	}
	made_rooms_add(made_rooms_of(errand), &room)->coming = true;
	lasting = lasting_of(errand);
	lasting->forgets = true;
	room_settings_print(&room, lasting->settings);
	errand_keep(errand, lasting, kept);
}

static bool too_many(const struct errand *errand)
{
	const struct limits *limits = &errand->bridge->limits;
	const struct made_rooms *rooms = made_rooms_of(errand);
	size_t own = 0;

	for (const struct made_room *room = made_rooms_next(rooms, NULL); room;
	     room = made_rooms_next(rooms, room))
		own += room->made.owner == errand->owner;
	return own >= limits->made_rooms_each || made_rooms_count(rooms) >= limits->made_rooms;
}

void errand_make_room(struct errand *errand)
{
	if (too_many(errand))
		errand_end(errand, REASON_TOO_MANY, NULL, NULL);
	else
		try_name(errand);
}

/* ---- removed ---- */

static void closed(struct errand *errand)
{
	errand_end(errand, REASON_NONE, NULL, NULL);
}

/* It may be gone by a reload, or be the configuration's by now, or another one's. */
static void close_room(struct errand *errand)
{
	const struct room_entry *entry = entry_of(errand);

	if (errand->hooks->remove_room && entry && entry->conf->made && !made_of(errand))
		free(errand->hooks->remove_room(errand->bridge, errand->name));
	errand_when_idle(errand, closed);
}

static void unkept(struct errand *errand, bool failed)
{
	struct made_room *room = made_of(errand);

	room->changing = false;
	if (failed) {
		errand_end(errand, REASON_UNSTORED, NULL, NULL);
		return;
	}
	made_rooms_remove(made_rooms_of(errand), room);
	errand_when_idle(errand, close_room);
}

/* The one that it names, to be changed by it alone. NULL: it is over. */
static struct made_room *claim(struct errand *errand)
{
	struct made_room *room;

	memcpy(errand->name, errand->asked, sizeof(errand->name));
	room = made_of(errand);
	if (!room)
		errand_end(errand, entry_of(errand) ? REASON_UNSUPPORTED : REASON_UNKNOWN_ROOM,
			   NULL, NULL);
	else if (room->coming || room->changing)
		errand_end(errand, REASON_BUSY, NULL, NULL);
	else
		room->changing = true;
	return room && room->changing && !errand->over ? room : NULL;
}

/* Whoever makes one of that name is not bound by what its owner said of others, nor they by it. */
void errand_remove_room(struct errand *errand)
{
	struct lasting *lasting;

	if (!claim(errand))
		return;
	lasting = lasting_of(errand);
	lasting->forgets = true;
	errand_keep(errand, lasting, unkept);
}

/* ---- opened, or closed to others ---- */

/* It may be gone by a reload, or be the configuration's by now. */
static void change_room(struct errand *errand)
{
	const struct room_entry *entry = entry_of(errand);
	const struct made_room *room = made_of(errand);
	struct conf *conf = NULL;

	if (errand->hooks->change_room && entry && entry->conf->made && room)
		conf = conf_of(errand, &room->made);
	if (conf)
		free(errand->hooks->change_room(errand->bridge, conf));
	errand_when_idle(errand, made);
}

static void changed(struct errand *errand, bool failed)
{
	struct made_room *room = made_of(errand);

	room->changing = false;
	if (failed) {
		errand_end(errand, REASON_UNSTORED, NULL, NULL);
		return;
	}
	room->made.open = errand->open;
	errand_when_idle(errand, change_room);
}

void errand_open_room(struct errand *errand)
{
	struct made_room *room = claim(errand);
	struct lasting *lasting;
	struct conf_made made;

	if (!room)
		return;
	made = room->made;
	made.open = errand->open;
	lasting = lasting_of(errand);
	room_settings_print(&made, lasting->settings);
	errand_keep(errand, lasting, changed);
}
