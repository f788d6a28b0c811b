#include "bridge/command/translate/telling.h"

#include <stdlib.h>

#include "bridge/command/tried/words.h"
#include "codecs/backend/wire.h"
#include "codecs/registry.h"
#include "codecs/text/json_read.h"
#include "routes/deliver/shown.h"
#include "routes/rules/run.h"

#define DEPTH_MAX 32

/* ---- rules ---- */

/* Words of rules go there, a line of their own each. */
static struct tried explain_of(const struct report *report)
{
	return (struct tried){ .bridge = report->stage->bridge,
			       .conf = report->stage->conf,
			       .out = report->errors };
}

static void put_rule(const struct report *report, const struct envelope *draft, size_t origin)
{
	const struct tried explain = explain_of(report);
	const struct room_entry *room = room_table_find(report->stage->bridge->rooms, draft->room);
	struct run_start start = { .table = report->stage->bridge->rules,
				   .origin = origin,
				   .speaker = RUN_NO_SPEAKER,
				   .upstream = RUN_NO_SPEAKER,
				   .room = room ? room->index : RUN_NO_ROOM };
	struct run run;

	run_begin(&run, &start);
	run_decide(&run, draft);
	report_note_begin(report, "rules");
	tried_put_rule(&explain, run.rule);
	fputs(" decides:", report->errors);
	for (size_t i = 0; i < run.step_count; i++) {
		fprintf(report->errors, "%s %zu. ", i ? ";" : "", i + 1);
		tried_put_step(&explain, &run.steps[i]);
	}
	fputc('\n', report->errors);
}

/* ---- reading ---- */

static void put_draft(const struct report *report, const char *whose, const struct reading *reading)
{
	struct json_writer w;

	json_start(&w, 0, 512);
	wire_put_envelope(&w, reading->draft);
	report_note(report, whose, "read as %s: %.*s", envelope_kind_name(reading->draft->kind),
		    (int)w.len, w.data);
	json_clear(&w);
	if (reading->drafts > 1)
		report_note(report, whose, "and as %zu more", reading->drafts - 1);
}

void telling_reading(const struct report *report, const struct stage_client *client,
		     const struct reading *reading)
{
	const char *whose = registry_codec(client->dialect)->name;

	if (reading->draft) {
		put_draft(report, whose, reading);
		if (reading->draft->kind != KIND_ENTER && reading->draft->kind != KIND_EXIT)
			put_rule(report, reading->draft, client->dialect);
	} else if (reading->reason != REASON_NONE) {
		report_note(report, whose, "not read: %s", reason_text(reading->reason));
	} else if (reading->login) {
		report_note(report, whose, "read as a login");
	} else if (reading->query) {
		report_note(report, whose, "read as a question for the history");
	} else {
		report_note(report, whose, "%s",
			    reading->answer ? "answered by its codec" : "it means nothing");
	}
}

/* ---- the room ---- */

void telling_ordered(const struct report *report, struct slice envelope)
{
	struct json_object object;
	struct slice kind, id, sequence;

	if (json_read(envelope, DEPTH_MAX, &object) != JSON_OK)
		return;
	kind = json_member(&object, "kind").source;
	id = json_member(&object, "id").source;
	sequence = json_member(&object, "sequence").source;
	report_note(report, "room", "%.*s ordered, id %.*s, %s%.*s", (int)kind.len, kind.data,
		    (int)id.len, id.data ? id.data : "",
		    sequence.len ? "sequence " : "without a place in its sequence",
		    (int)sequence.len, sequence.data ? sequence.data : "");
}

/* ---- the dialects ---- */

void telling_shown(const struct report *report, size_t dialect, enum envelope_kind kind)
{
	static const char *const steps[] = {
		[SHOWN_NATIVE] = "in its own words",
		[SHOWN_REMOVAL] = "what was there is taken away",
		[SHOWN_WORDS] = "in other words",
		[SHOWN_BESIDE] = "beside it, in words",
		[SHOWN_OTHERWISE] = "in words, where its own are none",
	};
	static const char *const rules[] = { [RULE_DROP] = "drop",
					     [RULE_NATIVE] = "native",
					     [RULE_TEXT] = "text",
					     [RULE_ACTION] = "action",
					     [RULE_NOTICE] = "notice" };
	const struct codec_view *view = room_view(report->stage->room, dialect);
	const struct codec *codec = view->codec;
	enum codec_rule rule = shown_rule(view, kind, AUDIENCE_OTHERS);
	struct envelope event = { .kind = kind };
	enum shown_step shown[SHOWN_STEPS_MAX];
	size_t count = shown_steps(&event, codec, rule, AUDIENCE_OTHERS, shown);
	const char *why = codec->can[kind].why ? codec->can[kind].why : "the room has it not shown";

	report_note(report, codec->name, "rule %s for %s: %s%s%s", rules[rule],
		    envelope_kind_name(kind), count ? steps[shown[0]] : why, count > 1 ? "; " : "",
		    count > 1 ? steps[shown[1]] : "");
}
