#include "bridge/auth.h"

#include "bridge/directory.h"
#include "bridge/dispatch.h"
#include "bridge/log.h"
#include "bridge/worker.h"
#include "codecs/name.h"

static void log_login(const struct session *session)
{
	char name[4 * NAME_BYTES_MAX + 1];

	if (log_enabled(LOG_DEBUG))
		log_line(LOG_DEBUG, "session %u.%u %s: \"%s\" is number %u", session->ref.worker,
			 session->ref.slot, session->codec->name,
			 text_escape(session->peer.self.name, name, sizeof(name)),
			 session->peer.self.number);
}

enum reason auth_login(struct session *session, const struct codec_login *login)
{
	struct directory_login asked = { .name = login->name,
					 .secret = login->secret,
					 .claimed_number = login->claimed_number,
					 .guests = session->mount->guests,
					 .exclusive = session->codec->one_connection };
	enum reason reason;

	if (login->anonymous) {
		if (!session->mount->guests) {
			session->worker->counters->connections_refused[REASON_BAD_LOGIN]++;
			return REASON_BAD_LOGIN;
		}
		session->peer.logged_in = true;
		return REASON_NONE;
	}
	reason = directory_login(session->worker->bridge->directory, &asked, &session->peer.self,
				 &session->guest);
	if (reason != REASON_NONE) {
		session->worker->counters->connections_refused[reason]++;
		return reason;
	}
	session->peer.logged_in = true;
	session->in_person = session->online = true;
	log_login(session);
	return REASON_NONE;
}

void auth_enter_rooms(struct session *session, struct room_info *room, uint32_t ticket,
		      struct slice correlation)
{
	struct bridge *bridge = session->worker->bridge;

	if (!session->codec->hears_every_room) {
		room = room ? room : session->mount->room;
		if (session_join(session, room))
			dispatch_enter(session, room, true, ticket, correlation);
		return;
	}
	/* The mount's own room first: it is where a message without a room goes. */
	if (session_join(session, session->mount->room))
		dispatch_enter(session, session->mount->room, true, ticket, correlation);
	for (size_t i = 0; i < bridge->room_count; i++)
		if (session_join(session, &bridge->rooms[i]))
			dispatch_enter(session, &bridge->rooms[i], true, TICKET_NONE, correlation);
}

void auth_offline(struct session *session)
{
	if (session->online)
		directory_offline(session->worker->bridge->directory, session->peer.self.number);
	session->online = false;
}

void auth_logout(struct session *session)
{
	auth_offline(session);
	if (session->in_person)
		directory_logout(session->worker->bridge->directory, session->peer.self.number);
	session->in_person = false;
	session->peer.logged_in = false;
	session->peer.self = (struct person){ 0 };
}
