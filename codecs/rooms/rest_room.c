#include "codecs/rooms/rest.h"

#define NAMELESS     "Anonymous chat" /* the real server's name of a room that is given none */
#define LISTED_USUAL 1000

/* Of the path, else of the body. */
static struct slice room_id(const struct codec_call *call)
{
	return call->part_count > 0 ? call->parts[0] : (struct slice){ NULL, 0 };
}

static bool is_uuid(struct slice text)
{
	unsigned char uuid[16];

	return uuid_parse(text, uuid);
}

/* Nothing is called otherwise. False: answered. */
static bool want_room(struct slice id, enum want_kind kind, struct codec_want *want,
		      struct codec_answer *answer)
{
	want->kind = kind;
	want->room_id = id;
	if (is_uuid(id))
		return true;
	rooms_rest_refuse_for(answer, REASON_UNKNOWN_ROOM);
	return false;
}

static bool owns(uint32_t roles)
{
	return roles & ROLE_OWNER;
}

static bool moderates(uint32_t roles)
{
	return roles & ROLES_MODERATING;
}

static void no_content(struct codec_answer *answer)
{
	answer_clear_body(answer);
	answer->status = 204;
}

/* ---- a room ---- */

static struct json_writer *open_object(struct codec_answer *answer)
{
	struct json_writer *w = answer_json(answer, 200);

	answer->type = SLICE("application/json");
	json_object_open(w);
	return w;
}

/* What nobody owns is the server's. */
static const struct person *owner_of(const struct codec_room *room)
{
	return room->owner.number ? &room->owner : &room->view->bridge;
}

static void answer_room(const struct codec_room *room, struct codec_answer *answer)
{
	struct json_writer *w = open_object(answer);

	json_field_string(w, "name", room->view->room);
	json_field_bool(w, "open", room->open);
	rooms_rest_field_uuid(w, "owner", owner_of(room)->uuid);
	json_field_string(w, "room_id", room->view->room_id);
	json_field_unsigned(w, "user_count", room->people);
	json_object_close(w);
}

static void ask_new_room(struct codec_peer *peer, const struct codec_call *call,
			 struct codec_want *want, struct codec_answer *answer)
{
	struct json_object object;
	struct slice name;

	if (!rooms_rest_body(peer, call, &object, answer) ||
	    !rooms_rest_text(peer, &object, "name", &name, answer) ||
	    !rooms_rest_bool(&object, "open", &want->open, answer))
		return;
	want->kind = WANT_ROOM_MAKE;
	want->room = name.len > 0 ? name : SLICE(NAMELESS);
}

/* Closed, unless it is said to be open: so does the real server, whose documents have it the other
 * way round. */
void rooms_rest_room_make(struct codec_peer *peer, struct codec_call *call, const struct codec_told *told,
		    struct codec_want *want, struct codec_answer *answer)
{
	if (told->kind == WANT_NOTHING)
		ask_new_room(peer, call, want, answer);
	else if (told->reason == REASON_BAD_ARGUMENT)
		rooms_rest_refuse(answer, 400, SLICE("bad_name"));
	else if (told->reason != REASON_NONE)
		rooms_rest_refuse_for(answer, told->reason);
	else
		answer_room(&told->rooms[0], answer);
}

void rooms_rest_room(struct codec_peer *peer, struct codec_call *call, const struct codec_told *told,
	       struct codec_want *want, struct codec_answer *answer)
{
	(void)peer;
	if (told->kind == WANT_NOTHING)
		(void)want_room(room_id(call), WANT_ROOM, want, answer);
	else if (told->reason != REASON_NONE)
		rooms_rest_refuse_for(answer, told->reason);
	else
		answer_room(&told->rooms[0], answer);
}

static void ask_change(struct codec_peer *peer, const struct codec_call *call,
		       struct codec_want *want, struct codec_answer *answer)
{
	struct slice id = room_id(call), name, told;
	struct json_object object;
	bool said;

