#include "bridge/admin/control/moderation.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/admin/control/stored/kept_bans.h"
#include "bridge/core/directory.h"
#include "bridge/durable/store.h"
#include "bridge/net/loop.h"
#include "codecs/text/memory.h"
#include "conf/table/shape.h"

#define BANS_IN_PART 128

/* own: a kick, or the kick that a ban of the server begins with. */
struct removal {
	struct deed deed;
	struct room_entry *room; /* NULL: everywhere */
	bool by_network;
	struct network network;
	enum close_reason why;
	bool ban; /* of the server */
	struct ban kept;
	size_t from[WORKERS_MAX]; /* how far in its table each worker is */
	uint32_t unfinished;      /* workers: a bit each */
	uint32_t silent;
	size_t rooms, closed;
	enum reason reason;
};

static void removal_free(void *own)
{
	deed_clear(&((struct removal *)own)->deed);
	free(own);
}

/* ---- who, and where ---- */

static void keep_name(struct deed_person *person, struct slice name)
{
	person->name_len = name.len < NAME_BYTES_MAX ? name.len : NAME_BYTES_MAX;
	if (person->name_len > 0)
		memcpy(person->name, name.data, person->name_len);
}

bool moderation_find(const struct call *call, const char *text, struct deed_person *person)
{
	struct directory *directory = call->calls->bridge->directory;
	char name[NAME_BYTES_MAX];
	struct person who;
	bool found;

	*person = (struct deed_person){ .number = 0 };
	if (text[0] == '#') {
		person->number = (uint32_t)strtoul(text + 1, NULL, 10);
		found = directory_find_number(directory, person->number, &who, name);
	} else {
		keep_name(person, slice_of(text));
		found = directory_find_name(directory, slice_of(text), &who, name);
	}
	if (!found)
		return false;
	person->number = who.number;
	keep_name(person, who.name);
	return true;
}

static struct slice name_of(const struct deed_person *person)
{
	return slice_span(person->name, person->name_len);
}

/* ---- a room ---- */

static void hear_one(struct call *call, struct inquiry *head)
{
	((struct removal *)call->own)->reason = ((struct deed_inquiry *)head)->reason;
}

static void end_one(struct call *call)
{
	const struct removal *removal = call->own;
	const struct deed_person *person = &removal->deed.person;

	if (call->awaited)
		call_fail_silent(call);
	else if (removal->reason != REASON_NONE)
		call_refuse(call, removal->reason);
	else
		call_end(call, json_pack("{s:o,s:I,s:o}", "name", json_of(name_of(person)),
					 "number", (json_int_t)person->number, "room",
					 json_of(removal->room->rules.name)));
}

static void remove_from_room(struct call *call, struct removal *removal)
{
	call_wait(call, CALL_ACT_MS, hear_one, end_one);
	call_ask(call, removal->room->owner, deed_inquiry_new(&removal->deed, removal->room));
}

/* ---- everywhere: first each room is told, then the connections end ---- */

static void tell_everywhere(struct call *call)
{
	struct removal *removal = call->own;
	const struct deed_person *person = &removal->deed.person;
	json_t *result = json_pack("{s:I,s:I}", "rooms", (json_int_t)removal->rooms, "connections",
				   (json_int_t)removal->closed);

	call->awaited |= removal->silent;
	json_object_set_new(result, "silent_workers", call_silent(call));
	if (removal->ban)
		json_object_set_new(result, "target", json_of(slice_of(removal->kept.target)));
	if (!removal->by_network) {
		json_object_set_new(result, "name", json_of(name_of(person)));
		json_object_set_new(result, "number", json_integer((json_int_t)person->number));
	}
	call_end(call, result);
}

static struct room_time time_of(const struct call *call)
{
	return (struct room_time){ clock_wall_ms(), call->calls->now_ms };
}

static void ban_kept(struct call *call, const struct lasting *lasting)
{
	if (lasting->failed)
		call_fail(call, 1, reason_code(REASON_UNSTORED),
			  "the ban holds until a restart: it cannot be stored: %s", lasting->why);
	else
		tell_everywhere(call);
}

