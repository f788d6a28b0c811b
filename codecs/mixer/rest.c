#include "codecs/mixer/rest.h"

#define SEARCH_MAX 100

/* ---- ?fields=id,token ---- */

/* Is a key wanted? fields absent or empty: all are. "user.username" wants user. */
static bool wants_field(struct slice fields, const char *key)
{
	size_t len = strlen(key);

	if (fields.len == 0)
		return true;
	while (fields.len > 0) {
		const char *end = memchr(fields.data, ',', fields.len);
		size_t one = end ? (size_t)(end - fields.data) : fields.len;

		if (one >= len && memcmp(fields.data, key, len) == 0 &&
		    (one == len || fields.data[len] == '.'))
			return true;
		if (!end)
			break;
		fields = slice_span(end + 1, fields.len - one - 1);
	}
	return false;
}

/* ---- shapes ---- */

static void write_user_fields(struct json_writer *w, const struct person *person)
{
	json_field_unsigned(w, "id", person->number);
	json_field_string(w, "username", person->name);
	json_field_unsigned(w, "level", 0);
	json_key(w, "avatarUrl");
	json_put_null(w);
	json_key(w, "bio");
	json_put_null(w);
	json_field_bool(w, "verified", true);
}

/* A room has no owner of its own in the dialect: who asks for a channel gets it as theirs. */
static void write_channel_fields(struct json_writer *w, const struct codec_view *view,
				 const struct person *owner, uint32_t viewers, struct slice fields)
{
	if (wants_field(fields, "id"))
		json_field_unsigned(w, "id", view->room_number);
	if (wants_field(fields, "userId"))
		json_field_unsigned(w, "userId", owner->number);
	if (wants_field(fields, "token"))
		json_field_string(w, "token", view->room);
	if (wants_field(fields, "name"))
		json_field_string(w, "name", view->room);
	if (wants_field(fields, "online"))
		json_field_bool(w, "online", true);
	if (wants_field(fields, "featured"))
		json_field_bool(w, "featured", false);
	/* True would have clients read badge.url. */
	if (wants_field(fields, "partnered"))
		json_field_bool(w, "partnered", false);
	if (wants_field(fields, "viewersCurrent"))
		json_field_unsigned(w, "viewersCurrent", viewers);
}

/* ---- users ---- */

/* A user's own channel is the room that the door's clients are in when they name none. */
static void answer_user(const struct codec_peer *peer, const struct person *person,
			struct codec_answer *answer)
{
	struct json_writer *w = answer_json(answer, 200);

	json_object_open(w);
	write_user_fields(w, person);
	json_key(w, "channel");
	json_object_open(w);
	write_channel_fields(w, peer->view, person, 0, SLICE("id,userId,token,partnered"));
	json_object_close(w);
	json_object_close(w);
}

void rest_user_current(struct codec_peer *peer, struct codec_call *call,
		       const struct codec_told *told, struct codec_want *want,
		       struct codec_answer *answer)
{
	(void)call;
	(void)told;
	(void)want;
	answer_user(peer, &peer->self, answer);
}

void rest_user(struct codec_peer *peer, struct codec_call *call, const struct codec_told *told,
	       struct codec_want *want, struct codec_answer *answer)
{
	uint64_t number;

	if (told->kind == WANT_PERSON && told->reason == REASON_NONE) {
		answer_user(peer, &told->people[0].person, answer);
	} else if (told->kind == WANT_PERSON) {
		rest_refuse_for(answer, told);
	} else if (!call_decimal(call->parts[0], INT32_MAX, &number) || number == 0) {
		rest_refuse(answer, 404, SLICE("no such user"));
	} else {
		want->kind = WANT_PERSON;
		want->number = (uint32_t)number;
	}
}

void rest_user_search(struct codec_peer *peer, struct codec_call *call,
		      const struct codec_told *told, struct codec_want *want,
		      struct codec_answer *answer)
{
	struct json_writer *w;

