#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/text/crc32c.h"

/* By the definition, bit by bit. */
static uint32_t slowly(const unsigned char *bytes, size_t len)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < len; i++) {
		crc ^= bytes[i];
		for (unsigned bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return ~crc;
}

/* RFC 3720, appendix B.4, and the usual check value. */
static void known_bytes_have_known_sums(void **state)
{
	unsigned char bytes[32];

	(void)state;
	assert_int_equal(crc32c("", 0), 0);
	assert_int_equal(crc32c("123456789", 9), 0xe3069283);
	memset(bytes, 0, sizeof(bytes));
	assert_int_equal(crc32c(bytes, 32), 0x8a9136aa);
	memset(bytes, 0xff, sizeof(bytes));
	assert_int_equal(crc32c(bytes, 32), 0x62a8ab43);
	for (unsigned i = 0; i < 32; i++)
		bytes[i] = (unsigned char)i;
	assert_int_equal(crc32c(bytes, 32), 0x46dd794e);
}

/* At any address, of any length. */
static void it_is_what_its_definition_says(void **state)
{
	unsigned char bytes[300];
	uint32_t seed = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		seed = seed * 1103515245 + 12345;
		bytes[i] = (unsigned char)(seed >> 16);
	}
	for (size_t from = 0; from < 9; from++)
		for (size_t len = 0; len <= sizeof(bytes) - from; len++)
			assert_int_equal(crc32c(bytes + from, len), slowly(bytes + from, len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_bytes_have_known_sums),
		cmocka_unit_test(it_is_what_its_definition_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
