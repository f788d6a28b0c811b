#include "codecs/rooms/rooms.h"

#include <string.h>

#include "codecs/credentials.h"
#include "codecs/registry.h"
#include "codecs/wording.h"

static enum reason rooms_handshake(struct codec_peer *peer, const struct codec_handshake *handshake,
				   struct codec_login *login)
{
	struct rooms_state *state = peer->state;
	struct slice key = credentials_parameter(handshake->query, "key");

	if (!key.len)
		return REASON_NOT_LOGGED_IN;
	key = credentials_unescape(key, peer->scratch);
	if (!credentials_split(key, login))
		return REASON_BAD_LOGIN;
	state->key_len = key.len;
	if (key.len > ROOMS_KEY_KEPT)
		state->key.hash = keyed_hash(peer->view->ids, key.data, key.len);
	else
		memcpy(state->key.kept, key.data, key.len);
	return REASON_NONE;
}

#define REFUSAL(code, word)                                                                        \
	((struct codec_response){ .status = code,                                                  \
				  .type = SLICE("text/plain; charset=utf-8"),                      \
				  .body = SLICE("{\"error\":\"" word "\"}\n") })

/* The words are those of the real server's HTTP errors, where it has one. */
static struct codec_response rooms_refuse(enum reason reason)
{
	switch (reason) {
	case REASON_NOT_LOGGED_IN: return REFUSAL(401, "no_key");
	case REASON_BANNED: return REFUSAL(403, "banned");
	case REASON_NO_RIGHT: return REFUSAL(403, "no_right");
	case REASON_CLOSED_ROOM: return REFUSAL(403, "closed_room");
	case REASON_UNKNOWN_ROOM: return REFUSAL(404, "no_such_room");
	case REASON_TOO_MANY: return REFUSAL(503, "too_many");
	case REASON_RATE_LIMITED: return REFUSAL(503, "rate_limited");
	case REASON_NO_ANSWER: return REFUSAL(503, "no_answer");
	case REASON_BUSY: return REFUSAL(503, "busy");
	case REASON_CLOSING: return REFUSAL(503, "closing");
	default: return REFUSAL(401, "bad_key");
	}
}

static const struct codec_ops rooms_serves = {
	.handshake = rooms_handshake,
	.refuse = rooms_refuse,
	.decode = rooms_decode,
	.encode = rooms_encode,
	.reply = wording_reply,
	.keepalive = rooms_keepalive,
};

static const char *const rooms_mounts[] = { "/rooms", NULL };

const struct codec codec_rooms = {
	.name = "rooms",
	.state_size = sizeof(struct rooms_state),
	.forbids_history = true,
	.naming = { .form = NAMING_UUID,
		    .directive = "rooms",
		    .help = "Its UUID for rooms clients. \"\": made from the name.",
		    .lobby = "\"10bb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a01\"",
		    .word = "rooms" },
	.mounts = rooms_mounts,
	.trial = { .name = "cy",
		   .query = "?key=cy",
		   .frame = "{\"type\":\"message\",\"key\":\"cy\",\"room_id\":\"@\","
			    "\"content\":\"hello\"}" },
	.forms = { { FRAMING_WEBSOCKET, 0 } },
	.form_count = 1,
	.can = {
		[KIND_MESSAGE] = { true, RULE_NATIVE, NULL },
		[KIND_EDIT] = { false, RULE_NOTICE, NULL },
		[KIND_DELETE] = { false, RULE_NOTICE, NULL },
		[KIND_CLEAR] = { false, RULE_NOTICE, NULL },
		[KIND_PURGE] = { false, RULE_NOTICE, NULL },
		[KIND_REACTION] = { false, RULE_NOTICE, NULL },
		[KIND_TYPING] = { false, RULE_DROP, "rooms has no typing indicator" },
		[KIND_READ] = { true, RULE_NATIVE, NULL },
		[KIND_ENTER] = { true, RULE_NATIVE, NULL },
		[KIND_EXIT] = { true, RULE_NATIVE, NULL },
		[KIND_INVITE] = { true, RULE_NATIVE, NULL },
		[KIND_KICK] = { true, RULE_NATIVE, NULL },
		/* Not a kick: who is timed out stays a member. */
		[KIND_TIMEOUT] = { false, RULE_NOTICE, NULL },
		[KIND_PRESENCE] = { false, RULE_DROP, "rooms knows only who is in a room" },
		[KIND_USER_UPDATE] = { true, RULE_NOTICE, NULL },
		[KIND_POLL_START] = { false, RULE_NOTICE, NULL },
		[KIND_POLL_VOTE] = { false, RULE_DROP, "a vote shows in the poll's tallies" },
		[KIND_POLL_END] = { false, RULE_NOTICE, NULL },
		[KIND_NOTICE] = { false, RULE_NATIVE, NULL },
		/* Of a server of this dialect. */
		[KIND_OPAQUE] = { false, RULE_NATIVE, NULL },
	},
	.tells = {
		[KIND_KICK] = { 0, TELLS_DEED | TELLS_REASON },
	},
	.carries = rooms_carries,
	.words = &rooms_words,
	.serves = &rooms_serves,
	.http = &rooms_http,
	.calls = &rooms_calls,
};
