#include "bridge/admin/control/explained/steps.h"

#include <jansson.h>

#include "bridge/admin/control/calls.h"
#include "conf/conf.h"

#define RULES_LISTED 100 /* of those that did not match */

/* ---- names ---- */

static const char *backend_named(const struct worker *worker, size_t index)
{
	const struct conf *conf = worker->bridge->conf;

	return index < conf->backend_count ? conf->backends[index].name : "?";
}

static const char *upstream_named(const struct worker *worker, size_t index)
{
	const struct conf *conf = worker->bridge->conf;

	return index < conf->upstream_count ? conf->upstreams[index].name : "?";
}

static const char *tap_named(const struct worker *worker, size_t index)
{
	const struct conf *conf = worker->bridge->conf;

	return index < conf->tap_count ? conf->taps[index].name : "?";
}

/* ---- rules ---- */

/* What it looked like to the rules, but for its text. */
static struct route_subject subject_of(const struct trace_note *note, const struct trace_life *life,
				       struct envelope *event)
{
	*event = (struct envelope){ .kind = (enum envelope_kind)life->kind,
				    .author = { .name = trace_life_name(life),
						.number = life->number,
						.roles = note->roles } };
	return (struct route_subject){ .event = event,
				       .origin = life->origin,
				       .room = note->index,
				       .upstream = life->origin == ROUTE_FROM_UPSTREAM ? life->place
										       : SIZE_MAX };
}

/* The text is not kept: what all else would have let through did not match for that. */
static enum route_miss why_not(const struct route_table *table, size_t rule,
			       const struct route_subject *subject)
{
	enum route_miss miss = route_table_miss(table, rule, subject);

	return miss == ROUTE_HIT ? ROUTE_MISS_TEXT : miss;
}

static json_t *others(const struct route_table *table, const struct trace_note *note,
		      const struct trace_life *life)
{
	json_t *array = json_array();
	struct envelope event;
	struct route_subject subject = subject_of(note, life, &event);

	for (size_t rule = 0; rule < note->rule && rule < RULES_LISTED; rule++)
		json_array_append_new(array,
				      json_pack("{s:i,s:o,s:s}", "rule", (int)rule + 1, "name",
						json_of(route_table_name(table, rule)), "why",
						route_miss_text(why_not(table, rule, &subject))));
	return array;
}

/* A rule that was replaced meanwhile has a number alone. */
static json_t *decision(const struct worker *worker, const struct trace_note *note,
			const struct trace_life *life)
{
	const struct route_table *table = trace_table(worker->trace, note);
	json_t *step = json_pack("{s:s}", "what", "rule");

	if (!table) {
		json_object_set_new(step, "rule", json_integer(note->rule + 1));
		json_object_set_new(step, "replaced", json_true());
		return step;
	}
	json_object_set_new(step, "rule",
			    note->rule < route_table_count(table) ? json_integer(note->rule + 1)
								  : json_null());
	json_object_set_new(step, "name", json_of(route_table_name(table, note->rule)));
	if (life)
		json_object_set_new(step, "before", others(table, note, life));
	return step;
}

/* ---- steps ---- */

static const char *const results[] = {
	[RUN_WAIT] = "wait",       [RUN_ASK] = "ask",           [RUN_COPY] = "copy",
	[RUN_REWRITE] = "rewrite", [RUN_ORDER] = "deliver",     [RUN_PASS_ON] = "pass_on",
	[RUN_BACKEND] = "backend", [RUN_UPSTREAM] = "upstream", [RUN_REFUSE] = "refuse",
	[RUN_DROP] = "drop",       [RUN_SKIP] = "skip",         [RUN_DONE] = "done",
};

static const char *const skips[] = {
	[RUN_SKIP_SPEAKER] = "it came from there",
	[RUN_SKIP_TOLD] = "the room is told already",
	[RUN_SKIP_PRESENCE] = "this cannot be done to enter and exit",
};

