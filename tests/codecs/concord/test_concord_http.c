#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/codecs/concord/concord_calls.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- what is asked of whom ---- */

static void every_path_has_a_row(void **state)
{
	static const struct {
		enum call_method method;
		const char *target;
		enum call_caller caller;
	} rows[] = {
		{ CALL_POST, "/api/tokens", CALLER_ANYBODY },
		{ CALL_GET, "/api/tokens/recycle", CALLER_SOMEBODY },
		{ CALL_POST, "/api/users/register", CALLER_ANYBODY },
		{ CALL_GET, "/api/users", CALLER_SOMEBODY },
		{ CALL_GET, "/api/users/7", CALLER_SOMEBODY },
		{ CALL_GET, "/api/self", CALLER_SOMEBODY },
		{ CALL_GET, "/api/server", CALLER_SOMEBODY },
		{ CALL_GET, "/api/channels", CALLER_SOMEBODY },
		{ CALL_POST, "/api/channels", CALLER_SOMEBODY },
		{ CALL_GET, "/api/channels/1", CALLER_SOMEBODY },
		{ CALL_DELETE, "/api/channels/1", CALLER_SOMEBODY },
		{ CALL_GET, "/api/channels/1/chats/latest", CALLER_SOMEBODY },
		{ CALL_POST, "/api/channels/1/chats", CALLER_SOMEBODY },
		{ CALL_GET, "/api/chats", CALLER_SOMEBODY },
		{ CALL_GET, "/api/chats/5", CALLER_SOMEBODY },
		{ CALL_PATCH, "/api/chats/5", CALLER_SOMEBODY },
		{ CALL_DELETE, "/api/chats/5", CALLER_SOMEBODY },
		{ CALL_GET, "/api/chats/5/reactions", CALLER_SOMEBODY },
		{ CALL_POST, "/api/chats/5/reactions", CALLER_SOMEBODY },
	};
	struct call_probe *p = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		call_probe_ask(p, rows[i].method, rows[i].target, "{}");
		assert_non_null(p->row);
		assert_int_equal(p->row->caller, rows[i].caller);
	}
}

/* The real server has no way to change a channel: channels_updated is never sent. */
static void a_channel_cannot_be_changed(void **state)
{
	struct call_probe *p = *state;

	call_probe_ask(p, CALL_PATCH, "/api/channels/1", "{\"name\":\"b\"}");
	assert_null(p->row);
	assert_int_equal(p->answer.status, 405);
}

static void images_and_avatars_are_not_kept(void **state)
{
	struct call_probe *p = *state;

	assert_refuses(p, CALL_GET, "/api/images/1", NULL, 404, "Not Found",
		       "there are no images here");
	/* The real server keeps these two. */
	assert_refuses(p, CALL_POST, "/api/self/avatar", "x", 501, "Not Implemented",
		       "this cannot be changed by this request");
	assert_refuses(p, CALL_POST, "/api/self/password", "{}", 501, "Not Implemented",
		       "this cannot be changed by this request");
	/* The real server says the same of these. */
	assert_refuses(p, CALL_PATCH, "/api/server", "{}", 501, "Not Implemented",
		       "this cannot be changed by this request");
	assert_refuses(p, CALL_POST, "/api/server/icon", "x", 501, "Not Implemented",
		       "this cannot be changed by this request");
}

/* The real server's body of a 401 is not known; its status is, and that it names no scheme but in
 * WWW-Authenticate. */
static void who_says_nothing_of_themselves_is_refused(void **state)
{
	struct call_probe *p = *state;

	call_probe_ask(p, CALL_GET, "/api/users", NULL);
	call_probe_refuse(p, 401, REASON_NOT_LOGGED_IN);
	assert_error(p, 401, "Unauthorized", "You have to log in first");
	/* By whatever the token was none. */
	call_probe_refuse(p, 0, REASON_NAME_TAKEN);
	assert_int_equal(p->answer.status, 401);
	assert_int_equal(p->answer.header_count, 1);
	assert_string_equal(p->answer.headers[0].name, "WWW-Authenticate");
	assert_true(slice_is(answer_header_value(&p->answer, 0), "Bearer"));
}

