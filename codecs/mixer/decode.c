#include "codecs/mixer/mixer.h"

#include "codecs/verbs.h"

/* [channel, user, authkey]: C# and Python clients send the numbers as strings. */
static enum reason auth_read(const struct codec_peer *peer, const struct json_object *frame,
			     struct codec_login *login)
{
	const struct mixer_state *state = peer->state;
	struct json_value given[3];
	int64_t channel, user;

	if (!mixer_arguments(frame, given, 3) || !json_int64_or_text(given[0], &channel) ||
	    channel < 1)
		return REASON_BAD_ARGUMENT;
	if (given[2].type != JSON_STRING && !mixer_is_nothing(given[2]))
		return REASON_BAD_ARGUMENT;
	login->room_number = (uint64_t)channel;
	if (mixer_is_nothing(given[1])) {
		login->anonymous = true;
		return mixer_is_nothing(given[2]) ? REASON_NONE : REASON_BAD_ARGUMENT;
	}
	if (!json_int64_or_text(given[1], &user) || user < 1 || user > INT32_MAX)
		return REASON_BAD_ARGUMENT;
	login->claimed_number = (uint64_t)user;
	login->secret = json_text(given[2], peer->scratch, NULL);
	if (login->secret.len == 0)
		login->secret = slice_of(NULL);
	if (state->name)
		login->name = slice_span(state->name, state->name_len);
	return REASON_NONE;
}

static uint64_t auth_hash(const struct codec_peer *peer, const struct codec_login *login)
{
	const uint64_t parts[] = {
		login->room_number,
		login->claimed_number,
		login->anonymous,
		login->secret.len
		    ? keyed_hash(peer->view->ids, login->secret.data, login->secret.len)
		    : 0,
	};

	return keyed_hash(peer->view->ids, parts, sizeof(parts));
}

/* Some clients close for good on an error here. So the same auth once more is answered as it was;
 * only another one is a second. */
static enum reason mixer_auth(struct codec_peer *peer, const struct json_object *frame,
			      struct codec_sink *sink)
{
	struct mixer_state *state = peer->state;
	struct codec_login login = { .correlation = peer->correlation };
	enum reason reason = auth_read(peer, frame, &login);
	uint64_t auth;

	if (reason != REASON_NONE)
		return peer->logged_in ? REASON_ALREADY : reason;
	auth = auth_hash(peer, &login);
	if (!peer->logged_in) {
		state->auth = auth;
		sink->login(sink, &login);
		return REASON_NONE;
	}
	if (auth != state->auth)
		return REASON_ALREADY;
	sink->answer(sink, mixer_reply_login(&peer->form, peer->correlation, &peer->self));
	return REASON_NONE;
}

static enum reason mixer_ping(struct codec_peer *peer, const struct json_object *frame,
			      struct codec_sink *sink)
{
	(void)frame;
	sink->answer(sink, mixer_reply_done(&peer->form, peer->correlation, slice_of(NULL)));
	return REASON_NONE;
}

/* Adds to *bits the events an array names. Names that are not ours mean nothing to us. */
static bool opt_out_names(struct json_value list, char *scratch, uint32_t *bits)
{
	struct json_value item;
	size_t cursor = 0;

	while (json_item(list, &cursor, &item)) {
		if (item.type != JSON_STRING)
			return false;
		*bits |= mixer_event_find(json_text(item, scratch, NULL));
	}
	return true;
}

/* The names stand flat in the arguments, or all in one array there. */
static enum reason mixer_opt_out(struct codec_peer *peer, const struct json_object *frame,
				 struct codec_sink *sink)
{
	struct json_value first;
	uint32_t bits = 0;

	if (!mixer_arguments(frame, &first, 1))
		return REASON_BAD_ARGUMENT;
	if (!opt_out_names(first.type == JSON_ARRAY ? first
						    : mixer_member(frame, SLICE("arguments")),
			   peer->scratch, &bits))
		return REASON_BAD_ARGUMENT;
	peer->muted_events |= bits;
	sink->answer(sink, mixer_reply_done(&peer->form, peer->correlation, SLICE("{}")));
	return REASON_NONE;
}

static enum reason mixer_not_offered(struct codec_peer *peer, const struct json_object *frame,
				     struct codec_sink *sink)
{
	(void)peer;
	(void)frame;
	(void)sink;
	return REASON_UNSUPPORTED;
}

static const struct verb methods[] = {
	{ "msg", mixer_msg, false },
	{ "ping", mixer_ping, true },
	{ "auth", mixer_auth, true },
	{ "whisper", mixer_whisper, false },
	{ "history", mixer_history, false },
	{ "deleteMessage", mixer_delete, false },
	{ "clearMessages", mixer_clear, false },
	{ "purge", mixer_purge, false },
	{ "timeout", mixer_timeout, false },
	{ "vote:start", mixer_vote_start, false },
	{ "vote:choose", mixer_vote_choose, false },
	{ "vote", mixer_vote_choose, false }, /* the Java client's name */
	{ "optOutEvents", mixer_opt_out, true },
	{ "attachEmotes", mixer_not_offered, false },
	{ "giveaway:start", mixer_not_offered, false },
	{ "cancelSkill", mixer_not_offered, false },
};

/* What was read well enough to know the id is answered under it, whatever else is wrong. */
enum reason mixer_decode(struct codec_peer *peer, struct slice text, struct codec_sink *sink)
{
	struct json_object frame;
	struct json_value id, method;
	const struct verb *verb;
	enum json_status status = json_read(text, peer->json_depth, &frame);

	peer->correlation = slice_of(NULL);
	if (status == JSON_BAD_SYNTAX || status == JSON_BAD_UTF8)
		return REASON_MALFORMED;
	if (status != JSON_OK)
		return REASON_BAD_ARGUMENT;
	id = mixer_member(&frame, SLICE("id"));
	if (id.source.len > MIXER_ID_BYTES_MAX)
		return REASON_BAD_ARGUMENT;
	if (id.type != JSON_ABSENT)
		peer->correlation = id.source;
	if (!slice_is(json_text(mixer_member(&frame, SLICE("type")), peer->scratch, NULL),
		      "method"))
		return REASON_UNKNOWN_VERB;
	method = mixer_member(&frame, SLICE("method"));
	if (method.type != JSON_STRING)
		return REASON_BAD_ARGUMENT;
	verb = verb_find(methods, sizeof(methods) / sizeof(methods[0]),
			 json_text(method, peer->scratch, NULL));
	if (!verb)
		return REASON_UNKNOWN_VERB;
	if (!peer->logged_in && !verb->before_login)
		return REASON_NOT_LOGGED_IN;
	return verb->handle(peer, &frame, sink);
}
