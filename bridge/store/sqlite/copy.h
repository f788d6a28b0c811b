/* copy.h - a copy of the database in one file, while others read and write it. Any thread, with a
 * connection of its own. */
#ifndef BRIDGE_STORE_SQLITE_COPY_H
#define BRIDGE_STORE_SQLITE_COPY_H

#include <stdbool.h>
#include <stdio.h>

struct sqlite3;

/* Writes what is committed now to that path, which is replaced once the copy is whole and on disk;
 * mode 0600. It has to be a regular file, or none. Nothing deleted is in it. Not within a
 * transaction. alone: nobody else copies to that path; until it is whole the copy is path.part,
 * which replaces what a crash has left there. Else several may, each as path.part-XXXXXX, and it is
 * one of the copies. False after an error, which is written to errors; then nothing is left of it.
 */
bool copy_to(struct sqlite3 *sqlite, const char *path, bool alone, FILE *errors)
    __attribute__((warn_unused_result));

#endif
