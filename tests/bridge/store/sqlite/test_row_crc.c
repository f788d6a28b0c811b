#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/store/sqlite/row_crc.h"

/* 123, "abc", NULL of table 4: by hand, that is CRC-32C of these bytes. */
static void is_of_types_and_values(void **state)
{
	struct row_crc crc, other;

	(void)state;
	row_crc_start(&crc, 4);
	row_crc_integer(&crc, -2);
	row_crc_bytes(&crc, ROW_TEXT, "123456789", 9);
	row_crc_other(&crc, ROW_NULL);
	/* CRC-32C of "123456789" is the check value of its definition. */
	assert_int_equal(crc.len, 4 + 9 + 9 + 1);
	assert_memory_equal(crc.bytes,
			    "\x04\x00\x00\x00"
			    "\x01\xfe\xff\xff\xff\xff\xff\xff\xff"
			    "\x03\x09\x00\x00\x00\x83\x92\x06\xe3"
			    "\x05",
			    crc.len);
	row_crc_start(&other, 5);
	assert_int_not_equal(row_crc_end(&crc), row_crc_end(&other));
}

static void a_column_is_no_part_of_the_next(void **state)
{
	struct row_crc a, b;

	(void)state;
	row_crc_start(&a, 1);
	row_crc_bytes(&a, ROW_TEXT, "ab", 2);
	row_crc_bytes(&a, ROW_TEXT, "c", 1);
	row_crc_start(&b, 1);
	row_crc_bytes(&b, ROW_TEXT, "a", 1);
	row_crc_bytes(&b, ROW_TEXT, "bc", 2);
	assert_int_not_equal(row_crc_end(&a), row_crc_end(&b));
}

static void the_longest_row_fits(void **state)
{
	struct row_crc crc;

	(void)state;
	row_crc_start(&crc, UINT32_MAX);
	for (size_t i = 0; i < ROW_COLUMNS_MAX; i++)
		row_crc_integer(&crc, INT64_MIN);
	assert_int_equal(crc.len, sizeof(crc.bytes));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_of_types_and_values),
		cmocka_unit_test(a_column_is_no_part_of_the_next),
		cmocka_unit_test(the_longest_row_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
