#include "codecs/concord/rest.h"

#include <inttypes.h>
#include <stdio.h>

#define THREAD_TEXT_MAX 24

/* What is kept from step to step of one that is edited or deleted. */
enum chat_note { NOTE_REFUSED, NOTE_CHANNEL, NOTE_AUTHOR };

static struct slice not_found(void)
{
	return SLICE("Chat not found.");
}

/* ---- said ---- */

/* Where its digits stay; the body has more bytes than they and the content need. */
static void read_thread(struct codec_peer *peer, int64_t thread, struct envelope *event)
{
	char text[THREAD_TEXT_MAX];
	size_t len;

	if (thread <= 0)
		return;
	len = (size_t)snprintf(text, sizeof(text), "%" PRId64, thread);
	memcpy(peer->scratch, text, len);
	event->thread = slice_span(peer->scratch, len);
	peer->scratch += len;
}

static void want_said(struct codec_peer *peer, struct codec_call *call, struct codec_want *want,
		      struct codec_answer *answer)
{
	struct envelope *event = &want->draft.event;
	struct json_object object;
	enum reason reason = REASON_BAD_ARGUMENT;
	int64_t thread;
	uint64_t channel;

	if (!concord_rest_number(peer, call, INT64_MAX, &channel, answer) ||
	    !concord_rest_body(peer, call, &object, answer))
		return;
	concord_start_draft(&want->draft, KIND_MESSAGE);
	want->kind = WANT_DRAFT;
	want->draft.room_number = channel;
	if (concord_read_long(&object, "threadId", &thread) &&
	    concord_read_long(&object, "sentAt", &event->client_time_ms)) {
		read_thread(peer, thread, event);
		reason = concord_read_text(&object, "content", peer->scratch, event);
	}
	if (reason != REASON_NONE)
		concord_rest_refuse(peer, call, answer, 400, slice_of(reason_text(reason)));
	else if (channel == 0)
		concord_rest_refuse(peer, call, answer, 400, SLICE("Unknown channel id."));
}

void concord_rest_say(struct codec_peer *peer, struct codec_call *call,
		      const struct codec_told *told, struct codec_want *want,
		      struct codec_answer *answer)
{
	if (told->kind == WANT_NOTHING)
		want_said(peer, call, want, answer);
	else if (told->reason == REASON_UNKNOWN_ROOM)
		concord_rest_refuse(peer, call, answer, 400, SLICE("Unknown channel id."));
	else if (told->reason != REASON_NONE)
		concord_rest_refuse_for(peer, call, answer, told);
	else if (!told->event || told->room_count == 0)
		concord_rest_refuse(peer, call, answer, 403, SLICE("it was not passed on"));
	else
		concord_write_chat(answer_json(answer, 200), told->event, told->rooms[0].view,
				   told->event->author.number);
}

/* ---- one of them ---- */

/* False, and answered, when the path's part is no number, or none of a message. */
static bool read_target(const struct codec_peer *peer, const struct codec_call *call,
			uint64_t *target, struct codec_answer *answer)
{
	if (!concord_rest_number(peer, call, NUMBER_MAX, target, answer))
		return false;
	if (*target)
		return true;
	concord_rest_refuse(peer, call, answer, 404, not_found());
	return false;
}

static void want_message(const struct codec_peer *peer, const struct codec_call *call,
			 struct codec_want *want, struct codec_answer *answer)
{
	if (read_target(peer, call, &want->target, answer))
		want->kind = WANT_MESSAGE;
}

uint32_t concord_rest_author(const struct envelope *event, const struct codec_view *view)
{
	return event->author.number ? event->author.number : view->bridge.number;
}

static void write_told(const struct codec_told *told, struct codec_answer *answer)
{
	const struct envelope *event = told->history[0];
	const struct codec_view *view = told->rooms[0].view;

	concord_write_chat(answer_json(answer, 200), event, view, concord_rest_author(event, view));
}

