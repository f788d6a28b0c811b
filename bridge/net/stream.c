#include "bridge/net/stream.h"

#include <errno.h>
#include <libwebsockets.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bridge/core/worker.h"
#include "bridge/net/tls.h"
#include "codecs/text/memory.h"

struct stream_rest {
	size_t at, len;
	unsigned char bytes[];
};

/* What one read takes at most. */
#define READ_BYTES 65536

static int stream_fd(const struct stream *stream)
{
	return stream->wsi ? lws_get_socket_fd(stream->wsi) : stream->socket.fd;
}

static struct ssl_st *stream_tls(const struct stream *stream)
{
	return stream->wsi ? lws_get_ssl(stream->wsi) : NULL;
}

static void want_to_write(struct stream *stream)
{
	if (stream->wsi)
		lws_callback_on_writable(stream->wsi);
	else
		socket_poll_write(&stream->socket);
}

/* ---- writing ---- */

/* How much of it went out: 0 when nothing can go now, -1 when nothing ever will. */
static ssize_t put(struct stream *stream, const unsigned char *bytes, size_t len)
{
	struct ssl_st *secure = stream_tls(stream);
	ssize_t sent;

	if (secure)
		return tls_write(secure, bytes, len);
	sent = send(stream_fd(stream), bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return 0;
	return sent;
}

/* All that goes now. TLS takes a record at a time. */
static bool put_all(struct stream *stream, const unsigned char *bytes, size_t len, size_t *done)
{
	while (*done < len) {
		ssize_t sent = put(stream, bytes + *done, len - *done);

		if (sent < 0)
			return false;
		if (sent == 0)
			return true;
		*done += (size_t)sent;
	}
	return true;
}

/* Behind what waits already. */
static void keep(struct stream *stream, const unsigned char *bytes, size_t len)
{
	struct stream_rest *rest = stream->rest;
	size_t before = rest ? rest->len : 0;

	rest = memory_resize(rest, sizeof(*rest) + before + len);
	if (!stream->rest)
		rest->at = 0;
	rest->len = before + len;
	memcpy(rest->bytes + before, bytes, len);
	stream->rest = rest;
	want_to_write(stream);
}

bool stream_write(struct stream *stream, const unsigned char *bytes, size_t len, bool *complete)
{
	size_t done = 0;

	*complete = false;
	if (stream->killed || (!stream->rest && !put_all(stream, bytes, len, &done)))
		return false;
	*complete = done == len;
	if (!*complete)
		keep(stream, bytes + done, len - done);
	return true;
}

/* Once: a second shutdown of TLS would read. */
static void say_end(struct stream *stream)
{
	if (stream->said_end)
		return;
	stream->said_end = true;
	if (stream_tls(stream))
		tls_say_end(stream_tls(stream));
	shutdown(stream_fd(stream), SHUT_WR);
}

/* False: it is broken. */
static bool flush(struct stream *stream)
{
	struct stream_rest *rest = stream->rest;

	if (rest) {
		if (!put_all(stream, rest->bytes, rest->len, &rest->at))
			return false;
		if (rest->at < rest->len) {
			want_to_write(stream);
			return true;
		}
		free(rest);
		stream->rest = NULL;
	}
	if (stream->ending)
		say_end(stream);
	else
		stream->use->writable(stream);
	return true;
}

void stream_again(struct stream *stream)
{
	if (!stream->killed)
		want_to_write(stream);
}

/* ---- reading ---- */

static void settle(struct stream *stream)
{
	if (stream->paused == stream->stopped)
		return;
	stream->stopped = stream->paused;
	if (stream->wsi)
		lws_rx_flow_control(stream->wsi, !stream->stopped);
	else
		socket_poll_read(&stream->socket, !stream->stopped);
}

void streams_settle(struct worker *worker)
{
	struct stream *stream, *next = worker->unsettled;

	worker->unsettled = NULL;
	while ((stream = next)) {
		next = stream->next_unsettled;
		stream->unsettled = false;
		settle(stream);
	}
}

void stream_pause(struct stream *stream, bool paused)
{
	struct worker *worker = stream->worker;

	if (stream->killed)
		return;
	stream->paused = paused;
	if (stream->unsettled || paused == stream->stopped)
		return;
	stream->next_unsettled = worker->unsettled;
	worker->unsettled = stream;
	stream->unsettled = true;
}

static void unsettled_leave(struct stream *stream)
{
	struct stream **at = &stream->worker->unsettled;

	if (!stream->unsettled)
		return;
	while (*at != stream)
		at = &(*at)->next_unsettled;
	*at = stream->next_unsettled;
	stream->unsettled = false;
}

uint64_t stream_silent_ms(const struct stream *stream)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	if (getsockopt(stream_fd(stream), IPPROTO_TCP, TCP_INFO, &info, &len) < 0)
		return 0;
	return info.tcpi_last_data_recv;
}

/* ---- the end ---- */

/* The library's own timers only run when it has something else to do, so its way to end a
 * connection from outside may take long: it notices a socket that is shut down at once. */
void stream_kill(struct stream *stream)
{
	if (stream->killed)
		return;
	stream->paused = false;
	settle(stream);
	stream->killed = true;
	if (stream->wsi)
		lws_set_timeout(stream->wsi, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_ASYNC);
	shutdown(stream_fd(stream), SHUT_RDWR);
}

