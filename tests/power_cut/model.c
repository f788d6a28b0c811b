#include "tests/power_cut/model.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTOR 512

/* What a sector, or the whole file, was before a change. */
struct change {
	struct change *next;
	uint64_t at; /* when: rises with each change of all files */
	bool cut;    /* the file was truncated: bytes is all of it. Else it is one sector */
	off_t offset;
	off_t size; /* of the file, before */
	size_t len;
	char bytes[];
};

struct inode {
	struct inode *next;
	dev_t device;
	ino_t number;
	char path[PATH_MAX]; /* by which it is found now */
	struct change *first, **last;
};

/* A name that came, went, or means another file, since its directory was synced. */
struct naming {
	struct naming *next;
	uint64_t at;
	char path[PATH_MAX];
	bool was; /* there was one before: with these bytes */
	size_t len;
	char *bytes;
};

pthread_mutex_t model_lock = PTHREAD_MUTEX_INITIALIZER;
static struct inode *inodes;
static struct naming *names; /* the newest first */
static uint64_t clock_now, chances;
static char folder[PATH_MAX];

static uint64_t chance(uint64_t below)
{
	chances ^= chances << 13;
	chances ^= chances >> 7;
	chances ^= chances << 17;
	return chances % below;
}

static void *taken(size_t size)
{
	void *block = calloc(1, size);

	if (!block)
		abort();
	return block;
}

/* ---- which files ---- */

/* One that counts: absolute; false for others. */
bool model_path(const char *path, char whole[PATH_MAX])
{
	char cwd[PATH_MAX] = "";
	size_t len = strlen(folder), used;

	if (!len)
		return false;
	if (path[0] != '/' && !getcwd(cwd, sizeof(cwd)))
		return false;
	used = (size_t)snprintf(whole, PATH_MAX, "%s%s%s", cwd, *cwd ? "/" : "", path);
	return used < PATH_MAX && strncmp(whole, folder, len) == 0 &&
	       (whole[len] == '/' || whole[len] == '\0') && !strstr(whole, "-shm");
}

struct inode *model_inode(int fd, const char *path)
{
	struct stat about;
	struct inode *inode;

	if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode))
		return NULL;
	for (inode = inodes; inode; inode = inode->next)
		if (inode->device == about.st_dev && inode->number == about.st_ino)
			break;
	if (!inode) {
		inode = taken(sizeof(*inode));
		inode->device = about.st_dev;
		inode->number = about.st_ino;
		inode->last = &inode->first;
		inode->next = inodes;
		inodes = inode;
	}
	snprintf(inode->path, sizeof(inode->path), "%s", path);
	return inode;
}

/* ---- what is remembered ---- */

static void remember(struct inode *inode, int fd, off_t offset, size_t len, bool cut)
{
	struct change *change = taken(sizeof(*change) + len);

	change->at = ++clock_now;
	change->cut = cut;
	change->offset = offset;
	change->size = real_size(fd);
	change->len = len;
	if (pread(fd, change->bytes, len, offset) < 0)
		abort();
	*inode->last = change;
	inode->last = &change->next;
}

/* The descriptor may be one to write alone. */
static int open_to_read(int fd)
{
	char path[64];
	int reading;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	reading = real_open(path, O_RDONLY | O_CLOEXEC, 0);
	if (reading < 0)
		abort();
	return reading;
}

void model_write(struct inode *inode, int fd, off_t offset, size_t len)
{
	off_t first = offset / SECTOR, last = (offset + (off_t)len - 1) / SECTOR;
	int reading = open_to_read(fd);

	for (off_t sector = first; len && sector <= last; sector++)
		remember(inode, reading, sector * SECTOR, SECTOR, false);
	real_close(reading);
}

void model_resize(struct inode *inode, int fd, off_t size)
{
	int reading = open_to_read(fd);
	off_t before = real_size(fd);

	if (size < before)
		remember(inode, reading, 0, (size_t)before, true);
	else if (size > before)
		remember(inode, reading, before / SECTOR * SECTOR, SECTOR, false);
	real_close(reading);
}

void model_name(const char *path)
{
	struct naming *naming = taken(sizeof(*naming));
	int fd = real_open(path, O_RDONLY | O_CLOEXEC, 0);

	naming->at = ++clock_now;
	snprintf(naming->path, sizeof(naming->path), "%s", path);
	naming->was = fd >= 0;
	if (fd >= 0) {
		naming->len = (size_t)real_size(fd);
		naming->bytes = taken(naming->len + 1);
		if (pread(fd, naming->bytes, naming->len, 0) < 0)
			abort();
		real_close(fd);
	}
	naming->next = names;
	names = naming;
}

