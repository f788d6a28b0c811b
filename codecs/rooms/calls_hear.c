#include "codecs/rooms/calls.h"

#include "codecs/wording.h"

#define MS_BEGIN INT64_C(100000000000) /* a time in seconds is less, one in ms is not */

/* Something that came, as it is read. */
struct hearing {
	struct call_heard heard;
	struct slice trail;
	bool silent; /* there is nothing to tell */
	bool ours;   /* done to ourselves */
};

/* ---- fields ---- */

/* Whose name is waited for: of a kick the subject's. */
static struct foreign_person *whom(struct hearing *h)
{
	return h->heard.event.kind == KIND_KICK ? &h->heard.subject : &h->heard.author;
}

static bool read_person(const struct json_object *object, char **scratch,
			struct foreign_person *person)
{
	return rooms_call_id(json_member(object, "user_id"), scratch, &person->id) &&
	       person->id.data;
}

static bool read_room(const struct rooms_link *link, const struct json_object *object,
		      char **scratch, struct hearing *h)
{
	if (!rooms_call_id(json_member(object, "room_id"), scratch, &h->heard.room))
		return false;
	if (slice_equal(h->heard.room, rooms_room(link)))
		h->heard.room = (struct slice){ NULL, 0 };
	return true;
}

static bool read_message_id(struct rooms_link *link, const struct json_object *object,
			    char **scratch, struct slice *id)
{
	struct json_value value = json_member(object, "message_id");

	if (value.type == JSON_NUMBER || value.type == JSON_STRING)
		link->numbers = value.type == JSON_NUMBER;
	return call_id(value, scratch, id);
}

/* Seconds by convention, which nothing says. */
static int64_t read_time(struct json_value value)
{
	int64_t time;

	if ((!json_int64_truncated(value, &time) && !json_int64_or_text(value, &time)) || time <= 0)
		return 0;
	return time < MS_BEGIN ? time * 1000 : time;
}

static void read_text(struct json_value value, char **scratch, struct envelope *event)
{
	bool replaced = false;

	event->text = call_text(value, scratch, &replaced);
	if (!event->text.data)
		event->text = SLICE("");
	if (replaced)
		event->flags |= FLAG_DEGRADED;
}

/* ---- types ---- */

static enum reason read_message(struct call_peer *peer, const struct json_object *object,
				char **scratch, struct hearing *h)
{
	struct envelope *event = &h->heard.event;

	event->kind = KIND_MESSAGE;
	event->client_time_ms = read_time(json_member(object, "time"));
	if (!read_person(object, scratch, &h->heard.author) ||
	    !read_message_id(peer->state, object, scratch, &h->heard.id) ||
	    !read_room(peer->state, object, scratch, h))
		return REASON_BAD_ARGUMENT;
	read_text(json_member(object, "content"), scratch, event);
	return REASON_NONE;
}

static enum reason read_read(struct call_peer *peer, const struct json_object *object,
			     char **scratch, struct hearing *h)
{
	h->heard.event.kind = KIND_READ;
	if (!read_person(object, scratch, &h->heard.author) ||
	    !read_message_id(peer->state, object, scratch, &h->heard.target) ||
	    !h->heard.target.data || !read_room(peer->state, object, scratch, h))
		return REASON_BAD_ARGUMENT;
	return REASON_NONE;
}

static enum reason read_coming(struct call_peer *peer, const struct json_object *object,
			       char **scratch, struct hearing *h)
{
	h->heard.event.kind = KIND_ENTER;
	return read_person(object, scratch, &h->heard.author) &&
		       read_room(peer->state, object, scratch, h)
		   ? REASON_NONE
		   : REASON_BAD_ARGUMENT;
}

static enum reason read_going(struct call_peer *peer, const struct json_object *object,
			      char **scratch, struct hearing *h)
{
	enum reason reason = read_coming(peer, object, scratch, h);

	h->heard.event.kind = KIND_EXIT;
	return reason;
}

