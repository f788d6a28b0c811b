#include "conf/read/lexer.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "conf/table/owned.h"
#include "conf/table/shape.h"

#define SHOWN_MAX 40
#define MARKS     "=:;,()[]{}"

/* What word processors and web pages make of blanks and quotes. */
#define HARD_SPACE  "\xc2\xa0"
#define LEFT_QUOTE  "\xe2\x80\x9c"
#define RIGHT_QUOTE "\xe2\x80\x9d"
#define LOW_QUOTE   "\xe2\x80\x9e"

void lexer_init(struct lexer *lexer, const char *folder, struct faults *faults)
{
	*lexer = (struct lexer){ .faults = faults };
	inputs_init(&lexer->inputs, folder, faults);
}

void lexer_clear(struct lexer *lexer)
{
	inputs_clear(&lexer->inputs);
}

void lexer_stop(struct lexer *lexer)
{
	lexer->stopped = lexer->lost = true;
}

void lexer_fault(struct lexer *lexer, const char *file, unsigned line, char *message)
{
	if (lexer->stopped) {
		free(message);
		return;
	}
	faults_add(lexer->faults, file, line, message);
	if (lexer->faults->count < LEXER_FAULTS_MAX)
		return;
	faults_add(lexer->faults, file, line,
		   owned_text("too many errors: the rest is not checked"));
	lexer_stop(lexer);
}

/* Takes message. */
static void fault(struct lexer *lexer, const struct input *input, unsigned line, char *message)
{
	lexer_fault(lexer, input->file, line, message);
}

static bool starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* ---- what lies between tokens ---- */

static void skip_comment(struct lexer *lexer, struct input *input)
{
	unsigned first = input->line;

	for (input->at += 2; *input->at; input->at++) {
		if (starts(input->at, "*/")) {
			input->at += 2;
			return;
		}
		input->line += *input->at == '\n';
	}
	fault(lexer, input, first, owned_text("unterminated comment: '*/' is missing"));
	lexer->lost = true;
}

static void skip_odd_space(struct lexer *lexer, struct input *input)
{
	if (lexer->odd_file != input->file || lexer->odd_line != input->line)
		fault(
		    lexer, input, input->line,
		    owned_text(
			"a non-breaking space (U+00A0), which looks like a space: write a space"));
	lexer->odd_file = input->file;
	lexer->odd_line = input->line;
	input->at += strlen(HARD_SPACE);
}

/* False: a token stands here, or the end. */
static bool skip_blank(struct lexer *lexer, struct input *input)
{
	const char *at = input->at;

	if (*at == '\n') {
		input->line++;
		input->at++;
		input->fresh = true;
	} else if (*at && strchr(" \t\r\f", *at)) {
		input->at++;
	} else if (*at == '#' || starts(at, "//")) {
		input->at += strcspn(at, "\n");
	} else if (starts(at, "/*")) {
		skip_comment(lexer, input);
	} else if (starts(at, HARD_SPACE)) {
		skip_odd_space(lexer, input);
	} else {
		return false;
	}
	return true;
}

/* ---- texts ---- */

/* The byte of \xHH, or -1. */
static int hexadecimal(const char *at)
{
	char pair[3] = { at[0], at[0] ? at[1] : '\0', '\0' };

	if (!isxdigit((unsigned char)pair[0]) || !isxdigit((unsigned char)pair[1]))
		return -1;
	return (int)strtol(pair, NULL, 16);
}

/* What an escape at at, behind the backslash, stands for; 0: for itself, with the backslash. */
static int escaped(const char *at, size_t *len)
{
	static const char letters[] = "nrtf\\\"", values[] = "\n\r\t\f\\\"";
	const char *found = *at ? strchr(letters, *at) : NULL;
	int byte = *at == 'x' || *at == 'X' ? hexadecimal(at + 1) : -1;

	*len = found ? 1 : 3;
	if (found)
		return values[found - letters];
	return byte;
}

