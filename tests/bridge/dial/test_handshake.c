/* What is asked, and every answer to it, however it is cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/dial/handshake.h"

#define KEY    "dGhlIHNhbXBsZSBub25jZQ==" /* of RFC 6455 */
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
#define NOW_MS UINT64_C(1767225600000) /* Thu, 01 Jan 2026 00:00:00 GMT */
#define AGREES                                                                                     \
	"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"        \
	"Sec-WebSocket-Accept: " ACCEPT "\r\n"

/* ---- asking ---- */

static void asks(const char *url, const char *first_lines)
{
	struct call_url parts;
	struct handshake handshake = { .url = &parts, .key = KEY };
	size_t len;
	char *text;

	assert_null(call_url_read(slice_of(url), &parts));
	text = handshake_ask(&handshake, &len);
	assert_int_equal(strlen(text), len);
	if (strncmp(text, first_lines, strlen(first_lines)) != 0)
		fail_msg("%s: %s", url, text);
	assert_string_equal(text + len - 4, "\r\n\r\n");
	free(text);
}

static void target_and_host(void **state)
{
	(void)state;
	asks("ws://a.example", "GET / HTTP/1.1\r\nHost: a.example\r\n");
	asks("ws://a.example:80/", "GET / HTTP/1.1\r\nHost: a.example\r\n");
	asks("WSS://a.example:443/x", "GET /x HTTP/1.1\r\nHost: a.example\r\n");
	asks("wss://a.example:80/x/y?z=%20&b",
	     "GET /x/y?z=%20&b HTTP/1.1\r\nHost: a.example:80\r\n");
	asks("ws://a.example?q", "GET /?q HTTP/1.1\r\nHost: a.example\r\n");
	asks("ws://[::1]:7000/x", "GET /x HTTP/1.1\r\nHost: [::1]:7000\r\n");
	asks("ws://[2001:db8::1]/", "GET / HTTP/1.1\r\nHost: [2001:db8::1]\r\n");
}

static void all_that_is_asked(void **state)
{
	struct call_url parts;
	struct handshake handshake = { .url = &parts,
				       .key = KEY,
				       .authorization = SLICE("Bearer x"),
				       .instance = SLICE("own") };
	size_t len;
	char *text;

	(void)state;
	assert_null(call_url_read(SLICE("ws://a.example/chat"), &parts));
	text = handshake_ask(&handshake, &len);
	assert_string_equal(text, "GET /chat HTTP/1.1\r\nHost: a.example\r\nUpgrade: websocket\r\n"
				  "Connection: Upgrade\r\nSec-WebSocket-Key: " KEY "\r\n"
				  "Sec-WebSocket-Version: 13\r\nUser-Agent: "
				  "dragoman/" DRAGOMAN_VERSION "\r\n"
				  "Authorization: Bearer x\r\nDragoman-Instance: own\r\n\r\n");
	free(text);
}

/* ---- answers ---- */

/* The same when it comes byte by byte: every beginning is incomplete, up to a last byte. */
static enum handshake_step reads(const char *text, struct handshake_answer *answer)
{
	enum handshake_step step = HANDSHAKE_MORE;
	size_t len = strlen(text), at = 0;

	while (step == HANDSHAKE_MORE && at < len)
		step = handshake_read(slice_span(text, ++at), KEY, NOW_MS, answer);
	if (step == HANDSHAKE_AGREED) {
		struct handshake_answer whole;

		assert_int_equal(answer->len, at);
		assert_int_equal(handshake_read(slice_span(text, len), KEY, NOW_MS, &whole), step);
		assert_int_equal(whole.len, at);
	}
	return step;
}

static void agreed(const char *text, const char *instance)
{
	struct handshake_answer answer;

	if (reads(text, &answer) != HANDSHAKE_AGREED)
		fail_msg("%s: %s", text, answer.why);
	assert_int_equal(answer.status, 101);
	assert_true(slice_is(answer.instance, instance));
	assert_string_equal(text + answer.len, "frames");
}

static uint32_t refused(const char *text, unsigned status, const char *words)
{
	struct handshake_answer answer;

	assert_int_equal(reads(text, &answer), HANDSHAKE_REFUSED);
	assert_int_equal(answer.status, status);
	if (!strstr(answer.why, words))
		fail_msg("%s: %s", text, answer.why);
	return answer.retry_after_s;
}

static void answers_that_agree(void **state)
{
	(void)state;
	agreed(AGREES "\r\nframes", NULL);
	agreed(AGREES "Dragoman-Instance:  other \r\n\r\nframes", "other");
	agreed(AGREES "Sec-WebSocket-Protocol:\r\n\r\nframes", NULL);
	agreed("HTTP/1.1 101\nupgrade: WebSocket\nCONNECTION: keep-alive, upgrade\n"
	       "sec-websocket-accept:" ACCEPT "\n\nframes",
	       NULL);
}

