#include "codecs/mixer/mixer.h"

#include <stdlib.h>
#include <string.h>

#include "codecs/credentials.h"
#include "codecs/registry.h"
#include "codecs/text/memory.h"

/* ?name=NAME. Published clients append "?version=1.0" even to a URL that has a query, so that a
 * '?' ends the value too. */
static enum reason mixer_handshake(struct codec_peer *peer, const struct codec_handshake *request,
				   struct codec_login *login)
{
	struct mixer_state *state = peer->state;
	struct slice name = credentials_parameter(request->query, "name");
	const char *end = name.len ? memchr(name.data, '?', name.len) : NULL;

	(void)login; /* it comes in a frame */
	if (end)
		name.len = (size_t)(end - name.data);
	name = credentials_unescape(name, peer->scratch);
	if (name.len > MIXER_NAME_BYTES_MAX)
		return REASON_TOO_LONG;
	if (!text_is_utf8(name))
		return REASON_BAD_ARGUMENT;
	mixer_forget_name(peer);
	if (name.len)
		state->name = memory_text(name.data, name.len);
	state->name_len = name.len;
	return REASON_NONE;
}

void mixer_forget_name(struct codec_peer *peer)
{
	struct mixer_state *state = peer->state;

	free(state->name);
	state->name = NULL;
}

#define REFUSAL(code, error, message)                                                              \
	((struct codec_response){ .status = code,                                                  \
				  .type = SLICE("application/json; charset=utf-8"),                \
				  .body = SLICE("{\"statusCode\":" #code ",\"error\":\"" error     \
						"\",\"message\":\"" message "\"}") })

static struct codec_response mixer_refuse(enum reason reason)
{
	switch (reason) {
	case REASON_NOT_LOGGED_IN:
	case REASON_BAD_LOGIN:
	case REASON_BAD_KEY: return REFUSAL(401, "Unauthorized", "Invalid credentials");
	case REASON_NAME_TAKEN:
	case REASON_BANNED:
	case REASON_CLOSED_ROOM:
	case REASON_NO_RIGHT: return REFUSAL(403, "Forbidden", "No access");
	case REASON_UNKNOWN_ROOM: return REFUSAL(404, "Not Found", "No such channel");
	case REASON_RATE_LIMITED:
	case REASON_TOO_MANY: return REFUSAL(429, "Too Many Requests", "Try again later");
	case REASON_NO_ANSWER:
	case REASON_BUSY:
	case REASON_CLOSING: return REFUSAL(503, "Service Unavailable", "Try again later");
	default: return REFUSAL(400, "Bad Request", "The name is not usable");
	}
}

/* The published clients send nothing, and give up after 5 s, until they have this event. */
static void mixer_open(struct codec_peer *peer, struct codec_sink *sink)
{
	struct frame_writer w;

	frame_start(&w, peer->form.framing, 128);
	WORDING_TEMPLATE(&w.json,
			 "{\"type\":\"event\",\"event\":\"WelcomeEvent\",\"data\":{\"server\":");
	json_put_string(&w.json, peer->view->instance);
	WORDING_TEMPLATE(&w.json, "}}");
	frame_end_message(&w);
	sink->answer(sink, frame_finish(&w));
}

static const struct codec_ops mixer_serves = {
	.handshake = mixer_handshake,
	.refuse = mixer_refuse,
	.open = mixer_open,
	.decode = mixer_decode,
	.encode = mixer_encode,
	.reply = mixer_reply,
	.close = mixer_forget_name,
};

static const char *const mixer_mounts[] = { "/mixer", NULL };

const struct codec codec_mixer = {
	.name = "mixer",
	.state_size = sizeof(struct mixer_state),
	.answers_in_order = false,
	.reply_before_echo = true,
	.reads_binary = true,
	.keeps_private = true,
	.shows_actions = true,
	.draws_emotes = true,
	.hears_every_room = false,
	.kick_ends_session = true,
	.one_connection = false,
	.forbids_history = false,
	.naming = { .form = NAMING_NUMBER,
		    .directive = "mixer",
		    .help = "Its number (channel id) for mixer clients. 0: made from the name.",
		    .lobby = "1",
		    .word = "mixer channel",
		    .number_max = INT32_MAX,
		    .number_derived = UINT64_C(1) << 30 },
	.mounts = mixer_mounts,
	.trial = { .name = "ann",
		   .number = "7",
		   .query = "?name=ann",
		   .logs_in = true,
		   .frame = "{\"type\":\"method\",\"method\":\"auth\","
			    "\"arguments\":[@,7,\"a-key-of-yours\"],\"id\":1}" },
	.forms = { { FRAMING_WEBSOCKET, 0 } },
	.form_count = 1,
	.can = {
		[KIND_MESSAGE] = { true, RULE_NATIVE, NULL },
		[KIND_EDIT] = { false, RULE_TEXT, NULL },
		[KIND_DELETE] = { true, RULE_NATIVE, NULL },
		[KIND_CLEAR] = { true, RULE_NATIVE, NULL },
		[KIND_PURGE] = { true, RULE_NATIVE, NULL },
		[KIND_REACTION] = { false, RULE_ACTION, NULL },
		[KIND_TYPING] = { false, RULE_DROP, "mixer has no typing" },
		[KIND_READ] = { false, RULE_DROP, "mixer has no read receipts" },
		[KIND_ENTER] = { true, RULE_NATIVE, NULL },
		[KIND_EXIT] = { true, RULE_NATIVE, NULL },
		[KIND_INVITE] = { false, RULE_NOTICE, NULL },
		[KIND_KICK] = { false, RULE_NATIVE, NULL },
		[KIND_TIMEOUT] = { true, RULE_NATIVE, NULL },
		[KIND_PRESENCE] = { false, RULE_DROP, "mixer has no presence" },
		[KIND_USER_UPDATE] = { false, RULE_NATIVE, NULL },
		[KIND_POLL_START] = { true, RULE_NATIVE, NULL },
		[KIND_POLL_VOTE] = { true, RULE_DROP, "a vote shows as the poll's new tallies" },
		[KIND_POLL_END] = { true, RULE_NATIVE, NULL },
		[KIND_NOTICE] = { false, RULE_NATIVE, NULL },
		[KIND_OPAQUE] = { false, RULE_NATIVE, NULL },
	},
	/* A timeout has a form of its own for either, a kick is shown as a leaving. */
	.tells = {
		[KIND_TIMEOUT] = { TELLS_DEED, TELLS_DEED },
	},
	.carries = mixer_carries,
	.words = &mixer_words,
	.serves = &mixer_serves,
	.http = &mixer_http,
	.calls = &mixer_calls,
};
