/* What mixer clients ask by HTTP: exact bytes, and what each path does when asked out of order,
 * twice, without rights, or for what is not there.
 *
 * Nobody can ask the original server any more. Of it are known: the answers to users/current and
 * chats/ID, the body of its 401 (captured), and which fields published clients read. What is said
 * in any other case is ours, and marked so. */
#include "tests/codecs/mixer/mixer_calls.h"

/* ---- users ---- */

#define ANN "'id':42,'username':'ann','level':0,'avatarUrl':null,'bio':null,'verified':true"

static void users_current(void **state)
{
	struct call_probe *p = *state;
	static const char *const paths[] = { "/api/v1/users/current", "/api/v2/users/current",
					     "/api/v1/users/current?fields=id" };

	/* As often as it is asked, and before anything else. */
	for (size_t i = 0; i < COUNT(paths); i++) {
		get(p, paths[i]);
		assert_json(p, 200,
			    "{" ANN ",'channel':{'id':7,'userId':42,'token':'"
			    "lobby"
			    "',"
			    "'partnered':false}}");
	}
	assert_int_equal(p->row->caller, CALLER_SOMEBODY);
}

static void users_by_number(void **state)
{
	struct call_probe *p = *state;
	static const char *const none[] = { "/api/v1/users/0", "/api/v1/users/x",
					    "/api/v1/users/-1", "/api/v1/users/2147483648",
					    "/api/v1/users/42x" };

	get(p, "/api/v1/users/43");
	assert_int_equal(p->want.number, 43);
	tell_person(p, 43, "b\"ob");
	assert_json(p, 200,
		    "{'id':43,'username':'b\\'ob','level':0,'avatarUrl':null,'bio':null,"
		    "'verified':true,'channel':{'id':7,'userId':43,'token':'lobby',"
		    "'partnered':false}}");
	get(p, "/api/v1/users/43");
	tell_refused(p, WANT_PERSON, REASON_UNKNOWN_PERSON);
	/* Ours, but for the status. */
	assert_error(p, 404, "Not Found", reason_text(REASON_UNKNOWN_PERSON));
	for (size_t i = 0; i < COUNT(none); i++) {
		get(p, none[i]);
		assert_error(p, 404, "Not Found", "no such user");
	}
}

static void users_are_searched(void **state)
{
	struct call_probe *p = *state;
	struct codec_somebody who = { .person = probe_person(&p->probe, 42, "ann") };
	struct codec_told told = { .kind = WANT_PEOPLE, .people = &who, .people_count = 1 };

	get(p, "/api/v1/users/search?query=a%6e&limit=1000");
	assert_int_equal(p->want.kind, WANT_PEOPLE);
	assert_true(slice_is(p->want.name, "an"));
	assert_int_equal(p->want.count, 100);
	tell(p, &told);
	assert_json(p, 200, "[{" ANN "}]");
	told.people_count = 0;
	get(p, "/api/v1/users/search?query=zz");
	tell(p, &told);
	assert_json(p, 200, "[]");
	get(p, "/api/v1/users/search?query=zz");
	tell_refused(p, WANT_PEOPLE, REASON_BUSY);
	assert_error(p, 503, "Service Unavailable", reason_text(REASON_BUSY));
	/* Ours. */
	get(p, "/api/v1/users/search");
	assert_error(p, 400, "Bad Request", "the parameter query is missing");
}

/* ---- channels ---- */

#define SERVER                                                                                     \
	"{'id':2147483647,'username':'Dragoman','level':0,'avatarUrl':null,'bio':null,"            \
	"'verified':true}"

