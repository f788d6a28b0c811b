#include "conf/table/shape.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>

#include "conf/table/endpoint.h"
#include "conf/table/network.h"
#include "conf/table/password_hash.h"
#include "conf/table/upstream_url.h"
#include "conf/table/web_origin.h"

/* The length of the UTF-8 character at text, 0 when it is none or a control character. */
static size_t character(const unsigned char *text)
{
	static const struct {
		unsigned char first, last, low, high; /* of the first byte; of the second */
		size_t len;
	} forms[] = {
		{ 0x20, 0x7E, 0, 0, 1 },       { 0xC2, 0xC2, 0xA0, 0xBF, 2 },
		{ 0xC3, 0xDF, 0x80, 0xBF, 2 }, { 0xE0, 0xE0, 0xA0, 0xBF, 3 },
		{ 0xE1, 0xEC, 0x80, 0xBF, 3 }, { 0xED, 0xED, 0x80, 0x9F, 3 },
		{ 0xEE, 0xEF, 0x80, 0xBF, 3 }, { 0xF0, 0xF0, 0x90, 0xBF, 4 },
		{ 0xF1, 0xF3, 0x80, 0xBF, 4 }, { 0xF4, 0xF4, 0x80, 0x8F, 4 },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (text[0] < forms[i].first || text[0] > forms[i].last)
			continue;
		if (forms[i].len > 1 && (text[1] < forms[i].low || text[1] > forms[i].high))
			return 0;
		for (size_t at = 2; at < forms[i].len; at++)
			if (text[at] < 0x80 || text[at] > 0xBF)
				return 0;
		return forms[i].len;
	}
	return 0;
}

bool shape_printable(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	while (*at) {
		size_t len = character(at);

		if (!len)
			return false;
		at += len;
	}
	return true;
}

const char *shape_shown(const char *text)
{
	return shape_printable(text) ? text : "?";
}

void shape_make_printable(char *text)
{
	while (*text) {
		size_t len = character((const unsigned char *)text);

		if (!len)
			*text = '?';
		text += len ? len : 1;
	}
}

static bool consists_of(const char *text, const char *allowed)
{
	return text[strspn(text, allowed)] == '\0';
}

#define DIGITS  "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static const char *name_fault(const char *text)
{
	size_t len = strlen(text);

	if (text[0] == ' ' || text[len - 1] == ' ')
		return "begins or ends with a space";
	if (strpbrk(text, ":?&"))
		return "holds a ':', '?' or '&', which end a name where clients give one";
	return NULL;
}

static const char *address_fault(const char *text)
{
	struct in6_addr bytes;

	if (inet_pton(AF_INET, text, &bytes) == 1 || inet_pton(AF_INET6, text, &bytes) == 1)
		return NULL;
	return "is not a numeric address such as 127.0.0.1 or ::1";
}

static const char *socket_path_fault(const char *text)
{
	if (text[0] == '\0')
		return NULL;
	if (text[0] != '/')
		return "does not begin with '/'";
	if (!consists_of(text, DIGITS LETTERS "/-._~!$&'()*+,;=:@"))
		return "holds a character that is not allowed in a path";
	return strstr(text, "//") ? "holds '//'" : NULL;
}

static const char *path_fault(const char *text)
{
	const char *fault = socket_path_fault(text);

	if (!fault && text[1] != '\0' && text[strlen(text) - 1] == '/')
		return "ends with '/'";
	return fault;
}

static const char *uuid_fault(const char *text)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	static const char fault[] = "is not a UUID such as 93b4b17c-2f9c-4a3c-8ea9-5123b9c34c4b";
	size_t at;

	if (text[0] == '\0')
		return NULL;
	for (at = 0; form[at] && text[at]; at++) {
		if (form[at] == '-' ? text[at] != '-' : !strchr(DIGITS "abcdefABCDEF", text[at]))
			return fault;
	}
	return form[at] || text[at] ? fault : NULL;
}

static const char *origin_fault(const char *text)
{
	const char *host = strstr(text, "://");
	struct web_origin origin;

	if (strcmp(text, "*") == 0 || strcmp(text, "null") == 0 || strcmp(text, "file://") == 0)
		return NULL;
	if (!host || host == text || host[3] == '\0')
		return "is not an origin such as https://chat.example";
	if (!consists_of(host + 3, DIGITS LETTERS "-._:[]"))
		return "is not an origin: it has more than a scheme, a host and a port";
	if (!web_origin_read(text, strlen(text), &origin))
		return "is not an origin: its host or port is invalid";
	return NULL;
}

static const char *host_fault(const char *text)
{
	if (strcmp(text, "*") == 0 || consists_of(text, DIGITS LETTERS "-._"))
		return NULL;
	return "is not a host name (without scheme, port and path)";
}

