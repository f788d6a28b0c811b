#include "bridge/command/control/show.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/command/control/life.h"
#include "bridge/command/control/lists.h"
#include "bridge/command/control/upstreams_list.h"
#include "codecs/text/memory.h"
#include "conf/conf.h"

/* ---- status ---- */

static void print_duration(FILE *stream, int64_t seconds)
{
	if (seconds >= 86400)
		fprintf(stream, "%" PRId64 " d %" PRId64 " h", seconds / 86400,
			seconds % 86400 / 3600);
	else if (seconds >= 3600)
		fprintf(stream, "%" PRId64 " h %" PRId64 " min", seconds / 3600,
			seconds % 3600 / 60);
	else if (seconds >= 60)
		fprintf(stream, "%" PRId64 " min %" PRId64 " s", seconds / 60, seconds % 60);
	else
		fprintf(stream, "%" PRId64 " s", seconds);
}

/* "mixer 3, concord 1" */
static void print_counts(FILE *stream, const json_t *object)
{
	const char *name, *between = "";
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, name, value)
	{
		fputs(between, stream);
		print_safe(stream, name);
		fprintf(stream, " %" PRId64, (int64_t)json_integer_value(value));
		between = ", ";
	}
}

/* "a, b" */
static void print_names(FILE *stream, const json_t *array)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *item = json_array_get(array, i);

		fputs(i ? ", " : "", stream);
		if (json_is_integer(item))
			fprintf(stream, "%" PRId64, (int64_t)json_integer_value(item));
		else
			print_safe(stream, json_string_value(item) ? json_string_value(item) : "?");
	}
}

static void show_connections(FILE *stream, const json_t *connections)
{
	print_label(stream, "connections");
	fprintf(stream, "%" PRId64 " open of at most %" PRId64 " (", number_in(connections, "open"),
		number_in(connections, "limit"));
	print_counts(stream, value_in(connections, "dialects"));
	fprintf(stream, ")\n");
	print_label(stream, "");
	fprintf(stream, "%" PRId64 " accepted, %" PRId64 " refused; %" PRId64 " logins refused\n",
		number_in(connections, "accepted"), number_in(connections, "refused"),
		number_in(connections, "logins_refused"));
}

static void show_messages(FILE *stream, const json_t *result)
{
	print_label(stream, "messages");
	print_counts(stream, value_in(result, "messages"));
	fputc('\n', stream);
	print_label(stream, "deliveries");
	print_counts(stream, value_in(result, "deliveries"));
	fputc('\n', stream);
}

static void print_listener(FILE *stream, const json_t *listener)
{
	if (value_in(listener, "path")) {
		print_safe(stream, text_in(listener, "path"));
	} else {
		print_safe(stream, text_in(listener, "address"));
		fprintf(stream, " port %" PRId64 "%s", number_in(listener, "port"),
			json_is_true(value_in(listener, "tls")) ? ", TLS" : "");
	}
	fputs(strcmp(text_in(listener, "kind"), CONF_ADMIN) == 0 ? ", admin\n" : "\n", stream);
}

static void show_listeners(FILE *stream, const json_t *listeners)
{
	for (size_t i = 0; i < json_array_size(listeners); i++) {
		print_label(stream, i ? "" : "listeners");
		print_listener(stream, json_array_get(listeners, i));
	}
}

static void show_backends_line(FILE *stream, const json_t *backends)
{
	const json_t *up = value_in(backends, "up"), *down = value_in(backends, "down");

	if (json_array_size(up) + json_array_size(down) == 0)
		return;
	print_label(stream, "backends");
	fprintf(stream, "%zu up", json_array_size(up));
	if (json_array_size(down) > 0) {
		fprintf(stream, ", %zu down: ", json_array_size(down));
		print_names(stream, down);
	}
	fputc('\n', stream);
}

/* "2 up, 1 down: club" */
static void show_upstreams_line(FILE *stream, const json_t *upstreams)
{
	static const char *const states[] = { "up", "idle", "paused", "down" };
	const char *between = "";

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		const json_t *names = value_in(upstreams, states[i]);

		if (json_array_size(names) == 0)
			continue;
		if (!*between)
			print_label(stream, "upstreams");
		fprintf(stream, "%s%zu %s", between, json_array_size(names), states[i]);
		if (i > 1) {
			fputs(": ", stream);
			print_names(stream, names);
		}
		between = ", ";
	}
	if (*between)
		fputc('\n', stream);
}

