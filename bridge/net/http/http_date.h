/* http_date.h - the time as HTTP writes it and reads it: IMF-fixdate (RFC 9110, 5.6.7). Pure; each
 * struct http_date is one thread's. */
#ifndef BRIDGE_NET_HTTP_HTTP_DATE_H
#define BRIDGE_NET_HTTP_HTTP_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "codecs/text/slice.h"

#define HTTP_DATE_LEN 29 /* bytes: "Sun, 06 Nov 1994 08:49:37 GMT" */

/* The last second that was written. Zeroed is ready. */
struct http_date {
	uint64_t second;
	char text[HTTP_DATE_LEN + 1]; /* "": none was */
};

/* wall_ms (ms since 1970 UTC) in words; written anew only when the second is another one than the
 * last time. Absent beyond the year 9999, which has no such form. Borrows from date, until the next
 * call. Called by connection.c, listener.c and admin_http.c, for the header Date. */
struct slice http_date_at(struct http_date *date, uint64_t wall_ms);

/* Reads one in that form, of the years from 1970 on, into ms since 1970 UTC. False: it is none. The
 * day of the week is not compared. Called for Retry-After, by bridge/dial. */
bool http_date_read(struct slice text, uint64_t *wall_ms) __attribute__((warn_unused_result));

#endif
