#include "bridge/core/log/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "codecs/text/memory.h"

/* A pipe or terminal is shared with other processes, so its own description stays as it is: another
 * one, of ours alone, does not wait. */
struct sink {
	int of; /* the standard descriptor */
	int fd; /* ours; -1: none */
	dev_t device;
	ino_t file;
};

static struct sink errors = { .of = STDERR_FILENO, .fd = -1 };
static struct sink prints = { .of = STDOUT_FILENO, .fd = -1 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static char *kept;
static size_t kept_len, kept_from;

void output_open(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* Whoever runs us may have put another file in its place meanwhile. */
static void sink_open(struct sink *sink, const struct stat *info)
{
	char path[32];

	if (sink->fd >= 0 && sink->device == info->st_dev && sink->file == info->st_ino)
		return;
	if (sink->fd >= 0)
		close(sink->fd);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", sink->of);
	sink->fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	sink->device = info->st_dev;
	sink->file = info->st_ino;
}

/* Without a descriptor of our own, only what fits for certain is written. */
static ssize_t write_if_ready(int fd, const char *bytes, size_t len)
{
	struct pollfd ready = { .fd = fd, .events = POLLOUT };

	int count = poll(&ready, 1, 0);

	if (count == 0)
		errno = EAGAIN;
	if (count <= 0)
		return -1;
	return write(fd, bytes, len < OUTPUT_LINE_MAX ? len : OUTPUT_LINE_MAX);
}

/* As much as goes out at once; -1: nothing. */
static ssize_t sink_write(struct sink *sink, const char *bytes, size_t len)
{
	struct stat info;

	if (fstat(sink->of, &info) < 0)
		return -1;
	if (S_ISREG(info.st_mode))
		return write(sink->of, bytes, len);
	if (S_ISSOCK(info.st_mode))
		return send(sink->of, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	sink_open(sink, &info);
	return sink->fd >= 0 ? write(sink->fd, bytes, len) : write_if_ready(sink->of, bytes, len);
}

/* What of a line is out already has no end: the next one gives it one. */
static bool write_line(const char *line, size_t len)
{
	static bool torn;
	ssize_t written;

	if (torn && sink_write(&errors, "\n", 1) != 1)
		return false;
	torn = false;
	while (len > 0) {
		written = sink_write(&errors, line, len);
		if (written < 0)
			return false;
		line += written;
		len -= (size_t)written;
		torn = len > 0;
	}
	return true;
}

bool output_line(const char *line, size_t len)
{
	bool whole;

	pthread_mutex_lock(&lock);
	whole = write_line(line, len);
	pthread_mutex_unlock(&lock);
	return whole;
}

/* "DEVICE:INODE" in decimals; it is inherited by who writes elsewhere, too. */
bool output_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, file;
	struct stat info;

	return stream && sscanf(stream, "%llu:%llu", &device, &file) == 2 &&
	       fstat(STDERR_FILENO, &info) == 0 && info.st_dev == device && info.st_ino == file;
}

/* ---- standard output ---- */

/* True when nothing is left. What nobody can take any more is left out. */
static bool write_kept(void)
{
	while (kept_from < kept_len) {
		ssize_t written = sink_write(&prints, kept + kept_from, kept_len - kept_from);

		if (written < 0 && errno != EAGAIN && errno != EINTR)
			kept_from = kept_len;
		else if (written < 0)
			return false;
		else
			kept_from += (size_t)written;
	}
	free(kept);
	kept = NULL;
	kept_len = kept_from = 0;
	return true;
}

bool output_print(const char *text, size_t len)
{
	if (kept_len - kept_from + len > OUTPUT_KEPT_MAX)
		return false;
	if (kept_from > 0) {
		memmove(kept, kept + kept_from, kept_len - kept_from);
		kept_len -= kept_from;
		kept_from = 0;
	}
	kept = memory_resize(kept, kept_len + len);
	memcpy(kept + kept_len, text, len);
	kept_len += len;
	write_kept();
	return true;
}

bool output_flush(unsigned wait_ms)
{
	const struct timespec pause = { .tv_nsec = 1000000 };

	while (!write_kept()) {
		if (wait_ms-- == 0)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}
