#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/core/capture/redact.h"
#include "codecs/registry.h"
#include "tests/support/dialects.h"

static const struct id_key ids = { { 7 } };

static struct redactor redactor_of(unsigned char key, bool bodies)
{
	return (struct redactor){ .key = { { key } }, .ids = &ids, .bodies = bodies };
}

/* Of whose frames it is. */
static const struct codec_words *spoken;

static void speaks(size_t dialect)
{
	spoken = dialect < DIALECTS ? registry_codec(dialect)->words : NULL;
}

/* Valid until the next call. */
static const char *redacted(const struct redactor *redactor, const char *frame, bool before_login)
{
	static char text[4096];
	struct json_writer w;

	json_start(&w, 0, 64);
	redact_frame(redactor, spoken, slice_of(frame), before_login, &w);
	snprintf(text, sizeof(text), "%.*s", (int)w.len, w.data);
	json_clear(&w);
	return text;
}

/* Letters as 'a' or 'A', digits as '0'. */
static void shape(const char *text, char *out)
{
	for (; *text; text++)
		*out++ = *text >= 'a' && *text <= 'z'   ? 'a'
			 : *text >= 'A' && *text <= 'Z' ? 'A'
			 : *text >= '0' && *text <= '9' ? '0'
							: *text;
	*out = '\0';
}

static void keeps(size_t dialect, const char *frame)
{
	struct redactor redactor = redactor_of(1, false);

	speaks(dialect);
	assert_string_equal(redacted(&redactor, frame, false), frame);
}

static void words_of_protocols_stay(void **state)
{
	unsigned char uuid[16];
	char text[UUID_TEXT_LEN], frame[256];

	(void)state;
	keeps(DIALECT_MIXER,
	      "{\"type\":\"event\",\"event\":\"UserLeave\",\"data\":{\"originatingChannel\":1,"
	      "\"roles\":[\"User\",\"Mod\"],\"id\":1073741826}}");
	keeps(DIALECT_CONCORD,
	      "{\"userId\":1073741826,\"status\":\"OFFLINE\",\"type\":\"user_status_updated\"}");
	keeps(DIALECT_SIMPLE,
	      "{\"type\":\"reply\",\"payload_id\":\"17\",\"error\":\"malformed_payload\"}");
	keeps(DIALECT_MIXER,
	      "{\"type\":\"method\",\"method\":\"vote:choose\",\"arguments\":[1],\"id\":5}");
	keeps(DIALECT_ROOMS,
	      "{\"type\":\"read\",\"message_id\":\"753712820152832\","
	      "\"room_id\":\"10bb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a01\",\"permanent\":false}");
	identity_uuid(&ids, ID_MESSAGE, 12345, 0, uuid);
	uuid_print(uuid, text);
	snprintf(frame, sizeof(frame),
		 "{\"type\":\"method\",\"method\":\"deleteMessage\",\"arguments\":[\"%.*s\"]}",
		 UUID_TEXT_LEN, text);
	keeps(DIALECT_MIXER, frame);
}

/* Whatever is typed, wherever it stands: not a word of it is left, and it has the same shape. */
#define FRAMES 10

static void nothing_typed_stays(void **state)
{
	static const char *const frames[FRAMES] = {
		"{\"type\":\"send_message\",\"payload_id\":\"Hello World\",\"message\":\"Hello "
		"42\"}",
		"{\"type\":\"method\",\"method\":\"msg\",\"arguments\":[\"Hello\"],\"id\":1}",
		"{\"type\":\"Hello\",\"method\":\"Hello\",\"event\":\"Hello\"}",
		"{\"Hello\":1,\"chat\":{\"Hello\":{\"Hello\":[\"Hello\",[\"Hello\"]]}}}",
		"{\"responses\":{\"Hello\":3,\"type\":1},\"reactions\":{\"Hello\":1}}",
		"{\"status\":\"Hello\",\"roles\":[\"Hello\"],\"error\":\"Hello\",\"user_id\":"
		"\"Hello\"}",
		"{\"type\":\"message\",\"content\":\"https://Hello.example/Hello?Hello=1\"}",
		"{\"message\":\"10bb1e5a-4c1f-4d5e-9b0a-7c2f3d9e6a01\",\"text\":\"/me Hello\"}",
		"Hello, this is no JSON",
		"{\"type\":\"message\",\"content\":\"\\u0048ello\"}",
	};
	struct redactor redactor = redactor_of(1, false);
	char before[512], after[512];

	(void)state;
	for (size_t n = 0; n < (DIALECTS + 1) * FRAMES; n++) {
		size_t i = n % FRAMES;
		const char *made;

		/* Of one that is not known, too. */
		speaks(n / FRAMES);
		made = redacted(&redactor, frames[i], false);
		assert_null(strstr(made, "ello"));
		assert_null(strstr(made, "10bb1e5a"));
		if (i >= 8)
			continue;
		shape(frames[i], before);
		shape(made, after);
		assert_string_equal(after, before);
	}
}

