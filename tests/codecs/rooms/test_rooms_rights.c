#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "codecs/registry.h"
#include "tests/support/call_probe.h"

/* Who may do what in a room, as its HTTP paths say: the pure codec, on a room that this test plays.
 * That the room itself judges no other way is seen by tests/system/rooms_door.py. */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum who { NOBODY, OWNER, ADMIN, MEMBER, INVITED, STRANGER, BANNED, GUEST, UNKNOWN, WHO };

/* What is asked of whom. */
struct played {
	struct call_probe probe;
	bool open;
	enum who caller;
	enum reason draft; /* what the room says to a draft */
	bool asked;        /* for a draft: which the last step's want is */
	struct codec_want wanted;
};

static const uint32_t roles_of[WHO] = {
	[OWNER] = ROLE_USER | ROLE_OWNER,
	[ADMIN] = ROLE_USER | ROLE_MOD,
	[MEMBER] = ROLE_USER,
	[INVITED] = ROLE_USER,
	[STRANGER] = ROLE_USER,
	[BANNED] = ROLE_USER,
	[GUEST] = ROLE_USER,
};

static bool may_enter(const struct played *w, enum who who)
{
	if (who == BANNED)
		return false;
	return w->open || who == OWNER || who == ADMIN || who == MEMBER || who == INVITED;
}

static struct codec_room room_of(const struct played *w, enum who subject)
{
	return (struct codec_room){
		.view = &w->probe.probe.view,
		.open = w->open,
		.people = 1,
		.present = subject == MEMBER,
		.banned = subject == BANNED,
		.invited = subject == INVITED,
		.admin = subject == OWNER || subject == ADMIN,
		.may_enter = may_enter(w, subject),
		.roles = roles_of[subject],
		.caller_may_enter = may_enter(w, w->caller),
		.caller_banned = w->caller == BANNED,
		.caller_roles = roles_of[w->caller],
		.owner = probe_person(&w->probe.probe, OWNER, "owner"),
	};
}

static int open_world(void **state)
{
	static struct played world;

	world = (struct played){ .open = false };
	call_probe_open(&world.probe, &codec_rooms);
	*state = &world;
	return 0;
}

static int close_world(void **state)
{
	call_probe_close(&((struct played *)*state)->probe);
	return 0;
}

/* Answers what the handler wants, as the bridge does. False: it wants nothing. */
static bool play_step(struct played *w, enum who subject)
{
	struct codec_want *want = &w->probe.want;
	struct codec_told told = { .kind = want->kind };
	struct codec_somebody people[2] = { { .person = probe_person(&w->probe.probe, 3, "c") },
					    { .person = probe_person(&w->probe.probe, 7, "g") } };
	struct codec_room room;

	if (w->probe.answer.status)
		return false;
	room = room_of(w, subject);
	told.rooms = &room;
	told.room_count = 1;
	told.people = people;
	told.people_count = 2;
	told.total = 5;
	if (want->kind == WANT_PERSON) {
		people[0].person = probe_person(&w->probe.probe, want->number, "x");
		people[0].account = subject != GUEST;
		told.people_count = 1;
		told.reason = subject == UNKNOWN ? REASON_UNKNOWN_PERSON : REASON_NONE;
	} else if (want->kind == WANT_DRAFT) {
		w->asked = true;
		w->wanted = *want;
		told.reason = w->draft;
	}
	call_probe_step(&w->probe, &told);
	return true;
}

static const char *play(struct played *w, enum call_method method, const char *path,
			enum who subject)
{
	static const struct codec_told nothing;
	char target[256], body[128], id[UUID_TEXT_LEN + 1];

