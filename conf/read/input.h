/* input.h - the text of a configuration: a file, and those it includes, each read whole and judged
 * before a byte of it counts. Part of the lexer.
 *
 * libconfig would open included files itself, whatever they are, and its scanner ends the process
 * when it cannot read one. */
#ifndef CONF_READ_INPUT_H
#define CONF_READ_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "conf/read/faults.h"

#define INPUT_FILE_BYTES_MAX (4 * 1024 * 1024)
#define INPUT_BYTES_MAX      (16 * 1024 * 1024) /* of all files of a run */
#define INPUT_FILES_MAX      256
#define INPUT_INCLUDE_MAX    10 /* one in the other */

/* One text that is being read. */
struct input {
	const char *at; /* NUL-terminated */
	unsigned line;
	const char *file;    /* NULL: it has no name. Kept until inputs_clear() */
	bool fresh;          /* nothing but blanks stands before in this line */
	unsigned whole_line; /* the last one known to close its quotes */
	bool is_file;
	dev_t device;
	ino_t inode;
};

struct inputs {
	struct faults *faults; /* borrowed */
	const char *folder; /* where included files start from; NULL: the current one. Borrowed */
	struct input stack[INPUT_INCLUDE_MAX + 1];
	unsigned depth; /* of the stack; 0: all is read */
	unsigned files;
	size_t bytes;
	char **kept; /* texts and names */
	size_t kept_count, kept_capacity;
};

void inputs_init(struct inputs *inputs, const char *folder, struct faults *faults);

/* Frees all texts and names. */
void inputs_clear(struct inputs *inputs);

/* Reads text next. Borrows it until it is read. */
void inputs_add_text(struct inputs *inputs, const char *text);

/* Reads the file at path next, then what is under way. False, and a fault, when that cannot be: of
 * the first file in its first line, of an included one where it is included, which is the line of
 * the input on top of the stack; of NUL bytes where they are. Borrows path. */
bool inputs_add_file(struct inputs *inputs, const char *path) __attribute__((warn_unused_result));

/* What is being read; NULL: nothing more. */
struct input *inputs_top(struct inputs *inputs);

/* Goes back to the text that included this one. */
void inputs_pop(struct inputs *inputs);

#endif
