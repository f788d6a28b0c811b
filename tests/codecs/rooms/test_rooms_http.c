#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "codecs/registry.h"
#include "tests/support/call_probe.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define JSON         " application/json "
#define ERROR(word)  " text/plain; charset=utf-8 {\"error\":\"" word "\"}\n"
#define KEY          "dgm_0123456789abcdef0123456789abcdef0123456789a"

static int open_probe(void **state)
{
	static struct call_probe probe;

	call_probe_open(&probe, &codec_rooms);
	*state = &probe;
	return 0;
}

static int close_probe(void **state)
{
	call_probe_close(*state);
	return 0;
}

/* The UUID of a person as text, in one of four buffers in turn. */
static const char *uuid_of(const struct call_probe *p, uint32_t number)
{
	static char texts[4][UUID_TEXT_LEN + 1];
	static unsigned turn;
	char *text = texts[turn++ % 4];

	uuid_print(probe_person(&p->probe, number, "").uuid, text);
	text[UUID_TEXT_LEN] = '\0';
	return text;
}

static const struct codec_told nothing;

static struct codec_told told(enum want_kind kind, enum reason reason)
{
	return (struct codec_told){ .kind = kind, .reason = reason };
}

static void step(struct call_probe *p, const struct codec_told *what)
{
	call_probe_step(p, what);
}

static void assert_said(struct call_probe *p, const char *said)
{
	assert_string_equal(call_probe_said(p), said);
}

/* A request whose first step answers. */
static void assert_answers(struct call_probe *p, enum call_method method, const char *target,
			   const char *body, const char *said)
{
	call_probe_ask(p, method, target, body);
	if (p->row)
		step(p, &nothing);
	assert_said(p, said);
}

/* ---- who calls ---- */

static void a_key_stands_in_the_query(void **state)
{
	struct call_probe *p = *state;

	call_probe_ask(p, CALL_POST, "/room?key=" KEY, "{}");
	assert_int_equal(call_probe_identify(p), REASON_NONE);
	assert_true(slice_is(p->probe.login.token, KEY));
	call_probe_ask(p, CALL_POST, "/room?a=1&key=ann%3As3cret", "{}");
	assert_int_equal(call_probe_identify(p), REASON_NONE);
	assert_true(slice_is(p->probe.login.name, "ann"));
	assert_true(slice_is(p->probe.login.secret, "s3cret"));
	call_probe_ask(p, CALL_POST, "/room", "{}");
	assert_int_equal(call_probe_identify(p), REASON_NONE);
	assert_null(p->probe.login.name.data);
	assert_null(p->probe.login.token.data);
	call_probe_ask(p, CALL_POST, "/room?key=", "{}");
	assert_int_equal(call_probe_identify(p), REASON_NONE);
	assert_null(p->probe.login.token.data);
	call_probe_ask(p, CALL_POST, "/room?key=%ff", "{}");
	assert_int_equal(call_probe_identify(p), REASON_BAD_LOGIN);
	call_probe_ask(p, CALL_POST, "/room?key=:x", "{}");
	assert_int_equal(call_probe_identify(p), REASON_BAD_LOGIN);
}

/* As seen of the real server: 401 for a key that is missing, or is none; but 403 where a room is
 * made. What it would say where it has no paths, such as /room/ID, is not known: as there. */
