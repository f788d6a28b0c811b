/* deeds.h - what is done to people and rooms for an operator, on the threads of workers: by those
 * who own the rooms, in the order of all else that happens there, and by those who have the
 * connections. */
#ifndef BRIDGE_ADMIN_CONTROL_DEEDS_H
#define BRIDGE_ADMIN_CONTROL_DEEDS_H

#include "bridge/core/people/bans.h"
#include "bridge/core/post.h"
#include "bridge/core/room_table.h"
#include "bridge/net/transport.h"
#include "codecs/text/name.h"
#include "routes/room/overview.h"

#define DEED_ROOMS_MAX 256 /* in one go */

/* Somebody, with the name kept. */
struct deed_person {
	uint32_t number; /* 0: not known */
	char name[NAME_BYTES_MAX];
	size_t name_len;
};

/* To be said in rooms, as the server. */
struct deed {
	enum envelope_kind kind; /* KIND_NOTICE, KIND_KICK or KIND_USER_UPDATE */
	struct deed_person person;
	uint32_t flags;
	uint32_t give, take; /* KIND_USER_UPDATE: roles */
	uint64_t duration_ms;
	char *text; /* owned; NULL: none */
};

void deed_clear(struct deed *deed);

/* ---- inquiries ----
 * What they answer is behind the gap. Each is made for call_ask(). */

/* To the owner of one room: has the deed ordered. */
struct deed_inquiry {
	struct inquiry head;
	struct deed deed;
	struct room_entry *room;

	enum reason reason;
	uint32_t roles; /* KIND_USER_UPDATE: those that hold now */
};
struct deed_inquiry *deed_inquiry_new(const struct deed *deed, struct room_entry *room);

/* To any worker: the same in those rooms that it owns and the person is in, from the one with that
 * place in its table on. */
struct everywhere_inquiry {
	struct inquiry head;
	struct deed deed;
	size_t from;

	bool more; /* from where from is now */
	size_t done;
};
struct everywhere_inquiry *everywhere_inquiry_new(const struct deed *deed, size_t from);

/* To any worker: ends the connections of a person, or of a network; or only looks where guests
 * among them come from. */
struct close_inquiry {
	struct inquiry head;
	uint32_t number; /* 0: of the network */
	struct network network;
	enum close_reason why; /* CLOSE_NONE: they stay */

	size_t closed;
	uint64_t addresses[BAN_ADDRESSES_MAX]; /* of guests among them, see struct ban */
	size_t address_count;
};
struct close_inquiry *close_inquiry_new(uint32_t number, const struct network *network,
					enum close_reason why);

/* To the owner of one room, how somebody stands there; pardon: whose ban is lifted first. */
struct standing_inquiry {
	struct inquiry head;
	struct room_entry *room;
	struct deed_person person;
	bool pardon;

	enum reason reason;    /* why nothing could be lifted; REASON_NONE: it could */
	bool pardoned, closed; /* closed: the room is no more */
	struct room_standing standing;
};
struct standing_inquiry *standing_inquiry_new(const struct deed_person *person,
					      struct room_entry *room, bool pardon);

/* To any worker: the same in the rooms that it owns, where there is something to be told. */
struct standings_inquiry {
	struct inquiry head;
	struct deed_person person;
	size_t from;

	bool more;
	size_t count;
	struct {
		struct room_entry *room;
		struct room_standing standing;
	} each[DEED_ROOMS_MAX];
};
struct standings_inquiry *standings_inquiry_new(const struct deed_person *person, size_t from);

#endif
