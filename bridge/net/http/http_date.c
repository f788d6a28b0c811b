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
