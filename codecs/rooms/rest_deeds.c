#include "codecs/rooms/rest.h"

/* ---- what is done to somebody in a room ---- */

/* One of the deeds of the documents: first it is found out who it is about, then how they and the
 * caller stand in the room, then it is done, which the room judges once more. */
struct deed {
	/* May the caller, who could come in, do it? */
	bool (*allowed)(const struct codec_room *);
	/* Is it so already? Then 409 with that word. */
	bool (*done)(const struct codec_room *);
	const char *word;
	bool lasting; /* for who has an account alone: a guest's number is the next one's later */
	bool guarded; /* the owner of the room is spared */
	enum envelope_kind kind;
	uint32_t flags;
	uint32_t gives, takes; /* roles, of KIND_USER_UPDATE */
};

static bool owns(uint32_t roles)
{
	return roles & ROLE_OWNER;
}

static bool moderates(uint32_t roles)
{
	return roles & ROLES_MODERATING;
}

static bool admins_may(const struct codec_room *room)
{
	return moderates(room->caller_roles);
}

static bool owner_may(const struct codec_room *room)
{
	return owns(room->caller_roles);
}

static bool may_invite(const struct codec_room *room)
{
	return room->open || moderates(room->caller_roles);
}

static bool is_present(const struct codec_room *room)
{
	return room->present;
}

/* Who was invited, and did not come yet, can be removed, too. */
static bool is_gone(const struct codec_room *room)
{
	return !room->present && !room->invited;
}

static bool is_admin(const struct codec_room *room)
{
	return room->admin;
}

static bool is_no_admin(const struct codec_room *room)
{
	return !room->admin;
}

static bool is_banned(const struct codec_room *room)
{
	return room->banned;
}

static bool is_not_banned(const struct codec_room *room)
{
	return !room->banned;
}

static bool is_owner(const struct codec_room *room)
{
	return owns(room->roles) && room->admin;
}

/* False: answered. */
static bool read_subject(struct codec_peer *peer, const struct codec_call *call, uint32_t *number,
			 struct codec_answer *answer)
{
	struct json_object object;
	struct slice id;

	if (!rooms_rest_body(peer, call, &object, answer) ||
	    !rooms_rest_text(peer, &object, "user_id", &id, answer))
		return false;
	if (id.len == 0) {
		rooms_rest_refuse(answer, 400, SLICE("user_id_missing"));
		return false;
	}
	if (rooms_rest_person(peer, id, number))
		return true;
	rooms_rest_refuse_for(answer, REASON_UNKNOWN_PERSON);
	return false;
}

static void begin(const struct deed *deed, struct codec_call *call, const struct codec_told *told,
		  uint32_t number, struct codec_want *want, struct codec_answer *answer)
{
	if (told->kind == WANT_NOTHING) {
		want->kind = WANT_PERSON;
		want->number = number;
	} else if (told->reason != REASON_NONE || (deed->lasting && !told->people[0].account)) {
		rooms_rest_refuse_for(answer, REASON_UNKNOWN_PERSON);
	} else if (rooms_rest_want_room(call->parts[0], WANT_ROOM, want, answer)) {
		want->number = number;
	}
}

/* In this order: may they; and then, is there anything to do? */
static bool judge(const struct deed *deed, const struct codec_room *room,
		  struct codec_answer *answer)
{
	if (room->caller_banned)
		rooms_rest_refuse_for(answer, REASON_BANNED);
	else if (!room->caller_may_enter || !deed->allowed(room) ||
		 (deed->guarded && is_owner(room)))
		rooms_rest_refuse_for(answer, REASON_NO_RIGHT);
	else if (deed->done(room))
		rooms_rest_refuse(answer, 409, slice_of(deed->word));
	return !answer->status;
}

static void want_deed(const struct deed *deed, const struct codec_call *call,
		      const struct codec_room *room, uint32_t number, struct codec_want *want)
{
	struct envelope *event = &want->draft.event;

	want->kind = WANT_DRAFT;
	want->draft.room_id = call->parts[0];
	event->kind = deed->kind;
	event->flags = deed->flags;
	event->subject.number = number;
	if (deed->kind != KIND_USER_UPDATE)
		return;
	event->subject.roles = (room->roles | ROLE_USER | deed->gives) & ~deed->takes;
}

static void carry_out(const struct deed *deed, struct codec_peer *peer, struct codec_call *call,
		      const struct codec_told *told, struct codec_want *want,
		      struct codec_answer *answer)
{
	uint32_t number;

	if (!read_subject(peer, call, &number, answer))
		return;
	if (told->kind == WANT_NOTHING || told->kind == WANT_PERSON)
		begin(deed, call, told, number, want, answer);
	/* It is done: they were told, though none of their clients can come. */
	else if (told->kind == WANT_DRAFT && told->reason == REASON_CANNOT_FOLLOW)
		rooms_rest_no_content(answer);
	else if (told->reason != REASON_NONE)
		rooms_rest_refuse_for(answer, told->reason);
	else if (told->kind == WANT_DRAFT)
		rooms_rest_no_content(answer);
	else if (judge(deed, &told->rooms[0], answer))
		want_deed(deed, call, &told->rooms[0], number, want);
}

#define DEED(function, ...)                                                                        \
	void function(struct codec_peer *peer, struct codec_call *call,                            \
		      const struct codec_told *told, struct codec_want *want,                      \
		      struct codec_answer *answer)                                                 \
	{                                                                                          \
		static const struct deed deed = { __VA_ARGS__ };                                   \
                                                                                                   \
		carry_out(&deed, peer, call, told, want, answer);                                  \
	}

DEED(rooms_rest_user_invite, may_invite, is_present, "already", .kind = KIND_INVITE)
DEED(rooms_rest_user_remove, admins_may, is_gone, "not_present", .guarded = true, .kind = KIND_KICK)
DEED(rooms_rest_ban_add, admins_may, is_banned, "already", .guarded = true, .kind = KIND_KICK,
     .flags = FLAG_PERMANENT)
DEED(rooms_rest_ban_remove, admins_may, is_not_banned, "not_banned", .kind = KIND_USER_UPDATE,
     .takes = ROLE_BANNED)
DEED(rooms_rest_admin_add, owner_may, is_admin, "already", .lasting = true,
     .kind = KIND_USER_UPDATE, .flags = FLAG_PERMANENT, .gives = ROLE_MOD, .takes = ROLE_BANNED)
DEED(rooms_rest_admin_remove, owner_may, is_no_admin, "not_admin", .lasting = true, .guarded = true,
     .kind = KIND_USER_UPDATE, .flags = FLAG_PERMANENT, .takes = ROLE_MOD | ROLE_BANNED)
DEED(rooms_rest_owner_change, owner_may, is_owner, "already", .lasting = true,
     .kind = KIND_USER_UPDATE, .flags = FLAG_PERMANENT, .gives = ROLE_OWNER, .takes = ROLE_BANNED)
