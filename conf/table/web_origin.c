#include "conf/table/web_origin.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#define PORT_MAX 65535

static bool same_letters(const char *a, size_t a_len, const char *b, size_t b_len)
{
	return a_len == b_len && strncasecmp(a, b, a_len) == 0;
}

static bool six_read(const char *text, size_t len, struct in6_addr *out)
{
	char copy[INET6_ADDRSTRLEN];

	if (len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return inet_pton(AF_INET6, copy, out) == 1;
}

/* What is behind the host: nothing, ":" or ":80". */
static bool port_read(const char *text, size_t len, int *port)
{
	int number = 0;

	*port = AUTHORITY_NO_PORT;
	if (len == 0)
		return true;
	if (text[0] != ':')
		return false;
	for (size_t i = 1; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		number = number * 10 + (text[i] - '0');
		if (number > PORT_MAX)
			return false;
	}
	if (len > 1)
		*port = number;
	return true;
}

static bool literal_read(const char *text, size_t len, struct authority *out, size_t *used)
{
	const char *end = memchr(text, ']', len);
	struct in6_addr address;

	if (!end)
		return false;
	out->host = text + 1;
	out->len = (size_t)(end - text - 1);
	out->six = true;
	*used = out->len + 2;
	return six_read(out->host, out->len, &address);
}

bool authority_read(const char *text, size_t len, struct authority *out)
{
	const char *colon;
	size_t used;

	*out = (struct authority){ .host = text };
	if (len == 0)
		return false;
	if (text[0] == '[')
		return literal_read(text, len, out, &used) &&
		       port_read(text + used, len - used, &out->port);
	colon = memchr(text, ':', len);
	used = colon ? (size_t)(colon - text) : len;
	out->len = used > 0 && text[used - 1] == '.' ? used - 1 : used;
	return out->len > 0 && port_read(text + used, len - used, &out->port);
}

bool authority_same_host(const struct authority *a, const struct authority *b)
{
	struct in6_addr left, right;

	if (a->six != b->six)
		return false;
	if (!a->six)
		return same_letters(a->host, a->len, b->host, b->len);
	return six_read(a->host, a->len, &left) && six_read(b->host, b->len, &right) &&
	       memcmp(&left, &right, sizeof(left)) == 0;
}

bool web_origin_read(const char *text, size_t len, struct web_origin *out)
{
	static const char mark[] = "://", file[] = "file";
	const char *end = memmem(text, len, mark, sizeof(mark) - 1);
	const char *host = end ? end + sizeof(mark) - 1 : NULL;

	*out = (struct web_origin){ .scheme = text };
	if (!host || end == text)
		return false;
	out->scheme_len = (size_t)(end - text);
	if (host == text + len && same_letters(text, out->scheme_len, file, sizeof(file) - 1)) {
		out->at = (struct authority){ .host = host, .port = AUTHORITY_NO_PORT };
		return true;
	}
	return authority_read(host, len - (size_t)(host - text), &out->at);
}

/* A port, or the one that the scheme has when none is said. */
static int port_of(const struct web_origin *origin, int port)
{
	static const struct {
		const char *scheme;
		int port;
	} usual[] = { { "http", 80 }, { "https", 443 }, { "ws", 80 }, { "wss", 443 } };

	for (size_t i = 0; port == AUTHORITY_NO_PORT && i < sizeof(usual) / sizeof(usual[0]); i++)
		if (same_letters(origin->scheme, origin->scheme_len, usual[i].scheme,
				 strlen(usual[i].scheme)))
			return usual[i].port;
	return port;
}

bool web_origin_is_at(const struct web_origin *origin, const struct authority *at)
{
	return authority_same_host(&origin->at, at) &&
	       port_of(origin, origin->at.port) == port_of(origin, at->port);
}

bool web_origin_same(const struct web_origin *a, const struct web_origin *b)
{
	return same_letters(a->scheme, a->scheme_len, b->scheme, b->scheme_len) &&
	       web_origin_is_at(a, &b->at);
}