/* A ban is stored with all addresses that were found; unless it was lifted meanwhile. */
static void end_everywhere(struct call *call)
{
	const struct removal *removal = call->own;
	struct room_time now = time_of(call);
	struct lasting *lasting;
	struct ban ban;

	if (!removal->ban || !call->calls->bridge->store ||
	    !bans_get(call->calls->bridge->bans, removal->kept.target, &ban)) {
		tell_everywhere(call);
		return;
	}
	lasting = lasting_new(LASTING_BAN);
	lasting->now_ms = now.wall_ms;
	ban_keep(&ban, now, &lasting->ban);
	call_keep(call, lasting, ban_kept);
}

static void hear_addresses(struct call *call, struct inquiry *head)
{
	const struct close_inquiry *inquiry = (const struct close_inquiry *)head;
	const struct removal *removal = call->own;

	if (removal->ban && !removal->by_network)
		bans_add_addresses(call->calls->bridge->bans, removal->kept.target,
				   inquiry->addresses, inquiry->address_count);
}

static void hear_closed(struct call *call, struct inquiry *head)
{
	const struct close_inquiry *inquiry = (const struct close_inquiry *)head;
	struct removal *removal = call->own;

	/* Some of a person's may have gone already: when their last room had. */
	if (removal->by_network)
		removal->closed += inquiry->closed;
	hear_addresses(call, head);
}

static void ask_for_connections(struct call *call, enum close_reason why)
{
	const struct removal *removal = call->own;

	for (unsigned w = 0; w < call->calls->bridge->worker_count; w++)
		call_ask(call, w,
			 close_inquiry_new(removal->deed.person.number,
					   removal->by_network ? &removal->network : NULL, why));
}

static void close_connections(struct call *call)
{
	const struct removal *removal = call->own;

	call_wait(call, CALL_ACT_MS, hear_closed, end_everywhere);
	ask_for_connections(call, removal->why);
}

static void tell_rooms(struct call *call);

static void hear_rooms(struct call *call, struct inquiry *head)
{
	const struct everywhere_inquiry *inquiry = (const struct everywhere_inquiry *)head;
	struct removal *removal = call->own;

	removal->rooms += inquiry->done;
	removal->from[head->worker] = inquiry->from;
	if (!inquiry->more)
		removal->unfinished &= ~(UINT32_C(1) << head->worker);
}

static void proceed_rooms(struct call *call)
{
	struct removal *removal = call->own;

	removal->silent |= call->awaited;
	removal->unfinished &= ~call->awaited;
	if (removal->unfinished)
		tell_rooms(call);
	else
		close_connections(call);
}

static void tell_rooms(struct call *call)
{
	struct removal *removal = call->own;

	call_wait(call, CALL_ACT_MS, hear_rooms, proceed_rooms);
	for (unsigned w = 0; w < call->calls->bridge->worker_count; w++)
		if (removal->unfinished & UINT32_C(1) << w)
			call_ask(call, w, everywhere_inquiry_new(&removal->deed, removal->from[w]));
}

static void proceed_addresses(struct call *call)
{
	((struct removal *)call->own)->silent |= call->awaited;
	tell_rooms(call);
}

static void remove_everywhere(struct call *call, struct removal *removal)
{
	removal->unfinished = (UINT32_C(1) << call->calls->bridge->worker_count) - 1;
	removal->closed =
	    directory_connections(call->calls->bridge->directory, removal->deed.person.number);
	if (!removal->ban) {
		tell_rooms(call);
		return;
	}
	/* In some dialects a kick ends the connection. */
	call_wait(call, CALL_ACT_MS, hear_addresses, proceed_addresses);
	ask_for_connections(call, CLOSE_NONE);
}

/* ---- kick ---- */

static struct removal *removal_new(struct call *call)
{
	const char *reason = request_text(&call->request, "reason");
	struct removal *removal = memory_zeroed(1, sizeof(*removal));

	removal->deed.kind = KIND_KICK;
	removal->deed.text = reason ? memory_text(reason, strlen(reason)) : NULL;
	removal->why = CLOSE_KICKED;
	call->own = removal;
	call->own_free = removal_free;
	return removal;
}

