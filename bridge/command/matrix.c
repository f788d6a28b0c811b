#include "bridge/command/matrix.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/command/matrix_json.h"
#include "bridge/command/matrix_markdown.h"
#include "bridge/core/shows/shows.h"
#include "codecs/calls.h"
#include "codecs/registry.h"
#include "conf/table/shape.h"
#include "routes/deliver/matrix.h"

#define WIDTH       100
#define CASE_WIDTH  20
#define CELL_WIDTH  5
#define SHORT_NAME  4
#define WAY_WIDTH   18
#define PHRASE_WIDE 28

/* How the room at hand has events shown, by dialect; NULL: as the dialects have it. */
typedef const uint8_t *const room_rules[DIALECTS_MAX];

static const uint8_t *rules_for(room_rules rules, const struct codec *codec)
{
	return rules[registry_find(slice_of(codec->name))];
}

/* ---- all pairs: a word for each ---- */

/* "own*": in the dialect's own words, but not all of what was said. */
static const char *word_of(const struct matrix_way *way, enum event_case of)
{
	struct matrix_event event = matrix_event(way, of);

	switch (event.form) {
	case MATRIX_OWN: return matrix_is_whole(way, of) ? "own" : "own*";
	case MATRIX_TEXT: return "text";
	case MATRIX_WORDS: return "word";
	case MATRIX_REFUSED: return "no!";
	case MATRIX_NOT: break;
	}
	return "-";
}

static void print_heads(FILE *stream)
{
	size_t count = registry_count();

	fprintf(stream, "%-*s", CASE_WIDTH, "from");
	for (size_t i = 0; i < count; i++)
		fprintf(stream, "%-*s", i + 1 < count ? (int)count * CELL_WIDTH : 0,
			registry_codec(i)->name);
	fprintf(stream, "\n%-*s", CASE_WIDTH, "to");
	for (size_t i = 0; i < count * count; i++)
		fprintf(stream, "%-*.*s", i + 1 < count * count ? CELL_WIDTH : 0, SHORT_NAME,
			registry_codec(i % count)->name);
	fputc('\n', stream);
}

/* Clients of some dialect say it. */
static bool is_said(enum event_case of)
{
	for (size_t i = 0; i < registry_count(); i++) {
		struct matrix_way way = { .from = registry_codec(i), .to = registry_codec(i) };

		if (matrix_event(&way, of).arises)
			return true;
	}
	return false;
}

static void print_case(room_rules rules, enum event_case of, FILE *stream)
{
	size_t count = registry_count();
	int blanks = CASE_WIDTH - fprintf(stream, "%s", case_name(of));

	for (size_t i = 0; i < count * count; i++) {
		struct matrix_way way = { .from = registry_codec(i / count),
					  .to = registry_codec(i % count),
					  .rules = rules[i % count] };

		if (!matrix_event(&way, of).arises) {
			blanks += CELL_WIDTH;
			continue;
		}
		blanks =
		    CELL_WIDTH - fprintf(stream, "%*s%s", blanks, "", word_of(&way, of)) + blanks;
	}
	fputc('\n', stream);
}

static void print_all(room_rules rules, FILE *stream)
{
	const char *comma = " ";

	print_heads(stream);
	for (enum event_case of = 0; of < EVENT_CASES; of++)
		if (is_said(of))
			print_case(rules, of, stream);
	fputs(
	    "\nWhat clients of one dialect say or do, as others than the one concerned see it:\n"
	    "  own   as an event of their dialect             own*  the same, but not all of it\n"
	    "  text  as a message of who did it, or wrote it  word  as a sentence of the server\n"
	    "  -     not at all, which is counted             no!   refused; who says it is told\n"
	    "Nothing: clients of that dialect do not say it. Only servers say:",
	    stream);
	for (enum event_case of = 0; of < EVENT_CASES; of++) {
		if (is_said(of))
			continue;
		fprintf(stream, "%s%s", comma, case_name(of));
		comma = ", ";
	}
	fputs(".\nWith --pair A,B: each field, and the ways to and from servers that are "
	      "upstreams.\n",
	      stream);
}

/* ---- one pair ---- */

static const char *const ways_shown[4] = { "client to client", "client to server",
					   "server to client", "server to server" };

/* What is looked at: one ordered pair. */
struct pair {
	const struct codec *from, *to;
	const uint8_t *rules; /* of the room, for clients who speak `to`; NULL: none */
};

static bool way_of(const struct pair *pair, unsigned i, struct matrix_way *way)
{
	*way = (struct matrix_way){ .from = pair->from,
				    .to = pair->to,
				    .from_server = i & 2,
				    .to_server = i & 1,
				    .rules = pair->rules };
	return (!way->from_server || way->from->calls) && (!way->to_server || way->to->calls);
}

static const char *pair_word(const struct matrix_way *way, enum event_case of, char out[WAY_WIDTH])
{
	struct matrix_event event = matrix_event(way, of);

	if (!event.arises)
		return "";
	snprintf(out, WAY_WIDTH, "%s%s", word_of(way, of), event.words ? ", word" : "");
	return out;
}