static const char *subprotocol_fault(const char *text)
{
	if (consists_of(text, DIGITS LETTERS "!#$%&'*+-.^_`|~"))
		return NULL;
	return "is not a subprotocol's name";
}

/* Who believes everybody believes what clients say of themselves. */
static const char *network_fault(const char *text)
{
	struct network network;

	if (!network_read(text, strlen(text), &network))
		return "is not an address or a network such as 192.0.2.0/24 or 2001:db8::/32";
	return network_holds_all(&network) ? "is everybody" : NULL;
}

/* Numbers of people are positive and fit 31 bits in every dialect. */
static const char *author_fault(const char *text)
{
	static const char largest[] = "2147483647";
	const char *digits = text + 1;
	size_t len = strlen(digits);

	if (text[0] != '#')
		return name_fault(text);
	if (len == 0 || digits[0] == '0' || !consists_of(digits, DIGITS) ||
	    len >= sizeof(largest) || (len == sizeof(largest) - 1 && strcmp(digits, largest) > 0))
		return "is not a person's number, from #1 to #2147483647";
	return NULL;
}

static const char *auth_fault(const char *text)
{
	static const char prefix[] = SHAPE_AUTH_PREFIX;

	if (text[0] == '\0' ||
	    (strncmp(text, prefix, sizeof(prefix) - 1) == 0 && text[sizeof(prefix) - 1] != '\0'))
		return NULL;
	return "is not of the form backend:NAME";
}

static const char *file_fault(const char *text)
{
	static const char prefix[] = SHAPE_CREDENTIAL_PREFIX;
	const char *name = text + sizeof(prefix) - 1;

	if (strncmp(text, prefix, sizeof(prefix) - 1) != 0)
		return NULL;
	return name[0] == '\0' || name[0] == '.' || strchr(name, '/')
		   ? "is not of the form credential:NAME"
		   : NULL;
}

static bool may_be_empty(enum shape shape)
{
	return shape == SHAPE_UUID || shape == SHAPE_ROOM_ID || shape == SHAPE_FREE ||
	       shape == SHAPE_FILE || shape == SHAPE_SOCKET || shape == SHAPE_AUTH ||
	       shape == SHAPE_ALGORITHM || shape == SHAPE_PROXY || shape == SHAPE_SOCKET_PATH ||
	       shape == SHAPE_UPSTREAM;
}

const char *shape_fault(enum shape shape, const char *text)
{
	if (!shape_printable(text))
		return "holds control characters or is not UTF-8";
	if (text[0] == '\0' && !may_be_empty(shape))
		return "is empty";
	switch (shape) {
	case SHAPE_NAME: return name_fault(text);
	case SHAPE_ADDRESS: return address_fault(text);
	case SHAPE_PATH: return path_fault(text);
	case SHAPE_UUID: return uuid_fault(text);
	case SHAPE_ORIGIN: return origin_fault(text);
	case SHAPE_HOST: return host_fault(text);
	case SHAPE_SUBPROTOCOL: return subprotocol_fault(text);
	case SHAPE_NETWORK: return network_fault(text);
	case SHAPE_BIND: return endpoint_fault(text, true);
	case SHAPE_CONNECT: return endpoint_fault(text, false);
	case SHAPE_AUTHOR: return author_fault(text);
	case SHAPE_AUTH: return auth_fault(text);
	case SHAPE_HASH: return password_hash_fault(text);
	case SHAPE_FILE: return file_fault(text);
	case SHAPE_UPSTREAM_URL: return upstream_url_fault(text);
	case SHAPE_PROXY: return upstream_proxy_fault(text);
	case SHAPE_SOCKET_PATH: return socket_path_fault(text);
	case SHAPE_ROOM_ID:
	case SHAPE_FREE:
	case SHAPE_SOCKET:
	case SHAPE_LEVEL:
	case SHAPE_LOG_FORMAT:
	case SHAPE_ENGINE:
	case SHAPE_DURABILITY:
	case SHAPE_DIALECT:
	case SHAPE_ROLE:
	case SHAPE_KIND:
	case SHAPE_SOURCE:
	case SHAPE_SHOWN:
	case SHAPE_LISTENER_KIND:
	case SHAPE_LOGIN:
	case SHAPE_ALGORITHM:
	case SHAPE_PROXY_HEADER:
	case SHAPE_REWRITE:
	case SHAPE_ON_TIMEOUT:
	case SHAPE_ROOM:
	case SHAPE_ROOM_PATTERN:
	case SHAPE_STEP_ROOM:
	case SHAPE_ACCOUNT:
	case SHAPE_BACKEND:
	case SHAPE_MODE:
	case SHAPE_DIRECTION:
	case SHAPE_CREDENTIALS:
	case SHAPE_TAP:
	case SHAPE_UPSTREAM: break;
	}
	return NULL;
}