/* To whom, or where. */
static json_t *target_of(const struct worker *worker, const struct route_step *step)
{
	switch (step->action) {
	case ROUTE_ASK:
	case ROUTE_BACKEND: return json_string(backend_named(worker, step->target));
	case ROUTE_UPSTREAM: return json_string(upstream_named(worker, step->target));
	case ROUTE_TAP:
		return json_string(step->to_backend ? backend_named(worker, step->target)
						    : tap_named(worker, step->target));
	case ROUTE_ROOM: return step->text.data ? json_of(step->text) : NULL;
	default: return NULL;
	}
}

static void put_step(const struct worker *worker, json_t *said, const struct trace_note *note)
{
	const struct route_table *table = trace_table(worker->trace, note);
	const struct route_step *steps;
	size_t count;
	json_t *target;

	if (!table)
		return;
	steps = route_table_steps(table, note->rule, &count);
	if (note->step >= count)
		return;
	json_object_set_new(said, "step", json_integer(note->step + 1));
	target = target_of(worker, &steps[note->step]);
	if (target)
		json_object_set_new(said, "to", target);
}

static json_t *step_taken(const struct worker *worker, const struct trace_note *note)
{
	json_t *said = json_pack("{s:s,s:s}", "what", "step", "does", results[note->result]);

	put_step(worker, said, note);
	if (note->id)
		json_object_set_new(said, "id", json_integer((json_int_t)note->id));
	if (note->result == RUN_REFUSE)
		json_object_set_new(said, "reason", json_string(reason_code(note->reason)));
	if (note->result == RUN_SKIP)
		json_object_set_new(said, "why", json_string(skips[note->reason]));
	return said;
}

/* ---- answers ---- */

static json_t *verdict(const struct trace_note *note)
{
	bool allowed = note->reason == REASON_NONE;
	json_t *said = json_pack("{s:s,s:s}", "what", "answer", "verdict",
				 allowed ? note->result ? "changed" : "allowed"
				 : note->reason == REASON_REFUSED ? "refused"
								  : "none");

	if (!allowed)
		json_object_set_new(said, "reason", json_string(reason_code(note->reason)));
	return said;
}

static json_t *with_reason(const char *what, const struct trace_note *note)
{
	json_t *said = json_pack("{s:s}", "what", what);

	if (note->reason != REASON_NONE)
		json_object_set_new(said, "reason", json_string(reason_code(note->reason)));
	return said;
}

static json_t *taken(const struct worker *worker, const struct trace_note *note)
{
	json_t *said = with_reason("backend", note);

	json_object_set_new(said, "to", json_string(backend_named(worker, note->index)));
	return said;
}

static json_t *at_upstream(const struct worker *worker, const struct trace_note *note)
{
	static const char *const outcomes[] = { [TRACE_SAID_SO] = "delivered",
						[TRACE_SAID_DEGRADED] = "degraded",
						[TRACE_SAID_EXPIRED] = "expired",
						[TRACE_SAID_UNKNOWN] = "unknown" };
	bool waits = note->what == TRACE_WAITS;
	bool refused = note->reason != REASON_NONE && note->result < TRACE_SAID_EXPIRED;
	json_t *said = with_reason(waits ? "waits" : "upstream", note);

	json_object_set_new(said, "to", json_string(upstream_named(worker, note->index)));
	if (!waits)
		json_object_set_new(said, "outcome",
				    json_string(refused ? "refused" : outcomes[note->result]));
	return said;
}

json_t *step_of(const struct worker *worker, const struct trace_note *note,
		const struct trace_life *life)
{
	json_t *said = NULL;

	switch (note->what) {
	case TRACE_RULE: said = decision(worker, note, life); break;
	case TRACE_STEP: said = step_taken(worker, note); break;
	case TRACE_VERDICT: said = verdict(note); break;
	case TRACE_UNCHANGED: said = with_reason("unchanged", note); break;
	case TRACE_REFUSED: said = with_reason("refused", note); break;
	case TRACE_UNSTORED: said = with_reason("unstored", note); break;
	case TRACE_BACKEND: said = taken(worker, note); break;
	case TRACE_WAITS:
	case TRACE_SAID: said = at_upstream(worker, note); break;
	default: said = json_object(); break;
	}
	json_object_set_new(said, "us", json_integer((json_int_t)note->us));
	json_object_set_new(said, "worker", json_integer(worker->index));
	return said;
}
