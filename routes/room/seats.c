#include "routes/room/seats.h"

#include <assert.h>
#include <search.h>
#include <stdlib.h>

#include "codecs/text/memory.h"
#include "codecs/text/name.h"

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
	*list = (struct name_list){ 0 };
}

bool names_have(const struct name_list *list, struct slice folded)
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
	return slice_order(((const struct member *)a)->folded, ((const struct member *)b)->folded);
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
	room->people++;
	return member;
}

void member_free(struct room *room, struct member *member)
{
	tdelete(member, &room->by_number, number_order);
	room->people--;
	if (member_by_folded(room, member->folded) == member)
		tdelete(member, &room->by_name, folded_order);
	free(member);
}

#define SLOTS_MAX (UINT32_C(1) << 28) /* more than there are connections */

/* One for each of this process, as there are at most 16 workers; of other nodes almost. */
static uint64_t ref_key(struct session_ref ref)
{
	uint64_t node = session_ref_node(ref) * UINT64_C(0x9E3779B97F4A7C15);

	return ((uint64_t)ref.generation << 32 | ref.slot << 4 | ref.worker % WORKERS_MAX) ^
	       (node ^ node >> 29);
}

_Static_assert(WORKERS_MAX <= 16, "as in ref_key()");

/* As the room's seats name it. */
static struct session_ref ref_here(const struct room *room, struct session_ref ref)
{
	if (session_ref_node(ref) == ROOM_NODE_NONE)
		ref.worker += room->node * WORKERS_MAX;
	return ref;
}

static bool seat_is_here(const struct room *room, const struct seat *seat)
{
	return session_ref_node(seat->ref) == room->node;
}

static uint64_t seat_key(const void *seat)
{
	return ref_key(((const struct seat *)seat)->ref);
}

struct seat *seat_find(const struct room *room, struct session_ref ref)
{
	return index_find(&room->by_ref, ref_key(ref_here(room, ref)));
}

static void presence_add(struct room_presence *presence, const struct seat *seat)
{
	unsigned worker = seat->ref.worker % WORKERS_MAX;

	if (presence->by_worker[worker]++ == 0)
		presence->workers |= UINT32_C(1) << worker;
	if (form_is_shared(seat->form) && presence->by_form[seat->form]++ == 0)
		presence->forms |= UINT64_C(1) << seat->form;
}

static void presence_remove(struct room_presence *presence, const struct seat *seat)
{
	unsigned worker = seat->ref.worker % WORKERS_MAX;

	if (--presence->by_worker[worker] == 0)
		presence->workers &= ~(UINT32_C(1) << worker);
	if (form_is_shared(seat->form) && --presence->by_form[seat->form] == 0)
		presence->forms &= ~(UINT64_C(1) << seat->form);
}

bool seat_is_possible(const struct room *room, struct session_ref ref, uint32_t form)
{
	bool is_known = room->node != ROOM_NODE_NONE || session_ref_node(ref) == ROOM_NODE_NONE;

	return is_known && ref.slot < SLOTS_MAX && form < FORM_NUMBERS;
}

struct seat *seat_add(struct room *room, struct session_ref ref, uint32_t form)
{
	struct seat *seat = memory_zeroed(1, sizeof(*seat));

	assert(seat_is_possible(room, ref, form));
	seat->ref = ref_here(room, ref);
	seat->form = form;
	seat->before = room->last;
	*(room->last ? &room->last->after : &room->first) = seat;
	room->last = seat;
	index_add(&room->by_ref, seat);
	if (seat_is_here(room, seat))
		presence_add(&room->presence, seat);
	return seat;
}

void seat_free(struct room *room, struct seat *seat)
{
	if (seat->member) {
		struct seat **link = &seat->member->seats;

		while (*link != seat)
			link = &(*link)->next;
		*link = seat->next;
	}
	if (seat_is_here(room, seat))
		presence_remove(&room->presence, seat);
	*(seat->before ? &seat->before->after : &room->first) = seat->after;
	*(seat->after ? &seat->after->before : &room->last) = seat->before;
	index_remove(&room->by_ref, seat);
	free(seat);
}

bool seat_is_last(const struct seat *seat)
{
	return seat->member && seat->member->seats == seat && !seat->next;
}

void member_sit(struct room *room, struct seat *seat, const struct person *person,
		struct slice folded)
{
	struct member *member = member_by_number(room, person->number);

	if (!member)
		member = member_add(room, person, folded);
	seat->member = member;
	seat->next = member->seats;
	member->seats = seat;
}

void member_drop(struct room *room, struct member *member)
{
	while (member->seats)
		seat_free(room, member->seats);
	member_free(room, member);
}

static void lists_open(struct room *room)
{
	const struct room_rules *rules = room->rules;

	names_open(&room->admins, rules->admins, rules->admin_count);
	names_open(&room->banned, rules->banned, rules->banned_count);
	names_open(&room->admitted, rules->members, rules->member_count);
}

static void lists_close(struct room *room)
{
	names_close(&room->admins);
	names_close(&room->banned);
	names_close(&room->admitted);
}

void seats_open(struct room *room)
{
	room->by_ref.key_of = seat_key;
	lists_open(room);
}

void seats_vacate(struct room *room)
{
	while (room->first) {
		struct seat *seat = room->first;
		struct member *member = seat->member;

		seat_free(room, seat);
		if (member && !member->seats)
			member_free(room, member);
	}
}

void seats_close(struct room *room)
{
	seats_vacate(room);
	index_clear(&room->by_ref);
	lists_close(room);
}

void seats_relist(struct room *room)
{
	lists_close(room);
	lists_open(room);
}

/* ---- marks ---- */

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

uint64_t marked_until(const struct marks *marks, uint32_t number, struct slice folded,
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

uint64_t time_after(uint64_t now_ms, uint64_t duration_ms)
{
	return duration_ms < MARK_FOREVER - now_ms ? now_ms + duration_ms : MARK_FOREVER - 1;
}

void member_left(struct room *room, uint32_t person, uint64_t id)
{
	struct room_time heard = { .wall_ms = id, .steady_ms = MARK_FOREVER };

	if (room_number_lasts(person))
		marks_set_for(&room->left, (struct mark_key){ .number = person }, heard, 0);
}

uint64_t room_next_id(struct room *room, uint64_t wall_ms)
{
	if (room->passes)
		id_clock_pass(room->clock, room->newest_id);
	room->passes = false;
	return id_next(room->clock, wall_ms, room->shard);
}

void seat_follows_mutes(const struct room *room, struct seat *seat, struct room_time now)
{
	struct member *member = seat->member;
	uint64_t until_ms =
	    marked_until(&room->mutes, member->person.number, member->folded, seat->guest_address);

	if (until_ms <= member->muted.steady_ms || until_ms <= now.steady_ms)
		return;
	member->muted.steady_ms = until_ms;
	member->muted.wall_ms = until_ms == MARK_FOREVER
				    ? MARK_FOREVER
				    : time_after(now.wall_ms, until_ms - now.steady_ms);
}

uint64_t person_marked(const struct marks *marks, const struct person *person)
{
	char folded[NAME_FOLDED_MAX];

	return marked_until(marks, person->number,
			    slice_span(folded, name_fold(person->name, folded)), 0);
}

bool person_is_banned(const struct room *room, const struct person *person, struct room_time now)
{
	char folded[NAME_FOLDED_MAX];
	struct slice name = slice_span(folded, name_fold(person->name, folded));

	return names_have(&room->banned, name) ||
	       marked_until(&room->bans, person->number, name, 0) > now.steady_ms;
}
