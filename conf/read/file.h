/* file.h - whole small files in memory. */
#ifndef CONF_READ_FILE_H
#define CONF_READ_FILE_H

#include <stddef.h>
#include <sys/stat.h>

/* Reads a regular file of at most max bytes. Returns new NUL-terminated bytes, their number in
 * *size; NULL with *why (constant, or strerror's text) when it cannot: there is none, it is a
 * folder, a FIFO or a device, it is too large, or it changed while it was read. about (may be
 * NULL) gets what fstat() says of it. Opens regular files only, and never waits. Called by the
 * lexer and by the checks of keys and certificates. */
char *file_read(const char *path, size_t max, size_t *size, struct stat *about, const char **why);

#endif
