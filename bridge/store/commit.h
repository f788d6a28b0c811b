/* commit.h - what workers recorded becomes one transaction, whole posts at a time; and what becomes
 * of those whose part makes it fail. The store thread alone. */
#ifndef BRIDGE_STORE_COMMIT_H
#define BRIDGE_STORE_COMMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/core/mailbox.h"
#include "bridge/store/sqlite/database.h"
#include "codecs/registry.h"
#include "codecs/text/name.h"
#include "codecs/text/slice.h"
#include "routes/deliver/hub.h"
#include "routes/room/row.h"

/* Of one transaction; at most one post more. */
#define COMMIT_RECORDS 4096
#define COMMIT_BYTES   (8u << 20)

/* Takes one row of a room (borrows both). */
typedef void emit_function(void *context, struct slice room, const struct row *row);

/* Which rows the first record of a block changes: *used bytes of it are the record. Pure. False: it
 * cannot be read. The store thread. */
typedef bool rows_function(const void *bytes, size_t len, size_t *used, void *context,
			   emit_function *emit);

struct commit {
	struct database *database; /* borrowed */
	rows_function *rows;
	/* By worker: its era and all before it have failed, and what is still to come of them will
	 * fail. */
	struct {
		bool any;
		uint32_t era;
		char room[NAME_BYTES_MAX]; /* whose rows are why; room_len 0: no room's */
		size_t room_len;
	} failed[WORKERS_MAX];
	/* Of the last commit_posts(): */
	enum fault fault; /* why some failed; FAULT_NONE: none did, but for eras that had before */
	char text[400];   /* the same in words, with the room whose rows they were, escaped */
	uint32_t records; /* committed */
	bool one_by_one;  /* each change is written before the next one: to find whose fails */
	bool erases;      /* something that somebody wrote was taken away */
	bool purges;      /* DELETE_ALL is among it */
	char room[NAME_BYTES_MAX]; /* whose rows the last record was to change; */
	size_t room_len;           /* 0: it could not be read */
};

/* Takes the first posts of POST_STORE and POST_FOREIGN off list: as many as make up COMMIT_RECORDS
 * or COMMIT_BYTES. Returns them. */
struct post_list commit_take(struct post_list *list);

/* How many records are in these. */
uint32_t commit_count(const struct post_list *list);

/* Commits them in one transaction. What cannot be written fails, with all of the same worker's era:
 * when the disk does, everything; when it is one post's own, such as a record that cannot be read
 * or a damaged page, the others are tried without. Sets failed and blamed in each post, and makes
 * it a POST_STORED; one of POST_FOREIGN stays what it is, and fails alone. */
void commit_posts(struct commit *commit, struct post_list *posts);

#endif
