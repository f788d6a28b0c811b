#include "bridge/net/websocket.h"

#include <assert.h>
#include <libwebsockets.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "bridge/core/log/log_limit.h"
#include "bridge/net/headers.h"
#include "bridge/net/library_log.h"
#include "bridge/net/response.h"
#include "bridge/net/tls.h"
#include "bridge/net/upgrade.h"
#include "codecs/text/memory.h"
#include "codecs/text/name.h"
#include "conf/conf.h"

/* The library reads at most this much at a time; it is room in the address space, touched only
 * as far as messages are long. It is more than one record of TLS: what is left of one waits inside
 * OpenSSL, where nothing wakes a connection that was paused meanwhile. */
#define READ_BYTES        32768
#define CLOSE_PAYLOAD_MAX 125

/* The library takes only a pong as a sign of life; without a time to hang up it leaves the policy
 * to us. */
const struct lws_retry_bo websocket_idle_policy = { .secs_since_valid_ping = 1 };

/* The parts so far of a message that comes in several. */
struct parts {
	size_t len, size;
	char bytes[];
};

/* One connection. The library's opaque user data points at it from adoption to WSI_DESTROY. */
struct conn {
	struct lws *wsi;
	struct worker *worker;
	const struct listener_info *listener;
	uint64_t address;
	struct peer_address peer;
	void *user; /* of worker->use; NULL until the upgrade is judged, and once it is gone */
	struct parts *parts; /* NULL: none */
	bool closing;        /* a close frame went out or came in */
	bool secured;        /* the TLS handshake is done */
	bool judged;         /* its request was upgraded or refused, or never came */
	bool corked;         /* the kernel holds the answer to the upgrade back for the greeting */
};

static void conn_cork(struct conn *conn, int on)
{
	setsockopt(lws_get_socket_fd(conn->wsi), IPPROTO_TCP, TCP_CORK, &on, sizeof(on));
	conn->corked = on;
}

static bool conn_write(void *data, const unsigned char *bytes, size_t len, bool *complete)
{
	struct conn *conn = data;

	assert(!lws_partial_buffered(conn->wsi));
	/* RAW: the frame header is in the bytes already, and the library only reads them. */
	if (lws_write(conn->wsi, (unsigned char *)(uintptr_t)bytes, len, LWS_WRITE_RAW) < 0)
		return false;
	if (conn->corked)
		conn_cork(conn, 0);
	*complete = !lws_partial_buffered(conn->wsi);
	if (!*complete)
		lws_callback_on_writable(conn->wsi);
	return true;
}

/* The library's own timers only run when it has something else to do, so its way to end a
 * connection from outside may take long: it notices a socket that is shut down at once. */
static void conn_kill(void *data)
{
	struct conn *conn = data;

	lws_rx_flow_control(conn->wsi, 1);
	lws_set_timeout(conn->wsi, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_ASYNC);
	shutdown(lws_get_socket_fd(conn->wsi), SHUT_RDWR);
}

/* RFC 6455 section 5.5.1. Debian's libwebsockets, built for debugging, closes a connection on
 * libuv twice in a row, and the second time drops it before its own close frame is out: so the
 * frame is ours, and the library only sees the peer's. */
static bool send_close_frame(struct conn *conn, enum close_reason why)
{
	unsigned char frame[2 + CLOSE_PAYLOAD_MAX];
	uint16_t code = close_code(why);
	const char *text = close_text(why);
	size_t len = strlen(text);

	if (len > CLOSE_PAYLOAD_MAX - 2)
		len = CLOSE_PAYLOAD_MAX - 2;
	frame[0] = 0x88;
	frame[1] = (unsigned char)(2 + len);
	frame[2] = (unsigned char)(code >> 8);
	frame[3] = (unsigned char)code;
	if (len)
		memcpy(frame + 4, text, len);
	conn->closing = true;
	return lws_partial_buffered(conn->wsi) ||
	       lws_write(conn->wsi, frame, 4 + len, LWS_WRITE_RAW) >= 0;
}

