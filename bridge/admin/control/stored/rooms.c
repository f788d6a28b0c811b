#include "bridge/admin/control/stored/rooms.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/admin/control/calls.h"
#include "bridge/admin/control/stored/room_settings.h"
#include "bridge/durable/made_rooms.h"
#include "bridge/durable/roster.h"
#include "codecs/text/memory.h"
#include "codecs/text/name.h"
#include "conf/load.h"

_Static_assert(REQUEST_WORDS_MAX <= CONF_PEOPLE_MAX, "all who are named fit");

/* own */
struct making {
	struct conf *conf; /* of the room to be opened; NULL: taken, or it is to be closed */
	char *why;         /* owned: why it could not be opened; NULL: it was */
};

static void making_free(void *own)
{
	struct making *making = own;

	conf_free(making->conf);
	free(making->why);
	free(making);
}

static const char *name_of(const struct call *call)
{
	return request_text(&call->request, "name");
}

static struct made_room *room_of(const struct call *call)
{
	return made_rooms_find(call->calls->bridge->made_rooms, name_of(call));
}

static const struct room_entry *entry_of(const struct call *call)
{
	return room_table_find(call->calls->bridge->rooms, slice_of(name_of(call)));
}

static void end(struct call *call)
{
	call_end(call, json_pack("{s:o}", "room", json_of(slice_of(name_of(call)))));
}

static void fail_unstored(struct call *call, const struct lasting *lasting)
{
	call_fail(call, 1, reason_code(REASON_UNSTORED), "not done: it cannot be stored: %s",
		  lasting->why);
}

static bool is_idle(struct call *call)
{
	const struct control_server *server = call->calls->server;

	return !server->changes_rooms || !server->changes_rooms(call->calls->bridge);
}

/* When no reload is under way; at once if none is. */
static void when_idle(struct call *call, void (*proceed)(struct call *))
{
	if (is_idle(call))
		proceed(call);
	else
		call_wait_until(call, is_idle, proceed);
}

static struct lasting *lasting_of(const struct call *call)
{
	struct lasting *lasting = lasting_new(LASTING_ROOM);

	snprintf(lasting->room, sizeof(lasting->room), "%s", name_of(call));
	return lasting;
}

/* ---- add ---- */

static void forgotten(struct call *call, const struct lasting *unused)
{
	const struct making *making = call->own;

	(void)unused;
	made_rooms_remove(call->calls->bridge->made_rooms, room_of(call));
	call_fail(call, 1, "room_taken", "%s", making->why);
}

/* A reload may have opened it meanwhile. */
static void open_room(struct call *call)
{
	const struct control_server *server = call->calls->server;
	struct making *making = call->own;

	if (server->add_room && !entry_of(call)) {
		making->why = server->add_room(call->calls->bridge, making->conf);
		making->conf = NULL;
	}
	if (making->why) {
		call_keep(call, lasting_of(call), forgotten);
		return;
	}
	room_of(call)->changing = false;
	when_idle(call, end);
}

static void added(struct call *call, const struct lasting *lasting)
{
	struct made_room *room = room_of(call);

	room->coming = false;
	if (lasting->failed) {
		made_rooms_remove(call->calls->bridge->made_rooms, room);
		fail_unstored(call, lasting);
		return;
	}
	room->changing = true;
	when_idle(call, open_room);
}

/* What a configuration would say of it, if it were there. */
static bool is_right(struct call *call, const struct conf_made *made)
{
	struct making *making = memory_zeroed(1, sizeof(*making));
	struct conf_printer printer;
	char *said = NULL;
	size_t len = 0;
	FILE *errors = open_memstream(&said, &len);

	if (!errors)
		abort();
	call->own = making;
	call->own_free = making_free;
	conf_printer_init(&printer, errors);
	making->conf = conf_make_rooms(made, 1, call->calls->bridge->conf->known, &printer.report);
	fclose(errors);
	if (!making->conf)
		call_fail(call, 2, "bad_argument", "%.*s", (int)strcspn(said, "\n"), said);
	free(said);
	return making->conf != NULL;
}

