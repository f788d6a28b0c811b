/* faults.h - the errors found in one run over a configuration, told in the order of the file. */
#ifndef CONF_READ_FAULTS_H
#define CONF_READ_FAULTS_H

#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"

struct fault {
	char *file; /* NULL: the text has no name */
	unsigned line;
	size_t order; /* in which it was found */
	char *message;
	int64_t wrapped; /* of scan.c: what libconfig makes of the number */
};

/* Zeroed is ready for use, with main_file set. */
struct faults {
	const char *main_file; /* its errors come before those of included files; borrowed */
	struct fault *list;
	size_t count, capacity;
};

/* Adds one. Borrows file (may be NULL), takes message. Line 0 stands for the whole file. */
void faults_add(struct faults *faults, const char *file, unsigned line, char *message);

/* The same for a number that does not fit the form it is written in. */
void faults_add_number(struct faults *faults, const char *file, unsigned line, int64_t wrapped,
		       char *message);

/* Is one of the first `count` faults a number in this line of this file that came out as that? */
bool faults_explain(const struct faults *faults, size_t count, const char *file, unsigned line,
		    int64_t wrapped);

/* Tells report all of them and counts them there. */
void faults_tell(struct faults *faults, struct conf_report *report);

/* Frees what is held. */
void faults_clear(struct faults *faults);

#endif
