#include "bridge/admin/control/deeds.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/admin/control/calls.h"
#include "bridge/client/push.h"
#include "bridge/client/session.h"
#include "bridge/core/directory.h"
#include "bridge/core/worker.h"
#include "bridge/durable/release.h"
#include "bridge/order/order.h"
#include "codecs/text/memory.h"
#include "routes/room/members.h"

static void deed_copy(struct deed *to, const struct deed *from)
{
	*to = *from;
	if (from->text)
		to->text = memory_text(from->text, strlen(from->text));
}

void deed_clear(struct deed *deed)
{
	free(deed->text);
	deed->text = NULL;
}

static struct person person_of(const struct deed_person *person)
{
	return (struct person){ .number = person->number,
				.name = slice_span(person->name, person->name_len) };
}

/* ---- deeds ---- */

/* *roles: those that a change of roles leaves. */
static struct envelope event_of(struct worker *worker, const struct deed *deed,
				const struct room_entry *room, uint32_t *roles)
{
	struct envelope event = { .kind = deed->kind,
				  .flags = deed->flags,
				  .time_ms = worker->now_ms,
				  .room = room->rules.name,
				  .text = slice_of(deed->text),
				  .duration_ms = deed->duration_ms,
				  .origin = { .dialect = SLICE("bridge") } };
	struct room_standing standing;

	if (deed->kind == KIND_NOTICE)
		return event;
	event.author = directory_bridge(&worker->bridge->key);
	event.subject = person_of(&deed->person);
	if (deed->kind != KIND_USER_UPDATE)
		return event;
	room_standing(room->room, &event.subject, worker_time(worker), &standing);
	*roles = (standing.roles | deed->give | ROLE_USER) & ~deed->take;
	event.subject.roles = *roles;
	return event;
}

/* Of who is not there, only bans and mutes are kept. */
static bool has_effect(const struct worker *worker, const struct deed *deed,
		       const struct room_entry *room)
{
	struct person person = person_of(&deed->person);
	struct room_standing standing;

	room_standing(room->room, &person, worker_time(worker), &standing);
	return standing.present || ((deed->give | deed->take) & (ROLE_BANNED | ROLE_MUTED)) ==
				       (deed->give | deed->take);
}

static enum reason carry_out(struct worker *worker, const struct deed *deed,
			     struct room_entry *room, uint32_t *roles)
{
	struct envelope event;

	if (!room->room)
		return REASON_UNKNOWN_ROOM;
	if (deed->kind == KIND_USER_UPDATE && !has_effect(worker, deed, room))
		return REASON_UNKNOWN_PERSON;
	event = event_of(worker, deed, room, roles);
	return order_say(worker, room, envelope_seal(&event));
}

static void order_one(struct worker *worker, struct inquiry *head)
{
	struct deed_inquiry *inquiry = (struct deed_inquiry *)head;

	inquiry->reason = carry_out(worker, &inquiry->deed, inquiry->room, &inquiry->roles);
}

static void undo_one(struct inquiry *head)
{
	((struct deed_inquiry *)head)->reason = REASON_UNSTORED;
}

static void release_one(struct inquiry *head)
{
	deed_clear(&((struct deed_inquiry *)head)->deed);
	free(head);
}

struct deed_inquiry *deed_inquiry_new(const struct deed *deed, struct room_entry *room)
{
	struct deed_inquiry *inquiry = inquiry_new(sizeof(*inquiry), order_one);

	inquiry->head.release = release_one;
	inquiry->head.undo = undo_one;
	inquiry->head.expires = true;
	deed_copy(&inquiry->deed, deed);
	inquiry->room = room;
	return inquiry;
}

static void order_everywhere(struct worker *worker, struct inquiry *head)
{
	struct everywhere_inquiry *inquiry = (struct everywhere_inquiry *)head;
	size_t count = room_table_count(worker->rooms), looked = 0;
	uint32_t roles;

	while (inquiry->from < count && inquiry->done < DEED_ROOMS_MAX &&
	       looked++ < 16 * DEED_ROOMS_MAX) {
		struct room_entry *room = room_table_at(worker->rooms, inquiry->from++);

		if (room->owner == worker->index && room->room &&
		    room_has_person(room->room, inquiry->deed.person.number) &&
		    carry_out(worker, &inquiry->deed, room, &roles) == REASON_NONE)
			inquiry->done++;
	}
	inquiry->more = inquiry->from < count;
}

static void undo_everywhere(struct inquiry *head)
{
	((struct everywhere_inquiry *)head)->done = 0;
}

static void release_everywhere(struct inquiry *head)
{
	deed_clear(&((struct everywhere_inquiry *)head)->deed);
	free(head);
}

