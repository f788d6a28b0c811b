#include "codecs/rooms/calls.h"

#include <stdlib.h>

#include "codecs/text/memory.h"

#define KEY_LEN 32 /* of the real server's keys */

/* ---- steps ---- */

static enum call_step refuse(struct call_plan *plan, enum reason reason, struct slice text)
{
	plan->reason = reason;
	plan->text = text;
	return CALL_REFUSED;
}

static enum call_step refuse_for(struct call_peer *peer, const struct call_result *result,
				 struct call_plan *plan)
{
	struct slice words, code = rooms_call_error(peer, result, &words);
	enum reason reason = rooms_call_reason(code, result->status);

	/* A path that is not there is no room that is not there. */
	if (reason == REASON_NONE || (!code.len && reason == REASON_UNKNOWN_ROOM))
		reason = REASON_REFUSED;
	return refuse(plan, reason, call_words(peer, reason, result->status, words));
}

static void take_key(struct rooms_link *link, struct slice key)
{
	free(link->key);
	link->key = memory_text(key.data, key.len);
	link->key_len = key.len;
}

static void be(struct rooms_link *link, struct slice id)
{
	memcpy(link->self, id.data, id.len);
	link->self_len = id.len;
}

static enum call_step connect_now(const struct call_peer *peer, struct call_plan *plan)
{
	const struct call_account *account = peer->account;

	call_put_socket_url(&plan->socket_url, account,
			    account->socket_path.len ? account->socket_path : SLICE("/rooms"));
	rooms_call_put_key(&plan->socket_url, peer->state);
	return CALL_CONNECT;
}

static enum call_step ask_room(const struct call_peer *peer, struct call_plan *plan)
{
	const struct rooms_link *link = peer->state;
	struct json_writer *w = &plan->request.path;

	plan->request.method = CALL_GET;
	plan->request.tag = TAG_ROOM;
	json_put_literal(w, "/room/", 6);
	json_put_literal(w, link->room, UUID_TEXT_LEN);
	rooms_call_put_key(w, link);
	return CALL_ASK;
}

/* Who we are, by the key alone: another Dragoman knows. Then how we are called. */
static enum call_step ask_self(const struct call_peer *peer, struct call_plan *plan)
{
	const struct rooms_link *link = peer->state;
	struct json_writer *w = &plan->request.path;

	plan->request.method = CALL_GET;
	json_put_literal(w, "/user", 5);
	if (!link->self_len) {
		plan->request.tag = TAG_SELF;
		rooms_call_put_key(w, link);
		return CALL_ASK;
	}
	if (folk_name(&link->folk, rooms_self(link)).len) {
		json_clear(w);
		return ask_room(peer, plan);
	}
	plan->request.tag = TAG_NAME;
	json_put_literal(w, "/", 1);
	call_put_escaped(w, rooms_self(link));
	return CALL_ASK;
}

/* ---- the key ---- */

static enum call_step ask_key(const struct call_peer *peer, struct call_plan *plan)
{
	const struct call_account *account = peer->account;
	struct json_writer *w = &plan->request.body;

	plan->request.method = CALL_POST;
	plan->request.tag = TAG_KEY;
	json_put_literal(&plan->request.path, "/key", 4);
	json_object_open(w);
	json_field_string(w, "user_id", account->user);
	json_field_string(w, "password", account->secret);
	json_object_close(w);
	return CALL_ASK;
}

/* A name is nobody's there: it is a new user each time. */
static enum call_step ask_user(const struct call_peer *peer, struct call_plan *plan)
{
	const struct call_account *account = peer->account;
	struct json_writer *w = &plan->request.body;

	plan->request.method = CALL_POST;
	plan->request.tag = TAG_USER;
	json_put_literal(&plan->request.path, "/user", 5);
	json_object_open(w);
	json_field_string(w, "username", account->user);
	json_field_string(w, "password", account->secret);
	json_object_close(w);
	return CALL_ASK;
}

static enum call_step begin(struct call_peer *peer, struct call_plan *plan)
{
	struct rooms_link *link = peer->state;
	const struct call_account *account = peer->account;
	unsigned char uuid[16];
	const char *why;

	free(link->key);
	folk_clear(&link->folk);
	*link = (struct rooms_link){ .key = NULL };
	if (!rooms_call_room_allowed(account->room, &why))
		return refuse(plan, REASON_UNKNOWN_ROOM, slice_of(why));
	(void)!uuid_parse(account->room, uuid);
	uuid_print(uuid, link->room);
	if (account->user.len == 0 && account->secret.len == 0)
		return refuse(plan, REASON_BAD_LOGIN, SLICE("rooms needs a user or a key"));
	if (account->user.len == 0) {
		take_key(link, account->secret);
		return ask_self(peer, plan);
	}
	if (uuid_parse(account->user, uuid)) {
		uuid_print(uuid, link->self);
		link->self_len = UUID_TEXT_LEN;
		return account->secret.len ? ask_key(peer, plan)
					   : refuse(plan, REASON_BAD_LOGIN,
						    SLICE("the user's password is missing"));
	}
	if (account->secret.len)
		return ask_user(peer, plan);
	/* Another Dragoman lets a guest in so. */
	take_key(link, account->user);
	return ask_self(peer, plan);
}

