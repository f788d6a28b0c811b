#include "bridge/reload/plan.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/accounts.h"
#include "bridge/core/directory.h"
#include "bridge/durable/roster.h"
#include "bridge/known.h"
#include "bridge/rooms.h"
#include "bridge/rules.h"
#include "codecs/text/memory.h"
#include "conf/load.h"
#include "conf/table/differ.h"

static const char *file_of(const struct plan *plan, const struct conf_place *place)
{
	return place && place->file ? place->file : plan->conf->file;
}

static void fault(const struct plan *plan, const struct conf_place *place, const char *text,
		  const char *name)
{
	fprintf(plan->errors, "%s:%u: error: ", file_of(plan, place),
		place && place->line ? place->line : 1);
	fprintf(plan->errors, text, name);
	fputc('\n', plan->errors);
}

/* What rules name by place must be in the same place in the server that runs. */
static bool same_places(const struct conf *old, const struct conf *new)
{
	if (old->backend_count != new->backend_count || old->tap_count != new->tap_count)
		return false;
	for (size_t i = 0; i < old->backend_count; i++)
		if (strcmp(old->backends[i].name, new->backends[i].name) != 0)
			return false;
	for (size_t i = 0; i < old->tap_count; i++)
		if (strcmp(old->taps[i].name, new->taps[i].name) != 0)
			return false;
	return true;
}

/* A file that was truncated, or is being written, says less than was surely meant. NULL: no. */
static const char *lost(const struct conf *old, const struct conf *new)
{
	if (new->given == 0 && old->given > 0)
		return "the file is empty, and was not at start: is it being written?%s";
	if (!new->gives_listeners && old->gives_listeners)
		return "listeners is missing, and was not at start: to use the default listeners, "
		       "restart the server%s";
	return NULL;
}

/* Does the new one fit the server that runs? What does not is told. */
static bool may_follow(const struct plan *plan)
{
	const char *why = lost(plan->bridge->conf, plan->conf);
	bool same = same_places(plan->bridge->conf, plan->conf);

	if (why)
		fault(plan, NULL, why, "");
	if (!same)
		fault(plan, NULL,
		      "adding, removing or reordering backends and taps needs a restart%s", "");
	return !why && same;
}

/* Where the new file speaks of the mount of that path; NULL: nowhere. */
static const struct conf_place *mount_place(const struct conf *conf, const char *path)
{
	for (size_t l = 0; l < conf->listener_count; l++)
		for (size_t m = 0; m < conf->listeners[l].mount_count; m++)
			if (strcmp(conf->listeners[l].mounts[m].path, path) == 0)
				return &conf->listeners[l].mounts[m].place;
	return NULL;
}

/* Mounts stay as they are until a restart, and so must their rooms. */
static bool mounts_have_rooms(const struct plan *plan)
{
	const struct bridge *bridge = plan->bridge;
	bool all = true;

	for (size_t l = 0; l < bridge->listener_count; l++)
		for (size_t m = 0; m < bridge->listeners[l].mount_count; m++) {
			const struct mount *mount = &bridge->listeners[l].mounts[m];

			if (room_table_find(plan->table, mount->room->rules.name))
				continue;
			all = false;
			fault(plan, mount_place(plan->conf, mount->path),
			      "room \"%s\" cannot be removed without a restart: a mount names it",
			      mount->room->rules.name.data);
		}
	return all;
}

static bool plan_room(struct plan *plan, const struct conf_room *conf)
{
	struct planned *planned = &plan->rooms[plan->room_count++];
	struct room_entry *room = room_table_find(plan->bridge->rooms, slice_of(conf->name));
	struct room_entry *taken;
	size_t dialect;

	*planned = (struct planned){ .room = room, .conf = conf, .added = !room };
	if (planned->added)
		planned->room = room = rooms_add(plan->bridge, conf);
	else
		planned->changed = !conf_same_room(plan->conf->known, room->conf, conf);
	if (planned->added || rooms_renamed(room->conf, conf))
		planned->names = rooms_names(plan->bridge, room, conf);
	if (room_table_add(plan->table, room,
			   planned->names ? planned->names : atomic_load(&room->names), &taken,
			   &dialect))
		return true;
	rooms_tell_taken(room, taken, dialect, file_of(plan, &conf->place), conf->place.line,
			 plan->errors);
	return false;
}

static bool plan_rooms(struct plan *plan)
{
	bool right = true;

	plan->rooms = memory_zeroed(plan->conf->room_count, sizeof(*plan->rooms));
	plan->table = room_table_new(plan->conf->room_count);
	for (size_t i = 0; i < plan->conf->room_count; i++)
		right &= plan_room(plan, &plan->conf->rooms[i]);
	return right && mounts_have_rooms(plan);
}

static bool plan_accounts(struct plan *plan)
{
	const struct conf *conf = plan->conf;
	size_t wrong;

	if (!accounts_read(conf, &plan->accounts, plan->errors)) {
		plan->accounts = NULL;
		return false;
	}
	plan->accounts =
	    roster_plan(plan->bridge->roster, conf, plan->accounts, &plan->account_count);
	if (directory_fits(plan->bridge->directory, plan->accounts, plan->account_count, &wrong))
		return true;
	/* Those that the configuration has nothing of did fit before. */
	if (wrong >= conf->account_count)
		abort();
	account_tell_taken(&conf->accounts[wrong], file_of(plan, &conf->accounts[wrong].place),
			   plan->errors);
	return false;
}

bool plan_make(struct plan *plan, const char *file)
{
	struct conf_printer printer;

	conf_printer_init(&printer, plan->errors);
	plan->conf = conf_load(file, known_names(), &printer.report);
	if (!plan->conf)
		return false;
	if (!may_follow(plan))
		return false;
	if (!plan_rooms(plan) || !plan_accounts(plan))
		return false;
	plan->rules = rules_make(plan->conf, plan->table, plan->errors);
	return plan->rules != NULL;
}

/* Frees the plan; of one that is not carried out, what it made, too. */
static void plan_drop(struct plan *plan)
{
	room_table_release(plan->table);
	for (size_t i = 0; i < plan->room_count; i++) {
		room_names_free(plan->rooms[i].names);
		if (plan->rooms[i].added)
			rooms_remove(plan->bridge, plan->rooms[i].room);
	}
	conf_free(plan->conf);
}

void plan_end(struct plan *plan)
{
	if (plan->accounts)
		accounts_free(plan->accounts, plan->conf->account_count);
	if (!plan->rules)
		plan_drop(plan);
	free(plan->rooms);
}
