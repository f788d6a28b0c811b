/* What the people of a crowd do, on their worker's thread. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "bridge/client/life.h"
#include "bridge/client/membership.h"
#include "bridge/order/order.h"
#include "codecs/text/memory.h"
#include "tests/support/actors.h"
#include "tests/support/crowd.h"
#include "tests/support/dialects.h"
#include "tests/support/floor.h"

#define WALK_STEPS 16
#define WAIT_MAX   12 /* turns between two deeds */

static const char *const paths[CROWD_ROOMS_MAX][DIALECTS] = {
	{ "/mixer", "/concord", "/rooms", "/simple" },
	{ "/mixer2", "/concord2", "/rooms2", "/simple2" },
};

/* ---- who is who ---- */

bool crowd_publishes(unsigned person)
{
	return person < CROWD_STEADY && person % 10 == person / 10 % 10;
}

size_t crowd_room(const struct crowd *crowd, unsigned person)
{
	return person / DIALECTS % room_table_count(crowd->bridge->rooms);
}

unsigned crowd_reference(size_t room)
{
	return (unsigned)(DIALECT_SIMPLE + room * DIALECTS);
}

bool visitor_hears(const struct visitor *visitor, size_t room)
{
	return visitor->dialect == DIALECT_CONCORD || visitor->room->index == room;
}

static enum plan plan_of(const struct crowd *crowd, unsigned person)
{
	static const enum plan plans[] = { PLAN_KICK, PLAN_LEAVE, PLAN_BAN, PLAN_KICK, PLAN_LEAVE };

	if (person < CROWD_STEADY)
		return PLAN_STAY;
	if (person % DIALECTS == DIALECT_ROOMS && room_table_count(crowd->bridge->rooms) > 1)
		return PLAN_WALK;
	return plans[person / DIALECTS % (sizeof(plans) / sizeof(plans[0]))];
}

struct visitor *visitor_new(struct crowd *crowd, unsigned person, unsigned lives)
{
	struct visitor *visitor = memory_zeroed(1, sizeof(*visitor));

	visitor->person = person;
	visitor->dialect = person % DIALECTS;
	visitor->room = room_table_at(crowd->stage->bridge->rooms, crowd_room(crowd, person));
	visitor->plan = plan_of(crowd, person);
	visitor->lives = lives;
	return visitor;
}

static uint32_t dice(struct driver *driver, uint32_t sides)
{
	driver->random = driver->random * 1664525 + 1013904223;
	return (driver->random >> 16) % sides;
}

/* ---- what people do, on their worker's thread ---- */

void visitor_say(struct visitor *visitor, const struct room_entry *room)
{
	struct slice id = room_view(room, visitor->dialect)->room_id;
	char text[32];

	snprintf(text, sizeof(text), "m%u.%u", visitor->person, ++visitor->said);
	if (visitor->dialect == DIALECT_CONCORD)
		floor_say(visitor->client,
			  "{\"type\":\"chat_written\",\"channelId\":%.*s,\"content\":\"%s\"}",
			  (int)id.len, id.data, text);
	else if (visitor->dialect == DIALECT_ROOMS)
		floor_say(visitor->client,
			  "{\"type\":\"message\",\"key\":\"%s\",\"room_id\":\"%.*s\","
			  "\"content\":\"%s\"}",
			  visitor->client->key, (int)id.len, id.data, text);
	else
		actor_says(visitor->client, text);
}

static void pass_door(struct visitor *visitor, const struct room_entry *room, enum note_kind way)
{
	struct slice id = room_view(room, DIALECT_ROOMS)->room_id;

	visitor_note(visitor, way, visitor->person, 0, room->index);
	floor_say(visitor->client, "{\"type\":\"%s\",\"room_id\":\"%.*s\"}",
		  way == NOTE_LEFT ? "exit" : "enter", (int)id.len, id.data);
}

static bool is_in(const struct visitor *visitor, const struct room_entry *room)
{
	const struct membership *membership = session_membership(visitor->client->session, room);

	return membership && membership->in;
}