static void refusals_have_its_words(void **state)
{
	static const struct {
		enum call_method method;
		const char *target;
		unsigned status;
		enum reason reason;
		const char *said;
	} rows[] = {
		{ CALL_PUT, "/user", 401, REASON_NOT_LOGGED_IN, "401" ERROR("no_key") },
		{ CALL_PUT, "/user", 401, REASON_BAD_LOGIN, "401" ERROR("bad_key") },
		{ CALL_PUT, "/user", 401, REASON_NAME_TAKEN, "401" ERROR("bad_key") },
		{ CALL_POST, "/room", 401, REASON_NOT_LOGGED_IN, "401" ERROR("no_key") },
		{ CALL_POST, "/room", 401, REASON_BAD_LOGIN, "403" ERROR("bad_key") },
		{ CALL_POST, "//room/", 401, REASON_BAD_LOGIN, "403" ERROR("bad_key") },
		{ CALL_GET, "/room/x/users", 401, REASON_BAD_LOGIN, "403" ERROR("bad_key") },
		{ CALL_PUT, "/user", 403, REASON_BANNED, "403" ERROR("banned") },
		{ CALL_PUT, "/user", 413, REASON_TOO_LONG, "413" ERROR("too_long") },
		{ CALL_PUT, "/user", 429, REASON_RATE_LIMITED, "429" ERROR("rate_limited") },
		{ CALL_PUT, "/user", 500, REASON_UNSUPPORTED, "500" ERROR("internal_err") },
		{ CALL_PUT, "/user", 503, REASON_BUSY, "503" ERROR("busy") },
		{ CALL_PUT, "/user", 503, REASON_CLOSING, "503" ERROR("closing") },
		{ CALL_PUT, "/user", 504, REASON_NO_ANSWER, "504" ERROR("no_answer") },
		{ CALL_PUT, "/user", 0, REASON_CLOSED_ROOM, "403" ERROR("closed_room") },
		{ CALL_PUT, "/user", 0, REASON_UNSTORED, "503" ERROR("unstored") },
		{ CALL_PUT, "/user", 0, REASON_EMPTY, "400" ERROR("empty") },
	};
	struct call_probe *p = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		call_probe_ask(p, rows[i].method, rows[i].target, "");
		call_probe_refuse(p, rows[i].status, rows[i].reason);
		assert_said(p, rows[i].said);
	}
}

static void other_methods_and_paths(void **state)
{
	struct call_probe *p = *state;

	assert_answers(p, CALL_PATCH, "/user", "", "405" ERROR("bad_method"));
	assert_answers(p, CALL_DELETE, "/user", "", "405" ERROR("bad_method"));
	assert_answers(p, CALL_POST, "/user/x", "", "405" ERROR("bad_method"));
	assert_answers(p, CALL_GET, "/key", "", "405" ERROR("bad_method"));
	assert_answers(p, CALL_GET, "/room", "", "405" ERROR("bad_method"));
	/* Not this door's: the listener says so. */
	assert_answers(p, CALL_GET, "/rooms", "", "404");
	assert_answers(p, CALL_GET, "/", "", "404");
	assert_answers(p, CALL_GET, "/room/x/users/y/z", "", "404");
}

/* ---- users ---- */

static void a_user_is_made(void **state)
{
	struct call_probe *p = *state;
	struct codec_told said;
	char wanted[256];

	call_probe_ask(p, CALL_POST, "/user", "{\"username\":\"ze\\u00eb\",\"password\":\"x\\n\"}");
	step(p, &nothing);
	assert_int_equal(p->want.kind, WANT_ACCOUNT);
	assert_true(slice_is(p->want.login.name, "ze\xc3\xab"));
	assert_true(slice_is(p->want.login.secret, "x\n"));
	assert_false(p->want.exact);
	said = told(WANT_ACCOUNT, REASON_NONE);
	step(p, &said);
	assert_int_equal(p->want.kind, WANT_KEY);
	assert_true(p->want.lasting);
	said = told(WANT_KEY, REASON_NONE);
	said.key = SLICE(KEY);
	step(p, &said);
	snprintf(wanted, sizeof(wanted), "200" JSON "{\"key\":\"" KEY "\",\"user_id\":\"%s\"}",
		 uuid_of(p, 42));
	assert_said(p, wanted);
}

static void a_user_needs_no_name(void **state)
{
	static const char *const bodies[] = { "{\"password\":\"x\"}",
					      "{\"password\":\"x\",\"username\":\"\"}",
					      "{\"password\":\"x\",\"username\":null}" };
	struct call_probe *p = *state;

	for (size_t i = 0; i < COUNT(bodies); i++) {
		call_probe_ask(p, CALL_POST, "/user", bodies[i]);
		step(p, &nothing);
		assert_true(slice_is(p->want.login.name, "Anonymous"));
	}
}

