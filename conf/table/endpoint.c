#include "conf/table/endpoint.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf/table/owned.h"

#define HOST_BYTES_MAX 253
#define DIGITS         "0123456789"
#define LETTERS        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

static const char ipc[] = "ipc://", tcp[] = "tcp://";

enum host { HOST_WRONG, HOST_ANY, HOST_NAME, HOST_IPV4, HOST_IPV6 };

/* Of a tcp endpoint; the host without brackets. */
struct tcp {
	char host[HOST_BYTES_MAX + 1];
	enum host kind;
	unsigned char address[16]; /* of IPv4 the first four */
	const char *port;
};

static bool begins_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

const char *endpoint_path(const char *text)
{
	return begins_with(text, ipc) ? text + sizeof(ipc) - 1 : NULL;
}

/* Names whose last label is a number are addresses that went wrong. */
static bool is_name(const char *host)
{
	const char *dot = strrchr(host, '.');
	const char *last = dot ? dot + 1 : host;

	return host[0] && host[strspn(host, DIGITS LETTERS "-._")] == '\0' &&
	       last[strspn(last, DIGITS)] != '\0';
}

static enum host host_kind(struct tcp *out, bool bracketed)
{
	if (bracketed)
		return inet_pton(AF_INET6, out->host, out->address) == 1 ? HOST_IPV6 : HOST_WRONG;
	if (strcmp(out->host, "*") == 0)
		return HOST_ANY;
	if (inet_pton(AF_INET, out->host, out->address) == 1)
		return HOST_IPV4;
	return is_name(out->host) ? HOST_NAME : HOST_WRONG;
}

/* False when there is no port. */
static bool tcp_split(const char *text, struct tcp *out)
{
	const char *host = text + sizeof(tcp) - 1, *colon = strrchr(host, ':');
	size_t len = colon ? (size_t)(colon - host) : 0;
	bool bracketed = len >= 2 && host[0] == '[' && host[len - 1] == ']';

	*out = (struct tcp){ .port = colon ? colon + 1 : NULL };
	if (bracketed) {
		host++;
		len -= 2;
	}
	if (!colon)
		return false;
	if (len > HOST_BYTES_MAX)
		return true;
	memcpy(out->host, host, len);
	out->kind = host_kind(out, bracketed);
	return true;
}

static bool any_port(const char *port)
{
	return strcmp(port, "*") == 0 || strcmp(port, "0") == 0;
}

static bool is_port(const char *port)
{
	size_t len = strlen(port);

	return len > 0 && len <= 5 && strspn(port, DIGITS) == len && port[0] != '0' &&
	       strtol(port, NULL, 10) <= 65535;
}

static const char *tcp_fault(const char *text, bool bind)
{
	struct tcp end;

	if (!tcp_split(text, &end))
		return "has no port: tcp://HOST:PORT";
	if (end.kind == HOST_WRONG && strchr(end.host, ':'))
		return "has no valid IPv6 address in brackets, such as [::1]";
	if (end.kind == HOST_WRONG)
		return "has no valid host";
	if (end.kind == HOST_NAME && bind)
		return "has a host name: bind needs a numeric address, or '*' for all";
	if (end.kind == HOST_ANY && !bind)
		return "has no host to connect to";
	if (any_port(end.port))
		return bind ? NULL : "has no port to connect to";
	return is_port(end.port) ? NULL : "has a port that is not from 1 to 65535";
}

const char *endpoint_fault(const char *text, bool bind)
{
	const char *path = endpoint_path(text);

	if (begins_with(text, tcp))
		return tcp_fault(text, bind);
	if (!path)
		return "is not an endpoint such as ipc://chat.sock or tcp://127.0.0.1:7100";
	if (path[0] == '\0')
		return "has no path";
	/* To the library these are no files: what has no file has no permissions either. */
	if (path[0] == '@' || path[0] == '*')
		return "has a path that begins with '@' or '*'";
	return NULL;
}

char *endpoint_from(const char *folder, const char *text)
{
	const char *path = endpoint_path(text);
	char *whole, *out;

	if (!path)
		return owned_text(text);
	whole = owned_path(folder, path);
	out = owned_format("%s%s", ipc, whole);
	free(whole);
	return out;
}

bool endpoint_local(const char *text)
{
	static const unsigned char loopback[16] = { [15] = 1 };
	struct tcp end;

	if (endpoint_path(text))
		return true;
	if (!tcp_split(text, &end))
		return false;
	switch (end.kind) {
	case HOST_IPV4: return end.address[0] == 127;
	case HOST_IPV6: return memcmp(end.address, loopback, sizeof(loopback)) == 0;
	case HOST_NAME: return strcasecmp(end.host, "localhost") == 0;
	case HOST_ANY:
	case HOST_WRONG: break;
	}
	return false;
}

char *endpoint_key(const char *text)
{
	char address[INET6_ADDRSTRLEN] = "";
	struct tcp end;

	if (endpoint_path(text) || !tcp_split(text, &end))
		return owned_text(text);
	if (any_port(end.port))
		return NULL;
	if (end.kind != HOST_IPV6)
		return owned_format("%s%s:%s", tcp, end.host, end.port);
	inet_ntop(AF_INET6, end.address, address, sizeof(address));
	return owned_format("%s[%s]:%s", tcp, address, end.port);
}
