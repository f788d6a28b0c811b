#include "bridge/command/control/upstreams_list.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <string.h>

#include "bridge/command/control/lists.h"
#include "bridge/command/control/table.h"
#include "conf/conf.h"

#define CELL_MAX 160

static bool is(const json_t *row, const char *name, const char *text)
{
	return strcmp(text_in(row, name), text) == 0;
}

/* "down, again in 12 s" */
static const char *link_state(const json_t *link, char cell[CELL_MAX])
{
	int64_t retry = number_in(link, "retry_s");

	if (retry)
		snprintf(cell, CELL_MAX, "%s, again in %" PRId64 " s", text_in(link, "state"),
			 retry);
	else
		snprintf(cell, CELL_MAX, "%s", text_in(link, "state"));
	return cell;
}

/* Of mode session, "3 of 4 up". */
static const char *state_of(const json_t *row, char cell[CELL_MAX])
{
	const json_t *link = json_object_get(row, "link");

	if (!is(row, "state", "up") && !is(row, "state", "down"))
		return text_in(row, "state");
	if (!is(row, "mode", CONF_SESSION))
		return json_is_object(link) ? link_state(link, cell) : text_in(row, "state");
	snprintf(cell, CELL_MAX, "%" PRId64 " of %" PRId64 " up", number_in(row, "links_up"),
		 number_in(row, "links"));
	return cell;
}

/* "3 (412 bytes), 17 s old" */
static const char *waiting_of(const json_t *row, char cell[CELL_MAX])
{
	const json_t *waiting = json_object_get(row, "waiting");

	if (number_in(waiting, "items") == 0)
		return "0";
	snprintf(cell, CELL_MAX, "%" PRId64 " (%" PRId64 " bytes), %" PRId64 " s old",
		 number_in(waiting, "items"), number_in(waiting, "bytes"),
		 number_in(waiting, "oldest_s"));
	return cell;
}

/* "12 delivered, 1 expired": of those that there are. */
static const char *outcomes_of(const json_t *row, char cell[CELL_MAX])
{
	static const char *const outcomes[] = { "delivered", "degraded", "refused",
						"expired",   "unknown",  "dropped" };
	size_t len = 0;

	cell[0] = '\0';
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++)
		if (number_in(row, outcomes[i]) && len < CELL_MAX)
			len += (size_t)snprintf(cell + len, CELL_MAX - len, "%s%" PRId64 " %s",
						len ? ", " : "", number_in(row, outcomes[i]),
						outcomes[i]);
	return cell;
}

static const char *why_of(const json_t *link)
{
	return is(link, "state", "up") ? "" : text_in(link, "why");
}

static void list(const json_t *rows, FILE *stream)
{
	static const char *const heads[] = { "NAME",   "DIALECT", "MODE",       "ROOM",   "STATE",
					     "SINCE",  "WAITING", ">ACCEPTED",  "BECAME", ">HEARD",
					     ">TAKEN", "URL",     "WHY NOT UP", NULL };
	struct table *table = table_new(heads);
	char cell[CELL_MAX];

	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i), *link = json_object_get(row, "link");
		bool session = is(row, "mode", CONF_SESSION);

		table_text(table, text_in(row, "name"));
		table_text(table, text_in(row, "dialect"));
		table_text(table, text_in(row, "mode"));
		table_text(table, text_in(row, "room"));
		table_text(table, state_of(row, cell));
		table_text(table, session ? "" : text_in(link, "since"));
		table_text(table, waiting_of(row, cell));
		table_number(table, number_in(row, "accepted"));
		table_text(table, outcomes_of(row, cell));
		table_number(table, number_in(row, "heard"));
		table_number(table, number_in(row, "taken"));
		table_text(table, text_in(row, "url"));
		table_text(table, why_of(link));
	}
	table_print(table, stream);
	table_free(table);
}

static void list_connections(const json_t *links, FILE *stream)
{
	static const char *const heads[] = { "WHOSE", ">NUMBER", "THERE",      "STATE",
					     "SINCE", "WAITING", "WHY NOT UP", NULL };
	struct table *table = table_new(heads);
	char cell[CELL_MAX];

	for (size_t i = 0; i < json_array_size(links); i++) {
		const json_t *link = json_array_get(links, i);

		table_text(table, text_in(link, "name"));
		table_number(table, number_in(link, "number"));
		table_text(table, text_in(link, "self"));
		table_text(table, link_state(link, cell));
		table_text(table, text_in(link, "since"));
		table_text(table, waiting_of(link, cell));
		table_text(table, why_of(link));
	}
	table_print(table, stream);
	table_free(table);
}

/* Of one that was asked for by name, its connections, too. */
void lists_upstreams(const json_t *rows, FILE *stream)
{
	size_t count = json_array_size(rows);
	const json_t *links = json_object_get(json_array_get(rows, 0), "connections");
	int64_t all = number_in(json_array_get(rows, 0), "links");

	if (count)
		list(rows, stream);
	if (!links) {
		fprintf(stream, "%zu upstream%s\n", count, count == 1 ? "" : "s");
		return;
	}
	if (json_array_size(links)) {
		fputc('\n', stream);
		list_connections(links, stream);
	}
	fprintf(stream, "%zu of %" PRId64 " connection%s\n", json_array_size(links), all,
		all == 1 ? "" : "s");
}
