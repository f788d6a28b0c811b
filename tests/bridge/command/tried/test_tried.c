#include "tests/bridge/command/tried/tried_fixture.h"

/* ---- rules ---- */

static void without_rules_there_is_the_last(void **state)
{
	(void)state;
	prints("", &plain,
	       "the implicit last rule\n"
	       "  when no other rule matches\n"
	       "  1. deliver to its own room\n");
}

static void rules_are_readable(void **state)
{
	(void)state;
	prints("{ name = \"loud\"; dialect = (\"mixer\", \"backend\"); room = (\"lobby\", \"an*\");"
	       " kind = \"message\"; author = (\"ann\", \"#7\", \"bob\"); role = \"mod\";"
	       " text = \"^[A-Z]+\\\\d$\"; then = ( { ask = \"judge\"; on_timeout = \"pass\";"
	       " deadline_ms = 70; }, { tap = \"feed\"; }, { tap = \"dice\"; },"
	       " { rewrite = \"text\"; to = \"{name}: {text}\"; },"
	       " { rewrite = \"name\"; to = \"Z\u200ball\"; }, { room = \"annex\"; },"
	       " { room = \"{room}\"; }, { backend = \"dice\"; } ); },\n"
	       "{ kind = \"kick\"; then = ( { refuse = \"N\u00f6!\"; } ); },\n"
	       "{ kind = \"delete\"; then = ( { ask = \"judge\"; } ); },\n"
	       "{ author = \"eve\"; then = ( { drop = true; } ); }",
	       &plain,
	       "rule 1 \"loud\" (configuration:6)\n  when its dialect is mixer or backend; its "
	       "room is lobby or an*; its kind is message; its author is ann, #7 or bob; its "
	       "author's role is mod; the pattern \"^[A-Z]+\\d$\" matches in its text\n  1. ask "
	       "the backend judge; without an answer within 70 ms go on\n  2. copy to the tap "
	       "feed\n  3. copy to the backend dice\n  4. change the text to \"{name}: {text}\"\n  "
	       "5. show the author as \"Z\\u200ball\"\n  6. deliver to the room annex\n  7. "
	       "deliver to its own room\n  8. deliver to the backend dice; refuse when it does not "
	       "acknowledge it within 2000 ms\n\nrule 2 (configuration:7)\n  when its kind is "
	       "kick\n  1. refuse, because \"N\u00f6!\"\n\nrule 3 (configuration:8)\n  when its "
	       "kind is delete\n  1. ask the backend judge; without an answer within 1500 ms "
	       "refuse\n  2. deliver to its own room\n\nrule 4 (configuration:9)\n  when its "
	       "author is eve\n  1. drop; the sender is not told\n\nthe implicit last rule\n  when "
	       "no other rule matches\n  1. deliver to its own room\n");
}

/* ---- events ---- */

#define ANN                                                                                        \
	"\"author\":{\"name\":\"ann\",\"number\":1073741824,"                                      \
	"\"uuid\":\"20000020-0000-4000-8062-32fbbf6143bd\",\"roles\":[\"user\"]}"
#define MIXER "\"origin\":{\"dialect\":\"mixer\",\"instance\":\"/mixer\",\"hops\":0}}"

static void a_message_goes_to_its_room(void **state)
{
	struct arguments a = { .dialect = "mixer", .room = "lobby", .from = "ann", .text = "hi" };

	(void)state;
	prints(
	    "", &a,
	    "The event: {\"kind\":\"message\",\"time_ms\":1767225600000,\"room\":\"lobby\"," ANN
	    ",\"text\":\"hi\"," MIXER "\n"
	    "\n"
	    "In the room lobby:\n"
	    "  the implicit last rule decides\n"
	    "    1. deliver to its own room\n"
	    "       mixer    {\"type\":\"event\",\"event\":\"ChatMessage\",\"data\":{\"channel\":1,"
	    "\"id\":\"10eb488b-4000-4000-8057-349492a3537c\",\"user_name\":\"ann\","
	    "\"user_id\":1073741824,\"user_roles\":[\"User\"],\"user_level\":0,"
	    "\"user_avatar\":null,\"user_ascension_level\":0,\"message\":{\"message\":[{\"type\":"
	    "\"text\",\"data\":\"hi\",\"text\":\"hi\"}],\"meta\":{}}}}\n"
	    "       concord  {\"chat\":{\"id\":517393612800000,\"createdAt\":1767225600000,"
	    "\"authorId\":1073741824,\"channelId\":2,\"threadId\":null,\"content\":\"hi\","
	    "\"edited\":false,\"reactions\":{}},\"type\":\"chat_sent\"}\n"
	    "       rooms    {\"type\":\"message\",\"time\":1767225600,\"content\":\"hi\","
	    "\"user_id\":\"20000020-0000-4000-8062-32fbbf6143bd\","
	    "\"message_id\":\"517393612800000\","
	    "\"room_id\":\"10bb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a01\"}\n"
	    "       simple   {\"type\":\"message_sent\",\"message\":\"hi\","
	    "\"timestamp\":1767225600000,\"username\":\"ann\"}\n");
}

