#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/calls_read.h"
#include "codecs/registry.h"
#include "codecs/text/json_read.h"
#include "codecs/text/memory.h"
#include "tests/support/dialects.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void assert_written(struct json_writer *w, const char *text)
{
	assert_true(slice_is(slice_span(w->data, w->len), text));
	json_clear(w);
}

/* ---- requests ---- */

static void what_is_reserved_is_escaped(void **state)
{
	struct json_writer w = { .len = 0 };

	(void)state;
	call_put_escaped(&w, SLICE("aZ09-._~"));
	assert_written(&w, "aZ09-._~");
	call_put_escaped(&w, SLICE("a b/c?d=e&f#g%h:\xc3\xa9+\"\n"));
	assert_written(&w, "a%20b%2Fc%3Fd%3De%26f%23g%25h%3A%C3%A9%2B%22%0A");
}

static void credentials_become_headers(void **state)
{
	struct call_request request = { .tag = 1 };

	(void)state;
	call_put_bearer(&request, SLICE("tok.en"));
	assert_written(&request.authorization, "Bearer tok.en");
	call_put_basic(&request.authorization, SLICE("ann"), SLICE("x"));
	assert_written(&request.authorization, "Basic YW5uOng=");
	call_put_basic(&request.authorization, SLICE("ann"), (struct slice){ NULL, 0 });
	assert_written(&request.authorization, "Basic YW5uOg==");
	call_put_basic(&request.authorization, SLICE("an"), (struct slice){ NULL, 0 });
	assert_written(&request.authorization, "Basic YW46");
}

static void answers_without_words_get_some(void **state)
{
	char scratch[64];
	struct call_peer peer = { .scratch = scratch };

	(void)state;
	assert_true(slice_is(call_words(&peer, REASON_NO_ANSWER, 502, (struct slice){ NULL, 0 }),
			     "It answered with the status 502"));
	assert_true(slice_is(call_words(&peer, REASON_REFUSED, 302, SLICE("")),
			     "It answered with the status 302"));
	assert_true(slice_is(call_words(&peer, REASON_REFUSED, 200, SLICE("")),
			     "Its answer cannot be read"));
	assert_true(slice_is(call_words(&peer, REASON_REFUSED, 418, SLICE("tea")), "tea"));
	assert_null(call_words(&peer, REASON_BAD_LOGIN, 400, SLICE("")).data);
	assert_null(call_words(&peer, REASON_NO_ANSWER, 0, SLICE("")).data);

	assert_true(slice_is(call_why(REASON_NO_ANSWER, SLICE("why")), "why"));
	assert_true(slice_is(call_why(REASON_NO_ANSWER, SLICE("")), "That server does not answer"));
	assert_true(slice_is(call_why(REASON_BUSY, SLICE("")), "Too much waits for that server"));
	assert_true(slice_is(call_why(REASON_MUTED, SLICE("")), reason_text(REASON_MUTED)));
}

