/* schema.h - the tables of the database, and how those of an older version become the newest. For
 * database.c alone, and tests. */
#ifndef BRIDGE_STORE_SQLITE_SCHEMA_H
#define BRIDGE_STORE_SQLITE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct sqlite3;

/* Each step is what turns version i into i + 1, as SQL; the first one begins with an empty file.
 * The version is a row of meta, which the first step makes. Borrowed. */
struct schema {
	const char *const *steps;
	size_t count; /* the version of this program */
};

extern const struct schema schema_ours;

/* Brings the file behind the connection to the schema's version, each step in a transaction of its
 * own. Before the first one a file that is not empty is copied to path-VERSION.old, which replaces
 * an older one. path is the file's own. False after an error, which is written to errors: the file
 * is as it was, or at a version between. A newer one is refused, and one whose tables are not as
 * they were made. */
bool schema_carry(struct sqlite3 *sqlite, const struct schema *schema, const char *path,
		  FILE *errors) __attribute__((warn_unused_result));

/* Are the tables as they were made, by their description in the file? */
bool schema_is_whole(struct sqlite3 *sqlite);

/* Is the file of that version, and are its tables whole? What is wrong is written to errors. */
bool schema_check(struct sqlite3 *sqlite, const struct schema *schema, const char *path,
		  FILE *errors) __attribute__((warn_unused_result));

#endif