static void channels(void **state)
{
	struct call_probe *p = *state;
	static const struct codec_room room = { .people = 3, .may_enter = true };

	get(p, "/api/v1/channels/7");
	assert_int_equal(p->want.room_number, 7);
	tell_room(p, &room);
	assert_json(p, 200,
		    "{'id':7,'userId':2147483647,'token':'lobby','name':'lobby','online':true,"
		    "'featured':false,'partnered':false,'viewersCurrent':3,'user':" SERVER "}");
	get(p, "/api/v2/channels/lobby?fields=id,token,user.username");
	assert_true(slice_is(p->want.room, "lobby"));
	tell_room(p, &room);
	assert_json(p, 200, "{'id':7,'token':'lobby','user':" SERVER "}");
	/* A name may begin like a number. */
	get(p, "/api/v1/channels/7th%20floor");
	assert_int_equal(p->want.room_number, 0);
	assert_true(slice_is(p->want.room, "7th floor"));
	/* Only whole names of fields. */
	get(p, "/api/v1/channels/7?fields=idx,i,tokens,partnered");
	tell_room(p, &room);
	assert_json(p, 200, "{'partnered':false}");
}

/* On the real server, a channel is called as its user. */
static void channels_of_people(void **state)
{
	struct call_probe *p = *state;
	static const struct codec_room room = { .people = 3, .may_enter = true };

	get(p, "/api/v1/channels/BOB?fields=id,userId,viewersCurrent,user");
	tell_refused(p, WANT_ROOM, REASON_UNKNOWN_ROOM);
	assert_true(slice_is(p->want.name, "BOB"));
	tell_person(p, 43, "bob");
	assert_int_equal(p->want.room_number, 0);
	assert_null(p->want.room.data);
	tell_room(p, &room);
	/* The name is theirs, however it was asked for. */
	assert_int_equal(p->want.kind, WANT_PERSON);
	assert_int_equal(p->want.number, 43);
	tell_person(p, 43, "bob");
	assert_json(p, 200,
		    "{'id':7,'userId':43,'viewersCurrent':3,'user':{'id':43,'username':'bob',"
		    "'level':0,'avatarUrl':null,'bio':null,'verified':true}}");
	/* Gone by now. */
	get(p, "/api/v1/channels/bob");
	tell_refused(p, WANT_ROOM, REASON_UNKNOWN_ROOM);
	tell_person(p, 43, "bob");
	tell_room(p, &room);
	tell_refused(p, WANT_PERSON, REASON_UNKNOWN_PERSON);
	assert_error(p, 404, "Not Found", "no such channel");
	get(p, "/api/v1/channels/nobody");
	tell_refused(p, WANT_ROOM, REASON_UNKNOWN_ROOM);
	tell_refused(p, WANT_PERSON, REASON_UNKNOWN_PERSON);
	assert_error(p, 404, "Not Found", "no such channel");
	/* The person's room is gone by now: it is not looked for again. */
	get(p, "/api/v1/channels/bob");
	tell_refused(p, WANT_ROOM, REASON_UNKNOWN_ROOM);
	tell_person(p, 43, "bob");
	tell_refused(p, WANT_ROOM, REASON_UNKNOWN_ROOM);
	assert_error(p, 404, "Not Found", reason_text(REASON_UNKNOWN_ROOM));
}

/* ---- chats ---- */

#define ENDPOINT "'endpoints':['wss://chat.example/x'],'isLoadShed':false}"

static void chats(void **state)
{
	struct call_probe *p = *state;
	static const struct codec_room room = { .may_enter = true, .roles = ROLE_USER };

	get(p, "/api/v1/chats/7");
	assert_int_equal(p->want.room_number, 7);
	tell_room(p, &room);
	tell_key(p, "k1.key");
	assert_json(p, 200,
		    "{'roles':['User'],'authkey':'k1.key',"
		    "'permissions':['chat','connect','poll_vote','whisper']," ENDPOINT);
	/* Twice, as some clients do. */
	get(p, "/api/v2/chats/7");
	tell_room(p, &room);
	tell_key(p, "k1.other");
	assert_json(p, 200,
		    "{'roles':['User'],'authkey':'k1.other',"
		    "'permissions':['chat','connect','poll_vote','whisper']," ENDPOINT);
}