	uuid_print(probe_person(&w->probe.probe, subject, "").uuid, id);
	id[UUID_TEXT_LEN] = '\0';
	snprintf(target, sizeof(target), "/room/" PROBE_ROOM "%s", path);
	snprintf(body, sizeof(body), "{\"user_id\":\"%s\"}", id);
	w->asked = false;
	call_probe_ask(&w->probe, method, target, body);
	call_probe_step(&w->probe, &nothing);
	while (play_step(w, subject))
		;
	return call_probe_said(&w->probe);
}

/* ---- the matrix ---- */

#define OK       "204"
#define ERROR(w) " text/plain; charset=utf-8 {\"error\":\"" w "\"}\n"
#define RIGHT    "403" ERROR("no_right")
#define BAN      "403" ERROR("banned")
#define ALREADY  "409" ERROR("already")
#define GONE     "409" ERROR("not_present")
#define FREE     "409" ERROR("not_banned")
#define PLAIN    "409" ERROR("not_admin")
#define NO_USER  "404" ERROR("no_such_user")

struct deed {
	enum call_method method;
	const char *path;
	bool open;
	enum who subject;
	const char *said[BANNED + 1]; /* by who calls; NOBODY: does not come here */
};

/* From the documents: invite: anybody, in a closed room admins and the owner; remove, ban and lift
 * a ban: admins and the owner; admins and the owner himself are named by the owner. 404 before 403
 * before 409: their order is not in the documents. In an open room a stranger may do what any user
 * may. */
static const struct deed deeds[] = {
	/* clang-format off */
	/*                                           owner  admin  member invited stranger banned */
	{ CALL_PUT, "/users", false, STRANGER,     { 0, OK, OK, RIGHT, RIGHT, RIGHT, BAN } },
	{ CALL_PUT, "/users", true, STRANGER,      { 0, OK, OK, OK, OK, OK, BAN } },
	{ CALL_PUT, "/users", false, MEMBER,       { 0, ALREADY, ALREADY, RIGHT, RIGHT, RIGHT, BAN } },
	{ CALL_PUT, "/users", true, MEMBER,        { 0, ALREADY, ALREADY, ALREADY, ALREADY, ALREADY, BAN } },
	{ CALL_PUT, "/users", false, UNKNOWN,      { 0, NO_USER, NO_USER, NO_USER, NO_USER, NO_USER, NO_USER } },
	{ CALL_PUT, "/users", false, GUEST,        { 0, OK, OK, RIGHT, RIGHT, RIGHT, BAN } },
	{ CALL_DELETE, "/users", false, MEMBER,    { 0, OK, OK, RIGHT, RIGHT, RIGHT, BAN } },
	{ CALL_DELETE, "/users", true, MEMBER,     { 0, OK, OK, RIGHT, RIGHT, RIGHT, BAN } },
	{ CALL_DELETE, "/users", false, INVITED,   { 0, OK, OK, RIGHT, RIGHT, RIGHT, BAN } },
	{ CALL_DELETE, "/users", false, OWNER,     { 0, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, BAN } },
	{ CALL_DELETE, "/users", false, STRANGER,  { 0, GONE, GONE, RIGHT, RIGHT, RIGHT, BAN } },
	{ CALL_PUT, "/bans", false, STRANGER,      { 0, OK, OK, RIGHT, RIGHT, RIGHT, BAN } },
	{ CALL_PUT, "/bans", true, MEMBER,         { 0, OK, OK, RIGHT, RIGHT, RIGHT, BAN } },
	{ CALL_PUT, "/bans", false, BANNED,        { 0, ALREADY, ALREADY, RIGHT, RIGHT, RIGHT, BAN } },
	{ CALL_PUT, "/bans", false, OWNER,         { 0, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, BAN } },
	{ CALL_DELETE, "/bans", false, BANNED,     { 0, OK, OK, RIGHT, RIGHT, RIGHT, BAN } },
	{ CALL_DELETE, "/bans", true, MEMBER,      { 0, FREE, FREE, RIGHT, RIGHT, RIGHT, BAN } },
	{ CALL_PUT, "/admins", false, MEMBER,      { 0, OK, RIGHT, RIGHT, RIGHT, RIGHT, BAN } },
	{ CALL_PUT, "/admins", true, STRANGER,     { 0, OK, RIGHT, RIGHT, RIGHT, RIGHT, BAN } },
	{ CALL_PUT, "/admins", false, ADMIN,       { 0, ALREADY, RIGHT, RIGHT, RIGHT, RIGHT, BAN } },
	{ CALL_PUT, "/admins", false, GUEST,       { 0, NO_USER, NO_USER, NO_USER, NO_USER, NO_USER, NO_USER } },
	{ CALL_DELETE, "/admins", false, ADMIN,    { 0, OK, RIGHT, RIGHT, RIGHT, RIGHT, BAN } },
	{ CALL_DELETE, "/admins", false, MEMBER,   { 0, PLAIN, RIGHT, RIGHT, RIGHT, RIGHT, BAN } },
	{ CALL_DELETE, "/admins", false, OWNER,    { 0, RIGHT, RIGHT, RIGHT, RIGHT, RIGHT, BAN } },
	{ CALL_POST, "/owner", false, MEMBER,      { 0, OK, RIGHT, RIGHT, RIGHT, RIGHT, BAN } },
	{ CALL_POST, "/owner", false, ADMIN,       { 0, OK, RIGHT, RIGHT, RIGHT, RIGHT, BAN } },
	{ CALL_POST, "/owner", false, OWNER,       { 0, ALREADY, RIGHT, RIGHT, RIGHT, RIGHT, BAN } },
	{ CALL_POST, "/owner", true, GUEST,        { 0, NO_USER, NO_USER, NO_USER, NO_USER, NO_USER, NO_USER } },
	{ CALL_POST, "/owner", true, UNKNOWN,      { 0, NO_USER, NO_USER, NO_USER, NO_USER, NO_USER, NO_USER } },
	/* clang-format on */
};

