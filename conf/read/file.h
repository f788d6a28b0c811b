/* file.h - whole small files in memory. */
#ifndef CONF_READ_FILE_H
#define CONF_READ_FILE_H

#include <stddef.h>

#define FILE_BYTES_MAX (16 * 1024 * 1024)

/* Reads a regular file of at most max bytes. Returns new NUL-terminated bytes, their number in
 * *size; NULL with *why (constant, or strerror's text) when it cannot. mode (may be NULL) gets
 * its permission bits. Never waits, whatever the path names. */
char *file_read(const char *path, size_t max, size_t *size, unsigned *mode, const char **why);

#endif
