#include "bridge/command/tried/words.h"

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

void tried_put_text(FILE *out, struct slice text)
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
	tried_put_text(out, slice_of(text));
	fputc('"', out);
}

/* ---- conditions ---- */

/* Puts "; " between conditions. */
static void put_condition(FILE *out, bool *first, const char *what)
{
	fprintf(out, "%s%s ", *first ? "" : "; ", what);
	*first = false;
}

static void put_words(FILE *out, const struct conf_list *list, const char *last)
{
	for (size_t i = 0; i < list->count; i++) {
		if (i > 0)
			fputs(i + 1 < list->count ? ", " : last, out);
		tried_put_text(out, slice_of(list->items[i]));
	}
}

static void put_list(FILE *out, bool *first, const char *what, const struct conf_list *list)
{
	if (!list->count)
		return;
	put_condition(out, first, what);
	put_words(out, list, " or ");
}

static void put_conditions(const struct tried *tried, size_t rule)
{
	const struct conf_route *route = &tried->conf->routes[rule];
	bool first = true;

	put_list(tried->out, &first, "its dialect is", &route->dialect);
	put_list(tried->out, &first, "it comes by the upstream", &route->upstream);
	put_list(tried->out, &first, "its room is", &route->room);
	put_list(tried->out, &first, "its kind is", &route->kind);
	put_list(tried->out, &first, "its author is", &route->author);
	put_list(tried->out, &first, "its author's role is", &route->role);
	if (*route->text) {
		put_condition(tried->out, &first, "the pattern");
		put_quoted(tried->out, route->text);
		fputs(" matches in its text", tried->out);
	}
	if (first)
		fputs("it reaches this rule", tried->out);
}

/* ---- steps ---- */

uint32_t tried_deadline(const struct tried *tried, const struct route_step *step)
{
	return step->deadline_ms ? step->deadline_ms
				 : (uint32_t)tried->conf->backends[step->target].deadline_ms;
}

static const char *backend_of(const struct tried *tried, const struct route_step *step)
{
	return tried->conf->backends[step->target].name;
}

static void put_ask(const struct tried *tried, const struct route_step *step)
{
	fprintf(tried->out, "ask the backend %s; without an answer within %" PRIu32 " ms %s",
		backend_of(tried, step), tried_deadline(tried, step),
		step->pass_on_timeout ? "go on" : "refuse");
}

static void put_tap(const struct tried *tried, const struct route_step *step)
{
	if (step->to_backend)
		fprintf(tried->out, "copy to the backend %s", backend_of(tried, step));
	else
		fprintf(tried->out, "copy to the tap %s", tried->conf->taps[step->target].name);
}

static void put_room(const struct tried *tried, const struct route_step *step)
{
	if (step->target == ROUTE_OWN_ROOM)
		fputs("deliver to its own room", tried->out);
	else
		fprintf(tried->out, "deliver to the room %.*s", (int)step->text.len,
			step->text.data);
}

static void put_with_text(FILE *out, const char *what, struct slice text)
{
	fprintf(out, "%s \"", what);
	tried_put_text(out, text);
	fputc('"', out);
}

void tried_put_step(const struct tried *tried, const struct route_step *step)
{
	FILE *out = tried->out;

	switch (step->action) {
	case ROUTE_ASK: put_ask(tried, step); break;
	case ROUTE_TAP: put_tap(tried, step); break;
	case ROUTE_ROOM: put_room(tried, step); break;
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
			backend_of(tried, step), tried_deadline(tried, step));
		break;
	case ROUTE_UPSTREAM:
		fprintf(out, "say it at the upstream %s",
			tried->conf->upstreams[step->target].name);
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

void tried_put_rule(const struct tried *tried, size_t rule)
{
	const struct conf_route *route = &tried->conf->routes[rule];

	if (rule >= tried->conf->route_count) {
		fputs("the implicit last rule", tried->out);
		return;
	}
	fprintf(tried->out, "rule %zu", rule + 1);
	if (*route->name) {
		fputc(' ', tried->out);
		put_quoted(tried->out, route->name);
	}
	fprintf(tried->out, " (%s:%u)", route->place.file ? route->place.file : "configuration",
		route->place.line);
}

/* How it has what it delivers shown. */
static void put_ladder(const struct tried *tried, const struct conf_route *route)
{
	for (size_t i = 0; i < route->show_count; i++) {
		fputs("\n  shows ", tried->out);
		put_words(tried->out, &route->shows[i].kind, " and ");
		fputs(" to clients of ", tried->out);
		put_words(tried->out, &route->shows[i].dialect, " and ");
		fprintf(tried->out, " as %s", route->shows[i].as);
	}
	if (route->mass_mentions)
		fputs("\n  what calls everybody goes through as typed", tried->out);
}

void tried_put_rules(const struct tried *tried)
{
	const struct route_table *table = tried->bridge->rules;

	for (size_t rule = 0; rule <= route_table_count(table); rule++) {
		const struct route_step *steps;
		size_t count;

		tried_put_rule(tried, rule);
		fputs("\n  when ", tried->out);
		if (rule < route_table_count(table))
			put_conditions(tried, rule);
		else
			fputs("no other rule matches", tried->out);
		steps = route_table_steps(table, rule, &count);
		for (size_t i = 0; i < count; i++) {
			fprintf(tried->out, "\n  %zu. ", i + 1);
			tried_put_step(tried, &steps[i]);
		}
		if (rule < tried->conf->route_count)
			put_ladder(tried, &tried->conf->routes[rule]);
		fputs(rule < route_table_count(table) ? "\n\n" : "\n", tried->out);
	}
}