static void chats_tell_what_one_is_there(void **state)
{
	struct call_probe *p = *state;
	static const struct codec_room mod = { .may_enter = true, .roles = ROLE_USER | ROLE_MOD };
	static const struct codec_room muted = { .may_enter = true,
						 .roles = ROLE_USER,
						 .muted = true };

	get(p, "/api/v1/chats/7");
	tell_room(p, &mod);
	tell_key(p, "k");
	assert_json(p, 200,
		    "{'roles':['Mod','User'],'authkey':'k','permissions':['chat','connect',"
		    "'poll_vote','whisper','poll_start','timeout','purge','remove_message',"
		    "'clear_messages']," ENDPOINT);
	get(p, "/api/v1/chats/7");
	tell_room(p, &muted);
	tell_key(p, "k");
	assert_json(p, 200,
		    "{'roles':['Muted','User'],'authkey':'k','permissions':['connect']," ENDPOINT);
}

/* Captured: without a login the key authkey is absent. What else stands there then is not known. */
static void chats_of_nobody(void **state)
{
	struct call_probe *p = *state;
	static const struct codec_room room = { .may_enter = true };
	static const char *const paths[] = { "/api/v1/chats/7", "/api/v1/chats/7/anonymous",
					     "/api/v2/chats/7/anonymous?fields=id" };

	be_nobody(p);
	for (size_t i = 0; i < COUNT(paths); i++) {
		get(p, paths[i]);
		tell_room(p, &room);
		assert_json(p, 200, "{'roles':[],'permissions':['connect']," ENDPOINT);
	}
	assert_int_equal(p->row->caller, CALLER_ANYBODY);
}

/* The statuses are ours. */
static void chats_refused(void **state)
{
	struct call_probe *p = *state;
	static const struct codec_room banned = { .banned = true }, closed = { .open = false };
	static const char *const none[] = { "/api/v1/chats/0", "/api/v1/chats/lobby",
					    "/api/v1/chats/2147483648" };

	get(p, "/api/v1/chats/7");
	tell_room(p, &banned);
	assert_error(p, 403, "Forbidden", reason_text(REASON_BANNED));
	get(p, "/api/v1/chats/7");
	tell_room(p, &closed);
	assert_error(p, 403, "Forbidden", reason_text(REASON_CLOSED_ROOM));
	get(p, "/api/v1/chats/8");
	tell_refused(p, WANT_ROOM, REASON_UNKNOWN_ROOM);
	assert_error(p, 404, "Not Found", reason_text(REASON_UNKNOWN_ROOM));
	get(p, "/api/v1/chats/7");
	tell_room(p, &(struct codec_room){ .may_enter = true });
	tell_refused(p, WANT_KEY, REASON_NOT_LOGGED_IN);
	assert_error(p, 401, "Unauthorized", reason_text(REASON_NOT_LOGGED_IN));
	for (size_t i = 0; i < COUNT(none); i++) {
		get(p, none[i]);
		assert_error(p, 404, "Not Found", "no such channel");
	}
}

/* ---- who is there ---- */

#define CHATTER(id, name)                                                                          \
	"{'userId':" #id ",'userName':'" name "','username':'" name                                \
	"','userRoles':['User'],'user':{'level':0}}"

static void tell_members(struct call_probe *p, size_t total)
{
	struct codec_somebody people[2] = { { .person = probe_person(&p->probe, 42, "ann") },
					    { .person = probe_person(&p->probe, 43, "Bob") } };
	struct codec_room room = { .view = &p->probe.view, .caller_may_enter = true };
	struct codec_told told = { .kind = WANT_MEMBERS,
				   .rooms = &room,
				   .room_count = 1,
				   .people = people,
				   .total = total };

	people[0].person.roles = people[1].person.roles = ROLE_USER;
	told.people_count = p->want.count < 2 ? p->want.count : 2;
	tell(p, &told);
}

