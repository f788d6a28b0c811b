#include "bridge/rooms.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/core/directory.h"
#include "bridge/core/log/log.h"
#include "bridge/core/shows/shows.h"
#include "bridge/core/worker.h"
#include "bridge/durable/release.h"
#include "bridge/durable/store.h"
#include "bridge/net/loop.h"
#include "codecs/text/memory.h"

/* ---- rules ---- */

/* A room's lists are a block: the slices of all of them, then numbers, then the slices' texts. */

static size_t list_bytes(const struct conf_list *list)
{
	size_t bytes = 0;

	for (size_t i = 0; i < list->count; i++)
		bytes += sizeof(struct slice) + strlen(list->items[i]) + 1;
	return bytes;
}

/* Copies a list's texts to *text, and moves it. Returns where its slices are. */
static const struct slice *list_copy(const struct conf_list *list, struct slice **slices,
				     char **text)
{
	struct slice *first = *slices;

	for (size_t i = 0; i < list->count; i++) {
		size_t len = strlen(list->items[i]);

		memcpy(*text, list->items[i], len + 1);
		*(*slices)++ = slice_span(*text, len);
		*text += len + 1;
	}
	return first;
}

static const uint32_t *numbers_copy(const struct conf_people *people, uint32_t **numbers)
{
	uint32_t *first = *numbers;

	memcpy(first, people->numbers, people->count * sizeof(*first));
	*numbers += people->count;
	return first;
}

/* To most clients each id is a message of its own; all those of an event fill half an outbox. */
#define REMOVED_BYTES 128

void *rooms_rules(const struct limits *limits, const struct conf_room *conf,
		  struct room_rules *rules)
{
	size_t count = conf->admins.count + conf->banned.count + conf->members.count;
	size_t people = conf->made_admins.count + conf->made_members.count;
	void *lists = memory_new(list_bytes(&conf->admins) + list_bytes(&conf->banned) +
				 list_bytes(&conf->members) + people * sizeof(uint32_t) + 1);
	struct slice *slices = lists;
	uint32_t *numbers = (uint32_t *)(slices + count);
	char *text = (char *)(numbers + people);

	*rules = (struct room_rules){ .name = slice_of(conf->name),
				      .open = conf->open,
				      .admin_count = conf->admins.count,
				      .banned_count = conf->banned.count,
				      .member_count = conf->members.count,
				      .admin_number_count = conf->made_admins.count,
				      .member_number_count = conf->made_members.count,
				      .history = (size_t)conf->history,
				      .remembered = (size_t)conf->remembered,
				      .removed_most = limits->outbox_bytes / 2 / REMOVED_BYTES,
				      .owner = conf->owner,
				      .threads = conf->threads };
	rules->admins = list_copy(&conf->admins, &slices, &text);
	rules->banned = list_copy(&conf->banned, &slices, &text);
	rules->members = list_copy(&conf->members, &slices, &text);
	rules->admin_numbers = numbers_copy(&conf->made_admins, &numbers);
	rules->member_numbers = numbers_copy(&conf->made_members, &numbers);
	return lists;
}

/* ---- entries ---- */

static size_t free_place(struct bridge *bridge)
{
	size_t place = 0;

	while (place < bridge->place_count && bridge->places[place])
		place++;
	if (place == bridge->place_count) {
		size_t count = place ? 2 * place : 16;

		bridge->places = memory_resize(bridge->places, count * sizeof(*bridge->places));
		memset(bridge->places + place, 0, (count - place) * sizeof(*bridge->places));
		bridge->place_count = count;
	}
	return place;
}

struct room_entry *rooms_add(struct bridge *bridge, const struct conf_room *conf)
{
	size_t place = free_place(bridge);
	struct room_entry *room = room_entry_new(place, bridge->worker_count, slice_of(conf->name));
	struct slice name = room->rules.name;

	room->lists = rooms_rules(&bridge->limits, conf, &room->rules);
	room->rules.name = name;
	room->conf = conf;
	atomic_store(&room->metrics, conf->metrics);
	bridge->places[place] = room;
	return room;
}

void rooms_open(struct bridge *bridge, struct room_entry *room)
{
	struct room_time now = { clock_wall_ms(), clock_steady_ms() };

	room->room = room_new(&room->rules, &bridge->workers[room->owner]->clock, room->shard);
	if (!bridge->store)
		return;
	if (!bridge->store->load(bridge->store, room, now))
		room->unread_ms = now.steady_ms;
	release_keep(bridge->workers[room->owner], room);
}

void rooms_remove(struct bridge *bridge, struct room_entry *room)
{
	bridge->places[room->index] = NULL;
	room_free(room->room);
	free(room->lists);
	room_entry_free(room);
}

/* ---- ids ---- */

static void number_make(struct codec_view *view, char *text, const struct codec_naming *naming,
			int64_t given, uint64_t derived)
{
	view->room_number = given ? (uint64_t)given : (derived & (naming->number_derived - 1)) + 1;
	view->room_id = slice_span(
	    text, (size_t)snprintf(text, ROOM_ID_MAX + 1, "%" PRIu64, view->room_number));
}