static void earlier_rules_say_why_not(void **state)
{
	struct arguments a = { .dialect = "mixer", .room = "lobby", .from = "ann", .text = "!x" };

	(void)state;
	prints("{ name = \"a\"; dialect = \"simple\"; then = ( { drop = true; } ); },\n"
	       "{ name = \"b\"; room = \"annex\"; then = ( { drop = true; } ); },\n"
	       "{ name = \"c\"; kind = \"delete\"; then = ( { drop = true; } ); },\n"
	       "{ name = \"d\"; author = \"bob\"; then = ( { drop = true; } ); },\n"
	       "{ name = \"e\"; role = \"owner\"; then = ( { drop = true; } ); },\n"
	       "{ name = \"f\"; text = \"^#\"; then = ( { drop = true; } ); },\n"
	       "{ name = \"g\"; then = ( { refuse = \"No\"; } ); }",
	       &a,
	       "The event: {\"kind\":\"message\",\"time_ms\":1767225600000,\"room\":\"lobby\"," ANN
	       ",\"text\":\"!x\"," MIXER
	       "\n\nIn the room lobby:\n  rule 1 \"a\" (configuration:6) does not match: its "
	       "dialect is a different one\n  rule 2 \"b\" (configuration:7) does not match: its "
	       "room is a different one\n  rule 3 \"c\" (configuration:8) does not match: its kind "
	       "is a different one\n  rule 4 \"d\" (configuration:9) does not match: its author is "
	       "a different one\n  rule 5 \"e\" (configuration:10) does not match: its author has "
	       "none of the roles\n  rule 6 \"f\" (configuration:11) does not match: the pattern "
	       "does not match in its text\n  rule 7 \"g\" (configuration:12) decides\n    1. "
	       "refuse, because \"No\"\n");
}

static void taps_and_backends_get_messages(void **state)
{
	struct arguments a = { .dialect = "mixer", .room = "lobby", .from = "ann", .text = "hi" };

	(void)state;
	prints("{ name = \"all\"; then = ( { tap = \"feed\"; }, { ask = \"judge\"; },"
	       " { tap = \"judge\"; }, { backend = \"dice\"; deadline_ms = 9; } ); }",
	       &a,
	       "The event: {\"kind\":\"message\",\"time_ms\":1767225600000,\"room\":\"lobby\"," ANN
	       ",\"text\":\"hi\"," MIXER "\n"
	       "\n"
	       "In the room lobby:\n"
	       "  rule 1 \"all\" (configuration:6) decides\n"
	       "    1. copy to the tap feed\n"
	       "       lobby/message | {\"kind\":\"message\",\"time_ms\":1767225600000,"
	       "\"room\":\"lobby\"," ANN ",\"text\":\"hi\"," MIXER "\n"
	       "    2. ask the backend judge; without an answer within 1500 ms refuse\n"
	       "       DGM1 | ASK | {\"id\":517393612800000,\"about\":\"event\",\"rule\":\"all\","
	       "\"deadline_ms\":1500} | {\"kind\":\"message\",\"time_ms\":1767225600000,"
	       "\"room\":\"lobby\"," ANN ",\"text\":\"hi\"," MIXER
	       "\n       the steps below assume that it is allowed unchanged\n    3. copy to the "
	       "backend judge\n       DGM1 | EVENT | "
	       "{\"id\":517393612800001,\"cause\":\"tap\",\"rule\":\"all\",\"deadline_ms\":1500} | "
	       "{\"kind\":\"message\",\"time_ms\":1767225600000,\"room\":\"lobby\"," ANN
	       ",\"text\":\"hi\"," MIXER "\n"
	       "    4. deliver to the backend dice; refuse when it does not acknowledge it within "
	       "9 ms\n"
	       "       DGM1 | EVENT | {\"id\":517393612800003,\"cause\":\"route\","
	       "\"rule\":\"all\",\"deadline_ms\":9} | {\"kind\":\"message\","
	       "\"id\":517393612800002,\"time_ms\":1767225600000,\"room\":\"lobby\"," ANN
	       ",\"text\":\"hi\"," MIXER "\n");
}

