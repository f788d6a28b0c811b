#include <inttypes.h>
#include <string.h>

#include "bridge/command/explain/explain_own.h"
#include "codecs/text/json_write.h"
#include "routes/deliver/broadcast.h"

#define INDENT       "       "
#define EXAMPLE_USER UINT32_C(1073741825) /* somebody whom no account knows */

/* ---- as a home would ---- */

static void complete_subject(const struct trial *trial, struct envelope *event)
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
	identity_uuid(&trial->bridge->key, ID_PERSON, subject->number, 0, subject->uuid);
}

/* What a room that had nothing before would make of it. */
struct envelope *trial_order(struct trial *trial, const struct room_info *room,
			     const struct envelope *draft)
{
	struct envelope event = *draft;
	struct reaction_count reaction = { event.text, 1 };
	struct poll poll;

	event.room = room->rules.name;
	event.id = id_next(&trial->clock, TRIAL_TIME_MS, 0);
	event.sequence = event_is_private(&event) ? 0 : 1;
	event.time_ms = TRIAL_TIME_MS;
	complete_subject(trial, &event);
	if (event.kind == KIND_REACTION && event.flags & FLAG_ADDING) {
		event.reactions = &reaction;
		event.reaction_count = 1;
	}
	if (event.poll) {
		poll = *event.poll;
		poll.ends_ms = TRIAL_TIME_MS + poll.duration_ms;
		event.poll = &poll;
	}
	return envelope_seal(&event);
}

/* ---- a room ---- */

static void show_rendition(const struct trial *trial, const char *dialect, const char *whom,
			   const struct rendition *made)
{
	if (!made->frame) {
		fprintf(trial->out, INDENT "%-8s%s nothing: %s\n", dialect, whom,
			outcome_name(made->outcome));
		return;
	}
	for (uint32_t i = 0; i < made->frame->messages; i++) {
		fprintf(trial->out, INDENT "%-8s%s ", dialect, whom);
		if (made->outcome == OUTCOME_DEGRADED)
			fputs("in other words: ", trial->out);
		trial_put_text(trial->out, frame_payload(made->frame, i));
		fputc('\n', trial->out);
	}
}

void trial_show_ordered(struct trial *trial, const struct room_info *room,
			const struct envelope *ordered)
{
	const struct codec_view *views[DIALECTS];
	struct broadcast *broadcast;

	for (size_t d = 0; d < DIALECTS; d++)
		views[d] = &room->views[d];
	broadcast = broadcast_new((struct envelope *)(uintptr_t)envelope_hold(ordered), views,
				  (UINT32_C(1) << DIALECTS) - 1);
	for (size_t d = 0; d < DIALECTS; d++) {
		const char *name = registry_codec(d)->name;

		if (!event_is_private(ordered))
			show_rendition(trial, name, "", &broadcast->renditions[d][AUDIENCE_OTHERS]);
		if (event_tells_subject(ordered))
			show_rendition(trial, name, " (whom it is about)",
				       &broadcast->renditions[d][AUDIENCE_SUBJECT]);
	}
	broadcast_release(broadcast);
}

void trial_show_room(struct trial *trial, const struct room_info *room,
		     const struct envelope *ordered)
{
	/* What is told is the poll, which only a running server has. */
	if (ordered->kind == KIND_POLL_VOTE) {
		fputs(INDENT "everybody is told the new tallies of the poll that runs there\n",
		      trial->out);
		return;
	}
	trial_show_ordered(trial, room, ordered);
}

/* ---- a backend, a tap ---- */

static void show_json(const struct trial *trial, struct json_writer *w)
{
	trial_put_text(trial->out, slice_span(w->data, w->len));
	json_clear(w);
}

void trial_put_envelope(const struct trial *trial, const struct envelope *event)
{
	struct json_writer w;

	json_start(&w, 0, 1024);
	wire_put_envelope(&w, event);
	show_json(trial, &w);
	fputc('\n', trial->out);
}

void trial_show_message(struct trial *trial, size_t rule, const struct route_step *step,
			const struct envelope *event)
{
	uint64_t id = id_next(&trial->clock, TRIAL_TIME_MS, 0);
	struct slice name = route_table_name(trial->bridge->rules, rule);
	enum wire_command command = step->verb == ROUTE_ASK ? WIRE_ASK : WIRE_EVENT;
	struct wire_ask ask = { .id = id,
				.rule = name,
				.deadline_ms = trial_deadline(trial, step) };
	struct wire_event told = { .id = id,
				   .cause =
				       step->verb == ROUTE_TAP ? WIRE_CAUSE_TAP : WIRE_CAUSE_ROUTE,
				   .rule = name,
				   .deadline_ms = trial_deadline(trial, step) };
	struct json_writer w;

	json_start(&w, 0, 256);
	if (command == WIRE_ASK)
		wire_put_ask(&w, &ask);
	else
		wire_put_event(&w, &told);
	fprintf(trial->out, INDENT WIRE_PROTOCOL " | %s | ", wire_command_name(command));
	show_json(trial, &w);
	fputs(" | ", trial->out);
	trial_put_envelope(trial, event);
}

void trial_show_feed(struct trial *trial, const struct room_info *room,
		     const struct envelope *event)
{
	fprintf(trial->out, INDENT "%s/%s | ", room->rules.name.data,
		envelope_kind_name(event->kind));
	trial_put_envelope(trial, event);
}