static void show_store_line(FILE *stream, const json_t *store)
{
	if (!json_is_integer(value_in(store, "records")))
		return;
	print_label(stream, "store");
	print_safe(stream, text_in(store, "engine"));
	fprintf(stream, ", %" PRId64 " changes stored", number_in(store, "records"));
	if (json_is_string(value_in(store, "fault"))) {
		fputs(", FAILING: ", stream);
		print_safe(stream, text_in(store, "fault"));
	}
	if (number_in(store, "damaged"))
		fprintf(stream, ", DAMAGED: %" PRId64 " times, see 'dragoman check --state'",
			number_in(store, "damaged"));
	fputc('\n', stream);
}

static void show_reload_line(FILE *stream, const json_t *reload)
{
	print_label(stream, "last reload");
	if (!json_is_object(reload)) {
		fputs("none\n", stream);
		return;
	}
	print_safe(stream, text_in(reload, "at"));
	fputs(json_is_true(value_in(reload, "taken")) ? ", taken over\n" : ", refused\n", stream);
}

static void show_status(FILE *stream, const json_t *result)
{
	const json_t *silent = value_in(result, "silent_workers");

	fputs("Dragoman ", stream);
	print_safe(stream, text_in(result, "version"));
	fputs(", up ", stream);
	print_duration(stream, number_in(result, "uptime_s"));
	fprintf(stream, ", process %" PRId64 "%s\n", number_in(result, "pid"),
		json_is_true(value_in(result, "draining")) ? ", draining" : "");
	print_label(stream, "workers");
	fprintf(stream, "%" PRId64 "\n", number_in(result, "workers"));
	if (json_array_size(silent) > 0) {
		print_label(stream, "");
		fputs("no answer in time, and missing below: worker ", stream);
		print_names(stream, silent);
		fputc('\n', stream);
	}
	show_connections(stream, value_in(result, "connections"));
	print_label(stream, "rooms");
	fprintf(stream, "%" PRId64 "\n", number_in(result, "rooms"));
	show_messages(stream, result);
	if (value_in(result, "books") && strcmp(text_in(result, "books"), "balanced") != 0) {
		print_label(stream, "books");
		fputs("wrong, which is a fault of this program: ", stream);
		show_lines(stream, text_in(result, "books"));
	}
	print_label(stream, "memory");
	fprintf(stream, "%" PRId64 " bytes in send queues, of at most %" PRId64 "\n",
		number_in(value_in(result, "memory"), "used"),
		number_in(value_in(result, "memory"), "budget"));
	if (number_in(value_in(result, "memory"), "recorded")) {
		print_label(stream, "");
		fprintf(stream, "%" PRId64 " bytes for what explain tells\n",
			number_in(value_in(result, "memory"), "recorded"));
	}
	show_store_line(stream, value_in(result, "store"));
	show_backends_line(stream, value_in(result, "backends"));
	show_upstreams_line(stream, value_in(result, "upstreams"));
	show_listeners(stream, value_in(result, "listeners"));
	print_label(stream, "log level");
	show_lines(stream, text_in(result, "log_level"));
	show_reload_line(stream, value_in(result, "reload"));
}

void show_lines(FILE *stream, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		char *line = memory_text(text, len);

		print_safe(stream, line);
		fputc('\n', stream);
		free(line);
		text += len + (text[len] == '\n');
	}
}

static void show_text(FILE *stream, const json_t *result)
{
	show_lines(stream, text_in(result, "text"));
}

static void show_log(FILE *stream, const json_t *result)
{
	fprintf(stream, "%s\n", text_in(result, "log_level"));
}

/* ---- what was done ---- */

/* "bob (number 7)"; or what was banned by. */
static void print_whom(FILE *stream, const json_t *result)
{
	const char *name = text_in(result, "name");

	fputc('"', stream);
	print_safe(stream, *name ? name : text_in(result, "target"));
	fputc('"', stream);
	if (number_in(result, "number"))
		fprintf(stream, " (number %" PRId64 ")", number_in(result, "number"));
}

