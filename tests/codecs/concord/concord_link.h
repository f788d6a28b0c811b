/* concord_link.h - a login at a server of concord, and what such a server says: what the tests of
 * the calling side share. Included by these alone.
 *
 * The frames are those of ConcordServer, type last, and as they may come besides. */
#ifndef TESTS_CODECS_CONCORD_CONCORD_LINK_H
#define TESTS_CODECS_CONCORD_CONCORD_LINK_H

#include <stdio.h>

#include "codecs/registry.h"
#include "tests/support/link_probe.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define CHANNEL      "235009133105909761" /* above 2^53 */
#define SELF         "8501928463962112"
#define NOW          "1795289388027"

static const char *const bodies[] = {
	"{\"token\":\"tok.en-1_2\"}",
	"{\"id\":" SELF ",\"username\":\"bot\",\"profile\":{\"createdAt\":1,\"nickname\":\"Bot\","
	"\"bio\":null,\"avatarId\":null},\"status\":{\"onlineStatus\":\"OFFLINE\"}}",
	"[{\"id\":" SELF ",\"username\":\"bot\",\"status\":{\"onlineStatus\":\"OFFLINE\"}},"
	"{\"id\":5,\"username\":\"bob\",\"status\":{\"onlineStatus\":\"AWAY\"}},"
	"{\"id\":\"6\",\"username\":\"cid \\u00e9\"},null,{\"username\":\"nobody\"},{\"id\":-1}]",
	"[{\"id\":1,\"name\":\"voice\",\"capabilities\":[\"audio\"],\"children\":[]},"
	"{\"id\":2,\"name\":\"folder\",\"capabilities\":[\"text\"],\"children\":["
	"{\"id\":3,\"name\":\"General\",\"children\":[]},"
	"{\"id\":" CHANNEL
	",\"name\":\"general\",\"capabilities\":[\"text\"],\"children\":null}]}]",
	NULL
};

static const struct call_account account = { .url = { "http://chat.example:8080", 24 },
					     .user = { "bot", 3 },
					     .secret = { "s\"x", 3 },
					     .room = { "general", 7 } };

static inline struct link_probe *open_account(const struct call_account *of)
{
	static struct link_probe probe;

	link_probe_open(&probe, &codec_concord, of);
	return &probe;
}

static inline int open_link(void **state)
{
	struct link_probe *p = open_account(&account);

	link_probe_log_in(p, bodies);
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

#define CHAT(id, author, more)                                                                     \
	"{\"chat\":{\"id\":" id ",\"createdAt\":123456789,\"authorId\":" author                    \
	",\"channelId\":" CHANNEL ",\"threadId\":null,\"content\":\"hi\",\"edited\":false,"        \
	"\"reactions\":{}" more "},\"type\":\"chat_sent\"}"

#define ABOUT(type, fields)                                                                        \
	"{\"chatId\":8501928463962113,\"channelId\":" CHANNEL ",\"threadId\":null" fields          \
	",\"type\":\"" type "\"}"

#define STATUS(user, status)                                                                       \
	"{\"userId\":" user ",\"status\":\"" status "\",\"type\":\"user_status_updated\"}"

#define PAST(id, author)                                                                           \
	"{\"id\":" id ",\"createdAt\":5,\"authorId\":" author ",\"channelId\":" CHANNEL            \
	",\"threadId\":null,\"content\":\"hi\",\"edited\":true,\"reactions\":{\"x\":1}}"

/* A body of an error. */
#define SPRING(status, error, message)                                                             \
	"{\"timestamp\":\"2026-01-01T00:00:00.000+00:00\",\"path\":\"/api/x\",\"status\":" status  \
	",\"error\":\"" error "\",\"message\":\"" message "\",\"requestId\":\"1\"}"

/* ---- what is said to it ---- */

#define BEARER " [Bearer tok.en-1_2]"

static inline struct call_said said_of(const struct envelope *event, const char *text,
				       const char *target)
{
	return (struct call_said){
		.serial = 7, .event = event, .text = slice_of(text), .target = slice_of(target)
	};
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_link, close_link)

#endif
