#include "bridge/net/upgrade.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "bridge/net/response.h"
#include "conf/conf.h"

const char *const common_subprotocols[] = {
	"chat", "http-only", "ws", "wss", "rust-websocket", NULL
};

static bool same_word(struct slice word, const char *text)
{
	return word.len == strlen(text) && strncasecmp(word.data, text, word.len) == 0;
}

static bool listed(const struct conf_list *list, struct slice word)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i], "*") == 0 || same_word(word, list->items[i]))
			return true;
	return false;
}

/* "name:port", "name", "[::1]:port" -> the name. */
static struct slice host_name(struct slice host)
{
	const char *end;

	if (host.len > 0 && host.data[0] == '[') {
		end = memchr(host.data, ']', host.len);
		return end ? slice_span(host.data + 1, (size_t)(end - host.data - 1))
			   : (struct slice){ 0 };
	}
	end = host.len ? memchr(host.data, ':', host.len) : NULL;
	return end ? slice_span(host.data, (size_t)(end - host.data)) : host;
}

static bool is_address(struct slice name)
{
	char text[INET6_ADDRSTRLEN];
	unsigned char address[sizeof(struct in6_addr)];

	if (name.len == 0 || name.len >= sizeof(text))
		return false;
	memcpy(text, name.data, name.len);
	text[name.len] = '\0';
	return inet_pton(AF_INET, text, address) == 1 || inet_pton(AF_INET6, text, address) == 1;
}

/* A name that somebody made to point here must not let a browser page in. */
static bool host_allowed(const struct conf_listener *conf, struct slice host)
{
	struct slice name = host_name(host);

	return is_address(name) || same_word(name, "localhost") || listed(&conf->hosts, name);
}

static bool origin_allowed(const struct conf_listener *conf, struct slice origin, struct slice host)
{
	struct slice authority = origin;

	if (origin.len == 0 || listed(&conf->origins, origin))
		return true;
	if (slice_starts_with(origin, "http://"))
		authority = slice_span(origin.data + 7, origin.len - 7);
	else if (slice_starts_with(origin, "https://"))
		authority = slice_span(origin.data + 8, origin.len - 8);
	else
		return false;
	return authority.len == host.len && strncasecmp(authority.data, host.data, host.len) == 0;
}

static bool subprotocol_known(const struct conf_listener *conf, struct slice word)
{
	for (const char *const *common = common_subprotocols; *common; common++)
		if (slice_is(word, *common))
			return true;
	for (size_t i = 0; i < conf->subprotocols.count; i++)
		if (slice_is(word, conf->subprotocols.items[i]))
			return true;
	return false;
}

static bool subprotocol_allowed(const struct conf_listener *conf, struct slice offered)
{
	if (offered.len == 0)
		return true;
	while (offered.len > 0) {
		size_t len = 0, skip;

		while (len < offered.len && offered.data[len] != ',' && offered.data[len] != ' ')
			len++;
		if (subprotocol_known(conf, slice_span(offered.data, len)))
			return true;
		skip = len < offered.len ? len + 1 : len;
		offered = slice_span(offered.data + skip, offered.len - skip);
	}
	return false;
}

/* 426, with the line that says what to speak instead. */
static struct codec_response version_wanted(void)
{
	struct codec_response response =
	    response_text(426, SLICE("WebSocket version 13 is spoken here\n"));

	response.header = SLICE("Sec-WebSocket-Version: 13");
	return response;
}

const struct mount *upgrade_judge(const struct listener_info *listener,
				  const struct upgrade_request *request,
				  struct codec_response *response)
{
	const struct conf_listener *conf = listener->conf;
	const struct mount *mount = bridge_mount(listener, request->path);

	/* What follows such a line end would be read as headers, Host and Origin among them. */
	if (request->cut)
		*response = response_text(400, SLICE("a line end in the address\n"));
	else if (request->old)
		*response = response_text(505, SLICE("a WebSocket needs HTTP/1.1\n"));
	else if (!request->get)
		*response = response_text(405, SLICE("a WebSocket opens with GET\n"));
	else if (!host_allowed(conf, request->host))
		*response = response_text(
		    403, SLICE("this Host is not served here; see the directive hosts\n"));
	else if (!origin_allowed(conf, request->origin, request->host))
		*response = response_text(
		    403,
		    SLICE("pages of this Origin may not connect; see the directive origins\n"));
	else if (!mount)
		*response = response_text(404, SLICE("no dialect is mounted at this path\n"));
	else if (!slice_is(request->version, "13"))
		*response = version_wanted();
	else if (!subprotocol_allowed(conf, request->protocols))
		*response = response_text(
		    400, SLICE("unknown subprotocol; see the directive subprotocols\n"));
	else
		return mount;
	return NULL;
}