static void chat_users(void **state)
{
	struct call_probe *p = *state;

	get(p, "/api/v1/chats/7/users");
	assert_int_equal(p->want.count, 50);
	assert_int_equal(p->want.offset, 0);
	tell_members(p, 2);
	assert_json(p, 200, "[" CHATTER(42, "ann") "," CHATTER(43, "Bob") "]");
	assert_int_equal(p->answer.header_count, 0);
	get(p, "/api/v1/chats/7/users?limit=1000");
	assert_int_equal(p->want.count, 100);
	get(p, "/api/v1/chats/7/users?limit=0");
	assert_int_equal(p->want.count, 1);
	/* v1 counted pages. */
	get(p, "/api/v1/chats/7/users?limit=10&page=3");
	assert_int_equal(p->want.offset, 30);
	get(p, "/api/v1/chats/8/users");
	tell_refused(p, WANT_MEMBERS, REASON_UNKNOWN_ROOM);
	assert_error(p, 404, "Not Found", reason_text(REASON_UNKNOWN_ROOM));
}

/* Documented: Link: <...>; rel="next". What its token is, is not. */
static void chat_users_in_pages(void **state)
{
	struct call_probe *p = *state;

	get(p, "/api/v2/chats/7/users?limit=2");
	tell_members(p, 5);
	assert_int_equal(p->answer.header_count, 1);
	assert_string_equal(p->answer.headers[0].name, "Link");
	assert_true(slice_is(answer_header_value(&p->answer, 0),
			     "<https://chat.example/api/v2/chats/7/users?limit=2"
			     "&continuationToken=2>; rel=\"next\""));
	get(p, "/api/v2/chats/7/users?limit=2&continuationToken=2");
	assert_int_equal(p->want.offset, 2);
	tell_members(p, 5);
	assert_true(slice_is(answer_header_value(&p->answer, 0),
			     "<https://chat.example/api/v2/chats/7/users?limit=2"
			     "&continuationToken=4>; rel=\"next\""));
	get(p, "/api/v1/chats/7/users?limit=1&continuationToken=4");
	tell_members(p, 5);
	assert_int_equal(p->answer.header_count, 0);
	/* Some of a page are not for who asks: the next begins behind them. */
	get(p, "/api/v1/chats/7/users?limit=100&page=1");
	tell_members(p, 201);
	assert_true(slice_is(answer_header_value(&p->answer, 0),
			     "<https://chat.example/api/v1/chats/7/users?limit=100"
			     "&continuationToken=200>; rel=\"next\""));
}

static void chat_users_by_name(void **state)
{
	struct call_probe *p = *state;

	get(p, "/api/v1/chats/7/users?username=BO&limit=1");
	assert_int_equal(p->want.count, CALL_LISTED_MAX);
	tell_members(p, 2);
	assert_json(p, 200, "[" CHATTER(43, "Bob") "]");
	get(p, "/api/v1/chats/7/users?username=zoe");
	tell_members(p, 2);
	assert_json(p, 200, "[]");
}

static void one_chat_user(void **state)
{
	struct call_probe *p = *state;

	get(p, "/api/v1/chats/7/users/43");
	assert_int_equal(p->want.number, 43);
	tell_room(p, &(struct codec_room){
			 .present = true, .roles = ROLE_USER, .caller_may_enter = true });
	tell_person(p, 43, "Bob");
	assert_json(p, 200, CHATTER(43, "Bob"));
	get(p, "/api/v1/chats/7/users/44");
	tell_room(p, &(struct codec_room){ .present = false, .caller_may_enter = true });
	/* Documented as 404. */
	assert_error(p, 404, "Not Found", "the user is not in this channel");
	get(p, "/api/v1/chats/7/users/x");
	assert_error(p, 404, "Not Found", "no such user");
}

