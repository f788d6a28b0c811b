/* http_answer.h - an answer of HTTP/1.1 as bytes: the one place where its head is written (RFC
 * 9110, RFC 9112; the lines that begin with Access-Control: the Fetch standard, 3.2). Pure. */
#ifndef BRIDGE_NET_HTTP_HTTP_ANSWER_H
#define BRIDGE_NET_HTTP_HTTP_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/net/http/http_output.h"
#include "bridge/net/http/http_request.h"
#include "codecs/text/slice.h"

/* What a page of another origin may do; whether it may is judged elsewhere. */
struct http_cors {
	struct slice origin;  /* as the browser sent it, never "*" */
	struct slice methods; /* "GET, POST"; absent but in the answer to a preflight */
	struct slice headers; /* "authorization, client-id"; the same */
	struct slice exposed; /* headers of the answer that the page may see; absent: none more */
	uint32_t max_age_s;   /* a preflight's answer is good for so long; 0: not told */
	bool credentials;
};

/* All of it borrows. Zeroed but for the status is an answer without a body. */
struct http_answer {
	unsigned status;    /* 100 to 599. Of 1xx only 101: then the reader changes */
	struct slice type;  /* of the body; absent: not told */
	struct slice body;  /* not sent with 1xx, 204 and 304 */
	struct slice allow; /* "GET, HEAD": what a path knows, with 405 and OPTIONS; absent: - */
	struct slice date;  /* http_date_at(); absent: not told. Not sent with 1xx */
	uint32_t retry_after_s;            /* with 429 and 503; 0: not told */
	const struct http_cors *cors;      /* NULL: no page of another origin */
	const struct http_header *headers; /* more of them; may be NULL */
	size_t header_count;
};

/* What the request wants of the form of its answer. */
struct http_manner {
	bool head;       /* it was HEAD: the body's length, and no body */
	bool keep_alive; /* the connection goes on */
	bool old;        /* it was HTTP/1.0, which must be told so */
};

/* "Not Found"; "" when it is not known. Constant. */
struct slice http_phrase(unsigned status);

/* A sentence for a person, as plain text. Borrows it; it ends with a newline. */
struct http_answer http_answer_text(unsigned status, struct slice sentence);

/* Appends the answer. False: a value held a control character, or a header's name was none, or one
 * that is written here anyway (Connection, Content-Length, Transfer-Encoding); that line was left
 * out, the rest is written. Called by http_connection; borrows the answer. */
bool http_answer_write(struct http_output *output, const struct http_answer *answer,
		       struct http_manner manner) __attribute__((warn_unused_result));

/* Appends "100 Continue". */
void http_answer_continue(struct http_output *output);

#endif
