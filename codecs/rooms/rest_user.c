#include "codecs/rooms/rest.h"

#include "codecs/credentials.h"
#include "codecs/text/name.h"

#define PERSON_MAX INT32_MAX
#define NAMELESS   "Anonymous" /* the real server's name for who gives none */

/* ---- bodies ---- */

bool rooms_rest_body(struct codec_peer *peer, const struct codec_call *call,
		     struct json_object *object, struct codec_answer *answer)
{
	if (json_read(call->body, peer->json_depth, object) == JSON_OK)
		return true;
	rooms_rest_refuse_for(answer, REASON_MALFORMED);
	return false;
}

bool rooms_rest_text(struct codec_peer *peer, const struct json_object *object, const char *name,
		     struct slice *text, struct codec_answer *answer)
{
	struct json_value value = json_member(object, name);

	*text = (struct slice){ NULL, 0 };
	if (value.type == JSON_ABSENT || value.type == JSON_NULL)
		return true;
	if (value.type != JSON_STRING) {
		rooms_rest_refuse_for(answer, REASON_MALFORMED);
		return false;
	}
	*text = call_member(peer, object, name);
	return true;
}

bool rooms_rest_bool(const struct json_object *object, const char *name, bool *value,
		     struct codec_answer *answer)
{
	struct json_value member = json_member(object, name);

	if (member.type == JSON_ABSENT || member.type == JSON_NULL)
		return true;
	if (member.type != JSON_TRUE && member.type != JSON_FALSE) {
		rooms_rest_refuse_for(answer, REASON_MALFORMED);
		return false;
	}
	*value = member.type == JSON_TRUE;
	return true;
}

bool rooms_rest_person(const struct codec_peer *peer, struct slice text, uint32_t *number)
{
	unsigned char uuid[16];
	uint64_t found;

	if (!uuid_parse(text, uuid) || !identity_number(peer->view->ids, ID_PERSON, uuid, &found) ||
	    found == 0 || found > PERSON_MAX)
		return false;
	*number = (uint32_t)found;
	return true;
}

void rooms_rest_field_uuid(struct json_writer *w, const char *key, const unsigned char uuid[16])
{
	char text[UUID_TEXT_LEN];

	uuid_print(uuid, text);
	json_field_string(w, key, slice_span(text, UUID_TEXT_LEN));
}

/* ---- users ---- */

static void ask_account(struct codec_peer *peer, struct codec_call *call, struct codec_want *want,
			struct codec_answer *answer)
{
	struct json_object object;
	struct slice name, password;

	if (!rooms_rest_body(peer, call, &object, answer) ||
	    !rooms_rest_text(peer, &object, "password", &password, answer) ||
	    !rooms_rest_text(peer, &object, "username", &name, answer))
		return;
	if (password.len == 0) {
		rooms_rest_refuse(answer, 400, SLICE("password_missing"));
		return;
	}
	want->kind = WANT_ACCOUNT;
	want->login.name = name.len > 0 ? name : SLICE(NAMELESS);
	want->login.secret = password;
}

/* The key is the account's first; without it the account would be of no use. */
static void want_lasting_key(struct codec_want *want)
{
	want->kind = WANT_KEY;
	want->lasting = true;
}

void rooms_rest_user_make(struct codec_peer *peer, struct codec_call *call,
			  const struct codec_told *told, struct codec_want *want,
			  struct codec_answer *answer)
{
	struct json_writer *w;

	if (told->kind == WANT_NOTHING) {
		ask_account(peer, call, want, answer);
	} else if (told->reason != REASON_NONE) {
		rooms_rest_refuse_for(answer, told->reason);
	} else if (told->kind == WANT_ACCOUNT) {
		want_lasting_key(want);
	} else {
		w = rooms_rest_object(answer);
		json_field_string(w, "key", told->key);
		rooms_rest_field_uuid(w, "user_id", peer->self.uuid);
		json_object_close(w);
	}
}

static void answer_user(const struct person *person, struct codec_answer *answer)
{
	struct json_writer *w = rooms_rest_object(answer);

	rooms_rest_field_uuid(w, "user_id", person->uuid);
	json_field_string(w, "username", person->name);
	json_object_close(w);
}

/* Whose key it is: a program that was given nothing else hears its own id. */
void rooms_rest_user_self(struct codec_peer *peer, struct codec_call *call,
			  const struct codec_told *told, struct codec_want *want,
			  struct codec_answer *answer)
{
	(void)call;
	(void)told;
	(void)want;
	answer_user(&peer->self, answer);
}

/* A name is who somebody is, to all dialects: it stays. The real server takes a body that is none
 * for one without a name. */
void rooms_rest_user_rename(struct codec_peer *peer, struct codec_call *call,
			    const struct codec_told *told, struct codec_want *want,
			    struct codec_answer *answer)
{
	struct json_object object;
	struct json_writer *w;
	struct slice name = SLICE(NAMELESS);

	(void)told;
	(void)want;
	if (json_read(call->body, peer->json_depth, &object) == JSON_OK) {
		if (!rooms_rest_text(peer, &object, "username", &name, answer))
			return;
		if (name.len == 0)
			name = SLICE(NAMELESS);
	}
	if (!name_same(name, peer->self.name)) {
		rooms_rest_refuse_for(answer, REASON_UNSUPPORTED);
		return;
	}
	w = rooms_rest_object(answer);
	json_field_string(w, "username", peer->self.name);
	json_object_close(w);
}

