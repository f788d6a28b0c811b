#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "bridge/admin/control/verbs/verbs.h"
#include "bridge/command/control/show.h"

static void shows(const char *verb, const char *result, const char *rows, const char *expected)
{
	json_t *object = json_loads(result, 0, NULL),
	       *array = rows ? json_loads(rows, 0, NULL) : NULL;
	char *text;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(object);
	show(verb, object, array, stream);
	fclose(stream);
	assert_string_equal(text, expected);
	free(text);
	json_decref(object);
	json_decref(array);
}

/* One line of it; result: taken. */
static void shows_line(const char *verb, json_t *result, const char *expected)
{
	char *text;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(result);
	show(verb, result, NULL, stream);
	fclose(stream);
	assert_non_null(strstr(text, expected));
	free(text);
	json_decref(result);
}

/* Columns are as wide as their widest cell, in characters; what a terminal would obey is not
 * printed. */
static void tables_are_aligned_and_safe(void **state)
{
	(void)state;
	shows("who", "{\"count\":2}",
	      "[{\"name\":\"Zo\\u00eb\",\"number\":7,\"logged_in\":true,\"dialect\":\"mixer\","
	      "\"address\":\"::1\",\"since\":\"now\",\"queued_messages\":12,\"room_count\":3,"
	      "\"rooms\":[{\"room\":\"lobby\",\"roles\":[\"user\",\"mod\"]},{\"room\":\"b\","
	      "\"roles\":"
	      "[\"user\"]}]},"
	      "{\"name\":\"b\\u001b[31m\",\"number\":1073741824,\"logged_in\":true,\"dialect\":"
	      "\"rooms\",\"address\":\"192.0.2.7\",\"since\":\"now\",\"queued_messages\":0,"
	      "\"room_count\":0,\"rooms\":[]}]",
	      "NAME        NUMBER  DIALECT  ADDRESS    SINCE  QUEUED  ROOMS\n"
	      "Zo\xc3\xab              7  mixer    ::1        now        12  lobby (user, mod), b, "
	      "and 1 more\n"
	      "b?[31m  1073741824  rooms    192.0.2.7  now         0  \n"
	      "2 connections\n");
	shows("who", "{\"count\":0,\"silent_workers\":[1,3]}", NULL,
	      "0 connections\nincomplete: no answer in time from worker 1, 3\n");
}

static void history_is_aligned_and_marked(void **state)
{
	(void)state;
	shows("history", "{\"count\":0}", NULL, "0 messages\n");
	shows("history", "{\"count\":5}",
	      "[{\"id\":7,\"time\":\"then\",\"author\":\"ann\",\"number\":3,\"text\":\"a\\nb\"},"
	      "{\"id\":18,\"time\":\"now\",\"author\":\"bob\",\"number\":40,\"text\":\"new\","
	      "\"edited\":true},"
	      "{\"id\":19,\"time\":\"now\",\"author\":\"\",\"number\":40,\"deleted\":true},"
	      "{\"id\":20,\"time\":\"now\",\"author\":\"cat\",\"number\":5,\"kept\":false},"
	      "{\"id\":21,\"time\":\"now\",\"author\":\"\",\"number\":0,\"text\":\"hi\"}]",
	      "ID  TIME  AUTHOR    NUMBER  TEXT\n"
	      " 7  then  ann            3  a?b\n"
	      "18  now   bob           40  new (edited)\n"
	      "19  now   (erased)      40  (deleted)\n"
	      "20  now   cat            5  (not kept)\n"
	      "21  now   (server)       0  hi\n"
	      "5 messages\n");
}

/* What is cut shows it. */
static void long_cells_are_cut(void **state)
{
	char rows[8192] =
	    "[{\"name\":\"ann\",\"number\":7,\"dialect\":\"mixer\",\"address\":\"::1\","
	    "\"since\":\"now\",\"queued_messages\":0,\"room_count\":99,\"rooms\":[";
	json_t *object = json_object(), *array;
	char *text;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	(void)state;
	for (size_t i = 0; i < 64; i++)
		sprintf(rows + strlen(rows), "%s{\"room\":\"room%zu\"}", i ? "," : "", i);
	strcat(rows, "]}]");
	array = json_loads(rows, 0, NULL);
	assert_non_null(array);
	show("who", object, array, stream);
	fclose(stream);
	assert_non_null(strstr(text, "room0, room1, "));
	assert_non_null(strstr(text, " ...\n1 connection\n"));
	assert_null(strstr(text, "room63"));
	free(text);
	json_decref(object);
	json_decref(array);
}