static void everybody_may_what_the_documents_say(void **state)
{
	struct played *w = *state;

	for (size_t i = 0; i < COUNT(deeds); i++)
		for (w->caller = OWNER; w->caller <= BANNED; w->caller++) {
			const struct deed *deed = &deeds[i];
			const char *said;

			w->open = deed->open;
			said = play(w, deed->method, deed->path, deed->subject);
			if (strcmp(said, deed->said[w->caller]) != 0)
				fail_msg("row %zu, caller %d: %s", i, w->caller, said);
			/* Nothing is done for who may not, or where there is nothing to do. */
			assert_int_equal(w->asked, strcmp(said, OK) == 0);
		}
}

/* ---- what is done ---- */

static void deeds_are_events_like_others(void **state)
{
	static const struct {
		enum call_method method;
		const char *path;
		enum who subject;
		enum envelope_kind kind;
		uint32_t flags, roles;
	} rows[] = {
		{ CALL_PUT, "/users", STRANGER, KIND_INVITE, 0, 0 },
		{ CALL_DELETE, "/users", MEMBER, KIND_KICK, 0, 0 },
		{ CALL_PUT, "/bans", MEMBER, KIND_KICK, FLAG_PERMANENT, 0 },
		{ CALL_DELETE, "/bans", BANNED, KIND_USER_UPDATE, 0, ROLE_USER },
		{ CALL_PUT, "/admins", MEMBER, KIND_USER_UPDATE, FLAG_PERMANENT,
		  ROLE_USER | ROLE_MOD },
		{ CALL_DELETE, "/admins", ADMIN, KIND_USER_UPDATE, FLAG_PERMANENT, ROLE_USER },
		{ CALL_POST, "/owner", MEMBER, KIND_USER_UPDATE, FLAG_PERMANENT,
		  ROLE_USER | ROLE_OWNER },
	};
	struct played *w = *state;

	w->caller = OWNER;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct envelope *event = &w->wanted.draft.event;

		assert_string_equal(play(w, rows[i].method, rows[i].path, rows[i].subject), OK);
		assert_true(w->asked);
		assert_int_equal(event->kind, rows[i].kind);
		assert_int_equal(event->flags, rows[i].flags);
		assert_int_equal(event->subject.number, rows[i].subject);
		assert_int_equal(event->subject.roles, rows[i].roles);
	}
}

