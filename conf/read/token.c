#include "conf/read/token.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/table/owned.h"

#define SHOWN_MAX 40

void token_clear(struct token *token)
{
	free(token->text);
	*token = (struct token){ .kind = TOKEN_END };
}

static size_t digits(const char *text, const char *end)
{
	const char *at = text;

	while (at < end && isdigit((unsigned char)*at))
		at++;
	return (size_t)(at - text);
}

static size_t hexadecimal(const char *text, const char *end)
{
	const char *at = text + 2;

	if (end - text < 3 || text[0] != '0' || (text[1] != 'x' && text[1] != 'X'))
		return 0;
	while (at < end && isxdigit((unsigned char)*at))
		at++;
	return at > text + 2 ? (size_t)(at - text) : 0;
}

/* 1.5, .5, -1.e3, +2e-1: with a dot or an exponent. */
static bool is_fraction(const char *text, const char *end)
{
	size_t whole, part = 0;
	bool dot;

	text += *text == '-' || *text == '+';
	whole = digits(text, end);
	text += whole;
	dot = text < end && *text == '.';
	if (dot) {
		part = digits(text + 1, end);
		text += 1 + part;
	}
	if (whole + part == 0)
		return false;
	if (text < end && (*text == 'e' || *text == 'E')) {
		text++;
		text += text < end && (*text == '-' || *text == '+');
		whole = digits(text, end);
		return whole > 0 && text + whole == end;
	}
	return dot && text == end;
}

static char *too_large(const char *text, size_t len, bool suffix_helps)
{
	int shown = len > SHOWN_MAX ? SHOWN_MAX : (int)len;

	if (suffix_helps)
		return owned_format("the number %.*s needs the suffix L: %.*sL", shown, text, shown,
				    text);
	return owned_format("the number %.*s is too large", shown, text);
}

/* len: without the suffix. */
static char *read_integer(struct token *token, const char *text, size_t len, bool hex)
{
	errno = 0;
	token->kind = TOKEN_INTEGER;
	token->integer = strtoll(text, NULL, hex ? 16 : 10);
	if (errno == 0 &&
	    (token->wide || (token->integer <= INT32_MAX && token->integer >= INT32_MIN)))
		return NULL;
	token->faulty = true;
	return too_large(text, len, errno == 0);
}

char *token_number(struct token *token, const char *text, size_t len)
{
	const char *end = text + len;
	size_t hex = hexadecimal(text, end);
	size_t sign = *text == '-' || *text == '+', count = hex ? hex : digits(text + sign, end);
	size_t all = hex ? hex : sign + count;
	int shown = len > SHOWN_MAX ? SHOWN_MAX : (int)len;

	if (is_fraction(text, end)) {
		token->kind = TOKEN_FRACTION;
		token->fraction = strtod(text, NULL);
		return NULL;
	}
	token->wide = all + 1 <= len && len <= all + 2 && strspn(text + all, "L") >= len - all;
	if (count > 0 && (token->wide || all == len))
		return read_integer(token, text, all, hex > 0);
	token->kind = TOKEN_WRONG;
	token->faulty = true;
	return owned_format("'%.*s' is not a number; a text needs double quotes: \"%.*s\"", shown,
			    text, shown, text);
}
