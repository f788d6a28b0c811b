/* The PROXY protocol, both versions, however its bytes are cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "bridge/net/http/proxy_protocol.h"
#include "codecs/text/memory.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define TCP4      "\xc0\x00\x02\x07\xc0\x00\x02\x01\xdc\x04\x01\xbb"
#define TCP6                                                                                       \
	"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07"                                               \
	"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\xdc\x04\x01\xbb"
#define LITERAL(text) text, sizeof(text) - 1

/* Fed in pieces of that size, each in memory of its own; *left: bytes that were not taken. */
static enum proxy_step read_pieces(const char *text, size_t len, size_t size, size_t *left,
				   struct proxied *proxied)
{
	struct proxy_protocol protocol = { 0 };
	enum proxy_step step = PROXY_MORE;
	size_t taken = 0;

	while (taken < len && step == PROXY_MORE) {
		size_t piece = len - taken < size ? len - taken : size, rest = piece;
		unsigned char *segment = memory_new(piece), *at = segment;

		memcpy(segment, text + taken, piece);
		step = proxy_read(&protocol, &at, &rest, proxied);
		taken += piece - rest;
		assert_true(step != PROXY_MORE || rest == 0);
		free(segment);
	}
	*left = len - taken;
	return step;
}

/* The same for every size of the pieces. behind: bytes of text that are the connection's own. */
static void assert_step(const char *text, size_t len, enum proxy_step step, size_t behind,
			struct proxied *proxied)
{
	for (size_t size = 1; size <= len; size++) {
		size_t left;

		memset(proxied, 0xee, sizeof(*proxied));
		assert_int_equal(read_pieces(text, len, size, &left, proxied), step);
		if (step == PROXY_DONE)
			assert_int_equal(left, behind);
	}
}

static void assert_address(const struct network_address *found, const char *text)
{
	struct network_address wanted;

	assert_true(network_address_read(text, strlen(text), &wanted));
	assert_memory_equal(found, &wanted, sizeof(wanted));
}

static void assert_proxied(const char *text, size_t len, const char *source,
			   const char *destination)
{
	struct proxied proxied;

	assert_step(text, len, PROXY_DONE, 3, &proxied);
	assert_true(proxied.known);
	assert_address(&proxied.source, source);
	assert_address(&proxied.destination, destination);
	assert_int_equal(proxied.source_port, 56324);
	assert_int_equal(proxied.destination_port, 443);
}

static void a_line(void **state)
{
	(void)state;
	assert_proxied(LITERAL("PROXY TCP4 192.0.2.7 192.0.2.1 56324 443\r\nGET"), "192.0.2.7",
		       "192.0.2.1");
	assert_proxied(LITERAL("PROXY TCP6 2001:db8::7 2001:db8::1 56324 443\r\nGET"),
		       "2001:db8::7", "2001:db8::1");
}

static void a_block(void **state)
{
	(void)state;
	assert_proxied(LITERAL(SIGNATURE "\x21\x11\x00\x0c" TCP4 "GET"), "192.0.2.7", "192.0.2.1");
	assert_proxied(LITERAL(SIGNATURE "\x21\x21\x00\x24" TCP6 "GET"), "2001:db8::7",
		       "2001:db8::1");
}

static void what_follows_the_addresses_is_passed_over(void **state)
{
	(void)state;
	assert_proxied(LITERAL(SIGNATURE "\x21\x11\x00\x13" TCP4 "\x04\x00\x04\0\0\0\0"
					 "GET"),
		       "192.0.2.7", "192.0.2.1");
	assert_proxied(LITERAL(SIGNATURE "\x21\x21\x00\x2b" TCP6 "\x03\x00\x04\1\2\3\4"
					 "GET"),
		       "2001:db8::7", "2001:db8::1");
}

static void a_proxy_may_speak_for_itself(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} texts[] = {
		{ LITERAL("PROXY UNKNOWN\r\nGET") },
		{ LITERAL("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\nGET") },
		{ LITERAL(SIGNATURE "\x20\x00\x00\x00GET") },
		{ LITERAL(SIGNATURE "\x20\x11\x00\x0c" TCP4 "GET") },
		{ LITERAL(SIGNATURE "\x21\x00\x00\x00GET") },
		{ LITERAL(SIGNATURE "\x21\x12\x00\x0c" TCP4 "GET") },
		{ LITERAL(SIGNATURE "\x21\x31\x00\x04\1\2\3\4GET") },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct proxied proxied;

		assert_step(texts[i].text, texts[i].len, PROXY_DONE, 3, &proxied);
		assert_false(proxied.known);
	}
}

