/* token.h - the token of an admin listener, which a request shows in its header Authorization
 * (RFC 6750, 2.1). */
#ifndef BRIDGE_ADMIN_TOKEN_H
#define BRIDGE_ADMIN_TOKEN_H

#include <stdbool.h>
#include <stdio.h>

#include "codecs/text/slice.h"

/* The first line of the file, without blanks at its ends. Returns new, for token_free(); NULL after
 * an error, which is written to errors. Called by setup.c; conf has checked the file. */
char *token_read(const char *path, FILE *errors);

/* Wipes and frees it. NULL is ignored. */
void token_free(char *token);

/* Is it "Bearer" and the token? The time it takes does not depend on how much of it is right.
 * authorization: the header's value, trimmed; may be absent. Borrows. Any thread. */
bool token_is_shown(const char *token, struct slice authorization);

#endif
