#include "bridge/net/http/forwarded.h"

#include "bridge/net/http/http_chars.h"

#define NODE_MAX 64 /* bytes of an address with brackets and port */

static bool is_trusted(const struct network *trusted, size_t count,
		       const struct network_address *address)
{
	for (size_t i = 0; i < count; i++)
		if (network_holds(&trusted[i], address))
			return true;
	return false;
}

static bool is_port(struct slice text)
{
	if (text.len > 0 && text.data[0] == '_')
		return true;
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
	return text.len > 0 && text.len <= 5;
}

/* What stands behind the first `len` bytes: nothing, or a port. */
static bool is_end(struct slice text, size_t len)
{
	return len == text.len || (text.data[len] == ':' &&
				   is_port(slice_span(text.data + len + 1, text.len - len - 1)));
}

/* "192.0.2.7", "192.0.2.7:80", "[2001:db8::7]", "[2001:db8::7]:80", "2001:db8::7". */
static bool read_node(struct slice text, struct network_address *address)
{
	const char *end;
	size_t len;

	if (text.len == 0)
		return false;
	if (text.data[0] == '[') {
		end = memchr(text.data, ']', text.len);
		len = end ? (size_t)(end - text.data) : 0;
		return len > 0 && memchr(text.data, ':', len) && is_end(text, len + 1) &&
		       network_address_read(text.data + 1, len - 1, address);
	}
	end = memchr(text.data, ':', text.len);
	len = end ? (size_t)(end - text.data) : text.len;
	/* One colon is before a port, more are an IPv6 address. */
	if (end && memchr(end + 1, ':', text.len - len - 1))
		return network_address_read(text.data, text.len, address);
	return is_end(text, len) && network_address_read(text.data, len, address);
}

/* A quoted string without its marks and escapes, any other text as it is; absent: it is none. */
static struct slice unquoted(struct slice text, char scratch[NODE_MAX])
{
	size_t len = 0;

	if (text.len == 0 || text.data[0] != '"')
		return text;
	if (text.len < 2 || text.len > NODE_MAX || text.data[text.len - 1] != '"')
		return (struct slice){ NULL, 0 };
	for (size_t i = 1; i + 1 < text.len; i++) {
		if (text.data[i] == '\\' && i + 2 < text.len)
			i++;
		scratch[len++] = text.data[i];
	}
	return slice_span(scratch, len);
}

/* What follows the last mark outside of quotes, and takes it off *rest with the mark. From behind,
 * because what is in front may be anything, even a quote that is never closed. */
static struct slice take_last(struct slice *rest, char mark)
{
	size_t at = rest->len;
	bool quoted = false;
	struct slice last;

	while (at > 0 && (quoted || rest->data[at - 1] != mark)) {
		at--;
		if (rest->data[at] == '"' && (at == 0 || rest->data[at - 1] != '\\'))
			quoted = !quoted;
	}
	last = http_trimmed(slice_span(rest->data + at, rest->len - at));
	rest->len = at > 0 ? at - 1 : 0;
	return last;
}

/* for="[2001:db8::7]:80";proto=https */
static bool read_element(struct slice element, struct network_address *address)
{
	char scratch[NODE_MAX];

	while (element.len > 0) {
		struct slice pair = take_last(&element, ';');

		if (pair.len > 4 && http_same(slice_span(pair.data, 4), "for="))
			return read_node(unquoted(slice_span(pair.data + 4, pair.len - 4), scratch),
					 address);
	}
	return false;
}

/* The walk from proxy to proxy. */
struct walk {
	const struct network *trusted;
	size_t count;
	struct network_address client;
	unsigned hops;
};

/* False: it ends here. */
static bool walk_line(struct walk *walk, struct slice rest, enum forwarded_header header)
{
	while (rest.len > 0) {
		struct slice last = take_last(&rest, ',');
		struct network_address address;

		if (last.len == 0)
			continue;
		if (!(header == FORWARDED_X_FOR ? read_node(last, &address)
						: read_element(last, &address)))
			return false;
		walk->client = address;
		if (++walk->hops == FORWARDED_HOPS_MAX ||
		    !is_trusted(walk->trusted, walk->count, &address))
			return false;
	}
	return true;
}

struct network_address forwarded_client(const struct network_address *peer,
					const struct network *trusted, size_t count,
					enum forwarded_header header,
					const struct http_request *request)
{
	const char *name = header == FORWARDED_X_FOR ? "x-forwarded-for" : "forwarded";
	struct walk walk = { .trusted = trusted, .count = count, .client = *peer };
	size_t i = request->header_count;

	if (!is_trusted(trusted, count, peer))
		return *peer;
	while (i-- > 0)
		if (http_same(request->headers[i].name, name) &&
		    !walk_line(&walk, request->headers[i].value, header))
			break;
	return walk.client;
}
