/* pages.h - the files of contrib/console/, which are compiled in: contrib/embed.sh makes the table
 * when the program is built. Served where a listener has page = true. Pure; any thread. */
#ifndef BRIDGE_NET_PAGES_PAGES_H
#define BRIDGE_NET_PAGES_PAGES_H

#include <stdbool.h>
#include <stddef.h>

#include "bridge/net/http/http_answer.h"
#include "bridge/net/http/http_request.h"

/* A file. All constant. */
struct page {
	const char *path, *type, *etag;
	const unsigned char *plain, *packed; /* packed: by gzip */
	size_t plain_len, packed_len;
};

extern const struct page pages_table[];
extern const size_t pages_count;

#define PAGE_HEADERS_MAX 8

struct page_answer {
	struct http_answer answer; /* borrows the headers below */
	struct http_header headers[PAGE_HEADERS_MAX];
};

/* The answer to a GET or HEAD of a file, or 304 if the client has it (RFC 9110, 13.1.2): with what
 * keeps other pages from using it (Content-Security-Policy). False: there is no such file. Borrows
 * request for the call. Called by connection.c. */
bool pages_answer(const struct http_request *request, struct page_answer *answer)
    __attribute__((warn_unused_result));

#endif