struct everywhere_inquiry *everywhere_inquiry_new(const struct deed *deed, size_t from)
{
	struct everywhere_inquiry *inquiry = inquiry_new(sizeof(*inquiry), order_everywhere);

	inquiry->head.release = release_everywhere;
	inquiry->head.undo = undo_everywhere;
	inquiry->head.expires = true;
	deed_copy(&inquiry->deed, deed);
	inquiry->from = from;
	return inquiry;
}

/* ---- connections ---- */

/* What is closed already may have no connection any more to ask for an address. */
static bool is_meant(const struct session *session, const struct close_inquiry *inquiry)
{
	char address[ADDRESS_TEXT_MAX];
	struct network_address read;

	if (session->phase != SESSION_OPEN)
		return false;
	if (inquiry->number)
		return session->peer.self.number == inquiry->number;
	session->transport->address(session->conn, address);
	return network_address_read(address, strlen(address), &read) &&
	       network_holds(&inquiry->network, &read);
}

static void note_address(const struct session *session, struct close_inquiry *inquiry)
{
	if (!session->guest || !session->address)
		return;
	for (size_t i = 0; i < inquiry->address_count; i++)
		if (inquiry->addresses[i] == session->address)
			return;
	if (inquiry->address_count < BAN_ADDRESSES_MAX)
		inquiry->addresses[inquiry->address_count++] = session->address;
}

static void close_them(struct worker *worker, struct inquiry *head)
{
	struct close_inquiry *inquiry = (struct close_inquiry *)head;

	for (uint32_t i = 0; i < worker->slot_count; i++) {
		struct session *session = worker->slots[i];

		if (!session || !is_meant(session, inquiry))
			continue;
		note_address(session, inquiry);
		if (inquiry->why == CLOSE_NONE)
			continue;
		inquiry->closed++;
		session_close(session, inquiry->why);
	}
}

struct close_inquiry *close_inquiry_new(uint32_t number, const struct network *network,
					enum close_reason why)
{
	struct close_inquiry *inquiry = inquiry_new(sizeof(*inquiry), close_them);

	inquiry->number = number;
	if (network)
		inquiry->network = *network;
	inquiry->why = why;
	return inquiry;
}

/* ---- standing ---- */

static void look_at_one(struct worker *worker, struct inquiry *head)
{
	struct standing_inquiry *inquiry = (struct standing_inquiry *)head;
	struct person person = person_of(&inquiry->person);
	struct room *room = inquiry->room->room;

	inquiry->closed = !room;
	if (!room)
		return;
	if (inquiry->pardon)
		inquiry->reason = release_judges(worker, inquiry->room, true);
	if (inquiry->pardon && inquiry->reason == REASON_NONE)
		inquiry->pardoned = room_pardon(room, &person);
	room_standing(room, &person, worker_time(worker), &inquiry->standing);
}

static void undo_pardon(struct inquiry *head)
{
	struct standing_inquiry *inquiry = (struct standing_inquiry *)head;

	if (inquiry->pardoned)
		inquiry->reason = REASON_UNSTORED;
}

struct standing_inquiry *standing_inquiry_new(const struct deed_person *person,
					      struct room_entry *room, bool pardon)
{
	struct standing_inquiry *inquiry = inquiry_new(sizeof(*inquiry), look_at_one);

	inquiry->person = *person;
	inquiry->room = room;
	inquiry->pardon = pardon;
	inquiry->head.expires = pardon;
	inquiry->head.undo = undo_pardon;
	return inquiry;
}

static bool is_of_interest(const struct room_standing *standing)
{
	return standing->present || standing->banned_ms || standing->muted_ms ||
	       standing->banned_by_rules;
}

static void look_everywhere(struct worker *worker, struct inquiry *head)
{
	struct standings_inquiry *inquiry = (struct standings_inquiry *)head;
	struct person person = person_of(&inquiry->person);
	size_t count = room_table_count(worker->rooms), looked = 0;

	while (inquiry->from < count && inquiry->count < DEED_ROOMS_MAX &&
	       looked++ < 16 * DEED_ROOMS_MAX) {
		struct room_entry *room = room_table_at(worker->rooms, inquiry->from++);

		if (room->owner != worker->index || !room->room)
			continue;
		inquiry->each[inquiry->count].room = room;
		room_standing(room->room, &person, worker_time(worker),
			      &inquiry->each[inquiry->count].standing);
		inquiry->count += is_of_interest(&inquiry->each[inquiry->count].standing);
	}
	inquiry->more = inquiry->from < count;
}

struct standings_inquiry *standings_inquiry_new(const struct deed_person *person, size_t from)
{
	struct standings_inquiry *inquiry = inquiry_new(sizeof(*inquiry), look_everywhere);

	inquiry->person = *person;
	inquiry->from = from;
	return inquiry;
}
