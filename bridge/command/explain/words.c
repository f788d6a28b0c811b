#include <inttypes.h>

#include "bridge/command/explain/explain_own.h"

/* ---- text for a terminal ---- */

/* A character that is not seen itself: controls, and those that turn the direction. */
static bool is_unseen(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x2069) || c == 0xfeff;
}

/* The character at text, of which more than 3 bytes are never asked for; 0xfffd: no UTF-8. */
static uint32_t character(struct slice text, size_t *len)
{
	const unsigned char *bytes = (const unsigned char *)text.data;

	*len = bytes[0] < 0x80 ? 1 : bytes[0] < 0xe0 ? 2 : bytes[0] < 0xf0 ? 3 : 4;
	if (*len > text.len)
		*len = text.len;
	if (*len == 2)
		return (uint32_t)(bytes[0] & 0x1f) << 6 | (bytes[1] & 0x3f);
	if (*len == 3)
		return (uint32_t)(bytes[0] & 0xf) << 12 | (uint32_t)(bytes[1] & 0x3f) << 6 |
		       (bytes[2] & 0x3f);
	return *len == 1 && bytes[0] < 0x80 ? bytes[0] : 0xfffd;
}

void trial_put_text(FILE *out, struct slice text)
{
	while (text.len > 0) {
		size_t len;
		uint32_t c = character(text, &len);

		if (is_unseen(c))
			fprintf(out, "\\u%04" PRIx32, c);
		else
			fwrite(text.data, 1, len, out);
		text = slice_span(text.data + len, text.len - len);
	}
}

static void put_quoted(FILE *out, const char *text)
{
	fputc('"', out);
	trial_put_text(out, slice_of(text));
	fputc('"', out);
}

/* ---- conditions ---- */

/* Puts "; " between conditions. */
static void put_condition(FILE *out, bool *first, const char *what)
{
	fprintf(out, "%s%s ", *first ? "" : "; ", what);
	*first = false;
}

static void put_list(FILE *out, bool *first, const char *what, const struct conf_list *list)
{
	if (!list->count)
		return;
	put_condition(out, first, what);
	for (size_t i = 0; i < list->count; i++) {
		if (i > 0)
			fputs(i + 1 < list->count ? ", " : " or ", out);
		trial_put_text(out, slice_of(list->items[i]));
	}
}

void trial_put_conditions(const struct trial *trial, size_t rule)
{
	const struct conf_route *route = &trial->conf->routes[rule];
	bool first = true;

	put_list(trial->out, &first, "its dialect is", &route->dialect);
	put_list(trial->out, &first, "its room is", &route->room);
	put_list(trial->out, &first, "its kind is", &route->kind);
	put_list(trial->out, &first, "its author is", &route->author);
	put_list(trial->out, &first, "its author's role is", &route->role);
	if (*route->text) {
		put_condition(trial->out, &first, "the pattern");
		put_quoted(trial->out, route->text);
		fputs(" is found in its text", trial->out);
	}
	if (first)
		fputs("it reaches this rule", trial->out);
}

/* ---- steps ---- */

uint32_t trial_deadline(const struct trial *trial, const struct route_step *step)
{
	return step->deadline_ms ? step->deadline_ms
				 : (uint32_t)trial->conf->backends[step->target].deadline_ms;
}

static const char *backend_of(const struct trial *trial, const struct route_step *step)
{
	return trial->conf->backends[step->target].name;
}

static void put_ask(const struct trial *trial, const struct route_step *step)
{
	fprintf(trial->out, "ask the backend %s; without an answer within %" PRIu32 " ms %s",
		backend_of(trial, step), trial_deadline(trial, step),
		step->pass_on_timeout ? "go on" : "refuse");
}

static void put_tap(const struct trial *trial, const struct route_step *step)
{
	if (step->to_backend)
		fprintf(trial->out, "copy to the backend %s", backend_of(trial, step));
	else
		fprintf(trial->out, "copy to the tap %s", trial->conf->taps[step->target].name);
}

static void put_room(const struct trial *trial, const struct route_step *step)
{
	if (step->target == ROUTE_OWN_ROOM)
		fputs("deliver to its own room", trial->out);
	else
		fprintf(trial->out, "deliver to the room %s",
			trial->conf->rooms[step->target].name);
}

static void put_with_text(FILE *out, const char *what, struct slice text)
{
	fprintf(out, "%s \"", what);
	trial_put_text(out, text);
	fputc('"', out);
}

void trial_put_step(const struct trial *trial, const struct route_step *step)
{
	FILE *out = trial->out;

	switch (step->verb) {
	case ROUTE_ASK: put_ask(trial, step); break;
	case ROUTE_TAP: put_tap(trial, step); break;
	case ROUTE_ROOM: put_room(trial, step); break;
	case ROUTE_REWRITE:
		put_with_text(out,
			      step->rewrite == REWRITE_NAME ? "show the author as"
							    : "change the text to",
			      step->text);
		break;
	case ROUTE_BACKEND:
		fprintf(out,
			"deliver to the backend %s; refuse when it does not acknowledge it "
			"within %" PRIu32 " ms",
			backend_of(trial, step), trial_deadline(trial, step));
		break;
	case ROUTE_REFUSE:
		if (step->text.len)
			put_with_text(out, "refuse, because", step->text);
		else
			fputs("refuse", out);
		break;
	case ROUTE_DROP: fputs("drop; who said it is not told", out); break;
	}
}

/* ---- rules ---- */

void trial_put_rule(const struct trial *trial, size_t rule)
{
	const struct conf_route *route = &trial->conf->routes[rule];

	if (rule >= trial->conf->route_count) {
		fputs("the implicit last rule", trial->out);
		return;
	}
	fprintf(trial->out, "rule %zu", rule + 1);
	if (*route->name) {
		fputc(' ', trial->out);
		put_quoted(trial->out, route->name);
	}
	fprintf(trial->out, " (%s:%u)", route->place.file ? route->place.file : "configuration",
		route->place.line);
}

void trial_put_rules(const struct trial *trial)
{
	const struct route_table *table = trial->bridge->rules;

	for (size_t rule = 0; rule <= route_table_count(table); rule++) {
		const struct route_step *steps;
		size_t count;

		trial_put_rule(trial, rule);
		fputs("\n  when ", trial->out);
		if (rule < route_table_count(table))
			trial_put_conditions(trial, rule);
		else
			fputs("no other rule matches", trial->out);
		steps = route_table_steps(table, rule, &count);
		for (size_t i = 0; i < count; i++) {
			fprintf(trial->out, "\n  %zu. ", i + 1);
			trial_put_step(trial, &steps[i]);
		}
		fputs(rule < route_table_count(table) ? "\n\n" : "\n", trial->out);
	}
}
