#include "tests/support/shelf.h"

#include <inttypes.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "bridge/store/purge.h"
#include "bridge/store/sqlite/message_table.h"
#include "routes/room/record.h"
#include "tests/support/floor.h"

void shelf_open(struct shelf *shelf)
{
	shelf->folder = floor_folder();
	shelf->database = database_open(shelf->folder, DURABLE_COMMIT, stderr);
	assert_non_null(shelf->database);
}

void shelf_close(struct shelf *shelf)
{
	database_close(shelf->database);
	floor_folder_remove(shelf->folder);
}

int shelf_setup(void **state)
{
	shelf_open(*state);
	return 0;
}

int shelf_teardown(void **state)
{
	shelf_close(*state);
	return 0;
}

void shelf_again(struct shelf *shelf)
{
	database_close(shelf->database);
	shelf->database = database_open(shelf->folder, DURABLE_COMMIT, stderr);
	assert_non_null(shelf->database);
}

const char *shelf_path(const struct shelf *shelf, const char *name)
{
	static char path[4096];

	snprintf(path, sizeof(path), "%s/%s", shelf->folder, name);
	return path;
}

/* ---- rows ---- */

struct row row_message(uint64_t id, uint32_t author, const char *name, const char *body)
{
	return (struct row){ .kind = ROW_MESSAGE,
			     .id = id,
			     .author = author,
			     .name = slice_of(name),
			     .roles = 1,
			     .time_ms = 1000 + id,
			     .body = slice_of(body) };
}

struct row row_of_id(enum row_kind kind, uint64_t id)
{
	return (struct row){ .kind = kind, .id = id };
}

struct row row_edit(uint64_t id, const char *body)
{
	return (struct row){ .kind = ROW_EDIT, .id = id, .body = slice_of(body) };
}

struct row row_note(uint64_t id, uint64_t about, bool stands)
{
	return (struct row){ .kind = ROW_NOTE, .id = id, .about = about, .stands = stands };
}

struct row row_delete_all(uint64_t upto, uint32_t author, const char *folded)
{
	return (struct row){
		.kind = ROW_DELETE_ALL, .id = upto, .author = author, .folded = slice_of(folded)
	};
}

struct row row_react(enum row_kind kind, uint64_t id, uint32_t author, const char *emoji,
		     uint64_t at)
{
	return (struct row){
		.kind = kind, .id = id, .author = author, .emoji = slice_of(emoji), .at = at
	};
}

struct row row_mark(enum row_list list, uint32_t number, const char *folded, uint64_t until_ms,
		    uint32_t person, uint64_t at)
{
	return (struct row){ .kind = ROW_MARK,
			     .list = list,
			     .key = { .number = number, .folded = slice_of(folded) },
			     .until_ms = until_ms,
			     .person = person,
			     .at = at };
}

struct row row_pardon(enum row_list list, uint32_t number, const char *folded)
{
	return (struct row){ .kind = ROW_PARDON,
			     .list = list,
			     .key = { .number = number, .folded = slice_of(folded) } };
}

struct row row_poll(uint64_t id, const char *body)
{
	return (struct row){ .kind = ROW_POLL, .id = id, .until_ms = 60, .body = slice_of(body) };
}

struct row row_vote(uint32_t author, uint32_t choice, uint64_t at)
{
	return (struct row){ .kind = ROW_VOTE, .author = author, .choice = choice, .at = at };
}

struct row row_left(uint32_t person, uint64_t id)
{
	return (struct row){ .kind = ROW_LEFT, .author = person, .id = id };
}

void shelf_change(struct shelf *shelf, const char *room, struct row row)
{
	uint64_t number;

	assert_true(database_begin(shelf->database));
	number = database_room(shelf->database, slice_of(room));
	assert_int_not_equal(number, 0);
	assert_true(database_change(shelf->database, number, &row));
	assert_true(database_commit(shelf->database));
}

void shelf_say(struct shelf *shelf, const char *room, uint64_t id, uint32_t author,
	       const char *name, const char *text, const char *edited)
{
	unsigned char bytes[2][1024];
	struct envelope event = { .kind = KIND_MESSAGE,
				  .id = id,
				  .time_ms = 1000 + id,
				  .room = slice_of(room),
				  .author = { .name = slice_of(name), .number = author },
				  .text = slice_of(text) };
	struct record record = {
		.kind = RECORD_EVENT, .number = 1, .event = &event, .aside = { .keep = true }
	};
	struct row row = row_message(id, author, name, NULL);

	if (text)
		row.body = slice_span((char *)bytes[0], record_write(&record, bytes[0]));
	shelf_change(shelf, room, row);
	if (!edited)
		return;
	event.kind = KIND_EDIT;
	event.text = slice_of(edited);
	row = row_of_id(ROW_EDIT, id);
	row.body = slice_span((char *)bytes[1], record_write(&record, bytes[1]));
	shelf_change(shelf, room, row);
}

void shelf_purge(struct shelf *shelf)
{
	uint64_t number = 0;
	bool more = true;

	while (more) {
		assert_true(database_begin(shelf->database));
		assert_true(purge_step(shelf->database, &number, &more));
		assert_true(database_commit(shelf->database));
	}
}

/* ---- what is read, as text ---- */

static char *text;
static size_t text_len;

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *format, ...)
{
	va_list values;
	char *more = NULL;
	int len;

	va_start(values, format);
	len = vasprintf(&more, format, values);
	va_end(values);
	assert_true(len >= 0);
	text = realloc(text, text_len + (size_t)len + 1);
	assert_non_null(text);
	memcpy(text + text_len, more, (size_t)len + 1);
	text_len += (size_t)len;
	free(more);
}

#define SLICE_ARG(slice) (int)(slice).len, (slice).data ? (slice).data : ""