	if (!rooms_rest_body(peer, call, &object, answer) ||
	    !rooms_rest_text(peer, &object, "name", &name, answer) ||
	    !rooms_rest_bool(&object, "open", &want->open, answer) ||
	    !rooms_rest_text(peer, &object, "room_id", &told, answer))
		return;
	said = json_member(&object, "open").type == JSON_TRUE ||
	       json_member(&object, "open").type == JSON_FALSE;
	if (!id.data && !told.data)
		rooms_rest_refuse(answer, 400, SLICE("room_id_missing"));
	else if (name.data)
		/* A room's name is which room it is, to all dialects: it stays. */
		rooms_rest_refuse_for(answer, REASON_UNSUPPORTED);
	else if (!said)
		rooms_rest_refuse(answer, 400, SLICE("open_missing"));
	else
		(void)want_room(id.data ? id : told, WANT_ROOM_OPEN, want, answer);
}

/* The documents do not say where the room's id stands: in the path, or room_id in the body. */
void rooms_rest_room_change(struct codec_peer *peer, struct codec_call *call,
		      const struct codec_told *told, struct codec_want *want,
		      struct codec_answer *answer)
{
	if (told->kind == WANT_NOTHING)
		ask_change(peer, call, want, answer);
	else if (told->reason != REASON_NONE)
		rooms_rest_refuse_for(answer, told->reason);
	else
		answer_room(&told->rooms[0], answer);
}

void rooms_rest_room_remove(struct codec_peer *peer, struct codec_call *call,
		      const struct codec_told *told, struct codec_want *want,
		      struct codec_answer *answer)
{
	(void)peer;
	if (told->kind == WANT_NOTHING)
		(void)want_room(room_id(call), WANT_ROOM_REMOVE, want, answer);
	else if (told->reason != REASON_NONE)
		rooms_rest_refuse_for(answer, told->reason);
	else
		no_content(answer);
}

/* ---- who is there ---- */

enum list_note { NOTE_OFFSET };

static void answer_list(const struct codec_call *call, const struct codec_told *told,
			struct codec_answer *answer)
{
	struct json_writer *w = open_object(answer);
	char text[UUID_TEXT_LEN];

	json_field_unsigned(w, "index", call->notes[NOTE_OFFSET]);
	json_field_unsigned(w, "user_count", told->total);
	json_key(w, "users");
	json_array_open(w);
	for (size_t i = 0; i < told->people_count; i++) {
		uuid_print(told->people[i].person.uuid, text);
		json_put_string(w, slice_span(text, UUID_TEXT_LEN));
	}
	json_array_close(w);
	json_object_close(w);
}

/* Why the caller is not told who is in a room; REASON_NONE: they are. The documents keep it from
 * nobody. */
static enum reason hidden(const struct codec_room *room)
{
	if (room->caller_banned)
		return REASON_BANNED;
	return room->caller_may_enter ? REASON_NONE : REASON_CLOSED_ROOM;
}

static void list(struct codec_peer *peer, struct codec_call *call, const struct codec_told *told,
		 enum want_kind kind, struct codec_want *want, struct codec_answer *answer)
{
	enum reason reason = told->reason;

	if (told->kind == WANT_NOTHING) {
		want->offset = call_number(peer, call, "offset", 0, UINT32_MAX, 0);
		want->count =
		    call_number(peer, call, "limit", 0, CALL_LISTED_MAX, LISTED_USUAL);
		call->notes[NOTE_OFFSET] = want->offset;
		(void)want_room(room_id(call), kind, want, answer);
		return;
	}
	if (reason == REASON_NONE)
		reason = hidden(&told->rooms[0]);
	if (reason != REASON_NONE)
		rooms_rest_refuse_for(answer, reason);
	else
		answer_list(call, told, answer);
}

void rooms_rest_users(struct codec_peer *peer, struct codec_call *call, const struct codec_told *told,
		struct codec_want *want, struct codec_answer *answer)
{
	list(peer, call, told, WANT_MEMBERS, want, answer);
}

void rooms_rest_admins(struct codec_peer *peer, struct codec_call *call, const struct codec_told *told,
		 struct codec_want *want, struct codec_answer *answer)
{
	list(peer, call, told, WANT_ADMINS, want, answer);
}

void rooms_rest_bans(struct codec_peer *peer, struct codec_call *call, const struct codec_told *told,
	       struct codec_want *want, struct codec_answer *answer)
{
	list(peer, call, told, WANT_BANS, want, answer);
}

