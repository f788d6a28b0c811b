/* owned.h - memory that the configuration owns. Running out of it is fatal: the process aborts,
 * as everywhere in the program. Called by the files of conf only. */
#ifndef CONF_TABLE_OWNED_H
#define CONF_TABLE_OWNED_H

#include <stddef.h>

/* count * size zeroed bytes (at least 1). Returns new; free() it. */
void *owned_zeroed(size_t count, size_t size);

/* Takes old (may be NULL), returns new with room for count * size bytes; what is added is not
 * zeroed. */
void *owned_resize(void *old, size_t count, size_t size);

/* A copy of text (borrows). Returns new; free() it. */
char *owned_text(const char *text);

/* Formatted text. Returns new; free() it. */
char *owned_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* folder "/" path, or path alone when it is absolute, empty, or there is no folder (NULL).
 * Returns new; free() it. */
char *owned_path(const char *folder, const char *path);

#endif
