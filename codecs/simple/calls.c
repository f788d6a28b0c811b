#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "codecs/calls_read.h"
#include "codecs/model/trail.h"
#include "codecs/simple/simple.h"
#include "codecs/text/json_read.h"
#include "codecs/text/name.h"

/* ---- the login: Basic, in the upgrade request ---- */

static bool has_colon(struct slice name)
{
	return name.len && memchr(name.data, ':', name.len);
}

/* What follows the host in the URL. */
static struct slice path_of(struct slice url)
{
	size_t slashes = 0;

	for (size_t i = 0; i < url.len; i++) {
		slashes += url.data[i] == '/';
		if (slashes == 3)
			return slice_span(url.data + i, url.len - i);
	}
	return SLICE("/");
}

static enum call_step simple_plan(struct call_peer *peer, const struct call_result *previous,
				  struct call_plan *plan, struct call_sink *sink)
{
	const struct call_account *account = peer->account;
	struct slice path = account->socket_path;

	(void)previous;
	(void)sink;
	if (account->user.len == 0 || has_colon(account->user)) {
		plan->reason = REASON_BAD_LOGIN;
		plan->text = account->user.len
				 ? SLICE("a name at a simple server has no colon")
				 : SLICE("a simple server lets nobody in without a name");
		return CALL_REFUSED;
	}
	call_put_socket_url(&plan->socket_url, account, path.len ? path : path_of(account->url));
	call_put_basic(&plan->authorization, account->user, account->secret);
	return CALL_CONNECT;
}

#define ID_SHOWN 40 /* bytes of a name that cannot be an id as it is */

/* A name is who somebody is; the real server takes any, also such as are too long for an id. */
static struct slice id_of(struct slice name, char out[FOREIGN_ID_MAX])
{
	const char *nul = name.len ? memchr(name.data, '\0', name.len) : NULL;
	struct slice shown = name;

	if (!nul && name.len <= FOREIGN_ID_MAX)
		return name;
	if (nul)
		shown.len = (size_t)(nul - name.data);
	shown = text_clip(shown, ID_SHOWN);
	return slice_span(out, (size_t)snprintf(out, FOREIGN_ID_MAX, "%.*s~%016" PRIx64,
						(int)shown.len, shown.data, slice_fnv(name)));
}

/* It was let in: there is no word for that. */
static void simple_open(struct call_peer *peer, struct call_sink *sink)
{
	struct slice name = peer->account->user;
	char id[FOREIGN_ID_MAX];
	struct foreign_person self = { .id = id_of(name, id), .name = name };

	sink->up(sink, &self);
}

/* ---- what came ---- */

/* What the serving side writes: MEMBER_EVENT of all events, as the first of these. */
enum member {
	MEMBER_TYPE,
	MEMBER_MESSAGE,
	MEMBER_TIMESTAMP,
	MEMBER_USERNAME,
	MEMBER_TRAIL,
	MEMBER_EVENT,
	MEMBER_PAYLOAD_ID = MEMBER_EVENT,
	MEMBER_ERROR,
	MEMBERS
};

static const char *const members[MEMBERS] = {
	[MEMBER_TYPE] = "type",           [MEMBER_MESSAGE] = "message",
	[MEMBER_TIMESTAMP] = "timestamp", [MEMBER_USERNAME] = "username",
	[MEMBER_TRAIL] = TRAIL_MEMBER,    [MEMBER_PAYLOAD_ID] = "payload_id",
	[MEMBER_ERROR] = "error",
};

static const char *const modelled[] = { "type", "message", "timestamp", "username", NULL };

/* The real server lets in who has no name at all, which makes no notice of what they say. */
#define NAMELESS SLICE("?")

struct reader {
	struct json_value frame, members[MEMBERS];
	bool has_others; /* than those of events */
	char *free;
	char id[FOREIGN_ID_MAX];
	struct call_heard heard;
};

static bool read_person(struct reader *r, struct json_value value, struct foreign_person *person)
{
	if (value.type != JSON_STRING) {
		if (!call_id(value, &r->free, &person->id))
			return false;
		person->name = person->id;
		return true;
	}
	person->name = call_text(value, &r->free, NULL);
	if (!person->name.len)
		person->name = NAMELESS;
	person->id = id_of(person->name, r->id);
	return true;
}

