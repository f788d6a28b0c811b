#include "bridge/client/entry.h"

#include "bridge/client/batch.h"
#include "bridge/client/membership.h"
#include "bridge/client/sight.h"
#include "bridge/core/directory.h"
#include "bridge/core/worker.h"
#include "bridge/routing/lanes.h"

bool entry_join(struct session *session, struct room_entry *room)
{
	size_t most = session->worker->bridge->limits.rooms_per_connection;

	if (session_membership(session, room) ||
	    (session->membership_count >= most && !session->codec->hears_every_room))
		return false;
	membership_add(session, room);
	session->awaited++;
	if (session->codec->tells_of_people)
		sight_join(session->worker, room);
	return true;
}

/* One less is waited for: the handshake may be answered. */
static void entry_came(struct session *session)
{
	session->awaited--;
	if (!session->answered)
		session_mark_dirty(session);
}

bool entry_awaited(struct session *session, const struct room_entry *room, uint32_t entry)
{
	const struct membership *membership = session_membership(session, room);

	return membership && !membership->in && membership->entry == entry;
}

void entry_admit(struct session *session, struct room_entry *room, uint32_t roles)
{
	struct membership *membership = session_membership(session, room);
	struct room_share *share = room_share(session->worker, room);
	struct hub_member member = { session, session->peer.self.number };

	batch_catch_up(session);
	membership->place = hub_add(&share->hub, member);
	share->members[session->dialect]++;
	if (session->codec->tells_of_people)
		sight_arrive(session->worker);
	membership->in = true;
	membership->roles = roles;
	entry_came(session);
}

/* The worker's list of members is compact: removing one moves another, whose place changes. */
static void room_forget(const struct session *session, const struct membership *membership)
{
	struct room_share *share = room_share(session->worker, membership->room);
	struct session *moved = hub_remove(&share->hub, membership->place);
	struct membership *its = moved ? session_membership(moved, membership->room) : NULL;

	share->members[session->dialect]--;
	if (its)
		its->place = membership->place;
}

/* Whoever closes need not be told. */
static void sight_leave(struct session *session, const struct membership *membership)
{
	if (membership->in && session->phase == SESSION_OPEN)
		sight_tell_gone(session, membership->room);
	sight_part(session->worker, membership->room, membership->in);
}

bool entry_part(struct session *session, const struct room_entry *room, bool tell_room,
		uint32_t ticket)
{
	struct membership *membership = session_membership(session, room);
	struct post_leave *post;

	if (!membership)
		return false;
	if (membership->in)
		batch_catch_up(session);
	if (session->codec->tells_of_people)
		sight_leave(session, membership);
	if (membership->in)
		room_forget(session, membership);
	else
		entry_came(session);
	lane_left(session->lane, membership->room, !tell_room);
	if (tell_room) {
		post = post_new(POST_LEAVE);
		post->room = membership->room;
		post->dialect = session->dialect;
		post->post.asker = asker_of_session(session->ref, ticket);
		worker_post(session->worker, membership->room->owner, &post->post);
	}
	membership_remove(session, membership);
	return true;
}

void entry_ask(struct session *session, struct room_entry *room, bool login, uint32_t ticket,
	       struct slice correlation)
{
	struct envelope event = { .kind = KIND_ENTER,
				  .author = session->peer.self,
				  .room = room->rules.name,
				  .correlation = correlation,
				  .origin = { .dialect = slice_of(session->codec->name),
					      .instance = slice_of(session->mount->path) } };
	struct post_enter *post = post_new(POST_ENTER);

	event.author.roles = session->roles;
	/* Whoever is in a room already, here or by another connection, was online before. */
	if (session->membership_count > 1 ||
	    directory_connections(session->worker->bridge->directory, event.author.number) > 1)
		event.flags = FLAG_CONNECTED;
	session->worker->counters->intake.accepted++;
	post->room = room;
	post->post.asker = asker_of_session(session->ref, ticket);
	post->dialect = session->dialect;
	post->form = session->form;
	post->wants_people = session->codec->tells_of_people && sight_lacks(session->worker, room);
	post->login = login;
	post->entry = session_membership(session, room)->entry;
	post->replay = session->guest ? 0 : session->mount->replay;
	post->guest = session->guest;
	post->address = session->guest ? session->address : 0;
	post->event = envelope_seal(&event);
	worker_post(session->worker, room->owner, &post->post);
}
