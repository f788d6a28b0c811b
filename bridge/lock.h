/* lock.h - files that one process at a time may use. The lock ends with its holder, whatever the
 * file says. Main thread. */
#ifndef BRIDGE_LOCK_H
#define BRIDGE_LOCK_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

/* Of a file that is locked by who did not write its number yet. */
#define LOCK_HOLDER_UNKNOWN (-1)

/* Opens the file, which is made with that mode when missing, locks it, and writes this process's
 * number to it. Returns its descriptor, which holds the lock until it is closed; -1 with *holder,
 * the process that holds it or LOCK_HOLDER_UNKNOWN, or 0 and errno. */
int lock_take(const char *path, mode_t mode, long *holder) __attribute__((warn_unused_result));

/* The process that holds the lock of that file, or LOCK_HOLDER_UNKNOWN; 0: none, or there is no
 * such file. */
long lock_holder(const char *path);

/* Makes the state folder when missing, and locks it by a file in it, so that no two servers give
 * the same ids. As lock_take(), but what is wrong is said to errors. */
int lock_state(const char *folder, FILE *errors) __attribute__((warn_unused_result));

/* Does nobody have it now? Who only reads asks so, and keeps no server from starting meanwhile.
 * False: who has is said to errors. */
bool lock_state_is_free(const char *folder, FILE *errors) __attribute__((warn_unused_result));

#endif
