/* memory.h - the allocator every floor uses. Running out of memory is fatal:
 * these functions abort the process instead of returning NULL, because sizes,
 * queues and depths are bounded before they are called. Any thread. */
#ifndef CODECS_MEMORY_H
#define CODECS_MEMORY_H

#include <stddef.h>

/* size bytes, not zeroed (at least 1). Returns new; free() it. */
void *memory_new(size_t size);

/* count * size zeroed bytes, overflow checked. Returns new; free() it. */
void *memory_zeroed(size_t count, size_t size);

/* Takes old (may be NULL) and returns new, size bytes (at least 1). */
void *memory_resize(void *old, size_t size);

/* A NUL-terminated copy of len bytes of text (borrows). Returns new; free() it. */
char *memory_text(const char *text, size_t len);

#endif
