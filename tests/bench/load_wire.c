#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/load.h"

#define READ_BYTES    (256 * 1024)
#define RSV1          0x40
#define STALLED_BYTES 4096 /* receive buffer of a member who stops reading */

#define DEFLATE "Sec-WebSocket-Extensions: permessage-deflate"

static SSL_CTX *tls_context;

static void watch(struct member *member)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = member };
	if (member->wants_out || member->tls_wants_out)
		event.events |= EPOLLOUT;
	if (member->stalled && member->phase == READY)
		event.events &= ~(uint32_t)EPOLLIN;
	epoll_ctl(run.poller, EPOLL_CTL_MOD, member->fd, &event);
}

/* ---- below frames: TCP, or TLS on it ---- */

static ssize_t tls_result(struct member *member, int result)
{
	int why = SSL_get_error(member->tls, result);
	if (result > 0)
		return result;
	ERR_clear_error();
	if (why == SSL_ERROR_WANT_WRITE && !member->tls_wants_out) {
		member->tls_wants_out = true;
		watch(member);
	}
	errno = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? EAGAIN : ECONNRESET;
	return why == SSL_ERROR_ZERO_RETURN ? 0 : -1;
}

static ssize_t wire_read(struct member *member, char *data, size_t size)
{
	if (member->tls)
		return tls_result(member, SSL_read(member->tls, data, (int)size));
	return recv(member->fd, data, size, 0);
}

static ssize_t wire_write(struct member *member, const char *data, size_t len)
{
	if (member->tls)
		return tls_result(member, SSL_write(member->tls, data, (int)len));
	return send(member->fd, data, len, MSG_NOSIGNAL);
}

void wire_flush(struct member *member)
{
	bool wanted = member->wants_out;
	while (member->out.len) {
		ssize_t sent = wire_write(member, member->out.data, member->out.len);
		if (sent < 0 && errno == EAGAIN)
			break;
		if (sent <= 0) {
			crowd_lost(member, "cannot send");
			return;
		}
		bytes_drop(&member->out, (size_t)sent);
	}
	member->wants_out = member->out.len > 0;
	if (member->wants_out != wanted)
		watch(member);
}

/* ---- frames ---- */

static void mask_copy(char *out, const char *data, size_t len, const unsigned char mask[4])
{
	for (size_t i = 0; i < len; i++)
		out[i] = (char)(data[i] ^ (char)mask[i & 3]);
}

void wire_frame(struct member *member, unsigned opcode, const char *data, size_t len)
{
	static const unsigned char mask[4] = { 0x5a, 0x1c, 0xe7, 0x93 };
	unsigned char head[8] = { (unsigned char)(0x80 | opcode) };
	size_t head_len = 2, at;
	if (len < 126) {
		head[1] = (unsigned char)(0x80 | len);
	} else if (len < 65536) {
		head[1] = 0x80 | 126;
		head[2] = (unsigned char)(len >> 8);
		head[3] = (unsigned char)len;
		head_len = 4;
	} else {
		fail("a frame of %zu bytes is too long", len);
	}
	memcpy(head + head_len, mask, 4);
	bytes_add(&member->out, head, head_len + 4);
	at = member->out.len;
	bytes_add(&member->out, data, len);
	mask_copy(member->out.data + at, data, len, mask);
}

static void payload_heard(struct member *member, const char *data, size_t len)
{
	if (member->phase == ENTERING) {
		if (speech_entering(member, data, len))
			crowd_ready(member);
		return;
	}
	if (member->phase != READY)
		return;
	if (!speech_streams(member->speech)) {
		crowd_heard(member, data, len);
		return;
	}
	bytes_add(&member->text, data, len);
	bytes_drop(&member->text, crowd_heard(member, member->text.data, member->text.len));
}

static void frame_heard(struct member *member, unsigned first, const char *data, size_t len)
{
	unsigned opcode = first & 15;
	if (first & RSV1 && !(member->deflate && first & 0x80 && inflate_payload(&data, &len))) {
		crowd_lost(member, "a compressed frame is invalid");
	} else if (opcode == 8) {
		crowd_lost(member, "the server closed the connection");
	} else if (opcode == 9) {
		wire_frame(member, 10, data, len);
		wire_flush(member);
	} else if (opcode < 3 && (first & 0x80) && !member->fragment) {
		payload_heard(member, data, len);
	} else if (opcode < 3) {
		bytes_add(&member->text, data, len);
		member->fragment = !(first & 0x80);
		if (member->fragment)
			return;
		payload_heard(member, member->text.data, member->text.len);
		member->text.len = 0;
	}
}

/* Takes whole frames from the front. Returns how many bytes they were. */
static size_t frames_take(struct member *member, const char *data, size_t len)
{
	size_t at = 0;
	while (len - at >= 2) {
		const unsigned char *head = (const unsigned char *)data + at;
		size_t payload = head[1] & 127, head_len = 2;
		if (payload == 126)
			head_len = 4;
		else if (payload == 127)
			head_len = 10;
		if (len - at < head_len)
			break;
		if (head_len > 2)
			payload = 0;
		for (size_t i = 2; i < head_len; i++)
			payload = payload << 8 | head[i];
		if (len - at < head_len + payload)
			break;
		frame_heard(member, head[0], data + at + head_len, payload);
		if (member->phase == LOST)
			return len;
		at += head_len + payload;
	}
	return at;
}