static void show_removal(FILE *stream, const json_t *result, const char *done)
{
	print_whom(stream, result);
	if (json_object_get(result, "room")) {
		fprintf(stream, " was %s from \"", done);
		print_safe(stream, text_in(result, "room"));
		fputs("\"\n", stream);
		return;
	}
	fprintf(stream,
		" was %s from the server: %" PRId64 " room%s, %" PRId64 " connection%s closed\n",
		done, number_in(result, "rooms"), number_in(result, "rooms") == 1 ? "" : "s",
		number_in(result, "connections"), number_in(result, "connections") == 1 ? "" : "s");
}

static void show_kick(FILE *stream, const json_t *result)
{
	show_removal(stream, result, "kicked");
}

static void show_ban(FILE *stream, const json_t *result)
{
	show_removal(stream, result, "banned");
}

static void show_unban(FILE *stream, const json_t *result)
{
	fputs("the ban of ", stream);
	print_whom(stream, result);
	fputs(" is lifted\n", stream);
	if (json_is_true(value_in(result, "configured")))
		fputs("but the configuration bans the name there, too\n", stream);
}

static void show_nothing(FILE *stream, const json_t *result)
{
	(void)stream;
	(void)result;
}

static void show_roles(FILE *stream, const json_t *result)
{
	print_whom(stream, result);
	fputc('\n', stream);
	lists_roles(value_in(result, "rooms"), stream);
}

static void show_drain(FILE *stream, const json_t *result)
{
	if (!json_is_true(value_in(result, "draining"))) {
		fputs("no longer draining\n", stream);
		return;
	}
	fprintf(stream,
		"drained in %" PRId64 ".%" PRId64 " s: %" PRId64 " connections, %" PRId64 " left",
		number_in(result, "ms") / 1000, number_in(result, "ms") % 1000 / 100,
		number_in(result, "connections"), number_in(result, "left"));
	if (number_in(result, "events_left") > 0)
		fprintf(stream, ", %" PRId64 " events on their way",
			number_in(result, "events_left"));
	fprintf(stream, "; the server %s\n",
		json_is_true(value_in(result, "stays")) ? "stays" : "ends");
}

static void show_upstream(FILE *stream, const json_t *result, const char *done,
			  const char *else_done)
{
	fputs("upstream \"", stream);
	print_safe(stream, text_in(result, "name"));
	fprintf(stream, "\" %s\n", json_is_true(value_in(result, "changed")) ? done : else_done);
}

static void show_paused(FILE *stream, const json_t *result)
{
	show_upstream(stream, result, "is paused", "was paused before");
}

static void show_resumed(FILE *stream, const json_t *result)
{
	show_upstream(stream, result, "is resumed", "was not paused: what is down is tried now");
}

static void show_room(FILE *stream, const json_t *result, const char *done)
{
	fputs("room \"", stream);
	print_safe(stream, text_in(result, "room"));
	fprintf(stream, "\" was %s\n", done);
}

static void show_room_added(FILE *stream, const json_t *result)
{
	show_room(stream, result, "added");
}

static void show_room_removed(FILE *stream, const json_t *result)
{
	show_room(stream, result, "removed");
}

static void show_account(FILE *stream, const json_t *result, const char *done)
{
	print_whom(stream, result);
	fprintf(stream, " %s: ", done);
	print_names(stream, value_in(result, "roles"));
	fputc('\n', stream);
	if (number_in(result, "connections"))
		fprintf(stream, "%" PRId64 " connection%s closed\n",
			number_in(result, "connections"),
			number_in(result, "connections") == 1 ? "" : "s");
}

static void show_added(FILE *stream, const json_t *result)
{
	show_account(stream, result, "was added");
}

static void show_passwd(FILE *stream, const json_t *result)
{
	show_account(stream, result, "has another secret");
}

static void show_role(FILE *stream, const json_t *result)
{
	show_account(stream, result, "has other roles");
}

static void show_removed(FILE *stream, const json_t *result)
{
	show_account(stream, result, "was removed");
}

