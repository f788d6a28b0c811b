/* parse.h - the words of a configuration into libconfig's tree.
 *
 * The library's own parser stops at the first mistake and cannot say what it is about; this one
 * tells all, goes on behind each, and marks in the tree what it could not read, so that nothing
 * that follows from a mistake is told beside it. */
#ifndef CONF_READ_PARSE_H
#define CONF_READ_PARSE_H

#include "conf/read/lexer.h"

struct config_t;

/* Reads all that the lexer gives into tree, which is fresh and outlived by the lexer. Each mistake
 * is a fault. Called by load.c. */
void parse(struct lexer *lexer, struct config_t *tree);

#endif
