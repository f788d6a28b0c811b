#include "codecs/concord/rest.h"

/* Rooms have no order, description or maker here: what the real server lets be null is what its
 * desktop program can show. */
static void write_rest(struct json_writer *w, const struct codec_view *view)
{
	json_field_unsigned(w, "ordinality", 0);
	json_field_string(w, "name", view->room);
	json_field_string(w, "description", SLICE(""));
	json_key(w, "capabilities");
	json_array_open(w);
	json_put_string(w, SLICE("text"));
	json_array_close(w);
	json_field_unsigned(w, "createdAt", 0);
	json_field_unsigned(w, "createdByUserId", view->bridge.number);
}

void concord_write_channel(struct json_writer *w, const struct codec_view *view)
{
	json_object_open(w);
	json_field_unsigned(w, "id", view->room_number);
	json_key(w, "parentChannelId");
	json_put_null(w);
	write_rest(w, view);
	json_object_close(w);
}

/* In the tree no channel says whose child it is. */
static void write_tree(struct json_writer *w, const struct codec_told *told)
{
	json_array_open(w);
	for (size_t i = 0; i < told->room_count; i++) {
		json_object_open(w);
		json_field_unsigned(w, "id", told->rooms[i].view->room_number);
		write_rest(w, told->rooms[i].view);
		json_key(w, "children");
		json_array_open(w);
		json_array_close(w);
		json_object_close(w);
	}
	json_array_close(w);
}

void concord_rest_channels(struct codec_peer *peer, struct codec_call *call,
			   const struct codec_told *told, struct codec_want *want,
			   struct codec_answer *answer)
{
	if (told->kind == WANT_NOTHING) {
		want->kind = WANT_PAUSE;
	} else if (told->reason != REASON_NONE) {
		concord_rest_refuse_for(peer, call, answer, told);
	} else if (told->kind == WANT_PAUSE) {
		want->kind = WANT_ROOMS;
		want->count = CALL_LISTED_MAX;
		want->mine = true;
	} else {
		write_tree(answer_json(answer, 200), told);
	}
}

/* Whoever may not come into a room is not told that it is there. */
void concord_rest_channel(struct codec_peer *peer, struct codec_call *call,
			  const struct codec_told *told, struct codec_want *want,
			  struct codec_answer *answer)
{
	if (told->kind == WANT_NOTHING) {
		if (!concord_rest_number(peer, call, INT64_MAX, &want->room_number, answer))
			return;
		want->kind = WANT_ROOM;
		if (want->room_number > 0)
			return;
		concord_rest_refuse(peer, call, answer, 404, SLICE("Channel not found."));
	} else if (told->reason == REASON_NONE && told->rooms[0].may_enter) {
		concord_write_channel(answer_json(answer, 200), told->rooms[0].view);
	} else if (told->reason == REASON_NONE || told->reason == REASON_UNKNOWN_ROOM) {
		concord_rest_refuse(peer, call, answer, 404, SLICE("Channel not found."));
	} else {
		concord_rest_refuse_for(peer, call, answer, told);
	}
}

/* ---- made and removed ---- */

static void want_channel(struct codec_peer *peer, struct codec_call *call, struct codec_want *want,
			 struct codec_answer *answer)
{
	struct json_object object;

	if (!concord_rest_body(peer, call, &object, answer))
		return;
	want->kind = WANT_ROOM_MAKE;
	want->exact = want->open = true;
	want->room = call_member(peer, &object, "name");
	if (want->room.len == 0)
		concord_rest_refuse(peer, call, answer, 400, SLICE("the name is missing"));
}

/* The real server takes any name, also one that there is. */
void concord_rest_channel_make(struct codec_peer *peer, struct codec_call *call,
			       const struct codec_told *told, struct codec_want *want,
			       struct codec_answer *answer)
{
	if (told->kind == WANT_NOTHING)
		want_channel(peer, call, want, answer);
	else if (told->reason == REASON_NAME_TAKEN)
		concord_rest_refuse(peer, call, answer, 400,
				    SLICE("there is a channel of that name"));
	else if (told->reason != REASON_NONE)
		concord_rest_refuse_for(peer, call, answer, told);
	else
		concord_write_channel(answer_json(answer, 200), told->rooms[0].view);
}

/* Whoever may not come into a room is not told that it is there. */
static bool is_hidden(enum reason reason)
{
	return reason == REASON_UNKNOWN_ROOM || reason == REASON_CLOSED_ROOM ||
	       reason == REASON_BANNED;
}

/* Of a channel that there is not, the real server says the same as of one that was. */
void concord_rest_channel_remove(struct codec_peer *peer, struct codec_call *call,
				 const struct codec_told *told, struct codec_want *want,
				 struct codec_answer *answer)
{
	if (told->kind == WANT_NOTHING) {
		if (!concord_rest_number(peer, call, INT64_MAX, &want->room_number, answer))
			return;
		want->kind = WANT_ROOM_REMOVE;
		if (want->room_number == 0)
			concord_rest_done(answer);
	} else if (told->reason == REASON_NONE || is_hidden(told->reason)) {
		concord_rest_done(answer);
	} else if (told->reason == REASON_UNSUPPORTED) {
		concord_rest_refuse(peer, call, answer, 403,
				    SLICE("the server's configuration has this channel"));
	} else {
		concord_rest_refuse_for(peer, call, answer, told);
	}
}