/* Blanks stand before what follows, never at the end of a line. */
static void print_pair_case(const struct pair *pair, enum event_case of, FILE *stream)
{
	int blanks = PHRASE_WIDE - fprintf(stream, "%s", case_phrase(of));
	struct matrix_way way;
	char word[WAY_WIDTH];

	for (unsigned i = 0; i < 4; i++) {
		const char *shown = way_of(pair, i, &way) ? pair_word(&way, of, word) : "";

		if (*shown) {
			fprintf(stream, "%*s%s", blanks, "", shown);
			blanks = -(int)strlen(shown);
		}
		blanks += WAY_WIDTH;
	}
	fputc('\n', stream);
}

static void print_pair_table(const struct pair *pair, FILE *stream)
{
	fprintf(stream, "%-*s", PHRASE_WIDE, "");
	for (unsigned i = 0; i < 4; i++)
		fprintf(stream, "%-*s", i < 3 ? WAY_WIDTH : 0, ways_shown[i]);
	fputc('\n', stream);
	for (enum event_case of = 0; of < EVENT_CASES; of++)
		print_pair_case(pair, of, stream);
}

/* Words behind one another, in lines of WIDTH. */
struct paragraph {
	FILE *stream;
	int column;
};

static void put_word(struct paragraph *p, const char *word)
{
	int len = (int)strlen(word);

	if (p->column + 2 + len > WIDTH) /* a comma may follow */
		p->column = fprintf(p->stream, "\n     ") - 1;
	p->column += fprintf(p->stream, " %s", word);
}

static void put_words(struct paragraph *p, const char *text)
{
	char word[64];

	for (size_t len; *text; text += len + (text[len] != '\0')) {
		len = strcspn(text, " ");
		snprintf(word, sizeof(word), "%.*s", (int)len, text);
		put_word(p, word);
	}
}

/* The fields that share what is said of the first of them, which are then taken from the rest. */
static void print_fields(struct paragraph *p, const struct matrix_way *way, enum event_case of,
			 uint64_t *rest)
{
	const char *how = NULL;
	char text[96];

	for (enum event_field field = 0; field < EVENT_FIELDS; field++) {
		struct matrix_field one;

		if (!(*rest >> field & 1))
			continue;
		one = matrix_field(way, of, field);
		if (how && strcmp(how, one.how) != 0)
			continue;
		if (how)
			fputc(',', p->stream), p->column++;
		how = one.how;
		*rest &= ~(UINT64_C(1) << field);
		put_words(p, field_name(field));
	}
	snprintf(text, sizeof(text), "(%s)%s", how, *rest ? ";" : "");
	put_words(p, text);
}

/* Of what is said there. That clients of other dialects are not told what a server says besides is
 * told once. */
static uint64_t inexact(const struct matrix_way *way, enum event_case of)
{
	uint64_t fields = case_fields(of) & ~FIELD_BIT(EVENT);

	if (way->from != way->to)
		fields &= ~FIELD_BIT(EXTRA);
	for (enum event_field field = 0; field < EVENT_FIELDS; field++) {
		struct matrix_field one;

		if (!(fields >> field & 1))
			continue;
		one = matrix_field(way, of, field);
		if (one.carried == CARRIED_NATIVE || !one.said)
			fields &= ~(UINT64_C(1) << field);
	}
	return fields;
}

static void print_inexact(const struct matrix_way *way, enum event_case of, FILE *stream)
{
	struct matrix_event event = matrix_event(way, of);
	struct paragraph p = { .stream = stream };
	char text[128];

	if (!event.arises)
		return;
	p.column = fprintf(stream, "  %s:", case_name(of));
	if (event.why || event.form != MATRIX_OWN || event.carry != CARRY_NATIVE) {
		snprintf(text, sizeof(text), "%s%s",
			 event.why                    ? event.why
			 : event.form == MATRIX_TEXT  ? "as a message of who did it or wrote it"
			 : event.form == MATRIX_WORDS ? "as a sentence of the server"
						      : carry_text(event.carry),
			 event.why ? "" : ".");
		put_words(&p, text);
	}
	if (!event.why)
		for (uint64_t rest = inexact(way, of); rest;)
			print_fields(&p, way, of, &rest);
	fputc('\n', stream);
}

static bool is_exact(const struct matrix_way *way, enum event_case of)
{
	struct matrix_event event = matrix_event(way, of);

	return event.form == MATRIX_OWN && event.carry == CARRY_NATIVE && !inexact(way, of);
}

static void print_pair(const struct pair *pair, FILE *stream)
{
	struct matrix_way way;

	fprintf(stream, "From %s to %s\n\n", pair->from->name, pair->to->name);
	print_pair_table(pair, stream);
	for (unsigned i = 0; i < 4; i++) {
		if (!way_of(pair, i, &way))
			continue;
		fprintf(stream, "\nWhat is not exact, %s:\n", ways_shown[i]);
		for (enum event_case of = 0; of < EVENT_CASES; of++)
			if (!is_exact(&way, of))
				print_inexact(&way, of, stream);
	}
	if (pair->from != pair->to)
		fputs("\nWhat a server says besides, that is not modelled, is told clients of its "
		      "dialect only.\n",
		      stream);
}