static void read_rest(struct reader *r, enum envelope_kind kind)
{
	struct envelope *event = &r->heard.event;

	event->kind = kind;
	event->client_time_ms = (int64_t)call_unsigned(r->members[MEMBER_TIMESTAMP], INT64_MAX, 0);
	if (r->has_others)
		event->extra = call_extra(r->frame, modelled, &r->free);
}

static enum reason heard_message(struct call_peer *peer, struct reader *r, struct call_sink *sink)
{
	struct json_value message = r->members[MEMBER_MESSAGE];
	bool replaced = false;

	(void)peer;
	if (message.type != JSON_STRING ||
	    !read_person(r, r->members[MEMBER_USERNAME], &r->heard.author))
		return REASON_BAD_ARGUMENT;
	r->heard.event.text = call_text(message, &r->free, &replaced);
	r->heard.event.flags = replaced ? FLAG_DEGRADED : 0;
	read_rest(r, r->heard.author.id.data ? KIND_MESSAGE : KIND_NOTICE);
	sink->heard(sink, &r->heard);
	return REASON_NONE;
}

static enum reason heard_presence(struct reader *r, struct call_sink *sink, enum envelope_kind kind)
{
	struct foreign_person *author = &r->heard.author;

	if (!read_person(r, r->members[MEMBER_USERNAME], author) || !author->id.data)
		return REASON_BAD_ARGUMENT;
	read_rest(r, kind);
	sink->known(sink, author, kind == KIND_ENTER);
	sink->heard(sink, &r->heard);
	return REASON_NONE;
}

static enum reason heard_connected(struct call_peer *peer, struct reader *r, struct call_sink *sink)
{
	(void)peer;
	return heard_presence(r, sink, KIND_ENTER);
}

static enum reason heard_disconnected(struct call_peer *peer, struct reader *r,
				      struct call_sink *sink)
{
	(void)peer;
	return heard_presence(r, sink, KIND_EXIT);
}

/* The real server has one code; another Dragoman says reasons, or a sentence. */
static enum reason error_reason(struct slice code)
{
	enum reason reason = call_reason(code);

	if (slice_is(code, "malformed_payload"))
		return REASON_BAD_ARGUMENT;
	return reason == REASON_NONE ? REASON_REFUSED : reason;
}

static enum reason heard_reply(struct call_peer *peer, struct reader *r, struct call_sink *sink)
{
	struct json_value error = r->members[MEMBER_ERROR], text = error;
	struct call_settled settled = {
		.serial = call_unsigned(r->members[MEMBER_PAYLOAD_ID], INT32_MAX, 0),
	};

	(void)peer;
	/* It does not say which it means. */
	if (settled.serial == 0)
		return REASON_NONE;
	if (call_is_true(error)) {
		if (error.type == JSON_OBJECT)
			text = json_find(error, "message");
		settled.text = call_text(text, &r->free, NULL);
		settled.reason = error_reason(settled.text);
	}
	sink->settled(sink, &settled);
	return REASON_NONE;
}

static enum reason heard_other(struct call_peer *peer, struct reader *r, struct slice text,
			       struct call_sink *sink)
{
	r->free = peer->scratch; /* the type has been read */
	r->heard.event.extra = call_opaque(text, &r->free);
	if (!r->heard.event.extra.data)
		return REASON_UNKNOWN_VERB;
	r->heard.event.kind = KIND_OPAQUE;
	sink->heard(sink, &r->heard);
	return REASON_NONE;
}

static bool read_frame(struct reader *r, struct slice text, unsigned max_depth)
{
	struct json_named named = { .names = members, .count = MEMBERS, .values = r->members };

	if (json_read_named(text, max_depth, &r->frame, &named) != JSON_OK)
		return false;
	for (size_t i = MEMBER_EVENT; i < MEMBERS; i++)
		named.others += r->members[i].type != JSON_ABSENT;
	r->has_others = named.others > 0;
	return r->members[MEMBER_TYPE].type == JSON_STRING;
}