/* What the room says in the end is what is answered. */
static void the_room_has_the_last_word(void **state)
{
	static const struct {
		enum reason reason;
		const char *said;
	} rows[] = {
		{ REASON_NO_RIGHT, RIGHT },
		{ REASON_BANNED, BAN },
		{ REASON_CLOSED_ROOM, "403" ERROR("closed_room") },
		{ REASON_UNKNOWN_ROOM, "404" ERROR("no_such_room") },
		{ REASON_UNKNOWN_PERSON, NO_USER },
		{ REASON_REFUSED, "403" ERROR("refused") },
		{ REASON_RATE_LIMITED, "429" ERROR("rate_limited") },
		{ REASON_UNSTORED, "503" ERROR("unstored") },
		{ REASON_BUSY, "503" ERROR("busy") },
		{ REASON_NO_ANSWER, "503" ERROR("no_answer") },
		/* They are told, though none of their clients can come along. */
		{ REASON_CANNOT_FOLLOW, OK },
	};
	struct played *w = *state;

	w->caller = OWNER;
	for (size_t i = 0; i < COUNT(rows); i++) {
		w->draft = rows[i].reason;
		assert_string_equal(play(w, CALL_PUT, "/users", STRANGER), rows[i].said);
	}
}

/* ---- lists ---- */

static const char *look(struct played *w, const char *path)
{
	static const struct codec_told nothing;
	char target[256];

	snprintf(target, sizeof(target), "/room/" PROBE_ROOM "%s", path);
	call_probe_ask(&w->probe, CALL_GET, target, NULL);
	call_probe_step(&w->probe, &nothing);
	while (play_step(w, MEMBER))
		;
	return call_probe_said(&w->probe);
}

/* The documents show them to anybody; here who may not come into a room is not told who is in it.
 */
static void lists_are_for_who_may_enter(void **state)
{
	static const char *const paths[] = { "/users", "/admins", "/bans" };
	struct played *w = *state;
	char wanted[256], ids[2][UUID_TEXT_LEN];

	uuid_print(probe_person(&w->probe.probe, 3, "").uuid, ids[0]);
	uuid_print(probe_person(&w->probe.probe, 7, "").uuid, ids[1]);
	snprintf(
	    wanted, sizeof(wanted),
	    "200 application/json {\"index\":3,\"user_count\":5,\"users\":[\"%.36s\",\"%.36s\"]}",
	    ids[0], ids[1]);
	for (size_t i = 0; i < COUNT(paths); i++)
		for (w->caller = NOBODY; w->caller <= BANNED; w->caller++) {
			char path[64];

			snprintf(path, sizeof(path), "%s?offset=3&limit=2", paths[i]);
			if (w->caller == BANNED)
				assert_string_equal(look(w, path), BAN);
			else if (may_enter(w, w->caller))
				assert_string_equal(look(w, path), wanted);
			else
				assert_string_equal(look(w, path), "403" ERROR("closed_room"));
		}
	w->open = true;
	w->caller = NOBODY;
	assert_string_equal(look(w, "/users?offset=3"), wanted);
}

