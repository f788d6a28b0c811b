#include "codecs/concord/calls.h"

/* Something that came, as it is read. */
struct hearing {
	struct call_heard heard;
	struct slice trail;
	struct reaction_count reactions[ENVELOPE_REACTIONS_MAX];
	bool named;  /* it is told of with the author's name, which is waited for */
	bool online; /* of a status: is the author there? */
	bool gone;   /* the author has no account any more */
	bool silent; /* there is nothing to tell */
};

/* ---- fields ---- */

static enum reason read_room(const struct concord_link *link, const struct json_object *object,
			     char **scratch, struct hearing *h)
{
	if (!concord_call_id(object, "channelId", scratch, &h->heard.room))
		return REASON_BAD_ARGUMENT;
	if (slice_equal(h->heard.room, long_slice(&link->channel)))
		h->heard.room = (struct slice){ NULL, 0 };
	return concord_call_id(object, "threadId", scratch, &h->heard.event.thread)
		   ? REASON_NONE
		   : REASON_BAD_ARGUMENT;
}

static bool read_needed_id(const struct json_object *object, const char *name, char **scratch,
			   struct slice *id)
{
	return concord_call_id(object, name, scratch, id) && id->data;
}

static void read_content(const struct json_object *object, char **scratch, struct envelope *event)
{
	bool replaced = false;

	event->text = call_text(json_member(object, "content"), scratch, &replaced);
	if (!event->text.data)
		event->text = SLICE("");
	if (replaced)
		event->flags |= FLAG_DEGRADED;
}

static void read_reactions(const struct json_object *object, char **scratch, struct hearing *h)
{
	struct json_value map = json_member(object, "reactions"), name, value;
	struct envelope *event = &h->heard.event;
	size_t cursor = 0;
	int64_t count;

	while (event->reaction_count < ENVELOPE_REACTIONS_MAX &&
	       json_pair(map, &cursor, &name, &value)) {
		struct reaction_count *reaction = &h->reactions[event->reaction_count];

		reaction->emoji = call_text(name, scratch, NULL);
		if (!json_int64_truncated(value, &count) || count <= 0 || !reaction->emoji.len)
			continue;
		reaction->count = count < UINT32_MAX ? (uint32_t)count : UINT32_MAX;
		event->reaction_count++;
	}
	event->reactions = h->reactions;
}

static enum reason read_chat(struct call_peer *peer, struct json_value chat, char **scratch,
			     struct hearing *h)
{
	static const char *const modelled[] = { "id",        "createdAt", "authorId",
						"channelId", "threadId",  "content",
						"edited",    "reactions", NULL };
	struct envelope *event = &h->heard.event;
	struct json_object object;
	bool edited;

	event->kind = KIND_MESSAGE;
	if (chat.type != JSON_OBJECT ||
	    json_read(chat.source, peer->json_depth, &object) != JSON_OK ||
	    !read_needed_id(&object, "id", scratch, &h->heard.id) ||
	    !read_needed_id(&object, "authorId", scratch, &h->heard.author.id) ||
	    read_room(peer->state, &object, scratch, h) != REASON_NONE)
		return REASON_BAD_ARGUMENT;
	if (!concord_read_long(&object, "createdAt", &event->client_time_ms))
		event->client_time_ms = 0;
	if (concord_read_boolean(&object, "edited", &edited) && edited)
		event->flags |= FLAG_EDITED;
	read_content(&object, scratch, event);
	read_reactions(&object, scratch, h);
	event->extra = call_extra(chat, modelled, scratch);
	h->named = true;
	return REASON_NONE;
}

/* ---- types ---- */

static enum reason read_sent(struct call_peer *peer, const struct json_object *object,
			     char **scratch, struct hearing *h)
{
	return read_chat(peer, json_member(object, "chat"), scratch, h);
}

/* What is about a chat that was sent before; who did it is not said. */
static enum reason read_about(struct call_peer *peer, const struct json_object *object,
			      char **scratch, struct hearing *h)
{
	if (!read_needed_id(object, "chatId", scratch, &h->heard.target))
		return REASON_BAD_ARGUMENT;
	return read_room(peer->state, object, scratch, h);
}

static enum reason read_edited(struct call_peer *peer, const struct json_object *object,
			       char **scratch, struct hearing *h)
{
	h->heard.event.kind = KIND_EDIT;
	read_content(object, scratch, &h->heard.event);
	return read_about(peer, object, scratch, h);
}

static enum reason read_deleted(struct call_peer *peer, const struct json_object *object,
				char **scratch, struct hearing *h)
{
	h->heard.event.kind = KIND_DELETE;
	return read_about(peer, object, scratch, h);
}

