#include "conf/table/upstream_url.h"

#include <string.h>
#include <strings.h>

#include "conf/table/owned.h"

#define DIGITS     "0123456789"
#define LETTERS    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define HTTP_PORT  80
#define HTTPS_PORT 443

static const struct {
	const char *start;
	bool tls;
} schemes[] = {
	{ "http://", false }, { "https://", true }, { "ws://", false }, { "wss://", true }
};

/* Behind the scheme; NULL: it has none of these. */
static const char *behind_scheme(const char *text, bool *tls)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t len = strlen(schemes[i].start);

		*tls = schemes[i].tls;
		if (strncasecmp(text, schemes[i].start, len) == 0)
			return text + len;
	}
	return NULL;
}

/* A name, or a numeric address. */
static bool is_host(const struct authority *at)
{
	const char *allowed = DIGITS LETTERS "-._";

	for (size_t i = 0; i < at->len && !at->six; i++)
		if (!strchr(allowed, at->host[i]))
			return false;
	return true;
}

static const char *path_fault(const char *path)
{
	if (strpbrk(path, "?#"))
		return "has a query or a fragment";
	if (path[strspn(path, DIGITS LETTERS "/-._~!$&'()*+,;=:@%")])
		return "holds a character that is not allowed in a path";
	return strstr(path, "//") ? "holds '//' in its path" : NULL;
}

/* NULL: it is right, but may be without a port. Else what is wrong. */
static const char *read_parts(const char *text, struct upstream_url *out)
{
	bool tls;
	const char *host = behind_scheme(text, &tls);
	size_t len = host ? strcspn(host, "/?#") : 0;

	if (!host)
		return "does not begin with http://, https://, ws:// or wss://";
	if (memchr(host, '@', len))
		return "has a user in it: user and secret_file are for that";
	if (!authority_read(host, len, &out->at) || !is_host(&out->at))
		return "has no valid host and port";
	if (out->at.port == 0)
		return "has a port that is not from 1 to 65535";
	out->tls = tls;
	out->path = host + len;
	out->path_len = strlen(out->path);
	while (out->path_len > 0 && out->path[out->path_len - 1] == '/')
		out->path_len--;
	return path_fault(out->path);
}

bool upstream_url_read(const char *text, struct upstream_url *out)
{
	if (read_parts(text, out))
		return false;
	if (out->at.port == AUTHORITY_NO_PORT)
		out->at.port = out->tls ? HTTPS_PORT : HTTP_PORT;
	return true;
}

const char *upstream_url_fault(const char *text)
{
	struct upstream_url url;

	return read_parts(text, &url);
}

const char *upstream_proxy_fault(const char *text)
{
	struct upstream_url url;
	const char *fault;

	if (text[0] == '\0')
		return NULL;
	fault = read_parts(text, &url);
	if (strncasecmp(text, "http://", 7) != 0)
		return "does not begin with http://";
	if (fault)
		return fault;
	if (url.path_len > 0)
		return "has a path";
	return url.at.port == AUTHORITY_NO_PORT ? "has no port: http://HOST:PORT" : NULL;
}

char *upstream_url_kept(const char *text)
{
	bool tls;
	const char *host = behind_scheme(text, &tls);
	size_t len = strlen(host);

	while (len > 0 && host[len - 1] == '/')
		len--;
	return owned_format("%s%.*s", tls ? "https://" : "http://", (int)len, host);
}
