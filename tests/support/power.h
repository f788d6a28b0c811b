/* power.h - a loss of power, for tests of the store: what SQLite writes from now on goes to its
 * files as ever, and beside it is kept what a disk would still have if the power failed now. Of
 * what was written to a file since it was synced, a disk may have any sectors, and not others. One
 * thread. Asserts with cmocka. */
#ifndef TESTS_SUPPORT_POWER_H
#define TESTS_SUPPORT_POWER_H

#include <stdint.h>

/* From now on, for connections that are opened later. seed: which sectors are lost. */
void power_watch(uint64_t seed);

/* Writes the files, as the disk has them after a loss of power now, into another folder under the
 * same names. What the index of a log beside it (-shm) has is lost. */
void power_cut(const char *folder);

/* Forgets all files. No connection is open. */
void power_forget(void);

#endif
