/* directives.h - THE table: everything a configuration file may say.
 *
 * It drives reading, defaults, range checks, the sample file, the command line's help, and the
 * manual page (a test compares). */
#ifndef CONF_TABLE_DIRECTIVES_H
#define CONF_TABLE_DIRECTIVES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "conf/conf.h"
#include "conf/table/shape.h"

/* What a value is, and the C type of the field it is read into. */
enum directive_type {
	DIRECTIVE_YES_NO, /* bool */
	DIRECTIVE_NUMBER, /* int */
	DIRECTIVE_LARGE,  /* int64_t */
	DIRECTIVE_TEXT,   /* char * */
	DIRECTIVE_TEXTS,  /* struct conf_list */
	DIRECTIVE_GROUP,  /* a struct in place */
	DIRECTIVE_GROUPS  /* a pointer to structs, and their number */
};

/* One line of a group in the sample: the value is written as in the file. */
struct preset {
	const char *name, *value;
};

struct section;

struct directive {
	const char *name;
	enum directive_type type;
	enum shape shape;            /* of a text, or of each of the texts */
	bool required;               /* must be given; there is no default */
	bool reloadable;             /* takes effect without a restart, with all that is inside */
	size_t offset, count_offset; /* of the field; of the number of groups */
	int64_t min, max;            /* of a number; bytes of a text; items of a list */
	size_t item_max;             /* bytes of each text of a list */
	int64_t number;              /* default of a number or yes/no */
	const char *text;            /* default of a text */
	const char *otherwise;       /* default in words, when it is not a constant */
	const char *example;         /* in the file's syntax, when there is no default to show */
	const struct section *inner; /* of a group, and of each of the groups */
	const struct preset *const *rows; /* groups in the sample; ends with NULL */
	bool rows_are_examples;           /* else they are the default */
	bool rows_are_lines;              /* the sample explains first, then each row is a line */
	const char *help;                 /* whole sentences */
};

/* A group's directives. */
struct section {
	const char *title; /* "a listener", for messages: "unknown directive 'x' in a listener" */
	const struct directive *directives;
	size_t count;
	size_t size; /* of the struct */
	bool placed; /* its struct tells where it stood, in a struct conf_place */
	size_t place_offset;
};

#define DIRECTIVES_MOUNTS_MAX (2 * CONF_DIALECTS_MAX) /* of the sample */

/* The table with what dialects bring along: their mounts in the sample, and a room's ids. */
struct directives {
	struct section top, listener, mount, room;
	struct directive top_rows[18], listener_rows[20], mount_rows[22];
	struct directive room_rows[14 + CONF_DIALECTS_MAX];
	struct preset lobby[4 + CONF_DIALECTS_MAX], mounts[DIRECTIVES_MOUNTS_MAX][3];
	const struct preset *lobby_list[2], *mount_list[DIRECTIVES_MOUNTS_MAX + 1];
	char paths[DIRECTIVES_MOUNTS_MAX][64], names[DIRECTIVES_MOUNTS_MAX][64];
	char dialect_help[256];
};

/* Makes the table for these dialects; known NULL: for none. Borrows known's texts. Returns the
 * section of the file itself, whose fields lie in struct conf; it is valid as long as both. */
const struct section *directives_make(struct directives *directives,
				      const struct conf_known *known);

/* Routes, backends, taps and upstreams: fields of struct conf_route, conf_backend, conf_tap and
 * conf_upstream. Parts of the table that only directives.c refers to, with the rows of the sample.
 */
extern const struct section directives_route, directives_backend, directives_tap,
    directives_upstream;
extern const struct preset *const directives_routes[],
    *const directives_backends[], *const directives_taps[], *const directives_upstreams[];

/* The words of kind, logins, jwt_algorithm, proxy_header, log_level, log_format, engine,
 * durability, of a step's rewrite and its on_timeout, of an upstream's mode, direction and
 * credentials; NULL-terminated. */
extern const char *const directives_listener_kinds[],
    *const directives_logins[],
	*const directives_algorithms[],
	    *const directives_proxy_headers[],
		*const directives_levels[],
		    *const directives_formats[],
			*const directives_engines[],
			    *const directives_durabilities[],
				*const directives_rewrites[],
				    *const directives_timeouts[],
					*const directives_modes[],
					    *const directives_directions[],
						*const directives_credentials[];

/* What the sample has at the top other than the default: with it, what README shows works. */
extern const struct preset directives_sample[];

/* The directive of that name, or NULL. */
const struct directive *section_find(const struct section *section, const char *name);

#define DIRECTIVE_TEXT_MAX 96

/* "number", "text", "list of texts", ...: constant. */
const char *directive_type_name(const struct directive *directive);

/* Writes "0 .. 16", "1 .. 64 bytes", "1 .. 16 items", or nothing when any value will do. Returns
 * out. */
char *directive_range(const struct directive *directive, char out[DIRECTIVE_TEXT_MAX]);

/* Writes the default as it stands in a file, or in words. Returns out. */
char *directive_default(const struct directive *directive, char out[DIRECTIVE_TEXT_MAX]);

/* Prints the table for a person, one line for each directive. Called by the command line's help. */
void directives_print(const struct conf_known *known, FILE *stream);

#endif
