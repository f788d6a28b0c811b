#include <assert.h>
#include <search.h>
#include <stdlib.h>

#include "codecs/text/memory.h"
#include "routes/room/room_state.h"

/* ---- names from the configuration ---- */

static void names_open(struct name_list *list, const struct slice *names, size_t count)
{
	size_t at = 0;

	list->names = memory_zeroed(count, sizeof(*list->names));
	list->text = memory_new(count * NAME_FOLDED_MAX);
	for (size_t i = 0; i < count; i++) {
		size_t len = name_fold(names[i], list->text + at);

		if (!len)
			continue;
		list->names[list->count++] = slice_span(list->text + at, len);
		at += len;
	}
}

static void names_close(struct name_list *list)
{
	free(list->names);
	free(list->text);
}

static bool names_have(const struct name_list *list, struct slice folded)
{
	for (size_t i = 0; i < list->count; i++)
		if (slice_equal(list->names[i], folded))
			return true;
	return false;
}

/* ---- who is here ---- */

static int number_order(const void *a, const void *b)
{
	uint32_t left = ((const struct member *)a)->person.number;
	uint32_t right = ((const struct member *)b)->person.number;

	return (left > right) - (left < right);
}

static int folded_order(const void *a, const void *b)
{
	struct slice left = ((const struct member *)a)->folded;
	struct slice right = ((const struct member *)b)->folded;

	if (left.len != right.len)
		return left.len < right.len ? -1 : 1;
	return left.len ? memcmp(left.data, right.data, left.len) : 0;
}

struct member *member_by_number(const struct room *room, uint32_t number)
{
	struct member key = { .person = { .number = number } };
	struct member *const *found = tfind(&key, &room->by_number, number_order);

	return found ? *found : NULL;
}

static struct member *member_by_folded(const struct room *room, struct slice folded)
{
	struct member key = { .folded = folded };
	struct member *const *found = NULL;

	if (folded.len)
		found = tfind(&key, &room->by_name, folded_order);
	return found ? *found : NULL;
}

struct member *member_by_name(const struct room *room, struct slice name)
{
	char folded[NAME_FOLDED_MAX];

	return member_by_folded(room, slice_span(folded, name_fold(name, folded)));
}

static struct member *member_add(struct room *room, const struct person *person,
				 struct slice folded)
{
	struct member *member = memory_zeroed(1, sizeof(*member) + person->name.len + folded.len);

	member->person = *person;
	member->person.name.data = member->name;
	member->folded = slice_span(member->name + person->name.len, folded.len);
	if (person->name.len)
		memcpy(member->name, person->name.data, person->name.len);
	if (folded.len)
		memcpy(member->name + person->name.len, folded.data, folded.len);
	if (!tsearch(member, &room->by_number, number_order))
		abort();
	/* A name that somebody else here has already finds the first of them. */
	if (folded.len && !tsearch(member, &room->by_name, folded_order))
		abort();
	return member;
}

static void member_free(struct room *room, struct member *member)
{
	tdelete(member, &room->by_number, number_order);
	if (member_by_folded(room, member->folded) == member)
		tdelete(member, &room->by_name, folded_order);
	free(member);
}

struct seat *seat_find(const struct room *room, struct session_ref ref)
{
	struct seat *seat;

	HASH_FIND(hh, room->seats, &ref, sizeof(ref), seat);
	return seat;
}

static uint32_t *presence_of(struct room *room, const struct seat *seat)
{
	return &room->presence.count[seat->ref.worker][seat->dialect];
}

static struct seat *seat_add(struct room *room, struct session_ref ref, size_t dialect)
{
	struct seat *seat = memory_zeroed(1, sizeof(*seat));

	assert(ref.worker < WORKERS_MAX && dialect < DIALECTS);
	seat->ref = ref;
	seat->dialect = dialect;
	HASH_ADD(hh, room->seats, ref, sizeof(seat->ref), seat);
	++*presence_of(room, seat);
	return seat;
}

