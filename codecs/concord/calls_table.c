#include "codecs/concord/calls.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "codecs/wording.h"

/* ---- what the parts share ---- */

bool concord_is_id(struct slice text)
{
	uint64_t value;

	return call_decimal(text, INT64_MAX, &value) && value > 0;
}

bool concord_call_id(const struct json_object *object, const char *name, char **scratch,
		     struct slice *id)
{
	char digits[LONG_TEXT_MAX + 1];
	int64_t value;

	*id = (struct slice){ NULL, 0 };
	if (!concord_read_long(object, name, &value))
		return false;
	if (value <= 0)
		return true;
	*id = slice_span(*scratch, (size_t)snprintf(digits, sizeof(digits), "%" PRId64, value));
	memcpy(*scratch, digits, id->len);
	*scratch += id->len;
	return true;
}

/* OFFLINE alone is not there: who is away is. */
static bool is_online(const struct json_object *user, unsigned depth)
{
	struct json_value status = json_member(user, "status");
	struct json_object object;

	if (status.type != JSON_OBJECT || json_read(status.source, depth, &object) != JSON_OK)
		return false;
	status = json_member(&object, "onlineStatus");
	return status.type == JSON_STRING && !slice_equal(status.source, SLICE("\"OFFLINE\""));
}

void concord_call_user(struct call_peer *peer, struct json_value user, char **scratch,
		       struct concord_user *out)
{
	struct json_object object;

	*out = (struct concord_user){ .online = false };
	if (user.type != JSON_OBJECT ||
	    json_read(user.source, peer->json_depth, &object) != JSON_OK ||
	    !concord_call_id(&object, "id", scratch, &out->id) || !out->id.data)
		return;
	out->name = call_text(json_member(&object, "username"), scratch, NULL);
	out->online = is_online(&object, peer->json_depth);
}

void concord_call_path(struct json_writer *w, const struct call_peer *peer, const char *path)
{
	struct slice url = peer->account->url;

	if (url.len < 4 || memcmp(url.data + url.len - 4, "/api", 4) != 0)
		json_put_literal(w, "/api", 4);
	json_put_literal(w, path, strlen(path));
}

void concord_call_request(struct call_request *request, const struct call_peer *peer,
			  enum call_method method, uint32_t tag)
{
	const struct concord_link *link = peer->state;

	request->method = method;
	request->tag = tag;
	if (link->token)
		call_put_bearer(request, slice_span(link->token, link->token_len));
}

struct slice concord_call_words(struct call_peer *peer, const struct call_result *result)
{
	struct json_object object;
	char *scratch = peer->scratch;
	struct slice words;

	if (result->status == 0)
		return result->why;
	if (json_read(result->body, peer->json_depth, &object) != JSON_OK)
		return (struct slice){ NULL, 0 };
	words = call_text(json_member(&object, "message"), &scratch, NULL);
	if (words.len == 0)
		words = call_text(json_member(&object, "error"), &scratch, NULL);
	return words.len ? words : (struct slice){ NULL, 0 };
}

/* ---- names that were asked for ---- */

/* Who is not known there gets a name that nobody chose. */
static struct slice made_name(struct slice id, char out[FOREIGN_ID_MAX + 8])
{
	int len = snprintf(out, FOREIGN_ID_MAX + 8, "user-%.*s", (int)id.len, id.data);

	return slice_span(out, (size_t)len);
}

static void hear_person(struct call_peer *peer, const struct call_result *result,
			struct call_sink *sink)
{
	struct concord_link *link = peer->state;
	char asked[FOREIGN_ID_MAX], made[FOREIGN_ID_MAX + 8], *scratch = peer->scratch;
	struct slice id = folk_answered(&link->folk, result->tag - TAG_PERSON, asked);
	struct concord_user user = { .online = folk_online(&link->folk, id) };
	struct json_value body;

	if (!id.data)
		return;
	if (result->status == 200 &&
	    json_read_value(result->body, peer->json_depth, &body) == JSON_OK)
		concord_call_user(peer, body, &scratch, &user);
	else if (result->status == 404)
		user.name = made_name(id, made);
	if (user.name.len) {
		struct foreign_person person = { .id = id, .name = user.name };

		folk_put(&link->folk, id, user.name, user.online);
		sink->known(sink, &person, user.online);
	} else {
		folk_in_vain(&link->folk, id, peer->now_ms);
	}
	folk_release(&link->folk, peer, sink, concord_call_tell, false);
	concord_call_history_named(peer, sink);
}