	if (told->kind == WANT_NOTHING) {
		want->kind = WANT_PEOPLE;
		want->name = call_parameter(peer, call, "query");
		want->count = call_number(peer, call, "limit", 1, SEARCH_MAX, 50);
		if (want->name.len == 0)
			rest_refuse(answer, 400, SLICE("the parameter query is missing"));
		return;
	}
	if (told->reason != REASON_NONE) {
		rest_refuse_for(answer, told);
		return;
	}
	w = answer_json(answer, 200);
	json_array_open(w);
	for (size_t i = 0; i < told->people_count; i++) {
		json_object_open(w);
		write_user_fields(w, &told->people[i].person);
		json_object_close(w);
	}
	json_array_close(w);
}

/* ---- channels ---- */

bool rest_channel_id(const struct codec_call *call, struct codec_want *want,
		     struct codec_answer *answer)
{
	if (call_decimal(call->parts[0], INT32_MAX, &want->room_number) && want->room_number)
		return true;
	rest_refuse(answer, 404, SLICE("no such channel"));
	return false;
}

static void answer_channel(struct codec_peer *peer, const struct codec_call *call,
			   const struct codec_view *view, uint32_t viewers,
			   const struct person *owner, struct codec_answer *answer)
{
	struct slice fields = call_parameter(peer, call, "fields");
	struct json_writer *w = answer_json(answer, 200);

	json_object_open(w);
	write_channel_fields(w, view, owner, viewers, fields);
	if (wants_field(fields, "user")) {
		json_key(w, "user");
		json_object_open(w);
		write_user_fields(w, owner);
		json_object_close(w);
	}
	json_object_close(w);
}

/* On the real server a channel is called as its user: so a name that is no room's, but a person's,
 * is that person's channel, the same one for all. Whose it is, is asked once more when the room has
 * answered: nothing else tells how the name is written. */
enum channel_note { NOTE_PERSON, NOTE_VIEWERS };

static void hear_person(struct codec_peer *peer, struct codec_call *call,
			const struct codec_told *told, struct codec_want *want,
			struct codec_answer *answer)
{
	if (told->reason != REASON_NONE) {
		rest_refuse(answer, 404, SLICE("no such channel"));
	} else if (call->notes[NOTE_PERSON]) {
		answer_channel(peer, call, peer->view, (uint32_t)call->notes[NOTE_VIEWERS],
			       &told->people[0].person, answer);
	} else {
		call->notes[NOTE_PERSON] = told->people[0].person.number;
		want->kind = WANT_ROOM;
	}
}

static void hear_room(struct codec_peer *peer, struct codec_call *call,
		      const struct codec_told *told, struct codec_want *want,
		      struct codec_answer *answer)
{
	uint32_t number = (uint32_t)call->notes[NOTE_PERSON];

	if (told->reason == REASON_NONE && !number) {
		answer_channel(peer, call, told->rooms[0].view, told->rooms[0].people,
			       &told->rooms[0].view->bridge, answer);
	} else if (told->reason == REASON_NONE) {
		call->notes[NOTE_VIEWERS] = told->rooms[0].people;
		want->kind = WANT_PERSON;
		want->number = number;
	} else if (told->reason == REASON_UNKNOWN_ROOM && !number) {
		want->kind = WANT_PERSON;
		want->name = call->parts[0];
	} else {
		rest_refuse_for(answer, told);
	}
}

void rest_channel(struct codec_peer *peer, struct codec_call *call, const struct codec_told *told,
		  struct codec_want *want, struct codec_answer *answer)
{
	if (told->kind == WANT_PERSON) {
		hear_person(peer, call, told, want, answer);
	} else if (told->kind == WANT_ROOM) {
		hear_room(peer, call, told, want, answer);
	} else {
		want->kind = WANT_ROOM;
		if (!call_decimal(call->parts[0], INT32_MAX, &want->room_number) ||
		    !want->room_number)
			want->room = call->parts[0];
	}
}
