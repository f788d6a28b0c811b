#include "codecs/concord/concord.h"

#include "codecs/credentials.h"
#include "codecs/registry.h"
#include "codecs/wording.h"

/* The real server searches the whole address for "?token=", so that a later '?' may begin it,
 * and takes all that follows. */
static struct slice concord_token(struct slice query)
{
	static const char mark[] = "?token=";
	const char *found;

	if (slice_starts_with(query, mark + 1))
		return slice_span(query.data + sizeof(mark) - 2, query.len - (sizeof(mark) - 2));
	found = query.len ? memmem(query.data, query.len, mark, sizeof(mark) - 1) : NULL;
	if (!found)
		return (struct slice){ NULL, 0 };
	found += sizeof(mark) - 1;
	return slice_span(found, query.len - (size_t)(found - query.data));
}

static enum reason concord_handshake(struct codec_peer *peer,
				     const struct codec_handshake *handshake,
				     struct codec_login *login)
{
	struct slice token = concord_token(handshake->query);

	token = credentials_unescape(token, peer->scratch);
	login->token = token;
	return credentials_split(token, login) ? REASON_NONE : REASON_BAD_LOGIN;
}

static struct codec_response concord_refuse(enum reason reason)
{
	struct codec_response response = { .status = 401, .body = SLICE("") };

	switch (reason) {
	case REASON_MALFORMED:
	case REASON_BAD_ARGUMENT:
	case REASON_TOO_LONG: response.status = 400; break;
	case REASON_BANNED:
	case REASON_CLOSED_ROOM:
	case REASON_NO_RIGHT: response.status = 403; break;
	case REASON_CLOSING:
	case REASON_NO_ANSWER:
	case REASON_BUSY:
	case REASON_TOO_MANY:
	case REASON_RATE_LIMITED: response.status = 503; break;
	default: response.header = SLICE("WWW-Authenticate: Bearer");
	}
	return response;
}

static const struct codec_ops concord_serves = {
	.handshake = concord_handshake,
	.refuse = concord_refuse,
	.decode = concord_decode,
	.encode = concord_encode,
	.room = concord_room,
	.reply = wording_reply,
};

static const char *const concord_mounts[] = { "/concord", "/client", NULL };

const struct codec codec_concord = {
	.name = "concord",
	.reads_binary = true,
	.hears_every_room = true,
	.tells_of_people = true,
	.kick_ends_session = true,
	.naming = { .form = NAMING_NUMBER,
		    .directive = "concord",
		    .help = "Its number (channelId) for concord clients. 0: made from the name. "
			    "Numbers above 2147483647 need the suffix L: 8501928463962112L.",
		    .lobby = "1",
		    .word = "concord channelId",
		    .number_max = INT64_MAX,
		    .number_derived = NUMBER_MAX + 1 },
	.mounts = concord_mounts,
	.trial = { .name = "bob",
		   .query = "?token=bob",
		   .frame = "{\"type\":\"chat_written\",\"channelId\":@,\"content\":\"hello\"}" },
	.forms = { { FRAMING_WEBSOCKET, 0 } },
	.form_count = 1,
	.can = {
		[KIND_MESSAGE] = { true, RULE_NATIVE, NULL },
		[KIND_EDIT] = { true, RULE_NATIVE, NULL },
		[KIND_DELETE] = { true, RULE_NATIVE, NULL },
		[KIND_CLEAR] = { false, RULE_NATIVE, NULL },
		[KIND_PURGE] = { false, RULE_NATIVE, NULL },
		[KIND_REACTION] = { true, RULE_NATIVE, NULL },
		[KIND_TYPING] = { true, RULE_NATIVE, NULL },
		[KIND_READ] = { false, RULE_DROP, "concord has no read receipts" },
		[KIND_ENTER] = { true, RULE_NATIVE, NULL },
		[KIND_EXIT] = { true, RULE_NATIVE, NULL },
		[KIND_INVITE] = { false, RULE_NOTICE, NULL },
		[KIND_KICK] = { false, RULE_NATIVE, NULL },
		[KIND_TIMEOUT] = { false, RULE_NATIVE, NULL },
		[KIND_PRESENCE] = { false, RULE_NATIVE, NULL },
		[KIND_USER_UPDATE] = { false, RULE_NOTICE, NULL },
		[KIND_POLL_START] = { false, RULE_NOTICE, NULL },
		[KIND_POLL_VOTE] = { false, RULE_DROP, "a vote shows in the poll's tallies" },
		[KIND_POLL_END] = { false, RULE_NOTICE, NULL },
		[KIND_NOTICE] = { false, RULE_NATIVE, NULL },
		/* Of a server of this dialect. */
		[KIND_OPAQUE] = { false, RULE_NATIVE, NULL },
	},
	.carries = concord_carries,
	.words = &concord_words,
	.serves = &concord_serves,
	.http = &concord_http,
	.calls = &concord_calls,
};