/* ---- tokens ---- */

static void a_token_is_for_name_and_password(void **state)
{
	struct call_probe *p = *state;
	struct codec_told key = { .kind = WANT_KEY, .key = SLICE("t0ken") };

	assert_wants(p, CALL_POST, "/api/tokens",
		     "{\"username\":\"b\\u00f6b\",\"password\":\"s\\u00e9cret\"}", WANT_LOGIN);
	assert_true(slice_is(p->want.login.name, "b\xc3\xb6"
						 "b"));
	assert_true(slice_is(p->want.login.secret, "s\xc3\xa9"
						   "cret"));
	tell(p, told(WANT_LOGIN, REASON_NONE));
	assert_int_equal(p->want.kind, WANT_KEY);
	assert_true(p->want.bearer);
	tell(p, key);
	assert_said(p, "200" JSON "{\"token\":\"t0ken\"}");
}

static void a_token_is_given_anew(void **state)
{
	struct call_probe *p = *state;

	assert_wants(p, CALL_GET, "/api/tokens/recycle", NULL, WANT_KEY);
	assert_true(p->want.bearer);
	tell(p, (struct codec_told){ .kind = WANT_KEY, .key = SLICE("t1") });
	assert_said(p, "200" JSON "{\"token\":\"t1\"}");
}

/* Whatever is wrong, nothing tells which. */
static void bad_credentials_look_alike(void **state)
{
	static const enum reason reasons[] = { REASON_BAD_LOGIN, REASON_NAME_TAKEN,
					       REASON_BAD_KEY };
	struct call_probe *p = *state;

	for (size_t i = 0; i < COUNT(reasons); i++) {
		assert_wants(p, CALL_POST, "/api/tokens",
			     "{\"username\":\"bob\",\"password\":\"x\"}", WANT_LOGIN);
		tell(p, told(WANT_LOGIN, reasons[i]));
		assert_error(p, 400, "Bad Request", "Invalid credentials.");
	}
	assert_wants(p, CALL_POST, "/api/tokens", "{\"username\":\"bob\",\"password\":\"\"}",
		     WANT_LOGIN);
	assert_null(p->want.login.secret.data);
	tell(p, told(WANT_LOGIN, REASON_BANNED));
	assert_int_equal(p->answer.status, 403);
	assert_wants(p, CALL_POST, "/api/tokens", "{\"username\":\"bob\"}", WANT_LOGIN);
	tell(p, told(WANT_LOGIN, REASON_BUSY));
	assert_int_equal(p->answer.status, 503);
}

static void bodies_that_are_none_are_refused(void **state)
{
	static const char *const bad[] = {
		NULL, "", "[]", "{", "username=bob", "{\"a\":1,\"a\":2}"
	};
	static const struct {
		enum call_method method;
		const char *target;
	} rows[] = {
		{ CALL_POST, "/api/tokens" },   { CALL_POST, "/api/users/register" },
		{ CALL_POST, "/api/channels" }, { CALL_POST, "/api/channels/1/chats" },
		{ CALL_PATCH, "/api/chats/5" }, { CALL_POST, "/api/chats/5/reactions" },
	};
	struct call_probe *p = *state;

	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t b = 0; b < COUNT(bad); b++)
			assert_refuses(p, rows[i].method, rows[i].target, bad[b], 400,
				       "Bad Request", "the body is not a JSON object");
	assert_refuses(p, CALL_POST, "/api/tokens", "{\"password\":\"x\"}", 400, "Bad Request",
		       "the username is missing");
	assert_refuses(p, CALL_POST, "/api/tokens", "{\"username\":7}", 400, "Bad Request",
		       "the username is missing");
}

/* ---- people ---- */

#define USER(id, name, status)                                                                     \
	"{\"id\":" id ",\"username\":\"" name                                                      \
	"\",\"profile\":{\"createdAt\":0,\"nickname\":\"" name                                     \
	"\",\"bio\":null,\"avatarId\":null},\"status\":{\"onlineStatus\":\"" status "\"}}"

