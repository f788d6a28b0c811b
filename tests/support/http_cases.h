/* http_cases.h - the table tests/bridge/net/http/cases.txt; how it is written is told at its top.
 */
#ifndef TESTS_SUPPORT_HTTP_CASES_H
#define TESTS_SUPPORT_HTTP_CASES_H

#include <stddef.h>

struct http_case {
	char *name;
	unsigned char *bytes; /* what is sent */
	size_t len;
	char *steps; /* a line for each step, without the marks */
};

struct http_cases {
	struct http_case *cases;
	size_t count;
};

/* Reads the table; fails the test when it cannot. */
struct http_cases http_cases_open(const char *path);

void http_cases_close(struct http_cases *cases);

/* Bytes as the table writes them. Returns new. */
char *http_cases_escape(const char *bytes, size_t len);

#endif