static bool is_connected(const struct call *call, const struct deed_person *person)
{
	return person->number &&
	       directory_connections(call->calls->bridge->directory, person->number) > 0;
}

void kick_serve(struct call *call)
{
	const char *name = request_text(&call->request, "name");
	const char *room = request_text(&call->request, "room");
	struct removal *removal = removal_new(call);

	if (room && !(removal->room = call_find_room(call, room)))
		return;
	if (!moderation_find(call, name, &removal->deed.person) ||
	    !is_connected(call, &removal->deed.person))
		call_fail(call, 1, reason_code(REASON_UNKNOWN_PERSON), "'%s' is not connected",
			  name);
	else if (room)
		remove_from_room(call, removal);
	else
		remove_everywhere(call, removal);
}

/* ---- ban ---- */

static uint64_t until_ms(const struct call *call)
{
	const char *duration = request_text(&call->request, "for");

	return duration ? call->calls->now_ms + verb_duration_ms(duration) : BAN_FOREVER;
}

static void ban_fill(const struct call *call, const char *target, struct removal *removal)
{
	const char *reason = request_text(&call->request, "reason");
	const struct deed_person *person = &removal->deed.person;
	struct ban *ban = &removal->kept;

	snprintf(ban->target, sizeof(ban->target), "%s", target);
	snprintf(ban->reason, sizeof(ban->reason), "%s", reason ? reason : "");
	shape_make_printable(ban->reason);
	ban->by_network = removal->by_network;
	ban->network = removal->network;
	ban->since_ms = clock_wall_ms();
	ban->until_ms = until_ms(call);
	if (removal->by_network)
		return;
	ban->number = person->number;
	ban->folded_len = name_fold(name_of(person), ban->folded);
}

static void ban_from_server(struct call *call, const char *target, struct removal *removal)
{
	removal->ban = true;
	if (!removal->deed.text)
		removal->deed.text = memory_text("banned", 6);
	ban_fill(call, target, removal);
	if (!bans_add(call->calls->bridge->bans, &removal->kept, call->calls->now_ms)) {
		call_fail(call, 1, reason_code(REASON_TOO_MANY), "there are %d bans already",
			  BANS_MAX);
		return;
	}
	if (removal->by_network) {
		removal->why = close_refused(REASON_BANNED);
		close_connections(call);
	} else if (is_connected(call, &removal->deed.person)) {
		remove_everywhere(call, removal);
	} else {
		end_everywhere(call);
	}
}

static void ban_from_room(struct call *call, struct removal *removal)
{
	const char *duration = request_text(&call->request, "for");

	removal->deed.flags = FLAG_PERMANENT;
	removal->deed.duration_ms = duration ? verb_duration_ms(duration) : 0;
	remove_from_room(call, removal);
}

/* own: how far the list is. */
static void list_bans(struct call *call);

static json_t *row_of(const struct ban *ban, uint64_t now_ms)
{
	json_t *left = ban->until_ms == BAN_FOREVER
			   ? json_null()
			   : json_integer((json_int_t)((ban->until_ms - now_ms + 999) / 1000));

	return json_pack("{s:o,s:I,s:o,s:o,s:o,s:I}", "target", json_of(slice_of(ban->target)),
			 "number", (json_int_t)ban->number, "since", json_of_time(ban->since_ms),
			 "seconds_left", left, "reason", json_of(slice_of(ban->reason)),
			 "addresses", (json_int_t)ban->address_count);
}

static void list_bans(struct call *call)
{
	struct ban *bans = memory_zeroed(BANS_IN_PART, sizeof(*bans));
	size_t *from = call->own;
	size_t count =
	    bans_list(call->calls->bridge->bans, call->calls->now_ms, *from, bans, BANS_IN_PART);
	json_t *rows = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(rows, row_of(&bans[i], call->calls->now_ms));
	free(bans);
	*from += count;
	if (count > 0) {
		call_rows(call, rows, list_bans);
		return;
	}
	json_decref(rows);
	call_end_list(call, json_pack("{s:I}", "count", (json_int_t)*from));
}