static void lists_are_bounded(void **state)
{
	static const struct {
		const char *query;
		size_t offset, count;
	} rows[] = {
		{ "", 0, 1000 },
		{ "?limit=5", 0, 5 },
		{ "?limit=99999999&offset=7", 7, CALL_LISTED_MAX },
		{ "?limit=-1&offset=x", 0, 1000 },
		{ "?offset=99999999999999999999", 0, 1000 },
	};
	static const struct codec_told nothing;
	struct played *w = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char target[128];

		snprintf(target, sizeof(target), "/room/" PROBE_ROOM "/users%s", rows[i].query);
		call_probe_ask(&w->probe, CALL_GET, target, NULL);
		call_probe_step(&w->probe, &nothing);
		assert_int_equal(w->probe.want.kind, WANT_MEMBERS);
		assert_int_equal(w->probe.want.offset, rows[i].offset);
		assert_int_equal(w->probe.want.count, rows[i].count);
	}
}

/* ---- rooms ---- */

static void a_room_is_told(void **state)
{
	struct played *w = *state;
	char wanted[256], owner[UUID_TEXT_LEN];

	uuid_print(probe_person(&w->probe.probe, OWNER, "").uuid, owner);
	snprintf(wanted, sizeof(wanted),
		 "200 application/json {\"name\":\"lobby\",\"open\":false,\"owner\":\"%.36s\","
		 "\"room_id\":\"" PROBE_ROOM "\",\"user_count\":1}",
		 owner);
	assert_string_equal(look(w, ""), wanted);
	snprintf(wanted, sizeof(wanted), "200 application/json {\"owner\":\"%.36s\"}", owner);
	assert_string_equal(look(w, "/owner"), wanted);
	w->caller = MEMBER;
	snprintf(wanted, sizeof(wanted), "/users/%.36s", owner);
	assert_string_equal(look(w, wanted), "200 application/json {\"present\":true}");
	assert_string_equal(look(w, "/users/foobar"), NO_USER);
}

static void other_rooms_are_none(void **state)
{
	static const struct codec_told nothing;
	static const char *const targets[] = { "/room/lobby",    "/room/7",      "/room/7/users",
					       "/room/7/admins", "/room/7/bans", "/room/7/owner" };
	struct played *w = *state;

	for (size_t i = 0; i < COUNT(targets); i++) {
		call_probe_ask(&w->probe, CALL_GET, targets[i], NULL);
		call_probe_step(&w->probe, &nothing);
		assert_string_equal(call_probe_said(&w->probe), "404" ERROR("no_such_room"));
	}
}

static void first_step(struct played *w, enum call_method method, const char *target,
		       const char *body)
{
	static const struct codec_told nothing;

	call_probe_ask(&w->probe, method, target, body);
	call_probe_step(&w->probe, &nothing);
}

/* The documents have an open room where nothing is said; the real server a closed one. Where JSON
 * is broken, that one says 500 internal_err, which would be our fault. */
static void a_room_is_made(void **state)
{
	struct played *w = *state;

	first_step(w, CALL_POST, "/room?key=k", "{\"name\":\"den\",\"open\":true}");
	assert_int_equal(w->probe.want.kind, WANT_ROOM_MAKE);
	assert_true(slice_is(w->probe.want.room, "den"));
	assert_true(w->probe.want.open);
	assert_false(w->probe.want.exact);
	first_step(w, CALL_POST, "/room/?key=k", "{}");
	assert_true(slice_is(w->probe.want.room, "Anonymous chat"));
	assert_false(w->probe.want.open);
	first_step(w, CALL_POST, "/room?key=k", "{\"open\":1}");
	assert_string_equal(call_probe_said(&w->probe), "400" ERROR("malformed_json"));
	first_step(w, CALL_POST, "/room?key=k", "");
	assert_string_equal(call_probe_said(&w->probe), "400" ERROR("malformed_json"));
}

/* Neither the real server nor the documents say where the room's id stands, nor have they DELETE.
 */
