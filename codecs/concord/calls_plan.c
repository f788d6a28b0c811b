#include "codecs/concord/calls.h"

#include <stdlib.h>

#include "codecs/text/memory.h"
#include "codecs/text/name.h"

/* ---- steps ---- */

static enum call_step refuse(struct call_plan *plan, enum reason reason, struct slice text)
{
	plan->reason = reason;
	plan->text = text;
	return CALL_REFUSED;
}

/* Whatever cannot be asked of this server is asked of none: a 404 is no concord. */
static enum call_step refuse_for(struct call_peer *peer, const struct call_result *result,
				 struct call_plan *plan)
{
	enum reason reason = call_status_reason(result->status);

	if (result->status == 400 && result->tag == TAG_TOKEN)
		reason = REASON_BAD_LOGIN;
	else if (reason == REASON_UNKNOWN_ROOM || reason == REASON_NONE)
		reason = REASON_REFUSED;
	return refuse(plan, reason,
		      call_words(peer, reason, result->status, concord_call_words(peer, result)));
}

static enum call_step ask(const struct call_peer *peer, const char *path, uint32_t tag,
			  struct call_plan *plan)
{
	concord_call_request(&plan->request, peer, CALL_GET, tag);
	concord_call_path(&plan->request.path, peer, path);
	return CALL_ASK;
}

static void take_token(struct concord_link *link, struct slice token)
{
	free(link->token);
	link->token = memory_text(token.data, token.len);
	link->token_len = token.len;
}

/* Without a secret our own server lets a guest in; the real one says 400. */
static enum call_step begin(struct call_peer *peer, struct call_plan *plan)
{
	struct concord_link *link = peer->state;
	const struct call_account *account = peer->account;
	struct json_writer *w = &plan->request.body;

	free(link->token);
	concord_call_history_drop(link);
	folk_clear(&link->folk);
	*link = (struct concord_link){ .token = NULL };
	if (account->user.len == 0 && account->secret.len == 0)
		return refuse(plan, REASON_BAD_LOGIN, SLICE("concord needs a user or a token"));
	if (account->user.len == 0) {
		take_token(link, account->secret);
		return ask(peer, "/self", TAG_SELF, plan);
	}
	concord_call_request(&plan->request, peer, CALL_POST, TAG_TOKEN);
	concord_call_path(&plan->request.path, peer, "/tokens");
	json_object_open(w);
	json_field_string(w, "username", account->user);
	json_field_string(w, "password", account->secret);
	json_object_close(w);
	return CALL_ASK;
}

static enum call_step hear_token(struct call_peer *peer, const struct call_result *result,
				 struct call_plan *plan)
{
	struct json_object object;
	char *scratch = peer->scratch;
	struct slice token;

	if (result->status != 200 || json_read(result->body, peer->json_depth, &object) != JSON_OK)
		return refuse_for(peer, result, plan);
	token = call_text(json_member(&object, "token"), &scratch, NULL);
	if (token.len == 0)
		return refuse(plan, REASON_BAD_LOGIN, SLICE("the server gave no token"));
	take_token(peer->state, token);
	return ask(peer, "/self", TAG_SELF, plan);
}

/* ---- people ---- */

static void meet(struct call_peer *peer, const struct concord_user *user, struct call_sink *sink)
{
	struct concord_link *link = peer->state;
	struct foreign_person person = { .id = user->id, .name = user->name };

	folk_put(&link->folk, user->id, user->name, user->online);
	sink->known(sink, &person, user->online);
}

static void be(struct concord_link *link, struct slice id)
{
	memcpy(link->self.text, id.data, id.len);
	link->self.len = id.len;
}

/* Where it cannot be asked, the list of users has who we are by name. */
static enum call_step hear_self(struct call_peer *peer, const struct call_result *result,
				struct call_plan *plan, struct call_sink *sink)
{
	char *scratch = peer->scratch;
	struct concord_user self;
	struct json_value body;

	if (result->status == 200 &&
	    json_read_value(result->body, peer->json_depth, &body) == JSON_OK) {
		concord_call_user(peer, body, &scratch, &self);
		if (self.id.data) {
			be(peer->state, self.id);
			meet(peer, &self, sink);
			if (peer->aside)
				return ask(peer, "/channels", TAG_CHANNELS, plan);
		}
	} else if (result->status != 404 && result->status != 405) {
		return refuse_for(peer, result, plan);
	}
	return ask(peer, "/users", TAG_USERS, plan);
}

static enum call_step hear_users(struct call_peer *peer, const struct call_result *result,
				 struct call_plan *plan, struct call_sink *sink)
{
	struct concord_link *link = peer->state;
	struct json_value body = { .type = JSON_ABSENT }, item;
	struct concord_user user;
	size_t cursor = 0;

	/* One that is too long to be read, or to be taken, leaves the names to be asked for one by
	 * one. */
	if (result->status == 401 || (result->status == 0 && !link->self.len))
		return refuse_for(peer, result, plan);
	if (result->status == 200 &&
	    json_read_value(result->body, peer->json_depth, &body) != JSON_OK)
		body.type = JSON_ABSENT;
	while (json_item(body, &cursor, &item)) {
		char *scratch = peer->scratch;

		concord_call_user(peer, item, &scratch, &user);
		if (!user.id.data)
			continue;
		if (!link->self.len && user.name.len && slice_equal(user.name, peer->account->user))
			be(link, user.id);
		if (!peer->aside || slice_equal(user.id, long_slice(&link->self)))
			meet(peer, &user, sink);
	}
	if (!link->self.len)
		return refuse(plan, REASON_REFUSED, SLICE("the server does not say who we are"));
	return ask(peer, "/channels", TAG_CHANNELS, plan);
}

