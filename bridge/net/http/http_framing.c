#include "bridge/net/http/http_framing.h"

#include "bridge/net/http/http_chars.h"

HTTP_FAULT_OF(no_host, 400, "a request needs a Host");
HTTP_FAULT_OF(two_hosts, 400, "a request has one Host");
HTTP_FAULT_OF(bad_host, 400, "the Host is no name or address");
HTTP_FAULT_OF(two_lengths, 400, "a request has one Content-Length");
HTTP_FAULT_OF(bad_length, 400, "the Content-Length is no number");
HTTP_FAULT_OF(too_long, 413, "the body is too long");
HTTP_FAULT_OF(length_and_coding, 400, "Content-Length and Transfer-Encoding exclude each other");
HTTP_FAULT_OF(old_coding, 400, "HTTP/1.0 has no Transfer-Encoding");
HTTP_FAULT_OF(bad_coding, 400, "chunked is the last Transfer-Encoding, and once");
HTTP_FAULT_OF(other_coding, 501, "chunked is the only Transfer-Encoding here");
HTTP_FAULT_OF(other_expectation, 417, "100-continue is the only expectation here");

static bool port_valid(struct slice port)
{
	for (size_t i = 0; i < port.len; i++)
		if (port.data[i] < '0' || port.data[i] > '9')
			return false;
	return port.len <= 5;
}

static size_t bracketed_len(struct slice host)
{
	const char *close = memchr(host.data, ']', host.len);
	size_t len = close ? (size_t)(close - host.data) + 1 : 0;

	for (size_t i = 1; i + 1 < len; i++)
		if (!strchr("0123456789abcdefABCDEF:.", host.data[i]))
			return 0;
	return len > 2 ? len : 0;
}

bool http_host_valid(struct slice host)
{
	size_t len = 0;

	if (host.len == 0)
		return true;
	if (host.data[0] == '[')
		len = bracketed_len(host);
	else
		while (len < host.len && http_is(host.data[len], HTTP_NAME))
			len++;
	if (len == 0)
		return false;
	if (len == host.len)
		return true;
	return host.data[len] == ':' &&
	       port_valid(slice_span(host.data + len + 1, host.len - len - 1));
}

static const struct http_fault *add_host(struct http_framing *framing, struct slice value)
{
	if (framing->has_host)
		return &two_hosts;
	framing->has_host = true;
	framing->host = value;
	return http_host_valid(value) ? NULL : &bad_host;
}

static const struct http_fault *add_length(struct http_framing *framing, struct slice value)
{
	if (framing->has_length)
		return &two_lengths;
	framing->has_length = true;
	for (size_t i = 0; i < value.len; i++)
		if (value.data[i] < '0' || value.data[i] > '9')
			return &bad_length;
	if (value.len == 0)
		return &bad_length;
	if (value.len > 18)
		return &too_long;
	for (size_t i = 0; i < value.len; i++)
		framing->length = framing->length * 10 + (uint64_t)(value.data[i] - '0');
	return NULL;
}

static const struct http_fault *add_codings(struct http_framing *framing, struct slice rest)
{
	struct slice coding;

	framing->has_coding = true;
	while (http_list_next(&rest, &coding)) {
		if (framing->chunked)
			framing->coded_after = true;
		else if (http_same(coding, "chunked"))
			framing->chunked = true;
		else
			framing->coded_before = true;
	}
	return NULL;
}

static const struct http_fault *add_connection(struct http_framing *framing, struct slice rest)
{
	struct slice word;

	while (http_list_next(&rest, &word)) {
		if (http_same(word, "close"))
			framing->close = true;
		else if (http_same(word, "keep-alive"))
			framing->keep_alive = true;
		else if (http_same(word, "upgrade"))
			framing->upgrade = true;
	}
	return NULL;
}

static const struct http_fault *add_upgrade(struct http_framing *framing, struct slice rest)
{
	struct slice word;

	while (http_list_next(&rest, &word))
		if (http_same(word, "websocket"))
			framing->websocket = true;
	return NULL;
}

static const struct http_fault *add_expectation(struct http_framing *framing, struct slice value)
{
	framing->expects = true;
	return http_same(value, "100-continue") ? NULL : &other_expectation;
}

const struct http_fault *http_framing_add(struct http_framing *framing,
					  const struct http_header *header)
{
	struct slice name = header->name;

	switch (name.len) {
	case 4: return http_same(name, "host") ? add_host(framing, header->value) : NULL;
	case 6: return http_same(name, "expect") ? add_expectation(framing, header->value) : NULL;
	case 7: return http_same(name, "upgrade") ? add_upgrade(framing, header->value) : NULL;
	case 10:
		return http_same(name, "connection") ? add_connection(framing, header->value)
						     : NULL;
	case 14:
		return http_same(name, "content-length") ? add_length(framing, header->value)
							 : NULL;
	case 17:
		return http_same(name, "transfer-encoding") ? add_codings(framing, header->value)
							    : NULL;
	default: return NULL;
	}
}

static const struct http_fault *judge_codings(const struct http_framing *framing, bool old)
{
	if (!framing->has_coding)
		return NULL;
	if (framing->has_length)
		return &length_and_coding;
	if (old)
		return &old_coding;
	if (framing->coded_after)
		return &bad_coding;
	if (framing->coded_before)
		return &other_coding;
	return framing->chunked ? NULL : &bad_coding;
}

const struct http_fault *http_framing_judge(const struct http_framing *framing,
					    struct http_request *request)
{
	if (!framing->has_host && !request->old)
		return &no_host;
	if (!request->host.data && framing->has_host)
		request->host = framing->host;
	request->keep_alive = !framing->close && (!request->old || framing->keep_alive);
	request->chunked = framing->chunked;
	request->length = framing->length;
	request->expect_continue =
	    framing->expects && !request->old && (framing->chunked || framing->length > 0);
	request->upgrade = framing->upgrade && !request->old;
	request->websocket = framing->websocket && !request->old;
	return judge_codings(framing, request->old);
}