/* The token comes first, and alone, for scripts. */
static void show_token(FILE *stream, const json_t *result)
{
	fprintf(stream, "%s\n", text_in(result, "token"));
	print_whom(stream, result);
	fprintf(stream, ": id %s, %s%s\n", text_in(result, "id"),
		*text_in(result, "expires") ? "until " : "until it is revoked",
		text_in(result, "expires"));
}

static void show_revoked(FILE *stream, const json_t *result)
{
	int64_t count = number_in(result, "count");

	fprintf(stream, "%" PRId64 " token%s revoked\n", count, count == 1 ? "" : "s");
}

static void show_erase(FILE *stream, const json_t *result)
{
	static const char *const counted[][3] = {
		{ "messages", "message", "messages" }, { "reactions", "reaction", "reactions" },
		{ "votes", "vote", "votes" },          { "polls", "poll", "polls" },
		{ "marks", "mark", "marks" },          { "accounts", "account", "accounts" },
	};

	if (*text_in(result, "name"))
		print_whom(stream, result);
	else
		fprintf(stream, "number %" PRId64, number_in(result, "number"));
	fputs(" is erased:", stream);
	for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++) {
		int64_t count = number_in(result, counted[i][0]);

		fprintf(stream, "%s %" PRId64 " %s", i ? "," : "", count,
			counted[i][count == 1 ? 1 : 2]);
	}
	fputc('\n', stream);
	if (number_in(result, "erase_seconds"))
		fprintf(stream, "off the disk within %" PRId64 " s\n",
			number_in(result, "erase_seconds"));
}

static void show_backup(FILE *stream, const json_t *result)
{
	print_safe(stream, text_in(result, "file"));
	fprintf(stream, ": %" PRId64 " bytes\n", number_in(result, "bytes"));
}

static const struct {
	const char *verb;
	void (*show)(FILE *, const json_t *);
	void (*list)(const json_t *, FILE *); /* of the rows */
} shows[] = {
	/* clang-format off */
	{ "status", show_status, NULL },
	{ "who", NULL, lists_people },
	{ "rooms", NULL, lists_rooms },
	{ "backends", NULL, lists_backends },
	{ "upstreams", NULL, lists_upstreams },
	{ "upstreams pause", show_paused, NULL },
	{ "upstreams resume", show_resumed, NULL },
	{ "explain", NULL, life_print },
	{ "kick", show_kick, NULL },
	{ "ban", show_ban, lists_bans },
	{ "unban", show_unban, NULL },
	{ "say", show_nothing, NULL },
	{ "roles", show_roles, NULL },
	{ "reload", show_text, NULL },
	{ "drain", show_drain, NULL },
	{ "history", NULL, lists_history },
	{ "erase", show_erase, NULL },
	{ "backup", show_backup, NULL },
	{ "log", show_log, NULL },
	{ "room add", show_room_added, NULL },
	{ "room remove", show_room_removed, NULL },
	{ "accounts list", NULL, lists_accounts },
	{ "accounts add", show_added, NULL },
	{ "accounts passwd", show_passwd, NULL },
	{ "accounts role", show_role, NULL },
	{ "accounts remove", show_removed, NULL },
	{ "tokens list", NULL, lists_tokens },
	{ "tokens add", show_token, NULL },
	{ "tokens revoke", show_revoked, NULL },
	/* clang-format on */
};

/* Below a list, or what was done: what is missing. */
static void show_silent(FILE *stream, const json_t *result)
{
	const json_t *silent = value_in(result, "silent_workers");

	if (json_array_size(silent) == 0)
		return;
	fputs("incomplete: no answer in time from worker ", stream);
	print_names(stream, silent);
	fputc('\n', stream);
}

static void show_as(size_t i, const json_t *result, const json_t *rows, FILE *stream)
{
	bool listed = shows[i].list && (rows || !shows[i].show || value_in(result, "count"));

	if (listed)
		shows[i].list(rows, stream);
	else
		shows[i].show(stream, result);
	if (shows[i].show != show_status)
		show_silent(stream, result);
}

void show(const char *verb, const json_t *result, const json_t *rows, FILE *stream)
{
	for (size_t i = 0; i < sizeof(shows) / sizeof(shows[0]); i++)
		if (strcmp(shows[i].verb, verb) == 0)
			show_as(i, result, rows, stream);
}
