/* model.h - a power failure, modelled: preloaded into the server (LD_PRELOAD), it remembers of
 * the files below one folder what was written since each was synced. On SIGUSR2 it takes of that
 * what a disk may take, and ends the process at once:
 * - each sector (512 bytes) is, by chance, as any write since left it, or as it was synced
 * - a file that grew has a size between; one that was truncated may have all it had before
 * - what was created, renamed or deleted since its directory was synced may not have been
 * What is mapped (SQLite's -shm) does not outlive it.
 *
 *   POWER_CUT_FOLDER  below which files count; absolute
 *   POWER_CUT_SEED    of the chances
 *   POWER_CUT_SYNC_US a sync takes up to so long
 *   POWER_CUT_STALL   a path: while there is a file, no sync ends
 *
 * Syncs do not reach the real disk. What is done to a file by other functions than those below is
 * not seen: the server and SQLite use no others. */
#ifndef TESTS_POWER_CUT_MODEL_H
#define TESTS_POWER_CUT_MODEL_H

#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CUT_EXIT_CODE 99

/* A file that counts. */
struct inode;

/* Held by who changes a file, from before it is remembered until it is done. */
extern pthread_mutex_t model_lock;

/* From now on files below that folder count. */
void model_begin(const char *where, uint64_t seed);

/* Is it a path that counts? whole: the same from the root on. */
bool model_path(const char *path, char whole[PATH_MAX]);

/* With the lock held. The file behind a descriptor, which has that path; NULL: it is none. */
struct inode *model_inode(int fd, const char *path);

/* With the lock held, before it is done: that is written, that becomes the size; a path comes,
 * goes, or becomes another file's. */
void model_write(struct inode *inode, int fd, off_t offset, size_t len);
void model_resize(struct inode *inode, int fd, off_t size);
void model_name(const char *path);

/* With the lock held, when it is done: that path is no file's any more; or another's. */
void model_gone(const char *path);
void model_renamed(const char *from, const char *to);

/* Of a sync: when it began, with the lock held; and that it is over. inode NULL: of the folder. */
uint64_t model_now(void);
void model_synced(struct inode *inode, uint64_t began);

/* With the lock held, for good: the power fails. */
void model_cut(void);

/* calls.c: the same without anything being remembered. */
ssize_t real_put(int fd, const void *bytes, size_t len, off_t offset);
int real_resize(int fd, off_t size);
int real_open(const char *path, int flags, mode_t mode);
int real_close(int fd);
int real_unlink(const char *path);
off_t real_size(int fd);

#endif
