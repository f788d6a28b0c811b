#include "bridge/client/sight.h"

#include <stdlib.h>

#include "bridge/client/membership.h"
#include "bridge/client/push.h"
#include "bridge/core/worker.h"
#include "codecs/text/hash.h"
#include "codecs/text/memory.h"
#include "routes/deliver/broadcast.h"

struct person_seen;
struct room_seen;

/* A person in a room. */
struct spot {
	uint32_t number;
	struct person_seen *person;
	struct room_seen *room;
	struct spot *next, **link; /* of the same person */
	UT_hash_handle hh;         /* in the room, by number */
};

struct person_seen {
	uint32_t number;
	struct spot *spots;
	UT_hash_handle hh;
};

struct room_seen {
	const struct room_entry *room;
	uint32_t sessions; /* that see it, or are about to */
	bool known;        /* who is there */
	struct spot *spots;
	UT_hash_handle hh;
};

struct sight {
	struct person_seen *people;
	struct room_seen *rooms;
	uint32_t waiting; /* entries of such sessions that are not answered yet */
};

/* ---- who is where ---- */

static struct room_seen *room_find(const struct worker *worker, const struct room_entry *room)
{
	struct room_seen *seen = NULL;

	if (worker->sight)
		HASH_FIND_PTR(worker->sight->rooms, &room, seen);
	return seen;
}

static struct person_seen *person_find(const struct worker *worker, uint32_t number)
{
	struct person_seen *person = NULL;

	if (worker->sight)
		HASH_FIND(hh, worker->sight->people, &number, sizeof(number), person);
	return person;
}

static struct person_seen *person_get(struct worker *worker, uint32_t number)
{
	struct person_seen *person = person_find(worker, number);

	if (person)
		return person;
	person = memory_zeroed(1, sizeof(*person));
	person->number = number;
	HASH_ADD(hh, worker->sight->people, number, sizeof(person->number), person);
	return person;
}

static void spot_link(struct spot *spot, struct person_seen *person)
{
	spot->next = person->spots;
	spot->link = &person->spots;
	if (spot->next)
		spot->next->link = &spot->next;
	person->spots = spot;
}

static void spot_add(struct worker *worker, struct room_seen *seen, uint32_t number)
{
	struct spot *spot;

	HASH_FIND(hh, seen->spots, &number, sizeof(number), spot);
	if (spot || !number)
		return;
	spot = memory_zeroed(1, sizeof(*spot));
	spot->number = number;
	spot->room = seen;
	spot->person = person_get(worker, number);
	spot_link(spot, spot->person);
	HASH_ADD(hh, seen->spots, number, sizeof(spot->number), spot);
}

static void spot_free(struct sight *sight, struct spot *spot)
{
	struct person_seen *person = spot->person;

	*spot->link = spot->next;
	if (spot->next)
		spot->next->link = spot->link;
	HASH_DELETE(hh, spot->room->spots, spot);
	free(spot);
	if (person->spots)
		return;
	HASH_DELETE(hh, sight->people, person);
	free(person);
}

static void spot_remove(struct worker *worker, struct room_seen *seen, uint32_t number)
{
	struct spot *spot;

	HASH_FIND(hh, seen->spots, &number, sizeof(number), spot);
	if (spot)
		spot_free(worker->sight, spot);
}

static void room_forget(struct sight *sight, struct room_seen *seen)
{
	while (seen->spots)
		spot_free(sight, seen->spots);
}

static void room_seen_free(struct sight *sight, struct room_seen *seen)
{
	room_forget(sight, seen);
	HASH_DELETE(hh, sight->rooms, seen);
	free(seen);
}

void sight_free(struct sight *sight)
{
	while (sight && sight->rooms)
		room_seen_free(sight, sight->rooms);
	free(sight);
}

/* ---- which rooms are seen ---- */

void sight_join(struct worker *worker, const struct room_entry *room)
{
	struct room_seen *seen = room_find(worker, room);

	if (!worker->sight)
		worker->sight = memory_zeroed(1, sizeof(*worker->sight));
	if (!seen) {
		seen = memory_zeroed(1, sizeof(*seen));
		seen->room = room;
		HASH_ADD_PTR(worker->sight->rooms, room, seen);
	}
	seen->sessions++;
	worker->sight->waiting++;
}

void sight_arrive(struct worker *worker)
{
	worker->sight->waiting--;
}

void sight_part(struct worker *worker, const struct room_entry *room, bool was_in)
{
	struct room_seen *seen = room_find(worker, room);

	worker->sight->waiting -= !was_in;
	if (seen && --seen->sessions == 0)
		room_seen_free(worker->sight, seen);
}

bool sight_lacks(const struct worker *worker, const struct room_entry *room)
{
	const struct room_seen *seen = room_find(worker, room);

	return !seen || !seen->known;
}

