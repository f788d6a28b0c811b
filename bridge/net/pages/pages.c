#include "bridge/net/pages/pages.h"

#include <string.h>

#include "bridge/net/http/http_chars.h"

/* Nothing but its own files, and WebSockets; in nobody's frame. Those of the client may be at other
 * ports. */
#define POLICY_CLIENT                                                                              \
	"default-src 'self'; connect-src 'self' ws: wss:; frame-ancestors 'none'; "                \
	"base-uri 'none'; form-action 'self'"
#define POLICY                                                                                     \
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "                \
	"connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; "        \
	"require-trusted-types-for 'script'; trusted-types 'none'"

static const struct page *find(enum page_place place, struct slice path)
{
	for (size_t i = 0; i < pages_count; i++)
		if (pages_table[i].places & place && slice_is(path, pages_table[i].path))
			return &pages_table[i];
	return NULL;
}

/* ";q=0" and its like (RFC 9110, 12.4.2): not wanted. */
static bool is_refused(struct slice parameters)
{
	const char *weight =
	    parameters.len > 0 ? memchr(parameters.data, '=', parameters.len) : NULL;

	if (!weight)
		return false;
	for (weight++; weight < parameters.data + parameters.len; weight++)
		if (*weight >= '1' && *weight <= '9')
			return false;
	return true;
}

static bool takes_gzip(const struct http_request *request)
{
	struct slice rest, item;
	size_t at = 0;

	while (http_header_next(request, "accept-encoding", &at, &rest))
		while (http_list_next(&rest, &item)) {
			const char *mark = memchr(item.data, ';', item.len);
			size_t len = mark ? (size_t)(mark - item.data) : item.len;

			if (http_same(http_trimmed(slice_span(item.data, len)), "gzip"))
				return !is_refused(slice_span(item.data + len, item.len - len));
		}
	return false;
}

static bool has_it(const struct http_request *request, const char *etag)
{
	struct slice rest, item;
	size_t at = 0;

	while (http_header_next(request, "if-none-match", &at, &rest))
		while (http_list_next(&rest, &item))
			/* The strong form of it is as good: they are compared weakly. */
			if (slice_is(item, "*") || slice_is(item, etag) || slice_is(item, etag + 2))
				return true;
	return false;
}

static void add(struct page_answer *answer, struct slice name, struct slice value)
{
	answer->headers[answer->answer.header_count++] = (struct http_header){ name, value };
}

static void add_body(struct page_answer *answer, const struct page *page, bool packed,
		     struct slice policy)
{
	const unsigned char *bytes = packed ? page->packed : page->plain;

	answer->answer.type = slice_of(page->type);
	answer->answer.body =
	    slice_span((const char *)bytes, packed ? page->packed_len : page->plain_len);
	add(answer, SLICE("Content-Security-Policy"), policy);
	add(answer, SLICE("X-Content-Type-Options"), SLICE("nosniff"));
	add(answer, SLICE("Referrer-Policy"), SLICE("no-referrer"));
	if (packed)
		add(answer, SLICE("Content-Encoding"), SLICE("gzip"));
}

static void begin(struct page_answer *answer, unsigned status)
{
	*answer = (struct page_answer){ .answer = { .status = status } };
	answer->answer.headers = answer->headers;
}

bool pages_answer(enum page_place place, const struct http_request *request,
		  struct page_answer *answer)
{
	const struct page *page = find(place, request->path);
	bool known = page && has_it(request, page->etag);

	if (!page || (request->method != METHOD_GET && request->method != METHOD_HEAD))
		return false;
	begin(answer, known ? 304 : 200);
	add(answer, SLICE("ETag"), slice_of(page->etag));
	add(answer, SLICE("Cache-Control"), SLICE("no-cache"));
	add(answer, SLICE("Vary"), SLICE("Accept-Encoding"));
	if (!known)
		add_body(answer, page, takes_gzip(request),
			 place == PAGE_CLIENT ? SLICE(POLICY_CLIENT) : SLICE(POLICY));
	return true;
}

void pages_answer_json(struct slice body, struct page_answer *answer)
{
	begin(answer, 200);
	answer->answer.type = SLICE("application/json");
	answer->answer.body = body;
	add(answer, SLICE("Cache-Control"), SLICE("no-store"));
	add(answer, SLICE("X-Content-Type-Options"), SLICE("nosniff"));
	add(answer, SLICE("Cross-Origin-Resource-Policy"), SLICE("same-origin"));
}