void rooms_rest_user(struct codec_peer *peer, struct codec_call *call,
		     const struct codec_told *told, struct codec_want *want,
		     struct codec_answer *answer)
{
	if (told->kind == WANT_NOTHING) {
		want->kind = WANT_PERSON;
		if (!rooms_rest_person(peer, call->parts[0], &want->number))
			rooms_rest_refuse_for(answer, REASON_UNKNOWN_PERSON);
	} else if (told->reason != REASON_NONE) {
		rooms_rest_refuse_for(answer, told->reason);
	} else {
		answer_user(&told->people[0].person, answer);
	}
}

/* ---- keys ---- */

/* False: answered. */
static bool read_login(struct codec_peer *peer, struct codec_call *call, struct codec_login *login,
		       struct codec_answer *answer)
{
	struct json_object object;
	struct slice id, password;
	uint32_t number = 0;

	if (!rooms_rest_body(peer, call, &object, answer) ||
	    !rooms_rest_text(peer, &object, "password", &password, answer) ||
	    !rooms_rest_text(peer, &object, "user_id", &id, answer))
		return false;
	if (password.len == 0)
		rooms_rest_refuse(answer, 400, SLICE("password_missing"));
	else if (id.len == 0)
		rooms_rest_refuse(answer, 400, SLICE("user_id_missing"));
	else if (!rooms_rest_person(peer, id, &number))
		rooms_rest_refuse_for(answer, REASON_UNKNOWN_PERSON);
	*login = (struct codec_login){ .secret = password, .claimed_number = number };
	return number != 0;
}

static void ask_login(struct codec_peer *peer, struct codec_call *call,
		      const struct codec_told *told, struct codec_want *want,
		      struct codec_answer *answer)
{
	if (told->reason != REASON_NONE)
		rooms_rest_refuse_for(answer, told->reason);
	else if (!told->people[0].account)
		rooms_rest_refuse(answer, 403, SLICE("bad_password"));
	else if (read_login(peer, call, &want->login, answer)) {
		/* With the number alone a wrong password would be a guest's. */
		want->kind = WANT_LOGIN;
		want->login.name = told->people[0].person.name;
	}
}

enum key_note { NOTE_PERSON };

/* Whom it was made for, and nobody else? */
static bool let_in(const struct codec_peer *peer, const struct codec_call *call,
		   const struct codec_told *told)
{
	return told->reason == REASON_NONE && peer->self.number == call->notes[NOTE_PERSON];
}

void rooms_rest_key_make(struct codec_peer *peer, struct codec_call *call,
			 const struct codec_told *told, struct codec_want *want,
			 struct codec_answer *answer)
{
	struct codec_login login;
	struct json_writer *w;

	if (told->kind == WANT_NOTHING) {
		want->kind = WANT_PERSON;
		if (read_login(peer, call, &login, answer))
			call->notes[NOTE_PERSON] = want->number = (uint32_t)login.claimed_number;
	} else if (told->kind == WANT_PERSON) {
		ask_login(peer, call, told, want, answer);
	} else if (told->kind == WANT_LOGIN && !let_in(peer, call, told) &&
		   (told->reason == REASON_NONE || told->reason == REASON_BAD_LOGIN ||
		    told->reason == REASON_NAME_TAKEN)) {
		rooms_rest_refuse(answer, 403, SLICE("bad_password"));
	} else if (told->reason != REASON_NONE) {
		rooms_rest_refuse_for(answer, told->reason);
	} else if (told->kind == WANT_LOGIN) {
		want_lasting_key(want);
	} else {
		w = rooms_rest_object(answer);
		json_field_string(w, "key", told->key);
		json_object_close(w);
	}
}

/* The key, and whose it is said to be. False: answered. */
static bool read_revocation(struct codec_peer *peer, const struct codec_call *call,
			    struct slice *key, uint32_t *number, struct codec_answer *answer)
{
	struct json_object object;
	struct slice id;

	*key = call_parameter(peer, call, "key");
	*number = 0;
	if (key->len == 0) {
		rooms_rest_refuse_for(answer, REASON_NOT_LOGGED_IN);
		return false;
	}
	if (!rooms_rest_body(peer, call, &object, answer) ||
	    !rooms_rest_text(peer, &object, "user_id", &id, answer))
		return false;
	if (id.len == 0) {
		rooms_rest_refuse(answer, 400, SLICE("user_id_missing"));
		return false;
	}
	if (!rooms_rest_person(peer, id, number))
		rooms_rest_refuse_for(answer, REASON_BAD_KEY);
	return *number != 0;
}

/* The real server takes any user's id for anybody's key. */
void rooms_rest_key_revoke(struct codec_peer *peer, struct codec_call *call,
			   const struct codec_told *told, struct codec_want *want,
			   struct codec_answer *answer)
{
	struct json_writer *w;
	struct slice key;
	uint32_t number;

	if (told->reason != REASON_NONE) {
		rooms_rest_refuse_for(answer, told->reason);
		return;
	}
	if (!read_revocation(peer, call, &key, &number, answer))
		return;
	if (told->kind == WANT_LOGIN && peer->self.number != number) {
		rooms_rest_refuse_for(answer, REASON_BAD_KEY);
	} else if (told->kind == WANT_KEY_END) {
		w = rooms_rest_object(answer);
		rooms_rest_field_uuid(w, "user_id", peer->self.uuid);
		json_object_close(w);
	} else {
		want->kind = told->kind == WANT_NOTHING ? WANT_LOGIN : WANT_KEY_END;
		want->login.token = key;
		if (!credentials_split(key, &want->login))
			rooms_rest_refuse_for(answer, REASON_BAD_KEY);
	}
}