void sight_learn(struct worker *worker, const struct room_entry *room, const uint32_t *numbers,
		 size_t count)
{
	struct room_seen *seen = room_find(worker, room);

	if (!seen)
		return;
	room_forget(worker->sight, seen);
	for (size_t i = 0; i < count; i++)
		spot_add(worker, seen, numbers[i]);
	seen->known = true;
}

void sight_note(struct worker *worker, const struct room_entry *room, const struct envelope *event)
{
	struct room_seen *seen = room_find(worker, room);

	if (!seen || !seen->known)
		return;
	switch (event->kind) {
	case KIND_ENTER: spot_add(worker, seen, event->author.number); break;
	case KIND_EXIT: spot_remove(worker, seen, event->author.number); break;
	case KIND_KICK: spot_remove(worker, seen, event->subject.number); break;
	default: break;
	}
}

bool sight_differs(const struct worker *worker, const struct room_entry *room, uint32_t number)
{
	const struct person_seen *person = person_find(worker, number);

	if (worker->sight && worker->sight->waiting)
		return true;

	for (const struct spot *spot = person ? person->spots : NULL; spot; spot = spot->next)
		if (spot->room->room != room)
			return true;
	return false;
}

/* The next who looks is likely in the same room: that is found at once then, however many there are
 * that nobody who looks is in yet, or any more. */
static void spot_to_front(struct spot *spot)
{
	struct person_seen *person = spot->person;

	if (person->spots == spot)
		return;
	*spot->link = spot->next;
	if (spot->next)
		spot->next->link = spot->link;
	spot_link(spot, person);
}

bool sight_elsewhere(struct session *session, const struct room_entry *room, uint32_t number)
{
	const struct person_seen *person = person_find(session->worker, number);

	for (struct spot *spot = person ? person->spots : NULL; spot; spot = spot->next) {
		const struct membership *membership =
		    spot->room->room == room ? NULL : session_membership(session, spot->room->room);

		if (!membership || !membership->in)
			continue;
		spot_to_front(spot);
		return true;
	}
	return false;
}

/* ---- telling ---- */

/* As the dialect tells it; no event of the room, so it is not counted as one. */
static void tell(struct session *session, const struct room_entry *room, enum envelope_kind kind,
		 uint32_t number)
{
	const struct codec_view *view = room_view(room, session->dialect);
	struct envelope event = { .kind = kind,
				  .time_ms = session->worker->now_ms,
				  .room = room->rules.name,
				  .author = { .number = number } };
	struct rendition made;

	rendition_make(&event, view, view, &session->peer.form, AUDIENCE_OTHERS,
		       session->peer.muted_events, &made);
	if (made.frame)
		session_push(session, made.frame, NULL, OUTCOME_DELIVERED);
	frame_release(made.frame);
}

static void tell_all(struct session *session, const struct room_entry *room,
		     enum envelope_kind kind, uint32_t but)
{
	const struct room_seen *seen = room_find(session->worker, room);
	size_t told = 0;

	for (const struct spot *spot = seen ? seen->spots : NULL; spot; spot = spot->hh.next) {
		if (spot->number == but || sight_elsewhere(session, room, spot->number))
			continue;
		if (++told > SIGHT_TOLD_MAX)
			return;
		tell(session, room, kind, spot->number);
	}
}

void sight_tell_gone(struct session *session, const struct room_entry *room)
{
	tell_all(session, room, KIND_EXIT, 0);
}

/* ---- on the way in ---- */

static bool is_on_the_way(const struct session *session)
{
	for (uint32_t i = 0; i < session->membership_count; i++)
		if (!session->memberships[i].in)
			return true;
	return false;
}

void sight_told_gone(struct session *session, uint32_t number)
{
	if (!is_on_the_way(session) || session->gone_count == SIGHT_TOLD_MAX)
		return;
	for (uint32_t i = 0; i < session->gone_count; i++)
		if (session->gone[i] == number)
			return;
	session->gone =
	    memory_resize(session->gone, (session->gone_count + 1) * sizeof(*session->gone));
	session->gone[session->gone_count++] = number;
}

static void tell_back(struct session *session, const struct room_entry *room, uint32_t but)
{
	const struct room_seen *seen = room_find(session->worker, room);

	for (uint32_t i = session->gone_count; i-- > 0;) {
		uint32_t number = session->gone[i];
		struct spot *spot = NULL;

		if (seen)
			HASH_FIND(hh, seen->spots, &number, sizeof(number), spot);
		if (!spot)
			continue;
		session->gone[i] = session->gone[--session->gone_count];
		if (number != but && !sight_elsewhere(session, room, number))
			tell(session, room, KIND_ENTER, number);
	}
	if (session->gone && !is_on_the_way(session)) {
		free(session->gone);
		session->gone = NULL;
		session->gone_count = 0;
	}
}

void sight_tell_there(struct session *session, const struct room_entry *room, uint32_t but)
{
	const struct membership *membership = session_membership(session, room);

	if (membership->news)
		tell_all(session, room, KIND_ENTER, but);
	else
		tell_back(session, room, but);
}
