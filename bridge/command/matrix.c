#include "bridge/command/matrix.h"

#include <stdarg.h>
#include <string.h>

#include "bridge/command/matrix_json.h"
#include "codecs/calls.h"
#include "codecs/registry.h"
#include "routes/deliver/matrix.h"

#define WIDTH       100
#define CASE_WIDTH  20
#define CELL_WIDTH  5
#define SHORT_NAME  4
#define WAY_WIDTH   18
#define PHRASE_WIDE 28

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

static void print_case(enum event_case of, FILE *stream)
{
	size_t count = registry_count();
	int blanks = CASE_WIDTH - fprintf(stream, "%s", case_name(of));

	for (size_t i = 0; i < count * count; i++) {
		struct matrix_way way = { .from = registry_codec(i / count),
					  .to = registry_codec(i % count) };

		if (!matrix_event(&way, of).arises) {
			blanks += CELL_WIDTH;
			continue;
		}
		blanks =
		    CELL_WIDTH - fprintf(stream, "%*s%s", blanks, "", word_of(&way, of)) + blanks;
	}
	fputc('\n', stream);
}

static void print_all(FILE *stream)
{
	const char *comma = " ";

	print_heads(stream);
	for (enum event_case of = 0; of < EVENT_CASES; of++)
		if (is_said(of))
			print_case(of, stream);
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

static bool way_of(const struct codec *from, const struct codec *to, unsigned i,
		   struct matrix_way *way)
{
	*way =
	    (struct matrix_way){ .from = from, .to = to, .from_server = i & 2, .to_server = i & 1 };
	return (!way->from_server || from->calls) && (!way->to_server || to->calls);
}

static const char *pair_word(const struct matrix_way *way, enum event_case of, char out[WAY_WIDTH])
{
	struct matrix_event event = matrix_event(way, of);

	if (!event.arises)
		return "";
	snprintf(out, WAY_WIDTH, "%s%s", word_of(way, of), event.words ? ", word" : "");
	return out;
}

static void print_pair_table(const struct codec *from, const struct codec *to, FILE *stream)
{
	struct matrix_way way;
	char word[WAY_WIDTH];

	fprintf(stream, "%-*s", PHRASE_WIDE, "");
	for (unsigned i = 0; i < 4; i++)
		fprintf(stream, "%-*s", i < 3 ? WAY_WIDTH : 0, ways_shown[i]);
	fputc('\n', stream);
	for (enum event_case of = 0; of < EVENT_CASES; of++) {
		fprintf(stream, "%-*.*s", PHRASE_WIDE, PHRASE_WIDE - 1, case_phrase(of));
		for (unsigned i = 0; i < 4; i++)
			fprintf(stream, "%-*s", i < 3 ? WAY_WIDTH : 0,
				way_of(from, to, i, &way) ? pair_word(&way, of, word) : "");
		fputc('\n', stream);
	}
}

/* Words behind one another, in lines of WIDTH. */
struct paragraph {
	FILE *stream;
	int column;
};

static void put_word(struct paragraph *p, const char *word)
{
	int len = (int)strlen(word);

	if (p->column + 1 + len > WIDTH)
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

static void print_pair(const struct codec *from, const struct codec *to, FILE *stream)
{
	struct matrix_way way;

	fprintf(stream, "From %s to %s\n\n", from->name, to->name);
	print_pair_table(from, to, stream);
	for (unsigned i = 0; i < 4; i++) {
		if (!way_of(from, to, i, &way))
			continue;
		fprintf(stream, "\nWhat is not exact, %s:\n", ways_shown[i]);
		for (enum event_case of = 0; of < EVENT_CASES; of++)
			if (!is_exact(&way, of))
				print_inexact(&way, of, stream);
	}
	if (from != to)
		fputs("\nWhat a server says besides, that is not modelled, is told clients of its "
		      "dialect only.\n",
		      stream);
}

/* ---- README's table ---- */

static void put_said(const struct codec *codec, enum event_case of, const char **comma,
		     FILE *stream)
{
	enum carry said = carries_find(codec, of, FIELD_EVENT, CARRY_SAID);

	if (said != CARRY_NATIVE && said != CARRY_HTTP)
		return;
	fprintf(stream, "%s%s", *comma, said == CARRY_HTTP ? "asks by HTTP" : "says");
	*comma = ", ";
}

static void put_own(const struct matrix_event *event, bool subject, FILE *stream)
{
	const char *words = event->reason ? "the reason in words" : "words";

	if (event->words && subject)
		fprintf(stream, "%s, then ", words);
	fputs("own", stream);
	if (event->carry != CARRY_NATIVE)
		fprintf(stream, " %s", carry_text(event->carry));
	if (event->words && !subject)
		fprintf(stream, " and %s", words);
}

static void put_shown(const struct codec *codec, enum event_case of, bool subject, FILE *stream)
{
	struct matrix_way way = { .from = codec, .to = codec, .subject = subject };
	struct matrix_event event = matrix_event(&way, of);

	/* Of its own server: what others say of themselves is nothing to it. */
	way.from_server = of == CASE_OPAQUE;
	if (way.from_server)
		event = matrix_event(&way, of);
	switch (event.form) {
	case MATRIX_OWN: put_own(&event, subject, stream); return;
	case MATRIX_TEXT: fputs(event.again ? "taken away and said again" : "text", stream); return;
	case MATRIX_WORDS: fputs("words", stream); return;
	case MATRIX_REFUSED: fputs("refused", stream); return;
	case MATRIX_NOT: break;
	}
	fputs("\xe2\x80\x93", stream);
}

static void print_row(const char *phrase, const char *whom, enum event_case of, bool subject,
		      FILE *stream)
{
	fprintf(stream, "| %s%s |", phrase, whom);
	for (size_t i = 0; i < registry_count(); i++) {
		const char *comma = "";

		fputc(' ', stream);
		if (!subject)
			put_said(registry_codec(i), of, &comma, stream);
		fputs(comma, stream);
		put_shown(registry_codec(i), of, subject, stream);
		fputs(" |", stream);
	}
	fputc('\n', stream);
}

/* A field of a message, in a row of its own. */
static void print_field_row(const char *phrase, enum event_field field, FILE *stream)
{
	fprintf(stream, "| %s |", phrase);
	for (size_t i = 0; i < registry_count(); i++) {
		const struct codec *codec = registry_codec(i);
		enum carry said = carries_find(codec, CASE_MESSAGE, field, CARRY_SAID);
		enum carry shown = carries_find(codec, CASE_MESSAGE, field, CARRY_SHOWN);
		enum carried class = carry_class(shown);

		fprintf(stream, " %s%s |", carry_class(said) == CARRIED_NATIVE ? "says, " : "",
			class == CARRIED_NATIVE     ? "own"
			: class == CARRIED_DEGRADED ? "text"
						    : "\xe2\x80\x93");
	}
	fputc('\n', stream);
}

static void print_markdown(FILE *stream)
{
	fputs("| |", stream);
	for (size_t i = 0; i < registry_count(); i++)
		fprintf(stream, " %s |", registry_codec(i)->name);
	fputs("\n|---|", stream);
	for (size_t i = 0; i < registry_count(); i++)
		fputs("---|", stream);
	fputc('\n', stream);
	for (enum event_case of = 0; of < EVENT_CASES; of++) {
		bool deed = case_has_subject(of);

		print_row(case_phrase(of), deed ? ": others" : "", of, false, stream);
		if (deed)
			print_row(case_phrase(of), ": the user concerned", of, true, stream);
		if (of != CASE_MESSAGE)
			continue;
		print_field_row("action (`/me`)", FIELD_ACTION, stream);
		print_field_row("emoticons", FIELD_EMOTES, stream);
		print_field_row("links, mentions", FIELD_LINKS, stream);
		print_field_row("thread", FIELD_THREAD, stream);
	}
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

bool matrix_run(const struct arguments *arguments, FILE *stream, FILE *errors)
{
	const struct codec *from = NULL, *to = NULL;

	if (arguments->pair && !read_pair(arguments->pair, &from, &to)) {
		fputs("dragoman: --pair needs two dialects, A,B, of:", errors);
		for (size_t i = 0; i < registry_count(); i++)
			fprintf(errors, " %s", registry_codec(i)->name);
		fputc('\n', errors);
		return false;
	}
	if (arguments->json)
		matrix_print_json(from, to, stream);
	else if (arguments->markdown)
		print_markdown(stream);
	else if (from)
		print_pair(from, to, stream);
	else
		print_all(stream);
	return true;
}