/* ---- the command ---- */

static const struct codec *dialect_of(const char *name, size_t len)
{
	size_t found = registry_find(slice_span(name, len));

	return found < DIALECTS_MAX ? registry_codec(found) : NULL;
}

static bool read_pair(const char *pair, const struct codec **from, const struct codec **to)
{
	const char *comma = strchr(pair, ',');

	if (!comma)
		return false;
	*from = dialect_of(pair, (size_t)(comma - pair));
	*to = dialect_of(comma + 1, strlen(comma + 1));
	return *from && *to;
}

/* How the room, or the route in it, has events shown. */
struct shown {
	uint8_t rules[DIALECTS_MAX][ENVELOPE_KINDS];
	bool mass_mentions;
};

static bool is_about(const struct conf_route *route, const char *room)
{
	size_t i = 0;

	for (; i < route->room.count; i++) {
		const char *name = route->room.items[i];
		size_t len = strlen(name);

		if (strcmp(name, room) == 0 ||
		    (len > 0 && name[len - 1] == '*' && strncmp(name, room, len - 1) == 0))
			return true;
	}
	return i == 0;
}

/* By its name, or else its number. */
static const struct conf_route *find_route(const struct conf *conf, const char *name)
{
	char *end;
	unsigned long number = strtoul(name, &end, 10);

	for (size_t i = 0; i < conf->route_count; i++)
		if (*conf->routes[i].name && strcmp(conf->routes[i].name, name) == 0)
			return &conf->routes[i];
	if (*name && !*end && number >= 1 && number <= conf->route_count)
		return &conf->routes[number - 1];
	return NULL;
}

static bool read_route(const struct conf *conf, const struct arguments *arguments,
		       struct shown *shown, FILE *errors)
{
	const struct conf_route *route = find_route(conf, arguments->route);

	if (!route) {
		fprintf(errors, "dragoman: there is no route '%s'\n",
			shape_shown(arguments->route));
		return false;
	}
	if (!is_about(route, arguments->room)) {
		fprintf(errors, "dragoman: that route is not about the room '%s'\n",
			shape_shown(arguments->room));
		return false;
	}
	for (size_t d = 0; d < registry_count(); d++)
		shows_route_rules(route, d, shown->rules[d]);
	shown->mass_mentions |= route->mass_mentions;
	return true;
}

static bool read_room(const struct conf *conf, const struct arguments *arguments,
		      struct shown *shown, FILE *errors)
{
	const char *name = arguments->room;
	size_t i = 0;

	if (!conf || !name) {
		fputs("dragoman: --config and --room need each other, and --route needs both\n",
		      errors);
		return false;
	}
	while (i < conf->room_count && strcmp(conf->rooms[i].name, name) != 0)
		i++;
	if (i == conf->room_count) {
		fprintf(errors, "dragoman: there is no room '%s'\n", shape_shown(name));
		return false;
	}
	for (size_t d = 0; d < registry_count(); d++)
		shows_rules(&conf->rooms[i], d, shown->rules[d]);
	shown->mass_mentions = conf->rooms[i].mass_mentions;
	return !arguments->route || read_route(conf, arguments, shown, errors);
}

static void print_mass_mentions(const struct shown *shown, FILE *stream)
{
	fprintf(stream, "What calls everybody (@everyone) %s.\n",
		shown->mass_mentions ? "goes to clients of other dialects as typed"
				     : "is broken for clients of other dialects");
}

static bool refuse_pair(FILE *errors)
{
	fputs("dragoman: --pair needs two dialects, A,B, of:", errors);
	for (size_t i = 0; i < registry_count(); i++)
		fprintf(errors, " %s", registry_codec(i)->name);
	fputc('\n', errors);
	return false;
}

bool matrix_run(const struct conf *conf, const struct arguments *arguments, FILE *stream,
		FILE *errors)
{
	struct shown shown;
	const uint8_t *rules[DIALECTS_MAX] = { NULL };
	struct pair pair = { NULL };

	if (arguments->pair && !read_pair(arguments->pair, &pair.from, &pair.to))
		return refuse_pair(errors);
	if (arguments->markdown && (arguments->json || arguments->pair || arguments->file)) {
		fputs("dragoman: --markdown excludes the other options\n", errors);
		return false;
	}
	if ((arguments->file || arguments->room || arguments->route) &&
	    !read_room(conf, arguments, &shown, errors))
		return false;
	for (size_t d = 0; arguments->room && d < registry_count(); d++)
		rules[d] = shown.rules[d];
	if (pair.to)
		pair.rules = rules_for(rules, pair.to);
	if (arguments->json)
		matrix_print_json(pair.from, pair.to, rules,
				  arguments->room ? &shown.mass_mentions : NULL, stream);
	else if (arguments->markdown)
		matrix_print_markdown(stream);
	else if (pair.from)
		print_pair(&pair, stream);
	else
		print_all(rules, stream);
	if (arguments->room && !arguments->json)
		print_mass_mentions(&shown, stream);
	return true;
}