/* len bytes between quotes, without their escapes. Returns new. */
static char *unescape(struct lexer *lexer, struct input *input, const char *text, size_t len)
{
	char *out = owned_zeroed(len + 1, 1), *to = out;
	const char *end = text + len;

	while (text < end) {
		size_t width = 0;
		int byte = *text == '\\' ? escaped(text + 1, &width) : -1;

		if (byte == 0)
			fault(lexer, input, input->line,
			      owned_text("a text cannot contain NUL (\\x00)"));
		if (byte > 0)
			*to++ = (char)byte;
		else if (byte < 0)
			*to++ = *text;
		text += byte < 0 ? 1 : 1 + width;
	}
	return out;
}

/* The length up to the quote or the end of the line. */
static size_t span_text(const char *text)
{
	const char *at = text;

	while (*at && *at != '"' && *at != '\n')
		at += at[0] == '\\' && at[1] && at[1] != '\n' ? 2 : 1;
	return (size_t)(at - text);
}

/* Does the line end within a text, when it is read on from behind a text? */
static bool ends_within_text(const char *at)
{
	while (*at && *at != '\n' && *at != '#' && !starts(at, "//") && !starts(at, "/*")) {
		if (*at++ != '"')
			continue;
		at += span_text(at);
		if (*at != '"')
			return true;
		at++;
	}
	return false;
}

static bool has_marks(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (strchr(";()[]{}=", text[i]))
			return true;
	return false;
}

/* A text may not hold a line's end, in no directive. So it is known in which line a quote is
 * missing, and the first text there that has marks in it or a word behind it is the one. */
static bool lacks_end(struct input *input, const char *text, size_t len)
{
	if (text[len] != '"')
		return true;
	if (input->whole_line == input->line ||
	    (!has_marks(text, len) && !isalnum((unsigned char)text[len + 1])))
		return false;
	if (ends_within_text(text + len + 1))
		return true;
	input->whole_line = input->line;
	return false;
}

static void read_text(struct lexer *lexer, struct input *input, struct token *token)
{
	const char *text = input->at + 1;
	size_t len = span_text(text);

	token->kind = TOKEN_TEXT;
	if (lacks_end(input, text, len)) {
		fault(lexer, input, token->line,
		      owned_text("unterminated text: closing '\"' is missing in this line"));
		token->faulty = lexer->lost = true;
		token->text = owned_text("");
		input->at += strcspn(input->at, "\n");
		return;
	}
	token->text = unescape(lexer, input, text, len);
	input->at = text + len + 1;
}

/* 'x' and “x”. */
static void read_odd_text(struct lexer *lexer, struct input *input, struct token *token)
{
	bool single = *input->at == '\'';
	const char *from = input->at + (single ? 1 : strlen(LEFT_QUOTE)), *line, *end;

	line = from + strcspn(from, "\n");
	end = strstr(from, single ? "'" : RIGHT_QUOTE);
	if (!end || end > line)
		end = from + strcspn(from, " \t\n;,)]}\"'");
	fault(lexer, input, input->line,
	      owned_text(single ? "a text needs double quotes: \"...\", not '...'"
				: "these are typographic quotes: a text needs \"...\""));
	token->kind = TOKEN_TEXT;
	token->faulty = true;
	token->text = owned_format("%.*s", (int)(end - from), from);
	input->at = end;
	if (single && *end == '\'')
		input->at = end + 1;
	else if (!single && (starts(end, RIGHT_QUOTE) || *end == '"'))
		input->at = end + (*end == '"' ? 1 : strlen(RIGHT_QUOTE));
}

/* ---- other tokens ---- */

static size_t span_word(const char *text)
{
	size_t len = 0;

	while (isalnum((unsigned char)text[len]) || (text[len] && strchr("-_*", text[len])))
		len++;
	return len;
}

static bool begins_number(const char *at)
{
	at += *at == '-' || *at == '+';
	at += *at == '.';
	return isdigit((unsigned char)*at);
}

static void read_number(struct lexer *lexer, struct input *input, struct token *token)
{
	const char *at = input->at;
	size_t len = 1;
	char *wrong;

	while (isalnum((unsigned char)at[len]) || (at[len] && strchr("._+-", at[len])))
		len++;
	wrong = token_number(token, at, len);
	if (wrong)
		fault(lexer, input, token->line, wrong);
	input->at += len;
}

