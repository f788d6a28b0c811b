#include "bridge/admin/control/explained/reasons.h"

#include <jansson.h>
#include <string.h>

#include "bridge/admin/control/calls.h"
#include "codecs/registry.h"
#include "routes/deliver/outcome.h"
#include "routes/deliver/shown.h"

struct subject {
	const struct room_entry *room; /* NULL: it is no more */
	enum envelope_kind kind;
	bool action;
};

static const char *text_in(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static const char *form_of(enum codec_rule rule)
{
	return rule == RULE_NOTICE ? "as a sentence of the server" : "as a message of who did it";
}

static json_t *why_degraded(const struct subject *subject, size_t dialect)
{
	const struct codec *codec = registry_codec(dialect);
	const struct codec_view plain = { .codec = codec };
	const struct codec_view *view = subject->room ? room_view(subject->room, dialect) : &plain;
	enum codec_rule rule = shown_rule(view, subject->kind, AUDIENCE_OTHERS);

	if (rule == RULE_NATIVE && subject->action && !codec->shows_actions)
		return json_sprintf("%s has no actions: as a text", codec->name);
	if (rule == RULE_NATIVE || rule == RULE_DROP)
		return json_string("something of it could not be said as it was");
	if (rule == codec->can[subject->kind].out)
		return json_sprintf("%s has no word for it: %s", codec->name, form_of(rule));
	return json_sprintf("the room has it shown %s", form_of(rule));
}

static json_t *why_wordless(const struct subject *subject, size_t dialect)
{
	const struct codec *codec = registry_codec(dialect);
	const char *why = codec->can[subject->kind].why;

	return why ? json_string(why) : json_sprintf("%s has no word for it", codec->name);
}

/* NULL: there is nothing to be said. */
static json_t *why(const struct subject *subject, size_t dialect, const char *outcome)
{
	static const char *const constant[OUTCOMES] = {
		[OUTCOME_REFUSED] = "the dialect could not keep it private",
		[OUTCOME_EXPIRED] = "it was too old when its turn came",
		[OUTCOME_DROPPED_HIDDEN] = "the room has it not shown there",
		[OUTCOME_DROPPED_MUTED] = "the client wants no such events",
		[OUTCOME_DROPPED_GONE] = "the connection had ended",
		[OUTCOME_DROPPED_CUT] = "the connection ended before it was sent",
	};
	int found = 0;

	while (found < OUTCOMES && strcmp(outcome, outcome_name((enum outcome)found)) != 0)
		found++;
	switch (found) {
	case OUTCOME_DEGRADED: return why_degraded(subject, dialect);
	case OUTCOME_DROPPED_NO_WORD: return why_wordless(subject, dialect);
	default: break;
	}
	return found < OUTCOMES && constant[found] ? json_string(constant[found]) : NULL;
}

static void put_all(json_t *rows, const struct subject *subject)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		size_t dialect = registry_find(slice_of(text_in(row, "dialect")));
		json_t *said = NULL;

		if (dialect < registry_count())
			said = why(subject, dialect, text_in(row, "outcome"));
		if (said)
			json_object_set_new(row, "why", said);
	}
}

void reasons_put(const struct bridge *bridge, json_t *message)
{
	const char *room = text_in(message, "room"), *kind = text_in(message, "kind");
	struct subject subject = { .room = room_table_find(bridge->rooms, slice_of(room)),
				   .kind = envelope_kind_find(slice_of(kind)),
				   .action = json_is_true(json_object_get(message, "action")) };

	if (subject.kind >= ENVELOPE_KINDS)
		return;
	put_all(json_object_get(message, "destinations"), &subject);
	put_all(json_object_get(message, "missed"), &subject);
}