static void statuses_have_reasons(void **state)
{
	static const struct {
		unsigned status;
		enum reason reason;
	} rows[] = {
		{ 200, REASON_NONE },         { 204, REASON_NONE },
		{ 0, REASON_NO_ANSWER },      { 500, REASON_NO_ANSWER },
		{ 503, REASON_NO_ANSWER },    { 401, REASON_BAD_LOGIN },
		{ 403, REASON_BAD_LOGIN },    { 404, REASON_UNKNOWN_ROOM },
		{ 429, REASON_RATE_LIMITED }, { 400, REASON_REFUSED },
		{ 302, REASON_REFUSED },      { 409, REASON_REFUSED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(call_status_reason(rows[i].status), rows[i].reason);
}

static void a_socket_is_at_the_host_of_the_url(void **state)
{
	static const struct {
		const char *url, *socket;
	} rows[] = {
		{ "http://chat.example:8080", "ws://chat.example:8080/client" },
		{ "https://chat.example/api/v1", "wss://chat.example/client" },
		{ "https://[::1]:9/api", "wss://[::1]:9/client" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct call_account account = { .url = slice_of(rows[i].url) };
		struct json_writer w = { .len = 0 };

		call_put_socket_url(&w, &account, SLICE("/client"));
		assert_written(&w, rows[i].socket);
	}
}

/* ---- what came ---- */

/* The first member of an object, and a block of just as many bytes as that has. */
static struct json_value value_of(struct json_object *object, const char *text, char **block)
{
	assert_int_equal(json_read(slice_of(text), JSON_DEPTH_DEFAULT, object), JSON_OK);
	*block = memory_new(strlen(text));
	return object->members[0].value;
}

static void ids_are_texts(void **state)
{
	static const struct {
		const char *json, *id;
	} rows[] = {
		{ "{\"a\":\"x17\"}", "x17" },
		{ "{\"a\":\"\\u0041\"}", "A" },
		{ "{\"a\":235009133105909761}", "235009133105909761" },
		{ "{\"a\":12345678901234567890123}", "12345678901234567890123" },
		{ "{\"a\":true}", "true" },
		{ "{\"a\":[1,\n2]}", "[1, 2]" },
		{ "{\"a\":null}", NULL },
		{ "{\"a\":\"\"}", NULL },
		{ "{\"a\":\"0123456789012345678901234567890123456789012345678901234567890123\"}",
		  "0123456789012345678901234567890123456789012345678901234567890123" },
	};
	struct json_object object;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *block, *scratch;
		struct json_value value = value_of(&object, rows[i].json, &block);
		struct slice id;

		scratch = block;
		assert_true(call_id(value, &scratch, &id));
		assert_int_equal(!id.data, !rows[i].id);
		assert_true(slice_is(id, rows[i].id));
		free(block);
	}
}

static void long_ids_are_none(void **state)
{
	static const char *const texts[] = {
		"{\"a\":\"01234567890123456789012345678901234567890123456789012345678901234\"}",
		"{\"a\":12345678901234567890123456789012345678901234567890123456789012345}",
		"{\"a\":\"a\\u0000b\"}",
		"{\"a\":[1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,1,2,3]}",
	};
	struct json_object object;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		char *block, *scratch;
		struct json_value value = value_of(&object, texts[i], &block);
		struct slice id;

		scratch = block;
		assert_false(call_id(value, &scratch, &id));
		assert_null(id.data);
		assert_ptr_equal(scratch, block);
		free(block);
	}
}

static void texts_may_be_of_any_type(void **state)
{
	static const struct {
		const char *json, *text;
		bool replaced;
	} rows[] = {
		{ "{\"a\":\"hi\"}", "hi", false },
		{ "{\"a\":\"\\ud83d\\ude02\"}", "\xf0\x9f\x98\x82", false },
		{ "{\"a\":\"\\ud83d\"}", "\xef\xbf\xbd", true },
		{ "{\"a\":17}", "17", false },
		{ "{\"a\":false}", "false", false },
		{ "{\"a\":\"\"}", "", false },
		{ "{\"a\":null}", NULL, false },
	};
	struct json_object object;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *block, *scratch;
		struct json_value value = value_of(&object, rows[i].json, &block);
		bool replaced = false;
		struct slice text;

		scratch = block;
		text = call_text(value, &scratch, &replaced);
		assert_int_equal(!text.data, !rows[i].text);
		assert_true(slice_is(text, rows[i].text));
		assert_int_equal(replaced, rows[i].replaced);
		free(block);
	}
}

static void what_is_not_modelled_is_kept(void **state)
{
	static const char *const modelled[] = { "id", "type", NULL };
	static const struct {
		const char *json, *extra;
	} rows[] = {
		{ "{\"id\":1,\"level\":3,\"type\":\"x\",\"avatar\":{ \"u\" : [1,\n2] } }",
		  "\"level\":3,\"avatar\":{ \"u\" : [1, 2] }" },
		{ " \n{\"a\":\"\\n{}\",\"b\":null}\t ", "\"a\":\"\\n{}\",\"b\":null" },
		{ "{\"id\":1,\"type\":2}", NULL },
		{ "{}", NULL },
		/* It might be one that is. */
		{ "{\"typ\\u0065\":1,\"\\u0061\":2}", NULL },
	};
	struct json_value value;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *block = memory_new(strlen(rows[i].json)), *scratch = block;
		struct slice extra;

		assert_int_equal(json_read_value(slice_of(rows[i].json), 8, &value), JSON_OK);
		value = call_whole(slice_of(rows[i].json));
		assert_int_equal(value.type, JSON_OBJECT);
		extra = call_extra(value, modelled, &scratch);
		assert_int_equal(!extra.data, !rows[i].extra);
		assert_true(slice_is(extra, rows[i].extra));
		assert_ptr_equal(scratch, block + extra.len);
		free(block);
	}
}

/* {"a":"xxx...","b":1}, of so many bytes. */
static char *long_object(size_t len)
{
	char *text = memory_new(len);

	memset(text, 'x', len);
	memcpy(text, "{\"a\":\"", 6);
	memcpy(text + len - 8, "\",\"b\":1}", 8);
	return text;
}