/* Only who is invited is told. */
static enum reason read_invite(struct call_peer *peer, const struct json_object *object,
			       char **scratch, struct hearing *h)
{
	enum reason reason = read_coming(peer, object, scratch, h);

	h->heard.event.kind = KIND_INVITE;
	h->heard.subject = peer->self;
	return reason;
}

/* Only who is kicked is told, but for what a server may add. */
static enum reason read_kick(struct call_peer *peer, const struct json_object *object,
			     char **scratch, struct hearing *h)
{
	struct envelope *event = &h->heard.event;
	const struct rooms_link *link = peer->state;

	event->kind = KIND_KICK;
	if (!read_room(link, object, scratch, h) ||
	    !rooms_call_id(json_member(object, "user_id"), scratch, &h->heard.subject.id))
		return REASON_BAD_ARGUMENT;
	read_text(json_member(object, "message"), scratch, event);
	if (call_is_true(json_member(object, "permanent")))
		event->flags |= FLAG_PERMANENT;
	h->ours = !h->heard.subject.id.data || slice_equal(h->heard.subject.id, rooms_self(link));
	if (h->ours)
		h->heard.subject.id = rooms_self(link);
	h->ours = h->ours && !h->heard.room.data;
	return REASON_NONE;
}

static enum reason read_opaque(struct call_peer *peer, const struct json_object *object,
			       char **scratch, struct hearing *h)
{
	(void)peer;
	(void)object;
	(void)scratch;
	h->heard.event.kind = KIND_OPAQUE;
	return REASON_NONE;
}

/* A key is never passed on. */
static const char *const modelled_message[] = { "type",       "time",    "content", "user_id",
						"message_id", "room_id", "key",     NULL };
static const char *const modelled_other[] = { "type",    "user_id", "message_id", "room_id",
					      "message", "key",     "permanent",  NULL };

static const struct type {
	const char *name;
	enum reason (*read)(struct call_peer *, const struct json_object *, char **,
			    struct hearing *);
	const char *const *modelled;
} types[] = {
	{ "message", read_message, modelled_message }, { "read", read_read, modelled_other },
	{ "enter", read_coming, modelled_other },      { "exit", read_going, modelled_other },
	{ "invite", read_invite, modelled_other },     { "kick", read_kick, modelled_other },
};

static const struct type *find_type(struct slice name)
{
	static const struct type opaque = { "", read_opaque, NULL };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (slice_is(name, types[i].name))
			return &types[i];
	return &opaque;
}

static enum reason read_frame(struct call_peer *peer, struct slice frame, struct slice name,
			      const struct json_object *object, char *scratch, struct hearing *h)
{
	const struct type *type = find_type(name);
	struct json_value whole = call_whole(frame);
	struct envelope *event = &h->heard.event;
	enum reason reason;

	*h = (struct hearing){ .silent = false };
	event->origin.dialect = SLICE("rooms");
	h->trail = call_trail(whole, &scratch);
	reason = type->read(peer, object, &scratch, h);
	if (event->kind == KIND_OPAQUE)
		event->extra = call_opaque(whole.source, &scratch);
	else
		event->extra = call_extra(whole, type->modelled, &scratch);
	h->silent = event->kind == KIND_OPAQUE && !event->extra.data;
	return reason;
}

/* ---- told ---- */

static void tell_ours(struct call_peer *peer, const struct hearing *h, struct call_sink *sink)
{
	struct rooms_link *link = peer->state;
	const struct envelope *event = &h->heard.event;
	bool self = slice_equal(h->heard.author.id, rooms_self(link)) && h->heard.author.id.data;

	if (event->kind == KIND_MESSAGE && self && !h->heard.room.data)
		rooms_call_echoed(link, event->text);
	if (event->kind == KIND_ENTER && self && !h->heard.room.data)
		rooms_call_entered(link);
	/* Nothing is heard of a room that one is not in. */
	if (h->ours)
		sink->refused(sink,
			      event->flags & FLAG_PERMANENT ? REASON_BANNED : REASON_NOT_MEMBER,
			      event->text.len ? event->text : (struct slice){ NULL, 0 });
}

