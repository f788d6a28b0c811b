#include "bridge/command/translate/middle.h"

#include "codecs/backend/wire.h"
#include "codecs/credentials.h"

static enum reason middle_handshake(struct codec_peer *peer,
				    const struct codec_handshake *handshake,
				    struct codec_login *login)
{
	(void)peer;
	return credentials_split(credentials_parameter(handshake->query, "name"), login)
		   ? REASON_NONE
		   : REASON_BAD_LOGIN;
}

static struct codec_response middle_refuse(enum reason reason)
{
	(void)reason;
	return (struct codec_response){ .status = 403 };
}

static enum reason middle_decode(struct codec_peer *peer, struct slice text,
				 struct codec_sink *sink)
{
	(void)text;
	(void)sink;
	peer->correlation = (struct slice){ NULL, 0 };
	return REASON_UNKNOWN_VERB;
}

static enum codec_status middle_encode(const struct envelope *event, const struct codec_view *view,
				       const struct form *form, enum audience audience,
				       uint32_t muted_events, struct frame **out)
{
	struct frame_writer w;

	(void)view;
	(void)audience;
	(void)muted_events;
	frame_start(&w, form->framing, 0);
	wire_put_envelope(&w.json, event);
	frame_end_message(&w);
	*out = frame_finish(&w);
	return CODEC_OK;
}

static enum codec_status middle_reply(struct codec_peer *peer, const struct codec_reply *reply,
				      struct frame **out)
{
	(void)peer;
	(void)reply;
	*out = NULL;
	return CODEC_NOTHING;
}

static const struct codec_ops serves = {
	.handshake = middle_handshake,
	.refuse = middle_refuse,
	.decode = middle_decode,
	.encode = middle_encode,
	.reply = middle_reply,
};

/* Its own word tells all. */
#define NATIVE                                                                                     \
	{                                                                                          \
		false, RULE_NATIVE, NULL                                                           \
	}
#define ALL                                                                                        \
	{                                                                                          \
		TELLS_DEED | TELLS_REASON, TELLS_DEED | TELLS_REASON                               \
	}

_Static_assert(ENVELOPE_KINDS == 20, "all kinds are native");

const struct codec codec_middle = {
	.name = "envelope",
	.keeps_private = true,
	.shows_actions = true,
	.naming = { .form = NAMING_NONE },
	.trial = { .query = "?name=envelope", .name = "envelope" },
	.forms = { { FRAMING_WEBSOCKET, 0 } },
	.form_count = 1,
	.can = { NATIVE, NATIVE, NATIVE, NATIVE, NATIVE, NATIVE, NATIVE, NATIVE, NATIVE, NATIVE,
		 NATIVE, NATIVE, NATIVE, NATIVE, NATIVE, NATIVE, NATIVE, NATIVE, NATIVE, NATIVE },
	.tells = { [KIND_KICK] = ALL, [KIND_TIMEOUT] = ALL },
	.serves = &serves,
};