static void a_room_is_changed_and_removed(void **state)
{
	struct played *w = *state;

	first_step(w, CALL_PUT, "/room?key=k", "{\"room_id\":\"" PROBE_ROOM "\",\"open\":true}");
	assert_int_equal(w->probe.want.kind, WANT_ROOM_OPEN);
	assert_true(slice_is(w->probe.want.room_id, PROBE_ROOM));
	assert_true(w->probe.want.open);
	first_step(w, CALL_PUT, "/room/" PROBE_ROOM "?key=k", "{\"open\":false}");
	assert_int_equal(w->probe.want.kind, WANT_ROOM_OPEN);
	assert_false(w->probe.want.open);
	first_step(w, CALL_PUT, "/room?key=k", "{\"open\":true}");
	assert_string_equal(call_probe_said(&w->probe), "400" ERROR("room_id_missing"));
	first_step(w, CALL_PUT, "/room/" PROBE_ROOM, "{}");
	assert_string_equal(call_probe_said(&w->probe), "400" ERROR("open_missing"));
	first_step(w, CALL_PUT, "/room/" PROBE_ROOM, "{\"name\":\"den\"}");
	assert_string_equal(call_probe_said(&w->probe), "501" ERROR("unsupported"));
	first_step(w, CALL_DELETE, "/room/" PROBE_ROOM, NULL);
	assert_int_equal(w->probe.want.kind, WANT_ROOM_REMOVE);
	assert_true(play_step(w, MEMBER));
	assert_string_equal(call_probe_said(&w->probe), OK);
}

/* Anybody is told of a closed room: so those who may not enter it are refused, not told that there
 * is none. */
static void a_closed_room_is_no_secret(void **state)
{
	static const struct {
		enum reason reason;
		const char *said;
	} rows[] = {
		{ REASON_CLOSED_ROOM, "403" ERROR("no_right") },
		{ REASON_NO_RIGHT, "403" ERROR("no_right") },
		{ REASON_BANNED, "403" ERROR("banned") },
		{ REASON_UNKNOWN_ROOM, "404" ERROR("no_such_room") },
	};
	struct played *w = *state;

	for (size_t i = 0; i < 4; i++) {
		struct codec_told told = { .kind = WANT_ROOM_REMOVE, .reason = rows[i].reason };

		first_step(w, CALL_DELETE, "/room/" PROBE_ROOM "?key=k", NULL);
		call_probe_step(&w->probe, &told);
		assert_string_equal(call_probe_said(&w->probe), rows[i].said);
		told.kind = WANT_ROOM_OPEN;
		first_step(w, CALL_PUT, "/room/" PROBE_ROOM "?key=k", "{\"open\":true}");
		call_probe_step(&w->probe, &told);
		assert_string_equal(call_probe_said(&w->probe), rows[i].said);
	}
}

static void bodies_name_somebody(void **state)
{
	struct played *w = *state;

	first_step(w, CALL_PUT, "/room/" PROBE_ROOM "/users", "");
	assert_string_equal(call_probe_said(&w->probe), "400" ERROR("malformed_json"));
	first_step(w, CALL_PUT, "/room/" PROBE_ROOM "/bans", "{}");
	assert_string_equal(call_probe_said(&w->probe), "400" ERROR("user_id_missing"));
	first_step(w, CALL_PUT, "/room/" PROBE_ROOM "/bans", "{\"user_id\":7}");
	assert_string_equal(call_probe_said(&w->probe), "400" ERROR("malformed_json"));
	first_step(w, CALL_PUT, "/room/" PROBE_ROOM "/bans", "{\"user_id\":\"" PROBE_ROOM "\"}");
	assert_string_equal(call_probe_said(&w->probe), NO_USER);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(everybody_may_what_the_documents_say),
		TEST(deeds_are_events_like_others),
		TEST(the_room_has_the_last_word),
		TEST(lists_are_for_who_may_enter),
		TEST(lists_are_bounded),
		TEST(a_room_is_told),
		TEST(other_rooms_are_none),
		TEST(a_room_is_made),
		TEST(a_room_is_changed_and_removed),
		TEST(a_closed_room_is_no_secret),
		TEST(bodies_name_somebody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
