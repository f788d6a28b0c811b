/* verbs.h - THE table: every command on a running server, and what it takes.
 *
 * It drives what the command line reads and the server checks, the help, and the manual page
 * (tests/bridge/admin/control/verbs/test_verbs.c compares). Constant; any thread. */
#ifndef BRIDGE_ADMIN_CONTROL_VERBS_VERBS_H
#define BRIDGE_ADMIN_CONTROL_VERBS_VERBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/admin/control/verbs/verb_values.h"

#define VERB_ARGUMENTS_MAX 6

struct admin_argument {
	const char *name;  /* of the member in a request; of an option without its "--" */
	const char *shown; /* how help writes it: "NAME"; NULL for VALUE_YES */
	enum verb_value value;
	bool option;      /* "--name"; else it stands in its place */
	bool many;        /* an option that may be given several times: an array */
	bool required;    /* those that are not stand behind those that are */
	bool rest;        /* the last one: takes all words that are left. VALUE_TEXT: as one text,
			   * else each by itself, as an array */
	const char *help; /* whole sentences */
};

struct admin_verb {
	const char *name; /* one word, or two: those with the same first one are a group */
	bool changes;     /* the server, or what users see: logged with who did it */
	bool secret;      /* it needs one, which the command line reads from standard input, and of
			   * which a request has the hash alone */
	bool stopped; /* with a configuration also of a server that does not run: what it has stored
		       */
	const char *unless; /* without this argument it only shows something; NULL: it never does */
	const char *brief;  /* one line, without a full stop */
	const char *about;  /* whole sentences, in paragraphs that "\n" ends */
	struct admin_argument arguments[VERB_ARGUMENTS_MAX];
	const char *examples[3]; /* command lines without the program's name */
};

extern const struct admin_verb admin_verbs[];
extern const size_t admin_verb_count;

/* NULL: there is none of that name. */
const struct admin_verb *admin_verb_find(const char *name);

/* The verbs of two words with the same first one, which may be a verb, too. */
struct verb_group {
	const char *name;
	const char *brief; /* as of a verb */
};
extern const struct verb_group verb_groups[];
extern const size_t verb_group_count;

/* The verb that has the group's own name; NULL: there is none. */
const struct admin_verb *verb_group_own(const struct verb_group *group);

/* NULL: there is none of that name. */
const struct verb_group *verb_group_find(const char *name);

/* The group that a verb is of; NULL: none. */
const struct verb_group *verb_group_of(const struct admin_verb *verb);

/* The name of a verb without that of its group. Borrows. */
const char *verb_own_name(const struct admin_verb *verb);

/* The verb of that group and own name; NULL: there is none. */
const struct admin_verb *verb_of_group(const struct verb_group *group, const char *name);

/* How many arguments a verb has. */
size_t verb_argument_count(const struct admin_verb *verb);

#endif
