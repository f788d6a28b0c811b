#include "bridge/store/check.h"

#include <inttypes.h>
#include <string.h>

#include "bridge/store/read.h"
#include "bridge/store/sqlite/schema.h"
#include "bridge/store/sqlite/statement.h"
#include "codecs/model/identity.h"
#include "codecs/text/name.h"

struct checking {
	struct database *database;
	const struct check_options *options;
	FILE *out;
	struct check_report *report;
	uint64_t room; /* that is being read */
};

/* One more of these is wrong: is there to be a line? */
static bool count(const struct checking *checking, uint64_t *what)
{
	if (++*what == CHECK_LINES + 1)
		fprintf(checking->out, "(more of these are counted, and not named)\n");
	return *what <= CHECK_LINES;
}

/* ---- the file ---- */

static void check_file(struct checking *checking)
{
	struct binding row = bind_start(checking->database, SQL_CHECK_FILE, 0);
	char text[400];

	checking->database->fault = FAULT_NONE;
	if (!schema_is_whole(checking->database->sqlite) &&
	    count(checking, &checking->report->broken))
		fprintf(checking->out, "file: its tables are not as they were made\n");
	while (bind_step(&row)) {
		struct slice said = column_slice(&row, 0);

		if (!slice_is(said, "ok") && count(checking, &checking->report->broken))
			fprintf(checking->out, "file: %s\n", text_escape(said, text, sizeof(text)));
	}
}

static void broken_off(struct checking *checking, const char *table)
{
	if (checking->database->fault == FAULT_NONE)
		return;
	if (count(checking, &checking->report->broken))
		fprintf(checking->out, "%s: reading ends: %s\n", table, checking->database->text);
	checking->database->fault = FAULT_NONE;
}

/* ---- messages, room by room: what lies behind a broken page is looked at, too ---- */

static void check_message(void *context, const struct row *row)
{
	struct checking *checking = context;
	struct check_report *report = checking->report;
	const struct check_options *options = checking->options;

	if (row->kind != ROW_MESSAGE)
		return;
	report->rows++;
	if (options->mark_ms && id_time_ms(row->id) >= options->mark_ms &&
	    count(checking, &report->above))
		fprintf(checking->out,
			"message: room %" PRIu64 ", id %" PRIu64
			": the id is of a time that was not reached\n",
			checking->room, row->id);
	if (options->is_sound &&
	    ((row->body.data && !options->is_sound(row->body)) ||
	     (row->edit.data && !options->is_sound(row->edit))) &&
	    count(checking, &report->unsound))
		fprintf(checking->out,
			"message: room %" PRIu64 ", id %" PRIu64 ": what it has cannot be read\n",
			checking->room, row->id);
}

static void check_damage(void *context, const struct damage *damage)
{
	struct checking *checking = context;
	struct check_report *report = checking->report;

	if (strcmp(damage->table, "message") != 0)
		return;
	if (damage->page) {
		if (count(checking, &report->broken))
			fprintf(checking->out,
				"message: room %" PRIu64 ", from id %" PRIu64
				": the file is broken, and messages are lost\n",
				damage->room, damage->id);
	} else if (count(checking, &report->damaged))
		fprintf(checking->out, "message: room %" PRIu64 ", id %" PRIu64 ": damaged row\n",
			damage->room, damage->id);
}

/* Of rooms, and of messages whose room's row is gone. */
static uint64_t next_room(struct database *database, uint64_t after)
{
	struct binding find = bind_start(database, SQL_CHECK_ROOM, 0);
	uint64_t room = 0;

	bind_number(&find, after);
	if (bind_step(&find)) {
		room = column_number(&find, 0);
		bind_end(&find);
	}
	return room;
}

static void check_messages(struct checking *checking)
{
	struct row_sink sink = { .context = checking,
				 .row = check_message,
				 .damaged = check_damage };

	while ((checking->room = next_room(checking->database, checking->room))) {
		if (!database_read(checking->database, checking->room, SIZE_MAX, &sink))
			broken_off(checking, "message");
	}
	broken_off(checking, "message");
}

/* ---- the other tables ---- */

struct table {
	enum statement statement;
	enum store_table table;
	const char *name;
	const char *key[3]; /* the columns of it, which are the first ones; NULL: no more */
	size_t id;          /* the column of an id; 0: there is none */
};