void concord_rest_chat(struct codec_peer *peer, struct codec_call *call,
		       const struct codec_told *told, struct codec_want *want,
		       struct codec_answer *answer)
{
	if (told->kind == WANT_NOTHING)
		want_message(peer, call, want, answer);
	else if (told->reason == REASON_NONE && told->history_count > 0)
		write_told(told, answer);
	else if (told->reason == REASON_NONE || told->reason == REASON_UNKNOWN_MESSAGE)
		concord_rest_refuse(peer, call, answer, 404, not_found());
	else
		concord_rest_refuse_for(peer, call, answer, told);
}

/* ---- edited ---- */

/* False: answered with 400. */
static bool read_content(struct codec_peer *peer, const struct codec_call *call,
			 struct envelope *event, struct codec_answer *answer)
{
	struct json_object object;
	enum reason reason;

	if (!concord_rest_body(peer, call, &object, answer))
		return false;
	reason = concord_read_text(&object, "content", peer->scratch, event);
	if (reason != REASON_NONE)
		concord_rest_refuse(peer, call, answer, 400, slice_of(reason_text(reason)));
	return reason == REASON_NONE;
}

static void want_edit(struct codec_peer *peer, const struct codec_call *call,
		      struct codec_want *want, struct codec_answer *answer)
{
	concord_start_draft(&want->draft, KIND_EDIT);
	if (read_target(peer, call, &want->draft.event.target, answer) &&
	    read_content(peer, call, &want->draft.event, answer))
		want->kind = WANT_DRAFT;
}

/* Where no words are kept, nothing but the edit says what it is now. */
static void answer_unkept(struct codec_peer *peer, const struct codec_call *call,
			  struct codec_answer *answer)
{
	struct codec_view view = { .room_number = call->notes[NOTE_CHANNEL] };
	struct envelope event = { .kind = KIND_MESSAGE, .flags = FLAG_EDITED };

	if (!read_target(peer, call, &event.id, answer) ||
	    !read_content(peer, call, &event, answer))
		return;
	event.time_ms = id_time_ms(event.id);
	concord_write_chat(answer_json(answer, 200), &event, &view,
			   (uint32_t)call->notes[NOTE_AUTHOR]);
}

/* What was refused as unknown may be there, and another's. */
static void want_why(const struct codec_peer *peer, struct codec_call *call,
		     struct codec_want *want, struct codec_answer *answer)
{
	call->notes[NOTE_REFUSED] = 1;
	want_message(peer, call, want, answer);
}

static void hear_edit(const struct codec_peer *peer, struct codec_call *call,
		      const struct codec_told *told, struct codec_want *want,
		      struct codec_answer *answer)
{
	if (told->reason == REASON_UNKNOWN_MESSAGE) {
		want_why(peer, call, want, answer);
	} else if (told->reason != REASON_NONE) {
		concord_rest_refuse_for(peer, call, answer, told);
	} else {
		if (told->room_count > 0)
			call->notes[NOTE_CHANNEL] = told->rooms[0].view->room_number;
		call->notes[NOTE_AUTHOR] =
		    told->event ? told->event->subject.number : peer->self.number;
		want_message(peer, call, want, answer);
	}
}

void concord_rest_edit(struct codec_peer *peer, struct codec_call *call,
		       const struct codec_told *told, struct codec_want *want,
		       struct codec_answer *answer)
{
	bool found = told->reason == REASON_NONE;

	if (told->kind == WANT_NOTHING)
		want_edit(peer, call, want, answer);
	else if (told->kind == WANT_DRAFT)
		hear_edit(peer, call, told, want, answer);
	else if (call->notes[NOTE_REFUSED] && found)
		concord_rest_refuse(peer, call, answer, 403,
				    SLICE("Only the author can edit a chat message."));
	else if (call->notes[NOTE_REFUSED])
		concord_rest_refuse(peer, call, answer, 404, not_found());
	else if (found && told->history_count > 0)
		write_told(told, answer);
	else
		answer_unkept(peer, call, answer);
}

/* ---- deleted ---- */

static void want_delete(const struct codec_peer *peer, const struct codec_call *call,
			struct codec_want *want, struct codec_answer *answer)
{
	concord_start_draft(&want->draft, KIND_DELETE);
	want->kind = WANT_DRAFT;
	if (!concord_rest_number(peer, call, NUMBER_MAX, &want->draft.event.target, answer))
		return;
	if (want->draft.event.target == 0)
		concord_rest_done(answer);
}

