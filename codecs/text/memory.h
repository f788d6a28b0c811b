/* memory.h - the allocator every floor uses. Running out of memory is fatal:
 * these functions abort the process instead of returning NULL, because sizes,
 * queues and depths are bounded before they are called. Any thread. */
#ifndef CODECS_TEXT_MEMORY_H
#define CODECS_TEXT_MEMORY_H

#include <stddef.h>

/* size bytes, not zeroed (at least 1). Returns new; free() it. */
void *memory_new(size_t size);

/* count * size zeroed bytes, overflow checked. Returns new; free() it. */
void *memory_zeroed(size_t count, size_t size);

/* Takes old (may be NULL) and returns new, size bytes (at least 1). */
void *memory_resize(void *old, size_t size);

/* A NUL-terminated copy of len bytes of text (borrows). Returns new; free() it. */
char *memory_text(const char *text, size_t len);

/* ---- blocks that come and go with every message ----
 * Each thread keeps a few of every size up to MEMORY_KEPT_MAX that it gave back, for the next one
 * it takes; so most cost a dozen instructions. A block may be given back by another thread than
 * took it. What a thread keeps is never more than 2 MiB, and stays as long as the thread. The
 * sanitizers see malloc() and free() alone. */

#define MEMORY_KEPT_MAX 2048

/* How large a block of size bytes really is: size rounded up, or size itself beyond what is kept.
 * The caller may use the rest. */
size_t memory_fit(size_t size);

/* memory_fit(size) bytes, not zeroed. Returns new; memory_give() it with the same size, or free()
 * it. */
void *memory_take(size_t size);

/* The same with size zeroed bytes. */
void *memory_take_zeroed(size_t size);

/* Takes block (may be NULL), which has memory_fit(size) bytes and came from any of the functions
 * above. */
void memory_give(void *block, size_t size);

#endif
