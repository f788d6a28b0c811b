/* backup.h - a copy of what is stored, while the server runs or not. */
#ifndef BRIDGE_STORE_BACKUP_H
#define BRIDGE_STORE_BACKUP_H

#include <stdbool.h>
#include <stdio.h>

/* Writes the database of that state folder, as is committed now, to a file of that path, which is
 * replaced once the copy is whole and on disk; mode 0600. It has to be a regular file, or none, and
 * not in that folder. Nothing deleted is in it. Takes seconds for each gigabyte, in which the log
 * of the server cannot begin anew. Any thread, or process. False after an error, which is written
 * to errors; then nothing is left of it. */
bool store_backup(const char *folder, const char *path, FILE *errors)
    __attribute__((warn_unused_result));

#endif
