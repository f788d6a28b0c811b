/* counted.h - the rows of a table of counters (bridge/core/counters.h) as families of Prometheus.
 * Called by prometheus.c, on the admin thread. */
#ifndef BRIDGE_ADMIN_COUNTED_H
#define BRIDGE_ADMIN_COUNTED_H

#include <stddef.h>
#include <stdint.h>

#include "bridge/admin/exposition.h"
#include "bridge/core/counters.h"

/* Things that one table is about: backends, say. */
struct counted {
	const struct counter_rows *rows;
	const char *prefix; /* of the families: "dragoman_backend_" */
	const char *label;  /* "backend"; NULL: there is but one thing */
	const char *help;   /* of rows that are in no group of the table; may be NULL */
	size_t count;
	/* The struct that the rows are about, and what the thing is called. Both borrow. */
	const void *(*at)(const void *things, size_t index);
	struct slice (*name)(const void *things, size_t index); /* NULL without label */
	const void *things;
	uint64_t turned_away; /* the value of a row COUNTER_MAIN */
};

/* Writes each family of the table once, with the samples of all things. */
void counted_write(struct exposition *exposition, const struct counted *counted);

#endif
