/* faults.h - the errors found in one run over a configuration, told in the order of the file. */
#ifndef CONF_READ_FAULTS_H
#define CONF_READ_FAULTS_H

#include <stddef.h>

#include "conf/conf.h"

struct fault {
	char *file; /* NULL: the text has no name */
	unsigned line;
	size_t order; /* in which it was found */
	char *message;
};

/* Zeroed is ready for use, with main_file set. */
struct faults {
	const char *main_file; /* its errors come before those of included files; borrowed */
	struct fault *list;
	size_t count, capacity;
};

/* Adds one. Borrows file (may be NULL), takes message, in which '?' stands for each byte that a
 * terminal cannot show. Line 0 stands for the whole file. */
void faults_add(struct faults *faults, const char *file, unsigned line, char *message);

#define FAULTS_TOLD_MAX 1000

/* Tells report all of them, or so many and how many more there are, and counts them there. */
void faults_tell(struct faults *faults, struct conf_report *report);

/* Frees what is held. */
void faults_clear(struct faults *faults);

#endif
