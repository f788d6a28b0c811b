#include "conf/read/parse.h"

#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf/read/parser.h"
#include "conf/table/owned.h"

/* A run, and where what has no place in the tree goes. */
struct run {
	struct parser parser;
	config_t aside;
};

static void parse_value(struct parser *parser, struct config_setting_t *parent, const char *name);

/* ---- the tree ---- */

/* A list for what has no place in the tree. */
static struct config_setting_t *aside(struct parser *parser)
{
	const struct run *run = (const struct run *)parser;

	return config_setting_get_elem(config_root_setting(&run->aside), 0);
}

static bool fits(const struct config_setting_t *parent, int type)
{
	const struct config_setting_t *first;

	if (!config_setting_is_array(parent))
		return true;
	first = config_setting_get_elem(parent, 0);
	return type != CONFIG_TYPE_LIST && type != CONFIG_TYPE_ARRAY && type != CONFIG_TYPE_GROUP &&
	       (!first || first->type == type);
}

/* The library's lists take time with the square of their length. */
static void count_settings(struct parser *parser, const struct config_setting_t *parent)
{
	parser->settings++;
	if (parser->settings <= PARSE_SETTINGS_MAX &&
	    config_setting_length(parent) <= PARSE_ITEMS_MAX)
		return;
	if (parser->settings > PARSE_SETTINGS_MAX)
		parser_fault(parser, "there are more than %d values", PARSE_SETTINGS_MAX);
	else
		parser_fault(parser, "there are more than %d items in one list", PARSE_ITEMS_MAX);
	lexer_stop(parser->lexer);
}

/* Adds a setting that stands where the next token does. The name counts in a group only. */
static struct config_setting_t *add(struct parser *parser, struct config_setting_t *parent,
				    const char *name, int type)
{
	struct config_setting_t *setting;

	if (!fits(parent, type)) {
		parser_fault(
		    parser,
		    "all items in [ ... ] must have one type: numbers, texts, or true and false");
		parent = aside(parser);
	}
	setting = config_setting_add(parent, config_setting_is_group(parent) ? name : NULL, type);
	if (!setting)
		abort();
	setting->file = parser->token.file;
	setting->line = parser->token.line;
	count_settings(parser, parent);
	return setting;
}

/* A value that says nothing. */
static void add_bad(struct parser *parser, struct config_setting_t *parent, const char *name)
{
	struct config_setting_t *setting = parent;

	if (!config_setting_is_array(parent)) {
		setting = add(parser, parent, name, CONFIG_TYPE_INT);
		setting_mark(setting, MARK_BAD);
	}
	setting_mark(setting, MARK_WRONG);
}

/* ---- simple values ---- */

static void parse_number(struct parser *parser, struct config_setting_t *parent, const char *name)
{
	const struct token *token = &parser->token;

	if (token->faulty)
		add_bad(parser, parent, name);
	else if (token->kind == TOKEN_FRACTION)
		config_setting_set_float(add(parser, parent, name, CONFIG_TYPE_FLOAT),
					 token->fraction);
	else if (token->wide)
		config_setting_set_int64(add(parser, parent, name, CONFIG_TYPE_INT64),
					 token->integer);
	else
		config_setting_set_int(add(parser, parent, name, CONFIG_TYPE_INT),
				       (int)token->integer);
	parser_next(parser);
}

/* Texts side by side are one. The name of a next setting that stands in quotes is none of them. */
static void parse_text(struct parser *parser, struct config_setting_t *parent, const char *name)
{
	struct config_setting_t *setting = add(parser, parent, name, CONFIG_TYPE_STRING);
	bool faulty = false;
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		abort();
	do {
		fputs(parser->token.text, stream);
		faulty = parser->token.faulty;
		parser_next(parser);
	} while (parser->token.kind == TOKEN_TEXT && !faulty &&
		 !token_is_equals(parser_ahead(parser)));
	if (fclose(stream) != 0)
		abort();
	config_setting_set_string(setting, text);
	if (faulty) {
		setting_mark(setting, MARK_BAD);
		setting_mark(setting, MARK_WRONG);
	}
	free(text);
}

static const char *meant(const char *word)
{
	if (strcasecmp(word, "yes") == 0 || strcasecmp(word, "on") == 0)
		return "true";
	if (strcasecmp(word, "no") == 0 || strcasecmp(word, "off") == 0)
		return "false";
	return NULL;
}

static void parse_word(struct parser *parser, struct config_setting_t *parent, const char *name)
{
	const char *word = parser->token.text;
	bool yes = strcasecmp(word, "true") == 0;

	if (yes || strcasecmp(word, "false") == 0) {
		config_setting_set_bool(add(parser, parent, name, CONFIG_TYPE_BOOL), yes);
	} else {
		if (meant(word))
			parser_fault(parser, "'%.80s' is not a value: write %s", word, meant(word));
		else if (strcasecmp(word, "null") == 0)
			parser_fault(parser, "'null' is not a value: leave the line out");
		else
			parser_fault(parser, "'%.80s' has no quotes: a text is \"%.80s\"", word,
				     word);
		add_bad(parser, parent, name);
	}
	parser_next(parser);
}

