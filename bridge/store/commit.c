#include "bridge/store/commit.h"

#include <stdio.h>
#include <string.h>

#include "bridge/store/change.h"
#include "bridge/store/lasting/foreign_rows.h"
#include "bridge/store/sqlite/room_numbers.h"
#include "codecs/text/name.h"

/* What it is to change. */
static void measure(const struct post *post, uint32_t *records, size_t *bytes)
{
	if (post->kind == POST_FOREIGN) {
		*records += (uint32_t)((const struct post_foreign *)post)->keeping->count + 1;
		return;
	}
	*records += ((const struct post_store *)post)->records;
	*bytes += ((const struct post_store *)post)->len;
}

struct post_list commit_take(struct post_list *list)
{
	struct post_list taken = { 0 };
	uint32_t records = 0;
	size_t bytes = 0;

	while (list->first && records < COMMIT_RECORDS && bytes < COMMIT_BYTES) {
		struct post *post = list->first;

		list->first = post->next;
		list->count--;
		measure(post, &records, &bytes);
		post_list_add(&taken, post);
	}
	if (!list->first)
		list->last = NULL;
	return taken;
}

uint32_t commit_count(const struct post_list *list)
{
	uint32_t records = 0;
	size_t bytes = 0;

	for (const struct post *post = list->first; post; post = post->next)
		measure(post, &records, &bytes);
	return records;
}

/* ---- eras ---- */

static bool era_failed(const struct commit *commit, unsigned worker, uint32_t era)
{
	return commit->failed[worker].any && era <= commit->failed[worker].era;
}

static bool has_failed(const struct commit *commit, const struct post_store *post)
{
	return era_failed(commit, post->worker, post->era);
}

/* blamed: it is by the rows of the room that was changed last. */
static void fail(struct commit *commit, const struct post_store *post, bool blamed)
{
	if (has_failed(commit, post))
		return;
	commit->failed[post->worker].any = true;
	commit->failed[post->worker].era = post->era;
	commit->failed[post->worker].room_len = blamed ? commit->room_len : 0;
	memcpy(commit->failed[post->worker].room, commit->room, sizeof(commit->room));
}

/* ---- one try ---- */

/* The record it is in does not outlive this. */
static void note_room(struct commit *commit, struct slice room)
{
	commit->room_len = room.len < sizeof(commit->room) ? room.len : sizeof(commit->room);
	memcpy(commit->room, room.data, commit->room_len);
}

static void change(void *context, struct slice room, const struct row *row)
{
	struct commit *commit = context;
	uint64_t number;

	if (database_fault(commit->database) != FAULT_NONE)
		return;
	note_room(commit, room);
	number = database_room(commit->database, room);
	if (!number || !database_change(commit->database, number, row) ||
	    (commit->one_by_one && !database_write(commit->database)))
		return;
	commit->erases |= change_erases(row->kind);
	commit->purges |= row->kind == ROW_DELETE_ALL;
}

/* Why its records could not be written. */
static enum fault apply(struct commit *commit, const struct post_store *post)
{
	size_t at = 0;

	for (uint32_t i = 0; i < post->records; i++) {
		size_t used = 0;

		commit->room_len = 0;
		if (!commit->rows(post->bytes + at, post->len - at, &used, commit, change) ||
		    used > post->len - at)
			return FAULT_RECORD;
		if (database_fault(commit->database) != FAULT_NONE)
			return database_fault(commit->database);
		at += used;
	}
	commit->records += post->records;
	return at == post->len ? FAULT_NONE : FAULT_RECORD;
}

static enum fault apply_foreign(struct commit *commit, const struct post_foreign *post)
{
	note_room(commit, post->keeping->room);
	if (!database_foreign_keep(commit->database, post->keeping))
		return database_fault(commit->database);
	commit->records += (uint32_t)post->keeping->count + (post->keeping->settled != 0);
	return FAULT_NONE;
}

