#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/net/ws/ws_text.h"
#include "codecs/text/name.h"

static uint8_t whole(const unsigned char *bytes, size_t len)
{
	return ws_text_next(WS_TEXT_WHOLE, bytes, len);
}

static size_t character_write(uint32_t c, unsigned char out[4])
{
	static const unsigned char leads[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = len - 1; i; i--, c >>= 6)
		out[i] = (unsigned char)(0x80 | (c & 0x3f));
	out[0] = (unsigned char)(leads[len] | c);
	return len;
}

/* Every character but the surrogates, and each of its beginnings is unfinished and not bad. */
static void every_character(void **state)
{
	unsigned char bytes[4];

	(void)state;
	for (uint32_t c = 0; c <= 0x110010; c++) {
		size_t len = character_write(c, bytes);
		bool right = c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
		uint8_t at = WS_TEXT_WHOLE;

		assert_int_equal(whole(bytes, len) == WS_TEXT_WHOLE, right);
		for (size_t i = 0; i < len; i++) {
			at = ws_text_next(at, bytes + i, 1);
			if (right)
				assert_int_equal(at == WS_TEXT_WHOLE, i + 1 == len);
			/* What is too high, and a surrogate, are told by their second byte. */
			assert_int_equal(at == WS_TEXT_BAD, !right && i > 0);
			if (at == WS_TEXT_BAD)
				break;
		}
	}
}

/* All of two bytes, and of four with every lead, beside the other judge of this tree. */
static void other_bytes(void **state)
{
	uint32_t seed = 7;

	(void)state;
	for (uint32_t i = 0; i < 3000000; i++) {
		unsigned char bytes[4];
		size_t len = i < 65536 ? 2 : 4;

		seed = seed * 1664525 + 1013904223;
		bytes[0] = (unsigned char)(i >> 8 | (len == 4 ? 0x80 : 0));
		bytes[1] = (unsigned char)i;
		bytes[2] = (unsigned char)(seed >> 24);
		bytes[3] = (unsigned char)(0x80 | seed >> 16);
		assert_int_equal(whole(bytes, len) == WS_TEXT_WHOLE,
				 text_is_utf8(slice_span((char *)bytes, len)));
	}
}

static void cut_anywhere(void **state)
{
	static const char *const texts[] = {
		"all of it is ASCII, and longer than the eight bytes that are looked at at once",
		"Gr\xc3\xbc\xc3\x9f"
		"e an \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x98\x80 und alle, alle",
		"wrong at the end, behind more than eight bytes \xc3(",
		"\xed\xa0\x80 is wrong at the beginning, and what follows is no matter",
		"unfinished \xf0\x9f\x98",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		const unsigned char *bytes = (const unsigned char *)texts[i];
		size_t len = strlen(texts[i]);

		for (size_t cut = 0; cut <= len; cut++)
			for (size_t next = cut; next <= len; next++) {
				uint8_t at = whole(bytes, cut);

				at = ws_text_next(at, bytes + cut, next - cut);
				at = ws_text_next(at, bytes + next, len - next);
				assert_int_equal(at, whole(bytes, len));
			}
	}
	assert_int_equal(ws_text_next(WS_TEXT_WHOLE, NULL, 0), WS_TEXT_WHOLE);
	assert_int_equal(ws_text_next(WS_TEXT_BAD, (const unsigned char *)"a", 1), WS_TEXT_BAD);
}

/* Wherever in a long text a wrong byte is, it is seen. */
static void wrong_byte_anywhere(void **state)
{
	unsigned char bytes[100];

	(void)state;
	for (size_t at = 0; at < sizeof(bytes); at++) {
		memset(bytes, 'a', sizeof(bytes));
		bytes[at] = 0x80;
		assert_int_equal(whole(bytes, sizeof(bytes)), WS_TEXT_BAD);
		assert_int_equal(whole(bytes, at), WS_TEXT_WHOLE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_character),
		cmocka_unit_test(other_bytes),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(wrong_byte_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
