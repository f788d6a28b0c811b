/* engine.h - the store that keeps rooms in a database: struct store (bridge/durable/store.h), its
 * two threads, and who reads beside them. Main thread, but where another is named. */
#ifndef BRIDGE_STORE_ENGINE_H
#define BRIDGE_STORE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "bridge/durable/store.h"
#include "bridge/store/keeper.h"
#include "bridge/store/read.h"
#include "bridge/store/store_thread.h"

struct store_options {
	const char
	    *folder; /* the state folder, which the caller has locked; borrowed for the call */
	struct keeper_options keeper;
	rows_function *rows;
	/* struct store's, which is to use store_read(). */
	bool (*load)(struct store *store, struct room_entry *entry, struct room_time now);
};

/* Opens the database, which is made, or carried over from an older version, first. Rooms can be
 * read, mail waits. NULL after an error, which is written to errors. Returns new. */
struct store *store_open(const struct store_options *options, FILE *errors);

/* Starts its threads. bridge: whose workers are there; borrowed. False: errno. */
bool store_start(struct store *store, struct bridge *bridge) __attribute__((warn_unused_result));

/* All mail is stored and sent back, all jobs are done, all queries answered; then the threads are
 * over. Nobody sends any more. Without effect when it was not started. */
void store_stop(struct store *store);

/* Frees it. NULL is ignored. */
void store_close(struct store *store);

/* database_read() of a room by its name (borrows), as is committed now; a room that has no rows has
 * none to give. One at a time, others wait. Any thread, but not from the sink. False: it cannot be
 * read, which is logged; what was given is not all. */
bool store_read(struct store *store, struct slice room, size_t messages,
		const struct row_sink *sink) __attribute__((warn_unused_result));

/* read() with the connection that store_read() has: one at a time, others wait. Any thread, but not
 * from read(). Returns what that did. */
bool store_reading(struct store *store, bool (*read)(struct database *database, void *context),
		   void *context) __attribute__((warn_unused_result));

/* store_thread_do(), keeper_ask(), keeper_retain(). Any thread, until store_stop(). */
void store_do(struct store *store, struct store_job *job);
void store_ask(struct store *store, struct store_query *query);
void store_retain(struct store *store, struct slice room, const struct retention *retention);

struct store_counts {
	struct store_figures written;
	uint64_t retired; /* messages that were kept too long */
	uint64_t damaged; /* rows that could not be used, and places where the file is broken */
};

/* Who reads with a connection of their own has met so many more damages. Any thread. */
void store_damaged(struct store *store, uint64_t count);

/* Any thread. */
void store_count(struct store *store, struct store_counts *counts);

#endif
