#include "codecs/concord/rest.h"

/* ---- tokens ---- */

static void write_token(struct codec_answer *answer, struct slice token)
{
	struct json_writer *w = answer_json(answer, 200);

	json_object_open(w);
	json_field_string(w, "token", token);
	json_object_close(w);
}

/* One that expires, as the real server's do after thirty days. */
static void want_token(struct codec_want *want)
{
	want->kind = WANT_KEY;
	want->bearer = true;
}

/* username and password of the body. False: answered with 400. */
static bool read_login(struct codec_peer *peer, const struct codec_call *call,
		       struct codec_login *login, struct codec_answer *answer)
{
	struct json_object object;
	struct slice secret;

	if (!concord_rest_body(peer, call, &object, answer))
		return false;
	login->name = call_member(peer, &object, "username");
	secret = call_member(peer, &object, "password");
	/* An empty secret must never match another's. */
	if (secret.len > 0)
		login->secret = secret;
	if (login->name.len > 0)
		return true;
	concord_rest_refuse(peer, call, answer, 400, SLICE("the username is missing"));
	return false;
}

/* Whatever is wrong with them looks alike: 400, as the real server says. */
static void refuse_login(const struct codec_peer *peer, const struct codec_call *call,
			 const struct codec_told *told, struct codec_answer *answer)
{
	switch (told->reason) {
	case REASON_BAD_LOGIN:
	case REASON_BAD_KEY:
	case REASON_NAME_TAKEN:
		concord_rest_refuse(peer, call, answer, 400, SLICE("Invalid credentials."));
		break;
	default: concord_rest_refuse_for(peer, call, answer, told);
	}
}

void concord_rest_token(struct codec_peer *peer, struct codec_call *call,
			const struct codec_told *told, struct codec_want *want,
			struct codec_answer *answer)
{
	if (told->kind == WANT_NOTHING) {
		if (read_login(peer, call, &want->login, answer))
			want->kind = WANT_LOGIN;
	} else if (told->reason != REASON_NONE) {
		refuse_login(peer, call, told, answer);
	} else if (told->kind == WANT_LOGIN) {
		want_token(want);
	} else {
		write_token(answer, told->key);
	}
}

void concord_rest_recycle(struct codec_peer *peer, struct codec_call *call,
			  const struct codec_told *told, struct codec_want *want,
			  struct codec_answer *answer)
{
	if (told->kind == WANT_NOTHING)
		want_token(want);
	else if (told->reason != REASON_NONE)
		concord_rest_refuse_for(peer, call, answer, told);
	else
		write_token(answer, told->key);
}

/* ---- accounts ---- */

void concord_rest_register(struct codec_peer *peer, struct codec_call *call,
			   const struct codec_told *told, struct codec_want *want,
			   struct codec_answer *answer)
{
	struct json_writer *w;

	if (told->kind == WANT_NOTHING) {
		if (!read_login(peer, call, &want->login, answer))
			return;
		want->kind = WANT_ACCOUNT;
		want->exact = true;
		if (!want->login.secret.data)
			concord_rest_refuse(peer, call, answer, 400,
					    SLICE("the password is missing"));
	} else if (told->reason == REASON_NAME_TAKEN) {
		concord_rest_refuse(peer, call, answer, 400, SLICE("Username is taken."));
	} else if (told->reason != REASON_NONE) {
		concord_rest_refuse_for(peer, call, answer, told);
	} else {
		w = answer_json(answer, 200);
		json_object_open(w);
		json_field_unsigned(w, "id", told->people[0].person.number);
		json_field_string(w, "username", told->people[0].person.name);
		json_object_close(w);
	}
}

/* ---- people ---- */

/* When somebody came first is not known of most. */
static void write_user(struct json_writer *w, const struct person *person, bool online)
{
	json_object_open(w);
	json_field_unsigned(w, "id", person->number);
	json_field_string(w, "username", person->name);
	json_key(w, "profile");
	json_object_open(w);
	json_field_unsigned(w, "createdAt", 0);
	json_field_string(w, "nickname", person->name);
	json_key(w, "bio");
	json_put_null(w);
	json_key(w, "avatarId");
	json_put_null(w);
	json_object_close(w);
	json_key(w, "status");
	json_object_open(w);
	json_field_string(w, "onlineStatus", online ? SLICE("ONLINE") : SLICE("OFFLINE"));
	json_object_close(w);
	json_object_close(w);
}

/* The bridge speaks, too, and its name has to be found. */
void concord_rest_users(struct codec_peer *peer, struct codec_call *call,
			const struct codec_told *told, struct codec_want *want,
			struct codec_answer *answer)
{
	struct json_writer *w;

	if (told->kind == WANT_NOTHING) {
		want->kind = WANT_PEOPLE;
		want->count = CALL_LISTED_MAX;
		want->mine = true;
		return;
	}
	if (told->reason != REASON_NONE) {
		concord_rest_refuse_for(peer, call, answer, told);
		return;
	}
	w = answer_json(answer, 200);
	json_array_open(w);
	for (size_t i = 0; i < told->people_count; i++)
		write_user(w, &told->people[i].person, told->people[i].connections > 0);
	write_user(w, &peer->view->bridge, true);
	json_array_close(w);
}

static void answer_somebody(const struct codec_peer *peer, const struct codec_call *call,
			    const struct codec_told *told, struct codec_answer *answer)
{
	if (told->reason != REASON_NONE && told->reason != REASON_UNKNOWN_PERSON)
		concord_rest_refuse_for(peer, call, answer, told);
	else if (told->people_count == 0)
		concord_rest_refuse(peer, call, answer, 404, SLICE("User not found."));
	else
		write_user(answer_json(answer, 200), &told->people[0].person,
			   told->people[0].connections > 0);
}

void concord_rest_user(struct codec_peer *peer, struct codec_call *call,
		       const struct codec_told *told, struct codec_want *want,
		       struct codec_answer *answer)
{
	uint64_t number;

	if (told->kind != WANT_NOTHING) {
		answer_somebody(peer, call, told, answer);
		return;
	}
	if (!concord_rest_number(peer, call, INT32_MAX, &number, answer))
		return;
	if (number == 0) {
		concord_rest_refuse(peer, call, answer, 404, SLICE("User not found."));
	} else if (number == peer->view->bridge.number) {
		write_user(answer_json(answer, 200), &peer->view->bridge, true);
	} else {
		want->kind = WANT_PEOPLE;
		want->number = (uint32_t)number;
		want->count = 1;
		want->mine = true;
	}
}

void concord_rest_self(struct codec_peer *peer, struct codec_call *call,
		       const struct codec_told *told, struct codec_want *want,
		       struct codec_answer *answer)
{
	if (told->kind != WANT_NOTHING) {
		answer_somebody(peer, call, told, answer);
		return;
	}
	want->kind = WANT_PERSON;
	want->number = peer->self.number;
}

/* ---- the server ---- */

/* The desktop program shows a description that is null as the word "null". */
void concord_rest_server(struct codec_peer *peer, struct codec_call *call,
			 const struct codec_told *told, struct codec_want *want,
			 struct codec_answer *answer)
{
	struct json_writer *w = answer_json(answer, 200);

	(void)call;
	(void)told;
	(void)want;
	json_object_open(w);
	json_field_string(w, "name", peer->view->bridge.name);
	json_field_string(w, "description", SLICE(""));
	json_key(w, "iconId");
	json_put_null(w);
	json_field_unsigned(w, "defaultChannelId", peer->view->room_number);
	json_object_close(w);
}