/* All but the limits as seen of the real server. */
static void users_that_are_not_made(void **state)
{
	static const struct {
		const char *body, *said;
	} bodies[] = {
		{ "", "400" ERROR("malformed_json") },
		{ "[]", "400" ERROR("malformed_json") },
		{ "{\"password\":42}", "400" ERROR("malformed_json") },
		{ "{\"username\":42,\"password\":\"x\"}", "400" ERROR("malformed_json") },
		{ "{\"password\":\"x\"", "400" ERROR("malformed_json") },
		{ "{}", "400" ERROR("password_missing") },
		{ "{\"username\":\"ann\"}", "400" ERROR("password_missing") },
		{ "{\"password\":\"\"}", "400" ERROR("password_missing") },
	};
	static const struct {
		enum reason reason;
		const char *said;
	} reasons[] = {
		{ REASON_NO_RIGHT, "403" ERROR("no_right") },
		{ REASON_TOO_MANY, "503" ERROR("too_many") },
		{ REASON_BUSY, "503" ERROR("busy") },
		{ REASON_UNSTORED, "503" ERROR("unstored") },
	};
	struct call_probe *p = *state;

	for (size_t i = 0; i < COUNT(bodies); i++)
		assert_answers(p, CALL_POST, "/user", bodies[i].body, bodies[i].said);
	for (size_t i = 0; i < COUNT(reasons); i++) {
		struct codec_told said = told(WANT_ACCOUNT, reasons[i].reason);

		call_probe_ask(p, CALL_POST, "/user", "{\"password\":\"x\"}");
		step(p, &nothing);
		step(p, &said);
		assert_said(p, reasons[i].said);
	}
}

static void a_user_is_told(void **state)
{
	struct call_probe *p = *state;
	struct codec_somebody bob = { .person = probe_person(&p->probe, 43, "b\"ob") };
	struct codec_told said = told(WANT_PERSON, REASON_NONE);
	char target[64], wanted[128];

	snprintf(target, sizeof(target), "/user/%s", uuid_of(p, 43));
	call_probe_ask(p, CALL_GET, target, NULL);
	step(p, &nothing);
	assert_int_equal(p->want.kind, WANT_PERSON);
	assert_int_equal(p->want.number, 43);
	said.people = &bob;
	said.people_count = 1;
	step(p, &said);
	snprintf(wanted, sizeof(wanted), "200" JSON "{\"user_id\":\"%s\",\"username\":\"b\\\"ob\"}",
		 uuid_of(p, 43));
	assert_said(p, wanted);
	call_probe_ask(p, CALL_GET, target, NULL);
	step(p, &nothing);
	said = told(WANT_PERSON, REASON_UNKNOWN_PERSON);
	step(p, &said);
	assert_said(p, "404" ERROR("no_such_user"));
	assert_answers(p, CALL_GET, "/user/foobar", NULL, "404" ERROR("no_such_user"));
	assert_answers(p, CALL_GET, "/user/" PROBE_ROOM, NULL, "404" ERROR("no_such_user"));
}

/* Not in the documents. */
static void a_key_tells_whose_it_is(void **state)
{
	struct call_probe *p = *state;
	char wanted[128];

	snprintf(wanted, sizeof(wanted), "200" JSON "{\"user_id\":\"%s\",\"username\":\"ann\"}",
		 uuid_of(p, 42));
	assert_answers(p, CALL_GET, "/user?key=ann", NULL, wanted);
	assert_int_equal(p->row->caller, CALLER_SOMEBODY);
}

/* The real server renames; here a name is who somebody is, to all dialects. A body that is none it
 * takes for one without a name. */
static void a_user_keeps_the_name(void **state)
{
	struct call_probe *p = *state;

	assert_answers(p, CALL_PUT, "/user?key=k", "{\"username\":\"bob\"}",
		       "501" ERROR("unsupported"));
	assert_answers(p, CALL_PUT, "/user?key=k", "", "501" ERROR("unsupported"));
	assert_answers(p, CALL_PUT, "/user?key=k", "{\"username\":5}",
		       "400" ERROR("malformed_json"));
	assert_answers(p, CALL_PUT, "/user?key=k", "{\"username\":\"Ann\"}",
		       "200" JSON "{\"username\":\"ann\"}");
	p->probe.peer.self = probe_person(&p->probe, 42, "Anonymous");
	assert_answers(p, CALL_PUT, "/user?key=k", "", "200" JSON "{\"username\":\"Anonymous\"}");
}

