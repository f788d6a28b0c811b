#include "codecs/mixer/rest.h"

#include <stdio.h>

#define USERS_MAX     100
#define USERS_DEFAULT 50

/* ---- where to connect ---- */

/* What the room says of the caller, until their key is there. */
enum chat_note { NOTE_ROLES };

static void answer_chat(const struct codec_peer *peer, const struct codec_call *call,
			uint32_t roles, struct slice key, struct codec_answer *answer)
{
	struct json_writer *w = answer_json(answer, 200);

	json_object_open(w);
	json_key(w, "roles");
	mixer_write_roles(w, roles);
	w->comma = true;
	if (key.len)
		json_field_string(w, "authkey", key);
	json_key(w, "permissions");
	if (peer->self.number)
		mixer_write_permissions(w, roles);
	else
		WORDING_TEMPLATE(w, "[\"connect\"]");
	w->comma = true;
	json_key(w, "endpoints");
	json_array_open(w);
	json_put_string(w, call->socket_url);
	json_array_close(w);
	json_field_bool(w, "isLoadShed", false);
	json_object_close(w);
}

static void refuse_entry(struct codec_answer *answer, bool banned)
{
	rest_refuse(answer, 403,
		    slice_of(reason_text(banned ? REASON_BANNED : REASON_CLOSED_ROOM)));
}

static void judge_chat(const struct codec_peer *peer, struct codec_call *call,
		       const struct codec_told *told, struct codec_want *want,
		       struct codec_answer *answer)
{
	const struct codec_room *room = told->rooms;

	if (told->reason != REASON_NONE) {
		rest_refuse_for(answer, told);
	} else if (!room->may_enter) {
		refuse_entry(answer, room->banned);
	} else if (!peer->self.number) {
		answer_chat(peer, call, 0, (struct slice){ 0 }, answer);
	} else {
		call->notes[NOTE_ROLES] = room->roles | (room->muted ? ROLE_MUTED : 0U);
		want->kind = WANT_KEY;
	}
}

void rest_chat(struct codec_peer *peer, struct codec_call *call, const struct codec_told *told,
	       struct codec_want *want, struct codec_answer *answer)
{
	if (told->kind == WANT_ROOM) {
		judge_chat(peer, call, told, want, answer);
	} else if (told->kind == WANT_KEY) {
		if (told->reason == REASON_NONE)
			answer_chat(peer, call, (uint32_t)call->notes[NOTE_ROLES], told->key,
				    answer);
		else
			rest_refuse_for(answer, told);
	} else if (rest_channel_id(call, want, answer)) {
		want->kind = WANT_ROOM;
	}
}

/* ---- who is there ---- */

static void write_chatter(struct json_writer *w, const struct person *person, uint32_t roles)
{
	json_object_open(w);
	json_field_unsigned(w, "userId", person->number);
	/* Documents and types of the published clients differ. */
	json_field_string(w, "userName", person->name);
	json_field_string(w, "username", person->name);
	json_key(w, "userRoles");
	mixer_write_roles(w, roles);
	w->comma = true;
	json_key(w, "user");
	WORDING_TEMPLATE(w, "{\"level\":0}}");
	w->comma = true;
}

static void write_link(const struct codec_call *call, size_t limit, size_t next,
		       struct codec_answer *answer)
{
	struct json_writer *w = answer_header(answer, "Link");
	char tail[96];
	int len = snprintf(tail, sizeof(tail),
			   "/users?limit=%zu&continuationToken=%zu>; rel=\"next\"", limit, next);

	json_put_literal(w, "<", 1);
	json_put_literal(w, call->base_url.data, call->base_url.len);
	if (call->prefix == REST_V1)
		json_put_literal(w, "/api/v1/chats/", 14);
	else
		json_put_literal(w, "/api/v2/chats/", 14);
	json_put_literal(w, call->parts[0].data, call->parts[0].len);
	json_put_literal(w, tail, (size_t)len);
	answer_header_end(answer);
}

/* Does the name begin so, whatever the case of its letters? with: folded. */
static bool begins(struct slice name, struct slice with)
{
	char folded[NAME_FOLDED_MAX];
	size_t len = with.len > 0 ? name_fold(name, folded) : 0;

	return len >= with.len && (with.len == 0 || memcmp(folded, with.data, with.len) == 0);
}

static size_t asked_limit(struct codec_peer *peer, const struct codec_call *call)
{
	return call_number(peer, call, "limit", 1, USERS_MAX, USERS_DEFAULT);
}

/* By the token that Link gave, or by the page that v1 counts. */
static size_t asked_offset(struct codec_peer *peer, const struct codec_call *call, size_t limit)
{
	size_t page = call_number(peer, call, "page", 0, INT32_MAX, 0);

	return call_number(peer, call, "continuationToken", 0, INT32_MAX, page * limit);
}

static void answer_users(struct codec_peer *peer, const struct codec_call *call,
			 const struct codec_told *told, struct codec_answer *answer)
{
	struct slice name = call_parameter(peer, call, "username");
	size_t limit = asked_limit(peer, call);
	size_t next = asked_offset(peer, call, limit) + limit;
	struct json_writer *w = answer_json(answer, 200);
	char folded[NAME_FOLDED_MAX];
	struct slice with = { folded, name_fold(name, folded) };
	bool nobody = name.len > 0 && with.len == 0;

	json_array_open(w);
	for (size_t i = 0, shown = 0; !nobody && i < told->people_count && shown < limit; i++) {
		const struct person *person = &told->people[i].person;

		if (!begins(person->name, with))
			continue;
		write_chatter(w, person, person->roles);
		shown++;
	}
	json_array_close(w);
	/* Not all of a page may be shown to who asks. */
	if (name.len == 0 && next < told->total)
		write_link(call, limit, next, answer);
}