/* ---- the channel ---- */

/* How well a channel is what is looked for. */
enum fit { FIT_NONE, FIT_FIRST, FIT_NAME_ALIKE, FIT_NAME, FIT_ID };

struct finding {
	struct slice room; /* absent: the first that is for texts */
	enum fit fit;
	struct long_text *channel;
};

static bool is_for_texts(const struct json_object *channel)
{
	struct json_value list = json_member(channel, "capabilities"), item;
	size_t cursor = 0;

	if (list.type != JSON_ARRAY)
		return true;
	while (json_item(list, &cursor, &item))
		if (slice_equal(item.source, SLICE("\"text\"")))
			return true;
	return false;
}

static enum fit fit_of(const struct json_object *channel, struct slice id, char *scratch,
		       struct slice room)
{
	struct slice name = call_text(json_member(channel, "name"), &scratch, NULL);

	if (room.len == 0)
		return is_for_texts(channel) ? FIT_FIRST : FIT_NONE;
	if (slice_equal(id, room))
		return FIT_ID;
	if (name.len == 0 || !is_for_texts(channel))
		return FIT_NONE;
	if (slice_equal(name, room))
		return FIT_NAME;
	return name_same(name, room) ? FIT_NAME_ALIKE : FIT_NONE;
}

/* The tree is as deep as json_depth allows at most. */
static void find_channel(struct call_peer *peer, struct json_value list, struct finding *finding)
{
	struct json_value item;
	struct json_object channel;
	size_t cursor = 0;

	while (json_item(list, &cursor, &item)) {
		char *scratch = peer->scratch;
		struct slice id;
		enum fit fit;

		if (item.type != JSON_OBJECT ||
		    json_read(item.source, peer->json_depth, &channel) != JSON_OK)
			continue;
		if (concord_call_id(&channel, "id", &scratch, &id) && id.data) {
			fit = fit_of(&channel, id, scratch, finding->room);
			if (fit > finding->fit) {
				finding->fit = fit;
				memcpy(finding->channel->text, id.data, id.len);
				finding->channel->len = id.len;
			}
		}
		find_channel(peer, json_member(&channel, "children"), finding);
	}
}

static enum call_step connect_now(const struct call_peer *peer, struct call_plan *plan)
{
	const struct concord_link *link = peer->state;
	const struct call_account *account = peer->account;

	call_put_socket_url(&plan->socket_url, account,
			    account->socket_path.len ? account->socket_path : SLICE("/client"));
	json_put_literal(&plan->socket_url, "?token=", 7);
	call_put_escaped(&plan->socket_url, slice_span(link->token, link->token_len));
	return CALL_CONNECT;
}

static enum call_step hear_channels(struct call_peer *peer, const struct call_result *result,
				    struct call_plan *plan)
{
	struct concord_link *link = peer->state;
	struct finding finding = { .room = peer->account->room, .channel = &link->channel };
	struct json_value body = { .type = JSON_ABSENT };

	if (result->status != 200 ||
	    json_read_value(result->body, peer->json_depth, &body) != JSON_OK)
		return refuse_for(peer, result, plan);
	find_channel(peer, body, &finding);
	if (finding.room.len == 0)
		return ask(peer, "/server", TAG_SERVER, plan);
	if (finding.fit == FIT_NONE)
		return refuse(plan, REASON_UNKNOWN_ROOM, (struct slice){ NULL, 0 });
	return connect_now(peer, plan);
}

/* Without a channel of its choice it is the first of the tree. */
static enum call_step hear_server(struct call_peer *peer, const struct call_result *result,
				  struct call_plan *plan)
{
	struct concord_link *link = peer->state;
	char *scratch = peer->scratch;
	struct json_object object;
	struct slice id;

	if (result->status == 200 &&
	    json_read(result->body, peer->json_depth, &object) == JSON_OK &&
	    concord_call_id(&object, "defaultChannelId", &scratch, &id) && id.data) {
		memcpy(link->channel.text, id.data, id.len);
		link->channel.len = id.len;
	}
	if (!link->channel.len)
		return refuse(plan, REASON_UNKNOWN_ROOM, SLICE("the server has no channel"));
	return connect_now(peer, plan);
}

enum call_step concord_call_plan(struct call_peer *peer, const struct call_result *previous,
				 struct call_plan *plan, struct call_sink *sink)
{
	if (!previous)
		return begin(peer, plan);
	switch (previous->tag) {
	case TAG_TOKEN: return hear_token(peer, previous, plan);
	case TAG_SELF: return hear_self(peer, previous, plan, sink);
	case TAG_USERS: return hear_users(peer, previous, plan, sink);
	case TAG_CHANNELS: return hear_channels(peer, previous, plan);
	case TAG_SERVER: return hear_server(peer, previous, plan);
	default: return refuse(plan, REASON_REFUSED, (struct slice){ NULL, 0 });
	}
}