/* ---- keys ---- */

static void ask_key(struct call_probe *p, const char *id, const char *password)
{
	char body[256];

	snprintf(body, sizeof(body), "{\"user_id\":\"%s\",\"password\":\"%s\"}", id, password);
	call_probe_ask(p, CALL_POST, "/key", body);
	step(p, &nothing);
}

static void tell_person(struct call_probe *p, uint32_t number, bool account)
{
	struct codec_somebody who = { .person = probe_person(&p->probe, number, "somebody"),
				      .account = account };
	struct codec_told said = told(WANT_PERSON, REASON_NONE);

	said.people = &who;
	said.people_count = 1;
	assert_int_equal(p->want.kind, WANT_PERSON);
	assert_int_equal(p->want.number, number);
	step(p, &said);
}

static void a_key_is_made(void **state)
{
	struct call_probe *p = *state;
	struct codec_told said = told(WANT_LOGIN, REASON_NONE);

	ask_key(p, uuid_of(p, 42), "x");
	tell_person(p, 42, true);
	assert_int_equal(p->want.kind, WANT_LOGIN);
	assert_int_equal(p->want.login.claimed_number, 42);
	assert_true(slice_is(p->want.login.secret, "x"));
	assert_true(slice_is(p->want.login.name, "somebody"));
	step(p, &said);
	assert_int_equal(p->want.kind, WANT_KEY);
	assert_true(p->want.lasting);
	said = told(WANT_KEY, REASON_NONE);
	said.key = SLICE(KEY);
	step(p, &said);
	assert_said(p, "200" JSON "{\"key\":\"" KEY "\"}");
}

static void keys_that_are_not_made(void **state)
{
	struct call_probe *p = *state;
	struct codec_told said;

	assert_answers(p, CALL_POST, "/key", "x", "400" ERROR("malformed_json"));
	assert_answers(p, CALL_POST, "/key", "{}", "400" ERROR("password_missing"));
	assert_answers(p, CALL_POST, "/key", "{\"user_id\":\"x\"}",
		       "400" ERROR("password_missing"));
	assert_answers(p, CALL_POST, "/key", "{\"password\":\"x\"}",
		       "400" ERROR("user_id_missing"));
	assert_answers(p, CALL_POST, "/key", "{\"password\":\"x\",\"user_id\":\"foobar\"}",
		       "404" ERROR("no_such_user"));
	ask_key(p, uuid_of(p, 43), "x");
	said = told(WANT_PERSON, REASON_UNKNOWN_PERSON);
	step(p, &said);
	assert_said(p, "404" ERROR("no_such_user"));
	/* A guest has no password. */
	ask_key(p, uuid_of(p, 43), "x");
	tell_person(p, 43, false);
	assert_said(p, "403" ERROR("bad_password"));
	ask_key(p, uuid_of(p, 43), "wrong");
	tell_person(p, 43, true);
	said = told(WANT_LOGIN, REASON_BAD_LOGIN);
	step(p, &said);
	assert_said(p, "403" ERROR("bad_password"));
	/* Somebody was let in, but not who was asked for. */
	ask_key(p, uuid_of(p, 43), "wrong");
	tell_person(p, 43, true);
	said = told(WANT_LOGIN, REASON_NONE);
	step(p, &said);
	assert_said(p, "403" ERROR("bad_password"));
	ask_key(p, uuid_of(p, 43), "wrong");
	tell_person(p, 43, true);
	said = told(WANT_LOGIN, REASON_RATE_LIMITED);
	step(p, &said);
	assert_said(p, "429" ERROR("rate_limited"));
	ask_key(p, uuid_of(p, 43), "x");
	tell_person(p, 43, true);
	said = told(WANT_LOGIN, REASON_BANNED);
	step(p, &said);
	assert_said(p, "403" ERROR("banned"));
}