static enum reason read_reacted(struct call_peer *peer, const struct json_object *object,
				char **scratch, struct hearing *h)
{
	h->heard.event.kind = KIND_REACTION;
	read_reactions(object, scratch, h);
	return read_about(peer, object, scratch, h);
}

static enum reason read_typing(struct call_peer *peer, const struct json_object *object,
			       char **scratch, struct hearing *h)
{
	h->heard.event.kind = KIND_TYPING;
	if (!read_needed_id(object, "userId", scratch, &h->heard.author.id))
		return REASON_BAD_ARGUMENT;
	if (!concord_read_long(object, "sentAt", &h->heard.event.client_time_ms))
		h->heard.event.client_time_ms = 0;
	h->named = true;
	return read_room(peer->state, object, scratch, h);
}

/* Being connected is what ENTER and EXIT are here; who was away and is back did neither. */
static enum reason read_status(struct call_peer *peer, const struct json_object *object,
			       char **scratch, struct hearing *h)
{
	const struct concord_link *link = peer->state;
	struct envelope *event = &h->heard.event;

	if (!read_needed_id(object, "userId", scratch, &h->heard.author.id))
		return REASON_BAD_ARGUMENT;
	event->text = call_text(json_member(object, "status"), scratch, NULL);
	if (event->text.len == 0)
		return REASON_BAD_ARGUMENT;
	h->online = !slice_is(event->text, "OFFLINE");
	h->named = true;
	event->kind = KIND_PRESENCE;
	if (h->online != folk_online(&link->folk, h->heard.author.id) &&
	    (!h->online || slice_is(event->text, "ONLINE"))) {
		event->kind = h->online ? KIND_ENTER : KIND_EXIT;
		event->text = (struct slice){ NULL, 0 };
	}
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

/* Of somebody who registered: nobody waits for the name. */
static enum reason read_registered(struct call_peer *peer, const struct json_object *object,
				   char **scratch, struct hearing *h)
{
	(void)peer;
	if (!read_needed_id(object, "userId", scratch, &h->heard.author.id))
		return REASON_BAD_ARGUMENT;
	h->heard.event.kind = KIND_OPAQUE;
	return REASON_NONE;
}

static enum reason read_gone(struct call_peer *peer, const struct json_object *object,
			     char **scratch, struct hearing *h)
{
	h->gone = true;
	return read_registered(peer, object, scratch, h);
}

static const char *const modelled_sent[] = { "chat", "type", NULL };
static const char *const modelled_about[] = { "chatId",    "channelId", "threadId", "content",
					      "reactions", "type",      NULL };
static const char *const modelled_typing[] = { "userId", "channelId", "threadId",
					       "sentAt", "type",      NULL };
static const char *const modelled_status[] = { "userId", "status", "type", NULL };

static const struct type {
	const char *name;
	enum reason (*read)(struct call_peer *, const struct json_object *, char **,
			    struct hearing *);
	const char *const *modelled; /* NULL: the frame is told as it is */
} types[] = {
	{ "chat_sent", read_sent, modelled_sent },
	{ "chat_typing", read_typing, modelled_typing },
	{ "chat_edited", read_edited, modelled_about },
	{ "chat_deleted", read_deleted, modelled_about },
	{ "chat_reactions_updated", read_reacted, modelled_about },
	{ "user_status_updated", read_status, modelled_status },
	{ "user_joined", read_registered, NULL },
	{ "user_left", read_gone, NULL },
};

static const struct type *find_type(struct slice name)
{
	static const struct type opaque = { "", read_opaque, NULL };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (slice_is(name, types[i].name))
			return &types[i];
	return &opaque;
}

static void read_extra(struct slice frame, const struct type *type, char **scratch,
		       struct hearing *h)
{
	struct envelope *event = &h->heard.event;
	struct json_value whole = call_whole(frame);

	if (event->kind == KIND_OPAQUE) {
		event->extra = call_opaque(whole.source, scratch);
		h->silent = !event->extra.data;
	} else if (event->kind != KIND_MESSAGE) {
		event->extra = call_extra(whole, type->modelled, scratch);
	}
}

/* *beat: it is a heartbeat, of which there is no more to read. */
static enum reason read_frame(struct call_peer *peer, struct slice frame, struct hearing *h,
			      bool *beat)
{
	char *scratch = peer->scratch;
	struct json_object object;
	struct json_value member;
	struct slice name;
	const struct type *type;
	enum reason reason;

	h->heard = (struct call_heard){ .event = { .origin = { .dialect = SLICE("concord") } } };
	h->named = h->online = h->gone = h->silent = *beat = false;
	if (json_read(frame, peer->json_depth, &object) != JSON_OK)
		return REASON_MALFORMED;
	member = json_member(&object, "type");
	if (member.type != JSON_STRING)
		return REASON_MALFORMED;
	h->trail = call_trail(call_whole(frame), &scratch);
	name = call_text(member, &scratch, NULL);
	*beat = slice_is(name, "heartbeat");
	type = find_type(name);
	reason = type->read(peer, &object, &scratch, h);
	if (reason == REASON_NONE)
		read_extra(frame, type, &scratch, h);
	return reason;
}

/* ---- names ---- */

static void ask_name(struct call_peer *peer, struct slice id, struct call_sink *sink)
{
	struct concord_link *link = peer->state;
	uint32_t asked = folk_ask(&link->folk, id, peer->now_ms);
	struct call_request request = { .tag = 0 };

	if (!asked)
		return;
	concord_call_request(&request, peer, CALL_GET, TAG_PERSON + asked);
	concord_call_path(&request.path, peer, "/users/");
	json_put_literal(&request.path, id.data, id.len);
	sink->ask(sink, &request);
}

/* False: it waits for a name. */
static bool tell(struct call_peer *peer, struct hearing *h, struct call_sink *sink, bool anyway)
{
	struct concord_link *link = peer->state;
	struct foreign_person *author = &h->heard.author;
	enum envelope_kind kind = h->heard.event.kind;

	if (author->id.data && !h->gone && !peer->aside)
		ask_name(peer, author->id, sink);
	if (!anyway && h->named && folk_waits(&link->folk, author->id, peer->now_ms))
		return false;
	author->name = folk_name(&link->folk, author->id);
	sink->trail = h->trail;
	if (!peer->aside &&
	    (kind == KIND_ENTER || kind == KIND_EXIT || kind == KIND_PRESENCE || h->gone)) {
		folk_put(&link->folk, author->id, (struct slice){ NULL, 0 }, h->online);
		sink->known(sink, author, h->online);
	}
	if (kind == KIND_OPAQUE)
		*author = (struct foreign_person){ .roles = 0 };
	if (!h->silent)
		sink->heard(sink, &h->heard);
	return true;
}

bool concord_call_tell(struct call_peer *peer, struct slice frame, struct call_sink *sink,
		       bool anyway)
{
	struct hearing h;
	bool beat;

	return read_frame(peer, frame, &h, &beat) != REASON_NONE || tell(peer, &h, sink, anyway);
}

/* Old versions of the real server close who does not send one now and then; ours, and theirs, send
 * back what they get. */
static void return_beat(struct concord_link *link, struct slice frame, struct call_sink *sink)
{
	if (link->beats > 0) {
		link->beats--;
		return;
	}
	link->beats++;
	sink->send(sink, frame);
}

enum reason concord_call_hear(struct call_peer *peer, struct slice text, struct call_sink *sink)
{
	struct concord_link *link = peer->state;
	struct hearing h;
	bool beat;
	enum reason reason = read_frame(peer, text, &h, &beat);

	if (reason != REASON_NONE)
		return reason;
	if (beat) {
		return_beat(link, text, sink);
		return REASON_NONE;
	}
	if (folk_holds(&link->folk, peer->now_ms) && folk_hold(&link->folk, text, peer->now_ms))
		return REASON_NONE;
	if (link->folk.first) {
		folk_release(&link->folk, peer, sink, concord_call_tell, true);
		(void)read_frame(peer, text, &h, &beat); /* where the others were read */
	}
	if (!tell(peer, &h, sink, false) && !folk_hold(&link->folk, text, peer->now_ms))
		(void)tell(peer, &h, sink, true);
	return REASON_NONE;
}

/* ---- history ---- */

static bool read_late(struct call_peer *peer, struct json_value chat, char **scratch,
		      struct hearing *h)
{
	h->heard = (struct call_heard){ .event = { .origin = { .dialect = SLICE("concord") } },
					.late = true };
	return read_chat(peer, chat, scratch, h) == REASON_NONE;
}

bool concord_call_awaits(struct call_peer *peer, struct json_value chat, struct call_sink *sink)
{
	struct concord_link *link = peer->state;
	char *scratch = peer->scratch;
	struct hearing h;

	if (!read_late(peer, chat, &scratch, &h))
		return false;
	if (!peer->aside)
		ask_name(peer, h.heard.author.id, sink);
	return folk_waits(&link->folk, h.heard.author.id, peer->now_ms);
}

bool concord_call_tell_late(struct call_peer *peer, struct json_value chat, struct call_sink *sink)
{
	struct concord_link *link = peer->state;
	char *scratch = peer->scratch;
	struct hearing h;

	if (!read_late(peer, chat, &scratch, &h))
		return false;
	h.heard.author.name = folk_name(&link->folk, h.heard.author.id);
	sink->trail = call_trail(chat, &scratch);
	sink->heard(sink, &h.heard);
	return true;
}