static void run_kick(struct driver *driver, const struct command *command)
{
	enum reason reason = order_say(driver->worker, command->room, command->event);

	/* Who is kicked may have left in the meantime. */
	if (reason != REASON_NONE && reason != REASON_UNKNOWN_PERSON)
		snprintf(driver->stage->fault, sizeof(driver->stage->fault), "a kick is refused");
}

static void order_kick(struct visitor *visitor, struct room_entry *room)
{
	struct envelope event = { .kind = KIND_KICK, .origin = { .dialect = SLICE("bridge") } };

	if (dice(visitor->driver, 2))
		event.subject.number = visitor->number;
	else
		event.subject.name = slice_of(visitor->client->name);
	if (visitor->plan == PLAN_BAN)
		event.flags = FLAG_PERMANENT;
	driver_tell(
	    &visitor->driver->crowd->drivers[room->owner],
	    &(struct command){ .run = run_kick, .room = room, .event = envelope_seal(&event) });
}

/* A login in a frame is read once the handshake was answered. */
static void note_who(struct visitor *visitor)
{
	const struct person *self = &visitor->client->session->peer.self;

	visitor->number = self->number;
	uuid_print(self->uuid, visitor->uuid);
}

void visitor_come(struct driver *driver, struct visitor *visitor)
{
	char name[16], credential[32];
	struct actor actor = { .path = paths[visitor->room->index][visitor->dialect],
			       .credential = credential };

	snprintf(name, sizeof(name), "u%u", visitor->person);
	if (visitor->dialect == DIALECT_MIXER)
		snprintf(credential, sizeof(credential), "%u:s", 1000 + visitor->person);
	else
		snprintf(credential, sizeof(credential), "%s:s", name);
	visitor->driver = driver;
	visitor->client = actor_join(driver->stage, name, visitor->dialect, &actor);
	if (!visitor->client) {
		fprintf(stderr, "%s (plan %d) is not let in\n", name, visitor->plan);
		abort();
	}
	visitor_open_ears(visitor);
	visitor->wait = dice(driver, WAIT_MAX) + 1;
	note_who(visitor);
	if (visitor->plan == PLAN_WALK)
		visitor_note(visitor, NOTE_ASKED, visitor->person, 0, visitor->room->index);
	visitor->next = driver->visitors;
	driver->visitors = visitor;
	driver->restless = true;
}

static void twin_make(struct visitor *visitor)
{
	struct crowd *crowd = visitor->driver->crowd;
	unsigned other = (visitor->driver->worker->index + 1) % CROWD_WORKERS;
	struct visitor *twin;

	if (visitor->person % 3 || registry_codec(visitor->dialect)->one_connection)
		return;
	twin = visitor_new(crowd, visitor->person, 0);
	twin->plan = PLAN_TWIN;
	atomic_fetch_add(&crowd->alive, 1);
	driver_bring(&crowd->drivers[other], twin);
}

static struct visitor *visitor_after(struct visitor *visitor)
{
	struct crowd *crowd = visitor->driver->crowd;
	struct visitor *next;

	if (visitor->plan == PLAN_TWIN)
		return NULL;
	if (visitor->plan == PLAN_BAN) {
		next = visitor_new(crowd, visitor->person, visitor->lives);
		next->plan = PLAN_RETURN;
		return next;
	}
	atomic_fetch_add(&crowd->lives_ended, 1);
	return visitor->lives
		   ? visitor_new(crowd, atomic_fetch_add(&crowd->persons, 1), visitor->lives - 1)
		   : NULL;
}

/* What follows has begun before anybody can see that this has ended. */
static void life_end(struct visitor *visitor)
{
	struct visitor *next = visitor_after(visitor);

	visitor->over = true;
	if (next)
		visitor_come(visitor->driver, next);
	else
		atomic_fetch_sub(&visitor->driver->crowd->alive, 1);
}