/* ---- lists and groups ---- */

static const char *opener_of(char closer)
{
	return closer == ')' ? "(" : closer == ']' ? "[" : "{";
}

/* The next token does not end what is open. What is lost may have had its end. */
static void tell_unclosed(struct parser *parser)
{
	const struct open *open = parser_innermost(parser);

	if (!setting_has(open->setting, MARK_LOST))
		parser_fault_at(parser, open->file, open->line, "unclosed '%s': '%c' is missing",
				opener_of(open->closer), open->closer);
	parser_mark_open(parser);
}

/* Behind an item of a list. False: the list is at its end, or cannot go on. */
static bool parse_comma(struct parser *parser)
{
	const struct token *token = &parser->token;
	bool semicolon = token_is(token, ';');

	if (token_is(token, ',') || semicolon) {
		char closer = parser_innermost(parser)->closer;

		if (semicolon && token_begins_value(parser_ahead(parser)) &&
		    parser_ahead(parser)->kind != TOKEN_NAME)
			parser_fault(parser, "items are separated by ',', not by ';'");
		else if (semicolon && token_is(parser_ahead(parser), closer))
			parser_fault(parser, "no ';' follows an item of a list");
		else if (semicolon)
			return false;
		else if (token_is(parser_ahead(parser), closer) &&
			 !setting_has(parser_innermost(parser)->setting, MARK_LOST))
			parser_fault(parser, "trailing comma: no ',' follows the last item");
		parser_next(parser);
		return !token_is(token, closer);
	}
	if (!token_begins_value(token) || parser_at_setting(parser))
		return false;
	if (!setting_has(parser_innermost(parser)->setting, MARK_LOST))
		parser_fault(parser, "',' is missing between this item and the one before");
	return true;
}

/* Items up to the closer, which is not taken. */
static void parse_items(struct parser *parser, struct config_setting_t *setting, char closer)
{
	while (!token_is(&parser->token, closer)) {
		if (closer == ']' && token_is(&parser->token, '{') &&
		    setting_has(setting, MARK_LOST))
			return;
		if (parser_at_setting(parser) || !token_begins_value(&parser->token)) {
			if (!token_is(&parser->token, ','))
				return;
			parser_fault(parser, "an item is missing before this ','");
			parser_next(parser);
			continue;
		}
		parse_value(parser, setting, NULL);
		if (!parse_comma(parser))
			return;
	}
}

static void parse_settings(struct parser *parser, struct config_setting_t *group);

static void parse_inside(struct parser *parser, struct config_setting_t *setting, char closer)
{
	parser->stack[parser->depth++] =
	    (struct open){ setting, closer, parser->token.line, parser->token.file };
	parser_next(parser);
	if (closer == '}')
		parse_settings(parser, setting);
	else
		parse_items(parser, setting, closer);
	if (token_is(&parser->token, closer)) {
		parser->depth--;
		parser_next(parser);
	} else {
		tell_unclosed(parser);
		parser->depth--;
	}
}

static void parse_container(struct parser *parser, struct config_setting_t *parent,
			    const char *name)
{
	char opener = parser->token.mark;
	bool groups = opener == '[' && token_is(parser_ahead(parser), '{');
	int type = opener == '(' || groups ? CONFIG_TYPE_LIST
		   : opener == '['         ? CONFIG_TYPE_ARRAY
					   : CONFIG_TYPE_GROUP;

	if (groups)
		parser_fault(parser, "groups belong in ( ... ), not in [ ... ]");
	if (parser->depth > PARSE_DEPTH_MAX) {
		parser_fault(parser, "groups and lists are nested more than %d deep",
			     PARSE_DEPTH_MAX);
		parser_mark_open(parser);
		lexer_stop(parser->lexer);
		parser_next(parser);
		return;
	}
	parse_inside(parser, add(parser, parent, name, type),
		     opener == '('   ? ')'
		     : opener == '[' ? ']'
				     : '}');
}

/* Where a value begins. */
static void parse_value(struct parser *parser, struct config_setting_t *parent, const char *name)
{
	switch (parser->token.kind) {
	case TOKEN_INTEGER:
	case TOKEN_FRACTION: parse_number(parser, parent, name); break;
	case TOKEN_TEXT: parse_text(parser, parent, name); break;
	case TOKEN_NAME: parse_word(parser, parent, name); break;
	case TOKEN_MARK: parse_container(parser, parent, name); break;
	case TOKEN_WRONG:
		add_bad(parser, parent, name);
		parser_next(parser);
		break;
	case TOKEN_END: break;
	}
}