static void answers_that_do_not_agree(void **state)
{
	(void)state;
	refused("HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", 101,
		"Accept");
	refused(AGREES "Sec-WebSocket-Accept: " ACCEPT "\r\n\r\n", 101, "Accept");
	refused("HTTP/1.1 101 x\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " ACCEPT "\r\n\r\n",
		101, "no WebSocket");
	refused("HTTP/1.1 101 x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nSec-WebSocket-"
		"Accept: " ACCEPT "\r\n\r\n",
		101, "no WebSocket");
	refused("HTTP/1.1 101 x\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: " ACCEPT "\r\n\r\n",
		101, "no WebSocket");
	refused(AGREES "Sec-WebSocket-Extensions: x\r\n\r\n", 101, "not offered");
	refused(AGREES "Sec-WebSocket-Protocol: x\r\n\r\n", 101, "not offered");
	refused("HTTP/1.1 404 Not Found\r\n\r\n", 404,
		"HTTP status 404: there is no WebSocket at this path");
	refused("HTTP/1.1 401 Unauthorized\r\n\r\n", 401,
		"HTTP status 401: the credentials are missing or wrong");
	refused("HTTP/1.1 403 Forbidden\r\n\r\n", 403,
		"HTTP status 403: it does not let this user in");
	refused("HTTP/1.1 502 Bad Gateway\r\n\r\n", 502, "HTTP status 502");
	refused("HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n", 301, "no redirect");
}

static void answers_that_are_none(void **state)
{
	(void)state;
	refused("X", 0, "not of HTTP");
	refused("HTTP/2", 0, "not of HTTP");
	refused("HTTP/1.1 20 OK\r\n\r\n", 0, "not of HTTP");
	refused("HTTP/1.1 099 OK\r\n\r\n", 99, "not of HTTP");
	refused("HTTP/1.1 2000\r\n\r\n", 0, "not of HTTP");
	refused("HTTP/1.1  200\r\n\r\n", 0, "not of HTTP");
	refused("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", 200, "malformed");
	refused("HTTP/1.1 200 OK\r\n: x\r\n\r\n", 200, "malformed");
	refused("HTTP/1.1 200 OK\r\na: x\r\n folded\r\n\r\n", 200, "malformed");
	refused("HTTP/1.1 200 OK\r\na: \x01\r\n\r\n", 200, "malformed");
}

static void heads_have_an_end(void **state)
{
	char *text = malloc(2 * HANDSHAKE_HEAD_MAX);
	struct handshake_answer answer;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', 2 * HANDSHAKE_HEAD_MAX);
	memcpy(text, "HTTP/1.1 200 OK\r\na: ", 20);
	assert_int_equal(
	    handshake_read(slice_span(text, HANDSHAKE_HEAD_MAX - 1), KEY, NOW_MS, &answer),
	    HANDSHAKE_MORE);
	assert_int_equal(handshake_read(slice_span(text, HANDSHAKE_HEAD_MAX), KEY, NOW_MS, &answer),
			 HANDSHAKE_REFUSED);
	assert_string_equal(answer.why, "the answer's head is too long");
	memcpy(text + HANDSHAKE_HEAD_MAX - 4, "\r\n\r\n", 4);
	assert_int_equal(
	    handshake_read(slice_span(text, 2 * HANDSHAKE_HEAD_MAX), KEY, NOW_MS, &answer),
	    HANDSHAKE_REFUSED);
	assert_string_equal(answer.why, "HTTP status 200");
	free(text);
}

static void retries(void **state)
{
	static const struct {
		const char *value;
		uint32_t seconds;
	} cases[] = {
		{ "0", 0 },
		{ "7", 7 },
		{ "99999999999999999999", UINT32_MAX },
		{ "-1", 0 },
		{ "1.5", 0 },
		{ "", 0 },
		{ "Thu, 01 Jan 2026 00:01:00 GMT", 60 },
		{ "Wed, 31 Dec 2025 00:00:00 GMT", 0 },
		{ "Thu, 01 Jan 2026 00:01:00 UTC", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[256];

		snprintf(text, sizeof(text), "HTTP/1.1 503 x\r\nRetry-After: %s\r\n\r\n",
			 cases[i].value);
		assert_int_equal(refused(text, 503, "503"), cases[i].seconds);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(target_and_host),
		cmocka_unit_test(all_that_is_asked),
		cmocka_unit_test(answers_that_agree),
		cmocka_unit_test(answers_that_do_not_agree),
		cmocka_unit_test(answers_that_are_none),
		cmocka_unit_test(heads_have_an_end),
		cmocka_unit_test(retries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
