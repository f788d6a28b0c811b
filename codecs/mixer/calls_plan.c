#include "codecs/mixer/link.h"

#include <stdlib.h>

#include "codecs/text/memory.h"

/* What brought nothing that can be used. */
static enum call_step refuse(struct call_plan *plan, enum reason reason, struct slice text)
{
	plan->reason = reason;
	plan->text = text;
	return CALL_REFUSED;
}

/* In the server's words, where its answer has some. */
static enum call_step refuse_status(struct call_peer *peer, const struct call_result *result,
				    enum reason reason, struct call_plan *plan)
{
	static const char *const keys[] = { "message", "errorMessage", "error", NULL };
	struct json_value body;
	struct slice text = result->why;
	char *free = peer->scratch;

	if (json_read_value(result->body, peer->json_depth, &body) == JSON_OK)
		for (size_t i = 0; keys[i] && !text.len; i++)
			if (json_find(body, keys[i]).type == JSON_STRING)
				text = call_text(json_find(body, keys[i]), &free, NULL);
	return refuse(plan, reason, call_words(peer, reason, result->status, text));
}

static void keep(char **place, struct slice text)
{
	free(*place);
	*place = text.len ? memory_text(text.data, text.len) : NULL;
}

static bool is_anonymous(const struct call_account *account)
{
	return account->anonymous || account->secret.len + account->user.len == 0;
}

/* The original service had tokens alone; another Dragoman takes a name and a secret, too. */
static bool has_both(const struct call_account *account)
{
	return account->user.len && account->secret.len;
}

void mixer_put_bearer(struct call_request *request, const struct call_peer *peer)
{
	const struct call_account *account = peer->account;
	bool bare = mixer_link_of(peer)->bare || !account->user.len;

	call_put_bearer(request, bare ? account->secret : account->user);
	if (bare || !has_both(account))
		return;
	json_put_literal(&request->authorization, ":", 1);
	json_put_literal(&request->authorization, account->secret.data, account->secret.len);
}

/* ---- questions ---- */

static enum call_step ask(const struct call_peer *peer, enum mixer_tag tag, struct slice path,
			  struct slice escaped, struct slice query, struct call_plan *plan)
{
	struct call_request *request = &plan->request;

	request->method = CALL_GET;
	request->tag = tag;
	json_put_literal(&request->path, path.data, path.len);
	call_put_escaped(&request->path, escaped);
	json_put_literal(&request->path, query.data, query.len);
	if (!is_anonymous(peer->account))
		mixer_put_bearer(request, peer);
	return CALL_ASK;
}

static enum call_step ask_chat(const struct call_peer *peer, struct call_plan *plan)
{
	return ask(peer, TAG_CHAT, SLICE("/chats/"), slice_of(mixer_link_of(peer)->channel),
		   SLICE(""), plan);
}

/* Which channel; without a room the account's own, of which somebody was told before. */
static enum call_step ask_channel(const struct call_peer *peer, struct call_plan *plan)
{
	struct mixer_link *link = mixer_link_of(peer);
	struct slice room = peer->account->room;

	if (room.len && !mixer_is_number(room))
		return ask(peer, TAG_CHANNEL, SLICE("/channels/"), room, SLICE("?fields=id"), plan);
	if (room.len)
		keep(&link->channel, room);
	if (link->channel)
		return ask_chat(peer, plan);
	return refuse(plan, REASON_UNKNOWN_ROOM, SLICE("this account has no channel of its own"));
}

static enum call_step ask_user(const struct call_peer *peer, struct call_plan *plan)
{
	return ask(peer, TAG_USER, SLICE("/users/current"), SLICE(""), SLICE(""), plan);
}

static enum call_step begin(const struct call_peer *peer, struct call_plan *plan)
{
	struct mixer_link *link = mixer_link_of(peer);
	const struct slice none = { NULL, 0 };

	link->bare = false;
	keep(&link->channel, none);
	keep(&link->user, none);
	keep(&link->name, none);
	keep(&link->key, none);
	if (is_anonymous(peer->account))
		return ask_channel(peer, plan);
	return ask_user(peer, plan);
}

/* ---- answers ---- */

static enum call_step told_user(struct call_peer *peer, struct json_value body,
				struct call_plan *plan)
{
	struct mixer_link *link = mixer_link_of(peer);
	char *free = peer->scratch;
	struct slice id, name, channel;

	if (!call_id(json_find(body, "id"), &free, &id) || !id.len ||
	    !call_id(json_find(json_find(body, "channel"), "id"), &free, &channel))
		return refuse(plan, REASON_NO_ANSWER,
			      SLICE("users/current does not say who we are"));
	name = call_text(json_find(body, "username"), &free, NULL);
	keep(&link->user, id);
	keep(&link->name, name);
	keep(&link->channel, channel);
	return ask_channel(peer, plan);
}

static enum call_step told_channel(struct call_peer *peer, struct json_value body,
				   struct call_plan *plan)
{
	char *free = peer->scratch;
	struct slice id;

	if (!call_id(json_find(body, "id"), &free, &id) || !id.len)
		return refuse(plan, REASON_NO_ANSWER, SLICE("the channel's answer has no id"));
	keep(&mixer_link_of(peer)->channel, id);
	return ask_chat(peer, plan);
}

