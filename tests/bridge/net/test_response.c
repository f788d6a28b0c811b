#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/net/response.h"
#include "codecs/registry.h"
#include "tests/support/dialects.h"

static void assert_written(const struct codec_response *response, const char *want)
{
	char bytes[RESPONSE_MAX];
	struct slice written = response_write(bytes, response, (struct slice){ 0 });

	assert_ptr_equal(written.data, bytes);
	assert_int_equal(written.len, strlen(bytes));
	assert_string_equal(bytes, want);
}

static void a_sentence_is_plain_text(void **state)
{
	struct codec_response response = response_text(404, SLICE("nothing here\n"));

	(void)state;
	assert_written(&response, "HTTP/1.1 404 Not Found\r\n"
				  "Content-Type: text/plain; charset=utf-8\r\n"
				  "Content-Length: 13\r\nConnection: close\r\n\r\nnothing here\n");
}

static void a_line_of_its_own_comes_last(void **state)
{
	struct codec_response response = response_text(426, SLICE("no\n"));

	(void)state;
	response.header = SLICE("Sec-WebSocket-Version: 13");
	assert_written(&response, "HTTP/1.1 426 Upgrade Required\r\n"
				  "Content-Type: text/plain; charset=utf-8\r\n"
				  "Content-Length: 3\r\nUpgrade: websocket\r\n"
				  "Connection: Upgrade\r\nConnection: close\r\n"
				  "Sec-WebSocket-Version: 13\r\n\r\nno\n");
}

static void what_is_absent_is_left_out(void **state)
{
	const struct codec_response empty = { .status = 503, .body = SLICE("") };
	const struct codec_response bare = { .status = 505 };

	(void)state;
	assert_written(&empty, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n"
			       "Connection: close\r\n\r\n");
	assert_written(&bare, "HTTP/1.1 505 HTTP Version Not Supported\r\nContent-Length: 0\r\n"
			      "Connection: close\r\n\r\n");
}

static void the_date_is_told(void **state)
{
	const struct codec_response empty = { .status = 503 };
	char bytes[RESPONSE_MAX];

	(void)state;
	assert_string_equal(
	    response_write(bytes, &empty, SLICE("Sun, 06 Nov 1994 08:49:37 GMT")).data,
	    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n"
	    "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n");
}

static void what_is_too_long_is_cut(void **state)
{
	static char text[RESPONSE_MAX];
	char bytes[RESPONSE_MAX + 1];
	struct codec_response response = response_text(400, slice_span(text, sizeof(text)));

	(void)state;
	memset(text, 'x', sizeof(text));
	bytes[RESPONSE_MAX] = '!';
	assert_int_equal(response_write(bytes, &response, (struct slice){ 0 }).len,
			 RESPONSE_MAX - 1);
	assert_int_equal(bytes[RESPONSE_MAX - 1], '\0');
	assert_int_equal(bytes[RESPONSE_MAX], '!');
}

/* ---- what the dialects refuse with: each byte as real clients have seen it ---- */

#define JSON_HEAD "Content-Type: application/json; charset=utf-8\r\n"
#define TEXT_HEAD "Content-Type: text/plain; charset=utf-8\r\n"
#define CLOSE     "Connection: close\r\n\r\n"

