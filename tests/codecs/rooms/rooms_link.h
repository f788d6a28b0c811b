/* rooms_link.h - a login at a server of the rooms dialect, and what such a server says: what the
 * tests of the calling side share. Included by these alone. */
#ifndef TESTS_CODECS_ROOMS_ROOMS_LINK_H
#define TESTS_CODECS_ROOMS_ROOMS_LINK_H

#include <stdio.h>

#include "codecs/registry.h"
#include "tests/support/link_probe.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ROOM         "93b4b17c-2f9c-4a3c-8ea9-5123b9c34c4b"
#define ELSEWHERE    "00000000-2f9c-4a3c-8ea9-5123b9c34c4b"
#define SELF         "6a400000-0000-4000-8000-000000000001"
#define BOB          "b0b00000-0000-4000-8000-000000000002"
#define EVE          "e5e00000-0000-4000-8000-000000000003"
#define KEY          "WCVl_0123456789abcdefghijklmnopq"

/* Of the user SELF, with a password. */
static const char *const bodies[] = { "{\"key\":\"" KEY "\"}\n",
				      "{\"user_id\":\"" SELF "\",\"username\":\"bot\"}",
				      "{\"name\":\"lobby\",\"open\":true,\"owner\":\"" EVE
				      "\",\"room_id\":\"" ROOM "\",\"user_count\":2}",
				      NULL };

static const struct call_account account = { .url = { "http://chat.example:8080", 24 },
					     .user = { SELF, 36 },
					     .secret = { "s\"x", 3 },
					     .room = { ROOM, 36 } };

static inline struct link_probe *open_account(const struct call_account *of)
{
	static struct link_probe probe;

	link_probe_open(&probe, &codec_rooms, of);
	return &probe;
}

#define ASK_PEOPLE "ask 7 GET /room/" ROOM "/users?key=" KEY "&limit=10000"
#define ENTER      "{\"type\":\"enter\",\"key\":\"" KEY "\",\"room_id\":\"" ROOM "\"}"

/* Up, and bob is known. */
static inline int open_link(void **state)
{
	struct link_probe *p = open_account(&account);

	link_probe_log_in(p, bodies);
	link_probe_answered(p, NULL, 7, 200,
			    "{\"index\":0,\"user_count\":2,\"users\":[\"" SELF "\",\"" BOB "\"]}");
	link_probe_answered(p, NULL, 9, 200, "{\"user_id\":\"" BOB "\",\"username\":\"bob\"}");
	(void)link_probe_told(p);
	*state = p;
	return 0;
}

static inline int close_link(void **state)
{
	link_probe_close(*state);
	return 0;
}

static inline void assert_heard(struct link_probe *p, const char *frame, const char *told)
{
	assert_int_equal(link_probe_hear_text(p, frame), REASON_NONE);
	assert_string_equal(link_probe_told(p), told);
}

/* ---- what it says ---- */

#define MESSAGE(id, user, more)                                                                    \
	"{\"type\":\"message\",\"time\":1571999169,\"content\":\"hi\",\"user_id\":\"" user         \
	"\",\"message_id\":" id ",\"room_id\":\"" ROOM "\"" more "}"
#define PERSON(type, user, room)                                                                   \
	"{\"type\":\"" type "\",\"user_id\":\"" user "\",\"room_id\":\"" room "\"}"
#define ERROR(code, text) "{\"type\":\"error\",\"error\":\"" code "\",\"message\":\"" text "\"}"

/* ---- what is said to it ---- */

static inline struct call_said said_of(uint64_t serial, const struct envelope *event,
				       const char *text)
{
	return (struct call_said){ .serial = serial, .event = event, .text = slice_of(text) };
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_link, close_link)

#endif