static void people_are_all_who_may_be_met(void **state)
{
	struct call_probe *p = *state;
	struct codec_somebody people[] = { { .person = probe_person(&p->probe, 7, "ann"),
					     .connections = 2 },
					   { .person = probe_person(&p->probe, 43, "bob") } };
	struct codec_told all = { .kind = WANT_PEOPLE, .people = people, .people_count = 2 };

	assert_wants(p, CALL_GET, "/api/users", NULL, WANT_PEOPLE);
	assert_true(p->want.mine);
	assert_int_equal(p->want.count, CALL_LISTED_MAX);
	tell(p, all);
	assert_said(p, "200" JSON "[" USER("7", "ann", "ONLINE") "," USER(
			   "43", "bob", "OFFLINE") "," USER(BRIDGE, "Dragoman", "ONLINE") "]");
}

static void one_of_them_is_found(void **state)
{
	struct call_probe *p = *state;
	struct codec_somebody ann = { .person = probe_person(&p->probe, 7, "ann") };
	struct codec_told found = { .kind = WANT_PEOPLE, .people = &ann, .people_count = 1 };

	assert_wants(p, CALL_GET, "/api/users/7", NULL, WANT_PEOPLE);
	assert_int_equal(p->want.number, 7);
	assert_true(p->want.mine);
	tell(p, found);
	assert_said(p, "200" JSON USER("7", "ann", "OFFLINE"));
	assert_wants(p, CALL_GET, "/api/users/8", NULL, WANT_PEOPLE);
	tell(p, told(WANT_PEOPLE, REASON_NONE));
	assert_error(p, 404, "Not Found", "User not found.");
	call_probe_ask(p, CALL_GET, "/api/users/" BRIDGE, NULL);
	call_probe_step(p, &nothing);
	assert_said(p, "200" JSON USER(BRIDGE, "Dragoman", "ONLINE"));
	assert_refuses(p, CALL_GET, "/api/users/8501928463962112", NULL, 404, "Not Found",
		       "User not found.");
	assert_refuses(p, CALL_GET, "/api/users/ann", NULL, 400, "Bad Request",
		       "the id in the path is not a number");
}

static void oneself_is_somebody(void **state)
{
	struct call_probe *p = *state;
	struct codec_somebody bob = { .person = p->probe.peer.self, .connections = 1 };
	struct codec_told found = { .kind = WANT_PERSON, .people = &bob, .people_count = 1 };

	assert_wants(p, CALL_GET, "/api/self", NULL, WANT_PERSON);
	assert_int_equal(p->want.number, 43);
	tell(p, found);
	assert_said(p, "200" JSON USER("43", "bob", "ONLINE"));
}

static void an_account_is_made(void **state)
{
	struct call_probe *p = *state;
	struct codec_somebody kim = { .person = probe_person(&p->probe, 500, "kim") };
	struct codec_told made = { .kind = WANT_ACCOUNT, .people = &kim, .people_count = 1 };

	assert_wants(p, CALL_POST, "/api/users/register",
		     "{\"username\":\"kim\",\"password\":\"pw\"}", WANT_ACCOUNT);
	assert_true(p->want.exact);
	assert_true(slice_is(p->want.login.name, "kim"));
	assert_true(slice_is(p->want.login.secret, "pw"));
	tell(p, made);
	assert_said(p, "200" JSON "{\"id\":500,\"username\":\"kim\"}");
	assert_wants(p, CALL_POST, "/api/users/register",
		     "{\"username\":\"kim\",\"password\":\"pw\"}", WANT_ACCOUNT);
	tell(p, told(WANT_ACCOUNT, REASON_NAME_TAKEN));
	assert_error(p, 400, "Bad Request", "Username is taken.");
	/* The real server takes everybody, and also without a password. */
	assert_wants(p, CALL_POST, "/api/users/register",
		     "{\"username\":\"kim\",\"password\":\"pw\"}", WANT_ACCOUNT);
	tell(p, told(WANT_ACCOUNT, REASON_NO_RIGHT));
	assert_int_equal(p->answer.status, 403);
	assert_refuses(p, CALL_POST, "/api/users/register", "{\"username\":\"kim\"}", 400,
		       "Bad Request", "the password is missing");
}