static void too_much_is_not_kept(void **state)
{
	static const char *const modelled[] = { NULL };
	/* Two braces are not of it. */
	static const size_t sizes[] = { CALL_EXTRA_MAX + 2, CALL_EXTRA_MAX + 3 };
	static const size_t wholes[] = { CALL_EXTRA_MAX, CALL_EXTRA_MAX + 1 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		char *text = long_object(sizes[i]), *block = memory_new(sizes[i]), *scratch = block;
		struct slice extra =
		    call_extra(call_whole(slice_span(text, sizes[i])), modelled, &scratch);

		assert_int_equal(extra.len, i ? 0 : CALL_EXTRA_MAX);
		free(text);
		text = long_object(wholes[i]);
		scratch = block;
		extra = call_opaque(slice_span(text, wholes[i]), &scratch);
		assert_int_equal(extra.len, i ? 0 : CALL_EXTRA_MAX);
		free(text);
		free(block);
	}
}

static void an_opaque_frame_is_one_line(void **state)
{
	static const char text[] = "{\n\t\"a\" :\r\n \"\\n\"}";
	char block[sizeof(text)], *scratch = block;

	(void)state;
	assert_true(slice_is(call_opaque(slice_of(text), &scratch), "{  \"a\" :   \"\\n\"}"));
	assert_ptr_equal(scratch, block + sizeof(text) - 1);
}

static void numbers_and_truth_are_read_laxly(void **state)
{
	static const struct {
		const char *json;
		uint64_t number;
		bool truth;
	} rows[] = {
		{ "{\"a\":17}", 17, true },     { "{\"a\":\"17\"}", 17, true },
		{ "{\"a\":1.9}", 1, true },     { "{\"a\":-1}", 99, true },
		{ "{\"a\":1001}", 99, true },   { "{\"a\":null}", 99, false },
		{ "{\"a\":\"\"}", 99, false },  { "{\"a\":true}", 99, true },
		{ "{\"a\":false}", 99, false }, { "{\"a\":0}", 0, false },
		{ "{\"a\":[]}", 99, true },     { "{\"a\":{}}", 99, true },
	};
	struct json_object object;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *block;
		struct json_value value = value_of(&object, rows[i].json, &block);

		assert_int_equal(call_unsigned(value, 1000, 99), rows[i].number);
		assert_int_equal(call_is_true(value), rows[i].truth);
		free(block);
	}
	assert_false(call_is_true((struct json_value){ .type = JSON_ABSENT }));
}

static void codes_are_reasons(void **state)
{
	(void)state;
	for (enum reason reason = REASON_NONE + 1; reason < REASONS; reason++)
		assert_int_equal(call_reason(slice_of(reason_code(reason))), reason);
	assert_int_equal(call_reason(SLICE("")), REASON_NONE);
	assert_int_equal(call_reason(SLICE("no such code")), REASON_NONE);
}

/* ---- what every calling side keeps to ---- */

static void calling_sides_are_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < DIALECTS; i++) {
		const struct codec_calls *calls = registry_codec(i)->calls;

		if (!calls)
			continue;
		assert_non_null(calls->plan);
		assert_non_null(calls->decode);
		assert_non_null(calls->say);
		assert_non_null(calls->answered);
		assert_int_equal(calls->has_history, calls->history != NULL);
		assert_int_equal(calls->can[KIND_MESSAGE].out, RULE_NATIVE);
		assert_true(calls->can[KIND_MESSAGE].in);
		for (size_t kind = 0; kind < ENVELOPE_KINDS; kind++) {
			assert_int_not_equal(calls->can[kind].out, RULE_NOTICE);
			if (calls->can[kind].out == RULE_DROP)
				assert_true(strlen(calls->can[kind].why) > 0);
			else
				assert_null(calls->can[kind].why);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_reserved_is_escaped),
		cmocka_unit_test(credentials_become_headers),
		cmocka_unit_test(answers_without_words_get_some),
		cmocka_unit_test(statuses_have_reasons),
		cmocka_unit_test(a_socket_is_at_the_host_of_the_url),
		cmocka_unit_test(ids_are_texts),
		cmocka_unit_test(long_ids_are_none),
		cmocka_unit_test(texts_may_be_of_any_type),
		cmocka_unit_test(what_is_not_modelled_is_kept),
		cmocka_unit_test(too_much_is_not_kept),
		cmocka_unit_test(an_opaque_frame_is_one_line),
		cmocka_unit_test(numbers_and_truth_are_read_laxly),
		cmocka_unit_test(codes_are_reasons),
		cmocka_unit_test(calling_sides_are_whole),
	};

	return cmocka_run_group_tests_name("codecs/calls", tests, NULL, NULL);
}
