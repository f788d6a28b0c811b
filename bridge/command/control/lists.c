#include "bridge/command/control/lists.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/command/control/table.h"
#include "codecs/text/memory.h"
#include "conf/table/shape.h"

#define CELL_MAX 400 /* of what is put together */
#define CUT      " ..."

const char *text_in(const json_t *row, const char *name)
{
	const char *text = json_string_value(json_object_get(row, name));

	return text ? text : "";
}

const json_t *value_in(const json_t *object, const char *name)
{
	return json_object_get(object, name);
}

void print_safe(FILE *stream, const char *text)
{
	char *copy = memory_text(text, strlen(text));

	shape_make_printable(copy);
	fputs(copy, stream);
	free(copy);
}

void print_label(FILE *stream, const char *name)
{
	fprintf(stream, "%-14s", name);
}

int64_t number_in(const json_t *row, const char *name)
{
	return json_integer_value(json_object_get(row, name));
}

/* What there is no room for is told by what follows the last. */
static void add(char cell[CELL_MAX], const char *between, const char *text)
{
	size_t len = strlen(cell), rest = sizeof(CUT) - 1;

	if (len >= rest && strcmp(cell + len - rest, CUT) == 0)
		return;
	if (len + strlen(between) + strlen(text) + rest >= CELL_MAX)
		strcat(cell, CUT);
	else
		snprintf(cell + len, CELL_MAX - len, "%s%s", len ? between : "", text);
}

/* "user mod" */
static const char *words_of(const json_t *array, const char *between, char cell[CELL_MAX])
{
	cell[0] = '\0';
	for (size_t i = 0; i < json_array_size(array); i++) {
		const char *word = json_string_value(json_array_get(array, i));

		add(cell, between, word ? word : "?");
	}
	return cell;
}

/* one, more: what they are. */
static void finish(struct table *table, const json_t *rows, const char *one, const char *more,
		   FILE *stream)
{
	size_t count = json_array_size(rows);

	if (count > 0)
		table_print(table, stream);
	fprintf(stream, "%zu %s\n", count, count == 1 ? one : more);
	table_free(table);
}

/* ---- who ---- */

/* Roles beyond those of everybody stand behind the room's name. */
static void add_room(char cell[CELL_MAX], const json_t *in)
{
	char roles[CELL_MAX], place[2 * CELL_MAX];
	const json_t *array = json_object_get(in, "roles");

	snprintf(place, sizeof(place), "%s", text_in(in, "room"));
	if (json_array_size(array) > 1)
		snprintf(place, sizeof(place), "%s (%s)", text_in(in, "room"),
			 words_of(array, ", ", roles));
	add(cell, ", ", place);
}

static const char *rooms_of(const json_t *row, char cell[CELL_MAX])
{
	const json_t *rooms = json_object_get(row, "rooms");
	int64_t more = number_in(row, "room_count") - (int64_t)json_array_size(rooms);
	char rest[64];

	cell[0] = '\0';
	for (size_t i = 0; i < json_array_size(rooms); i++)
		add_room(cell, json_array_get(rooms, i));
	if (more > 0) {
		snprintf(rest, sizeof(rest), "and %" PRId64 " more", more);
		add(cell, ", ", rest);
	}
	return cell;
}

static const char *shown_name(const json_t *row)
{
	const char *name = text_in(row, "name");

	if (*name)
		return name;
	return json_is_true(json_object_get(row, "logged_in")) ? "(reader)" : "(no login yet)";
}

void lists_people(const json_t *rows, FILE *stream)
{
	static const char *const heads[] = { "NAME",  ">NUMBER", "DIALECT", "ADDRESS",
					     "SINCE", ">QUEUED", "ROOMS",   NULL };
	struct table *table = table_new(heads);
	char cell[CELL_MAX];

	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);

		table_text(table, shown_name(row));
		table_number(table, number_in(row, "number"));
		table_text(table, text_in(row, "dialect"));
		table_text(table, text_in(row, "address"));
		table_text(table, text_in(row, "since"));
		table_number(table, number_in(row, "queued_messages"));
		table_text(table, rooms_of(row, cell));
	}
	finish(table, rows, "connection", "connections", stream);
}