static void the_server_has_a_default_channel(void **state)
{
	struct call_probe *p = *state;

	call_probe_ask(p, CALL_GET, "/api/server", NULL);
	call_probe_step(p, &nothing);
	assert_said(p, "200" JSON "{\"name\":\"Dragoman\",\"description\":\"\",\"iconId\":null,"
		       "\"defaultChannelId\":8501928463962112}");
}

/* ---- channels ---- */

#define CHANNEL_REST(name)                                                                         \
	"\"ordinality\":0,\"name\":\"" name "\",\"description\":\"\",\"capabilities\":[\"text\"]," \
	"\"createdAt\":0,\"createdByUserId\":" BRIDGE

/* The desktop program shows a description of null as "null". */
static void channels_are_a_tree(void **state)
{
	struct call_probe *p = *state;
	struct codec_view attic = *p->probe.peer.view;
	struct codec_room rooms[] = { { .view = p->probe.peer.view }, { .view = &attic } };
	struct codec_told all = { .kind = WANT_ROOMS, .rooms = rooms, .room_count = 2 };

	attic.room = SLICE("attic");
	attic.room_number = 2;
	assert_wants(p, CALL_GET, "/api/channels", NULL, WANT_PAUSE);
	tell(p, told(WANT_PAUSE, REASON_NONE));
	assert_int_equal(p->want.kind, WANT_ROOMS);
	assert_true(p->want.mine);
	tell(p, all);
	assert_said(
	    p,
	    "200" JSON "[{\"id\":8501928463962112," CHANNEL_REST(
		"lobby") ",\"children\":[]},{\"id\":2," CHANNEL_REST("attic") ",\"children\":[]}]");
}

static void who_may_not_enter_a_channel_does_not_find_it(void **state)
{
	struct call_probe *p = *state;
	struct codec_room room = { .view = p->probe.peer.view, .may_enter = true };
	struct codec_told found = { .kind = WANT_ROOM, .rooms = &room, .room_count = 1 };

	assert_wants(p, CALL_GET, "/api/channels/8501928463962112", NULL, WANT_ROOM);
	assert_true(p->want.room_number == 8501928463962112);
	tell(p, found);
	assert_said(p, "200" JSON "{\"id\":8501928463962112,\"parentChannelId\":null," CHANNEL_REST(
			   "lobby") "}");
	room.may_enter = false;
	assert_wants(p, CALL_GET, "/api/channels/8501928463962112", NULL, WANT_ROOM);
	tell(p, found);
	assert_error(p, 404, "Not Found", "Channel not found.");
	assert_wants(p, CALL_GET, "/api/channels/9", NULL, WANT_ROOM);
	tell(p, told(WANT_ROOM, REASON_UNKNOWN_ROOM));
	assert_error(p, 404, "Not Found", "Channel not found.");
	assert_refuses(p, CALL_GET, "/api/channels/-1", NULL, 404, "Not Found",
		       "Channel not found.");
}

/* type last, as the real server has it. */
static void frames_tell_of_channels(void **state)
{
	struct call_probe *p = *state;
	struct frame *frame;

	assert_int_equal(codec_concord.serves->room(
			     p->probe.peer.view, &(struct form){ FRAMING_BARE, 0 }, true, &frame),
			 CODEC_OK);
	assert_true(slice_is(slice_span((char *)frame->bytes, frame->len),
			     "{\"channel\":{\"id\":8501928463962112,\"parentChannelId\":"
			     "null," CHANNEL_REST("lobby") "},\"type\":\"channel_created\"}"));
	frame_release(frame);
	assert_int_equal(codec_concord.serves->room(
			     p->probe.peer.view, &(struct form){ FRAMING_BARE, 0 }, false, &frame),
			 CODEC_OK);
	assert_true(slice_is(slice_span((char *)frame->bytes, frame->len),
			     "{\"channelId\":8501928463962112,\"type\":\"channel_deleted\"}"));
	frame_release(frame);
}

