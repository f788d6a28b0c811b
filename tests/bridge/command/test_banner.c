#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/command/banner.h"
#include "bridge/command/demo.h"
#include "tests/support/floor.h"

#define PORT 7001

/* A demo's bridge at that address, really bound to PORT. */
static void open_demo(struct floor *floor, const char *address)
{
	char *text = demo_configuration(address, 0, 1);

	floor_open(floor, 1, text);
	floor->stage->bridge->listeners[0].port = PORT;
	free(text);
}

/* Returns new. */
static char *printed(const struct floor *floor, const char *secret,
		     void (*print)(const struct bridge *, const char *, FILE *))
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(stream);
	print(floor->stage->bridge, secret, stream);
	fclose(stream);
	return text;
}

static void says(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("not said: %s in: %s", part, text);
}

static void tells_where_and_how(void **state)
{
	struct floor floor;
	char *text;

	(void)state;
	open_demo(&floor, "127.0.0.1");
	text = printed(&floor, "s3cret", banner_print);
	says(text, "listening on 127.0.0.1 port 7001\n");
	says(text, " 'ws://127.0.0.1:7001/mixer?name=ann'\n");
	says(text, " 'ws://127.0.0.1:7001/concord?token=bob'\n");
	says(text, " 'ws://127.0.0.1:7001/client?token=bob'\n");
	says(text, " 'ws://127.0.0.1:7001/rooms?key=cy'\n");
	says(text, " 'ws://dee:x@127.0.0.1:7001/simple'\n");
	says(text, "room lobby: mixer channel 1, concord channelId 1, rooms "
		   "10bb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a01\n");
	says(text, "s3cret");
	free(text);
	floor_close(&floor);
}

/* A person opens that before all else. */
static void the_page_comes_first(void **state)
{
	static const char wanted[] = "open http://127.0.0.1:7001/#owner=s3cret in a browser\n";
	struct floor floor;
	char *text, *json;

	(void)state;
	open_demo(&floor, "0.0.0.0");
	text = printed(&floor, "s3cret", banner_print);
	assert_null(strstr(text, "in a browser"));
	free(text);
	floor.stage->bridge->demo = true;
	text = printed(&floor, "s3cret", banner_print);
	json = printed(&floor, "s3cret", banner_print_json);
	assert_int_equal(strncmp(text, wanted, strlen(wanted)), 0);
	says(json, "\"page\":\"http://127.0.0.1:7001/#owner=s3cret\"");
	free(text);
	free(json);
	floor_close(&floor);
}

static void no_secret_is_no_line(void **state)
{
	struct floor floor;
	char *text, *json;

	(void)state;
	open_demo(&floor, "127.0.0.1");
	text = printed(&floor, NULL, banner_print);
	json = printed(&floor, NULL, banner_print_json);
	assert_null(strstr(text, "secret"));
	assert_null(strstr(json, "secret"));
	free(text);
	free(json);
	floor_close(&floor);
}

/* An address that means all is none to connect to. */
static void any_address_becomes_loopback(void **state)
{
	struct floor floor;
	char *text;

	(void)state;
	open_demo(&floor, "0.0.0.0");
	text = printed(&floor, NULL, banner_print);
	says(text, "listening on 0.0.0.0 port 7001\n");
	says(text, "'ws://127.0.0.1:7001/mixer?name=ann'");
	free(text);
	floor_close(&floor);
	open_demo(&floor, "::");
	text = printed(&floor, NULL, banner_print);
	says(text, "'ws://[::1]:7001/mixer?name=ann'");
	free(text);
	floor_close(&floor);
}

static void tls_is_told(void **state)
{
	struct floor floor;
	char *text;

	(void)state;
	open_demo(&floor, "127.0.0.1");
	floor.stage->bridge->listeners[0].tls = true;
	text = printed(&floor, NULL, banner_print);
	says(text, " 'wss://127.0.0.1:7001/mixer?name=ann'\n");
	says(text, " 'wss://dee:x@127.0.0.1:7001/simple'\n");
	assert_null(strstr(text, " 'ws:"));
	free(text);
	text = printed(&floor, NULL, banner_print_json);
	says(text, "\"url\":\"wss://127.0.0.1:7001/mixer\",\"tls\":true,\"guests\":true,\"try\":");
	assert_null(strstr(text, "\"tls\":false"));
	free(text);
	floor_close(&floor);
}

/* Commands are for guests; who is not let in is not told to try. */
static void guests_are_shown_where_they_may(void **state)
{
	struct floor floor;
	char *text;

	(void)state;
	open_demo(&floor, "127.0.0.1");
	floor.stage->bridge->listeners[0].mounts[0].guests = false;
	text = printed(&floor, NULL, banner_print);
	says(text, "  mixer    ws://127.0.0.1:7001/mixer  accounts only\n");
	assert_null(strstr(text, "name=ann"));
	assert_null(strstr(text, "\"auth\""));
	says(text, " 'ws://127.0.0.1:7001/concord?token=bob'\n");
	free(text);
	text = printed(&floor, NULL, banner_print_json);
	says(text, "\"url\":\"ws://127.0.0.1:7001/mixer\",\"tls\":false,\"guests\":false}");
	free(text);
	floor_close(&floor);
}

static void the_time_to_log_in_is_told(void **state)
{
	struct floor floor;
	char *text;

	(void)state;
	open_demo(&floor, "127.0.0.1");
	floor.stage->bridge->limits.login_ms = 7000;
	text = printed(&floor, NULL, banner_print);
	says(text, "then type, within 7 s, {\"type\":\"method\",\"method\":\"auth\"");
	free(text);
	floor_close(&floor);
}