static void list_all_bans(struct call *call)
{
	const struct admin_verb *verb = call->request.verb;

	for (size_t i = 0; i < verb_argument_count(verb); i++)
		if (request_text(&call->request, verb->arguments[i].name)) {
			call_fail(call, 2, "bad_argument", "who is to be banned is missing");
			return;
		}
	call->own = memory_zeroed(1, sizeof(size_t));
	call->own_free = free;
	list_bans(call);
}

void ban_serve(struct call *call)
{
	const char *target = request_text(&call->request, "target");
	const char *room = request_text(&call->request, "room");
	struct removal *removal;

	if (!target) {
		list_all_bans(call);
		return;
	}
	removal = removal_new(call);
	removal->by_network = network_read(target, strlen(target), &removal->network);
	if (!removal->by_network)
		(void)moderation_find(call, target, &removal->deed.person);
	if (room && !(removal->room = call_find_room(call, room)))
		return;
	if (room && removal->by_network)
		call_fail(call, 2, "bad_argument",
			  "an address is banned from the whole server: leave out the room");
	else if (room)
		ban_from_room(call, removal);
	else
		ban_from_server(call, target, removal);
}

/* ---- unban ---- */

/* own: a struct standing_inquiry of which only the answer counts. */
static void hear_pardon(struct call *call, struct inquiry *head)
{
	const struct standing_inquiry *inquiry = (const struct standing_inquiry *)head;

	*(struct standing_inquiry *)call->own = *inquiry;
}

static void end_pardon(struct call *call)
{
	const struct standing_inquiry *inquiry = call->own;
	const char *target = request_text(&call->request, "target");
	const char *room = request_text(&call->request, "room");

	if (call->awaited)
		call_fail_silent(call);
	else if (inquiry->reason != REASON_NONE)
		call_refuse(call, inquiry->reason);
	else if (inquiry->pardoned)
		call_end(call, json_pack("{s:s,s:s,s:b}", "target", target, "room", room,
					 "configured", (int)inquiry->standing.banned_by_rules));
	else if (inquiry->standing.banned_by_rules)
		call_fail(call, 1, "configured", "the configuration bans '%s' from '%s'", target,
			  room);
	else
		call_fail(call, 1, "not_banned", "'%s' is not banned from '%s'", target, room);
}

static void unban_room(struct call *call, const char *target, const char *name)
{
	struct room_entry *room = call_find_room(call, name);
	struct deed_person person;

	if (!room)
		return;
	(void)moderation_find(call, target, &person);
	call->own = memory_zeroed(1, sizeof(struct standing_inquiry));
	call->own_free = free;
	call_wait(call, CALL_ACT_MS, hear_pardon, end_pardon);
	call_ask(call, room->owner, standing_inquiry_new(&person, room, true));
}

static void tell_lifted(struct call *call)
{
	call_end(call, json_pack("{s:s}", "target", request_text(&call->request, "target")));
}

static void lift_kept(struct call *call, const struct lasting *lasting)
{
	if (lasting->failed)
		call_fail(call, 1, reason_code(REASON_UNSTORED),
			  "the ban is lifted until a restart: that cannot be stored: %s",
			  lasting->why);
	else
		tell_lifted(call);
}

static void lifted(struct call *call, const struct ban *ban)
{
	struct lasting *lasting;

	if (!call->calls->bridge->store) {
		tell_lifted(call);
		return;
	}
	lasting = lasting_new(LASTING_BAN_GONE);
	ban_key(ban, lasting->ban.key);
	call_keep(call, lasting, lift_kept);
}

void unban_serve(struct call *call)
{
	const char *target = request_text(&call->request, "target");
	const char *room = request_text(&call->request, "room");
	struct ban ban;

	if (room)
		unban_room(call, target, room);
	else if (bans_lift(call->calls->bridge->bans, target, &ban))
		lifted(call, &ban);
	else
		call_fail(call, 1, "not_banned", "'%s' is not banned from this server", target);
}
