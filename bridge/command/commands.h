/* commands.h - every command and every option of the command line, as tables; those on a running
 * server are in bridge/admin/control/verbs/verbs.h. Constant. */
#ifndef BRIDGE_COMMAND_COMMANDS_H
#define BRIDGE_COMMAND_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

#include "bridge/admin/control/verbs/verbs.h"

enum command {
	COMMAND_DEMO,
	COMMAND_RUN,
	COMMAND_CHECK,
	COMMAND_ROUTES,
	COMMAND_MATRIX,
	COMMAND_TRANSLATE,
	COMMAND_BACKEND_TEST,
	COMMAND_KEYGEN,
	COMMAND_PASSWD,
	COMMAND_DEFAULTCONFIG,
	COMMAND_COMPLETION,
	COMMAND_VERSION,
	COMMAND_HELP,
	COMMAND_VERB /* on a running server: the words say which; not counted below */
};

#define COMMAND_COUNT (COMMAND_HELP + 1)

/* By command; NULL behind the last. */
extern const char *const command_names[COMMAND_COUNT + 1];

enum option {
	OPTION_PORT,
	OPTION_ADDRESS,
	OPTION_WORKERS,
	OPTION_PRINT_JSON,
	OPTION_CONFIG,
	OPTION_STATE,
	OPTION_TRY,
	OPTION_DIALECT,
	OPTION_ROOM,
	OPTION_KIND,
	OPTION_FROM,
	OPTION_ROLE,
	OPTION_TEXT,
	OPTION_NAME,
	OPTION_BIND,
	OPTION_SECONDS,
	OPTION_LOGIN,
	OPTION_SECRET,
	OPTION_NUMBER,
	OPTION_MEMORY_MIB,
	OPTION_PASSES,
	OPTION_PAIR,
	OPTION_ROUTE,
	OPTION_JSON,
	OPTION_MARKDOWN,
	OPTION_FROM_DIALECT,
	OPTION_TO,
	OPTION_AS,
	OPTION_ENVELOPE,
	OPTION_EXPLAIN,
	OPTION_REPLAY,
	OPTION_TIME,
	OPTIONS
};

#define BIT(command) (1U << (command))
#define NEEDS_A_FILE (BIT(COMMAND_RUN) | BIT(COMMAND_CHECK) | BIT(COMMAND_ROUTES))

/* What a shell can complete in the place of a value, or of the word behind a command. */
enum completes {
	COMPLETES_NOTHING, /* whatever the user makes up */
	COMPLETES_FILE,
	COMPLETES_COMMAND,
	COMPLETES_SHELL,
	COMPLETES_DIALECT,
	COMPLETES_SIDE,
	COMPLETES_KIND,
	COMPLETES_ROLE,
	COMPLETES_LEVEL
};

struct command_option {
	const char *name, *letter;
	const char *value; /* what follows it, for messages; NULL: nothing does */
	unsigned commands; /* bits: which commands take it */
	enum completes completes;
};

/* By option. */
extern const struct command_option command_options[OPTIONS];

struct option_row {
	const char *name, *letter; /* "--config", and "-c" or "" */
	const char *value;         /* what follows it: "a file"; NULL: nothing does */
	enum completes completes;
};

#define OPTION_ROWS_MAX 16

/* What the tables say of a command; options that all commands have aside. Texts are constant, but
 * for names in own: it is not copied. */
struct command_row {
	const char *name, *usage;       /* what follows it in the overview: " -c FILE" */
	const char *brief;              /* what it does, in a few words */
	const struct verb_group *group; /* whose name the first word is; NULL: of none */
	enum completes word;            /* behind it; COMPLETES_NOTHING also when it takes none */
	bool takes_words;               /* it does, between which options may stand */
	struct option_row options[OPTION_ROWS_MAX];
	size_t option_count;
	char own[VERB_ARGUMENTS_MAX][24];
};

/* The index-th command, from 0. False: there are no more. Called by the completion and the
 * overview. */
bool commands_row(size_t index, struct command_row *out) __attribute__((warn_unused_result));

#endif