/* ---- rooms ---- */

/* "mixer 3, concord 1" */
static const char *counts_of(const json_t *object, char cell[CELL_MAX])
{
	const char *name;
	json_t *value;

	cell[0] = '\0';
	json_object_foreach((json_t *)(uintptr_t)object, name, value)
	{
		char one[128];

		if (json_integer_value(value) == 0)
			continue;
		snprintf(one, sizeof(one), "%s %" PRId64, name, (int64_t)json_integer_value(value));
		add(cell, ", ", one);
	}
	return cell;
}

static const char *ids_of(const json_t *object, char cell[CELL_MAX])
{
	const char *name;
	json_t *value;

	cell[0] = '\0';
	json_object_foreach((json_t *)(uintptr_t)object, name, value)
	{
		char one[128];

		snprintf(one, sizeof(one), "%s %s", name,
			 json_string_value(value) ? json_string_value(value) : "?");
		add(cell, ", ", one);
	}
	return cell;
}

void lists_rooms(const json_t *rows, FILE *stream)
{
	static const char *const heads[] = { "NAME",    ">PEOPLE",    ">WORKER",   ">HISTORY",
					     ">EVENTS", ">DELIVERED", ">DEGRADED", "SOURCE",
					     "MEMBERS", "IDS",        NULL };
	struct table *table = table_new(heads);
	char cell[CELL_MAX];

	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);

		table_text(table, text_in(row, "name"));
		table_number(table, number_in(row, "people"));
		table_number(table, number_in(row, "worker"));
		table_number(table, number_in(row, "history"));
		table_number(table, number_in(row, "events"));
		table_number(table, number_in(row, "delivered"));
		table_number(table, number_in(row, "degraded"));
		table_text(table, text_in(row, "source"));
		table_text(table, counts_of(json_object_get(row, "members"), cell));
		table_text(table, ids_of(json_object_get(row, "ids"), cell));
	}
	finish(table, rows, "room", "rooms", stream);
}

/* ---- backends ---- */

void lists_backends(const json_t *rows, FILE *stream)
{
	static const char *const heads[] = { "NAME",     "KIND",       "STATE", ">READY",
					     ">WAITING", ">UNDER WAY", ">DONE", ">FAILED",
					     "ENDPOINT", NULL };
	struct table *table = table_new(heads);

	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);
		int64_t under_way =
		    number_in(row, "asks_under_way") + number_in(row, "events_under_way");
		bool tap = strcmp(text_in(row, "kind"), "tap") == 0;
		int64_t failed = number_in(row, tap ? "dropped" : "failed");
		int64_t accepted = tap ? number_in(row, "accepted")
				       : number_in(row, "asked") + number_in(row, "events");

		table_text(table, text_in(row, "name"));
		table_text(table, text_in(row, "kind"));
		table_text(table, text_in(row, "state"));
		table_number(table, number_in(row, "instances"));
		table_number(table, number_in(row, "waiting"));
		table_number(table, under_way);
		table_number(table, accepted - under_way - failed);
		table_number(table, failed);
		table_text(table, text_in(row, "endpoint"));
	}
	finish(table, rows, "backend or tap", "backends and taps", stream);
}

/* ---- history ---- */

static const char *author_of(const json_t *row)
{
	const char *author = text_in(row, "author");

	if (*author)
		return author;
	return number_in(row, "number") ? "(erased)" : "(server)";
}

static void add_words(struct table *table, const json_t *row)
{
	const char *text = json_string_value(json_object_get(row, "text"));
	bool edited = json_is_true(json_object_get(row, "edited"));
	char *cell;

	if (!text) {
		bool deleted = json_is_true(json_object_get(row, "deleted"));

		table_text(table, deleted ? "(deleted)" : "(not kept)");
		return;
	}
	if (asprintf(&cell, "%s%s", text, edited ? " (edited)" : "") < 0)
		abort();
	table_text(table, cell);
	free(cell);
}

