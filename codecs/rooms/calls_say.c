#include "codecs/rooms/calls.h"

#include "codecs/wording.h"

static enum codec_status cannot(enum reason reason, enum reason *why)
{
	*why = reason;
	return CODEC_NOTHING;
}

/* Its place among the frames that were sent. */
static void remember_sent(struct rooms_link *link, enum envelope_kind kind, uint64_t serial,
			  struct slice text)
{
	if (link->sent_count == SENT_MAX)
		memmove(link->sent, link->sent + 1, --link->sent_count * sizeof(link->sent[0]));
	link->sent[link->sent_count++] = (struct rooms_sent){ kind, serial, slice_fnv(text) };
}

/* ---- frames ---- */

static void begin_frame(struct json_writer *w, const char *type)
{
	json_object_open(w);
	json_field_string(w, "type", slice_of(type));
}

static void put_key(struct json_writer *w, const struct rooms_link *link)
{
	json_field_string(w, "key", slice_span(link->key, link->key_len));
}

static enum codec_status say_message(struct rooms_link *link, const struct call_said *said,
				     struct call_out *out, enum reason *why)
{
	struct json_writer *w = &out->frame;

	if (said->event->flags & FLAG_PRIVATE)
		return cannot(REASON_NOT_PRIVATE, why);
	if (said->text.len == 0)
		return cannot(REASON_EMPTY, why);
	begin_frame(w, "message");
	put_key(w, link);
	json_field_string(w, "content", said->text);
	json_field_string(w, "room_id", rooms_room(link));
	json_object_close(w);
	remember_sent(link, KIND_MESSAGE, said->serial, said->text);
	out->settling = SETTLES_ECHO;
	out->echoes = true;
	return CODEC_OK;
}

/* Digits and nothing else, as JSON has them. */
static bool is_number(struct slice text)
{
	uint64_t value;

	return call_decimal(text, UINT64_MAX, &value) && (text.len == 1 || text.data[0] != '0');
}

static enum codec_status say_read(struct rooms_link *link, const struct call_said *said,
				  struct call_out *out, enum reason *why)
{
	struct json_writer *w = &out->frame;

	if (said->target.len == 0)
		return cannot(REASON_UNKNOWN_MESSAGE, why);
	begin_frame(w, "read");
	json_key(w, "message_id");
	if (link->numbers && is_number(said->target))
		json_put_raw(w, said->target);
	else
		json_put_string(w, said->target);
	json_field_string(w, "room_id", rooms_room(link));
	json_object_close(w);
	remember_sent(link, KIND_READ, said->serial, (struct slice){ NULL, 0 });
	out->settling = SETTLES_SENT;
	out->echoes = true;
	return CODEC_OK;
}

/* Nothing says that it was done; that it was not, another Dragoman does, without saying what. */
static enum codec_status say_invite(struct rooms_link *link, const struct call_said *said,
				    struct call_out *out, enum reason *why)
{
	struct json_writer *w = &out->frame;

	if (said->subject.id.len == 0)
		return cannot(REASON_UNKNOWN_PERSON, why);
	begin_frame(w, "invite");
	put_key(w, link);
	json_field_string(w, "user_id", said->subject.id);
	json_field_string(w, "room_id", rooms_room(link));
	json_object_close(w);
	remember_sent(link, KIND_INVITE, said->serial, (struct slice){ NULL, 0 });
	out->settling = SETTLES_SENT;
	return CODEC_OK;
}

/* ---- requests ---- */

/* What others are told is that they went; by whom, and why, is not said. */
static enum codec_status say_kick(struct rooms_link *link, const struct call_said *said,
				  struct call_out *out, enum reason *why)
{
	bool bans = said->event->flags & FLAG_PERMANENT;
	struct call_request *request = &out->request;
	const char *folder = bans ? "/bans" : "/users";

	if (said->subject.id.len == 0)
		return cannot(REASON_UNKNOWN_PERSON, why);
	request->method = bans ? CALL_PUT : CALL_DELETE;
	request->tag = TAG_SAY;
	json_put_literal(&request->path, "/room/", 6);
	json_put_literal(&request->path, link->room, UUID_TEXT_LEN);
	json_put_literal(&request->path, folder, strlen(folder));
	rooms_call_put_key(&request->path, link);
	json_object_open(&request->body);
	json_field_string(&request->body, "user_id", said->subject.id);
	json_object_close(&request->body);
	out->settling = SETTLES_ANSWER;
	return CODEC_OK;
}

