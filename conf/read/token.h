/* token.h - one word, number, text or mark of a configuration. */
#ifndef CONF_READ_TOKEN_H
#define CONF_READ_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum token_kind {
	TOKEN_END,
	TOKEN_NAME, /* and true, false */
	TOKEN_INTEGER,
	TOKEN_FRACTION,
	TOKEN_TEXT, /* in quotes */
	TOKEN_MARK, /* one of = : ; , ( ) [ ] { } */
	TOKEN_WRONG /* none of these; a fault is told */
};

struct token {
	enum token_kind kind;
	char mark;
	bool faulty; /* a fault is told of it, and its value says nothing */
	bool wide;   /* of an integer: it is written with an L */
	const char *file;
	unsigned line;
	char *text; /* of a name, or between the quotes; the token's own, else NULL */
	int64_t integer;
	double fraction;
};

/* Frees what it holds, and makes it TOKEN_END. */
void token_clear(struct token *token);

static inline bool token_is(const struct token *token, char mark)
{
	return token->kind == TOKEN_MARK && token->mark == mark;
}

/* Makes a number of len bytes that begin as one: decimal or hexadecimal, with L when it is longer
 * than 32 bits, or with a fraction. Returns NULL, or what is wrong; free() it. Called by the
 * lexer. */
char *token_number(struct token *token, const char *text, size_t len)
    __attribute__((warn_unused_result));

#endif
