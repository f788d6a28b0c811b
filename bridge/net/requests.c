#include "bridge/net/requests.h"

#include <string.h>

#include "bridge/core/log/log_limit.h"
#include "bridge/core/worker.h"
#include "bridge/net/http/http_chars.h"
#include "bridge/net/http/http_escape.h"
#include "bridge/net/peers/addresses.h"
#include "bridge/net/peers/proxies.h"
#include "bridge/net/response.h"
#include "bridge/net/upgrade.h"
#include "bridge/net/ws/ws_accept.h"
#include "codecs/text/name.h"
#include "conf/conf.h"

static bool is_root(const struct http_request *request)
{
	return slice_is(request->path, "/");
}

void requests_refused(struct worker *worker, enum upgrade_fault fault)
{
	worker->counters->upgrades_refused++;
	worker->counters->upgrades_refused_for[fault]++;
}

/* detail: what of the request was wrong, as it came. Requests for no WebSocket are not worth a line
 * each. A proxy is not worded as a client: who bans addresses by the log would lock out everybody.
 */
static void log_refused(const struct request_place *place, struct slice path,
			enum upgrade_fault fault, struct slice detail)
{
	enum log_level level = fault == UPGRADE_PLAIN ? LOG_DEBUG : LOG_INFO;
	bool proxy = proxies_trust(place->listener->proxies, place->peer);
	char address[ADDRESS_TEXT_MAX], at[256], shown[256];
	struct log_fields fields = { .event = "upgrade_refused",
				     .reason = upgrade_fault_code(fault),
				     .path = path };

	if (!log_enabled(level))
		return;
	address_text(place->peer, address);
	if (!proxy)
		fields.address = address;
	log_event_limited(
	    LOG_REFUSED_UPGRADE, level, &fields, "refused upgrade %s %s at \"%s\": %s \"%s\"",
	    proxy ? "of the proxy" : "from", address, text_escape(path, at, sizeof(at)),
	    fields.reason, text_escape(detail, shown, sizeof(shown)));
}

static struct slice detail_of(const struct upgrade_request *request, enum upgrade_fault fault)
{
	switch (fault) {
	case UPGRADE_HOST: return request->host;
	case UPGRADE_ORIGIN: return request->origin;
	case UPGRADE_VERSION: return request->version;
	case UPGRADE_SUBPROTOCOL: return request->protocols;
	default: return (struct slice){ 0 };
	}
}

bool requests_of_dragoman(const struct http_request *request)
{
	unsigned char uuid[16];

	return uuid_parse(http_header(request, "dragoman-instance"), uuid);
}

const struct mount *requests_upgrade(const struct request_place *place,
				     const struct http_request *request,
				     struct codec_handshake *handshake, char *scratch,
				     struct codec_response *response)
{
	struct upgrade_request upgrade = {
		.old = request->old,
		.path = request->path,
		.host = request->host,
		.origin = http_header(request, "origin"),
		.version = http_header(request, "sec-websocket-version"),
		.key = http_header(request, "sec-websocket-key"),
		.protocols = http_header(request, "sec-websocket-protocol"),
	};
	enum upgrade_fault fault;
	const struct mount *mount;

	upgrade.broken = http_unescape(request->path, false, scratch, &upgrade.path) != HTTP_PLAIN;
	mount = upgrade_judge(place->listener, &upgrade, response, &fault);
	if (!mount) {
		log_refused(place, request->path, fault, detail_of(&upgrade, fault));
		requests_refused(place->worker, fault);
		return NULL;
	}
	*handshake =
	    (struct codec_handshake){ .path = upgrade.path,
				      .query = request->query,
				      .authorization = http_header(request, "authorization"),
				      .dragoman = requests_of_dragoman(request),
				      .page = place->listener->conf->page && !mount->strict };
	return mount;
}

struct slice requests_protocol(const struct listener_info *listener,
			       const struct http_request *request)
{
	struct slice offered = http_header(request, "sec-websocket-protocol"), item, first = { 0 };

	while (http_list_next(&offered, &item)) {
		if (!first.data)
			first = item;
		if (upgrade_subprotocol_known(listener, item))
			return item;
	}
	return first;
}