static int64_t number_of(const struct call *call, const char *name)
{
	const char *text = request_text(&call->request, name);

	return text ? strtoll(text, NULL, 10) : 0;
}

/* The number of an account, of the configuration or made at run time; 0: it is none's. */
static uint32_t account_number(const struct bridge *bridge, const char *text)
{
	uint32_t number = text[0] == '#' ? (uint32_t)strtoul(text + 1, NULL, 10) : 0;
	const struct roster_entry *entry = number ? roster_find_number(bridge->roster, number)
						  : roster_find(bridge->roster, slice_of(text));

	for (size_t i = 0; i < bridge->conf->account_count; i++) {
		const struct conf_account *account = &bridge->conf->accounts[i];

		if (number ? (uint32_t)account->number == number
			   : name_same(slice_of(account->name), slice_of(text)))
			return (uint32_t)account->number;
	}
	return entry && !entry->coming ? entry->person.number : 0;
}

/* Those whom the request names so. False: one is no account, and the call has failed. */
static bool take_people(struct call *call, const char *name, struct conf_people *people)
{
	const char *words[REQUEST_WORDS_MAX];

	people->count = request_words(&call->request, name, words);
	for (size_t i = 0; i < people->count; i++) {
		people->numbers[i] = account_number(call->calls->bridge, words[i]);
		if (people->numbers[i])
			continue;
		call_fail(call, 1, reason_code(REASON_UNKNOWN_PERSON), "there is no account '%s'",
			  words[i]);
		return false;
	}
	return true;
}

void room_add_serve(struct call *call)
{
	struct conf_made made = { .name = name_of(call),
				  .open = !request_has(&call->request, "closed"),
				  .history = number_of(call, "history"),
				  .remembered = number_of(call, "remembered") };
	struct bridge *bridge = call->calls->bridge;
	struct lasting *lasting;

	if (!call_keeps(call, "rooms made at run time"))
		return;
	if (made_rooms_taken(bridge->made_rooms, bridge->rooms, slice_of(made.name))) {
		call_fail(call, 1, "room_taken", "there is a room '%s'", made.name);
		return;
	}
	if (!take_people(call, "admin", &made.admins) ||
	    !take_people(call, "member", &made.members) || !is_right(call, &made))
		return;
	made_rooms_add(bridge->made_rooms, &made)->coming = true;
	lasting = lasting_of(call);
	room_settings_print(&made, lasting->settings);
	call_keep(call, lasting, added);
}

/* ---- remove ---- */

/* It may be gone by a reload, or be the configuration's by now, or another one's. */
static void close_room(struct call *call)
{
	const struct control_server *server = call->calls->server;
	const struct room_entry *entry = entry_of(call);

	if (server->remove_room && entry && entry->conf->made && !room_of(call))
		free(server->remove_room(call->calls->bridge, name_of(call)));
	when_idle(call, end);
}

static void removed(struct call *call, const struct lasting *lasting)
{
	struct made_room *room = room_of(call);

	room->changing = false;
	if (lasting->failed) {
		fail_unstored(call, lasting);
		return;
	}
	made_rooms_remove(call->calls->bridge->made_rooms, room);
	when_idle(call, close_room);
}

void room_remove_serve(struct call *call)
{
	struct made_room *room = room_of(call);

	if (!call_keeps(call, "rooms made at run time"))
		return;
	if (!room && entry_of(call))
		call_fail(call, 1, "configured",
			  "the room '%s' was not made at run time: the configuration has it",
			  name_of(call));
	else if (!room)
		call_fail(call, 1, reason_code(REASON_UNKNOWN_ROOM), "there is no room '%s'",
			  name_of(call));
	else if (room->coming || room->changing)
		call_fail(call, 1, reason_code(REASON_BUSY), "'%s' is being changed",
			  name_of(call));
	else {
		room->changing = true;
		call_keep(call, lasting_of(call), removed);
	}
}