static void concord_answered(struct call_peer *peer, const struct call_said *said,
			     const struct call_result *result, struct call_sink *sink)
{
	if (said)
		concord_call_settle(peer, said, result, sink);
	else if (result->tag == TAG_HISTORY)
		concord_call_history(peer, result, sink);
	else if (result->tag > TAG_PERSON)
		hear_person(peer, result, sink);
}

/* ---- the rest ---- */

static void concord_open(struct call_peer *peer, struct call_sink *sink)
{
	const struct concord_link *link = peer->state;
	struct foreign_person self = { .id = long_slice(&link->self) };

	self.name = folk_name(&link->folk, self.id);
	sink->up(sink, &self);
}

/* Some versions of the real server give so many, whatever is asked for. */
#define HISTORY_MAX 50

static enum codec_status concord_history(struct call_peer *peer, uint32_t count,
					 struct call_out *out)
{
	struct concord_link *link = peer->state;
	struct call_request *request = &out->request;
	struct slice channel = long_slice(&link->channel);

	if (count == 0 || channel.len == 0)
		return CODEC_NOTHING;
	link->history = count < HISTORY_MAX ? count : HISTORY_MAX;
	concord_call_request(request, peer, CALL_GET, TAG_HISTORY);
	concord_call_path(&request->path, peer, "/channels/");
	json_put_literal(&request->path, channel.data, channel.len);
	json_put_literal(&request->path, "/chats/latest?size=", 19);
	json_put_unsigned(&request->path, link->history);
	out->settling = SETTLES_ANSWER;
	return CODEC_OK;
}

/* Of use to old versions of the real server alone, which close who says nothing. */
static enum codec_status concord_keepalive(struct call_peer *peer, struct call_out *out)
{
	struct concord_link *link = peer->state;

	link->beats++;
	WORDING_TEMPLATE(&out->frame, "{\"type\":\"heartbeat\",\"timestamp\":");
	json_put_unsigned(&out->frame, peer->now_ms);
	WORDING_TEMPLATE(&out->frame, "}");
	out->settling = SETTLES_SENT;
	return CODEC_OK;
}

static void concord_close(struct call_peer *peer)
{
	struct concord_link *link = peer->state;

	free(link->token);
	concord_call_history_drop(link);
	folk_clear(&link->folk);
	*link = (struct concord_link){ .token = NULL };
}

/* A message's JSON stays below what our own door reads, though each character were escaped. */
#define TEXT_MOST 10000

const struct codec_calls concord_calls = {
	.state_size = sizeof(struct concord_link),
	.can = {
		[KIND_MESSAGE] = { true, RULE_NATIVE, NULL },
		[KIND_EDIT] = { true, RULE_NATIVE, NULL },
		[KIND_DELETE] = { true, RULE_NATIVE, NULL },
		[KIND_CLEAR] = { false, RULE_TEXT, NULL },
		[KIND_PURGE] = { false, RULE_TEXT, NULL },
		[KIND_REACTION] = { true, RULE_NATIVE, NULL },
		[KIND_TYPING] = { true, RULE_NATIVE, NULL },
		[KIND_READ] = { false, RULE_DROP, "concord has no read receipts" },
		/* What is said there is kept for ever. */
		[KIND_ENTER] = { true, RULE_DROP, "concord shows who is connected to it" },
		[KIND_EXIT] = { true, RULE_DROP, "concord shows who is connected to it" },
		[KIND_INVITE] = { false, RULE_DROP, "concord has no invitations" },
		[KIND_KICK] = { false, RULE_TEXT, NULL },
		[KIND_TIMEOUT] = { false, RULE_TEXT, NULL },
		[KIND_PRESENCE] = { true, RULE_DROP, "concord shows who is connected to it" },
		[KIND_USER_UPDATE] = { false, RULE_TEXT, NULL },
		[KIND_POLL_START] = { false, RULE_TEXT, NULL },
		[KIND_POLL_VOTE] = { false, RULE_DROP, "a vote shows in the poll's tallies" },
		[KIND_POLL_END] = { false, RULE_TEXT, NULL },
		[KIND_NOTICE] = { false, RULE_TEXT, NULL },
		[KIND_OPAQUE] = { true, RULE_DROP, "another dialect's words mean nothing there" },
	},
	.text_max = TEXT_MOST,
	.frame_max = 65536,
	.has_ids = true,
	.has_history = true,
	.names_are_unique = true,
	.plan = concord_call_plan,
	.open = concord_open,
	.decode = concord_call_hear,
	.say = concord_call_say,
	.answered = concord_answered,
	.history = concord_history,
	.keepalive = concord_keepalive,
	.close = concord_close,
};