static void uuid_make(struct codec_view *view, char *text, const char *given, uint64_t derived)
{
	unsigned char uuid[16];

	if (*given) {
		memcpy(text, given, UUID_TEXT_LEN);
	} else {
		identity_uuid(view->ids, ID_ROOM, derived & NUMBER_MAX, 0, uuid);
		uuid_print(uuid, text);
	}
	view->room_id = slice_span(text, UUID_TEXT_LEN);
}

static void text_make(struct codec_view *view, char *text, const char *given, const char *name)
{
	snprintf(text, ROOM_ID_MAX + 1, "%s", *given ? given : name);
	view->room_id = slice_of(text);
}

static void rules_make(struct room_names *names, const struct conf_room *conf)
{
	for (size_t d = 0; d < registry_count(); d++)
		names->views[d].mass_mentions = conf->mass_mentions;
	if (!conf->show_count)
		return;
	names->rules = memory_zeroed(registry_count(), sizeof(*names->rules));
	for (size_t d = 0; d < registry_count(); d++)
		if (shows_rules(conf, d, names->rules[d]))
			names->views[d].rules = names->rules[d];
}

struct room_names *rooms_names(const struct bridge *bridge, const struct room_entry *room,
			       const struct conf_room *conf)
{
	struct person self = directory_bridge(&bridge->key);
	struct room_names *names =
	    room_names_new(room, &bridge->key, slice_of(bridge->instance), &self);
	/* The same on every start. */
	uint64_t derived = slice_fnv(slice_of(conf->name));

	for (size_t d = 0; d < registry_count(); d++) {
		const struct codec_naming *naming = &registry_codec(d)->naming;
		const struct conf_room_id *id = &conf->ids[d];
		struct codec_view *view = &names->views[d];

		switch (naming->form) {
		case NAMING_NONE: break;
		case NAMING_NUMBER:
			number_make(view, names->ids[d], naming, id->number, derived);
			break;
		case NAMING_UUID: uuid_make(view, names->ids[d], id->text, derived); break;
		case NAMING_TEXT: text_make(view, names->ids[d], id->text, conf->name); break;
		}
	}
	rules_make(names, conf);
	return names;
}

bool rooms_renamed(const struct conf_room *old, const struct conf_room *new)
{
	for (size_t d = 0; d < registry_count(); d++)
		if (old->ids[d].number != new->ids[d].number ||
		    strcmp(old->ids[d].text ? old->ids[d].text : "",
			   new->ids[d].text ? new->ids[d].text : "") != 0)
			return true;
	return old->mass_mentions != new->mass_mentions || !shows_same(old, new);
}

/* ---- all of them ---- */

void rooms_tell_taken(const struct room_entry *room, const struct room_entry *taken, size_t dialect,
		      const char *file, unsigned line, FILE *errors)
{
	const char *what =
	    dialect < DIALECTS_MAX ? registry_codec(dialect)->naming.directive : "name's";

	if (file)
		fprintf(errors, "%s:%u: error: ", file, line);
	else
		fputs("dragoman: ", errors);
	fprintf(errors, "rooms \"%s\" and \"%s\" have the same %s id: set one\n",
		taken->rules.name.data, room->rules.name.data, what);
}

void rooms_tell_left_out(const struct room_entry *room, const struct room_entry *taken)
{
	char name[4 * NAME_BYTES_MAX + 1], other[4 * NAME_BYTES_MAX + 1];

	log_line(
	    LOG_WARNING,
	    "the room \"%s\", made at run time, does not count: \"%s\" has its id in a dialect",
	    text_escape(room->rules.name, name, sizeof(name)),
	    text_escape(taken->rules.name, other, sizeof(other)));
}

static bool entry_make(struct bridge *bridge, struct room_table *table,
		       const struct conf_room *conf, FILE *errors)
{
	struct room_entry *room = rooms_add(bridge, conf), *taken;
	size_t dialect;

	room_entry_name(room, rooms_names(bridge, room, conf));
	if (room_table_add(table, room, atomic_load(&room->names), &taken, &dialect))
		return true;
	if (conf->made) {
		rooms_tell_left_out(room, taken);
		rooms_remove(bridge, room);
		return true;
	}
	rooms_tell_taken(room, taken, dialect, conf->place.file, conf->place.line, errors);
	return false;
}

bool rooms_make(struct bridge *bridge, FILE *errors)
{
	const struct conf *conf = bridge->conf;
	struct room_table *table = room_table_new(conf->room_count);
	bool made = true;

	bridge->rooms = table;
	for (size_t i = 0; i < conf->room_count; i++)
		made &= entry_make(bridge, table, &conf->rooms[i], errors);
	return made;
}

void rooms_free(struct bridge *bridge)
{
	for (size_t i = 0; i < bridge->place_count; i++)
		if (bridge->places[i])
			rooms_remove(bridge, bridge->places[i]);
	free(bridge->places);
	room_table_release(bridge->rooms);
}
