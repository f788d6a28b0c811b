#include "bridge/command/explain/words.h"

#include <inttypes.h>

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

void explain_put_text(FILE *out, struct slice text)
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
	explain_put_text(out, slice_of(text));
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
		explain_put_text(out, slice_of(list->items[i]));
	}
}

static void put_conditions(const struct explain *explain, size_t rule)
{
	const struct conf_route *route = &explain->conf->routes[rule];
	bool first = true;

	put_list(explain->out, &first, "its dialect is", &route->dialect);
	put_list(explain->out, &first, "it comes by the upstream", &route->upstream);
	put_list(explain->out, &first, "its room is", &route->room);
	put_list(explain->out, &first, "its kind is", &route->kind);
	put_list(explain->out, &first, "its author is", &route->author);
	put_list(explain->out, &first, "its author's role is", &route->role);
	if (*route->text) {
		put_condition(explain->out, &first, "the pattern");
		put_quoted(explain->out, route->text);
		fputs(" matches in its text", explain->out);
	}
	if (first)
		fputs("it reaches this rule", explain->out);
}

/* ---- steps ---- */

uint32_t explain_deadline(const struct explain *explain, const struct route_step *step)
{
	return step->deadline_ms ? step->deadline_ms
				 : (uint32_t)explain->conf->backends[step->target].deadline_ms;
}

static const char *backend_of(const struct explain *explain, const struct route_step *step)
{
	return explain->conf->backends[step->target].name;
}

static void put_ask(const struct explain *explain, const struct route_step *step)
{
	fprintf(explain->out, "ask the backend %s; without an answer within %" PRIu32 " ms %s",
		backend_of(explain, step), explain_deadline(explain, step),
		step->pass_on_timeout ? "go on" : "refuse");
}

static void put_tap(const struct explain *explain, const struct route_step *step)
{
	if (step->to_backend)
		fprintf(explain->out, "copy to the backend %s", backend_of(explain, step));
	else
		fprintf(explain->out, "copy to the tap %s", explain->conf->taps[step->target].name);
}

static void put_room(const struct explain *explain, const struct route_step *step)
{
	if (step->target == ROUTE_OWN_ROOM)
		fputs("deliver to its own room", explain->out);
	else
		fprintf(explain->out, "deliver to the room %.*s", (int)step->text.len,
			step->text.data);
}

static void put_with_text(FILE *out, const char *what, struct slice text)
{
	fprintf(out, "%s \"", what);
	explain_put_text(out, text);
	fputc('"', out);
}

void explain_put_step(const struct explain *explain, const struct route_step *step)
{
	FILE *out = explain->out;

	switch (step->action) {
	case ROUTE_ASK: put_ask(explain, step); break;
	case ROUTE_TAP: put_tap(explain, step); break;
	case ROUTE_ROOM: put_room(explain, step); break;
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
			backend_of(explain, step), explain_deadline(explain, step));
		break;
	case ROUTE_UPSTREAM:
		fprintf(out, "say it at the upstream %s",
			explain->conf->upstreams[step->target].name);
		break;
	case ROUTE_REFUSE:
		if (step->text.len)
			put_with_text(out, "refuse, because", step->text);
		else
			fputs("refuse", out);
		break;
	case ROUTE_DROP: fputs("drop; the sender is not told", out); break;
	}
}

/* ---- rules ---- */

void explain_put_rule(const struct explain *explain, size_t rule)
{
	const struct conf_route *route = &explain->conf->routes[rule];

	if (rule >= explain->conf->route_count) {
		fputs("the implicit last rule", explain->out);
		return;
	}
	fprintf(explain->out, "rule %zu", rule + 1);
	if (*route->name) {
		fputc(' ', explain->out);
		put_quoted(explain->out, route->name);
	}
	fprintf(explain->out, " (%s:%u)", route->place.file ? route->place.file : "configuration",
		route->place.line);
}

void explain_put_rules(const struct explain *explain)
{
	const struct route_table *table = explain->bridge->rules;

	for (size_t rule = 0; rule <= route_table_count(table); rule++) {
		const struct route_step *steps;
		size_t count;

		explain_put_rule(explain, rule);
		fputs("\n  when ", explain->out);
		if (rule < route_table_count(table))
			put_conditions(explain, rule);
		else
			fputs("no other rule matches", explain->out);
		steps = route_table_steps(table, rule, &count);
		for (size_t i = 0; i < count; i++) {
			fprintf(explain->out, "\n  %zu. ", i + 1);
			explain_put_step(explain, &steps[i]);
		}
		fputs(rule < route_table_count(table) ? "\n\n" : "\n", explain->out);
	}
}
