#include "bridge/command/control/life.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bridge/command/control/lists.h"

/* ---- words ---- */

static bool is(const json_t *object, const char *name, const char *value)
{
	return strcmp(text_in(object, name), value) == 0;
}

static void put_ms(FILE *stream, int64_t us)
{
	fprintf(stream, "%" PRId64 ".%" PRId64 " ms", us / 1000, us % 1000 / 100);
}

static void put_at(FILE *stream, const json_t *step)
{
	int64_t us = number_in(step, "after_us");

	fprintf(stream, "  %6" PRId64 ".%" PRId64 " ms  ", us / 1000, us % 1000 / 100);
}

static void put_person(FILE *stream, const json_t *person)
{
	fputc('"', stream);
	print_safe(stream, text_in(person, "name"));
	fprintf(stream, "\" (#%" PRId64 ")", number_in(person, "number"));
}

/* " word text", where there is one. */
static void put_word(FILE *stream, const json_t *object, const char *name, const char *before)
{
	if (!*text_in(object, name))
		return;
	fputs(before, stream);
	print_safe(stream, text_in(object, name));
}

/* ---- what it is ---- */

static void put_time(FILE *stream, int64_t wall_ms)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm utc;
	char text[32];

	if (!gmtime_r(&seconds, &utc) || !strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &utc))
		return;
	fprintf(stream, ", %s.%03d UTC", text, (int)(wall_ms % 1000));
}

static void put_head(FILE *stream, const json_t *message)
{
	print_label(stream, text_in(message, "kind"));
	if (value_in(message, "id"))
		fprintf(stream, "%" PRId64 " (", number_in(message, "id"));
	else
		fputs("without an id (", stream);
	print_safe(stream,
		   *text_in(message, "uuid") ? text_in(message, "uuid") : text_in(message, "end"));
	fputc(')', stream);
	put_word(stream, message, "room", " in the room ");
	put_time(stream, number_in(message, "time_ms"));
	fputc('\n', stream);
	print_label(stream, "by");
	put_person(stream, value_in(message, "author"));
	put_word(stream, message, "dialect", ", ");
	put_word(stream, message, "mount", " at ");
	put_word(stream, message, "backend", ", the backend ");
	put_word(stream, message, "upstream", ", by the upstream ");
	fputs(is(message, "by", "http") ? ", by HTTP\n" : "\n", stream);
	if (value_in(message, "target")) {
		print_label(stream, "about");
		fprintf(stream, "%" PRId64 "\n", number_in(message, "target"));
	}
}

static void put_body(FILE *stream, const json_t *message)
{
	if (value_in(message, "frame_bytes")) {
		print_label(stream, "frame");
		fprintf(stream, "%" PRId64 " bytes", number_in(message, "frame_bytes"));
		put_word(stream, message, "frame", ": ");
		fputc('\n', stream);
	}
	if (value_in(message, "envelope")) {
		char *text = json_dumps(value_in(message, "envelope"), JSON_COMPACT);

		print_label(stream, "envelope");
		print_safe(stream, text ? text : "");
		fputc('\n', stream);
		free(text);
	}
}

/* ---- its way ---- */

static void put_rule(FILE *stream, const json_t *step)
{
	const json_t *other;
	size_t i;

	if (value_in(step, "rule") && !json_is_null(value_in(step, "rule")))
		fprintf(stream, "rule %" PRId64 " ", number_in(step, "rule"));
	print_safe(stream, text_in(step, "name"));
	fputs(json_is_true(value_in(step, "replaced")) ? "(replaced since) decides\n"
						       : " decides\n",
	      stream);
	json_array_foreach((json_t *)(uintptr_t)value_in(step, "before"), i, other)
	{
		fprintf(stream, "             not rule %" PRId64 " ", number_in(other, "rule"));
		print_safe(stream, text_in(other, "name"));
		put_word(stream, other, "why", ": ");
		fputc('\n', stream);
	}
}

static const struct {
	const char *does, *words;
} deeds[] = {
	{ "ask", "ask the backend " },
	{ "copy", "copy to " },
	{ "rewrite", "rewrite" },
	{ "deliver", "deliver to its room" },
	{ "pass_on", "pass on to the room " },
	{ "backend", "deliver to the backend " },
	{ "upstream", "say at the upstream " },
	{ "refuse", "refuse" },
	{ "drop", "drop" },
	{ "skip", "skip " },
};

static void put_step(FILE *stream, const json_t *step)
{
	if (value_in(step, "step"))
		fprintf(stream, "%" PRId64 ". ", number_in(step, "step"));
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++)
		if (is(step, "does", deeds[i].does))
			fputs(deeds[i].words, stream);
	if (!is(step, "does", "deliver"))
		print_safe(stream, text_in(step, "to"));
	put_word(stream, step, "reason", ": ");
	put_word(stream, step, "why", ": ");
	fputc('\n', stream);
}

