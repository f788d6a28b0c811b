#include "bridge/command/tried/show.h"

#include <inttypes.h>
#include <string.h>

#include "bridge/command/tried/words.h"
#include "codecs/text/json_write.h"
#include "routes/deliver/broadcast.h"

#define INDENT       "       "
#define EXAMPLE_USER UINT32_C(1073741825) /* somebody whom no account knows */

/* ---- as a room would ---- */

static void complete_subject(const struct tried *tried, struct envelope *event)
{
	struct person *subject = &event->subject;

	if (!subject->name.len && !subject->number)
		return;
	if (!subject->number)
		subject->number = EXAMPLE_USER;
	if (!subject->name.len)
		subject->name = SLICE("somebody");
	if (!subject->roles)
		subject->roles = ROLE_USER;
	identity_uuid(&tried->bridge->key, ID_PERSON, subject->number, 0, subject->uuid);
}

/* What a room that had nothing before would make of it. */
struct envelope *tried_order(struct tried *tried, const struct room_entry *room,
			     const struct envelope *draft)
{
	struct envelope event = *draft;
	struct reaction_count reaction = { event.text, 1 };
	struct poll poll;

	event.room = room->rules.name;
	event.id = id_next(&tried->clock, TRIED_TIME_MS, 0);
	event.sequence = envelope_has_place(&event);
	event.time_ms = TRIED_TIME_MS;
	complete_subject(tried, &event);
	if (event.kind == KIND_REACTION && event.flags & FLAG_ADDING) {
		event.reactions = &reaction;
		event.reaction_count = 1;
	}
	if (event.poll) {
		poll = *event.poll;
		poll.ends_ms = TRIED_TIME_MS + poll.duration_ms;
		event.poll = &poll;
	}
	return envelope_seal(&event);
}

/* ---- a room ---- */

static void show_rendition(const struct tried *tried, const char *dialect, const char *whom,
			   const struct rendition *made)
{
	if (!made->frame) {
		fprintf(tried->out, INDENT "%-8s%s nothing: %s\n", dialect, whom,
			outcome_name(made->outcome));
		return;
	}
	for (uint32_t i = 0; i < made->frame->messages; i++) {
		fprintf(tried->out, INDENT "%-8s%s ", dialect, whom);
		if (made->outcome == OUTCOME_DEGRADED)
			fputs("in other words: ", tried->out);
		tried_put_text(tried->out, frame_payload(made->frame, i));
		fputc('\n', tried->out);
	}
}

/* In the first form of a dialect: others say the same. */
static void show_audience(const struct tried *tried, const struct codec_view *view,
			  const struct envelope *ordered, enum audience audience)
{
	struct rendition made;

	rendition_make(ordered, view, view, &view->codec->forms[0], audience, 0, &made);
	show_rendition(tried, view->codec->name,
		       audience == AUDIENCE_SUBJECT ? " (whom it is about)" : "", &made);
	frame_release(made.frame);
}

void tried_show_ordered(struct tried *tried, const struct room_entry *room,
			const struct envelope *ordered)
{
	for (size_t d = 0; d < registry_count(); d++) {
		if (!envelope_is_private(ordered))
			show_audience(tried, room_view(room, d), ordered, AUDIENCE_OTHERS);
		if (event_tells_subject(ordered))
			show_audience(tried, room_view(room, d), ordered, AUDIENCE_SUBJECT);
	}
}

void tried_show_room(struct tried *tried, const struct room_entry *room,
		     const struct envelope *ordered)
{
	/* What is told is the poll, which only a running server has. */
	if (ordered->kind == KIND_POLL_VOTE) {
		fputs(INDENT "all members get the new tallies of the running poll\n", tried->out);
		return;
	}
	tried_show_ordered(tried, room, ordered);
}

/* ---- a backend, a tap ---- */

static void show_json(const struct tried *tried, struct json_writer *w)
{
	tried_put_text(tried->out, slice_span(w->data, w->len));
	json_clear(w);
}

void tried_put_envelope(const struct tried *tried, const struct envelope *event)
{
	struct json_writer w;

	json_start(&w, 0, 1024);
	wire_put_envelope(&w, event);
	show_json(tried, &w);
	fputc('\n', tried->out);
}

void tried_show_message(struct tried *tried, size_t rule, const struct route_step *step,
			const struct envelope *event)
{
	uint64_t id = id_next(&tried->clock, TRIED_TIME_MS, 0);
	struct slice name = route_table_name(tried->bridge->rules, rule);
	enum wire_command command = step->action == ROUTE_ASK ? WIRE_ASK : WIRE_EVENT;
	struct wire_ask ask = { .id = id,
				.rule = name,
				.deadline_ms = tried_deadline(tried, step) };
	struct wire_event told = { .id = id,
				   .cause = step->action == ROUTE_TAP ? WIRE_CAUSE_TAP
								      : WIRE_CAUSE_ROUTE,
				   .rule = name,
				   .deadline_ms = tried_deadline(tried, step) };
	struct json_writer w;

	json_start(&w, 0, 256);
	if (command == WIRE_ASK)
		wire_put_ask(&w, &ask);
	else
		wire_put_event(&w, &told);
	fprintf(tried->out, INDENT WIRE_PROTOCOL " | %s | ", wire_command_name(command));
	show_json(tried, &w);
	fputs(" | ", tried->out);
	tried_put_envelope(tried, event);
}

void tried_show_upstream(const struct tried *tried, const struct envelope *event)
{
	fputs(INDENT "to be said there: ", tried->out);
	tried_put_envelope(tried, event);
}

void tried_show_feed(struct tried *tried, const struct room_entry *room,
		     const struct envelope *event)
{
	fprintf(tried->out, INDENT "%s/%s | ", room->rules.name.data,
		envelope_kind_name(event->kind));
	tried_put_envelope(tried, event);
}