static void rewrites_follow_each_other_into_the_next_room(void **state)
{
	struct arguments a = { .dialect = "mixer", .room = "lobby", .from = "ann", .text = "hi" };
	static const char *const parts[] = {
		"1. change the text to \"<{text}>\"\n       the text is now <hi>\n",
		"2. show the author as \"{name} of {room}\"\n       the author is now ann of "
		"lobby\n",
		"3. change the text to \"{name} {text}\"\n       the text is now ann of lobby "
		"<hi>\n",
		"4. deliver to the room annex\n       passed on: see \"In the room annex\", "
		"below\n",
		"5. deliver to its own room\n",
		"\"message\":\"ann of lobby <hi>\"",
		"\"username\":\"ann of lobby\"",
		"\n\nIn the room annex:\n  rule 1 (configuration:6) does not match: its room is a "
		"different one\n  rule 2 (configuration:7) decides\n    1. copy to the tap feed\n  "
		"     annex/message | ",
		"\"room\":\"annex\"",
		"\"hops\":1}}\n    2. deliver to its own room\n",
		"\"channelId\":4",
		NULL,
		"is not in this room"
	};

	(void)state;
	prints_parts("{ room = \"lobby\"; then = ( { rewrite = \"text\"; to = \"<{text}>\"; },"
		     " { rewrite = \"name\"; to = \"{name} of {room}\"; },"
		     " { rewrite = \"text\"; to = \"{name} {text}\"; },"
		     " { room = \"annex\"; }, { room = \"{room}\"; } ); },\n"
		     "{ room = \"annex\"; then = ( { tap = \"feed\"; } ); }",
		     &a, parts);
}

static void what_rules_leave_as_it_is_is_told(void **state)
{
	struct arguments a = {
		.dialect = "concord", .room = "lobby", .from = "ann", .kind = "reaction"
	};
	static const char *const parts[] = { "1. change the text to \"no\"\n"
					     "       nothing to change there\n",
					     NULL, "the text is now" };

	(void)state;
	prints_parts("{ room = \"lobby\"; then = ( { rewrite = \"text\"; to = \"no\"; } ); }", &a,
		     parts);
}

static void a_backend_does_not_hear_itself(void **state)
{
	struct arguments a = { .dialect = "backend", .room = "lobby", .from = "Croupier" };
	static const char *const parts[] = {
		"\"name\":\"Croupier\"",
		"\"origin\":{\"dialect\":\"backend\",\"instance\":\"dice\",\"hops\":0}}\n",
		"1. ask the backend dice; without an answer within 2000 ms refuse\n       skipped: "
		"that backend sent it\n",
		"2. ask the backend judge",
		"DGM1 | ASK | ",
		"3. deliver to the backend dice; refuse when it does not acknowledge it within "
		"2000 ms\n       skipped: that backend sent it\n       refused: it would only "
		"return to where it comes from\n",
		NULL,
		NULL
	};

	(void)state;
	prints_parts("{ then = ( { ask = \"dice\"; }, { ask = \"judge\"; }, { backend = \"dice\"; }"
		     " ); }",
		     &a, parts);
}

static void nobody_stops_who_comes(void **state)
{
	struct arguments a = { .dialect = "simple", .room = "lobby", .kind = "enter" };
	static const char *const parts[] = {
		"The event: {\"kind\":\"enter\",\"id\":517393612800000,\"sequence\":1,",
		"In the room lobby:\n  whatever the rules say, all members there are told\n       "
		"mixer    {\"type\":\"event\",\"event\":\"UserJoin\"",
		"simple   {\"type\":\"user_connected\"",
		"rule 1 (configuration:6) decides\n    1. ask the backend judge; without an answer "
		"within 1500 ms refuse\n       skipped: this cannot be done to enter and exit\n    "
		"2. copy to the tap feed\n       lobby/enter | ",
		"3. deliver to its own room\n       the room is told already\n",
		NULL,
		"DGM1"
	};

	(void)state;
	prints_parts("{ then = ( { ask = \"judge\"; }, { tap = \"feed\"; } ); }", &a, parts);
}

