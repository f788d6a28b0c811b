#include "bridge/command/matrix_markdown.h"

#include "codecs/registry.h"
#include "routes/deliver/matrix.h"

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
		fprintf(stream, "%s; ", words);
	fputs("own", stream);
	if (event->carry != CARRY_NATIVE)
		fprintf(stream, ", %s", carry_text(event->carry));
	if (event->words && !subject)
		fprintf(stream, "; %s", words);
}

static void put_shown(const struct codec *codec, enum event_case of, bool subject, FILE *stream)
{
	/* What is not modelled comes from servers of the dialect alone. */
	struct matrix_way way = {
		.from = codec, .to = codec, .from_server = of == CASE_OPAQUE, .subject = subject
	};
	struct matrix_event event = matrix_event(&way, of);

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

void matrix_print_markdown(FILE *stream)
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
