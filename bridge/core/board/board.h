/* board.h - what operators are shown of the server, as one text: the main thread writes it, whoever
 * serves it reads it, and nobody waits for the other. It is written only while it is read. Guards
 * itself. */
#ifndef BRIDGE_CORE_BOARD_BOARD_H
#define BRIDGE_CORE_BOARD_BOARD_H

#include <stdbool.h>
#include <stdint.h>

struct board;

#define BOARD_WANTED_MS 5000 /* so long after somebody has read it */

/* Returns new, for board_free(). Called by setup.c. */
struct board *board_new(void);

/* NULL is ignored. Nobody reads it any more. */
void board_free(struct board *board);

/* Now it says text (takes; memory_new()). Main thread: bridge/admin/overview.c. */
void board_write(struct board *board, char *text);

/* What it says: returns new; NULL: nothing yet, or nothing that is fresh: nobody has read it for
 * BOARD_WANTED_MS. From now on it is wanted. now_ms: of the steady clock. Any thread. */
char *board_read(struct board *board, uint64_t now_ms) __attribute__((warn_unused_result));

/* Has somebody read it within BOARD_WANTED_MS? Main thread, which asks once a second. */
bool board_is_wanted(struct board *board, uint64_t now_ms);

#endif