static void ask_present(const struct codec_peer *peer, const struct codec_call *call,
			struct codec_want *want, struct codec_answer *answer)
{
	if (want_room(room_id(call), WANT_ROOM, want, answer) &&
	    !rooms_rest_person(peer, call->parts[1], &want->number))
		rooms_rest_refuse_for(answer, REASON_UNKNOWN_PERSON);
}

/* "404: user does not exist in this room": so present is never false. */
void rooms_rest_user_present(struct codec_peer *peer, struct codec_call *call,
		       const struct codec_told *told, struct codec_want *want,
		       struct codec_answer *answer)
{
	enum reason reason = told->reason;
	struct json_writer *w;

	if (told->kind == WANT_NOTHING) {
		ask_present(peer, call, want, answer);
		return;
	}
	if (reason == REASON_NONE)
		reason = hidden(&told->rooms[0]);
	if (reason == REASON_NONE && !told->rooms[0].present)
		reason = REASON_UNKNOWN_PERSON;
	if (reason != REASON_NONE) {
		rooms_rest_refuse_for(answer, reason);
		return;
	}
	w = open_object(answer);
	json_field_bool(w, "present", true);
	json_object_close(w);
}

void rooms_rest_owner(struct codec_peer *peer, struct codec_call *call, const struct codec_told *told,
		struct codec_want *want, struct codec_answer *answer)
{
	struct json_writer *w;

	(void)peer;
	if (told->kind == WANT_NOTHING) {
		(void)want_room(room_id(call), WANT_ROOM, want, answer);
	} else if (told->reason != REASON_NONE) {
		rooms_rest_refuse_for(answer, told->reason);
	} else {
		w = open_object(answer);
		rooms_rest_field_uuid(w, "owner", owner_of(&told->rooms[0])->uuid);
		json_object_close(w);
	}
}

/* ---- what is done to somebody in a room ---- */

/* One of the deeds of the documents: first it is found out who it is about, then how they and the
 * caller stand in the room, then it is done, which the room judges once more. */
struct deed {
	/* May a caller with those roles, who could come in, do it? */
	bool (*allowed)(const struct codec_room *);
	/* Is it so already? Then 409 with that word. */
	bool (*done)(const struct codec_room *);
	const char *word;
	bool lasting; /* for who has an account alone: a guest's number is the next one's later */
	bool guarded; /* the owner of the room is spared */
	enum envelope_kind kind;
	uint32_t flags, roles;
};

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
	} else if (want_room(room_id(call), WANT_ROOM, want, answer)) {
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
	want->draft.room_id = room_id(call);
	event->kind = deed->kind;
	event->flags = deed->flags;
	event->subject.number = number;
	if (deed->kind != KIND_USER_UPDATE)
		return;
	event->subject.roles = (room->roles | ROLE_USER | deed->roles) & ~(uint32_t)ROLE_BANNED;
	if (!deed->roles)
		event->subject.roles &= ~(uint32_t)(deed->flags & FLAG_PERMANENT ? ROLE_MOD : 0);
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
		no_content(answer);
	else if (told->reason != REASON_NONE)
		rooms_rest_refuse_for(answer, told->reason);
	else if (told->kind == WANT_DRAFT)
		no_content(answer);
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

DEED(rooms_rest_user_invite, may_invite, is_present, "already", false, false, KIND_INVITE, 0, 0)
DEED(rooms_rest_user_remove, admins_may, is_gone, "not_present", false, true, KIND_KICK, 0, 0)
DEED(rooms_rest_ban_add, admins_may, is_banned, "already", false, true, KIND_KICK, FLAG_PERMANENT, 0)
DEED(rooms_rest_ban_remove, admins_may, is_not_banned, "not_banned", false, false, KIND_USER_UPDATE, 0, 0)
DEED(rooms_rest_admin_add, owner_may, is_admin, "already", true, false, KIND_USER_UPDATE, FLAG_PERMANENT,
     ROLE_MOD)
DEED(rooms_rest_admin_remove, owner_may, is_no_admin, "not_admin", true, true, KIND_USER_UPDATE,
     FLAG_PERMANENT, 0)
DEED(rooms_rest_owner_change, owner_may, is_owner, "already", true, false, KIND_USER_UPDATE,
     FLAG_PERMANENT, ROLE_OWNER)