/* The client types what the greeting says of the frame that begins so. */
static void type_hint(struct stage_client *client, const char *text, const char *start)
{
	const char *hint = strstr(text, start);

	assert_non_null(hint);
	stage_say(client, slice_span(hint, strcspn(hint, "\n")), false);
}

static void hints_are_right(void **state)
{
	struct floor floor;
	struct stage_client *dee, *ann;
	char *text;

	(void)state;
	open_demo(&floor, "127.0.0.1");
	text = printed(&floor, NULL, banner_print);
	dee = floor_join(&floor, "dee", DIALECT_SIMPLE, NULL);
	type_hint(dee, text, "{\"type\":\"send_message\"");
	floor_hears(&floor, dee, "{\"type\":\"message_sent\",\"message\":\"hello\",...}");
	floor_hears(&floor, dee, "{\"type\":\"reply\",\"error\":null,...}");
	ann = floor_connect(&floor, "ann", DIALECT_MIXER, "name=ann");
	floor_forget(&floor);
	type_hint(ann, text, "{\"type\":\"method\",\"method\":\"auth\"");
	floor_hears(&floor, ann,
		    "{\"event\":\"UserJoin\",\"data\":{\"username\":\"ann\",...},...}");
	floor_hears(&floor, ann, "{\"type\":\"reply\",\"error\":null,...}");
	free(text);
	floor_close(&floor);
}

static void json_is_one_line(void **state)
{
	struct floor floor;
	char *text;

	(void)state;
	open_demo(&floor, "::1");
	text = printed(&floor, "s3cret", banner_print_json);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	if (!pattern_alike(
		SLICE("{\"address\":\"::1\",\"port\":7001,\"mounts\":["
		      "{\"dialect\":\"mixer\",\"path\":\"/mixer\","
		      "\"url\":\"ws://[::1]:7001/"
		      "mixer\",\"tls\":false,\"guests\":true,\"try\":\"@text\"},"
		      "{\"dialect\":\"concord\",\"url\":\"ws://[::1]:7001/concord\",...},"
		      "{\"dialect\":\"concord\",\"path\":\"/client\",...},"
		      "{\"dialect\":\"rooms\",\"path\":\"/rooms\",...},"
		      "{\"dialect\":\"simple\",\"url\":\"ws://[::1]:7001/simple\",...}],"
		      "\"admin\":[],"
		      "\"rooms\":[{\"name\":\"lobby\",\"mixer\":1,\"concord\":1,"
		      "\"rooms\":\"10bb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a01\"}],"
		      "\"backends\":[],\"taps\":[],"
		      "\"owner_secret\":\"s3cret\"}"),
		slice_of(text), &floor.cast.names))
		fail_msg("printed %s", text);
	free(text);
	floor_close(&floor);
}

/* Where the server is watched is told, and clients are not sent there. */
static void admin_listeners_are_told(void **state)
{
	struct floor floor;
	char *text;

	(void)state;
	floor_open(&floor, 1,
		   "listeners = ( { kind = \"admin\"; port = 9464; }, { port = 7001; mounts = ("
		   " { path = \"/simple\"; dialect = \"simple\"; } ); },"
		   " { kind = \"admin\"; path = \"/tmp/sock\"; } );");
	floor.stage->bridge->listeners[0].port = 9464;
	floor.stage->bridge->listeners[1].port = PORT;
	text = printed(&floor, NULL, banner_print);
	says(text,
	     "watched at http://127.0.0.1:9464: / (in a browser), /metrics, /health, /ready\n");
	says(text, "watched at /tmp/sock: / (in a browser), /metrics, /health, /ready\n");
	says(text, "listening on 127.0.0.1 port 7001\n");
	assert_null(strstr(text, "listening on 127.0.0.1 port 9464"));
	free(text);
	text = printed(&floor, NULL, banner_print_json);
	says(text, "{\"address\":\"127.0.0.1\",\"port\":7001,");
	says(text, "\"admin\":[{\"url\":\"http://127.0.0.1:9464\"},{\"path\":\"/tmp/sock\"}],");
	free(text);
	strcpy(floor.stage->bridge->listeners[1].bound, "192.0.2.9");
	text = printed(&floor, NULL, banner_print_json);
	says(text, "{\"address\":\"192.0.2.9\",\"port\":7001,");
	free(text);
	floor_close(&floor);
}

/* There is no address where nobody listens. */
static void a_path_has_no_address(void **state)
{
	struct floor floor;
	char *text;

	(void)state;
	floor_open(&floor, 1, "listeners = ( { kind = \"admin\"; path = \"/tmp/sock\"; } );");
	text = printed(&floor, NULL, banner_print_json);
	says(text, "{\"mounts\":[],\"admin\":[{\"path\":\"/tmp/sock\"}],");
	free(text);
	floor_close(&floor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_where_and_how),
		cmocka_unit_test(the_page_comes_first),
		cmocka_unit_test(no_secret_is_no_line),
		cmocka_unit_test(any_address_becomes_loopback),
		cmocka_unit_test(tls_is_told),
		cmocka_unit_test(guests_are_shown_where_they_may),
		cmocka_unit_test(the_time_to_log_in_is_told),
		cmocka_unit_test(hints_are_right),
		cmocka_unit_test(json_is_one_line),
		cmocka_unit_test(admin_listeners_are_told),
		cmocka_unit_test(a_path_has_no_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