/* Who is in a chat is for those who may come in. */
static void chat_users_are_not_for_everybody(void **state)
{
	struct call_probe *p = *state;
	struct codec_somebody bob = { .person = probe_person(&p->probe, 43, "Bob") };
	struct codec_room closed = { .view = &p->probe.view, .present = true },
			  banned = { .view = &p->probe.view, .caller_banned = true };
	struct codec_told told = { .kind = WANT_MEMBERS,
				   .rooms = &closed,
				   .room_count = 1,
				   .people = &bob,
				   .people_count = 1 };

	get(p, "/api/v1/chats/7/users");
	tell(p, &told);
	assert_error(p, 403, "Forbidden", reason_text(REASON_CLOSED_ROOM));
	get(p, "/api/v1/chats/7/users/43");
	tell_room(p, &closed);
	assert_error(p, 403, "Forbidden", reason_text(REASON_CLOSED_ROOM));
	told.rooms = &banned;
	get(p, "/api/v1/chats/7/users?username=bob");
	tell(p, &told);
	assert_error(p, 403, "Forbidden", reason_text(REASON_BANNED));
}

/* ---- what was said ---- */

static void messages(void **state)
{
	struct call_probe *p = *state;
	struct envelope event = {
		.kind = KIND_MESSAGE, .id = 5, .time_ms = 1000, .text = SLICE("hi")
	};
	const struct envelope *history[] = { &event };
	struct codec_room room = { .view = &p->probe.view };
	struct codec_told told = { .kind = WANT_HISTORY,
				   .rooms = &room,
				   .room_count = 1,
				   .history = history,
				   .history_count = 1 };
	unsigned char uuid[16];
	char text[UUID_TEXT_LEN + 1] = { 0 }, wanted[1024];

	event.author = probe_person(&p->probe, 43, "bob");
	event.author.roles = ROLE_USER;
	identity_uuid(&p->probe.ids, ID_MESSAGE, 5, 0, uuid);
	uuid_print(uuid, text);
	snprintf(wanted, sizeof(wanted),
		 "[{'channel':7,'id':'%s','user_name':'bob','user_id':43,'user_roles':['User'],"
		 "'user_level':0,'user_avatar':null,'user_ascension_level':0,'message':{'message':"
		 "[{'type':'text','data':'hi','text':'hi'}],'meta':{}}}]",
		 text);
	get(p, "/api/v1/chats/7/message");
	assert_int_equal(p->want.count, 100);
	tell(p, &told);
	assert_json(p, 200, wanted);
	get(p, "/api/v1/chats/7/message?start=1000&end=1000&limit=3");
	assert_int_equal(p->want.count, 3);
	tell(p, &told);
	assert_json(p, 200, wanted);
	get(p, "/api/v1/chats/7/message?start=1001");
	tell(p, &told);
	assert_json(p, 200, "[]");
	get(p, "/api/v1/chats/7/message?end=999");
	tell(p, &told);
	assert_json(p, 200, "[]");
	get(p, "/api/v1/chats/7/message");
	tell_refused(p, WANT_HISTORY, REASON_NOT_MEMBER);
	/* Ours. */
	assert_error(p, 403, "Forbidden", reason_text(REASON_NOT_MEMBER));
	get(p, "/api/v2/chats/7/message");
	assert_error(p, 404, "Not Found", "this is in /api/v1 only");
}