static void texts_are_safe(void **state)
{
	char *text;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	(void)state;
	show_lines(stream, "a\x1b[31m\nb\r\n\nc");
	fclose(stream);
	assert_string_equal(text, "a?[31m\nb?\n\nc\n");
	free(text);
}

static void deeds_are_told(void **state)
{
	(void)state;
	shows("kick", "{\"name\":\"bob\",\"number\":7,\"room\":\"lobby\"}", NULL,
	      "\"bob\" (number 7) was kicked from \"lobby\"\n");
	shows("kick", "{\"name\":\"bob\",\"number\":7,\"rooms\":1,\"connections\":2}", NULL,
	      "\"bob\" (number 7) was kicked from the server: 1 room, 2 connections closed\n");
	shows("ban", "{\"target\":\"192.0.2.0/24\",\"rooms\":0,\"connections\":1}", NULL,
	      "\"192.0.2.0/24\" was banned from the server: 0 rooms, 1 connection closed\n");
	shows("ban", "{\"count\":0}", NULL, "0 bans\n");
	shows("unban", "{\"target\":\"a\\u0007\",\"configured\":true}", NULL,
	      "the ban of \"a?\" is lifted\nbut the configuration bans the name there, too\n");
	shows("say", "{\"room\":\"lobby\"}", NULL, "");
	shows("log", "{\"log_level\":\"debug\"}", NULL, "debug\n");
	shows("erase",
	      "{\"name\":\"bob\",\"number\":7,\"messages\":2,\"reactions\":1,\"votes\":0,"
	      "\"polls\":1,\"marks\":3,\"accounts\":1,\"erase_seconds\":60}",
	      NULL,
	      "\"bob\" (number 7) is erased: 2 messages, 1 reaction, 0 votes, 1 poll, 3 marks, 1 "
	      "account\noff the disk within 60 s\n");
	shows("erase", "{\"number\":7,\"messages\":1}", NULL,
	      "number 7 is erased: 1 message, 0 reactions, 0 votes, 0 polls, 0 marks, 0 "
	      "accounts\n");
	shows("backup", "{\"state\":\"/s\",\"file\":\"a\\u001b.db\",\"bytes\":8192}", NULL,
	      "a?.db: 8192 bytes\n");
	shows("reload", "{\"text\":\"reloaded: 1 routes\\nworkers: changed\\n\"}", NULL,
	      "reloaded: 1 routes\nworkers: changed\n");
	shows("drain",
	      "{\"draining\":true,\"stays\":false,\"connections\":4,\"left\":0,\"ms\":1250}", NULL,
	      "drained in 1.2 s: 4 connections, 0 left; the server ends\n");
	shows(
	    "drain",
	    "{\"draining\":true,\"stays\":true,\"connections\":4,\"left\":1,\"events_left\":2,"
	    "\"ms\":10000}",
	    NULL,
	    "drained in 10.0 s: 4 connections, 1 left, 2 events on their way; the server stays\n");
	shows("drain", "{\"draining\":false}", NULL, "no longer draining\n");
	shows("accounts add",
	      "{\"name\":\"ann\",\"number\":7,\"roles\":[\"user\",\"mod\"],\"connections\":0}",
	      NULL, "\"ann\" (number 7) was added: user, mod\n");
	shows("accounts remove",
	      "{\"name\":\"ann\",\"number\":7,\"roles\":[\"user\"],\"connections\":2}", NULL,
	      "\"ann\" (number 7) was removed: user\n2 connections closed\n");
	shows("room add", "{\"room\":\"a\\u0007\"}", NULL, "room \"a?\" was added\n");
	shows("accounts list", "{\"count\":1}",
	      "[{\"name\":\"ann\",\"number\":7,\"roles\":[\"user\"],\"connections\":0,"
	      "\"source\":\"store\",\"shadowed\":true,\"seen\":null}]",
	      "NAME  NUMBER  ROLES  CONNECTIONS  SOURCE           SEEN\n"
	      "ann        7  user             0  store, shadowed  \n"
	      "1 account\n");
}

