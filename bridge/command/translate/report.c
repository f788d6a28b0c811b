#include "bridge/command/translate/report.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/command/translate/telling.h"
#include "codecs/registry.h"
#include "codecs/text/json_read.h"
#include "codecs/text/json_value.h"
#include "codecs/text/json_write.h"
#include "codecs/text/memory.h"
#include "routes/deliver/shown.h"

#define DEPTH_MAX 32

/* ---- counted meanwhile ---- */

static struct counters *counts(const struct report *report)
{
	struct counters *now = counters_new();

	worker_count(report->stage->worker, now);
	return now;
}

void report_begin(struct report *report, unsigned line)
{
	report->line = line;
	counters_free(report->before);
	report->before = counts(report);
}

/* In all rooms: rules may pass it on. */
static uint64_t outcomes_of(const struct counters *counters, size_t dialect, enum outcome outcome)
{
	uint64_t sum = counters->removed.dialects[dialect].outcomes[outcome];

	for (size_t i = 0; i < counters->room_count; i++)
		sum += counters->rooms[i].dialects[dialect].outcomes[outcome];
	return sum;
}

static bool counted(const struct report *report, const struct counters *now, size_t dialect,
		    enum outcome outcome)
{
	return outcomes_of(now, dialect, outcome) != outcomes_of(report->before, dialect, outcome);
}

/* ---- lines ---- */

static void json_begin(const struct report *report, struct json_writer *w, const char *to)
{
	json_start(w, 0, 1024);
	json_object_open(w);
	json_field_unsigned(w, "line", report->line);
	json_field_string(w, "to", slice_of(to));
}

static void json_end(const struct report *report, struct json_writer *w)
{
	json_object_close(w);
	fprintf(report->out, "%.*s\n", (int)w->len, w->data);
	json_clear(w);
}

static void put_frame(const struct report *report, const struct stage_client *client,
		      const char *prefix, const char *outcome, struct slice frame)
{
	struct json_writer w;

	if (report->json) {
		json_begin(report, &w, registry_codec(client->dialect)->name);
		if (*prefix)
			json_field_string(&w, "name", slice_of(client->name));
		json_key(&w, "frame");
		json_put_raw(&w, frame);
		json_field_string(&w, "outcome", slice_of(outcome));
		json_end(report, &w);
		return;
	}
	fputs(prefix, report->out);
	fwrite(frame.data, 1, frame.len, report->out);
	fputc('\n', report->out);
}

/* ---- losses ---- */

static const char *const manners[] = { [RULE_DROP] = "not at all",
				       [RULE_NATIVE] = "in its own words",
				       [RULE_TEXT] = "as a text of the author",
				       [RULE_ACTION] = "as an action of the author",
				       [RULE_NOTICE] = "as a notice of the server" };

static void put_loss(const struct report *report, size_t dialect, enum envelope_kind kind,
		     const char *outcome, const char *why)
{
	const char *name = registry_codec(dialect)->name;
	struct json_writer w;

	report_note(report, name, "%s: %s: %s", outcome, envelope_kind_name(kind), why);
	if (!report->json)
		return;
	json_begin(report, &w, name);
	json_key(&w, "frame");
	json_put_null(&w);
	json_field_string(&w, "outcome", slice_of(outcome));
	json_field_string(&w, "kind", slice_of(envelope_kind_name(kind)));
	json_field_string(&w, "why", slice_of(why));
	json_end(report, &w);
}

/* What became of an event of that kind in a dialect. heard: its client was sent something. */
static void tell_loss(const struct report *report, const struct counters *now, size_t dialect,
		      enum envelope_kind kind, bool heard)
{
	const struct codec_capability *can = &registry_codec(dialect)->can[kind];
	enum codec_rule rule =
	    shown_rule(room_view(report->stage->room, dialect), kind, AUDIENCE_OTHERS);

	if (!heard && can->out == RULE_DROP)
		put_loss(report, dialect, kind, outcome_name(OUTCOME_DROPPED_NO_WORD), can->why);
	else if (!heard && counted(report, now, dialect, OUTCOME_DROPPED_NO_WORD))
		put_loss(report, dialect, kind, outcome_name(OUTCOME_DROPPED_NO_WORD),
			 "there is nothing to say of it");
	else if (!heard && counted(report, now, dialect, OUTCOME_REFUSED))
		put_loss(report, dialect, kind, outcome_name(OUTCOME_REFUSED),
			 "it may not be shown there");
	else if (!heard && counted(report, now, dialect, OUTCOME_DROPPED_HIDDEN))
		put_loss(report, dialect, kind, outcome_name(OUTCOME_DROPPED_HIDDEN),
			 "the room, or the route, has it not shown");
	else if (!heard && counted(report, now, dialect, OUTCOME_DROPPED_MUTED))
		put_loss(report, dialect, kind, outcome_name(OUTCOME_DROPPED_MUTED),
			 "the client opted out");
	else if (heard && counted(report, now, dialect, OUTCOME_DEGRADED))
		report_note(report, registry_codec(dialect)->name, "%s: %s: %s",
			    outcome_name(OUTCOME_DEGRADED), envelope_kind_name(kind),
			    rule == RULE_NATIVE ? "what its word does not tell is told beside it"
						: manners[rule]);
}

