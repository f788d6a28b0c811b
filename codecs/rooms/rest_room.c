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

bool rooms_rest_want_room(struct slice id, enum want_kind kind, struct codec_want *want,
			  struct codec_answer *answer)
{
	want->kind = kind;
	want->room_id = id;
	if (is_uuid(id))
		return true;
	rooms_rest_refuse_for(answer, REASON_UNKNOWN_ROOM);
	return false;
}

/* ---- a room ---- */

/* What nobody owns is the server's. */
static const struct person *owner_of(const struct codec_room *room)
{
	return room->owner.number ? &room->owner : &room->view->bridge;
}

static void answer_room(const struct codec_room *room, struct codec_answer *answer)
{
	struct json_writer *w = rooms_rest_object(answer);

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
void rooms_rest_room_make(struct codec_peer *peer, struct codec_call *call,
			  const struct codec_told *told, struct codec_want *want,
			  struct codec_answer *answer)
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

void rooms_rest_room(struct codec_peer *peer, struct codec_call *call,
		     const struct codec_told *told, struct codec_want *want,
		     struct codec_answer *answer)
{
	(void)peer;
	if (told->kind == WANT_NOTHING)
		(void)rooms_rest_want_room(room_id(call), WANT_ROOM, want, answer);
	else if (told->reason != REASON_NONE)
		rooms_rest_refuse_for(answer, told->reason);
	else
		answer_room(&told->rooms[0], answer);
}

/* The documents keep a room from nobody: who may not enter a closed one has no right to it. */
static void refuse_change(struct codec_answer *answer, enum reason reason)
{
	rooms_rest_refuse_for(answer, reason == REASON_CLOSED_ROOM ? REASON_NO_RIGHT : reason);
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
		(void)rooms_rest_want_room(id.data ? id : told, WANT_ROOM_OPEN, want, answer);
}

/* The documents do not say where the room's id stands: in the path, or room_id in the body. */
void rooms_rest_room_change(struct codec_peer *peer, struct codec_call *call,
			    const struct codec_told *told, struct codec_want *want,
			    struct codec_answer *answer)
{
	if (told->kind == WANT_NOTHING)
		ask_change(peer, call, want, answer);
	else if (told->reason != REASON_NONE)
		refuse_change(answer, told->reason);
	else
		answer_room(&told->rooms[0], answer);
}

void rooms_rest_room_remove(struct codec_peer *peer, struct codec_call *call,
			    const struct codec_told *told, struct codec_want *want,
			    struct codec_answer *answer)
{
	(void)peer;
	if (told->kind == WANT_NOTHING)
		(void)rooms_rest_want_room(room_id(call), WANT_ROOM_REMOVE, want, answer);
	else if (told->reason != REASON_NONE)
		refuse_change(answer, told->reason);
	else
		rooms_rest_no_content(answer);
}

/* ---- who is there ---- */

enum list_note { NOTE_OFFSET };

static void answer_list(const struct codec_call *call, const struct codec_told *told,
			struct codec_answer *answer)
{
	struct json_writer *w = rooms_rest_object(answer);
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

/* The documents keep it from nobody. */
static void list(struct codec_peer *peer, struct codec_call *call, const struct codec_told *told,
		 enum want_kind kind, struct codec_want *want, struct codec_answer *answer)
{
	enum reason reason = told->reason;

	if (told->kind == WANT_NOTHING) {
		want->offset = call_number(peer, call, "offset", 0, UINT32_MAX, 0);
		want->count = call_number(peer, call, "limit", 0, CALL_LISTED_MAX, LISTED_USUAL);
		call->notes[NOTE_OFFSET] = want->offset;
		(void)rooms_rest_want_room(room_id(call), kind, want, answer);
		return;
	}
	if (reason == REASON_NONE)
		reason = call_hidden(&told->rooms[0]);
	if (reason != REASON_NONE)
		rooms_rest_refuse_for(answer, reason);
	else
		answer_list(call, told, answer);
}

void rooms_rest_users(struct codec_peer *peer, struct codec_call *call,
		      const struct codec_told *told, struct codec_want *want,
		      struct codec_answer *answer)
{
	list(peer, call, told, WANT_MEMBERS, want, answer);
}

void rooms_rest_admins(struct codec_peer *peer, struct codec_call *call,
		       const struct codec_told *told, struct codec_want *want,
		       struct codec_answer *answer)
{
	list(peer, call, told, WANT_ADMINS, want, answer);
}

void rooms_rest_bans(struct codec_peer *peer, struct codec_call *call,
		     const struct codec_told *told, struct codec_want *want,
		     struct codec_answer *answer)
{
	list(peer, call, told, WANT_BANS, want, answer);
}

static void ask_present(const struct codec_peer *peer, const struct codec_call *call,
			struct codec_want *want, struct codec_answer *answer)
{
	if (rooms_rest_want_room(room_id(call), WANT_ROOM, want, answer) &&
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
		reason = call_hidden(&told->rooms[0]);
	if (reason == REASON_NONE && !told->rooms[0].present)
		reason = REASON_UNKNOWN_PERSON;
	if (reason != REASON_NONE) {
		rooms_rest_refuse_for(answer, reason);
		return;
	}
	w = rooms_rest_object(answer);
	json_field_bool(w, "present", true);
	json_object_close(w);
}

void rooms_rest_owner(struct codec_peer *peer, struct codec_call *call,
		      const struct codec_told *told, struct codec_want *want,
		      struct codec_answer *answer)
{
	struct json_writer *w;

	(void)peer;
	if (told->kind == WANT_NOTHING) {
		(void)rooms_rest_want_room(room_id(call), WANT_ROOM, want, answer);
	} else if (told->reason != REASON_NONE) {
		rooms_rest_refuse_for(answer, told->reason);
	} else {
		w = rooms_rest_object(answer);
		rooms_rest_field_uuid(w, "owner", owner_of(&told->rooms[0])->uuid);
		json_object_close(w);
	}
}