static void put_took(FILE *stream, const json_t *step)
{
	put_word(stream, step, "reason", ": ");
	if (value_in(step, "took_us")) {
		fputs(", after ", stream);
		put_ms(stream, number_in(step, "took_us"));
	}
	fputc('\n', stream);
}

static void put_ordered(FILE *stream, const json_t *step)
{
	fprintf(stream, "ordered: %" PRId64, number_in(step, "id"));
	if (value_in(step, "sequence"))
		fprintf(stream, ", number %" PRId64, number_in(step, "sequence"));
	put_word(stream, step, "room", " in the room ");
	fputc('\n', stream);
}

static void put_what(FILE *stream, const json_t *step)
{
	put_at(stream, step);
	if (is(step, "what", "rule")) {
		put_rule(stream, step);
	} else if (is(step, "what", "step")) {
		put_step(stream, step);
	} else if (is(step, "what", "ordered")) {
		put_ordered(stream, step);
	} else if (is(step, "what", "answer")) {
		print_safe(stream, text_in(step, "to"));
		put_word(stream, step, "verdict", ": ");
		put_took(stream, step);
	} else if (is(step, "what", "backend")) {
		print_safe(stream, text_in(step, "to"));
		fputs(value_in(step, "reason") ? ": not taken" : ": taken", stream);
		put_took(stream, step);
	} else if (is(step, "what", "upstream")) {
		print_safe(stream, text_in(step, "to"));
		put_word(stream, step, "outcome", ": ");
		put_took(stream, step);
	} else if (is(step, "what", "waits")) {
		put_word(stream, step, "to", "waits for the upstream ");
		fputc('\n', stream);
	} else {
		print_safe(stream, text_in(step, "what"));
		put_took(stream, step);
	}
}

static void put_steps(FILE *stream, const json_t *message)
{
	const json_t *step;
	size_t i;

	fputs("way\n", stream);
	if (is(message, "end", "refused") && json_array_size(value_in(message, "steps")) == 0) {
		fputs("  refused", stream);
		put_word(stream, message, "reason", ": ");
		fputc('\n', stream);
	}
	json_array_foreach((json_t *)(uintptr_t)value_in(message, "steps"), i, step)
	{
		put_what(stream, step);
	}
}

/* ---- destinations ---- */

static void put_destination(FILE *stream, const json_t *row)
{
	const json_t *frame;
	size_t i;

	fprintf(stream, "  worker %-3" PRId64 "%-9s%-12s%-20s%6" PRId64, number_in(row, "worker"),
		text_in(row, "dialect"), text_in(row, "form"), text_in(row, "outcome"),
		number_in(row, "count"));
	if (value_in(row, "first_after_us")) {
		fputs("  within ", stream);
		put_ms(stream, number_in(row, "last_after_us"));
	}
	put_word(stream, row, "why", "\n             ");
	fputc('\n', stream);
	json_array_foreach((json_t *)(uintptr_t)value_in(row, "frames"), i, frame)
	{
		fputs("             ", stream);
		print_safe(stream, json_string_value(frame) ? json_string_value(frame) : "?");
		fputc('\n', stream);
	}
}

static void put_destinations(FILE *stream, const json_t *message)
{
	const json_t *row;
	size_t i;

	if (json_array_size(value_in(message, "destinations")))
		fputs("destinations\n", stream);
	json_array_foreach((json_t *)(uintptr_t)value_in(message, "destinations"), i, row)
	{
		put_destination(stream, row);
	}
	if (json_array_size(value_in(message, "missed")) || number_in(message, "unlisted"))
		fputs("not sent to\n", stream);
	json_array_foreach((json_t *)(uintptr_t)value_in(message, "missed"), i, row)
	{
		fputs("  ", stream);
		put_person(stream, row);
		put_word(stream, row, "dialect", ", ");
		put_word(stream, row, "outcome", ": ");
		put_word(stream, row, "why", ", ");
		fputs(", after ", stream);
		put_ms(stream, number_in(row, "after_us"));
		fputc('\n', stream);
	}
	if (number_in(message, "unlisted"))
		fprintf(stream, "  and %" PRId64 " more\n", number_in(message, "unlisted"));
}

static void put_about(FILE *stream, const json_t *message)
{
	const json_t *event;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)value_in(message, "about"), i, event)
	{
		print_label(stream, i ? "" : "later");
		print_safe(stream, text_in(event, "kind"));
		fprintf(stream, " %" PRId64 " by ", number_in(event, "id"));
		put_person(stream, event);
		fputc('\n', stream);
	}
}

void life_print(const json_t *rows, FILE *stream)
{
	const json_t *message;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)rows, i, message)
	{
		put_head(stream, message);
		put_body(stream, message);
		put_steps(stream, message);
		put_destinations(stream, message);
		put_about(stream, message);
		if (!json_is_true(value_in(message, "whole")))
			fputs("incomplete: newer messages have overwritten a part, or it did not "
			      "come in here\n",
			      stream);
		fputc('\n', stream);
	}
}