void lists_history(const json_t *rows, FILE *stream)
{
	static const char *const heads[] = { ">ID", "TIME", "AUTHOR", ">NUMBER", "TEXT", NULL };
	struct table *table = table_new(heads);

	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);

		table_number(table, number_in(row, "id"));
		table_text(table, text_in(row, "time"));
		table_text(table, author_of(row));
		table_number(table, number_in(row, "number"));
		add_words(table, row);
	}
	finish(table, rows, "message", "messages", stream);
}

/* ---- bans and roles ---- */

static void print_left(const json_t *left, char cell[CELL_MAX])
{
	if (json_is_integer(left))
		snprintf(cell, CELL_MAX, "%" PRId64 " s", (int64_t)json_integer_value(left));
	else
		snprintf(cell, CELL_MAX, "%s", left && !json_is_false(left) ? "for ever" : "");
}

void lists_bans(const json_t *rows, FILE *stream)
{
	static const char *const heads[] = { "BANNED", "SINCE", "LEFT", "REASON", NULL };
	struct table *table = table_new(heads);
	char cell[CELL_MAX];

	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);

		table_text(table, text_in(row, "target"));
		table_text(table, text_in(row, "since"));
		print_left(json_object_get(row, "seconds_left"), cell);
		table_text(table, cell);
		table_text(table, text_in(row, "reason"));
	}
	finish(table, rows, "ban", "bans", stream);
}

void lists_accounts(const json_t *rows, FILE *stream)
{
	static const char *const heads[] = { "NAME",   ">NUMBER", "ROLES", ">CONNECTIONS",
					     "SOURCE", "SEEN",    NULL };
	struct table *table = table_new(heads);
	char cell[CELL_MAX];

	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);
		bool shadowed = json_is_true(json_object_get(row, "shadowed"));

		table_text(table, text_in(row, "name"));
		table_number(table, number_in(row, "number"));
		table_text(table, words_of(json_object_get(row, "roles"), " ", cell));
		table_number(table, number_in(row, "connections"));
		snprintf(cell, sizeof(cell), "%s%s", text_in(row, "source"),
			 shadowed ? ", shadowed" : "");
		table_text(table, cell);
		table_text(table, text_in(row, "seen"));
	}
	finish(table, rows, "account", "accounts", stream);
}

void lists_tokens(const json_t *rows, FILE *stream)
{
	static const char *const heads[] = { "ID",     "NAME",    ">NUMBER", "KIND",
					     "ISSUED", "EXPIRES", "DIALECT", NULL };
	struct table *table = table_new(heads);

	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);

		table_text(table, text_in(row, "id"));
		table_text(table, text_in(row, "name"));
		table_number(table, number_in(row, "number"));
		table_text(table, text_in(row, "kind"));
		table_text(table, text_in(row, "issued"));
		table_text(table, *text_in(row, "expires") ? text_in(row, "expires") : "never");
		table_text(table, text_in(row, "dialect"));
	}
	finish(table, rows, "token", "tokens", stream);
}

void lists_roles(const json_t *rows, FILE *stream)
{
	static const char *const heads[] = { "ROOM", "PRESENT", "ROLES", "BANNED", "MUTED", NULL };
	struct table *table = table_new(heads);
	char cell[CELL_MAX];

	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);

		table_text(table, text_in(row, "room"));
		table_text(table, json_is_true(json_object_get(row, "present")) ? "yes" : "no");
		table_text(table, words_of(json_object_get(row, "roles"), " ", cell));
		print_left(json_object_get(row, "banned"), cell);
		table_text(table, cell);
		print_left(json_object_get(row, "muted"), cell);
		table_text(table, cell);
	}
	finish(table, rows, "room", "rooms", stream);
}
