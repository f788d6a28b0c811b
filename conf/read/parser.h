/* parser.h - the words of a configuration as the parser goes through them: what it looks at, what
 * is open around it, and where its faults go. For conf/read/parse.c only. */
#ifndef CONF_READ_PARSER_H
#define CONF_READ_PARSER_H

#include "conf/read/lexer.h"
#include "conf/read/marks.h"

#define PARSE_DEPTH_MAX    32     /* of groups and lists, one in the other */
#define PARSE_MEMBERS_MAX  100    /* of one group */
#define PARSE_ITEMS_MAX    20000  /* of one list */
#define PARSE_SETTINGS_MAX 500000 /* in all */

/* A list or group that has begun. */
struct open {
	struct config_setting_t *setting;
	char closer;   /* '\0': the file itself */
	unsigned line; /* where it began */
	const char *file;
};

struct parser {
	struct lexer *lexer;
	struct token token, ahead; /* the next, and the one behind it when looked at */
	bool looked;
	struct open stack[PARSE_DEPTH_MAX + 1];
	unsigned depth; /* at least 1 */
	size_t settings;
};

/* Takes the next token and goes on to the one behind it. What the lexer lost on the way is marked
 * at the innermost that is open. */
void parser_next(struct parser *parser);

/* The one behind the next; borrowed. */
const struct token *parser_ahead(struct parser *parser);

struct open *parser_innermost(struct parser *parser);

/* Marks all that is open as MARK_LOST. */
void parser_mark_open(struct parser *parser);

/* A fault at the next token, or at the place of one that was taken; marks the innermost. */
void parser_fault(struct parser *parser, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void parser_fault_at(struct parser *parser, const char *file, unsigned line, const char *format,
		     ...) __attribute__((format(printf, 4, 5)));

/* Does a setting begin with the next token: a name, or one in quotes as in JSON, and "="? */
bool parser_at_setting(struct parser *parser);

/* Does the next token end something that is open, here or further out? */
bool parser_at_end(const struct parser *parser);

/* Goes on behind what makes no sense: at the next setting, or at the end of this one or of what it
 * is in. */
void parser_skip(struct parser *parser);

bool token_is_equals(const struct token *token);
bool token_is_closer(const struct token *token);
bool token_begins_value(const struct token *token);

#endif
