/* The header Date. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/net/http/http_date.h"

static void assert_date(uint64_t second, const char *expected)
{
	struct http_date date = { 0 };

	assert_true(slice_is(http_date_at(&date, second * 1000), expected));
	assert_true(slice_is(http_date_at(&date, second * 1000 + 999), expected));
	assert_int_equal(strlen(expected), HTTP_DATE_LEN);
}

static void dates_are_written(void **state)
{
	(void)state;
	assert_date(0, "Thu, 01 Jan 1970 00:00:00 GMT");
	assert_date(784111777, "Sun, 06 Nov 1994 08:49:37 GMT");
	assert_date(951782400, "Tue, 29 Feb 2000 00:00:00 GMT");
	assert_date(1798761599, "Thu, 31 Dec 2026 23:59:59 GMT");
	assert_date(4107542400, "Mon, 01 Mar 2100 00:00:00 GMT");
	assert_date(253402300799, "Fri, 31 Dec 9999 23:59:59 GMT");
}

static void every_day_and_month_has_its_name(void **state)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	static const char *const days[] = { "Fri", "Sat", "Sun", "Mon", "Tue", "Wed", "Thu" };
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	const uint64_t first = 1767225600; /* of 2026: a Thursday */
	struct http_date date = { 0 };
	uint64_t day = 0;

	(void)state;
	for (size_t month = 0; month < 12; month++)
		for (int i = 1; i <= lengths[month]; i++, day++) {
			char expected[HTTP_DATE_LEN + 1] = "";
			const char *name = days[(day + 6) % 7];

			memcpy(expected, "xxx, 00 xxx 2026 12:00:00 GMT", HTTP_DATE_LEN);
			memcpy(expected, name, 3);
			memcpy(expected + 8, months[month], 3);
			expected[5] = (char)('0' + i / 10);
			expected[6] = (char)('0' + i % 10);
			assert_true(slice_is(
			    http_date_at(&date, (first + day * 86400 + 43200) * 1000), expected));
		}
	assert_int_equal(day, 365);
}

/* The clock may be set back. */
static void it_is_written_when_the_second_changes(void **state)
{
	struct http_date date = { 0 };

	(void)state;
	(void)http_date_at(&date, 784111777000);
	date.text[0] = 'x';
	assert_int_equal(http_date_at(&date, 784111777999).data[0], 'x');
	assert_true(slice_is(http_date_at(&date, 784111778000), "Sun, 06 Nov 1994 08:49:38 GMT"));
	assert_true(slice_is(http_date_at(&date, 784111776999), "Sun, 06 Nov 1994 08:49:36 GMT"));
}

static void what_has_no_form_is_absent(void **state)
{
	struct http_date date = { 0 };

	(void)state;
	assert_null(http_date_at(&date, 253402300800000).data);
	assert_null(http_date_at(&date, UINT64_MAX).data);
}

static void what_is_written_is_read(void **state)
{
	const uint64_t step = 86400 * 11 + 3661; /* s */
	struct http_date date = { 0 };

	(void)state;
	for (uint64_t second = 0; second < 253402300800; second += step) {
		uint64_t read_ms;

		assert_true(http_date_read(http_date_at(&date, second * 1000), &read_ms));
		assert_int_equal(read_ms, second * 1000);
	}
}

static void others_are_not_read(void **state)
{
	static const char *const wrong[] = {
		"",
		"Sun, 06 Nov 1994 08:49:37 GM",
		"Sun, 06 Nov 1994 08:49:37 GMT ",
		"Sun, 06 Nov 1994 08:49:37 UTC",
		"Sun, 06 nov 1994 08:49:37 GMT",
		"sun, 06 Nov 1994 08:49:37 GMT",
		"Sun, 31 Apr 1994 08:49:37 GMT",
		"Sun, 00 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 1994 24:49:37 GMT",
		"Sun, 06 Nov 1994 08:60:37 GMT",
		"Sun, 06 Nov 1994 08:49:60 GMT",
		"Sun,  6 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 1969 08:49:37 GMT",
		"Sunday, 06-Nov-94 08:49:37 GMT",
		"Sun Nov  6 08:49:37 1994     ",
	};
	uint64_t read_ms;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (http_date_read(slice_of(wrong[i]), &read_ms))
			fail_msg("%s is read", wrong[i]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_are_written),
		cmocka_unit_test(every_day_and_month_has_its_name),
		cmocka_unit_test(it_is_written_when_the_second_changes),
		cmocka_unit_test(what_has_no_form_is_absent),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(others_are_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