static void listeners_are_told(void **state)
{
	(void)state;
	shows("status",
	      "{\"version\":\"1\",\"uptime_s\":0,\"pid\":7,\"workers\":1,\"log_level\":\"info\","
	      "\"listeners\":[{\"kind\":\"chat\",\"address\":\"::1\",\"port\":7000,\"tls\":true},"
	      "{\"kind\":\"admin\",\"address\":\"127.0.0.1\",\"port\":9464,\"tls\":false},"
	      "{\"kind\":\"admin\",\"path\":\"/run/a\\u001b.sock\"}]}",
	      NULL,
	      "Dragoman 1, up 0 s, process 7\n"
	      "workers       1\n"
	      "connections   0 open of at most 0 ()\n"
	      "              0 accepted, 0 refused; 0 logins refused\n"
	      "rooms         0\n"
	      "messages      \n"
	      "deliveries    \n"
	      "memory        0 bytes in send queues, of at most 0\n"
	      "listeners     ::1 port 7000, TLS\n"
	      "              127.0.0.1 port 9464, admin\n"
	      "              /run/a?.sock, admin\n"
	      "log level     info\n"
	      "last reload   none\n");
}

static void a_damaged_store_is_told(void **state)
{
	json_t *whole =
	    json_loads("{\"store\":{\"engine\":\"sqlite\",\"records\":5,\"damaged\":0}}", 0, NULL);
	json_t *broken = json_loads("{\"store\":{\"engine\":\"sqlite\",\"records\":5,\"fault\":"
				    "\"the disk is full\",\"damaged\":2}}",
				    0, NULL);

	(void)state;
	shows_line("status", whole, "store         sqlite, 5 changes stored\n");
	shows_line("status", broken,
		   "store         sqlite, 5 changes stored, FAILING: the disk is full, DAMAGED: 2 "
		   "times, see 'dragoman check --state'\n");
}

static void upstreams_are_told(void **state)
{
	json_t *status = json_loads("{\"upstreams\":{\"up\":[\"a\",\"b\"],\"idle\":[],"
				    "\"paused\":[\"c\"],\"down\":[\"d\",\"e\"]}}",
				    0, NULL);

	(void)state;
	shows_line("status", status, "\nupstreams     2 up, 1 paused: c, 2 down: d, e\n");
	shows("upstreams pause", "{\"name\":\"a\",\"changed\":true}", NULL,
	      "upstream \"a\" is paused\n");
	shows("upstreams pause", "{\"name\":\"a\",\"changed\":false}", NULL,
	      "upstream \"a\" was paused before\n");
	shows("upstreams resume", "{\"name\":\"a\",\"changed\":true}", NULL,
	      "upstream \"a\" is resumed\n");
	shows("upstreams", "{\"count\":0,\"silent_workers\":[1]}", NULL,
	      "0 upstreams\nincomplete: no answer in time from worker 1\n");
}

/* Whatever comes, even if nothing that belongs there does. */
static void every_verb_has_its_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < admin_verb_count; i++) {
		json_t *empty = json_object(), *rows = json_loads("[{},7]", 0, NULL);
		char *text;
		size_t size;
		FILE *stream = open_memstream(&text, &size);

		show(admin_verbs[i].name, empty, rows, stream);
		fclose(stream);
		/* Its rows are lines, which are printed as they come. */
		if (size == 0 && strcmp(admin_verbs[i].name, "say") != 0 &&
		    strcmp(admin_verbs[i].name, "capture") != 0 &&
		    strcmp(admin_verbs[i].name, "reload") != 0)
			fail_msg("%s says nothing", admin_verbs[i].name);
		free(text);
		json_decref(empty);
		json_decref(rows);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_are_aligned_and_safe),
		cmocka_unit_test(history_is_aligned_and_marked),
		cmocka_unit_test(long_cells_are_cut),
		cmocka_unit_test(texts_are_safe),
		cmocka_unit_test(deeds_are_told),
		cmocka_unit_test(listeners_are_told),
		cmocka_unit_test(a_damaged_store_is_told),
		cmocka_unit_test(upstreams_are_told),
		cmocka_unit_test(every_verb_has_its_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
