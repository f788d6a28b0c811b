/* calls.c - what the server calls, before it reaches the C library: see model.h. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/power_cut/model.h"

#define FDS 65536

static struct inode *by_fd[FDS];
static bool is_folder[FDS];
static unsigned sync_us;
static char stall[PATH_MAX];

/* ---- the C library's ---- */

/* The function of that name behind ours. */
#define REAL(name, ...) (__extension__(__typeof__(name) *) real(#name))(__VA_ARGS__)

static void *real(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

ssize_t real_put(int fd, const void *bytes, size_t len, off_t offset)
{
	return REAL(pwrite64, fd, bytes, len, offset);
}

int real_resize(int fd, off_t size)
{
	return REAL(ftruncate64, fd, size);
}

int real_open(const char *path, int flags, mode_t mode)
{
	return REAL(open64, path, flags, mode);
}

int real_close(int fd)
{
	return REAL(close, fd);
}

int real_unlink(const char *path)
{
	return REAL(unlink, path);
}

off_t real_size(int fd)
{
	struct stat about;

	return fstat(fd, &about) == 0 ? about.st_size : 0;
}

static int renamed(const char *from, const char *to)
{
	return REAL(rename, from, to);
}

static struct inode *inode_at(int fd)
{
	return fd >= 0 && fd < FDS ? by_fd[fd] : NULL;
}

/* ---- the cut ---- */

static void *wait_for_cut(void *unused)
{
	sigset_t set;
	int number;

	(void)unused;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigwait(&set, &number);
	pthread_mutex_lock(&model_lock);
	model_cut();
	_exit(CUT_EXIT_CODE);
}

__attribute__((constructor)) static void begin(void)
{
	const char *where = getenv("POWER_CUT_FOLDER"), *seed = getenv("POWER_CUT_SEED"),
		   *delay = getenv("POWER_CUT_SYNC_US"), *stalls = getenv("POWER_CUT_STALL");
	pthread_t thread;
	sigset_t set;

	if (!where)
		return;
	model_begin(where, seed ? strtoull(seed, NULL, 10) : 1);
	sync_us = delay ? (unsigned)strtoul(delay, NULL, 10) : 0;
	snprintf(stall, sizeof(stall), "%s", stalls ? stalls : "");
	/* What it starts is left alone. */
	unsetenv("LD_PRELOAD");
	unsetenv("POWER_CUT_FOLDER");
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	if (pthread_create(&thread, NULL, wait_for_cut, NULL) != 0)
		abort();
}

/* ---- ours ---- */

static int opened(const char *path, int flags, mode_t mode)
{
	char whole[PATH_MAX];
	bool ours = model_path(path, whole);
	int fd;

	pthread_mutex_lock(&model_lock);
	if (ours && flags & O_CREAT && access(whole, F_OK) != 0)
		model_name(whole);
	fd = real_open(path, flags & ~O_TRUNC, mode);
	if (fd >= 0 && fd < FDS) {
		struct stat about;

		is_folder[fd] = ours && fstat(fd, &about) == 0 && S_ISDIR(about.st_mode);
		by_fd[fd] = ours ? model_inode(fd, whole) : NULL;
		if (by_fd[fd] && flags & O_TRUNC)
			model_resize(by_fd[fd], fd, 0);
	}
	if (fd >= 0 && flags & O_TRUNC && real_resize(fd, 0) < 0 && errno != EINVAL)
		abort();
	pthread_mutex_unlock(&model_lock);
	return fd;
}

#define MODE_OF(flags, mode)                                                                       \
	do {                                                                                       \
		va_list arguments;                                                                 \
		va_start(arguments, flags);                                                        \
		mode = (flags) & (O_CREAT | __O_TMPFILE) ? va_arg(arguments, mode_t) : 0;          \
		va_end(arguments);                                                                 \
	} while (0)

int open(const char *path, int flags, ...)
{
	mode_t mode;

	MODE_OF(flags, mode);
	return opened(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	mode_t mode;

	MODE_OF(flags, mode);
	return opened(path, flags, mode);
}

int close(int fd)
{
	if (fd >= 0 && fd < FDS) {
		by_fd[fd] = NULL;
		is_folder[fd] = false;
	}
	return real_close(fd);
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off_t offset)
{
	struct inode *inode = inode_at(fd);
	ssize_t written;

	if (!inode)
		return real_put(fd, bytes, len, offset);
	pthread_mutex_lock(&model_lock);
	model_write(inode, fd, offset, len);
	written = real_put(fd, bytes, len, offset);
	pthread_mutex_unlock(&model_lock);
	return written;
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t offset)
{
	return pwrite64(fd, bytes, len, offset);
}

ssize_t write(int fd, const void *bytes, size_t len)
{
	struct inode *inode = inode_at(fd);
	ssize_t written;

	if (!inode)
		return REAL(write, fd, bytes, len);
	pthread_mutex_lock(&model_lock);
	model_write(inode, fd, lseek(fd, 0, SEEK_CUR), len);
	written = REAL(write, fd, bytes, len);
	pthread_mutex_unlock(&model_lock);
	return written;
}

int ftruncate64(int fd, off_t size)
{
	struct inode *inode = inode_at(fd);
	int status;

	if (!inode)
		return real_resize(fd, size);
	pthread_mutex_lock(&model_lock);
	model_resize(inode, fd, size);
	status = real_resize(fd, size);
	pthread_mutex_unlock(&model_lock);
	return status;
}

int ftruncate(int fd, off_t size)
{
	return ftruncate64(fd, size);
}

/* What was written before it began is safe when it ends. */
static int synced(int fd)
{
	struct inode *inode = inode_at(fd);
	uint64_t until;

	pthread_mutex_lock(&model_lock);
	until = model_now();
	pthread_mutex_unlock(&model_lock);
	if (sync_us)
		usleep((useconds_t)(until * 7919 % sync_us));
	while (inode && *stall && access(stall, F_OK) == 0)
		usleep(5000);
	pthread_mutex_lock(&model_lock);
	if (inode || (fd >= 0 && fd < FDS && is_folder[fd]))
		model_synced(inode, until);
	pthread_mutex_unlock(&model_lock);
	return 0;
}

int fsync(int fd)
{
	return synced(fd);
}

int fdatasync(int fd)
{
	return synced(fd);
}

int rename(const char *from, const char *to)
{
	char whole_from[PATH_MAX], whole_to[PATH_MAX];
	int status;

	if (!model_path(from, whole_from) || !model_path(to, whole_to))
		return renamed(from, to);
	pthread_mutex_lock(&model_lock);
	model_name(whole_to);
	status = renamed(from, to);
	if (status == 0)
		model_renamed(whole_from, whole_to);
	pthread_mutex_unlock(&model_lock);
	return status;
}

int unlink(const char *path)
{
	char whole[PATH_MAX];
	int status;

	if (!model_path(path, whole))
		return real_unlink(path);
	pthread_mutex_lock(&model_lock);
	model_name(whole);
	status = real_unlink(path);
	if (status == 0)
		model_gone(whole);
	pthread_mutex_unlock(&model_lock);
	return status;
}
