/* file.h - whole small files in memory. */
#ifndef CONF_READ_FILE_H
#define CONF_READ_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* Reads a regular file of at most max bytes. Returns new NUL-terminated bytes, their number in
 * *size; NULL with *why (constant, or strerror's text) when it cannot: there is none, it is a
 * folder, a FIFO or a device, it is too large, or it changed while it was read. about (may be
 * NULL) gets what fstat() says of it. Opens regular files only, and never waits. Called by the
 * lexer and by the checks of keys and certificates. */
char *file_read(const char *path, size_t max, size_t *size, struct stat *about, const char **why);

/* Has nobody but the owner access to the file of that path, as about says? One below the folder
 * credentials (NULL: there is none) may be readable for its group, which there is a mask of access
 * control: systemd makes them so. Called for files with secrets. */
bool file_is_private(const struct stat *about, const char *path, const char *credentials);

#endif