/* False: it waits for a name. */
static bool tell(struct call_peer *peer, struct hearing *h, struct call_sink *sink, bool anyway)
{
	struct rooms_link *link = peer->state;
	struct foreign_person *person = whom(h);
	enum envelope_kind kind = h->heard.event.kind;

	if (person->id.data && !peer->aside)
		rooms_call_ask(peer, person->id, sink);
	if (!anyway && folk_waits(&link->folk, person->id, peer->now_ms))
		return false;
	person->name = folk_name(&link->folk, person->id);
	sink->trail = h->trail;
	if (!peer->aside && (kind == KIND_ENTER || kind == KIND_EXIT) && !h->heard.room.data) {
		folk_put(&link->folk, person->id, (struct slice){ NULL, 0 }, kind == KIND_ENTER);
		sink->known(sink, person, kind == KIND_ENTER);
	}
	if (!h->silent)
		sink->heard(sink, &h->heard);
	tell_ours(peer, h, sink);
	return true;
}

/* ---- frames ---- */

/* False: it is none. */
static bool read_type(struct call_peer *peer, struct slice frame, struct json_object *object,
		      char **scratch, struct slice *name)
{
	struct json_value type;

	if (json_read(frame, peer->json_depth, object) != JSON_OK)
		return false;
	type = json_member(object, "type");
	if (type.type != JSON_STRING)
		return false;
	*scratch = peer->scratch;
	*name = call_text(type, scratch, NULL);
	return true;
}

bool rooms_call_tell(struct call_peer *peer, struct slice frame, struct call_sink *sink,
		     bool anyway)
{
	struct json_object object;
	struct hearing h;
	struct slice name;
	char *scratch;

	return !read_type(peer, frame, &object, &scratch, &name) ||
	       read_frame(peer, frame, name, &object, scratch, &h) != REASON_NONE ||
	       tell(peer, &h, sink, anyway);
}

static enum reason return_ping(const struct json_object *object, struct call_sink *sink)
{
	struct json_value time = json_member(object, "time");
	struct json_writer w = { .len = 0 };

	WORDING_TEMPLATE(&w, "{\"type\":\"pong\",\"time\":");
	json_put_raw(&w, time.type == JSON_ABSENT ? SLICE("null") : time.source);
	WORDING_TEMPLATE(&w, "}");
	sink->send(sink, slice_span(w.data, w.len));
	json_clear(&w);
	return REASON_NONE;
}

/* Of another Dragoman. */
static enum reason hear_error(struct call_peer *peer, const struct json_object *object,
			      char *scratch, struct call_sink *sink)
{
	struct slice code = call_text(json_member(object, "error"), &scratch, NULL);
	struct slice words = call_text(json_member(object, "message"), &scratch, NULL);
	enum reason reason = call_reason(code);

	rooms_call_failed(peer, reason == REASON_NONE ? REASON_REFUSED : reason,
			  words.len ? words : code, sink);
	return REASON_NONE;
}

enum reason rooms_call_hear(struct call_peer *peer, struct slice text, struct call_sink *sink)
{
	struct rooms_link *link = peer->state;
	struct json_object object;
	struct hearing h;
	struct slice name;
	char *scratch;
	enum reason reason;

	if (!read_type(peer, text, &object, &scratch, &name))
		return REASON_MALFORMED;
	if (slice_is(name, "ping"))
		return return_ping(&object, sink);
	if (slice_is(name, "pong"))
		return REASON_NONE;
	if (slice_is(name, "error"))
		return hear_error(peer, &object, scratch, sink);
	reason = read_frame(peer, text, name, &object, scratch, &h);
	if (reason != REASON_NONE)
		return reason;
	if (folk_holds(&link->folk, peer->now_ms) && folk_hold(&link->folk, text, peer->now_ms))
		return REASON_NONE;
	if (link->folk.first) {
		folk_release(&link->folk, peer, sink, rooms_call_tell, true);
		(void)read_frame(peer, text, name, &object, scratch,
				 &h); /* where the others were read */
	}
	if (!tell(peer, &h, sink, false) && !folk_hold(&link->folk, text, peer->now_ms))
		(void)tell(peer, &h, sink, true);
	return REASON_NONE;
}
