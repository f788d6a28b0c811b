#include "codecs/rooms/calls.h"

#include <stdio.h>
#include <stdlib.h>

#include "codecs/wording.h"

#define ID_SHOWN   8 /* bytes of an id in a name that nobody chose */
#define NAME_BYTES 16

/* ---- what the parts share ---- */

bool rooms_call_id(struct json_value value, char **scratch, struct slice *id)
{
	unsigned char uuid[16];

	if (!call_id(value, scratch, id))
		return false;
	if (id->data && uuid_parse(*id, uuid)) {
		uuid_print(uuid, *scratch);
		*id = slice_span(*scratch, UUID_TEXT_LEN);
		*scratch += UUID_TEXT_LEN;
	}
	return true;
}

void rooms_call_user(struct call_peer *peer, struct slice body, char **scratch,
		     struct foreign_person *out)
{
	struct json_object object;

	*out = (struct foreign_person){ .roles = 0 };
	if (json_read(body, peer->json_depth, &object) != JSON_OK)
		return;
	if (!rooms_call_id(json_member(&object, "user_id"), scratch, &out->id))
		return;
	out->name = call_text(json_member(&object, "username"), scratch, NULL);
}

struct slice rooms_call_error(struct call_peer *peer, const struct call_result *result,
			      struct slice *words)
{
	struct json_object object;
	char *scratch = peer->scratch;
	struct slice code;

	*words = result->status ? (struct slice){ NULL, 0 } : result->why;
	if (json_read(result->body, peer->json_depth, &object) != JSON_OK)
		return (struct slice){ NULL, 0 };
	code = call_text(json_member(&object, "error"), &scratch, NULL);
	*words = call_text(json_member(&object, "message"), &scratch, NULL);
	if (words->len == 0)
		*words = code.len ? code : (struct slice){ NULL, 0 };
	return code;
}

/* The real server's words that another Dragoman takes over where they are not its own. */
static enum reason real_reason(struct slice code)
{
	static const struct {
		const char *code;
		enum reason reason;
	} words[] = {
		{ "no_key", REASON_BAD_LOGIN },
		{ "bad_key", REASON_BAD_LOGIN },
		{ "bad_password", REASON_BAD_LOGIN },
		{ "password_missing", REASON_BAD_LOGIN },
		{ "no_such_user", REASON_UNKNOWN_PERSON },
		{ "not_present", REASON_UNKNOWN_PERSON },
		{ "no_such_room", REASON_UNKNOWN_ROOM },
		{ "internal_err", REASON_NO_ANSWER },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (slice_is(code, words[i].code))
			return words[i].reason;
	return REASON_NONE;
}

enum reason rooms_call_reason(struct slice code, unsigned status)
{
	enum reason reason = real_reason(code);

	if (reason == REASON_NONE)
		reason = call_reason(code);
	return reason == REASON_NONE ? call_status_reason(status) : reason;
}

void rooms_call_put_key(struct json_writer *w, const struct rooms_link *link)
{
	json_put_literal(w, "?key=", 5);
	call_put_escaped(w, slice_span(link->key, link->key_len));
}

/* ---- people ---- */

void rooms_call_ask(struct call_peer *peer, struct slice id, struct call_sink *sink)
{
	struct rooms_link *link = peer->state;
	uint32_t asked = folk_ask(&link->folk, id, peer->now_ms);
	struct call_request request = { .method = CALL_GET, .tag = TAG_PERSON + asked };

	if (!asked)
		return;
	json_put_literal(&request.path, "/user/", 6);
	call_put_escaped(&request.path, id);
	sink->ask(sink, &request);
}

static struct slice made_name(struct slice id, char out[NAME_BYTES])
{
	size_t len = id.len < ID_SHOWN ? id.len : ID_SHOWN;

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)id.data[i] >= 0x80)
			len = i;
	return slice_span(out, (size_t)snprintf(out, NAME_BYTES, "user-%.*s", (int)len, id.data));
}

static void hear_person(struct call_peer *peer, const struct call_result *result,
			struct call_sink *sink)
{
	struct rooms_link *link = peer->state;
	char asked[FOREIGN_ID_MAX], made[NAME_BYTES], *scratch = peer->scratch;
	struct slice id = folk_answered(&link->folk, result->tag - TAG_PERSON, asked);
	struct foreign_person person = { .roles = 0 };
	bool online = folk_online(&link->folk, id);

