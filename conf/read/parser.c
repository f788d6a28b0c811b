#include "conf/read/parser.h"

#include <libconfig.h>
#include <stdarg.h>
#include <stdio.h>

#include "conf/table/owned.h"

#define MESSAGE_BYTES 512

void parser_mark_open(struct parser *parser)
{
	for (unsigned i = 0; i < parser->depth; i++)
		setting_mark(parser->stack[i].setting, MARK_LOST);
}

struct open *parser_innermost(struct parser *parser)
{
	return &parser->stack[parser->depth - 1];
}

/* ---- tokens ---- */

/* What the lexer lost stood somewhere in what is open. Looking ahead, something more may be open
 * when it is reached. */
static void mark_lost(struct parser *parser)
{
	if (!parser->lexer->lost)
		return;
	setting_mark(parser_innermost(parser)->setting, MARK_LOST);
	setting_mark(parser_innermost(parser)->setting, MARK_WRONG);
}

void parser_next(struct parser *parser)
{
	if (!parser->looked)
		lexer_next(parser->lexer, &parser->token);
	mark_lost(parser);
	parser->lexer->lost = parser->lexer->stopped;
	if (!parser->looked)
		return;
	token_clear(&parser->token);
	parser->token = parser->ahead;
	parser->ahead = (struct token){ .kind = TOKEN_END };
	parser->looked = false;
}

const struct token *parser_ahead(struct parser *parser)
{
	if (!parser->looked)
		lexer_next(parser->lexer, &parser->ahead);
	mark_lost(parser);
	parser->looked = true;
	return &parser->ahead;
}

static void tell(struct parser *parser, const char *file, unsigned line, const char *format,
		 va_list arguments) __attribute__((format(printf, 4, 0)));

static void tell(struct parser *parser, const char *file, unsigned line, const char *format,
		 va_list arguments)
{
	char text[MESSAGE_BYTES];

	vsnprintf(text, sizeof(text), format, arguments);
	lexer_fault(parser->lexer, file, line, owned_text(text));
	setting_mark(parser_innermost(parser)->setting, MARK_WRONG);
}

void parser_fault_at(struct parser *parser, const char *file, unsigned line, const char *format,
		     ...)
{
	va_list arguments;

	va_start(arguments, format);
	tell(parser, file, line, format, arguments);
	va_end(arguments);
}

void parser_fault(struct parser *parser, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	tell(parser, parser->token.file, parser->token.line, format, arguments);
	va_end(arguments);
}

bool token_is_equals(const struct token *token)
{
	return token_is(token, '=') || token_is(token, ':');
}

bool parser_at_setting(struct parser *parser)
{
	return (parser->token.kind == TOKEN_NAME || parser->token.kind == TOKEN_TEXT) &&
	       token_is_equals(parser_ahead(parser));
}

bool token_is_closer(const struct token *token)
{
	return token_is(token, ')') || token_is(token, ']') || token_is(token, '}');
}

bool parser_at_end(const struct parser *parser)
{
	for (unsigned i = 0; i < parser->depth; i++)
		if (token_is(&parser->token, parser->stack[i].closer))
			return true;
	return false;
}

bool token_begins_value(const struct token *token)
{
	return (token->kind != TOKEN_END && token->kind != TOKEN_MARK) || token_is(token, '(') ||
	       token_is(token, '[') || token_is(token, '{');
}

void parser_skip(struct parser *parser)
{
	unsigned deep = 0;

	setting_mark(parser_innermost(parser)->setting, MARK_LOST);
	while (parser->token.kind != TOKEN_END) {
		const struct token *token = &parser->token;

		if (deep == 0 &&
		    (token_is(token, ';') || token_is_closer(token) || parser_at_setting(parser)))
			return;
		if (token_is(token, '(') || token_is(token, '[') || token_is(token, '{'))
			deep++;
		else if (deep > 0 && token_is_closer(token))
			deep--;
		parser_next(parser);
	}
}
