#include "bridge/net/http/http_head.h"

#include "bridge/net/http/http_chars.h"
#include "bridge/net/http/http_framing.h"

HTTP_FAULT_OF(bad_line, 400, "the request line is no method, target and version");
HTTP_FAULT_OF(bad_method, 400, "the method is no word");
HTTP_FAULT_OF(bad_target, 400, "the target of the request is none");
HTTP_FAULT_OF(no_proxy, 501, "this server is no proxy");
HTTP_FAULT_OF(no_version, 505, "the request line has no version; HTTP/1.1 is spoken here");
HTTP_FAULT_OF(other_version, 505, "HTTP/1.1 is spoken here");
HTTP_FAULT_OF(bad_fold, 400, "a header line is folded");
HTTP_FAULT_OF(bad_name, 400, "a header has no name");
HTTP_FAULT_OF(bad_colon, 400, "a header's name is not followed by a colon");
HTTP_FAULT_OF(bad_value, 400, "a header holds a control character");
HTTP_FAULT_OF(too_many, 431, "too many headers");

static enum http_method method_of(struct slice text)
{
	enum http_method method = METHOD_GET;

	while (method < METHOD_OTHER && !slice_equal(text, http_method_text(method)))
		method++;
	return method;
}

/* A later minor version is read as 1.1 (RFC 9110, 2.5). */
static const struct http_fault *read_version(struct http_request *request, struct slice text)
{
	const char *digits = text.data + 5;

	if (text.len != 8 || !slice_starts_with(text, "HTTP/") || digits[0] < '0' ||
	    digits[0] > '9' || digits[1] != '.' || digits[2] < '0' || digits[2] > '9')
		return &bad_line;
	if (digits[0] != '1')
		return &other_version;
	request->old = digits[2] == '0';
	return NULL;
}

static size_t scheme_len(struct slice target)
{
	static const char *const schemes[] = { "http://", "https://", "ws://", "wss://" };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t len = strlen(schemes[i]);

		if (target.len >= len && http_same(slice_span(target.data, len), schemes[i]))
			return len;
	}
	return 0;
}

static void split_query(struct http_request *request, struct slice rest)
{
	const char *mark = rest.len ? memchr(rest.data, '?', rest.len) : NULL;
	size_t len = mark ? (size_t)(mark - rest.data) : rest.len;

	request->path = len ? slice_span(rest.data, len) : SLICE("/");
	request->query =
	    mark ? slice_span(mark + 1, rest.len - len - 1) : (struct slice){ NULL, 0 };
}

/* "http://host:80/path?query": what it names counts more than Host (RFC 9112, 3.2.2). */
static const struct http_fault *read_absolute(struct http_request *request)
{
	struct slice target = request->target, rest;
	size_t skip = scheme_len(target), len = 0;

	if (skip == 0)
		return &bad_target;
	rest = slice_span(target.data + skip, target.len - skip);
	while (len < rest.len && rest.data[len] != '/' && rest.data[len] != '?')
		len++;
	request->host = slice_span(rest.data, len);
	if (len == 0 || !http_host_valid(request->host))
		return &bad_target;
	split_query(request, slice_span(rest.data + len, rest.len - len));
	return NULL;
}

static const struct http_fault *read_target(struct http_request *request)
{
	struct slice target = request->target;

	request->host = (struct slice){ NULL, 0 };
	if (target.data[0] == '/') {
		split_query(request, target);
		return NULL;
	}
	if (slice_is(request->method_text, "CONNECT"))
		return &no_proxy;
	if (!slice_is(target, "*"))
		return read_absolute(request);
	request->path = target;
	request->query = (struct slice){ NULL, 0 };
	/* PRI, the beginning of HTTP/2, is told by its version. */
	return request->method == METHOD_OPTIONS ? NULL : &bad_target;
}

static size_t run(const char *at, size_t most, enum http_class class)
{
	size_t len = 0;

	while (len < most && http_is(at[len], class))
		len++;
	return len;
}

const struct http_fault *http_head_line(struct http_request *request, const char *line, size_t len)
{
	size_t method = run(line, len, HTTP_TOKEN), target;
	const struct http_fault *fault;

	if (method == 0 || method == len || line[method] != ' ')
		return method == len ? &bad_line : &bad_method;
	request->method_text = slice_span(line, method);
	request->method = method_of(request->method_text);
	line += method + 1;
	len -= method + 1;
	target = run(line, len, HTTP_TARGET);
	if (target == 0)
		return &bad_target;
	if (target == len)
		return &no_version;
	if (line[target] != ' ')
		return &bad_target;
	request->target = slice_span(line, target);
	fault = read_version(request, slice_span(line + target + 1, len - target - 1));
	return fault ? fault : read_target(request);
}

static const struct http_fault *name_fault(const char *line, size_t len)
{
	if (len > 0)
		return &bad_colon;
	return http_is_blank(line[0]) ? &bad_fold : &bad_name;
}

/* One line, which ends where its value does: at the first CR, and what follows that is LF, or
 * nothing that may stand there. *at is moved behind it. */
static const struct http_fault *read_field(struct http_header *header, const char **at)
{
	const char *line = *at, *value, *end;

	for (end = line; http_is(*end, HTTP_TOKEN); end++)
		;
	header->name = slice_span(line, (size_t)(end - line));
	if (end == line || *end != ':')
		return name_fault(line, header->name.len);
	for (value = end + 1; http_is_blank(*value); value++)
		;
	for (end = value; http_is(*end, HTTP_VALUE); end++)
		;
	if (end[0] != '\r' || end[1] != '\n')
		return &bad_value;
	*at = end + 2;
	while (end > value && http_is_blank(end[-1]))
		end--;
	header->value = slice_span(value, (size_t)(end - value));
	return NULL;
}

const struct http_fault *http_head_fields(struct http_request *request, const char *lines,
					  size_t len, size_t headers_max)
{
	const char *at = lines, *last = lines + len - 2;
	const struct http_fault *fault = NULL;
	struct http_framing framing = { 0 };

	for (request->header_count = 0; at < last && !fault; request->header_count++) {
		struct http_header *header = &request->headers[request->header_count];

		if (request->header_count == headers_max ||
		    request->header_count == HTTP_HEADERS_MAX)
			return &too_many;
		fault = read_field(header, &at);
		if (!fault)
			fault = http_framing_add(&framing, header);
	}
	return fault ? fault : http_framing_judge(&framing, request);
}