static void forget(struct inode *inode, uint64_t until)
{
	while (inode->first && inode->first->at <= until) {
		struct change *next = inode->first->next;

		free(inode->first);
		inode->first = next;
	}
	if (!inode->first)
		inode->last = &inode->first;
}

/* Nothing has that name any more; the number may be given to another file. */
void model_gone(const char *path)
{
	for (struct inode *inode = inodes; inode; inode = inode->next)
		if (strcmp(inode->path, path) == 0) {
			forget(inode, UINT64_MAX);
			inode->number = 0;
			inode->path[0] = '\0';
		}
}

static void forget_names(uint64_t until)
{
	struct naming **at = &names;

	while (*at) {
		struct naming *naming = *at;

		if (naming->at > until) {
			at = &naming->next;
			continue;
		}
		*at = naming->next;
		free(naming->bytes);
		free(naming);
	}
}

/* ---- the cut ---- */

/* One sector, from its first write on: as the newest left it, or as it was before any of them. */
static void cut_sector(int fd, struct change **writes, size_t count)
{
	const struct change *kept;

	if (chance(2) == 0)
		return;
	kept = writes[chance(count)];
	if (real_put(fd, kept->bytes, kept->len, kept->offset) < 0)
		abort();
}

static int compare(const void *one, const void *other)
{
	const struct change *a = *(struct change *const *)one, *b = *(struct change *const *)other;

	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at;
}

static void cut_sectors(int fd, struct change **writes, size_t count)
{
	size_t first = 0;

	qsort(writes, count, sizeof(*writes), compare);
	for (size_t i = 1; i <= count; i++) {
		if (i < count && writes[i]->offset == writes[first]->offset)
			continue;
		cut_sector(fd, writes + first, i - first);
		first = i;
	}
}

/* Of what was truncated, some has not happened, nor anything since. Those changes that have, for a
 * disk that has done nothing but them: *from up to and without *to (NULL: all). */
static void cut_truncated(int fd, struct inode *inode, struct change **from, struct change **to)
{
	*from = inode->first;
	*to = NULL;
	for (struct change *change = inode->first; change; change = change->next) {
		if (!change->cut)
			continue;
		if (chance(2) == 0) {
			*to = change;
			if (real_resize(fd, 0) < 0 ||
			    real_put(fd, change->bytes, change->len, 0) < 0)
				abort();
			return;
		}
		*from = change->next;
	}
}

static void cut_file(struct inode *inode)
{
	int fd = real_open(inode->path, O_RDWR | O_CLOEXEC, 0);
	struct change *from, *to, **writes;
	off_t size, least;
	size_t count = 0;

	if (fd < 0)
		return; /* it is not there any more */
	cut_truncated(fd, inode, &from, &to);
	size = least = real_size(fd);
	for (struct change *change = from; change != to; change = change->next)
		count++;
	writes = taken((count + 1) * sizeof(struct change *));
	count = 0;
	for (struct change *change = from; change != to; change = change->next) {
		least = change->size < least ? change->size : least;
		writes[count++] = change;
	}
	cut_sectors(fd, writes, count);
	if (chance(2) == 0)
		size = least + (off_t)chance((uint64_t)(size - least) + 1);
	if (real_resize(fd, size) < 0)
		abort();
	free(writes);
	real_close(fd);
}

/* The newest of them, any number. */
static void cut_names(void)
{
	uint64_t count = 0;

	for (struct naming *naming = names; naming; naming = naming->next)
		count++;
	count = chance(count + 1);
	for (struct naming *naming = names; naming && count-- > 0; naming = naming->next) {
		int fd;

		if (!naming->was) {
			real_unlink(naming->path);
			continue;
		}
		fd = real_open(naming->path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		if (fd < 0 || real_put(fd, naming->bytes, naming->len, 0) < 0)
			abort();
		real_close(fd);
	}
}

static void cut_mapped(void)
{
	DIR *dir = opendir(folder);
	char path[PATH_MAX + 256];

	for (struct dirent *entry; dir && (entry = readdir(dir));)
		if (strstr(entry->d_name, "-shm")) {
			snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
			real_unlink(path);
		}
}

void model_begin(const char *where, uint64_t seed)
{
	snprintf(folder, sizeof(folder), "%s", where);
	chances = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

uint64_t model_now(void)
{
	return clock_now;
}

void model_synced(struct inode *inode, uint64_t began)
{
	if (inode)
		forget(inode, began);
	else
		forget_names(began);
}

void model_renamed(const char *from, const char *to)
{
	model_gone(to);
	for (struct inode *inode = inodes; inode; inode = inode->next)
		if (strcmp(inode->path, from) == 0)
			snprintf(inode->path, sizeof(inode->path), "%s", to);
}

void model_cut(void)
{
	for (struct inode *inode = inodes; inode; inode = inode->next)
		cut_file(inode);
	cut_names();
	cut_mapped();
}
