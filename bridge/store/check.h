/* check.h - is a database whole? Every row's checksum, every page, every id. For the command line;
 * changes nothing. */
#ifndef BRIDGE_STORE_CHECK_H
#define BRIDGE_STORE_CHECK_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "bridge/store/sqlite/database.h"
#include "codecs/text/slice.h"

#define CHECK_LINES 1000 /* of each sort are printed; all are counted */

struct check_options {
	uint64_t mark_ms; /* no id was given at or after that time (bridge/core/state.h); 0: it is
			   * not known */
	/* Can what a message has be read? NULL: not looked at. Borrows. */
	bool (*is_sound)(struct slice body);
};

struct check_report {
	uint64_t rows;    /* that are whole */
	uint64_t damaged; /* whose checksum is wrong */
	uint64_t unsound; /* messages that are whole, and cannot be read all the same */
	uint64_t above;   /* ids that the mark says were not given yet */
	uint64_t
	    broken; /* faults of the file: what integrity_check finds, and where reading ends */
};

/* Prints a line for each thing that is wrong to out, with the table and the key of a row; what
 * people wrote is not among it. database: a reader. True: nothing is. */
bool database_check(struct database *database, const struct check_options *options, FILE *out,
		    struct check_report *report) __attribute__((warn_unused_result));

#endif
