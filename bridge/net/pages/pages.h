/* pages.h - the files of contrib/console/, which are compiled in: contrib/embed.sh makes the table
 * when the program is built. Pure; any thread. */
#ifndef BRIDGE_NET_PAGES_PAGES_H
#define BRIDGE_NET_PAGES_PAGES_H

#include <stdbool.h>
#include <stddef.h>

#include "bridge/net/http/http_answer.h"
#include "bridge/net/http/http_request.h"

/* Where files are served; each place has a page of its own at "/". */
enum page_place {
	PAGE_CLIENT = 1 << 0,   /* at a listener with page = true: contrib/console/ itself */
	PAGE_DEMO = 1 << 1,     /* at the demo's: demo/, and what operator/ has beside its page */
	PAGE_OPERATOR = 1 << 2, /* at an admin listener: operator/ */
};

/* A file. All constant. */
struct page {
	unsigned places; /* enum page_place bits */
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

/* The answer to a GET or HEAD of a file of that place, or 304 if the client has it (RFC 9110,
 * 13.1.2): with what keeps other pages from using it (Content-Security-Policy). False: there is no
 * such file. Borrows request for the call. Called by offers.c and the admin thread. */
bool pages_answer(enum page_place place, const struct http_request *request,
		  struct page_answer *answer) __attribute__((warn_unused_result));

/* The answer with JSON that is made for such a page (borrows body), and for nobody else: it is not
 * kept, and no other page gets it. */
void pages_answer_json(struct slice body, struct page_answer *answer);

#endif