static bool is_key(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '-' || c == '_'))
			return false;
	}
	return text.len == KEY_LEN;
}

/* Who has no password may have a key. */
static enum call_step hear_key(struct call_peer *peer, const struct call_result *result,
			       struct call_plan *plan)
{
	struct json_object object;
	char *scratch = peer->scratch;
	struct slice key, words;

	if (result->status == 403 && is_key(peer->account->secret) &&
	    slice_is(rooms_call_error(peer, result, &words), "bad_password")) {
		take_key(peer->state, peer->account->secret);
		return ask_self(peer, plan);
	}
	if (result->status != 200 || json_read(result->body, peer->json_depth, &object) != JSON_OK)
		return refuse_for(peer, result, plan);
	key = call_text(json_member(&object, "key"), &scratch, NULL);
	if (key.len == 0)
		return refuse(plan, REASON_BAD_LOGIN, SLICE("the server gave no key"));
	take_key(peer->state, key);
	return ask_self(peer, plan);
}

/* A Dragoman that makes no accounts may have one of that name. */
static enum call_step log_in_by_name(struct call_peer *peer, struct call_plan *plan)
{
	struct rooms_link *link = peer->state;
	struct slice user = peer->account->user, secret = peer->account->secret;

	link->key = memory_new(user.len + 1 + secret.len);
	link->key_len = user.len + 1 + secret.len;
	memcpy(link->key, user.data, user.len);
	link->key[user.len] = ':';
	memcpy(link->key + user.len + 1, secret.data, secret.len);
	return ask_self(peer, plan);
}

static enum call_step hear_user(struct call_peer *peer, const struct call_result *result,
				struct call_plan *plan)
{
	struct rooms_link *link = peer->state;
	struct json_object object;
	char *scratch = peer->scratch;
	struct slice key, id, words;

	if (result->status == 403 && slice_is(rooms_call_error(peer, result, &words), "no_right"))
		return log_in_by_name(peer, plan);
	if (result->status != 200 || json_read(result->body, peer->json_depth, &object) != JSON_OK)
		return refuse_for(peer, result, plan);
	key = call_text(json_member(&object, "key"), &scratch, NULL);
	if (key.len == 0 || !rooms_call_id(json_member(&object, "user_id"), &scratch, &id) ||
	    !id.data)
		return refuse(plan, REASON_BAD_LOGIN, SLICE("the server gave no key"));
	take_key(link, key);
	be(link, id);
	return ask_self(peer, plan);
}

/* ---- who we are, and where ---- */

static enum call_step hear_self(struct call_peer *peer, const struct call_result *result,
				struct call_plan *plan)
{
	struct rooms_link *link = peer->state;
	struct foreign_person self = { .roles = 0 };
	char *scratch = peer->scratch;

	if (result->status == 0 || result->status == 401 || result->status == 403)
		return refuse_for(peer, result, plan);
	if (result->status == 200)
		rooms_call_user(peer, result->body, &scratch, &self);
	if (!self.id.data)
		return refuse(plan, REASON_BAD_LOGIN,
			      SLICE("the server does not say whose key this is: the user's UUID "
				    "has to be given, too"));
	be(link, self.id);
	folk_put(&link->folk, self.id, self.name, true);
	return ask_self(peer, plan);
}

static enum call_step hear_name(struct call_peer *peer, const struct call_result *result,
				struct call_plan *plan)
{
	struct rooms_link *link = peer->state;
	struct foreign_person self = { .roles = 0 };
	char *scratch = peer->scratch;

	if (result->status == 0)
		return refuse_for(peer, result, plan);
	if (result->status == 200)
		rooms_call_user(peer, result->body, &scratch, &self);
	if (self.name.len == 0)
		self.name = rooms_self(link);
	folk_put(&link->folk, rooms_self(link), self.name, true);
	return ask_room(peer, plan);
}

/* The real server has no such path, and says so not as it says that there is no such room. */
static enum call_step hear_room(struct call_peer *peer, const struct call_result *result,
				struct call_plan *plan)
{
	struct slice words, code = rooms_call_error(peer, result, &words);

	if (result->status == 0 || result->status >= 500 || result->status == 401 ||
	    result->status == 403 || result->status == 429)
		return refuse_for(peer, result, plan);
	if (result->status == 404 && code.len)
		return refuse(plan, REASON_UNKNOWN_ROOM, words);
	return connect_now(peer, plan);
}

enum call_step rooms_call_plan(struct call_peer *peer, const struct call_result *previous,
			       struct call_plan *plan, struct call_sink *sink)
{
	(void)sink;
	if (!previous)
		return begin(peer, plan);
	switch (previous->tag) {
	case TAG_KEY: return hear_key(peer, previous, plan);
	case TAG_USER: return hear_user(peer, previous, plan);
	case TAG_SELF: return hear_self(peer, previous, plan);
	case TAG_NAME: return hear_name(peer, previous, plan);
	case TAG_ROOM: return hear_room(peer, previous, plan);
	default: return refuse(plan, REASON_REFUSED, (struct slice){ NULL, 0 });
	}
}

bool rooms_call_room_allowed(struct slice room, const char **why)
{
	unsigned char uuid[16];

	*why = "a room there is named by its UUID";
	return uuid_parse(room, uuid);
}