/* The real server takes any name, twice, too; and keeps parent, order, description and who made it,
 * for which there is no place here. */
static void a_channel_is_made(void **state)
{
	struct call_probe *p = *state;
	struct codec_room room = { .view = p->probe.peer.view };
	struct codec_told made = { .kind = WANT_ROOM_MAKE, .rooms = &room, .room_count = 1 };

	assert_wants(p, CALL_POST, "/api/channels",
		     "{\"name\":\"caf\\u00e9\",\"description\":\"d\",\"parentChannelId\":null,"
		     "\"ordinality\":3,\"capabilities\":[\"text\"]}",
		     WANT_ROOM_MAKE);
	assert_true(slice_is(p->want.room, "caf\xc3\xa9"));
	assert_true(p->want.exact);
	assert_true(p->want.open);
	tell(p, made);
	assert_said(p, "200" JSON "{\"id\":8501928463962112,\"parentChannelId\":null," CHANNEL_REST(
			   "lobby") "}");
	assert_wants(p, CALL_POST, "/api/channels", "{\"name\":\"a\"}", WANT_ROOM_MAKE);
	tell(p, told(WANT_ROOM_MAKE, REASON_NAME_TAKEN));
	assert_error(p, 400, "Bad Request", "there is a channel of that name");
	assert_wants(p, CALL_POST, "/api/channels", "{\"name\":\"a\"}", WANT_ROOM_MAKE);
	tell(p, told(WANT_ROOM_MAKE, REASON_NO_RIGHT));
	assert_int_equal(p->answer.status, 403);
	assert_refuses(p, CALL_POST, "/api/channels", "{}", 400, "Bad Request",
		       "the name is missing");
}

static void a_channel_is_removed(void **state)
{
	static const struct {
		enum reason reason;
		unsigned status;
	} rows[] = {
		{ REASON_NONE, 200 },
		/* As the real server. */
		{ REASON_UNKNOWN_ROOM, 200 },
		/* As little as by GET. */
		{ REASON_CLOSED_ROOM, 200 },
		{ REASON_BANNED, 200 },
		/* There anybody may. */
		{ REASON_NO_RIGHT, 403 },
		{ REASON_UNSUPPORTED, 403 },
		{ REASON_UNSTORED, 503 },
		{ REASON_BUSY, 503 },
	};
	struct call_probe *p = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_wants(p, CALL_DELETE, "/api/channels/2", NULL, WANT_ROOM_REMOVE);
		assert_true(p->want.room_number == 2);
		tell(p, told(WANT_ROOM_REMOVE, rows[i].reason));
		assert_int_equal(p->answer.status, rows[i].status);
		assert_int_equal(p->answer.body.len == 0, rows[i].status == 200);
	}
	call_probe_ask(p, CALL_DELETE, "/api/channels/-3", NULL);
	call_probe_step(p, &nothing);
	assert_said(p, "200");
	/* The least that Java's long can be; and one less. */
	call_probe_ask(p, CALL_DELETE, "/api/channels/-9223372036854775808", NULL);
	call_probe_step(p, &nothing);
	assert_said(p, "200");
	assert_refuses(p, CALL_DELETE, "/api/channels/-9223372036854775809", NULL, 400,
		       "Bad Request", "the id in the path is not a number");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_path_has_a_row),
		TEST(a_channel_cannot_be_changed),
		TEST(images_and_avatars_are_not_kept),
		TEST(who_says_nothing_of_themselves_is_refused),
		TEST(a_token_is_for_name_and_password),
		TEST(a_token_is_given_anew),
		TEST(bad_credentials_look_alike),
		TEST(bodies_that_are_none_are_refused),
		TEST(people_are_all_who_may_be_met),
		TEST(one_of_them_is_found),
		TEST(oneself_is_somebody),
		TEST(an_account_is_made),
		TEST(the_server_has_a_default_channel),
		TEST(channels_are_a_tree),
		TEST(who_may_not_enter_a_channel_does_not_find_it),
		TEST(frames_tell_of_channels),
		TEST(a_channel_is_made),
		TEST(a_channel_is_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
