#include "bridge/net/http/http_request.h"

#include "bridge/net/http/http_chars.h"

struct slice http_method_text(enum http_method method)
{
	switch (method) {
	case METHOD_GET: return SLICE("GET");
	case METHOD_HEAD: return SLICE("HEAD");
	case METHOD_POST: return SLICE("POST");
	case METHOD_PUT: return SLICE("PUT");
	case METHOD_PATCH: return SLICE("PATCH");
	case METHOD_DELETE: return SLICE("DELETE");
	case METHOD_OPTIONS: return SLICE("OPTIONS");
	default: return SLICE("");
	}
}

bool http_header_next(const struct http_request *request, const char *name, size_t *at,
		      struct slice *value)
{
	for (size_t i = *at; i < request->header_count; i++) {
		if (!http_same(request->headers[i].name, name))
			continue;
		*value = request->headers[i].value;
		*at = i + 1;
		return true;
	}
	return false;
}

struct slice http_header(const struct http_request *request, const char *name)
{
	struct slice value = { NULL, 0 };
	size_t at = 0;

	(void)http_header_next(request, name, &at, &value);
	return value;
}

size_t http_header_times(const struct http_request *request, const char *name)
{
	struct slice value;
	size_t at = 0, times = 0;

	while (http_header_next(request, name, &at, &value))
		times++;
	return times;
}

/* The path of a target without one is a constant. */
static struct slice moved(struct slice text, struct slice head, const char *bytes)
{
	if (text.data < head.data || text.data > head.data + head.len)
		return text;
	return slice_span(bytes + (text.data - head.data), text.len);
}

void http_request_copy(struct http_request *copy, const struct http_request *request, char *bytes)
{
	struct slice head = request->head;

	memcpy(bytes, head.data, head.len);
	memcpy(copy, request, offsetof(struct http_request, headers));
	copy->head = slice_span(bytes, head.len);
	copy->method_text = moved(request->method_text, head, bytes);
	copy->target = moved(request->target, head, bytes);
	copy->path = moved(request->path, head, bytes);
	copy->query = moved(request->query, head, bytes);
	copy->host = moved(request->host, head, bytes);
	for (size_t i = 0; i < request->header_count; i++) {
		copy->headers[i].name = moved(request->headers[i].name, head, bytes);
		copy->headers[i].value = moved(request->headers[i].value, head, bytes);
	}
}
