#include "bridge/doors/arrive.h"

#include "bridge/net/http/http_chars.h"
#include "bridge/net/upgrade.h"

#define SCHEME_MAX 8 /* "https://" */

struct arrived arrive(const struct listener_info *listener, struct slice path)
{
	struct arrived arrived = { 0 };

	for (size_t i = 0; i < listener->mount_count; i++) {
		const struct mount *mount = &listener->mounts[i];
		struct codec_match match;

		if (!mount->door)
			continue;
		match = codec_http_match(mount->codec->http, path);
		if (match.methods)
			return (struct arrived){ mount, match };
		/* Of two prefixes the longer one is meant. */
		if (match.claim > arrived.match.claim)
			arrived = (struct arrived){ mount, match };
	}
	return arrived;
}

static const enum http_method methods[CALL_METHODS] = {
	[CALL_GET] = METHOD_GET,     [CALL_POST] = METHOD_POST,     [CALL_PUT] = METHOD_PUT,
	[CALL_PATCH] = METHOD_PATCH, [CALL_DELETE] = METHOD_DELETE,
};

uint32_t arrive_methods(uint32_t known)
{
	uint32_t bits = 0;

	for (unsigned i = 0; i < CALL_METHODS; i++)
		if (known & UINT32_C(1) << i)
			bits |= UINT32_C(1) << methods[i];
	return bits;
}

const struct codec_path *arrive_row(const struct codec_match *match, enum http_method method)
{
	if (method == METHOD_HEAD)
		method = METHOD_GET;
	for (unsigned i = 0; i < CALL_METHODS; i++)
		if (methods[i] == method)
			return match->rows[i];
	return NULL;
}

/* A proxy that takes TLS off says so. */
static bool is_secure(const struct door_arrival *arrival)
{
	return arrival->listener->tls ||
	       (arrival->trusted &&
		http_same(http_header(arrival->request, "x-forwarded-proto"), "https"));
}

size_t arrive_urls_size(const struct door_arrival *arrival, const struct mount *mount)
{
	return 2 * (SCHEME_MAX + arrival->request->host.len) + strlen(mount->path);
}

static struct slice put(char **at, const char *scheme, struct slice host, struct slice path)
{
	char *start = *at;

	*at = stpcpy(*at, scheme);
	if (host.len > 0)
		memcpy(*at, host.data, host.len);
	*at += host.len;
	/* A mount at "/" needs none. */
	if (path.len > 1)
		memcpy(*at, path.data, path.len);
	*at += path.len > 1 ? path.len : 0;
	return slice_span(start, (size_t)(*at - start));
}

void arrive_urls(const struct door_arrival *arrival, const struct mount *mount, char *out,
		 struct codec_call *call)
{
	bool secure = is_secure(arrival);
	struct slice host = arrival->request->host;

	call->base_url = put(&out, secure ? "https://" : "http://", host, SLICE(""));
	call->socket_url = put(&out, secure ? "wss://" : "ws://", host, slice_of(mount->path));
}

struct slice arrive_origin(const struct door_arrival *arrival, bool *refused)
{
	struct slice origin = http_header(arrival->request, "origin");

	*refused = origin.len > 0 &&
		   !upgrade_origin_allowed(arrival->listener, origin, arrival->request->host);
	return origin.len > 0 && !*refused ? origin : (struct slice){ NULL, 0 };
}
