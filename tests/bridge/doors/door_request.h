/* door_request.h - a request of HTTP as a connection reads it, for the tests of doors. Included by
 * test_doors.c. */
#ifndef TESTS_BRIDGE_DOORS_DOOR_REQUEST_H
#define TESTS_BRIDGE_DOORS_DOOR_REQUEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/net/http/http_reader.h"

/* A whole request; head: without its last empty line. */
struct request {
	struct http_reader reader;
	struct http_step_out out;
	char text[4096];
};

static inline void request_read(struct request *r, const char *line, const char *headers)
{
	static const struct http_limits limits = { 8192, 64, 65536 };
	unsigned char *bytes = (unsigned char *)r->text;
	size_t len =
	    (size_t)snprintf(r->text, sizeof(r->text), "%s HTTP/1.1\r\n%s%s\r\n", line,
			     strstr(headers, "Host:") ? "" : "Host: localhost:7000\r\n", headers);

	http_reader_init(&r->reader, &limits);
	assert_int_equal(http_read(&r->reader, &bytes, &len, &r->out), HTTP_HEAD);
}

#endif
