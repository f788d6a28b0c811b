#include "bridge/net/upgrade.h"

#include <arpa/inet.h>
#include <string.h>

#include "bridge/net/http/http_chars.h"
#include "bridge/net/response.h"
#include "bridge/net/ws/ws_accept.h"
#include "conf/conf.h"
#include "conf/table/web_origin.h"

static const char *const common_subprotocols[] = { "chat", "http-only",      "ws",
						   "wss",  "rust-websocket", NULL };

static bool is_all(const char *item)
{
	return strcmp(item, "*") == 0;
}

static bool is_address(const struct authority *host)
{
	char text[INET_ADDRSTRLEN];
	struct in_addr address;

	if (host->six)
		return true;
	if (host->len >= sizeof(text))
		return false;
	memcpy(text, host->host, host->len);
	text[host->len] = '\0';
	return inet_pton(AF_INET, text, &address) == 1;
}

static bool host_listed(const struct conf_list *list, const struct authority *host)
{
	struct authority one;

	for (size_t i = 0; i < list->count; i++)
		if (is_all(list->items[i]) ||
		    (authority_read(list->items[i], strlen(list->items[i]), &one) &&
		     authority_same_host(&one, host)))
			return true;
	return false;
}

/* A name that somebody made to point here must not let a browser page in. */
static bool host_allowed(const struct conf_listener *conf, struct slice text)
{
	static const struct authority local = { .host = "localhost", .len = 9 };
	struct authority host;

	return authority_read(text.data, text.len, &host) &&
	       (is_address(&host) || authority_same_host(&host, &local) ||
		host_listed(&conf->hosts, &host));
}

static bool origin_listed(const struct conf_list *list, struct slice text,
			  const struct web_origin *origin)
{
	struct web_origin one;

	for (size_t i = 0; i < list->count; i++) {
		const char *item = list->items[i];

		if (is_all(item) || slice_is(text, item) ||
		    (origin && web_origin_read(item, strlen(item), &one) &&
		     web_origin_same(&one, origin)))
			return true;
	}
	return false;
}

static bool is_web(const struct web_origin *origin)
{
	struct slice scheme = slice_span(origin->scheme, origin->scheme_len);

	return slice_is(scheme, "http") || slice_is(scheme, "https");
}

static bool is_loopback(const struct authority *host)
{
	static const struct authority local = { .host = "localhost", .len = 9 };

	return authority_same_host(host, &local) ||
	       (host->six ? slice_is(slice_span(host->host, host->len), "::1")
			  : is_address(host) && memcmp(host->host, "127.", 4) == 0);
}

/* Whoever tries the page may have it from a file, or from a server of their own on that machine. */
static bool page_allows(const struct conf_listener *conf, struct slice text,
			const struct web_origin *origin)
{
	return conf->page &&
	       (slice_is(text, "null") || (origin && is_web(origin) && is_loopback(&origin->at)));
}

static bool origin_allowed(const struct conf_listener *conf, struct slice text, struct slice host)
{
	struct authority own;
	struct web_origin origin;
	bool known;

	if (text.len == 0)
		return true;
	known = web_origin_read(text.data, text.len, &origin);
	if (origin_listed(&conf->origins, text, known ? &origin : NULL) ||
	    page_allows(conf, text, known ? &origin : NULL))
		return true;
	return known && is_web(&origin) && authority_read(host.data, host.len, &own) &&
	       web_origin_is_at(&origin, &own);
}

bool upgrade_host_allowed(const struct listener_info *listener, struct slice host)
{
	return host_allowed(listener->conf, host);
}

bool upgrade_origin_allowed(const struct listener_info *listener, struct slice origin,
			    struct slice host)
{
	return origin_allowed(listener->conf, origin, host);
}

bool upgrade_subprotocol_known(const struct listener_info *listener, struct slice name)
{
	for (const char *const *common = common_subprotocols; *common; common++)
		if (slice_is(name, *common))
			return true;
	for (size_t i = 0; i < listener->conf->subprotocols.count; i++)
		if (slice_is(name, listener->conf->subprotocols.items[i]))
			return true;
	return false;
}

/* RFC 6455, 4.1: tokens. */
static bool subprotocols_valid(struct slice offered)
{
	struct slice item;

	while (http_list_next(&offered, &item))
		for (size_t i = 0; i < item.len; i++)
			if (!http_is(item.data[i], HTTP_TOKEN))
				return false;
	return true;
}

/* 426, with the line that says what to speak instead. */
static struct codec_response version_wanted(void)
{
	struct codec_response response =
	    response_text(426, SLICE("only WebSocket version 13 is supported\n"));

	response.header = SLICE("Sec-WebSocket-Version: 13");
	return response;
}

/* What is wrong with it first. */
static enum upgrade_fault fault_of(const struct listener_info *listener,
				   const struct upgrade_request *request, const struct mount *mount)
{
	const struct conf_listener *conf = listener->conf;

	if (request->broken)
		return UPGRADE_HEADERS;
	if (request->old)
		return UPGRADE_HTTP;
	if (!host_allowed(conf, request->host))
		return UPGRADE_HOST;
	if (!origin_allowed(conf, request->origin, request->host))
		return UPGRADE_ORIGIN;
	if (!mount)
		return UPGRADE_PATH;
	if (!slice_is(request->version, "13"))
		return UPGRADE_VERSION;
	if (!ws_key_allowed(request->key))
		return UPGRADE_KEY;
	return subprotocols_valid(request->protocols) ? UPGRADE_OK : UPGRADE_SUBPROTOCOL;
}

static struct codec_response response_to(enum upgrade_fault fault)
{
	switch (fault) {
	case UPGRADE_HEADERS: return response_text(400, SLICE("invalid escapes in the path\n"));
	case UPGRADE_HTTP: return response_text(505, SLICE("a WebSocket needs HTTP/1.1\n"));
	case UPGRADE_HOST:
		return response_text(
		    403, SLICE("this Host is not served here; see the directive hosts\n"));
	case UPGRADE_ORIGIN:
		return response_text(
		    403, SLICE("this Origin is not allowed; see the directive origins\n"));
	case UPGRADE_PATH: return response_text(404, SLICE("no dialect is mounted at this path\n"));
	case UPGRADE_VERSION: return version_wanted();
	case UPGRADE_KEY:
		return response_text(400, SLICE("Sec-WebSocket-Key is no 16 bytes in base64\n"));
	default: return response_text(400, SLICE("Sec-WebSocket-Protocol is no list of words\n"));
	}
}

const struct mount *upgrade_judge(const struct listener_info *listener,
				  const struct upgrade_request *request,
				  struct codec_response *response, enum upgrade_fault *fault)
{
	const struct mount *mount = bridge_mount(listener, request->path);

	*fault = fault_of(listener, request, mount);
	if (*fault == UPGRADE_OK)
		return mount;
	*response = response_to(*fault);
	return NULL;
}