/* Without blanks and controls: it goes into a request. */
static bool is_url(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] <= ' ' || (unsigned char)text.data[i] >= 0x7f)
			return false;
	return slice_starts_with(text, "ws://") || slice_starts_with(text, "wss://");
}

/* Who was called by TLS does not lead us out of it. */
static bool leaves_tls(struct slice url, const struct call_account *account)
{
	return slice_starts_with(account->url, "https:") && !slice_starts_with(url, "wss:");
}

/* With a path, where it has none, and the version, as published clients append it. */
static void put_socket_url(struct json_writer *w, struct slice endpoint)
{
	const char *hash = memchr(endpoint.data, '#', endpoint.len);
	size_t slashes = 0, host;

	if (hash)
		endpoint.len = (size_t)(hash - endpoint.data);
	for (host = 0; host < endpoint.len && endpoint.data[host] != '?' && slashes < 3; host++)
		slashes += endpoint.data[host] == '/';
	json_put_literal(w, endpoint.data, host);
	if (slashes < 3)
		json_put_literal(w, "/", 1);
	json_put_literal(w, endpoint.data + host, endpoint.len - host);
	json_put_literal(w, memchr(endpoint.data, '?', endpoint.len) ? "&" : "?", 1);
	json_put_literal(w, "version=1.0", 11);
}

static enum call_step connect_to(struct call_peer *peer, struct json_value endpoints, char *free,
				 struct call_plan *plan)
{
	struct slice path = peer->account->socket_path, url;
	struct json_writer own = { .data = NULL };
	struct json_value item = { .type = JSON_ABSENT };
	size_t cursor = 0;
	bool left = false;

	if (path.len) {
		call_put_socket_url(&own, peer->account, path);
		put_socket_url(&plan->socket_url, slice_span(own.data, own.len));
		json_clear(&own);
		return CALL_CONNECT;
	}
	while (json_item(endpoints, &cursor, &item)) {
		url = call_text(item, &free, NULL);
		if (!url.len || !is_url(url))
			continue;
		left |= leaves_tls(url, peer->account);
		if (leaves_tls(url, peer->account))
			continue;
		put_socket_url(&plan->socket_url, url);
		return CALL_CONNECT;
	}
	return refuse(plan, REASON_NO_ANSWER,
		      left ? SLICE("the chat has no endpoint of TLS")
			   : SLICE("the chat has no endpoint"));
}

static enum call_step told_chat(struct call_peer *peer, struct json_value body,
				struct call_plan *plan)
{
	struct mixer_link *link = mixer_link_of(peer);
	struct json_value key = json_find(body, "authkey");
	char *free = peer->scratch;

	if (body.type != JSON_OBJECT)
		return refuse(plan, REASON_NO_ANSWER, SLICE("the chat's answer is no object"));
	if (key.type == JSON_STRING)
		keep(&link->key, call_text(key, &free, NULL));
	return connect_to(peer, json_find(body, "endpoints"), free, plan);
}

/* As the original service refuses. Another Dragoman says more; it might take a secret for a guest's
 * name, and show that to everybody. */
static bool is_original(const struct call_peer *peer, const struct call_result *result)
{
	struct json_value body;

	return json_read_value(result->body, peer->json_depth, &body) == JSON_OK &&
	       json_find(body, "errorCode").type != JSON_ABSENT &&
	       json_find(body, "statusCode").type == JSON_ABSENT;
}

/* A name and a secret are no token there: the secret may be one. */
static bool tries_token(const struct call_peer *peer, const struct call_result *result)
{
	struct mixer_link *link = mixer_link_of(peer);

	if (result->tag != TAG_USER || result->status != 401 || link->bare ||
	    !has_both(peer->account) || !is_original(peer, result))
		return false;
	link->bare = true;
	return true;
}

/* What a refusal of each answer means. */
static enum reason reason_of(const struct call_result *result)
{
	enum reason reason = call_status_reason(result->status);

	/* Who we are is beyond doubt by then. */
	if (result->tag == TAG_CHAT && result->status == 403)
		return REASON_CLOSED_ROOM;
	if (result->tag == TAG_USER && reason == REASON_UNKNOWN_ROOM)
		return REASON_REFUSED;
	return reason;
}

enum call_step mixer_plan(struct call_peer *peer, const struct call_result *previous,
			  struct call_plan *plan, struct call_sink *sink)
{
	struct json_value body;
	enum reason reason;

	(void)sink;
	if (!previous)
		return begin(peer, plan);
	if (tries_token(peer, previous))
		return ask_user(peer, plan);
	reason = reason_of(previous);
	if (reason != REASON_NONE)
		return refuse_status(peer, previous, reason, plan);
	if (json_read_value(previous->body, peer->json_depth, &body) != JSON_OK)
		return refuse(plan, REASON_NO_ANSWER, SLICE("its answer is not JSON"));
	switch ((enum mixer_tag)previous->tag) {
	case TAG_USER: return told_user(peer, body, plan);
	case TAG_CHANNEL: return told_channel(peer, body, plan);
	case TAG_CHAT: return told_chat(peer, body, plan);
	case TAG_USERS: break;
	}
	return refuse(plan, REASON_NO_ANSWER, SLICE("an answer that nobody asked for"));
}
