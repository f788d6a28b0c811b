#include "bridge/net/http/http_answer.h"

#include "bridge/net/http/http_chars.h"

#define NUMBER_MAX 20 /* digits of 64 bits */
#define LINE_MAX   48 /* of what is written around a value */
#define FIXED_MAX  256

/* The status line of those that are sent, which is most of the cost of a small answer's head. */
#define LINE(status, phrase)                                                                       \
	case status: return SLICE("HTTP/1.1 " #status " " phrase "\r\n")

static struct slice status_line(unsigned status)
{
	switch (status) {
		LINE(100, "Continue");
		LINE(101, "Switching Protocols");
		LINE(200, "OK");
		LINE(201, "Created");
		LINE(202, "Accepted");
		LINE(204, "No Content");
		LINE(206, "Partial Content");
		LINE(301, "Moved Permanently");
		LINE(302, "Found");
		LINE(303, "See Other");
		LINE(304, "Not Modified");
		LINE(307, "Temporary Redirect");
		LINE(308, "Permanent Redirect");
		LINE(400, "Bad Request");
		LINE(401, "Unauthorized");
		LINE(403, "Forbidden");
		LINE(404, "Not Found");
		LINE(405, "Method Not Allowed");
		LINE(406, "Not Acceptable");
		LINE(408, "Request Timeout");
		LINE(409, "Conflict");
		LINE(410, "Gone");
		LINE(411, "Length Required");
		LINE(413, "Content Too Large");
		LINE(414, "URI Too Long");
		LINE(415, "Unsupported Media Type");
		LINE(417, "Expectation Failed");
		LINE(422, "Unprocessable Content");
		LINE(426, "Upgrade Required");
		LINE(429, "Too Many Requests");
		LINE(431, "Request Header Fields Too Large");
		LINE(500, "Internal Server Error");
		LINE(501, "Not Implemented");
		LINE(502, "Bad Gateway");
		LINE(503, "Service Unavailable");
		LINE(504, "Gateway Timeout");
		LINE(505, "HTTP Version Not Supported");
	default: return (struct slice){ NULL, 0 };
	}
}

struct slice http_phrase(unsigned status)
{
	struct slice line = status_line(status);

	return line.data ? slice_span(line.data + 13, line.len - 15) : SLICE("");
}

struct http_answer http_answer_text(unsigned status, struct slice sentence)
{
	return (struct http_answer){ .status = status,
				     .type = SLICE("text/plain; charset=utf-8"),
				     .body = sentence };
}

static char *put(char *at, struct slice text)
{
	if (text.len > 0)
		memcpy(at, text.data, text.len);
	return at + text.len;
}

static char *put_number(char *at, uint64_t number)
{
	char digits[NUMBER_MAX];
	size_t first = NUMBER_MAX;

	do {
		digits[--first] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	return put(at, slice_span(digits + first, NUMBER_MAX - first));
}

static bool all(struct slice text, enum http_class class)
{
	for (size_t i = 0; i < text.len; i++)
		if (!http_is(text.data[i], class))
			return false;
	return true;
}

/* before: the name, the colon and the space. An absent value is no line. */
static char *put_line(char *at, struct slice before, struct slice value, bool *well)
{
	if (!value.data)
		return at;
	if (!all(value, HTTP_VALUE)) {
		*well = false;
		return at;
	}
	at = put(put(at, before), value);
	return put(at, SLICE("\r\n"));
}

static char *put_count(char *at, struct slice before, uint64_t value)
{
	return put(put_number(put(at, before), value), SLICE("\r\n"));
}

static char *put_cors(char *at, const struct http_cors *cors, bool *well)
{
	at = put_line(at, SLICE("Access-Control-Allow-Origin: "), cors->origin, well);
	at = put(at, SLICE("Vary: Origin\r\n"));
	if (cors->credentials)
		at = put(at, SLICE("Access-Control-Allow-Credentials: true\r\n"));
	at = put_line(at, SLICE("Access-Control-Allow-Methods: "), cors->methods, well);
	at = put_line(at, SLICE("Access-Control-Allow-Headers: "), cors->headers, well);
	at = put_line(at, SLICE("Access-Control-Expose-Headers: "), cors->exposed, well);
	if (cors->max_age_s > 0)
		at = put_count(at, SLICE("Access-Control-Max-Age: "), cors->max_age_s);
	return at;
}

static bool ours(struct slice name)
{
	return http_same(name, "connection") || http_same(name, "content-length") ||
	       http_same(name, "transfer-encoding");
}

static char *put_headers(char *at, const struct http_answer *answer, bool *well)
{
	for (size_t i = 0; i < answer->header_count; i++) {
		const struct http_header *header = &answer->headers[i];

		if (header->name.len == 0 || !all(header->name, HTTP_TOKEN) ||
		    !all(header->value, HTTP_VALUE) || ours(header->name)) {
			*well = false;
			continue;
		}
		at = put(put(at, header->name), SLICE(": "));
		at = put(put(at, header->value), SLICE("\r\n"));
	}
	return at;
}

/* What is rare. */
static char *put_more(char *at, const struct http_answer *answer, bool *well)
{
	at = put_line(at, SLICE("Allow: "), answer->allow, well);
	if (answer->retry_after_s > 0)
		at = put_count(at, SLICE("Retry-After: "), answer->retry_after_s);
	if (answer->cors)
		at = put_cors(at, answer->cors, well);
	return put_headers(at, answer, well);
}

static char *put_connection(char *at, const struct http_answer *answer, struct http_manner manner)
{
	/* What to change to is told with both (RFC 9110, 15.2.2 and 15.5.22). */
	if (answer->status == 101 || answer->status == 426)
		at = put(at, SLICE("Upgrade: websocket\r\nConnection: Upgrade\r\n"));
	if (answer->status == 101)
		return at;
	if (!manner.keep_alive)
		return put(at, SLICE("Connection: close\r\n"));
	return manner.old ? put(at, SLICE("Connection: keep-alive\r\n")) : at;
}

static char *put_status(char *at, unsigned status)
{
	struct slice line = status_line(status);

	if (line.data)
		return put(at, line);
	return put(put_number(put(at, SLICE("HTTP/1.1 ")), status), SLICE(" \r\n"));
}

/* At least as many bytes as the answer will have. */
static size_t room_for(const struct http_answer *answer)
{
	const struct http_cors *cors = answer->cors;
	size_t room =
	    FIXED_MAX + answer->type.len + answer->body.len + answer->allow.len + answer->date.len;

	if (cors)
		room += 8 * LINE_MAX + cors->origin.len + cors->methods.len + cors->headers.len +
			cors->exposed.len;
	for (size_t i = 0; i < answer->header_count; i++)
		room += 4 + answer->headers[i].name.len + answer->headers[i].value.len;
	return room;
}

bool http_answer_write(struct http_output *output, const struct http_answer *answer,
		       struct http_manner manner)
{
	unsigned status = answer->status;
	bool bare = status < 200 || status == 204 || status == 304, well = true;
	char *at = http_output_room(output, room_for(answer));

	at = put_status(at, status);
	at = put_line(at, SLICE("Content-Type: "), answer->type, &well);
	if (!bare)
		at = put_count(at, SLICE("Content-Length: "), answer->body.len);
	at = put_connection(at, answer, manner);
	if (status >= 200)
		at = put_line(at, SLICE("Date: "), answer->date, &well);
	at = put_more(at, answer, &well);
	at = put(at, SLICE("\r\n"));
	if (!bare && !manner.head)
		at = put(at, answer->body);
	output->len = (size_t)(at - output->data);
	return well;
}

void http_answer_continue(struct http_output *output)
{
	http_output_add(output, SLICE("HTTP/1.1 100 Continue\r\n\r\n"));
}