static void the_longest(void **state)
{
	char text[16 + PROXY_LENGTH_MAX + 3] = SIGNATURE "\x21\x11\x02\x18" TCP4;
	struct proxied proxied;
	char line[PROXY_LINE_MAX + 4] = "PROXY UNKNOWN ";

	(void)state;
	assert_step(text, sizeof(text), PROXY_DONE, 3, &proxied);
	assert_address(&proxied.source, "192.0.2.7");
	text[15]++;
	assert_step(text, sizeof(text), PROXY_FAULT, 0, &proxied);
	memset(line + 14, 'x', PROXY_LINE_MAX - 16);
	memcpy(line + PROXY_LINE_MAX - 2, "\r\nGET", 5);
	assert_step(line, PROXY_LINE_MAX + 3, PROXY_DONE, 3, &proxied);
	memcpy(line + PROXY_LINE_MAX - 2, "x\r\nG", 4);
	assert_step(line, PROXY_LINE_MAX + 2, PROXY_FAULT, 0, &proxied);
}

static void half_of_one_is_waited_for(void **state)
{
	static const char line[] = "PROXY TCP4 192.0.2.7 192.0.2.1 56324 443\r\n";
	static const char block[] = SIGNATURE "\x21\x11\x00\x13" TCP4 "\x04\x00\x04\0\0\0\0";
	struct proxied proxied;

	(void)state;
	for (size_t len = 1; len < sizeof(line) - 1; len++)
		assert_step(line, len, PROXY_MORE, 0, &proxied);
	for (size_t len = 1; len < sizeof(block) - 1; len++)
		assert_step(block, len, PROXY_MORE, 0, &proxied);
}

static void what_is_none_is_told_at_once(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} texts[] = {
		{ LITERAL("G") },
		{ LITERAL("PO") },
		{ LITERAL("PROXY\t") },
		{ LITERAL("\r\n\r\nQ") },
		{ LITERAL("\x16\x03\x01") },
		{ LITERAL("PROXY TCP4 192.0.2.7 192.0.2.1 56324 443\n") },
		{ LITERAL("PROXY TCP4 192.0.2.7 192.0.2.1 56324 443\rG") },
		{ LITERAL("PROXY TCP4 192.0.2.7 192.0.2.1 56324\r\n") },
		{ LITERAL("PROXY TCP4 192.0.2.7 192.0.2.1 56324 443 \r\n") },
		{ LITERAL("PROXY TCP4 192.0.2.7 192.0.2.1 56324 443 1\r\n") },
		{ LITERAL("PROXY TCP4  192.0.2.7 192.0.2.1 56324 443\r\n") },
		{ LITERAL("PROXY TCP4 192.0.2.7 192.0.2.1 56324 65536\r\n") },
		{ LITERAL("PROXY TCP4 192.0.2.7 192.0.2.1 56324 0443\r\n") },
		{ LITERAL("PROXY TCP4 192.0.2.7 192.0.2.1 56324 -1\r\n") },
		{ LITERAL("PROXY TCP4 192.0.2 192.0.2.1 56324 443\r\n") },
		{ LITERAL("PROXY TCP4 ::1 ::2 56324 443\r\n") },
		{ LITERAL("PROXY TCP4 ::ffff:192.0.2.7 192.0.2.1 56324 443\r\n") },
		{ LITERAL("PROXY TCP6 192.0.2.7 192.0.2.1 56324 443\r\n") },
		{ LITERAL("PROXY UDP4 192.0.2.7 192.0.2.1 56324 443\r\n") },
		{ LITERAL("PROXY tcp4 192.0.2.7 192.0.2.1 56324 443\r\n") },
		{ LITERAL("PROXY \r\n") },
		{ LITERAL("PROXY TCP4 192.0.2.7\0 192.0.2.1 56324 443\r\n") },
		{ LITERAL(SIGNATURE "\x11\x11\x00\x0c") },
		{ LITERAL(SIGNATURE "\x31\x11\x00\x0c") },
		{ LITERAL(SIGNATURE "\x22\x11\x00\x0c") },
		{ LITERAL(SIGNATURE "\x21\x11\x00\x0b") },
		{ LITERAL(SIGNATURE "\x21\x21\x00\x23") },
		{ LITERAL(SIGNATURE "\x21\x11\xff\xff") },
		{ LITERAL(SIGNATURE "\x20\x00\xff\xff") },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct proxied proxied;

		assert_step(texts[i].text, texts[i].len, PROXY_FAULT, 0, &proxied);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line),
		cmocka_unit_test(a_block),
		cmocka_unit_test(what_follows_the_addresses_is_passed_over),
		cmocka_unit_test(a_proxy_may_speak_for_itself),
		cmocka_unit_test(the_longest),
		cmocka_unit_test(half_of_one_is_waited_for),
		cmocka_unit_test(what_is_none_is_told_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