static enum reason simple_calls_decode(struct call_peer *peer, struct slice text,
				       struct call_sink *sink)
{
	static const struct {
		const char *type;
		enum reason (*heard)(struct call_peer *, struct reader *, struct call_sink *);
	} types[] = {
		{ "message_sent", heard_message },
		{ "reply", heard_reply },
		{ "user_connected", heard_connected },
		{ "user_disconnected", heard_disconnected },
	};
	struct reader r = { .free = peer->scratch };
	struct slice type;

	if (!read_frame(&r, text, peer->json_depth))
		return REASON_MALFORMED;
	sink->trail = call_trail_of(r.members[MEMBER_TRAIL], &r.free);
	type = call_text(r.members[MEMBER_TYPE], &r.free, NULL);
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (slice_is(type, types[i].type))
			return types[i].heard(peer, &r, sink);
	return heard_other(peer, &r, text, sink);
}

/* ---- what we say ---- */

static enum codec_status simple_say(struct call_peer *peer, const struct call_said *said,
				    struct call_out *out, enum reason *why)
{
	struct json_writer *w = &out->frame;

	(void)peer;
	*why = said->event->flags & FLAG_PRIVATE ? REASON_NOT_PRIVATE : REASON_UNSUPPORTED;
	if (said->event->kind != KIND_MESSAGE || said->event->flags & FLAG_PRIVATE)
		return CODEC_NOTHING;
	json_object_open(w);
	json_field_string(w, "type", SLICE("send_message"));
	json_key(w, "payload_id");
	json_put_literal(w, "\"", 1);
	json_put_unsigned(w, said->serial);
	json_put_literal(w, "\"", 1);
	json_field_string(w, "message", said->text);
	json_object_close(w);
	out->settling = SETTLES_REPLY;
	out->echoes = true;
	return CODEC_OK;
}

/* There are no requests, but for the one that becomes the socket. */
static void simple_answered(struct call_peer *peer, const struct call_said *said,
			    const struct call_result *result, struct call_sink *sink)
{
	(void)peer;
	(void)said;
	(void)result;
	(void)sink;
}

/* All there are is one. */
static bool simple_room_allowed(struct slice room, const char **why)
{
	*why = "a simple server has one room, without a name";
	return room.len == 0;
}

const struct codec_calls simple_calls = {
	.can = {
		[KIND_MESSAGE] = { true, RULE_NATIVE, NULL },
		[KIND_EDIT] = { false, RULE_TEXT, NULL },
		[KIND_DELETE] = { false, RULE_TEXT, NULL },
		[KIND_CLEAR] = { false, RULE_TEXT, NULL },
		[KIND_PURGE] = { false, RULE_TEXT, NULL },
		[KIND_REACTION] = { false, RULE_TEXT, NULL },
		[KIND_TYPING] = { false, RULE_DROP, "simple has no typing indicator" },
		[KIND_READ] = { false, RULE_DROP, "simple has no read receipts" },
		[KIND_ENTER] = { true, RULE_DROP, "who comes there connects there" },
		[KIND_EXIT] = { true, RULE_DROP, "who goes there disconnects there" },
		[KIND_INVITE] = { false, RULE_DROP, "simple has one room" },
		[KIND_KICK] = { false, RULE_TEXT, NULL },
		[KIND_TIMEOUT] = { false, RULE_TEXT, NULL },
		[KIND_PRESENCE] = { false, RULE_DROP, "simple knows only who is connected" },
		[KIND_USER_UPDATE] = { false, RULE_DROP, "simple has no roles" },
		[KIND_POLL_START] = { false, RULE_TEXT, NULL },
		[KIND_POLL_VOTE] = { false, RULE_DROP, "a vote shows in the poll's tallies" },
		[KIND_POLL_END] = { false, RULE_TEXT, NULL },
		[KIND_NOTICE] = { true, RULE_TEXT, NULL },
		[KIND_OPAQUE] = { true, RULE_DROP, "only the server says such" },
	},
	.names_are_unique = true,
	.plan = simple_plan,
	.open = simple_open,
	.decode = simple_calls_decode,
	.say = simple_say,
	.answered = simple_answered,
	.room_allowed = simple_room_allowed,
};
