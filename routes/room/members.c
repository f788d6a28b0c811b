#include "routes/room/members.h"

#include "codecs/registry.h"
#include "codecs/text/memory.h"
#include "codecs/text/name.h"
#include "routes/room/changes.h"
#include "routes/room/recording.h"
#include "routes/room/seats.h"

/* ---- entering ---- */

/* Somebody at the door. */
struct entrant {
	const struct person *person;
	struct slice folded;
	bool guest;
	uint64_t address;
	uint32_t roles; /* in this room */
};

static bool entrant_is_banned(const struct room *room, const struct entrant *entrant,
			      struct room_time now)
{
	return entrant->roles & ROLE_BANNED || names_have(&room->banned, entrant->folded) ||
	       marked_until(&room->bans, entrant->person->number, entrant->folded,
			    entrant->address) > now.steady_ms;
}

static bool entrant_is_among(const struct entrant *entrant, const uint32_t *numbers, size_t count)
{
	for (size_t i = 0; i < count && !entrant->guest; i++)
		if (numbers[i] == entrant->person->number)
			return true;
	return false;
}

/* Also under the name they had when they were named. */
static bool entrant_is_admin(const struct room *room, const struct entrant *entrant)
{
	const struct room_rules *rules = room->rules;
	struct mark_key key = { .number = entrant->person->number, .folded = entrant->folded };

	return entrant->person->number &&
	       (names_have(&room->admins, entrant->folded) ||
		marks_until(&room->lasting, key) != 0 ||
		entrant_is_among(entrant, rules->admin_numbers, rules->admin_number_count));
}

static bool entrant_is_listed(const struct room *room, const struct entrant *entrant)
{
	const struct room_rules *rules = room->rules;

	return names_have(&room->admitted, entrant->folded) ||
	       entrant_is_among(entrant, rules->member_numbers, rules->member_number_count);
}

/* Under this name, or by the number alone of somebody of whom no name was known. */
static bool entrant_is_invited(const struct room *room, const struct entrant *entrant)
{
	struct mark_key invited = { .number = entrant->person->number, .folded = entrant->folded };
	struct mark_key unnamed = { .number = entrant->person->number };

	return marks_until(&room->invited, invited) != 0 ||
	       marks_until(&room->invited, unnamed) != 0;
}

static bool entrant_may_enter(const struct room *room, const struct entrant *entrant)
{
	if (room->rules->open || entrant->roles & ROLES_MODERATING)
		return true;
	if (!entrant->person->number)
		return false;
	return entrant_is_listed(room, entrant) ||
	       member_by_number(room, entrant->person->number) || entrant_is_invited(room, entrant);
}

static enum reason entrant_judge(const struct room *room, struct entrant *entrant,
				 struct room_time now)
{
	entrant->roles = entrant->person->number ? entrant->person->roles : 0;
	if (entrant_is_admin(room, entrant))
		entrant->roles |= ROLE_MOD;
	if (entrant->person->number && entrant->person->number == room_owner(room))
		entrant->roles |= ROLE_OWNER;
	if (entrant_is_banned(room, entrant, now))
		return REASON_BANNED;
	return entrant_may_enter(room, entrant) ? REASON_NONE : REASON_CLOSED_ROOM;
}

/* Returns whether this is the person's first connection. */
static bool entrant_sit(struct room *room, const struct entrant *entrant, struct seat *seat,
			struct room_time now)
{
	struct person person = *entrant->person;

	person.roles = entrant->roles;
	member_sit(room, seat, &person, entrant->folded);
	seat_follows_mutes(room, seat, now);
	return seat_is_last(seat);
}

/* The sealed ENTER or EXIT of the person on that seat. */
static struct envelope *presence_seal(struct room *room, const struct seat *seat,
				      enum envelope_kind kind, uint64_t now_ms)
{
	struct envelope event = {
		.kind = kind,
		.id = room->newest_id = room_next_id(room, now_ms),
		.sequence = journal_next(room->journal),
		.time_ms = now_ms,
		.room = room->rules->name,
		.author = seat->member->person,
		.origin = { .dialect = slice_of(registry_codec(form_dialect(seat->form))->name) },
	};

	return envelope_seal(&event);
}

enum reason room_enter(struct room *room, struct session_ref ref, uint32_t form,
		       const struct room_entrant *who, struct room_time now, uint32_t *roles,
		       struct envelope **enter)
{
	const struct person *person = who->person;
	char folded[NAME_FOLDED_MAX];
	struct entrant entrant = { .person = person,
				   .guest = who->guest,
				   .address = who->guest_address };
	enum reason reason = REASON_ALREADY;
	struct seat *seat;

	*roles = 0;
	*enter = NULL;
	if (person->number)
		entrant.folded = slice_span(folded, name_fold(person->name, folded));
	if (!seat_find(room, ref))
		reason = entrant_judge(room, &entrant, now);
	if (reason != REASON_NONE)
		return reason;
	seat = seat_add(room, ref, form);
	seat->guest_address = who->guest_address;
	if (person->number) {
		if (entrant_sit(room, &entrant, seat, now))
			*enter = presence_seal(room, seat, KIND_ENTER, now.wall_ms);
		*roles = seat->member->person.roles;
	}
	recording_seat(room, seat, *enter, now);
	return REASON_NONE;
}

void room_look(const struct room *room, const struct room_entrant *who, struct room_time now,
	       struct room_look *look)
{
	const struct person *person = who->person;
	const struct member *member = member_by_number(room, person->number);
	char folded[NAME_FOLDED_MAX];
	struct entrant entrant = { .person = person,
				   .guest = who->guest,
				   .address = who->guest_address };