static bool foreign_failed(const struct commit *commit, const struct post_foreign *post)
{
	return post->failed || (post->follows && era_failed(commit, post->worker, post->era));
}

/* One that has failed already changes nothing. */
static enum fault apply_post(struct commit *commit, const struct post *post)
{
	if (post->kind == POST_FOREIGN)
		return foreign_failed(commit, (const struct post_foreign *)post)
			   ? FAULT_NONE
			   : apply_foreign(commit, (const struct post_foreign *)post);
	return has_failed(commit, (const struct post_store *)post)
		   ? FAULT_NONE
		   : apply(commit, (const struct post_store *)post);
}

/* The room is named where it may be to blame. */
static void note_fault(struct commit *commit, enum fault fault, bool blamed)
{
	const char *text = database_fault_text(commit->database);
	char room[160];

	commit->fault = fault;
	if (!*text)
		text = "a record that cannot be read";
	if (blamed && commit->room_len)
		snprintf(
		    commit->text, sizeof(commit->text), "room \"%s\": %s",
		    text_escape(slice_span(commit->room, commit->room_len), room, sizeof(room)),
		    text);
	else
		snprintf(commit->text, sizeof(commit->text), "%s", text);
}

/* *culprit: whose post it was; NULL: nobody's own. */
static enum fault attempt(struct commit *commit, const struct post_list *posts,
			  struct post **culprit)
{
	enum fault fault;

	*culprit = NULL;
	commit->records = 0;
	commit->erases = commit->purges = false;
	if (!database_begin(commit->database))
		return database_fault(commit->database);
	for (struct post *at = posts->first; at; at = at->next) {
		fault = apply_post(commit, at);
		if (fault == FAULT_RECORD || fault == FAULT_CORRUPT)
			*culprit = at;
		if (fault != FAULT_NONE)
			return fault;
	}
	return database_commit(commit->database) ? FAULT_NONE : database_fault(commit->database);
}

/* Messages are written at the end of a transaction: whose have failed shows when they are written
 * one by one. */
static bool is_somebodys(struct commit *commit, enum fault fault)
{
	bool again = (fault == FAULT_CORRUPT || fault == FAULT_RECORD) && !commit->one_by_one;

	commit->one_by_one = true;
	return again;
}

static void fail_post(struct commit *commit, struct post *post, bool blamed)
{
	if (post->kind == POST_FOREIGN)
		((struct post_foreign *)post)->failed = true;
	else
		fail(commit, (const struct post_store *)post, blamed);
}

static void fail_all(struct commit *commit, const struct post_list *posts)
{
	for (struct post *at = posts->first; at; at = at->next)
		fail_post(commit, at, false);
}

static void tell(const struct commit *commit, struct post_store *post)
{
	post->failed = has_failed(commit, post);
	post->blamed_len = 0;
	if (!post->failed)
		return;
	post->blamed_len = commit->failed[post->worker].room_len;
	memcpy(post->blamed, commit->failed[post->worker].room, post->blamed_len);
}

/* Each try that fails leaves one era, or one of the others' names, less to be tried. */
void commit_posts(struct commit *commit, struct post_list *posts)
{
	struct post *culprit;
	enum fault fault;

	commit->fault = FAULT_NONE;
	commit->one_by_one = false;
	while ((fault = attempt(commit, posts, &culprit)) != FAULT_NONE) {
		note_fault(commit, fault, culprit != NULL);
		database_rollback(commit->database);
		commit->records = 0;
		if (culprit) {
			fail_post(commit, culprit, true);
			continue;
		}
		if (is_somebodys(commit, fault))
			continue;
		fail_all(commit, posts);
		break;
	}
	for (struct post *at = posts->first; at; at = at->next) {
		if (at->kind == POST_FOREIGN)
			continue;
		tell(commit, (struct post_store *)at);
		at->kind = POST_STORED;
	}
}