/* The member stays, even when that was the last seat. */
static void seat_free(struct room *room, struct seat *seat)
{
	if (seat->member) {
		struct seat **link = &seat->member->seats;

		while (*link != seat)
			link = &(*link)->next;
		*link = seat->next;
	}
	--*presence_of(room, seat);
	HASH_DEL(room->seats, seat);
	free(seat);
}

void members_open(struct room *room)
{
	const struct room_rules *rules = room->rules;

	names_open(&room->admins, rules->admins, rules->admin_count);
	names_open(&room->banned, rules->banned, rules->banned_count);
	names_open(&room->admitted, rules->members, rules->member_count);
}

void members_close(struct room *room)
{
	while (room->seats) {
		struct seat *seat = room->seats;
		struct member *member = seat->member;

		seat_free(room, seat);
		if (member && !member->seats)
			member_free(room, member);
	}
	names_close(&room->admins);
	names_close(&room->banned);
	names_close(&room->admitted);
}

/* ---- marks ---- */

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static uint64_t marked_until(const struct marks *marks, uint32_t number, struct slice folded,
			     uint64_t address)
{
	uint64_t until = 0;

	if (number)
		until = marks_until(marks, (struct mark_key){ .number = number });
	if (folded.len)
		until = later(until, marks_until(marks, (struct mark_key){ .folded = folded }));
	if (address)
		until = later(until, marks_until(marks, (struct mark_key){ .address = address }));
	return until;
}

void person_mark(struct marks *marks, const struct person *person, const struct member *present,
		 uint64_t until_ms)
{
	char folded[NAME_FOLDED_MAX];
	struct slice name = slice_span(folded, name_fold(person->name, folded));

	marks_set(marks, (struct mark_key){ .number = person->number }, until_ms);
	marks_set(marks, (struct mark_key){ .folded = name }, until_ms);
	for (const struct seat *seat = present ? present->seats : NULL; seat; seat = seat->next)
		marks_set(marks, (struct mark_key){ .address = seat->guest_address }, until_ms);
}

uint64_t person_marked(const struct marks *marks, const struct person *person)
{
	char folded[NAME_FOLDED_MAX];

	return marked_until(marks, person->number,
			    slice_span(folded, name_fold(person->name, folded)), 0);
}

/* ---- entering ---- */

/* Somebody at the door. */
struct entrant {
	const struct person *person;
	struct slice folded;
	uint64_t address;
	uint32_t roles; /* in this room */
};

bool person_is_banned(const struct room *room, const struct person *person)
{
	char folded[NAME_FOLDED_MAX];
	struct slice name = slice_span(folded, name_fold(person->name, folded));

	return names_have(&room->banned, name) ||
	       marked_until(&room->bans, person->number, name, 0) != 0;
}

static bool entrant_is_banned(const struct room *room, const struct entrant *entrant)
{
	return entrant->roles & ROLE_BANNED || names_have(&room->banned, entrant->folded) ||
	       marked_until(&room->bans, entrant->person->number, entrant->folded,
			    entrant->address) != 0;
}

static bool entrant_may_enter(const struct room *room, const struct entrant *entrant)
{
	struct mark_key invited = { .number = entrant->person->number };

	if (room->rules->open || entrant->roles & ROLES_MODERATING)
		return true;
	if (!entrant->person->number)
		return false;
	return names_have(&room->admitted, entrant->folded) ||
	       member_by_number(room, entrant->person->number) ||
	       marks_until(&room->invited, invited) != 0;
}

static enum reason entrant_judge(const struct room *room, struct entrant *entrant)
{
	entrant->roles = entrant->person->number ? entrant->person->roles : 0;
	if (entrant->person->number && names_have(&room->admins, entrant->folded))
		entrant->roles |= ROLE_MOD;
	if (entrant_is_banned(room, entrant))
		return REASON_BANNED;
	return entrant_may_enter(room, entrant) ? REASON_NONE : REASON_CLOSED_ROOM;
}

/* Returns whether this is the person's first connection. */
static bool entrant_sit(struct room *room, const struct entrant *entrant, struct seat *seat)
{
	struct member *member = member_by_number(room, entrant->person->number);
	bool first = !member;

	if (first) {
		member = member_add(room, entrant->person, entrant->folded);
		member->person.roles = entrant->roles;
	}
	member->muted_until_ms =
	    later(member->muted_until_ms, marked_until(&room->mutes, entrant->person->number,
						       entrant->folded, entrant->address));
	seat->member = member;
	seat->next = member->seats;
	member->seats = seat;
	return first;
}