static void say_message(const struct row *row)
{
	say("message %" PRIu64 " by %u %.*s roles %u at %" PRIu64, row->id, row->author,
	    SLICE_ARG(row->name), row->roles, row->time_ms);
	if (row->deleted) {
		assert_null(row->body.data);
		assert_null(row->edit.data);
		say(" deleted\n");
		return;
	}
	if (row->body.data)
		say(": %.*s", SLICE_ARG(row->body));
	if (row->edit.data)
		say(" | edited: %.*s", SLICE_ARG(row->edit));
	say("\n");
}

static void say_row(void *context, const struct row *row)
{
	(void)context;
	switch (row->kind) {
	case ROW_MESSAGE: say_message(row); break;
	case ROW_NOTE:
		say("note %" PRIu64 " about %" PRIu64 "%s%s\n", row->id, row->about,
		    row->stands ? " stands" : "", row->deleted ? " deleted" : "");
		break;
	case ROW_REACT:
		say("react %" PRIu64 " by %u %.*s at %" PRIu64 "\n", row->id, row->author,
		    SLICE_ARG(row->emoji), row->at);
		break;
	case ROW_MARK:
		say("mark %d: number %u folded %.*s until %" PRIu64 " person %u at %" PRIu64 "\n",
		    row->list, row->key.number, SLICE_ARG(row->key.folded), row->until_ms,
		    row->person, row->at);
		break;
	case ROW_POLL:
		say("poll %" PRIu64 " until %" PRIu64 ": %.*s\n", row->id, row->until_ms,
		    SLICE_ARG(row->body));
		break;
	case ROW_VOTE:
		say("vote by %u: %u at %" PRIu64 "\n", row->author, row->choice, row->at);
		break;
	case ROW_LEFT: say("left %u at %" PRIu64 "\n", row->author, row->id); break;
	default: fail_msg("a row of kind %d", row->kind);
	}
}

static void say_damage(void *context, const struct damage *damage)
{
	(void)context;
	say(damage->page ? "broken: %s from %" PRIu64 "\n" : "damaged: %s %" PRIu64 "\n",
	    damage->table, damage->id);
}

static void say_room(void *context, uint64_t number, struct slice name, struct slice settings)
{
	(void)context;
	say("room %" PRIu64 " %.*s%s%.*s\n", number, SLICE_ARG(name), settings.data ? " " : "",
	    SLICE_ARG(settings));
}

struct row_sink shelf_sink(void)
{
	return (struct row_sink){ .room = say_room, .row = say_row, .damaged = say_damage };
}

void shelf_text_new(void)
{
	free(text);
	text = NULL;
	text_len = 0;
	say("%s", "");
}

const char *shelf_text(void)
{
	return text;
}

const char *shelf_read(struct database *database, const char *room, size_t messages)
{
	struct row_sink sink = shelf_sink();

	shelf_text_new();
	assert_true(
	    database_read(database, database_room_find(database, slice_of(room)), messages, &sink));
	return text;
}

const char *shelf_history(struct database *database, const char *room, uint64_t before,
			  size_t count)
{
	struct row_sink sink = shelf_sink();

	shelf_text_new();
	assert_true(database_history(database, database_room_find(database, slice_of(room)), before,
				     count, &sink));
	return text;
}

/* ---- the file ---- */

int64_t shelf_sql(const struct shelf *shelf, const char *sql)
{
	sqlite3 *sqlite = NULL;
	sqlite3_stmt *stmt = NULL;
	int64_t number = 0;
	int rc;

	assert_int_equal(sqlite3_open(shelf_path(shelf, DATABASE_FILE), &sqlite), SQLITE_OK);
	sqlite3_busy_timeout(sqlite, 10000);
	assert_true(message_table(sqlite));
	assert_int_equal(sqlite3_prepare_v2(sqlite, sql, -1, &stmt, NULL), SQLITE_OK);
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		number = sqlite3_column_int64(stmt, 0);
	else
		assert_int_equal(rc, SQLITE_DONE);
	sqlite3_finalize(stmt);
	assert_int_equal(sqlite3_close(sqlite), SQLITE_OK);
	return number;
}

void shelf_break_page(struct shelf *shelf, const char *bytes)
{
	unsigned char page[8192];
	bool was_open = shelf->database != NULL, found = false;
	FILE *file;
	long at = 0;

	database_close(shelf->database);
	shelf->database = NULL;
	file = fopen(shelf_path(shelf, DATABASE_FILE), "r+b");
	assert_non_null(file);
	/* 10: a leaf of a table whose rows have no numbers; its count of rows is 3 bytes behind. */
	while (!found && fread(page, 1, sizeof(page), file) == sizeof(page)) {
		found = page[0] == 10 && memmem(page, sizeof(page), bytes, strlen(bytes));
		at += found ? 0 : (long)sizeof(page);
	}
	assert_true(found);
	assert_int_equal(fseek(file, at + 3, SEEK_SET), 0);
	assert_int_equal(fwrite("\0\0", 1, 2, file), 2);
	assert_int_equal(fclose(file), 0);
	if (was_open)
		shelf_again(shelf);
}

bool shelf_file_has(const struct shelf *shelf, const char *name, const char *bytes)
{
	FILE *file = fopen(shelf_path(shelf, name), "r");
	struct stat status;
	char *all;
	size_t len;
	bool has;

	if (!file)
		return false;
	assert_int_equal(fstat(fileno(file), &status), 0);
	all = malloc((size_t)status.st_size + 1);
	assert_non_null(all);
	/* The log may be emptied meanwhile. */
	len = fread(all, 1, (size_t)status.st_size, file);
	has = memmem(all, len, bytes, strlen(bytes)) != NULL;
	fclose(file);
	free(all);
	return has;
}
