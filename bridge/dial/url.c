#include "bridge/dial/url.h"

#include "bridge/net/http/http_chars.h"

static const struct {
	const char *start;
	bool secure;
} schemes[] = {
	{ "ws://", false }, { "wss://", true }, { "http://", false }, { "https://", true }
};

static bool scheme_take(struct slice *text, struct call_url *url)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t len = strlen(schemes[i].start);

		if (text->len > len && http_same(slice_span(text->data, len), schemes[i].start)) {
			*text = slice_span(text->data + len, text->len - len);
			url->secure = schemes[i].secure;
			return true;
		}
	}
	return false;
}

static size_t span(struct slice text, const char *ends)
{
	size_t len = 0;

	while (len < text.len && !strchr(ends, text.data[len]))
		len++;
	return len;
}

static bool port_read(struct slice text, uint16_t *port)
{
	unsigned number = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9' || number > UINT16_MAX)
			return false;
		number = number * 10 + (unsigned)(text.data[i] - '0');
	}
	*port = (uint16_t)number;
	return number > 0 && number <= UINT16_MAX;
}

/* Of what a name or an address is made. */
static bool host_allowed(struct slice host, bool address)
{
	for (size_t i = 0; i < host.len; i++)
		if (!http_is(host.data[i], HTTP_NAME) && !(address && host.data[i] == ':'))
			return false;
	return host.len > 0;
}

static bool authority_read(struct slice text, struct call_url *url)
{
	bool address = text.len > 0 && text.data[0] == '[';
	size_t len = address ? span(text, "]") + 1 : span(text, ":");

	if (len > text.len)
		return false;
	url->named = slice_span(text.data, len);
	url->host = address ? slice_span(text.data + 1, len - 2) : url->named;
	url->port = url->secure ? 443 : 80;
	url->default_port = len == text.len;
	if (!host_allowed(url->host, address))
		return false;
	return url->default_port ||
	       (text.data[len] == ':' &&
		port_read(slice_span(text.data + len + 1, text.len - len - 1), &url->port));
}

const char *call_url_read(struct slice text, struct call_url *url)
{
	size_t len;

	if (!scheme_take(&text, url))
		return "the URL has no scheme that can be called";
	len = span(text, "/?#");
	if (memchr(text.data, '@', len))
		return "the URL holds a user";
	if (!authority_read(slice_span(text.data, len), url))
		return "the URL's host or port is none";
	url->target = slice_span(text.data + len, text.len - len);
	for (size_t i = 0; i < url->target.len; i++)
		if (!http_is(url->target.data[i], HTTP_TARGET))
			return "the URL holds a character that has to be escaped";
	url->default_port |= url->port == (url->secure ? 443 : 80);
	return NULL;
}