/* The sealed ENTER or EXIT of the person on that seat. */
static struct envelope *routing_seal(struct room *room, const struct seat *seat,
				     enum envelope_kind kind, uint64_t now_ms)
{
	struct envelope event = {
		.kind = kind,
		.id = id_next(room->clock, now_ms, room->worker),
		.sequence = journal_next(room->journal),
		.time_ms = now_ms,
		.room = room->rules->name,
		.author = seat->member->person,
		.origin = { .dialect = slice_of(registry_codec(seat->dialect)->name) },
	};

	return envelope_seal(&event);
}

enum reason room_enter(struct room *room, struct session_ref ref, size_t dialect,
		       const struct person *person, uint64_t guest_address, uint64_t now_ms,
		       uint32_t *roles, struct envelope **enter)
{
	char folded[NAME_FOLDED_MAX];
	struct entrant entrant = { .person = person, .address = guest_address };
	enum reason reason = REASON_ALREADY;
	struct seat *seat;

	*roles = 0;
	*enter = NULL;
	if (person->number)
		entrant.folded = slice_span(folded, name_fold(person->name, folded));
	if (!seat_find(room, ref))
		reason = entrant_judge(room, &entrant);
	if (reason != REASON_NONE)
		return reason;
	seat = seat_add(room, ref, dialect);
	seat->guest_address = guest_address;
	if (!person->number)
		return REASON_NONE;
	if (entrant_sit(room, &entrant, seat))
		*enter = routing_seal(room, seat, KIND_ENTER, now_ms);
	*roles = seat->member->person.roles;
	return REASON_NONE;
}

/* ---- leaving ---- */

bool room_leave(struct room *room, struct session_ref ref, uint64_t now_ms, struct envelope **exit)
{
	struct seat *seat = seat_find(room, ref);
	struct member *member = seat ? seat->member : NULL;

	*exit = NULL;
	if (!seat)
		return false;
	if (member && !seat->next && member->seats == seat)
		*exit = routing_seal(room, seat, KIND_EXIT, now_ms);
	seat_free(room, seat);
	if (*exit)
		member_free(room, member);
	return true;
}

bool room_drop(struct room *room, uint32_t person)
{
	struct member *member = member_by_number(room, person);

	if (!member)
		return false;
	while (member->seats)
		seat_free(room, member->seats);
	member_free(room, member);
	return true;
}

/* ---- looking ---- */

bool session_ref_equal(struct session_ref a, struct session_ref b)
{
	return a.worker == b.worker && a.slot == b.slot && a.generation == b.generation;
}

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

uint32_t room_find(const struct room *room, struct slice name)
{
	const struct member *member = member_by_name(room, name);

	return member ? member->person.number : 0;
}

bool room_can_whisper(const struct room *room, uint32_t person)
{
	const struct member *member = member_by_number(room, person);

	for (const struct seat *seat = member ? member->seats : NULL; seat; seat = seat->next)
		if (registry_codec(seat->dialect)->keeps_private)
			return true;
	return false;
}

/* ---- all of them ---- */

struct roster {
	struct person *people;
	char *names;
	size_t count, max, bytes;
};

/* Twice: first to measure, then to copy. */
static void roster_add(struct roster *roster, const struct member *member)
{
	struct person *person;

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
	roster->count = roster->bytes = 0;
	for (const struct seat *seat = room->seats; seat; seat = seat->hh.next)
		if (seat->member && seat->member->seats == seat)
			roster_add(roster, seat->member);
}

struct person *room_members(const struct room *room, size_t max, size_t *count)
{
	struct roster roster = { .max = max };

	roster_fill(room, &roster);
	*count = roster.count;
	if (roster.count == 0)
		return NULL;
	roster.people = memory_new(roster.count * sizeof(*roster.people) + roster.bytes);
	roster.names = (char *)(roster.people + roster.count);
	roster_fill(room, &roster);
	return roster.people;
}