/* True: answered. */
static bool is_hidden(const struct codec_told *told, struct codec_answer *answer)
{
	enum reason why = told->reason == REASON_NONE ? call_hidden(told->rooms) : told->reason;

	if (why != REASON_NONE)
		rest_refuse_for(answer, &(struct codec_told){ .reason = why, .text = told->text });
	return why != REASON_NONE;
}

void rest_chat_users(struct codec_peer *peer, struct codec_call *call,
		     const struct codec_told *told, struct codec_want *want,
		     struct codec_answer *answer)
{
	if (told->kind == WANT_MEMBERS) {
		if (!is_hidden(told, answer))
			answer_users(peer, call, told, answer);
		return;
	}
	if (!rest_channel_id(call, want, answer))
		return;
	want->kind = WANT_MEMBERS;
	want->count = asked_limit(peer, call);
	want->offset = asked_offset(peer, call, want->count);
	/* Who is looked for by name may be on any page. */
	if (call_parameter(peer, call, "username").len > 0) {
		want->offset = 0;
		want->count = CALL_LISTED_MAX;
	}
}

void rest_chat_user(struct codec_peer *peer, struct codec_call *call, const struct codec_told *told,
		    struct codec_want *want, struct codec_answer *answer)
{
	uint64_t number;

	(void)peer;
	if (told->kind == WANT_PERSON && told->reason != REASON_NONE) {
		rest_refuse_for(answer, told);
	} else if (told->kind == WANT_PERSON) {
		write_chatter(answer_json(answer, 200), &told->people[0].person,
			      (uint32_t)call->notes[NOTE_ROLES]);
	} else if (!call_decimal(call->parts[1], INT32_MAX, &number) || number == 0) {
		rest_refuse(answer, 404, SLICE("no such user"));
	} else if (told->kind == WANT_NOTHING) {
		if (!rest_channel_id(call, want, answer))
			return;
		want->kind = WANT_ROOM;
		want->number = (uint32_t)number;
	} else if (is_hidden(told, answer)) {
		return;
	} else if (!told->rooms[0].present) {
		rest_refuse(answer, 404, SLICE("the user is not in this channel"));
	} else {
		call->notes[NOTE_ROLES] = told->rooms[0].roles;
		want->kind = WANT_PERSON;
		want->number = (uint32_t)number;
	}
}

/* ---- what was said ---- */

static void answer_messages(struct codec_peer *peer, const struct codec_call *call,
			    const struct codec_told *told, struct codec_answer *answer)
{
	uint64_t start = call_number(peer, call, "start", 0, UINT64_MAX, 0);
	uint64_t end = call_number(peer, call, "end", 0, UINT64_MAX, UINT64_MAX);
	struct json_writer *w = answer_json(answer, 200);
	bool first = true;

	WORDING_TEMPLATE(w, "[");
	for (size_t i = 0; i < told->history_count; i++) {
		const struct envelope *event = told->history[i];

		if (event->time_ms < start || event->time_ms > end)
			continue;
		if (!first)
			WORDING_TEMPLATE(w, ",");
		mixer_write_chat_message(w, event, told->rooms[0].view);
		first = false;
	}
	WORDING_TEMPLATE(w, "]");
}

/* Of v1 only; where start and end say from when to when, in ms. */
void rest_messages(struct codec_peer *peer, struct codec_call *call, const struct codec_told *told,
		   struct codec_want *want, struct codec_answer *answer)
{
	if (call->prefix != REST_V1) {
		rest_refuse(answer, 404, SLICE("this is in /api/v1 only"));
	} else if (told->kind == WANT_HISTORY && told->reason == REASON_NONE) {
		answer_messages(peer, call, told, answer);
	} else if (told->kind == WANT_HISTORY) {
		rest_refuse_for(answer, told);
	} else if (rest_channel_id(call, want, answer)) {
		want->kind = WANT_HISTORY;
		want->count =
		    call_number(peer, call, "limit", 1, MIXER_HISTORY_MAX, MIXER_HISTORY_MAX);
	}
}

static void answer_done(const struct codec_told *told, struct codec_answer *answer)
{
	if (told->reason == REASON_NONE)
		answer->status = 204;
	else
		rest_refuse_for(answer, told);
}

static void want_draft(const struct codec_call *call, struct codec_want *want,
		       struct codec_answer *answer, enum envelope_kind kind)
{
	if (!rest_channel_id(call, want, answer))
		return;
	want->kind = WANT_DRAFT;
	want->draft.room_number = want->room_number;
	want->draft.event.kind = kind;
}

void rest_clear(struct codec_peer *peer, struct codec_call *call, const struct codec_told *told,
		struct codec_want *want, struct codec_answer *answer)
{
	(void)peer;
	if (call->prefix != REST_V1)
		rest_refuse(answer, 404, SLICE("this is in /api/v1 only"));
	else if (told->kind == WANT_DRAFT)
		answer_done(told, answer);
	else
		want_draft(call, want, answer, KIND_CLEAR);
}

void rest_delete(struct codec_peer *peer, struct codec_call *call, const struct codec_told *told,
		 struct codec_want *want, struct codec_answer *answer)
{
	unsigned char uuid[16];

	if (call->prefix != REST_V1) {
		rest_refuse(answer, 404, SLICE("this is in /api/v1 only"));
	} else if (told->kind == WANT_DRAFT) {
		answer_done(told, answer);
	} else {
		want_draft(call, want, answer, KIND_DELETE);
		if (!uuid_parse(call->parts[1], uuid) ||
		    !identity_number(peer->view->ids, ID_MESSAGE, uuid, &want->draft.event.target))
			rest_refuse(answer, 404, SLICE("no such message"));
	}
}
