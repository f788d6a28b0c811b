#include "bridge/dial/handshake.h"

#include <stdio.h>
#include <stdlib.h>

#include "bridge/dial/retry_after.h"
#include "bridge/net/http/http_chars.h"

/* What headers of an answer said. */
struct findings {
	struct slice accept;
	bool upgrade, connection, extended, accepted_twice;
};

bool handshake_value_allowed(struct slice value)
{
	for (size_t i = 0; i < value.len; i++)
		if (!http_is(value.data[i], HTTP_VALUE))
			return false;
	return true;
}

static void add_header(FILE *out, const char *name, struct slice value)
{
	if (value.data)
		fprintf(out, "%s: %.*s\r\n", name, (int)value.len, value.data);
}

char *handshake_ask(const struct handshake *handshake, size_t *len)
{
	const struct call_url *url = handshake->url;
	char *text;
	FILE *out = open_memstream(&text, len);

	if (!out)
		abort();
	fprintf(out, "GET %s%.*s HTTP/1.1\r\nHost: %.*s",
		url->target.len > 0 && url->target.data[0] == '/' ? "" : "/", (int)url->target.len,
		url->target.data, (int)url->named.len, url->named.data);
	if (!url->default_port)
		fprintf(out, ":%u", url->port);
	fprintf(out,
		"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: %s\r\n"
		"Sec-WebSocket-Version: 13\r\nUser-Agent: dragoman/" DRAGOMAN_VERSION "\r\n",
		handshake->key);
	add_header(out, "Authorization", handshake->authorization);
	add_header(out, "Dragoman-Instance", handshake->instance);
	fputs("\r\n", out);
	if (fclose(out) != 0)
		abort();
	return text;
}

/* ---- the answer ---- */

static enum handshake_step refuse(struct handshake_answer *answer, const char *why)
{
	snprintf(answer->why, sizeof(answer->why), "%s", why);
	return HANDSHAKE_REFUSED;
}

/* The next line, without its end. False: it is not whole. */
static bool line_next(struct slice *rest, struct slice *line)
{
	const char *end = rest->len ? memchr(rest->data, '\n', rest->len) : NULL;
	size_t len;

	if (!end)
		return false;
	len = (size_t)(end - rest->data);
	*line = slice_span(rest->data, len);
	*rest = slice_span(end + 1, rest->len - len - 1);
	if (len > 0 && line->data[len - 1] == '\r')
		line->len--;
	return true;
}

/* "HTTP/1.1 101 whatever". */
static bool status_read(struct slice line, unsigned *status)
{
	static const char form[] = "HTTP/1.# ###";
	size_t len = sizeof(form) - 1;

	if (line.len < len || (line.len > len && line.data[len] != ' '))
		return false;
	for (size_t i = 0; i < len; i++)
		if (form[i] == '#' ? line.data[i] < '0' || line.data[i] > '9'
				   : line.data[i] != form[i])
			return false;
	*status = (unsigned)((line.data[9] - '0') * 100 + (line.data[10] - '0') * 10 +
			     (line.data[11] - '0'));
	return *status >= 100;
}

static bool list_has(struct slice list, const char *word)
{
	struct slice item;

	while (http_list_next(&list, &item))
		if (http_same(item, word))
			return true;
	return false;
}

static void header_take(struct slice name, struct slice value, uint64_t wall_ms,
			struct findings *found, struct handshake_answer *answer)
{
	if (http_same(name, "upgrade")) {
		found->upgrade |= http_same(value, "websocket");
	} else if (http_same(name, "connection")) {
		found->connection |= list_has(value, "upgrade");
	} else if (http_same(name, "sec-websocket-accept")) {
		found->accepted_twice |= found->accept.data != NULL;
		found->accept = value;
	} else if (http_same(name, "sec-websocket-extensions") ||
		   http_same(name, "sec-websocket-protocol")) {
		found->extended |= value.len > 0;
	} else if (http_same(name, "retry-after")) {
		answer->retry_after_s = retry_after_read(value, wall_ms);
	} else if (http_same(name, "dragoman-instance") && value.len > 0) {
		answer->instance = value;
	}
}

static bool header_read(struct slice line, uint64_t wall_ms, struct findings *found,
			struct handshake_answer *answer)
{
	size_t name = 0;
	struct slice value;

	while (name < line.len && http_is(line.data[name], HTTP_TOKEN))
		name++;
	if (name == 0 || name == line.len || line.data[name] != ':')
		return false;
	value = http_trimmed(slice_span(line.data + name + 1, line.len - name - 1));
	if (!handshake_value_allowed(value))
		return false;
	header_take(slice_span(line.data, name), value, wall_ms, found, answer);
	return true;
}

/* What a status that refuses means here most often. */
static const char *meaning(unsigned status)
{
	switch (status) {
	case 401: return ": the credentials are missing or wrong";
	case 403: return ": it does not let this user in";
	case 404: return ": there is no WebSocket at this path";
	default: return "";
	}
}

static enum handshake_step judge(const struct findings *found, const char *key,
				 struct handshake_answer *answer)
{
	char accept[WS_ACCEPT_SIZE];

	if (answer->status >= 300 && answer->status < 400 && answer->status != 304) {
		snprintf(answer->why, sizeof(answer->why),
			 "HTTP status %u: no redirect is followed", answer->status);
		return HANDSHAKE_REFUSED;
	}
	if (answer->status != 101) {
		snprintf(answer->why, sizeof(answer->why), "HTTP status %u%s", answer->status,
			 meaning(answer->status));
		return HANDSHAKE_REFUSED;
	}
	if (!found->upgrade || !found->connection)
		return refuse(answer, "the answer agrees on no WebSocket");
	if (!ws_accept(slice_of(key), accept))
		return refuse(answer, "this machine's OpenSSL has no SHA-1");
	if (found->accepted_twice || !slice_is(found->accept, accept))
		return refuse(answer, "the answer's Sec-WebSocket-Accept is wrong");
	if (found->extended)
		return refuse(answer, "the answer has a subprotocol or an extension that was not "
				      "offered");
	return HANDSHAKE_AGREED;
}

/* Before it is whole: can it become an answer? */
static bool may_begin(struct slice bytes)
{
	static const char start[] = "HTTP/1.";
	size_t len = bytes.len < sizeof(start) - 1 ? bytes.len : sizeof(start) - 1;

	return len == 0 || memcmp(bytes.data, start, len) == 0;
}

static bool is_whole(struct slice bytes)
{
	struct slice line;

	while (line_next(&bytes, &line))
		if (line.len == 0)
			return true;
	return false;
}

enum handshake_step handshake_read(struct slice bytes, const char *key, uint64_t wall_ms,
				   struct handshake_answer *answer)
{
	struct slice head = bytes, line;
	struct findings found = { .upgrade = false };

	*answer = (struct handshake_answer){ .status = 0 };
	if (!may_begin(bytes))
		return refuse(answer, "the answer is not of HTTP");
	if (head.len > HANDSHAKE_HEAD_MAX)
		head.len = HANDSHAKE_HEAD_MAX;
	if (!is_whole(head))
		return bytes.len < HANDSHAKE_HEAD_MAX
			   ? HANDSHAKE_MORE
			   : refuse(answer, "the answer's head is too long");
	if (!line_next(&head, &line) || !status_read(line, &answer->status))
		return refuse(answer, "the answer is not of HTTP");
	while (line_next(&head, &line) && line.len > 0)
		if (!header_read(line, wall_ms, &found, answer))
			return refuse(answer, "the answer's head is malformed");
	answer->len = (size_t)(head.data - bytes.data);
	return judge(&found, key, answer);
}