static const struct table tables[] = {
	{ SQL_CHECK_META, TABLE_META, "meta", { "name" }, 0 },
	{ SQL_CHECK_ROOMS, TABLE_ROOM, "room", { "number" }, 0 },
	{ SQL_CHECK_PERSONS, TABLE_PERSON, "person", { "number" }, 0 },
	{ SQL_CHECK_NOTES, TABLE_NOTE, "note", { "room", "id" }, 1 },
	{ SQL_CHECK_REACTIONS, TABLE_REACTION, "reaction", { "room", "id", "emoji" }, 0 },
	{ SQL_CHECK_MARKS, TABLE_MARK, "mark", { "room", "turn" }, 0 },
	{ SQL_CHECK_POLLS, TABLE_POLL, "poll", { "room", "id" }, 1 },
	{ SQL_CHECK_VOTES, TABLE_VOTE, "vote", { "room", "author" }, 0 },
	{ SQL_CHECK_PURGES, TABLE_PURGE, "purge", { "number", "room" }, 0 },
	{ SQL_CHECK_LEFT_AT, TABLE_LEFT_AT, "left_at", { "room", "person" }, 0 },
	{ SQL_CHECK_FOREIGN_IDS, TABLE_FOREIGN_ID, "foreign_id", { "upstream", "id", "turn" }, 1 },
	{ SQL_CHECK_SERVER_BANS, TABLE_SERVER_BAN, "server_ban", { "key" }, 0 },
	{ SQL_CHECK_TOKENS, TABLE_TOKEN, "token", { "hash" }, 0 },
	{ SQL_CHECK_BLOCKS, TABLE_BLOCK, "block", { "room", "last" }, 0 },
};

/* A blob as digits, of which an operator knows the first as the id of a token. */
static void print_value(const struct row_values *values, size_t column, FILE *out)
{
	struct slice bytes = values->at[column].bytes;
	char text[100];

	switch (values->at[column].type) {
	case ROW_INTEGER: fprintf(out, "%" PRId64, values->at[column].number); break;
	case ROW_BLOB:
		for (size_t i = 0; i < bytes.len; i++)
			fprintf(out, "%02x", (unsigned char)bytes.data[i]);
		break;
	default: fprintf(out, "%s", text_escape(bytes, text, sizeof(text)));
	}
}

static void print_key(const struct checking *checking, const struct table *table,
		      const struct row_values *values)
{
	fprintf(checking->out, "%s:", table->name);
	for (size_t i = 0; i < 3 && table->key[i]; i++) {
		fprintf(checking->out, "%s %s ", i ? "," : "", table->key[i]);
		print_value(values, i, checking->out);
	}
}

static void check_row(struct checking *checking, const struct table *table,
		      const struct row_values *values, bool intact)
{
	struct check_report *report = checking->report;
	uint64_t mark_ms = checking->options->mark_ms;

	if (!intact) {
		if (count(checking, &report->damaged)) {
			print_key(checking, table, values);
			fprintf(checking->out, ": damaged row\n");
		}
		return;
	}
	if (table->table != TABLE_BLOCK) /* of these the messages are */
		report->rows++;
	if (table->id && mark_ms && id_time_ms(value_number(values, table->id)) >= mark_ms &&
	    count(checking, &report->above)) {
		print_key(checking, table, values);
		fprintf(checking->out, ": the id is of a time that was not reached\n");
	}
}

static void check_table(struct checking *checking, const struct table *table)
{
	struct binding row = bind_start(checking->database, table->statement, 0);
	struct row_values values;

	while (bind_step(&row)) {
		bool intact = row_read(&row, table->table, &values);

		check_row(checking, table, &values, intact);
	}
	broken_off(checking, table->name);
}

bool database_check(struct database *database, const struct check_options *options, FILE *out,
		    struct check_report *report)
{
	struct checking checking = {
		.database = database, .options = options, .out = out, .report = report
	};

	*report = (struct check_report){ 0 };
	check_file(&checking);
	broken_off(&checking, "file");
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		check_table(&checking, &tables[i]);
	check_messages(&checking);
	return !report->damaged && !report->unsound && !report->above && !report->broken;
}