	if (person->number)
		entrant.folded = slice_span(folded, name_fold(person->name, folded));
	*look = (struct room_look){ .open = room->rules->open,
				    .people = room->people,
				    .present = member,
				    .entry = entrant_judge(room, &entrant, now) };
	look->owner = room_owner(room);
	look->roles = member ? member->person.roles : entrant.roles;
	look->invited = person->number && entrant_is_invited(room, &entrant);
	look->admin =
	    person->number && (person->number == look->owner || entrant_is_admin(room, &entrant));
	look->banned = look->entry == REASON_BANNED || look->roles & ROLE_BANNED;
	look->muted = look->roles & ROLE_MUTED ||
		      (person->number && person_marked(&room->mutes, person) > now.steady_ms);
	if (member)
		look->entry = REASON_NONE;
}

/* ---- leaving ---- */

bool room_leave(struct room *room, struct session_ref leaving, struct room_time now,
		struct envelope **exit)
{
	struct session_ref ref;
	struct seat *seat = seat_find(room, leaving);
	struct member *member = seat ? seat->member : NULL;

	*exit = NULL;
	if (!seat)
		return false;
	ref = seat->ref;
	if (seat_is_last(seat))
		*exit = presence_seal(room, seat, KIND_EXIT, now.wall_ms);
	seat_free(room, seat);
	if (*exit) {
		member_left(room, member->person.number, (*exit)->id);
		member_free(room, member);
	}
	recording_unseat(room, ref, *exit, now);
	return true;
}

bool room_drop(struct room *room, uint32_t person)
{
	struct member *member = member_by_number(room, person);

	if (!member)
		return false;
	member_left(room, person, room->newest_id);
	member_drop(room, member);
	recording_drop(room, person);
	return true;
}

/* ---- looking ---- */

const struct room_presence *room_presence(const struct room *room)
{
	return &room->presence;
}

bool room_has(const struct room *room, struct session_ref ref)
{
	return seat_find(room, ref) != NULL;
}

uint32_t room_roles(const struct room *room, struct session_ref ref)
{
	const struct seat *seat = seat_find(room, ref);

	return seat && seat->member ? seat->member->person.roles : 0;
}

bool room_can_whisper(const struct room *room, uint32_t person)
{
	const struct member *member = member_by_number(room, person);

	for (const struct seat *seat = member ? member->seats : NULL; seat; seat = seat->next)
		if (registry_codec(form_dialect(seat->form))->keeps_private)
			return true;
	return false;
}

/* Each person once: at their first seat. */
uint32_t *room_unwelcome(const struct room *room, size_t *count)
{
	uint32_t *numbers = memory_zeroed(room->by_ref.count, sizeof(*numbers));

	*count = 0;
	for (const struct seat *seat = room->first; seat; seat = seat->after)
		if (seat->member && seat->member->seats == seat &&
		    names_have(&room->banned, seat->member->folded))
			numbers[(*count)++] = seat->member->person.number;
	return numbers;
}

uint32_t room_owner(const struct room *room)
{
	uint32_t given = marks_first(&room->owner);

	return given ? given : room->rules->owner;
}

/* ---- all of them ---- */

struct roster {
	struct person *people;
	char *names;
	size_t skip, skipped, count, max, bytes;
};

/* Twice: first to measure, then to copy. */
static void roster_add(struct roster *roster, const struct member *member)
{
	struct person *person;

	if (roster->skipped < roster->skip) {
		roster->skipped++;
		return;
	}
	if (roster->count == roster->max)
		return;
	if (roster->people) {
		person = &roster->people[roster->count];
		*person = member->person;
		memcpy(roster->names + roster->bytes, member->person.name.data,
		       member->person.name.len);
		person->name.data = roster->names + roster->bytes;
	}
	roster->bytes += member->person.name.len;
	roster->count++;
}

static void roster_fill(const struct room *room, struct roster *roster)
{
	roster->skipped = roster->count = roster->bytes = 0;
	for (const struct seat *seat = room->first; seat; seat = seat->after)
		if (seat->member && seat->member->seats == seat)
			roster_add(roster, seat->member);
}

struct person *room_members(const struct room *room, size_t skip, size_t max, size_t *count)
{
	struct roster roster = { .skip = skip, .max = max };

	roster_fill(room, &roster);
	*count = roster.count;
	if (roster.count == 0)
		return NULL;
	roster.people = memory_new(roster.count * sizeof(*roster.people) + roster.bytes);
	roster.names = (char *)(roster.people + roster.count);
	roster_fill(room, &roster);
	return roster.people;
}

uint32_t *room_numbers(const struct room *room, size_t *count)
{
	uint32_t *numbers = memory_new((room->by_ref.count + 1) * sizeof(*numbers));

	*count = 0;
	for (const struct seat *seat = room->first; seat; seat = seat->after)
		if (seat->member && seat->member->seats == seat)
			numbers[(*count)++] = seat->member->person.number;
	return numbers;
}

bool room_has_person(const struct room *room, uint32_t number)
{
	return member_by_number(room, number) != NULL;
}

struct session_ref *room_seats_of(const struct room *room, unsigned node, uint32_t incarnation,
				  size_t *count)
{
	struct session_ref *refs = memory_new((room->by_ref.count + 1) * sizeof(*refs));

	*count = 0;
	for (const struct seat *seat = room->first; seat; seat = seat->after) {
		uint32_t of = session_ref_node(seat->ref);

		if (room_node_number(of) == node && room_node_incarnation(of) <= incarnation)
			refs[(*count)++] = seat->ref;
	}
	return refs;
}

void room_vacate(struct room *room)
{
	seats_vacate(room);
}