static enum envelope_kind kind_of(const struct stage_frame *envelope)
{
	struct json_object object;
	char scratch[64];
	struct slice kind;

	if (json_read(slice_span(envelope->text, envelope->len), DEPTH_MAX, &object) != JSON_OK)
		return ENVELOPE_KINDS;
	if (json_member(&object, "kind").source.len > sizeof(scratch))
		return ENVELOPE_KINDS;
	kind = json_text(json_member(&object, "kind"), scratch, NULL);
	return envelope_kind_find(kind);
}

static void tell_losses(const struct report *report, const struct counters *now,
			const struct stage_client *client)
{
	const struct stage_frame *frame = report->middle->frames;

	for (; frame; frame = frame->next) {
		enum envelope_kind kind = kind_of(frame);

		if (kind == ENVELOPE_KINDS)
			continue;
		if (report->explain)
			telling_shown(report, client->dialect, kind);
		tell_loss(report, now, client->dialect, kind, client->frames);
	}
}

/* ---- what was sent ---- */

static void tell_target(const struct report *report, const struct counters *now,
			struct stage_client *client)
{
	const char *name = registry_codec(client->dialect)->name;
	enum outcome outcome = counted(report, now, client->dialect, OUTCOME_DEGRADED)
				   ? OUTCOME_DEGRADED
				   : OUTCOME_DELIVERED;
	char prefix[64] = "";

	if (!report->json && report->to_count + report->envelope > 1)
		snprintf(prefix, sizeof(prefix), "%s: ", name);
	tell_losses(report, now, client);
	for (; client->frames; stage_drop(client))
		put_frame(report, client, report->json ? "" : prefix, outcome_name(outcome),
			  slice_span(client->frames->text, client->frames->len));
	if (!client->ended)
		return;
	report_note(report, name, "its client was sent away: nothing is shown in it any more");
	client->ended = false;
}

static void tell_ordered(const struct report *report)
{
	const struct stage_frame *frame = report->middle->frames;

	for (; report->explain && frame; frame = frame->next)
		telling_ordered(report, slice_span(frame->text, frame->len));
}

static void tell_middle(const struct report *report)
{
	struct stage_client *middle = report->middle;

	for (; middle->frames; stage_drop(middle))
		if (report->envelope)
			put_frame(report, middle,
				  report->json ? "" : "envelope: ", outcome_name(OUTCOME_DELIVERED),
				  slice_span(middle->frames->text, middle->frames->len));
}

/* ---- who said it ---- */

static void tell_answers(const struct report *report, struct stage_client *speaker,
			 const char *outcome)
{
	char prefix[NAME_BYTES_MAX + 64];

	snprintf(prefix, sizeof(prefix), "%s@%s: ", speaker->name,
		 registry_codec(speaker->dialect)->name);
	for (; speaker->frames; stage_drop(speaker))
		put_frame(report, speaker, prefix, outcome,
			  slice_span(speaker->frames->text, speaker->frames->len));
}

static enum reason refused(const struct report *report, const struct counters *now)
{
	size_t upstream = report->server ? report->stage->conf->upstream_count - 1 : 0;

	for (int r = 0; r < REASONS; r++)
		if (now->intake.refused[r] != report->before->intake.refused[r] ||
		    now->bad_frames[r] != report->before->bad_frames[r] ||
		    now->upstreams[upstream].taken_refused[r] !=
			report->before->upstreams[upstream].taken_refused[r])
			return (enum reason)r;
	return REASON_NONE;
}

static void tell_speaker(struct report *report, const struct counters *now,
			 struct stage_client *speaker)
{
	const char *whose = registry_codec(report->from)->name;
	enum reason reason = refused(report, now);

	if (reason != REASON_NONE) {
		report->wrong = true;
		report_note(report, whose, "refused: %s: %s", reason_code(reason),
			    reason_text(reason));
	}
	if (now->intake.dropped != report->before->intake.dropped)
		report_note(report, whose, "dropped by a rule; the sender is not told");
	if (now->intake.unchanged != report->before->intake.unchanged)
		report_note(report, whose, "it changed nothing, so nobody is told");
	if (now->intake.routed != report->before->intake.routed)
		report_note(report, whose, "it went to a backend or an upstream");
	if (speaker && (reason != REASON_NONE || !report->middle->frames))
		tell_answers(report, speaker, reason == REASON_NONE ? "answered" : "refused");
	if (speaker && speaker->ended && speaker->why != CLOSE_NONE)
		report_note(report, whose, "the server closes the connection: %s",
			    close_text(speaker->why));
}

void report_end(struct report *report, struct stage_client *speaker)
{
	struct counters *now = counts(report);

	tell_speaker(report, now, speaker);
	tell_ordered(report);
	for (size_t i = 0; i < report->to_count; i++)
		tell_target(report, now, report->to[i]);
	tell_middle(report);
	stage_drop_all(report->stage);
	counters_free(now);
	fflush(report->out);
}

void report_wrong(struct report *report, const char *why)
{
	report->wrong = true;
	report_note(report, registry_codec(report->from)->name, "%s", why);
}

void report_clear(struct report *report)
{
	counters_free(report->before);
	report->before = NULL;
}
