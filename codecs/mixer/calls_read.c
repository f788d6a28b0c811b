#include "codecs/mixer/link.h"

/* ---- errors: a code, or a word, or an object with both ---- */

static const struct {
	uint32_t code;
	enum reason reason;
} codes[] = {
	{ 4001, REASON_UNKNOWN_PERSON },  { 4002, REASON_NO_RIGHT },
	{ 4003, REASON_UNKNOWN_MESSAGE }, { 4004, REASON_BAD_ARGUMENT },
	{ 4005, REASON_RATE_LIMITED },    { 4006, REASON_NO_ANSWER },
};

/* A failed login has the same words as other failures. */
static const struct {
	const char *word;
	enum reason login, other;
} words[] = {
	{ "UNOTFOUND", REASON_BAD_LOGIN, REASON_UNKNOWN_PERSON },
	{ "UACCESS", REASON_BANNED, REASON_NO_RIGHT },
	{ "UNOTJSON", REASON_MALFORMED, REASON_MALFORMED },
};

static enum reason reason_of(uint64_t code, struct slice *text, bool login)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (slice_is(*text, words[i].word)) {
			/* No word for people. */
			*text = (struct slice){ NULL, 0 };
			return login ? words[i].login : words[i].other;
		}
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (code == codes[i].code)
			return codes[i].reason;
	return REASON_REFUSED;
}

static enum reason read_error(struct mixer_reading *r, bool login, struct slice *text)
{
	struct json_value error = json_find(r->frame, "error"), code = error, message = error;

	*text = (struct slice){ NULL, 0 };
	if (!call_is_true(error))
		return REASON_NONE;
	if (error.type == JSON_OBJECT) {
		code = json_find(error, "code");
		message = json_find(error, "message");
	}
	if (message.type == JSON_STRING)
		*text = call_text(message, &r->free, NULL);
	if (!text->len)
		*text = (struct slice){ NULL, 0 };
	return reason_of(call_unsigned(code, INT32_MAX, 0), text, login);
}

/* ---- replies ---- */

static void hear_login(struct mixer_reading *r)
{
	struct mixer_link *link = mixer_link_of(r->peer);
	struct json_value data = json_find(r->frame, "data");
	struct json_value yes = json_find(data, "authenticated");
	struct foreign_person self = { .roles = 0 };
	struct slice text;
	enum reason reason = read_error(r, true, &text);

	if (reason != REASON_NONE) {
		r->sink->refused(r->sink, reason, text);
		return;
	}
	/* Where it does not say, it is as we asked. */
	if (link->user && link->key && (yes.type == JSON_ABSENT || call_is_true(yes))) {
		self.id = slice_of(link->user);
		self.name = slice_of(link->name);
		self.roles = mixer_read_roles(json_find(data, "roles"), r->free);
	}
	link->up = true;
	link->page = 0;
	r->sink->up(r->sink, &self);
	if (!r->peer->aside)
		mixer_ask_users(r->peer, r->sink);
}

static void hear_history(struct mixer_reading *r)
{
	struct mixer_link *link = mixer_link_of(r->peer);
	struct json_value data = json_find(r->frame, "data"), item;
	size_t cursor = 0, count = 0;
	struct slice text;
	bool failed = read_error(r, false, &text) != REASON_NONE;

	link->history = 0;
	while (!failed && json_item(data, &cursor, &item)) {
		r->free = r->peer->scratch;
		r->data = item;
		r->heard = (struct call_heard){ .late = true };
		r->sink->trail = call_trail(item, &r->free);
		count += mixer_hear_chat(r) == REASON_NONE;
	}
	/* However few there are: such servers keep some, or none. */
	r->sink->history(r->sink, count, false);
}

static void hear_settled(struct mixer_reading *r, uint64_t serial)
{
	struct json_value data = json_find(r->frame, "data");
	struct call_settled settled = { .serial = serial };

	settled.reason = read_error(r, false, &settled.text);
	if (settled.reason == REASON_NONE && !call_id(json_find(data, "id"), &r->free, &settled.id))
		settled.id = (struct slice){ NULL, 0 };
	r->sink->settled(r->sink, &settled);
}

/* One without an id, as to what could not be read, can only be to auth, as long as that was not
 * answered: nothing else was sent. */
static void hear_reply(struct mixer_reading *r)
{
	const struct mixer_link *link = mixer_link_of(r->peer);
	bool greeting = link->asked && !link->up;
	struct slice id;
	uint64_t serial;

	if (!call_id(json_find(r->frame, "id"), &r->free, &id))
		return;
	serial = call_unsigned(json_find(r->frame, "id"), INT32_MAX, 0);
	if (greeting && (!id.len || slice_is(id, "0")))
		hear_login(r);
	else if (link->history && slice_is(id, "-1"))
		hear_history(r);
	else if (serial)
		hear_settled(r, serial);
}

/* ---- the login in the socket ---- */

static void send_auth(struct call_peer *peer, struct call_sink *sink)
{
	struct mixer_link *link = mixer_link_of(peer);
	struct json_writer w;

	json_start(&w, 0, 0);
	mixer_method_open(&w, SLICE("auth"));
	mixer_put_id(&w, slice_of(link->channel));
	if (link->user && link->key) {
		mixer_put_id(&w, slice_of(link->user));
		json_put_string(&w, slice_of(link->key));
	}
	mixer_method_close(&w, MIXER_ID_AUTH);
	link->asked = true;
	sink->send(sink, slice_span(w.data, w.len));
	json_clear(&w);
}

/* ---- frames ---- */

static enum reason hear_named(struct mixer_reading *r)
{
	struct json_value event = json_find(r->frame, "event");
	struct slice name;

	if (event.type != JSON_STRING)
		return REASON_BAD_ARGUMENT;
	name = call_text(event, &r->free, NULL);
	if (!slice_is(name, "WelcomeEvent"))
		return mixer_hear_event(r, name);
	if (!mixer_link_of(r->peer)->asked && mixer_link_of(r->peer)->channel)
		send_auth(r->peer, r->sink);
	return REASON_NONE;
}

enum reason mixer_hear(struct call_peer *peer, struct slice text, struct call_sink *sink)
{
	struct mixer_reading r = { .peer = peer, .sink = sink, .free = peer->scratch };
	struct slice type;

	if (json_read_value(text, peer->json_depth, &r.frame) != JSON_OK ||
	    r.frame.type != JSON_OBJECT)
		return REASON_MALFORMED;
	r.data = json_find(r.frame, "data");
	type = json_text(json_find(r.frame, "type"), peer->scratch, NULL);
	if (slice_is(type, "event")) {
		sink->trail = call_trail(r.frame, &r.free);
		return hear_named(&r);
	}
	if (!slice_is(type, "reply"))
		return REASON_UNKNOWN_VERB;
	hear_reply(&r);
	return REASON_NONE;
}