static void refusals_keep_their_bytes(void **state)
{
	static const struct {
		const struct codec *codec;
		enum reason reason;
		const char *bytes;
	} rows[] = {
		{ &codec_mixer, REASON_BAD_LOGIN,
		  "HTTP/1.1 401 Unauthorized\r\n" JSON_HEAD "Content-Length: 73\r\n" CLOSE
		  "{\"statusCode\":401,\"error\":\"Unauthorized\",\"message\":\"Invalid "
		  "credentials\"}" },
		{ &codec_mixer, REASON_NAME_TAKEN,
		  "HTTP/1.1 403 Forbidden\r\n" JSON_HEAD "Content-Length: 60\r\n" CLOSE
		  "{\"statusCode\":403,\"error\":\"Forbidden\",\"message\":\"No access\"}" },
		{ &codec_mixer, REASON_UNKNOWN_ROOM,
		  "HTTP/1.1 404 Not Found\r\n" JSON_HEAD "Content-Length: 66\r\n" CLOSE
		  "{\"statusCode\":404,\"error\":\"Not Found\",\"message\":\"No such channel\"}" },
		{ &codec_mixer, REASON_TOO_MANY,
		  "HTTP/1.1 429 Too Many Requests\r\n" JSON_HEAD "Content-Length: 74\r\n" CLOSE
		  "{\"statusCode\":429,\"error\":\"Too Many Requests\","
		  "\"message\":\"Try again later\"}" },
		{ &codec_mixer, REASON_CLOSING,
		  "HTTP/1.1 503 Service Unavailable\r\n" JSON_HEAD "Content-Length: 76\r\n" CLOSE
		  "{\"statusCode\":503,\"error\":\"Service Unavailable\","
		  "\"message\":\"Try again later\"}" },
		{ &codec_mixer, REASON_TOO_LONG,
		  "HTTP/1.1 400 Bad Request\r\n" JSON_HEAD "Content-Length: 75\r\n" CLOSE
		  "{\"statusCode\":400,\"error\":\"Bad Request\","
		  "\"message\":\"The name is not usable\"}" },
		{ &codec_concord, REASON_BAD_LOGIN,
		  "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n"
		  "Connection: close\r\nWWW-Authenticate: Bearer\r\n\r\n" },
		{ &codec_concord, REASON_MALFORMED,
		  "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n" CLOSE },
		{ &codec_concord, REASON_BANNED,
		  "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n" CLOSE },
		{ &codec_concord, REASON_CLOSING,
		  "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n" CLOSE },
		{ &codec_rooms, REASON_NOT_LOGGED_IN,
		  "HTTP/1.1 401 Unauthorized\r\n" TEXT_HEAD "Content-Length: 19\r\n" CLOSE
		  "{\"error\":\"no_key\"}\n" },
		{ &codec_rooms, REASON_BAD_LOGIN,
		  "HTTP/1.1 401 Unauthorized\r\n" TEXT_HEAD "Content-Length: 20\r\n" CLOSE
		  "{\"error\":\"bad_key\"}\n" },
		{ &codec_rooms, REASON_UNKNOWN_ROOM,
		  "HTTP/1.1 404 Not Found\r\n" TEXT_HEAD "Content-Length: 25\r\n" CLOSE
		  "{\"error\":\"no_such_room\"}\n" },
		{ &codec_rooms, REASON_CLOSING,
		  "HTTP/1.1 503 Service Unavailable\r\n" TEXT_HEAD "Content-Length: 20\r\n" CLOSE
		  "{\"error\":\"closing\"}\n" },
		{ &codec_simple, REASON_BAD_LOGIN,
		  "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n" CLOSE },
		{ &codec_simple, REASON_NAME_TAKEN,
		  "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n" CLOSE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct codec_response response = rows[i].codec->serves->refuse(rows[i].reason);

		assert_written(&response, rows[i].bytes);
	}
}

/* Each has a phrase, fits, and ends with its head or its body. */
static void every_refusal_is_whole(void **state)
{
	char bytes[RESPONSE_MAX];

	(void)state;
	for (size_t d = 0; d < DIALECTS; d++)
		for (enum reason reason = REASON_NONE + 1; reason < REASONS; reason++) {
			struct codec_response response = registry_codec(d)->serves->refuse(reason);
			struct slice written =
			    response_write(bytes, &response, (struct slice){ 0 });
			const char *end = strstr(bytes, "\r\n\r\n");

			assert_true(written.len < RESPONSE_MAX - 1);
			assert_int_not_equal(bytes[strlen("HTTP/1.1 400 ")], '\r');
			assert_non_null(end);
			assert_int_equal(strlen(end + 4), response.body.len);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sentence_is_plain_text),
		cmocka_unit_test(a_line_of_its_own_comes_last),
		cmocka_unit_test(what_is_absent_is_left_out),
		cmocka_unit_test(the_date_is_told),
		cmocka_unit_test(what_is_too_long_is_cut),
		cmocka_unit_test(refusals_keep_their_bytes),
		cmocka_unit_test(every_refusal_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
