#include "bridge/client/farewell.h"

#include "bridge/client/batch.h"
#include "bridge/client/being.h"
#include "bridge/client/deliver.h"
#include "bridge/client/entry.h"
#include "bridge/client/membership.h"
#include "bridge/client/push.h"
#include "bridge/client/session.h"
#include "bridge/core/directory.h"

/* ---- a room ---- */

/* What somebody is told of a room that is no more. */
static struct envelope farewell(struct worker *worker, const struct room_entry *room,
				struct session *session)
{
	struct envelope event = { .kind = KIND_NOTICE,
				  .id = id_next(&worker->clock, worker->now_ms, worker->index),
				  .time_ms = worker->now_ms,
				  .room = room->rules.name,
				  .text = SLICE("This room was removed.") };

	if (session->codec->hears_every_room || session->peer.self.number == 0)
		return event;
	event.kind = KIND_KICK;
	event.text = SLICE("this room was removed");
	event.author = directory_bridge(&worker->bridge->key);
	event.subject = session->peer.self;
	event.subject.roles = session_membership(session, room)->roles;
	return event;
}

/* Its place among what the room said is behind all of it. */
static void leave(struct worker *worker, const struct room_entry *room, struct session *session)
{
	struct envelope event = farewell(worker, room, session);

	batch_catch_up(session);
	deliver_alone(session, room, &event, AUDIENCE_SUBJECT);
	being_tell(session, room, false);
	entry_part(session, room, false, TICKET_NONE);
	if (session->home == room)
		session_go_home(session, session->mount->room);
	if (session->codec->kick_ends_session && session->membership_count == 0)
		session_close(session, CLOSE_ROOM_REMOVED);
}

void farewell_closed(struct worker *worker, struct post *post)
{
	const struct room_entry *room = ((struct post_closed *)post)->room;
	struct room_share *share = room->shares[worker->index];

	while (share && share->hub.count > 0)
		leave(worker, room, share->hub.members[share->hub.count - 1].session);
}

bool farewell_sweep(struct worker *worker)
{
	struct room_share *next;
	bool clean = true;

	for (struct room_share *share = worker->shares; share; share = next) {
		next = share->next;
		if (!atomic_load(&share->room->removed))
			continue;
		if (share->hub.count == 0 && share->said_count == 0 &&
		    tallies_in_flight(share->tallies) == 0)
			worker_share_end(worker, share);
		else
			clean = false;
	}
	return clean;
}

/* ---- news ---- */

/* The number may be the new account's already, whose owner stays. */
static bool has_to_go(const struct session *session, const struct news *news)
{
	uint32_t number = session->peer.self.number;
	size_t i = 0;

	while (session->in_person && i < news->gone_count && news->gone[i] != number)
		i++;
	return session->in_person && i < news->gone_count &&
	       directory_evicts(session->worker->bridge->directory, number);
}

static void come_in(struct session *session, const struct news *news)
{
	for (size_t i = 0; i < news->opened_count; i++)
		if (entry_join(session, news->opened[i])) {
			session_membership(session, news->opened[i])->opened = true;
			entry_ask(session, news->opened[i], true, TICKET_NONE,
				  (struct slice){ NULL, 0 });
		}
}

void farewell_news(struct worker *worker, const struct news *news)
{
	for (uint32_t i = 0; i < worker->slot_count; i++) {
		struct session *session = worker->slots[i];

		if (!session)
			continue;
		if (has_to_go(session, news))
			session_close(session, CLOSE_ACCOUNT);
		else if (session->phase == SESSION_OPEN && session->peer.logged_in &&
			 session->codec->hears_every_room)
			come_in(session, news);
	}
}