/* Those who come and go set the pace: both last equally long. */
static void publish(struct visitor *visitor)
{
	const struct crowd *crowd = visitor->driver->crowd;

	while (visitor->said < CROWD_SAYINGS) {
		if (atomic_load(&crowd->lives_ended) * CROWD_SAYINGS <
		    crowd->lives * visitor->said) {
			visitor->driver->restless = true;
			return;
		}
		visitor_say(visitor, visitor->room);
	}
}

/* Some do not wait until they are in before they leave again. */
static void walk_in(struct visitor *visitor, const struct room_entry *room)
{
	pass_door(visitor, room, NOTE_ASKED);
	if (dice(visitor->driver, 2))
		return;
	pass_door(visitor, room, NOTE_LEFT);
	if (dice(visitor->driver, 2))
		pass_door(visitor, room, NOTE_ASKED);
}

/* Reading must not stop in between: what was noted would not be done yet. */
static void walk(struct visitor *visitor)
{
	const struct bridge *bridge = visitor->driver->crowd->bridge;
	struct room_entry *room = room_table_at(
	    bridge->rooms, dice(visitor->driver, (uint32_t)room_table_count(bridge->rooms)));
	const struct session *session = visitor->client->session;

	visitor->wait = dice(visitor->driver, WAIT_MAX);
	if (session->under_way > 0)
		return;
	if (visitor->steps++ == WALK_STEPS) {
		stage_leave(visitor->client);
	} else if (is_in(visitor, room)) {
		if (dice(visitor->driver, 2))
			order_kick(visitor, room);
		if (dice(visitor->driver, 2))
			pass_door(visitor, room, NOTE_LEFT);
		else
			visitor_say(visitor, room);
	} else {
		walk_in(visitor, room);
	}
}

static void plan_follow(struct visitor *visitor)
{
	switch (visitor->plan) {
	case PLAN_STAY: break;
	case PLAN_WALK: walk(visitor); break;
	case PLAN_LEAVE:
		visitor_say(visitor, visitor->room);
		stage_leave(visitor->client);
		break;
	case PLAN_RETURN:
	case PLAN_TWIN: stage_leave(visitor->client); break;
	case PLAN_KICK:
	case PLAN_BAN:
		if (visitor->kicked)
			stage_leave(visitor->client);
		if (visitor->ordered)
			break;
		visitor->ordered = true;
		visitor_say(visitor, visitor->room);
		order_kick(visitor, visitor->room);
		visitor_say(visitor, visitor->room);
	}
}

static void settle(struct visitor *visitor)
{
	struct crowd *crowd = visitor->driver->crowd;

	for (size_t i = 0; i < room_table_count(crowd->bridge->rooms); i++)
		if (visitor_hears(visitor, i) &&
		    !is_in(visitor, room_table_at(crowd->bridge->rooms, i)))
			return;
	visitor->settled = true;
	if (visitor->plan == PLAN_STAY)
		atomic_fetch_add(&crowd->settled, 1);
	else if (visitor->plan == PLAN_RETURN)
		visitor_fault(visitor, "is banned,", "and let in");
	else if (visitor->plan != PLAN_TWIN && visitor->plan != PLAN_WALK)
		twin_make(visitor);
}

/* Somebody who comes and goes, between coming and going. */
static void visitor_live(struct visitor *visitor)
{
	visitor->driver->restless = true;
	if (visitor->number == 0)
		note_who(visitor);
	if (!visitor->settled && !visitor->kicked)
		settle(visitor);
	/* Who was banned, or whose twin is, never gets in. */
	if (!visitor->settled && visitor->plan != PLAN_RETURN && visitor->plan != PLAN_TWIN)
		return;
	if (visitor->wait > 0)
		visitor->wait--;
	else
		plan_follow(visitor);
}

void visitor_act(struct visitor *visitor)
{
	if (visitor->plan == PLAN_STAY && visitor->settled) {
		if (visitor->driver->publishing && crowd_publishes(visitor->person))
			publish(visitor);
		return;
	}
	if (visitor->client->session)
		visitor_live(visitor);
	if (!visitor->client->session && !visitor->over && visitor->plan != PLAN_STAY)
		life_end(visitor);
}