static void ask_end(struct call_probe *p, const char *key, uint32_t number)
{
	char target[128], body[128];

	snprintf(target, sizeof(target), "/key?key=%s", key);
	snprintf(body, sizeof(body), "{\"user_id\":\"%s\"}", uuid_of(p, number));
	call_probe_ask(p, CALL_DELETE, target, body);
	step(p, &nothing);
}

static void a_key_is_revoked(void **state)
{
	struct call_probe *p = *state;
	struct codec_told said = told(WANT_LOGIN, REASON_NONE);
	char wanted[128];

	ask_end(p, KEY, 42);
	assert_int_equal(p->want.kind, WANT_LOGIN);
	assert_true(slice_is(p->want.login.token, KEY));
	step(p, &said);
	assert_int_equal(p->want.kind, WANT_KEY_END);
	assert_true(slice_is(p->want.login.token, KEY));
	said = told(WANT_KEY_END, REASON_NONE);
	step(p, &said);
	snprintf(wanted, sizeof(wanted), "200" JSON "{\"user_id\":\"%s\"}", uuid_of(p, 42));
	assert_said(p, wanted);
}

/* The real server revokes anybody's key for whoever names it, whatever user_id says. */
static void keys_that_are_not_revoked(void **state)
{
	struct call_probe *p = *state;
	struct codec_told said = told(WANT_LOGIN, REASON_NONE);

	assert_answers(p, CALL_DELETE, "/key", "{}", "401" ERROR("no_key"));
	assert_answers(p, CALL_DELETE, "/key?key=", "{}", "401" ERROR("no_key"));
	assert_answers(p, CALL_DELETE, "/key?key=k", "", "400" ERROR("malformed_json"));
	assert_answers(p, CALL_DELETE, "/key?key=k", "{}", "400" ERROR("user_id_missing"));
	assert_answers(p, CALL_DELETE, "/key?key=k", "{\"user_id\":\"foobar\"}",
		       "401" ERROR("bad_key"));
	ask_end(p, KEY, 43);
	step(p, &said);
	assert_said(p, "401" ERROR("bad_key"));
	ask_end(p, KEY, 42);
	said = told(WANT_LOGIN, REASON_BAD_LOGIN);
	step(p, &said);
	assert_said(p, "401" ERROR("bad_key"));
	/* What is no key of ours, but lets somebody in: "NAME:SECRET". */
	ask_end(p, "ann:s3cret", 42);
	said = told(WANT_LOGIN, REASON_NONE);
	step(p, &said);
	said = told(WANT_KEY_END, REASON_BAD_LOGIN);
	step(p, &said);
	assert_said(p, "401" ERROR("bad_key"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_key_stands_in_the_query, open_probe, close_probe),
		cmocka_unit_test_setup_teardown(refusals_have_its_words, open_probe, close_probe),
		cmocka_unit_test_setup_teardown(other_methods_and_paths, open_probe, close_probe),
		cmocka_unit_test_setup_teardown(a_user_is_made, open_probe, close_probe),
		cmocka_unit_test_setup_teardown(a_user_needs_no_name, open_probe, close_probe),
		cmocka_unit_test_setup_teardown(users_that_are_not_made, open_probe, close_probe),
		cmocka_unit_test_setup_teardown(a_user_is_told, open_probe, close_probe),
		cmocka_unit_test_setup_teardown(a_key_tells_whose_it_is, open_probe, close_probe),
		cmocka_unit_test_setup_teardown(a_user_keeps_the_name, open_probe, close_probe),
		cmocka_unit_test_setup_teardown(a_key_is_made, open_probe, close_probe),
		cmocka_unit_test_setup_teardown(keys_that_are_not_made, open_probe, close_probe),
		cmocka_unit_test_setup_teardown(a_key_is_revoked, open_probe, close_probe),
		cmocka_unit_test_setup_teardown(keys_that_are_not_revoked, open_probe, close_probe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