static void each_dialect_has_its_own_words(void **state)
{
	static const struct {
		const char *event;
		const char *parts[5];
	} cases[] = {
		{ "{\"kind\":\"kick\",\"room\":\"lobby\",\"subject\":{\"name\":\"bob\"},\"text\":"
		  "\"\","
		  "\"flags\":[\"permanent\"],\"origin\":{\"dialect\":\"backend\"}}",
		  { "\"flags\":[\"permanent\"]", "rooms    {\"type\":\"exit\"",
		    "rooms    (whom it is about) {\"type\":\"kick\"", "\"permanent\":true" } },
		{ "{\"kind\":\"message\",\"room\":\"lobby\",\"subject\":{\"name\":\"bob\"},"
		  "\"text\":\"psst\",\"flags\":[\"private\"],\"author\":{\"name\":\"ann\"},"
		  "\"origin\":{\"dialect\":\"mixer\"}}",
		  { "mixer    (whom it is about) {", "\"whisper\":true",
		    "simple   (whom it is about) nothing: refused" } },
		{ "{\"kind\":\"clear\",\"room\":\"lobby\",\"author\":{\"name\":\"ann\","
		  "\"roles\":[\"mod\"]},\"origin\":{\"dialect\":\"mixer\"}}",
		  { "\"roles\":[\"user\",\"mod\"]",
		    "mixer    {\"type\":\"event\",\"event\":\"ClearMessages\"",
		    "concord  nothing: dropped(no_word)",
		    "simple   in other words: {\"type\":\"message_sent\"" } },
		{ "{\"kind\":\"reaction\",\"room\":\"lobby\",\"target\":5,\"text\":\"+\","
		  "\"flags\":[\"adding\"],\"origin\":{\"dialect\":\"concord\"}}",
		  { "\"target\":5,\"text\":\"+\",\"flags\":[\"adding\"]",
		    "concord  {\"chatId\":5,\"channelId\":2,\"threadId\":null,\"reactions\":{\"+\":"
		    "1}" } },
		{ "{\"kind\":\"timeout\",\"room\":\"lobby\",\"subject\":{\"number\":9},"
		  "\"text\":\"1m\",\"duration_ms\":60000,\"origin\":{\"dialect\":\"mixer\"}}",
		  { "\"subject\":{\"number\":9}", "\"duration_ms\":60000",
		    "mixer    (whom it is about) {\"type\":\"event\",\"event\":\"UserTimeout\"" } },
		{ "{\"kind\":\"poll_vote\",\"room\":\"lobby\",\"choice\":1,"
		  "\"origin\":{\"dialect\":\"mixer\"}}",
		  { "\"choice\":1", "all members get the new tallies" } },
		{ "{\"kind\":\"message\",\"room\":\"lobby\",\"text\":\"a\\u0007\\u202eb\","
		  "\"origin\":{\"dialect\":\"simple\"}}",
		  { "\"text\":\"a\\u0007\\u202eb\"", "\"message\":\"a\\u0007\\u202eb\"" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arguments a = { .command = COMMAND_ROUTES, .event = cases[i].event };
		const char *parts[7] = { NULL };

		memcpy(parts, cases[i].parts, sizeof(cases[i].parts));
		prints_parts("", &a, parts);
	}
}

/* Every kind that can be tried in parts has what it needs. */
static void every_kind_can_be_tried(void **state)
{
	(void)state;
	for (size_t i = 0; known_names()->kinds[i]; i++) {
		const char *kind = known_names()->kinds[i];
		bool presence = strcmp(kind, "enter") == 0 || strcmp(kind, "exit") == 0;
		struct arguments a = { .dialect = presence ? "mixer" : "backend",
				       .room = "annex",
				       .kind = kind };
		const char *parts[] = { "In the room annex:\n", "deliver to its own room\n", NULL,
					NULL };

		if (strcmp(kind, "poll_end") != 0)
			prints_parts("", &a, parts);
	}
}

static void passed_on_deeds_want_a_member(void **state)
{
	struct arguments a = { .dialect = "mixer", .room = "lobby", .kind = "clear" };
	static const char *const parts[] = { "passed on", "In the room annex:",
					     "(refused when the author is not in this room, too)\n",
					     NULL, NULL };

	(void)state;
	prints_parts("{ room = \"lobby\"; then = ( { room = \"annex\"; } ); }", &a, parts);
}

static void an_event_has_been_passed_on_often_enough(void **state)
{
	struct arguments a = { .event = "{\"kind\":\"message\",\"room\":\"lobby\",\"text\":\"x\","
					"\"origin\":{\"dialect\":\"mixer\",\"hops\":4}}" };
	static const char *const parts[] = { "1. deliver to the room annex\n       refused: rules "
					     "passed it on too often\n",
					     NULL, "In the room annex" };

	(void)state;
	prints_parts("{ room = \"lobby\"; then = ( { room = \"annex\"; } ); }", &a, parts);
}

/* A destination beside the one that answers is left out alone; else it ends there. */
static void what_ends_too_far_ends_as_on_the_server(void **state)
{
	struct arguments a = { .event = "{\"kind\":\"message\",\"room\":\"lobby\",\"text\":\"x\","
					"\"origin\":{\"dialect\":\"mixer\",\"hops\":4}}" };
	static const char *const ends[] = { "refused: rules passed it on too often\n", NULL,
					    "2. deliver to the backend dice" };
	static const char *const goes_on[] = {
		"2. deliver to the room annex\n       refused: rules "
		"passed it on too often\n    3. deliver to the "
		"backend dice",
		"DGM1 | EVENT | ", NULL, NULL
	};

	(void)state;
	prints_parts("{ then = ( { room = \"annex\"; }, { backend = \"dice\"; } ); }", &a, ends);
	prints_parts("{ then = ( { room = \"{room}\"; }, { room = \"annex\"; },"
		     " { backend = \"dice\"; } ); }",
		     &a, goes_on);
}

/* Copies right behind a room have its id, and none goes to who says it. */
static void copies_behind_a_room_are_of_what_it_ordered(void **state)
{
	struct arguments a = { .dialect = "backend", .room = "lobby", .from = "Croupier" };
	static const char *const parts[] = {
		"1. deliver to its own room\n",
		"2. copy to the tap feed\n       lobby/message | {\"kind\":\"message\",\"id\":"
		"517393612800000,\"sequence\":1,",
		"3. copy to the backend dice\n       skipped: that backend sent it\n",
		"4. deliver to the backend judge;",
		"\"id\":517393612800000,\"sequence\":1,",
		"5. change the text",
		"6. copy to the tap feed\n       lobby/message | "
		"{\"kind\":\"message\",\"time_ms\":",
		NULL,
		NULL
	};

	(void)state;
	prints_parts("{ then = ( { room = \"{room}\"; }, { tap = \"feed\"; }, { tap = \"dice\"; },"
		     " { backend = \"judge\"; }, { rewrite = \"text\"; to = \"y\"; },"
		     " { tap = \"feed\"; } ); }",
		     &a, parts);
}

static void nobody_comes_to_another_room_by_a_rule(void **state)
{
	struct arguments a = { .dialect = "simple", .room = "lobby", .kind = "enter" };
	static const char *const parts[] = {
		"1. deliver to the room annex\n       skipped: this cannot be done to enter and "
		"exit\n",
		"2. deliver to its own room\n       the room is told already\n", NULL,
		"In the room annex"
	};

	(void)state;
	prints_parts("{ then = ( { room = \"annex\"; }, { room = \"{room}\"; } ); }", &a, parts);
}

/* ---- events that make no sense ---- */

#define EVENT(more) "{\"kind\":\"message\",\"room\":\"lobby\"," more "}"
#define SIMPLE      "\"origin\":{\"dialect\":\"simple\"}"
#define SAID        "dragoman: the event: "

static void odd_events_are_refused(void **state)
{
	(void)state;
	refuses("", SAID "no JSON: bad syntax\n");
	refuses("{\"kind\":", SAID "no JSON: bad syntax\n");
	refuses("\xff", SAID "no JSON: bad UTF-8\n");
	refuses("[1]", SAID "not an object, such as {\"kind\":\"message\",\"text\":\"hi\"}\n");
	refuses("{\"kind\":\"message\"}", SAID "\"room\" is missing\n");
	refuses("{\"room\":\"lobby\"}", SAID "\"kind\" is missing\n");
	refuses("{\"room\":1}", SAID "\"room\" is not a text\n");
	refuses("{\"rom\":1}", SAID "unknown key 'rom', did you mean 'room'?\n");
	refuses("{\"room\":\"loby\"}", SAID "unknown room 'loby', did you mean 'lobby'?\n");
	refuses("{\"room\":\"cellar\"}", SAID "unknown room 'cellar' (known: lobby, annex)\n");
	refuses("{\"room\":\"\\u001b[2J\"}",
		SAID "unknown room '\\x1b[2J' (known: lobby, annex)\n");
	refuses("{\"room\":\"lobby\",\"kind\":\"mesage\"}",
		SAID "unknown kind 'mesage', did you mean 'message'?\n");
	refuses("{\"room\":\"lobby\",\"kind\":\"poll_end\"}",
		SAID "poll_end is never routed: the server itself ends polls\n");
	refuses(EVENT("\"text\":\"x\""),
		SAID "\"origin\" is missing, such as {\"dialect\":\"mixer\"}\n");
	refuses(EVENT("\"origin\":\"simple\""), SAID "\"origin\" is not an object\n");
	refuses(EVENT("\"origin\":{}"), SAID "\"dialect\" is missing\n");
	refuses(EVENT("\"origin\":{\"dialect\":\"simpel\"}"),
		SAID "unknown dialect 'simpel', did you mean 'simple'?\n");
	refuses(EVENT("\"origin\":{\"dialect\":\"irc\"}"),
		SAID "unknown dialect 'irc' (known: mixer, concord, rooms, simple, backend, "
		     "upstream)\n");
	refuses(EVENT("\"origin\":{\"dialect\":\"backend\",\"instance\":\"x\"}"),
		SAID "\"instance\" names no backend\n");
	refuses(EVENT("\"origin\":{\"dialect\":\"simple\",\"hops\":5}"),
		SAID "\"hops\" is not a number from 0 to 4\n");
}

static void events_that_nobody_says_are_refused(void **state)
{
	(void)state;
	refuses(EVENT(SIMPLE), SAID "envelope.text: missing\n");
	refuses(EVENT("\"text\":1," SIMPLE), SAID "envelope.text: not a text\n");
	refuses(EVENT("\"text\":\"\"," SIMPLE), SAID "envelope.text: empty\n");
	refuses(EVENT("\"text\":\"x\",\"flags\":[\"private\"]," SIMPLE),
		SAID "a private event needs a \"subject\", the recipient\n");
	refuses(EVENT("\"text\":\"x\",\"author\":{\"nick\":\"a\"}," SIMPLE),
		SAID "unknown key 'nick' (known: name, number, uuid, roles)\n");
	refuses(EVENT("\"text\":\"x\",\"author\":{\"name\":\"\\u200b\"}," SIMPLE),
		SAID "the author's name is not a valid name\n");
	refuses(EVENT("\"text\":\"x\",\"author\":{\"number\":-1}," SIMPLE),
		SAID "\"number\" is not a number from 0 to 2147483647\n");
	refuses(EVENT("\"text\":\"x\",\"author\":{\"roles\":[\"mood\"]}," SIMPLE),
		SAID "unknown role 'mood', did you mean 'mod'?\n");
	refuses("{\"kind\":\"poll_start\",\"room\":\"lobby\"," SIMPLE "}",
		SAID "no client of simple can send poll_start\n");
	refuses("{\"kind\":\"enter\",\"room\":\"lobby\",\"origin\":{\"dialect\":\"backend\"}}",
		SAID "backends do not enter and exit\n");
	refuses("{\"kind\":\"timeout\",\"room\":\"lobby\",\"origin\":{\"dialect\":\"mixer\"}}",
		SAID "\"subject\" is missing\n");
	refuses("{\"kind\":\"delete\",\"room\":\"lobby\",\"origin\":{\"dialect\":\"mixer\"}}",
		SAID "envelope.target: missing\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_rules_there_is_the_last),
		cmocka_unit_test(rules_are_readable),
		cmocka_unit_test(a_message_goes_to_its_room),
		cmocka_unit_test(earlier_rules_say_why_not),
		cmocka_unit_test(taps_and_backends_get_messages),
		cmocka_unit_test(rewrites_follow_each_other_into_the_next_room),
		cmocka_unit_test(what_rules_leave_as_it_is_is_told),
		cmocka_unit_test(a_backend_does_not_hear_itself),
		cmocka_unit_test(nobody_stops_who_comes),
		cmocka_unit_test(each_dialect_has_its_own_words),
		cmocka_unit_test(every_kind_can_be_tried),
		cmocka_unit_test(passed_on_deeds_want_a_member),
		cmocka_unit_test(an_event_has_been_passed_on_often_enough),
		cmocka_unit_test(what_ends_too_far_ends_as_on_the_server),
		cmocka_unit_test(copies_behind_a_room_are_of_what_it_ordered),
		cmocka_unit_test(nobody_comes_to_another_room_by_a_rule),
		cmocka_unit_test(odd_events_are_refused),
		cmocka_unit_test(events_that_nobody_says_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