static void read_wrong(struct lexer *lexer, struct input *input, struct token *token)
{
	size_t len = strcspn(input->at, " \t\r\n\"" MARKS);
	char *shown;

	token->kind = TOKEN_WRONG;
	token->faulty = true;
	len = len ? len : 1;
	shown = owned_format("%.*s", len > SHOWN_MAX ? SHOWN_MAX : (int)len, input->at);
	if (shape_printable(shown))
		fault(lexer, input, token->line,
		      owned_format("unexpected '%s'; a text needs double quotes", shown));
	else
		fault(lexer, input, token->line,
		      owned_format("unexpected byte 0x%02x", (unsigned char)*input->at));
	free(shown);
	input->at += len;
}

/* A file's name or a host's is no name here. */
static void read_name(struct lexer *lexer, struct input *input, struct token *token)
{
	size_t len = span_word(input->at);

	if (input->at[len] && strchr("./@~\\", input->at[len])) {
		read_wrong(lexer, input, token);
		return;
	}
	token->kind = TOKEN_NAME;
	token->text = owned_format("%.*s", (int)len, input->at);
	input->at += len;
}

static void read_token(struct lexer *lexer, struct input *input, struct token *token)
{
	const char *at = input->at;

	token->file = input->file;
	token->line = input->line;
	input->fresh = false;
	if (strchr(MARKS, *at)) {
		token->kind = TOKEN_MARK;
		token->mark = *at;
		input->at++;
	} else if (*at == '"') {
		read_text(lexer, input, token);
	} else if (*at == '\'' || starts(at, LEFT_QUOTE) || starts(at, LOW_QUOTE) ||
		   starts(at, RIGHT_QUOTE)) {
		read_odd_text(lexer, input, token);
	} else if (begins_number(at)) {
		read_number(lexer, input, token);
	} else if (isalpha((unsigned char)*at) || *at == '*') {
		read_name(lexer, input, token);
	} else {
		read_wrong(lexer, input, token);
	}
}

/* ---- @include ---- */

/* At "@". Returns the name, new; NULL and a fault when it is none, with the rest of the line
 * skipped. */
static char *read_include(struct lexer *lexer, struct input *input)
{
	static const char word[] = "@include";
	const char *at = input->at + strlen(word), *wrong = NULL;
	size_t len;
	char *name;

	if (!starts(input->at, word) || isalnum((unsigned char)*at) || *at == '_')
		wrong = "only @include \"FILE\" may begin with '@'";
	else if (!input->fresh)
		wrong = "@include must be at the beginning of a line";
	else
		at += strspn(at, " \t");
	len = !wrong && *at == '"' ? span_text(at + 1) : 0;
	if (!wrong && (*at != '"' || at[1 + len] != '"'))
		wrong = "@include needs a file name in quotes: @include \"FILE\"";
	if (wrong) {
		fault(lexer, input, input->line, owned_text(wrong));
		input->at += strcspn(input->at, "\n");
		return NULL;
	}
	name = unescape(lexer, input, at + 1, len);
	input->at = at + len + 2;
	return name;
}

static void include(struct lexer *lexer, struct input *input)
{
	char *name = read_include(lexer, input);
	char *path = name ? owned_path(lexer->inputs.folder, name) : NULL;

	if (!path || !inputs_add_file(&lexer->inputs, path))
		lexer->lost = true;
	free(path);
	free(name);
}

void lexer_next(struct lexer *lexer, struct token *token)
{
	struct input *input;

	token_clear(token);
	while ((input = inputs_top(&lexer->inputs)) && !lexer->stopped) {
		if (skip_blank(lexer, input))
			continue;
		if (*input->at == '@') {
			include(lexer, input);
		} else if (*input->at) {
			read_token(lexer, input, token);
			return;
		} else {
			token->file = input->file;
			token->line = input->line;
			inputs_pop(&lexer->inputs);
		}
	}
}