/* Returns how many bytes the response took; 0: it is not all there. */
static size_t upgrade_take(struct member *member, const char *data, size_t len)
{
	const char *end = memmem(data, len, "\r\n\r\n", 4);
	if (!end)
		return 0;
	if (len < 12 || memcmp(data + 9, "101", 3) != 0) {
		if (!run.lost_members)
			fprintf(stderr, "load: %.*s\n", (int)(end - data), data);
		crowd_lost(member, "the upgrade was refused");
		return len;
	}
	if (member->deflate && !memmem(data, (size_t)(end - data), DEFLATE, strlen(DEFLATE))) {
		crowd_lost(member, "the server does not compress");
		return len;
	}
	member->phase = ENTERING;
	speech_open(member);
	if (member->speech == PLAIN)
		crowd_ready(member);
	return (size_t)(end + 4 - data);
}

static size_t input_take(struct member *member, const char *data, size_t len)
{
	size_t at = 0;
	if (member->phase == UPGRADING) {
		at = upgrade_take(member, data, len);
		if (!at || member->phase == LOST)
			return at;
	}
	return at + frames_take(member, data + at, len - at);
}

static bool input_read(struct member *member)
{
	static char data[READ_BYTES];
	size_t kept = member->in.len, len, taken;
	ssize_t got;
	if (kept > READ_BYTES / 2)
		fail("a message is longer than %d bytes", READ_BYTES / 2);
	memcpy(data, member->in.data ? member->in.data : data, kept);
	got = wire_read(member, data + kept, sizeof data - kept);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (got <= 0) {
		crowd_lost(member, "the connection ended");
		return false;
	}
	run.now = clock_ns();
	run.reads++;
	run.bytes += (uint64_t)got;
	len = kept + (size_t)got;
	taken = input_take(member, data, len);
	member->in.len = 0;
	if (member->phase != LOST && taken < len)
		bytes_add(&member->in, data + taken, len - taken);
	return member->phase != LOST;
}

/* ---- connecting ---- */

static void upgrade_ask(struct member *member)
{
	char request[512];
	size_t len = speech_request(member, request, sizeof request);
	member->phase = UPGRADING;
	bytes_add(&member->out, request, len);
	wire_flush(member);
}

static void tls_shake(struct member *member)
{
	int done = SSL_connect(member->tls);
	if (done == 1)
		upgrade_ask(member);
	else if (tls_result(member, done) <= 0 && errno != EAGAIN)
		crowd_lost(member, "the TLS handshake failed");
}

static void tls_start(struct member *member)
{
	if (!tls_context) {
		tls_context = SSL_CTX_new(TLS_client_method());
		SSL_CTX_set_mode(tls_context, SSL_MODE_RELEASE_BUFFERS |
						  SSL_MODE_ENABLE_PARTIAL_WRITE |
						  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	}
	member->tls = SSL_new(tls_context);
	SSL_set_fd(member->tls, member->fd);
	member->phase = SHAKING;
	tls_shake(member);
}

static void connected(struct member *member)
{
	int error = 0;
	socklen_t len = sizeof error;
	getsockopt(member->fd, SOL_SOCKET, SO_ERROR, &error, &len);
	member->wants_out = false;
	if (error)
		crowd_lost(member, strerror(error));
	else if (run.tls)
		tls_start(member);
	else
		upgrade_ask(member);
	if (member->phase != LOST)
		watch(member);
}

void wire_connect(struct member *member)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons((uint16_t)run.port),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct epoll_event event = { .events = EPOLLOUT, .data.ptr = member };
	member->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (member->fd < 0)
		fail("no more sockets: %s", strerror(errno));
	setsockopt(member->fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	if (member->stalled)
		setsockopt(member->fd, SOL_SOCKET, SO_RCVBUF, &(int){ STALLED_BYTES }, sizeof(int));
	member->phase = CONNECTING;
	member->wants_out = true;
	epoll_ctl(run.poller, EPOLL_CTL_ADD, member->fd, &event);
	if (connect(member->fd, (struct sockaddr *)&address, sizeof address) < 0 &&
	    errno != EINPROGRESS)
		crowd_lost(member, strerror(errno));
}

void wire_event(struct member *member, uint32_t events)
{
	if (member->phase == LOST)
		return;
	if (member->phase == CONNECTING) {
		connected(member);
		return;
	}
	if (member->tls_wants_out) {
		member->tls_wants_out = false;
		watch(member);
	}
	if (member->phase == SHAKING) {
		tls_shake(member);
		return;
	}
	if (events & EPOLLOUT)
		wire_flush(member);
	if (member->phase == LOST || !(events & (EPOLLIN | EPOLLERR | EPOLLHUP)))
		return;
	/* TLS may hold bytes that the poller does not know of. */
	while (input_read(member) && member->tls)
		;
	if (member->phase == READY && member->stalled)
		watch(member);
}

void wire_close_all(void)
{
	for (unsigned i = 0; i < run.member_count; i++) {
		struct member *member = &run.members[i];
		if (member->phase == CLOSED || member->phase == LOST)
			continue;
		SSL_free(member->tls);
		close(member->fd);
	}
}