/* Of a message that there is not, the real server says the same as of one that was. */
void concord_rest_delete(struct codec_peer *peer, struct codec_call *call,
			 const struct codec_told *told, struct codec_want *want,
			 struct codec_answer *answer)
{
	if (told->kind == WANT_NOTHING)
		want_delete(peer, call, want, answer);
	else if (told->kind == WANT_MESSAGE && told->reason == REASON_NONE)
		concord_rest_refuse(peer, call, answer, 403,
				    SLICE("this chat message is not yours to delete"));
	else if (told->kind == WANT_DRAFT && told->reason == REASON_UNKNOWN_MESSAGE)
		want_why(peer, call, want, answer);
	else if (told->reason == REASON_NONE || told->reason == REASON_UNKNOWN_MESSAGE)
		concord_rest_done(answer);
	else
		concord_rest_refuse_for(peer, call, answer, told);
}

/* ---- reactions ---- */

/* Those of one emoji follow each other. */
static size_t same_emoji(const struct codec_told *told, size_t first)
{
	size_t end = first;

	while (end < told->reactor_count &&
	       slice_equal(told->reactors[end].emoji, told->reactors[first].emoji))
		end++;
	return end;
}

static void write_reactions(struct json_writer *w, const struct codec_told *told)
{
	json_object_open(w);
	json_key(w, "reactingUsers");
	json_object_open(w);
	for (size_t i = 0, end; i < told->reactor_count; i = end) {
		end = same_emoji(told, i);
		json_key_slice(w, told->reactors[i].emoji);
		json_array_open(w);
		for (size_t at = i; at < end; at++)
			json_put_unsigned(w, told->reactors[at].person);
		json_array_close(w);
	}
	json_object_close(w);
	json_key(w, "reactions");
	json_object_open(w);
	for (size_t i = 0, end; i < told->reactor_count; i = end) {
		end = same_emoji(told, i);
		json_key_slice(w, told->reactors[i].emoji);
		json_put_unsigned(w, end - i);
	}
	json_object_close(w);
	json_object_close(w);
}

void concord_rest_reactions(struct codec_peer *peer, struct codec_call *call,
			    const struct codec_told *told, struct codec_want *want,
			    struct codec_answer *answer)
{
	want->count = CALL_LISTED_MAX;
	if (told->kind == WANT_NOTHING)
		want_message(peer, call, want, answer);
	else if (told->reason == REASON_NONE)
		write_reactions(answer_json(answer, 200), told);
	else if (told->reason == REASON_UNKNOWN_MESSAGE)
		concord_rest_refuse(peer, call, answer, 404, not_found());
	else
		concord_rest_refuse_for(peer, call, answer, told);
}

static void want_reaction(struct codec_peer *peer, const struct codec_call *call,
			  struct codec_want *want, struct codec_answer *answer)
{
	struct json_object object;
	enum reason reason = REASON_BAD_ARGUMENT;
	bool adding;

	concord_start_draft(&want->draft, KIND_REACTION);
	if (!read_target(peer, call, &want->draft.event.target, answer) ||
	    !concord_rest_body(peer, call, &object, answer))
		return;
	want->kind = WANT_DRAFT;
	if (concord_read_boolean(&object, "adding", &adding))
		reason = concord_read_text(&object, "reaction", peer->scratch, &want->draft.event);
	if (reason != REASON_NONE)
		concord_rest_refuse(peer, call, answer, 400, slice_of(reason_text(reason)));
	else if (adding)
		want->draft.event.flags |= FLAG_ADDING;
}

void concord_rest_react(struct codec_peer *peer, struct codec_call *call,
			const struct codec_told *told, struct codec_want *want,
			struct codec_answer *answer)
{
	if (told->kind == WANT_NOTHING)
		want_reaction(peer, call, want, answer);
	else if (told->reason == REASON_NONE)
		concord_rest_done(answer);
	else if (told->reason == REASON_UNKNOWN_MESSAGE)
		concord_rest_refuse(peer, call, answer, 404, not_found());
	else
		concord_rest_refuse_for(peer, call, answer, told);
}
