/* lock.h - files that one process at a time may use. The lock ends with its holder, whatever the
 * file says. Main thread. */
#ifndef BRIDGE_LOCK_H
#define BRIDGE_LOCK_H

#include <stdio.h>
#include <sys/types.h>

/* Opens the file, which is made with that mode when missing, and locks it. Returns its descriptor,
 * which holds the lock until it is closed (no other descriptor of this file may be closed in the
 * process meanwhile); -1 with *holder, the process that holds it, or 0 and errno. */
int lock_take(const char *path, mode_t mode, long *holder) __attribute__((warn_unused_result));

/* The process that holds the lock of that file; 0: none, or there is no such file. Not for the
 * process that holds it. */
long lock_holder(const char *path);

/* Makes the state folder when missing, and locks it by a file in it, so that no two servers give
 * the same ids. As lock_take(), but what is wrong is said to errors. */
int lock_state(const char *folder, FILE *errors) __attribute__((warn_unused_result));

#endif