static void messages_are_removed(void **state)
{
	struct call_probe *p = *state;
	char target[128] = "/api/v1/chats/7/message/";
	size_t len = strlen(target);
	unsigned char uuid[16];

	identity_uuid(&p->probe.ids, ID_MESSAGE, 5, 0, uuid);
	uuid_print(uuid, target + len);
	target[len + UUID_TEXT_LEN] = '\0';
	ask(p, CALL_DELETE, target);
	assert_int_equal(p->want.draft.event.kind, KIND_DELETE);
	assert_true(p->want.draft.event.target == 5);
	assert_int_equal(p->want.draft.room_number, 7);
	tell(p, &(struct codec_told){ .kind = WANT_DRAFT });
	/* Ours, like all that follows. */
	assert_string_equal(call_probe_said(p), "204");
	ask(p, CALL_DELETE, target);
	tell_refused(p, WANT_DRAFT, REASON_UNKNOWN_MESSAGE);
	assert_error(p, 404, "Not Found", reason_text(REASON_UNKNOWN_MESSAGE));
	ask(p, CALL_DELETE, "/api/v1/chats/7/message");
	assert_int_equal(p->want.draft.event.kind, KIND_CLEAR);
	tell_refused(p, WANT_DRAFT, REASON_NO_RIGHT);
	assert_error(p, 403, "Forbidden", reason_text(REASON_NO_RIGHT));
	ask(p, CALL_DELETE, "/api/v1/chats/7/message/5");
	assert_error(p, 404, "Not Found", "no such message");
	ask(p, CALL_DELETE, "/api/v2/chats/7/message");
	assert_error(p, 404, "Not Found", "this is in /api/v1 only");
}

/* ---- refusals ---- */

/* Its first two keys were captured, the others are what clients look for. */
static void refusals(void **state)
{
	struct call_probe *p = *state;
	static const struct {
		unsigned asked, status;
		enum reason reason;
		const char *phrase;
	} rows[] = {
		{ 401, 401, REASON_NOT_LOGGED_IN, "Unauthorized" },
		{ 0, 401, REASON_BAD_LOGIN, "Unauthorized" },
		{ 0, 403, REASON_BANNED, "Forbidden" },
		{ 404, 404, REASON_UNKNOWN_VERB, "Not Found" },
		{ 405, 405, REASON_UNSUPPORTED, "Method Not Allowed" },
		{ 413, 413, REASON_TOO_LONG, "Content Too Large" },
		{ 429, 429, REASON_RATE_LIMITED, "Too Many Requests" },
		{ 500, 500, REASON_UNSUPPORTED, "Internal Server Error" },
		{ 501, 501, REASON_UNSUPPORTED, "Not Implemented" },
		{ 503, 503, REASON_CLOSING, "Service Unavailable" },
		{ 504, 504, REASON_NO_ANSWER, "Gateway Timeout" },
		{ 0, 400, REASON_BAD_ARGUMENT, "Bad Request" },
	};

	get(p, "/api/v1/users/current");
	for (size_t i = 0; i < COUNT(rows); i++) {
		call_probe_refuse(p, rows[i].asked, rows[i].reason);
		assert_error(p, rows[i].status, rows[i].phrase, reason_text(rows[i].reason));
	}
	assert_true(codec_mixer.http->claims_prefixes);
	assert_false(codec_mixer.http->speaks_absent);
}

static void other_methods_and_paths(void **state)
{
	struct call_probe *p = *state;

	call_probe_ask(p, CALL_POST, "/api/v1/users/current", "");
	assert_int_equal(p->answer.status, 405);
	call_probe_ask(p, CALL_GET, "/api/v1/oauth/token", NULL);
	assert_int_equal(p->answer.status, 405);
	call_probe_ask(p, CALL_GET, "/api/v1/nothing", NULL);
	assert_int_equal(p->answer.status, 404);
	call_probe_ask(p, CALL_GET, "/api/v3/users/current", NULL);
	assert_int_equal(p->answer.status, 404);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(users_current),
		TEST(users_by_number),
		TEST(users_are_searched),
		TEST(channels),
		TEST(channels_of_people),
		TEST(chats),
		TEST(chats_tell_what_one_is_there),
		TEST(chats_of_nobody),
		TEST(chats_refused),
		TEST(chat_users),
		TEST(chat_users_in_pages),
		TEST(chat_users_by_name),
		TEST(one_chat_user),
		TEST(chat_users_are_not_for_everybody),
		TEST(messages),
		TEST(messages_are_removed),
		TEST(refusals),
		TEST(other_methods_and_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
