#include "tests/support/power.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECTOR 512
#define FILES  16

/* One write that was not synced yet; bytes NULL: the file was cut to that length. */
struct pending {
	struct pending *next;
	size_t at, len;
	unsigned char *bytes;
};

/* A file: what is on disk for sure, and what may be. */
struct image {
	char name[64]; /* without its folder; "": a free place */
	unsigned char *bytes;
	size_t len, room;
	struct pending *first, **last;
};

static struct image images[FILES];
static uint64_t random_state;

/* ---- images ---- */

static uint64_t draw(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static struct image *image_of(const char *path)
{
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	struct image *free_one = NULL;

	for (size_t i = 0; i < FILES; i++) {
		if (strcmp(images[i].name, name) == 0)
			return &images[i];
		if (!free_one && !*images[i].name)
			free_one = &images[i];
	}
	assert_non_null(free_one);
	assert_true(strlen(name) < sizeof(free_one->name));
	memset(free_one, 0, sizeof(*free_one));
	strcpy(free_one->name, name);
	free_one->last = &free_one->first;
	return free_one;
}

static void image_length(struct image *image, size_t len)
{
	if (len > image->room) {
		image->room = len * 2;
		image->bytes = realloc(image->bytes, image->room);
		assert_non_null(image->bytes);
	}
	if (len > image->len)
		memset(image->bytes + image->len, 0, len - image->len);
	image->len = len;
}

static void image_write(struct image *image, size_t at, const unsigned char *bytes, size_t len)
{
	if (at + len > image->len)
		image_length(image, at + len);
	memcpy(image->bytes + at, bytes, len);
}

static void note(struct image *image, size_t at, const void *bytes, size_t len)
{
	struct pending *pending = calloc(1, sizeof(*pending));

	assert_non_null(pending);
	pending->at = at;
	pending->len = len;
	if (bytes) {
		pending->bytes = malloc(len + 1);
		assert_non_null(pending->bytes);
		memcpy(pending->bytes, bytes, len);
	}
	*image->last = pending;
	image->last = &pending->next;
}

/* Each sector of a write, or the whole length: is it on disk? */
static void settle(struct image *image, struct pending *pending, bool lossy)
{
	size_t at = pending->at, end = pending->at + pending->len;

	if (!pending->bytes) {
		if (!lossy || draw() % 2)
			image_length(image, pending->at);
		return;
	}
	while (at < end) {
		size_t next = at / SECTOR * SECTOR + SECTOR;

		if (next > end)
			next = end;
		if (!lossy || draw() % 2)
			image_write(image, at, pending->bytes + (at - pending->at), next - at);
		at = next;
	}
}

static void settle_all(struct image *image, bool lossy)
{
	while (image->first) {
		struct pending *next = image->first->next;

		settle(image, image->first, lossy);
		free(image->first->bytes);
		free(image->first);
		image->first = next;
	}
	image->last = &image->first;
}

/* ---- files, as SQLite sees them ---- */

struct watched {
	sqlite3_file file; /* first */
	struct image *image;
	sqlite3_file *real; /* behind this */
};

static sqlite3_file *real_of(sqlite3_file *file)
{
	return ((struct watched *)file)->real;
}

static int w_close(sqlite3_file *file)
{
	return real_of(file)->pMethods->xClose(real_of(file));
}

static int w_read(sqlite3_file *file, void *to, int len, sqlite3_int64 at)
{
	return real_of(file)->pMethods->xRead(real_of(file), to, len, at);
}

static int w_write(sqlite3_file *file, const void *from, int len, sqlite3_int64 at)
{
	int rc = real_of(file)->pMethods->xWrite(real_of(file), from, len, at);

	if (rc == SQLITE_OK)
		note(((struct watched *)file)->image, (size_t)at, from, (size_t)len);
	return rc;
}

static int w_truncate(sqlite3_file *file, sqlite3_int64 len)
{
	int rc = real_of(file)->pMethods->xTruncate(real_of(file), len);

	if (rc == SQLITE_OK)
		note(((struct watched *)file)->image, (size_t)len, NULL, 0);
	return rc;
}

/* A sync is of the file, whoever wrote to it. What it does to the disk is not waited for. */
static int w_sync(sqlite3_file *file, int flags)
{
	(void)flags;
	settle_all(((struct watched *)file)->image, false);
	return SQLITE_OK;
}

static int w_size(sqlite3_file *file, sqlite3_int64 *len)
{
	return real_of(file)->pMethods->xFileSize(real_of(file), len);
}

static int w_lock(sqlite3_file *file, int lock)
{
	return real_of(file)->pMethods->xLock(real_of(file), lock);
}

static int w_unlock(sqlite3_file *file, int lock)
{
	return real_of(file)->pMethods->xUnlock(real_of(file), lock);
}

static int w_reserved(sqlite3_file *file, int *result)
{
	return real_of(file)->pMethods->xCheckReservedLock(real_of(file), result);
}

static int w_control(sqlite3_file *file, int what, void *argument)
{
	return real_of(file)->pMethods->xFileControl(real_of(file), what, argument);
}

static int w_sector(sqlite3_file *file)
{
	return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int w_device(sqlite3_file *file)
{
	return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int w_map(sqlite3_file *file, int page, int size, int extend, void volatile **to)
{
	return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, to);
}

static int w_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
	return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}

static void w_barrier(sqlite3_file *file)
{
	real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int w_unmap(sqlite3_file *file, int remove)
{
	return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = w_close,
	.xRead = w_read,
	.xWrite = w_write,
	.xTruncate = w_truncate,
	.xSync = w_sync,
	.xFileSize = w_size,
	.xLock = w_lock,
	.xUnlock = w_unlock,
	.xCheckReservedLock = w_reserved,
	.xFileControl = w_control,
	.xSectorSize = w_sector,
	.xDeviceCharacteristics = w_device,
	.xShmMap = w_map,
	.xShmLock = w_shm_lock,
	.xShmBarrier = w_barrier,
	.xShmUnmap = w_unmap,
};

static sqlite3_vfs *unwatched, watching;

static int v_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *result)
{
	struct watched *watched = (struct watched *)file;
	int rc;

	(void)vfs;
	memset(watched, 0, sizeof(*watched));
	watched->real = (sqlite3_file *)(watched + 1);
	rc = unwatched->xOpen(unwatched, path, watched->real, flags, result);
	if (rc != SQLITE_OK)
		return rc;
	watched->image = image_of(path ? path : "temporary");
	watched->file.pMethods = &methods;
	return SQLITE_OK;
}

/* SQLite syncs the folder then: it is gone for sure. */
static int v_delete(sqlite3_vfs *vfs, const char *path, int sync)
{
	struct image *image = image_of(path);

	(void)vfs;
	settle_all(image, false);
	image->len = 0;
	return unwatched->xDelete(unwatched, path, sync);
}

void power_watch(uint64_t seed)
{
	random_state = seed * UINT64_C(0x9e3779b97f4a7c15) + 88172645463325252;
	if (unwatched)
		return;
	unwatched = sqlite3_vfs_find(NULL);
	watching = *unwatched;
	watching.zName = "power";
	watching.szOsFile = (int)sizeof(struct watched) + unwatched->szOsFile;
	watching.xOpen = v_open;
	watching.xDelete = v_delete;
	watching.pNext = NULL;
	assert_int_equal(sqlite3_vfs_register(&watching, 1), SQLITE_OK);
}

void power_cut(const char *folder)
{
	for (size_t i = 0; i < FILES; i++) {
		char path[4096];
		FILE *file;

		if (!*images[i].name || strcmp(images[i].name, "temporary") == 0)
			continue;
		settle_all(&images[i], true);
		snprintf(path, sizeof(path), "%s/%s", folder, images[i].name);
		file = fopen(path, "w");
		assert_non_null(file);
		assert_int_equal(
		    fwrite(images[i].bytes ? (void *)images[i].bytes : "", 1, images[i].len, file),
		    images[i].len);
		assert_int_equal(fclose(file), 0);
	}
}

void power_forget(void)
{
	for (size_t i = 0; i < FILES; i++) {
		if (!*images[i].name)
			continue;
		settle_all(&images[i], false);
		free(images[i].bytes);
		memset(&images[i], 0, sizeof(images[i]));
	}
	if (unwatched)
		assert_int_equal(sqlite3_vfs_unregister(&watching), SQLITE_OK);
	unwatched = NULL;
}