static void numbers_of_bodies_go(void **state)
{
	struct redactor redactor = redactor_of(1, false);

	(void)state;
	speaks(DIALECT_MIXER);
	assert_string_equal(
	    redacted(&redactor, "{\"message\":5551234,\"method\":\"msg\",\"arguments\":[5551234]}",
		     false),
	    "{\"message\":0,\"method\":\"msg\",\"arguments\":[0]}");
}

static void secrets_never_stay(void **state)
{
	struct redactor redactor = redactor_of(1, true);

	(void)state;
	speaks(DIALECT_ROOMS);
	assert_string_equal(
	    redacted(&redactor,
		     "{\"type\":\"message\",\"key\":\"cy:pw\",\"access_token\":\"x\","
		     "\"authKey\":7,\"content\":\"hi\"}",
		     false),
	    "{\"type\":\"message\",\"key\":\"[secret]\",\"access_token\":"
	    "\"[secret]\",\"authKey\":0,\"content\":\"hi\"}");
	speaks(DIALECT_MIXER);
	assert_string_equal(redacted(&redactor,
				     "{\"type\":\"method\",\"method\":\"auth\",\"arguments\":[1,7,"
				     "\"pw\"],\"id\":1}",
				     false),
			    "{\"type\":\"method\",\"method\":\"auth\",\"arguments\":[0,0,"
			    "\"[secret]\"],\"id\":1}");
	/* Who is not known yet may say a secret in any way. */
	assert_null(
	    strstr(redacted(&redactor, "{\"type\":\"x\",\"content\":\"sesame\",\"n\":1}", true),
		   "sesame"));
	assert_null(strstr(redacted(&redactor, "sesame", true), "sesame"));
}

static void with_bodies_all_else_stays(void **state)
{
	static const char frame[] =
	    "{\"type\":\"chat_sent\",\"chat\":{\"id\":1,\"content\":\"hi \\\"you\\\"\","
	    "\"reactions\":{\"\xf0\x9f\x98\x82\":2},\"other\":[1.50,null]}}";
	struct redactor redactor = redactor_of(1, true);

	(void)state;
	speaks(DIALECT_CONCORD);
	assert_string_equal(redacted(&redactor, frame, false), frame);
}

/* The same text is the same within a capture, whatever its case; in another one it is another. */
static void the_same_is_the_same(void **state)
{
	struct redactor redactor = redactor_of(1, false), other = redactor_of(2, false);
	static const char frame[] = "{\"username\":\"wilhelmina\",\"text\":\"wilhelmina\"}";
	char one[128], name[16];

	(void)state;
	speaks(DIALECT_MIXER);
	snprintf(one, sizeof(one), "%s", redacted(&redactor, frame, false));
	snprintf(name, sizeof(name), "%.10s", one + strlen("{\"username\":\""));
	assert_non_null(strstr(strstr(one, "text"), name));
	assert_string_equal(redacted(&redactor, frame, false), one);
	assert_string_not_equal(redacted(&other, frame, false), one);
}

/* What is not ASCII has as many bytes, and is UTF-8. */
static void characters_keep_their_length(void **state)
{
	static const char text[] = "\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x82\xff";
	struct redactor redactor = redactor_of(1, false);
	const char *made = redacted(&redactor, text, false);

	(void)state;
	assert_int_equal(strlen(made), strlen(text) + 2);
	assert_true((unsigned char)made[1] == 0xc3 && (unsigned char)made[2] != 0xbc);
	assert_true((unsigned char)made[3] == 0xe2 && (unsigned char)made[6] == 0xf0);
	assert_int_equal(made[10], '?');
}

/* What is a word in one dialect is what somebody made up in another. */
static void words_are_those_of_the_dialect(void **state)
{
	static const char frame[] = "{\"type\":\"ChatMessage\",\"originatingChannel\":1}";
	struct redactor redactor = redactor_of(1, false);

	(void)state;
	keeps(DIALECT_MIXER, frame);
	speaks(DIALECT_SIMPLE);
	assert_null(strstr(redacted(&redactor, frame, false), "Chat"));
	assert_null(strstr(redacted(&redactor, frame, false), "originating"));
	speaks(DIALECTS);
	assert_null(strstr(redacted(&redactor, frame, false), "type"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_of_protocols_stay),
		cmocka_unit_test(nothing_typed_stays),
		cmocka_unit_test(numbers_of_bodies_go),
		cmocka_unit_test(secrets_never_stay),
		cmocka_unit_test(with_bodies_all_else_stays),
		cmocka_unit_test(the_same_is_the_same),
		cmocka_unit_test(characters_keep_their_length),
		cmocka_unit_test(words_are_those_of_the_dialect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