/* ---- settings ---- */

static bool is_name(const char *text)
{
	static const char first[] = "*ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	static const char later[] = "-_0123456789";

	if (!*text || !strchr(first, *text))
		return false;
	for (; *text; text++)
		if (!strchr(first, *text) && !strchr(later, *text))
			return false;
	return true;
}

/* Where a setting of that name goes: into group, or aside when it cannot. */
static struct config_setting_t *place_of(struct parser *parser, struct config_setting_t *group,
					 const char *name)
{
	const struct config_setting_t *before = config_setting_get_member(group, name);
	const char *file = before ? config_setting_source_file(before) : NULL;
	unsigned line = before ? config_setting_source_line(before) : 0;

	if (before && file != parser->token.file)
		parser_fault(parser, "duplicate directive '%.80s', already in %.200s:%u", name,
			     file, line);
	else if (before)
		parser_fault(parser, "duplicate directive '%.80s', already in line %u", name, line);
	else if (parser->token.kind == TOKEN_TEXT)
		parser_fault(parser, "a name has no quotes: %.80s = ...", name);
	if (before || !is_name(name))
		return aside(parser);
	if (config_setting_length(group) < PARSE_MEMBERS_MAX)
		return group;
	parser_fault(parser, "there are more than %d names in one group", PARSE_MEMBERS_MAX);
	lexer_stop(parser->lexer);
	return aside(parser);
}

/* Behind the name, whose place is that of *at. */
static void parse_rest(struct parser *parser, struct config_setting_t *group, const char *name,
		       const struct token *at)
{
	struct config_setting_t *parent = place_of(parser, group, name), *added;
	int length = config_setting_length(parent);

	parser_next(parser);
	if (token_is_equals(&parser->token))
		parser_next(parser);
	else
		parser_fault_at(parser, at->file, at->line, "'=' is missing after %.80s", name);
	if (token_begins_value(&parser->token) && !parser_at_setting(parser)) {
		parse_value(parser, parent, name);
	} else {
		parser_fault_at(parser, at->file, at->line, "%.80s has no value", name);
		add_bad(parser, parent, name);
	}
	added = config_setting_get_elem(parent, (unsigned)length);
	if (added) {
		added->file = at->file;
		added->line = at->line;
	}
}

static void parse_setting(struct parser *parser, struct config_setting_t *group)
{
	struct token at = parser->token;
	char *name = owned_text(at.text);

	parse_rest(parser, group, name, &at);
	free(name);
}

static void parse_stray(struct parser *parser)
{
	const struct token *token = &parser->token;

	if (parser->depth == 1 && token_is(token, '{')) {
		parser_fault(parser,
			     "this looks like JSON: the file has no braces around it, and its "
			     "lines are name = value;");
		lexer_stop(parser->lexer);
	} else if (token_is(token, ';') || token_is(token, ',')) {
		parser_fault(parser, "unmatched '%c'", token->mark);
		parser_next(parser);
		return;
	} else if (token_is_closer(token)) {
		parser_fault(parser, "unmatched '%c'", token->mark);
	} else if (token->kind == TOKEN_NAME) {
		parser_fault(parser, "unexpected %.80s: a line is name = value;", token->text);
	} else if (token->kind != TOKEN_WRONG) {
		parser_fault(parser, "a name is missing here: a line is name = value;");
	}
	parser_next(parser);
	parser_skip(parser);
}

/* A name, and what looks like its value? */
static bool lacks_equals(struct parser *parser)
{
	return parser->token.kind == TOKEN_NAME && token_begins_value(parser_ahead(parser)) &&
	       parser_ahead(parser)->line == parser->token.line;
}

/* Settings up to the end of the group, or of something around it, or to what must be the next. */
static void parse_settings(struct parser *parser, struct config_setting_t *group)
{
	while (parser->token.kind != TOKEN_END) {
		if (token_is_closer(&parser->token) && parser_at_end(parser))
			return;
		if (token_is(&parser->token, '{') && parser->depth > 1)
			return;
		if (parser_at_setting(parser) || lacks_equals(parser))
			parse_setting(parser, group);
		else
			parse_stray(parser);
		if (token_is(&parser->token, ';') || token_is(&parser->token, ','))
			parser_next(parser);
	}
}

void parse(struct lexer *lexer, struct config_t *tree)
{
	struct run run = { .parser = { .lexer = lexer, .depth = 1 } };
	struct parser *parser = &run.parser;

	config_init(&run.aside);
	config_setting_add(config_root_setting(&run.aside), "aside", CONFIG_TYPE_LIST);
	parser->stack[0] = (struct open){ .setting = config_root_setting(tree) };
	parser_next(parser);
	parse_settings(parser, parser->stack[0].setting);
	token_clear(&parser->token);
	token_clear(&parser->ahead);
	config_destroy(&run.aside);
}