static void conn_close(void *data, enum close_reason why)
{
	if (!send_close_frame(data, why))
		conn_kill(data);
}

static void conn_pause(void *data, bool paused)
{
	struct conn *conn = data;

	lws_rx_flow_control(conn->wsi, !paused);
}

static uint64_t conn_silent_ms(void *data)
{
	struct conn *conn = data;
	struct tcp_info info;
	socklen_t len = sizeof(info);

	if (getsockopt(lws_get_socket_fd(conn->wsi), IPPROTO_TCP, TCP_INFO, &info, &len) < 0)
		return 0;
	return info.tcpi_last_data_recv;
}

static char *conn_address(void *data, char out[ADDRESS_TEXT_MAX])
{
	const struct conn *conn = data;

	return address_text(&conn->peer, out);
}

#define WEBSOCKET_PING                                                                             \
	{                                                                                          \
		"\x89\x00", 2                                                                      \
	}

const struct slice websocket_ping = WEBSOCKET_PING;

static const struct transport transport = { .write = conn_write,
					    .close = conn_close,
					    .kill = conn_kill,
					    .pause = conn_pause,
					    .silent_ms = conn_silent_ms,
					    .address = conn_address,
					    .framing = FRAMING_WEBSOCKET,
					    .ping = WEBSOCKET_PING };

/* ---- the upgrade ---- */

/* detail: what of the request was wrong, as it came. Requests for no WebSocket are not worth a line
 * each. */
static void log_refused(struct conn *conn, struct slice path, enum upgrade_fault fault,
			struct slice detail)
{
	enum log_level level = fault == UPGRADE_PLAIN ? LOG_DEBUG : LOG_INFO;
	char address[ADDRESS_TEXT_MAX], at[256], shown[256];

	if (!log_enabled(level))
		return;
	log_limited(LOG_REFUSED_UPGRADE, level, "refused upgrade from %s at \"%s\": %s \"%s\"",
		    conn_address(conn, address), text_escape(path, at, sizeof(at)),
		    upgrade_fault_code(fault), text_escape(detail, shown, sizeof(shown)));
}

static int refuse(struct conn *conn, const struct codec_response *response,
		  enum upgrade_fault fault)
{
	char bytes[LWS_PRE + RESPONSE_MAX];
	struct slice text = response_write(bytes + LWS_PRE, response);

	conn->worker->counters->upgrades_refused++;
	conn->worker->counters->upgrades_refused_for[fault]++;
	lws_write(conn->wsi, (unsigned char *)bytes + LWS_PRE, text.len, LWS_WRITE_HTTP);
	return 1;
}