	if (!id.data)
		return;
	if (result->status == 200)
		rooms_call_user(peer, result->body, &scratch, &person);
	else if (result->status == 404)
		person.name = made_name(id, made);
	person.id = id;
	if (person.name.len) {
		folk_put(&link->folk, id, person.name, online);
		sink->known(sink, &person, online);
	} else {
		folk_in_vain(&link->folk, id, peer->now_ms);
	}
	folk_release(&link->folk, peer, sink, rooms_call_tell, false);
}

/* Who was there before us. Of more than can be asked for at once, names come when they speak. */
static void hear_people(struct call_peer *peer, const struct call_result *result,
			struct call_sink *sink)
{
	struct rooms_link *link = peer->state;
	struct json_object object;
	struct json_value item;
	size_t cursor = 0;

	if (result->status != 200 || json_read(result->body, peer->json_depth, &object) != JSON_OK)
		return;
	while (json_item(json_member(&object, "users"), &cursor, &item)) {
		char *scratch = peer->scratch;
		struct foreign_person person = { .roles = 0 };

		if (!rooms_call_id(item, &scratch, &person.id) || !person.id.data)
			continue;
		folk_put(&link->folk, person.id, (struct slice){ NULL, 0 }, true);
		person.name = folk_name(&link->folk, person.id);
		if (person.name.data)
			sink->known(sink, &person, true);
		else
			rooms_call_ask(peer, person.id, sink);
	}
}

/* ---- what requests brought ---- */

static void settle(struct call_peer *peer, const struct call_said *said,
		   const struct call_result *result, struct call_sink *sink)
{
	struct call_settled settled = { .serial = said->serial };
	struct slice code;

	if (result->status < 200 || result->status >= 300) {
		code = rooms_call_error(peer, result, &settled.text);
		settled.reason = rooms_call_reason(code, result->status);
		if (!code.len && result->status == 403)
			settled.reason = REASON_NO_RIGHT;
		settled.text = call_words(peer, settled.reason, result->status, settled.text);
	}
	sink->settled(sink, &settled);
}

static void rooms_answered(struct call_peer *peer, const struct call_said *said,
			   const struct call_result *result, struct call_sink *sink)
{
	if (said)
		settle(peer, said, result, sink);
	else if (result->tag == TAG_PEOPLE)
		hear_people(peer, result, sink);
	else if (result->tag > TAG_PERSON)
		hear_person(peer, result, sink);
}

static enum codec_status rooms_ping(struct call_peer *peer, struct call_out *out)
{
	WORDING_TEMPLATE(&out->frame, "{\"type\":\"ping\",\"time\":");
	json_put_unsigned(&out->frame, peer->now_ms / 1000);
	WORDING_TEMPLATE(&out->frame, "}");
	out->settling = SETTLES_SENT;
	return CODEC_OK;
}

static void rooms_close(struct call_peer *peer)
{
	struct rooms_link *link = peer->state;

	free(link->key);
	folk_clear(&link->folk);
	*link = (struct rooms_link){ .key = NULL };
}

/* A message's JSON stays below 64 KiB, though each character were escaped. */
#define TEXT_MOST 10000

const struct codec_calls rooms_calls = {
	.state_size = sizeof(struct rooms_link),
	.can = {
		[KIND_MESSAGE] = { true, RULE_NATIVE, NULL },
		[KIND_EDIT] = { false, RULE_TEXT, NULL },
		[KIND_DELETE] = { false, RULE_TEXT, NULL },
		[KIND_CLEAR] = { false, RULE_TEXT, NULL },
		[KIND_PURGE] = { false, RULE_TEXT, NULL },
		[KIND_REACTION] = { false, RULE_TEXT, NULL },
		[KIND_TYPING] = { false, RULE_DROP, "rooms has no typing indicator" },
		[KIND_READ] = { true, RULE_NATIVE, NULL },
		[KIND_ENTER] = { true, RULE_DROP, "rooms shows who is in its room" },
		[KIND_EXIT] = { true, RULE_DROP, "rooms shows who is in its room" },
		[KIND_INVITE] = { true, RULE_NATIVE, NULL },
		[KIND_KICK] = { true, RULE_NATIVE, NULL },
		[KIND_TIMEOUT] = { false, RULE_TEXT, NULL },
		[KIND_PRESENCE] = { false, RULE_DROP, "rooms knows only who is in a room" },
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
	.plan = rooms_call_plan,
	.open = rooms_call_open,
	.decode = rooms_call_hear,
	.say = rooms_call_say,
	.answered = rooms_answered,
	.keepalive = rooms_ping,
	.close = rooms_close,
	.room_allowed = rooms_call_room_allowed,
};
