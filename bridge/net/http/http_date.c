#include "bridge/net/http/http_date.h"

#include <stdio.h>
#include <time.h>

#define SECONDS_END UINT64_C(253402300800) /* the year 10000 */

/* strftime() would write them in the language of the machine. */
static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
				    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

static void write_date(struct http_date *date)
{
	time_t second = (time_t)date->second;
	char text[128]; /* as much as numbers of any size would take */
	struct tm time;

	gmtime_r(&second, &time);
	snprintf(text, sizeof(text), "%s, %02d %s %04d %02d:%02d:%02d GMT", days[time.tm_wday],
		 time.tm_mday, months[time.tm_mon], time.tm_year + 1900, time.tm_hour, time.tm_min,
		 time.tm_sec);
	memcpy(date->text, text, HTTP_DATE_LEN);
}

struct slice http_date_at(struct http_date *date, uint64_t wall_ms)
{
	uint64_t second = wall_ms / 1000;

	if (second >= SECONDS_END)
		return (struct slice){ NULL, 0 };
	if (second != date->second || !date->text[0]) {
		date->second = second;
		write_date(date);
	}
	return slice_span(date->text, HTTP_DATE_LEN);
}

/* The number that text holds at that place; -1: none. */
static int read_number(struct slice text, size_t at, size_t len)
{
	int number = 0;

	for (size_t i = at; i < at + len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return -1;
		number = number * 10 + (text.data[i] - '0');
	}
	return number;
}

static int read_name(struct slice text, size_t at, const char (*names)[4], int count)
{
	for (int i = 0; i < count; i++)
		if (memcmp(text.data + at, names[i], 3) == 0)
			return i;
	return -1;
}

/* timegm() would make another day of the 31st of April, and of 25 o'clock. */
static bool is_time(const struct tm *time)
{
	struct tm other = *time;

	timegm(&other);
	return other.tm_mday == time->tm_mday && other.tm_hour == time->tm_hour &&
	       other.tm_min == time->tm_min && other.tm_sec == time->tm_sec;
}

bool http_date_read(struct slice text, uint64_t *wall_ms)
{
	static const char form[] = "___, __ ___ ____ __:__:__ GMT";
	struct tm time = { 0 };

	if (text.len != HTTP_DATE_LEN)
		return false;
	for (size_t i = 0; i < HTTP_DATE_LEN; i++)
		if (form[i] != '_' && form[i] != text.data[i])
			return false;
	time.tm_mday = read_number(text, 5, 2);
	time.tm_mon = read_name(text, 8, months, 12);
	time.tm_year = read_number(text, 12, 4) - 1900;
	time.tm_hour = read_number(text, 17, 2);
	time.tm_min = read_number(text, 20, 2);
	time.tm_sec = read_number(text, 23, 2);
	if (read_name(text, 0, days, 7) < 0 || time.tm_mon < 0 || time.tm_year < 70 ||
	    !is_time(&time))
		return false;
	*wall_ms = (uint64_t)timegm(&time) * 1000;
	return true;
}