static int user_start(struct conn *conn, const struct mount *mount,
		      const struct request_headers *request)
{
	struct codec_handshake handshake = { .path = request->upgrade.path,
					     .query = request->query,
					     .authorization = request->authorization };
	struct codec_response response;
	enum reason reason;

	conn->user =
	    conn->worker->use->arrive(conn->worker, mount, conn->address, &transport, conn);
	reason = conn->worker->use->handshake(conn->user, &handshake, &response);
	if (reason == REASON_NONE && mount->codec->serves->open)
		conn_cork(conn, 1);
	if (reason == REASON_NONE)
		return 0;
	conn->worker->use->gone(conn->user);
	conn->user = NULL;
	return refuse(conn, &response, UPGRADE_LOGIN);
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

/* The library calls this with headers already freed when it has refused the request itself: then
 * nothing but -1 is safe. */
static int confirm_upgrade(struct conn *conn, char *token)
{
	struct request_headers request;
	struct codec_response response;
	const struct mount *mount;
	enum upgrade_fault fault;
	char upgrade[32];

	if (lws_hdr_copy(conn->wsi, upgrade, sizeof(upgrade), WSI_TOKEN_UPGRADE) <= 0)
		return -1;
	/* Ordinary clients ask for HTTP/2 this way and are served without: the library looks at
	 * the token again after us, so it must no longer be the word it knows. */
	if (strcasecmp(upgrade, "h2c") == 0) {
		token[0] = '-';
		return 0;
	}
	if (strcasecmp(upgrade, "websocket") != 0)
		return -1;
	if (!headers_read(conn->wsi, &request)) {
		response = response_text(431, SLICE("the request line or a header is too long\n"));
		log_refused(conn, (struct slice){ 0 }, UPGRADE_HEADERS, (struct slice){ 0 });
		return refuse(conn, &response, UPGRADE_HEADERS);
	}
	mount = upgrade_judge(conn->listener, &request.upgrade, &response, &fault);
	if (!mount) {
		log_refused(conn, request.upgrade.path, fault, detail_of(&request.upgrade, fault));
		return refuse(conn, &response, fault);
	}
	return user_start(conn, mount, &request);
}

static int answer_plain(struct conn *conn, const char *path)
{
	struct codec_response response =
	    response_text(404, SLICE("nothing is served at this path\n"));

	if (bridge_mount(conn->listener, slice_of(path))) {
		response = response_text(426, SLICE("a WebSocket upgrade is required here\n"));
		response.header = SLICE("Upgrade: websocket");
	}
	log_refused(conn, slice_of(path), UPGRADE_PLAIN, (struct slice){ 0 });
	refuse(conn, &response, UPGRADE_PLAIN);
	return -1;
}

/* ---- messages ---- */

static void parts_add(struct conn *conn, const char *bytes, size_t len, size_t limit)
{
	struct parts *parts = conn->parts;
	size_t before = parts ? parts->len : 0;

	if (!parts || parts->size < before + len) {
		size_t size = 2 * (before + len) < limit ? 2 * (before + len) : limit;

		parts = memory_resize(parts, sizeof(*parts) + size);
		parts->size = size;
		conn->parts = parts;
	}
	memcpy(parts->bytes + before, bytes, len);
	parts->len = before + len;
}

static void gather(struct conn *conn, const char *bytes, size_t len, bool final, bool binary)
{
	const struct transport_user *use = conn->worker->use;
	size_t limit = use->message_limit(conn->user);

	if (limit == 0 || (len == 0 && !final))
		return;
	if ((conn->parts ? conn->parts->len : 0) + len > limit) {
		use->reject(conn->user, CLOSE_TOO_LONG);
		return;
	}
	if (final && !conn->parts) {
		use->receive(conn->user, slice_span(bytes, len), binary);
		return;
	}
	parts_add(conn, bytes, len, limit);
	if (!final)
		return;
	use->receive(conn->user, slice_span(conn->parts->bytes, conn->parts->len), binary);
	free(conn->parts);
	conn->parts = NULL;
}

static int receive(struct conn *conn, const char *bytes, size_t len)
{
	bool final =
	    lws_is_final_fragment(conn->wsi) && lws_remaining_packet_payload(conn->wsi) == 0;

	if (conn->user)
		gather(conn, bytes ? bytes : "", len, final, lws_frame_is_binary(conn->wsi));
	return 0;
}

static int writeable(struct conn *conn)
{
	if (lws_partial_buffered(conn->wsi))
		lws_callback_on_writable(conn->wsi);
	else if (conn->user)
		conn->worker->use->writable(conn->user);
	return 0;
}

/* After our own close frame the peer's is the end; else the library answers it. */
static int peer_closes(struct conn *conn)
{
	bool ours = conn->closing;

	conn->closing = true;
	return ours ? -1 : 0;
}

/* The library drops a connection whose frames break the protocol: say so while it still can be
 * said. When it drops one that is gone already, the write fails, and nothing is lost. */
static void library_drops(struct conn *conn)
{
	if (!conn->closing && conn->user && !send_close_frame(conn, CLOSE_PROTOCOL))
		log_limited(LOG_SESSION, LOG_DEBUG, "a connection ended without a close frame");
}

static void conn_gone(struct conn *conn)
{
	if (conn->user)
		conn->worker->use->gone(conn->user);
	conn->user = NULL;
}

static void conn_free(struct conn *conn)
{
	struct post_gone *post = post_new(POST_GONE);
	char address[ADDRESS_TEXT_MAX];

	if (!conn->judged)
		library_log_judged(conn_address(conn, address));
	conn_gone(conn);
	if (conn->listener->tls && !conn->secured)
		conn->worker->counters->tls_failed++;
	post->address = conn->address;
	post->worker = conn->worker->index;
	mailbox_post(&conn->worker->bridge->main_box, &post->post);
	free(conn->parts);
	free(conn);
}

static void conn_judged(struct conn *conn)
{
	conn->judged = true;
	library_log_judged(NULL);
}

static int callback(struct lws *wsi, enum lws_callback_reasons why, void *user, void *in,
		    size_t len)
{
	struct conn *conn = wsi ? lws_get_opaque_user_data(wsi) : NULL;

	if (why == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS)
		return tls_prepare(user, lws_vhost_user(in)) ? 0 : -1;
	if (!conn)
		return 0;
	if (conn->worker->clock_stale)
		conn->worker->read_clock(conn->worker);
	switch (why) {
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE: return confirm_upgrade(conn, in);
	case LWS_CALLBACK_HTTP: return answer_plain(conn, in);
	case LWS_CALLBACK_ESTABLISHED:
		conn_judged(conn);
		if (!conn->user)
			return -1;
		if (!conn->worker->use->open(conn->user) && conn->corked)
			conn_cork(conn, 0);
		return 0;
	case LWS_CALLBACK_RECEIVE: return receive(conn, in, len);
	case LWS_CALLBACK_SERVER_WRITEABLE: return writeable(conn);
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE: return peer_closes(conn);
	case LWS_CALLBACK_WS_SERVER_DROP_PROTOCOL: library_drops(conn); return 0;
	case LWS_CALLBACK_CLOSED: conn_gone(conn); return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		lws_set_opaque_user_data(wsi, NULL);
		conn_free(conn);
		return 0;
	default: return 0;
	}
}

/* ---- the library's side ---- */

static struct lws_protocols protocol_of(const char *name)
{
	return (struct lws_protocols){ .name = name,
				       .callback = callback,
				       .per_session_data_size = 1, /* or no DROP_PROTOCOL comes */
				       .rx_buffer_size = READ_BYTES,
				       .tx_packet_size = WRITE_BYTES_MAX };
}

struct lws_protocols *websocket_protocols(const struct bridge *bridge)
{
	size_t count = 2, used = 0;
	struct lws_protocols *table;

	for (const char *const *common = common_subprotocols; *common; common++)
		count++;
	for (size_t i = 0; i < bridge->listener_count; i++)
		count += bridge->listeners[i].conf->subprotocols.count;
	table = memory_zeroed(count, sizeof(*table));
	/* The first is for clients that offer none: its empty name is not sent back. */
	table[used++] = protocol_of("");
	for (const char *const *common = common_subprotocols; *common; common++)
		table[used++] = protocol_of(*common);
	for (size_t i = 0; i < bridge->listener_count; i++)
		for (size_t p = 0; p < bridge->listeners[i].conf->subprotocols.count; p++)
			table[used++] =
			    protocol_of(bridge->listeners[i].conf->subprotocols.items[p]);
	return table;
}

void websocket_protocols_free(struct lws_protocols *protocols)
{
	free(protocols);
}

void websocket_adopt(struct worker *worker, struct lws_vhost *vhost, struct post_socket *post)
{
	struct conn *conn = memory_zeroed(1, sizeof(*conn));

	conn->worker = worker;
	conn->listener = post->listener;
	conn->address = post->address;
	conn->peer = post->peer;
	library_log_opened();
	if (vhost) {
		conn->wsi = lws_adopt_socket_vhost(vhost, post->fd);
		post->fd = -1; /* adopted, or closed by the library */
	}
	if (!conn->wsi) {
		conn_free(conn);
		return;
	}
	lws_set_opaque_user_data(conn->wsi, conn);
	if (lws_get_ssl(conn->wsi))
		tls_watch(lws_get_ssl(conn->wsi), &conn->secured);
}
