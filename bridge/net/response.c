#include "bridge/net/response.h"

#include <stdarg.h>
#include <stdio.h>

static const char *phrase_of(unsigned status)
{
	switch (status) {
	case 400: return "Bad Request";
	case 401: return "Unauthorized";
	case 403: return "Forbidden";
	case 404: return "Not Found";
	case 405: return "Method Not Allowed";
	case 426: return "Upgrade Required";
	case 429: return "Too Many Requests";
	case 431: return "Request Header Fields Too Large";
	case 503: return "Service Unavailable";
	case 505: return "HTTP Version Not Supported";
	default: return "";
	}
}

struct codec_response response_text(unsigned status, struct slice body)
{
	return (struct codec_response){ .status = status,
					.type = SLICE("text/plain; charset=utf-8"),
					.body = body };
}

static void __attribute__((format(printf, 3, 4)))
put(char out[RESPONSE_MAX], size_t *len, const char *format, ...)
{
	va_list values;
	int more;

	va_start(values, format);
	more = vsnprintf(out + *len, RESPONSE_MAX - *len, format, values);
	va_end(values);
	*len = *len + (size_t)more < RESPONSE_MAX ? *len + (size_t)more : RESPONSE_MAX - 1;
}

struct slice response_write(char out[RESPONSE_MAX], const struct codec_response *response)
{
	struct slice header = response->header, type = response->type, body = response->body;
	size_t len = 0;

	put(out, &len, "HTTP/1.1 %u %s\r\n", response->status, phrase_of(response->status));
	if (header.data)
		put(out, &len, "%.*s\r\n", (int)header.len, header.data);
	if (type.data)
		put(out, &len, "Content-Type: %.*s\r\n", (int)type.len, type.data);
	if (body.data)
		put(out, &len, "Content-Length: %zu\r\nConnection: close\r\n", body.len);
	put(out, &len, "\r\n%.*s", (int)body.len, body.data ? body.data : "");
	return slice_span(out, len);
}
