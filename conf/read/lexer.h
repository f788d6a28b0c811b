/* lexer.h - the words of a configuration and of the files it includes, one after the other. What
 * is none is a fault here, said as what it may be meant for, and reading goes on behind it. */
#ifndef CONF_READ_LEXER_H
#define CONF_READ_LEXER_H

#include "conf/read/input.h"
#include "conf/read/token.h"

#define LEXER_FAULTS_MAX 100 /* with more, what follows is not looked at */

struct lexer {
	struct inputs inputs;
	struct faults *faults;
	bool lost;            /* a part could not be read; the parser takes it back */
	bool stopped;         /* nothing more is read */
	const char *odd_file; /* where a blank that is none was last told of */
	unsigned odd_line;
};

void lexer_init(struct lexer *lexer, const char *folder, struct faults *faults);

/* Frees all, file names of tokens, too. */
void lexer_clear(struct lexer *lexer);

/* Reads the next one into token, which it clears first; at the end TOKEN_END, as often as asked.
 * Includes are followed on the way. */
void lexer_next(struct lexer *lexer, struct token *token);

/* A fault; with too many of them, reading stops. file is one of a token's. Takes message. */
void lexer_fault(struct lexer *lexer, const char *file, unsigned line, char *message);

/* No more tokens come but TOKEN_END; what is left is lost. */
void lexer_stop(struct lexer *lexer);

#endif