void stream_end(struct stream *stream)
{
	if (stream->ending || stream->killed)
		return;
	stream->ending = true;
	stream_pause(stream, false);
	if (!stream->rest)
		say_end(stream);
}

void stream_use(struct stream *stream, const struct stream_user *use)
{
	stream->use = use;
}

static void stream_gone(struct stream *stream)
{
	if (stream->listener->tls && !stream->secured)
		stream->worker->counters->tls_failed++;
	unsettled_leave(stream);
	free(stream->rest);
	stream->rest = NULL;
	if (stream->socket.polls)
		socket_poll_close(&stream->socket);
	stream->socket.polls = NULL;
	stream->wsi = NULL;
	stream->use->gone(stream);
}

/* False: it is to be closed. */
static bool hear(struct stream *stream, unsigned char *bytes, size_t len)
{
	if (stream->killed)
		return false;
	return stream->ending || stream->use->bytes(stream, bytes, len);
}

/* ---- plain: the loop's side ---- */

/* Each call of the loop may be the first after a wait. */
static struct stream *woken(struct socket_poll *socket)
{
	struct stream *stream =
	    (struct stream *)(void *)((char *)socket - offsetof(struct stream, socket));

	if (stream->worker->clock_stale)
		stream->worker->read_clock(stream->worker);
	return stream;
}

static void plain_readable(struct socket_poll *socket)
{
	static _Thread_local unsigned char bytes[READ_BYTES];
	struct stream *stream = woken(socket);
	ssize_t len = recv(stream_fd(stream), bytes, sizeof(bytes), MSG_DONTWAIT);

	if (len < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return;
	if (len <= 0 || !hear(stream, bytes, (size_t)len))
		stream_gone(stream);
}

static void plain_writable(struct socket_poll *socket)
{
	struct stream *stream = woken(socket);

	if (!stream->killed && !flush(stream))
		stream_gone(stream);
}

static void plain_broken(struct socket_poll *socket)
{
	stream_gone(woken(socket));
}

bool streams_open(struct worker *worker, struct uv_loop_s *loop)
{
	static const struct socket_poll_ops ops = { .readable = plain_readable,
						    .writable = plain_writable,
						    .broken = plain_broken };

	worker->sockets = socket_polls_new(loop, &ops);
	return worker->sockets != NULL;
}

/* ---- TLS: the library's side ---- */

static int secure_hear(struct stream *stream, unsigned char *bytes, size_t len)
{
	/* The library sets one when a TLS handshake is done. */
	if (!stream->untimed)
		lws_set_timeout(stream->wsi, NO_PENDING_TIMEOUT, 0);
	stream->untimed = true;
	return hear(stream, bytes, len) ? 0 : -1;
}

static int callback(struct lws *wsi, enum lws_callback_reasons why, void *user, void *in,
		    size_t len)
{
	struct stream *stream = wsi ? lws_get_opaque_user_data(wsi) : NULL;

	if (why == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS)
		return tls_prepare(user, lws_vhost_user(in)) ? 0 : -1;
	if (!stream)
		return 0;
	if (stream->worker->clock_stale)
		stream->worker->read_clock(stream->worker);
	switch (why) {
	case LWS_CALLBACK_RAW_RX: return secure_hear(stream, in, len);
	case LWS_CALLBACK_RAW_WRITEABLE: return stream->killed || flush(stream) ? 0 : -1;
	case LWS_CALLBACK_WSI_DESTROY:
		lws_set_opaque_user_data(wsi, NULL);
		stream_gone(stream);
		return 0;
	default: return 0;
	}
}

const struct lws_protocols *stream_protocols(void)
{
	static const struct lws_protocols protocols[] = {
		{ .name = STREAM_PROTOCOL, .callback = callback },
		{ 0 },
	};

	return protocols;
}

static bool adopt_secure(struct stream *stream, struct lws_vhost *vhost,
			 const struct post_socket *post)
{
	lws_adopt_desc_t how = { .vh = vhost,
				 .type = LWS_ADOPT_SOCKET | LWS_ADOPT_ALLOW_SSL,
				 .fd.sockfd = post->fd,
				 .vh_prot_name = STREAM_PROTOCOL };

	if (!vhost) {
		close(post->fd);
		return false;
	}
	stream->wsi = lws_adopt_descriptor_vhost_via_info(&how);
	if (!stream->wsi) {
		/* What came already was no TLS. */
		stream->worker->counters->tls_failed++;
		return false;
	}
	lws_set_opaque_user_data(stream->wsi, stream);
	if (lws_get_ssl(stream->wsi))
		tls_watch(lws_get_ssl(stream->wsi), &stream->secured);
	return true;
}

bool stream_adopt(struct stream *stream, struct worker *worker, struct lws_vhost *vhost,
		  const struct stream_user *use, const struct post_socket *post)
{
	stream->worker = worker;
	stream->listener = post->listener;
	stream->peer = post->peer;
	stream->use = use;
	if (post->listener->tls)
		return adopt_secure(stream, vhost, post);
	return socket_poll_open(worker->sockets, &stream->socket, post->fd);
}