enum codec_status rooms_call_say(struct call_peer *peer, const struct call_said *said,
				 struct call_out *out, enum reason *why)
{
	struct rooms_link *link = peer->state;

	if (!link->key)
		return cannot(REASON_NOT_LOGGED_IN, why);
	switch (said->event->kind) {
	case KIND_MESSAGE: return say_message(link, said, out, why);
	case KIND_READ: return say_read(link, said, out, why);
	case KIND_INVITE: return say_invite(link, said, out, why);
	case KIND_KICK: return say_kick(link, said, out, why);
	default: return cannot(REASON_UNSUPPORTED, why);
	}
}

static void ask_people(const struct rooms_link *link, struct call_sink *sink)
{
	struct call_request request = { .method = CALL_GET, .tag = TAG_PEOPLE };

	json_put_literal(&request.path, "/room/", 6);
	json_put_literal(&request.path, link->room, UUID_TEXT_LEN);
	json_put_literal(&request.path, "/users", 6);
	rooms_call_put_key(&request.path, link);
	/* As many as another Dragoman lists; it lists a tenth to who does not say. */
	json_put_literal(&request.path, "&limit=10000", 12);
	sink->ask(sink, &request);
}

/* Who opens the socket is in the room that it is of, and has to enter others. */
void rooms_call_open(struct call_peer *peer, struct call_sink *sink)
{
	struct rooms_link *link = peer->state;
	struct foreign_person self = { .id = rooms_self(link) };
	struct json_writer w = { .len = 0 };

	begin_frame(&w, "enter");
	put_key(&w, link);
	json_field_string(&w, "room_id", rooms_room(link));
	json_object_close(&w);
	remember_sent(link, KIND_ENTER, 0, (struct slice){ NULL, 0 });
	sink->send(sink, slice_span(w.data, w.len));
	json_clear(&w);
	self.name = folk_name(&link->folk, self.id);
	sink->up(sink, &self);
	if (!peer->aside)
		ask_people(link, sink);
}

/* ---- what was sent, and not answered ---- */

static void forget_sent(struct rooms_link *link, size_t index)
{
	link->sent_count--;
	memmove(link->sent + index, link->sent + index + 1,
		(link->sent_count - index) * sizeof(link->sent[0]));
}

void rooms_call_entered(struct rooms_link *link)
{
	for (size_t i = link->sent_count; i-- > 0;)
		if (link->sent[i].kind == KIND_ENTER)
			forget_sent(link, i);
}

void rooms_call_echoed(struct rooms_link *link, struct slice text)
{
	uint64_t words = slice_fnv(text);
	size_t found = 0;

	while (found < link->sent_count &&
	       (link->sent[found].kind != KIND_MESSAGE || link->sent[found].words != words))
		found++;
	if (found == link->sent_count)
		return;
	forget_sent(link, found);
	while (found-- > 0)
		if (link->sent[found].kind != KIND_MESSAGE)
			forget_sent(link, found);
}

/* The kind of frame that is refused so, alone of all; else a message. */
static enum envelope_kind refused_kind(enum reason reason)
{
	switch (reason) {
	case REASON_ALREADY: return KIND_ENTER;
	case REASON_UNKNOWN_MESSAGE: return KIND_READ;
	case REASON_UNKNOWN_PERSON:
	case REASON_CANNOT_FOLLOW: return KIND_INVITE;
	default: return KIND_MESSAGE;
	}
}

/* Before anything else was answered it is about entering, where that can be refused so. */
static bool forbids_entering(const struct rooms_link *link, enum reason reason)
{
	if (link->sent_count == 0 || link->sent[0].kind != KIND_ENTER)
		return false;
	switch (reason) {
	case REASON_BANNED:
	case REASON_CLOSED_ROOM:
	case REASON_UNKNOWN_ROOM:
	case REASON_TOO_MANY: return true;
	default: return false;
	}
}

void rooms_call_failed(struct call_peer *peer, enum reason reason, struct slice words,
		       struct call_sink *sink)
{
	struct rooms_link *link = peer->state;
	enum envelope_kind kind = refused_kind(reason);
	struct call_settled settled = { .reason = reason, .text = words };
	size_t found = 0;

	if (forbids_entering(link, reason)) {
		sink->refused(sink, reason, words);
		return;
	}
	while (found < link->sent_count && link->sent[found].kind != kind)
		found++;
	if (found == link->sent_count)
		return;
	settled.serial = link->sent[found].serial;
	forget_sent(link, found);
	if (kind == KIND_MESSAGE)
		sink->settled(sink, &settled);
}