/* All headers of the name as one (RFC 9110 section 5.3), put together in joined, which is empty. */
static struct slice extensions_of(const struct http_request *request, struct http_output *joined)
{
	struct slice value;
	size_t at = 0;
	bool offered = false;

	while (http_header_next(request, "sec-websocket-extensions", &at, &value)) {
		if (joined->len > 0)
			http_output_add(joined, SLICE(","));
		http_output_add(joined, value);
		offered = true;
	}
	return offered ? slice_span(joined->data ? joined->data : "", joined->len)
		       : (struct slice){ 0 };
}

bool requests_extensions(const struct request_place *place, const struct http_request *request,
			 struct ws_terms *terms, struct codec_response *response)
{
	struct http_output joined = { 0 };
	struct slice offer = { 0 };
	bool well;

	*terms = (struct ws_terms){ 0 };
	if (place->listener->conf->compression)
		offer = extensions_of(request, &joined);
	well = !offer.data || ws_offer_judge(offer, terms) != WS_OFFER_BAD;
	if (!well) {
		log_refused(place, request->path, UPGRADE_EXTENSIONS, offer);
		requests_refused(place->worker, UPGRADE_EXTENSIONS);
		*response = response_text(400, SLICE("invalid Sec-WebSocket-Extensions\n"));
	}
	http_output_clear(&joined);
	return well;
}

struct codec_response requests_plain(const struct request_place *place,
				     const struct http_request *request)
{
	struct codec_response response =
	    response_text(404, SLICE("nothing is served at this path\n"));

	if (bridge_mount(place->listener, request->path))
		response = response_text(426, SLICE("a WebSocket is spoken here\n"));
	else if (is_root(request))
		return response_text(200, SLICE("Dragoman, a bridge between chat protocols\n"));
	log_refused(place, request->path, UPGRADE_PLAIN, (struct slice){ 0 });
	requests_refused(place->worker, UPGRADE_PLAIN);
	return response;
}

struct codec_response requests_crowded(const struct request_place *place,
				       const struct http_request *request)
{
	log_refused(place, request->path, UPGRADE_CROWDED, (struct slice){ 0 });
	requests_refused(place->worker, UPGRADE_CROWDED);
	return response_text(503, SLICE("too many connections from this address\n"));
}

/* Not worded as a refusal: who bans addresses by the log would lock out who did nothing wrong. */
static void log_unanswered(const struct request_place *place)
{
	bool proxy = proxies_trust(place->listener->proxies, place->peer);
	char address[ADDRESS_TEXT_MAX];
	struct log_fields fields = { .event = "upgrade_unanswered" };

	address_text(place->peer, address);
	if (!proxy)
		fields.address = address;
	log_event_limited(LOG_REFUSED_UPGRADE, LOG_INFO, &fields,
			  "upgrade %s %s was not answered in time", proxy ? "of the proxy" : "from",
			  address);
}

void requests_failed(const struct request_place *place, unsigned status)
{
	enum upgrade_fault fault = status == 505   ? UPGRADE_HTTP
				   : status == 405 ? UPGRADE_METHOD
				   : status == 408 ? UPGRADE_LATE
				   : status == 504 ? UPGRADE_UNANSWERED
						   : UPGRADE_HEADERS;

	if (fault == UPGRADE_UNANSWERED)
		log_unanswered(place);
	else
		log_refused(place, (struct slice){ 0 }, fault, (struct slice){ 0 });
	requests_refused(place->worker, fault);
}

/* Not worded as a refusal, either. */
void requests_closing(const struct request_place *place)
{
	char address[ADDRESS_TEXT_MAX];
	struct log_fields fields = { .event = "upgrade_turned_away",
				     .address = address_text(place->peer, address),
				     .reason = upgrade_fault_code(UPGRADE_CLOSING) };

	log_event_limited(LOG_REFUSED_UPGRADE, LOG_INFO, &fields,
			  "an upgrade from %s came while the server is closing", address);
	requests_refused(place->worker, UPGRADE_CLOSING);
}
