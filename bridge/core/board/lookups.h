/* lookups.h - what pages ask about messages: whoever serves a page asks, the main thread answers,
 * and nobody waits for the other. An answer is read once, by whoever asks for the same message
 * next. At most LOOKUPS_MAX are under way. Guards itself. */
#ifndef BRIDGE_CORE_BOARD_LOOKUPS_H
#define BRIDGE_CORE_BOARD_LOOKUPS_H

#include <stdbool.h>
#include <stdint.h>

#include "codecs/text/slice.h"

struct lookups;

#define LOOKUPS_MAX     64
#define LOOKUPS_KEPT_MS 10000 /* after that, nobody wants the answer any more */
#define LOOKUP_ID_MAX   36    /* bytes: a number, or a UUID */

/* Returns new, for lookups_free(). Called by setup.c. */
struct lookups *lookups_new(void);

/* NULL is ignored. Nobody asks any more. */
void lookups_free(struct lookups *lookups);

/* The answer on the message of that id (borrows): returns new. NULL: there is none yet, and it is
 * asked for, unless too many are under way; *fresh: it was not before, and the main thread is to be
 * told that there is something to do. An id that is none, or too long, never has an answer. now_ms:
 * of the steady clock. Any thread. */
char *lookups_read(struct lookups *lookups, struct slice id, uint64_t now_ms, bool *fresh)
    __attribute__((warn_unused_result));

/* The next to be answered; false: there is none. Main thread. */
bool lookups_next(struct lookups *lookups, uint64_t now_ms, char id[LOOKUP_ID_MAX + 1])
    __attribute__((warn_unused_result));

/* The answer to that (takes; memory_new()). Main thread. */
void lookups_write(struct lookups *lookups, const char *id, char *text);

#endif
