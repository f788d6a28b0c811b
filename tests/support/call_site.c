#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/ssl.h>

#include "bridge/net/ws/ws_accept.h"
#include "tests/support/call_house.h"

#define LIMIT     (8 * 1024 * 1024)
#define WITHIN_S  20
#define LINES_MAX 4096

/* Not cmocka's: these threads are not the test's. */
static void require(bool what)
{
	if (!what)
		abort();
}

/* ---- bytes ---- */

static ssize_t get(struct line *line, void *bytes, size_t len)
{
	return line->tls ? SSL_read(line->tls, bytes, (int)len) : recv(line->fd, bytes, len, 0);
}

void line_send(struct line *line, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0) {
		ssize_t sent = line->tls ? SSL_write(line->tls, at, (int)len)
					 : send(line->fd, at, len, MSG_NOSIGNAL);

		if (sent <= 0) /* the caller is gone */
			return;
		at += sent;
		len -= (size_t)sent;
	}
}

void line_say(struct line *line, const char *text)
{
	line_send(line, text, strlen(text));
}

bool line_read(struct line *line, void *bytes, size_t len)
{
	char *at = bytes;

	while (len > 0) {
		ssize_t got = get(line, at, len);

		if (got <= 0)
			return false;
		at += got;
		len -= (size_t)got;
	}
	return true;
}

void line_drain(struct line *line)
{
	while (get(line, line->bytes, sizeof(line->bytes)) > 0)
		;
}

void line_reset(struct line *line)
{
	struct linger now = { .l_onoff = 1 };

	setsockopt(line->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

/* ---- HTTP ---- */

bool line_head(struct line *line)
{
	size_t len = 0;

	memset(line->head, 0, sizeof(line->head));
	while (!strstr(line->head, "\r\n\r\n")) {
		require(len + 1 < sizeof(line->head));
		if (!line_read(line, line->head + len++, 1))
			return false;
	}
	return true;
}

struct slice line_header(const struct line *line, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = strstr(line->head, "\r\n"); at; at = strstr(at + 2, "\r\n"))
		if (strncasecmp(at + 2, name, len) == 0 && at[2 + len] == ':') {
			const char *value = at + 3 + len;

			value += *value == ' ';
			return slice_span(value, strcspn(value, "\r"));
		}
	return (struct slice){ NULL, 0 };
}

void line_agree(struct line *line, const char *headers, const char *more)
{
	char accept[WS_ACCEPT_SIZE], text[4096];

	if (!line_head(line))
		return;
	require(ws_accept(line_header(line, "Sec-WebSocket-Key"), accept) != NULL);
	snprintf(text, sizeof(text),
		 "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		 "Sec-WebSocket-Accept: %s\r\n%s\r\n%s",
		 accept, headers ? headers : "", more ? more : "");
	line_say(line, text);
}

/* ---- frames ---- */

void line_frame(struct line *line, unsigned first, const void *payload, size_t len)
{
	unsigned char head[10] = { (unsigned char)first, (unsigned char)len }, *frame;
	size_t head_len = 2;

	if (len >= 126) {
		size_t bytes = len <= 65535 ? 2 : 8;

		head[1] = bytes == 2 ? 126 : 127;
		for (size_t i = 0; i < bytes; i++)
			head[2 + i] = (unsigned char)((uint64_t)len >> (8 * (bytes - 1 - i)));
		head_len += bytes;
	}
	frame = malloc(head_len + len);
	require(frame != NULL);
	memcpy(frame, head, head_len);
	memcpy(frame + head_len, payload, len);
	line_send(line, frame, head_len + len);
	free(frame);
}

enum ws_step line_next(struct line *line, struct ws_message *message)
{
	line->input.limit = LIMIT;
	for (;;) {
		enum ws_step step = ws_read(&line->reader, &line->input, message);
		ssize_t got;

		if (step != WS_MORE)
			return step;
		got = get(line, line->bytes, sizeof(line->bytes));
		if (got <= 0)
			return WS_MORE;
		line->input.bytes = line->bytes;
		line->input.len = (size_t)got;
	}
}

/* ---- connections ---- */

static void *line_run(void *data)
{
	struct line *line = data;
	bool serves = true;

	if (line->site->tls) {
		line->tls = SSL_new(line->site->tls);
		SSL_set_fd(line->tls, line->fd);
		serves = SSL_accept(line->tls) == 1;
	}
	if (serves)
		line->site->serve(line);
	ws_reader_clear(&line->reader);
	SSL_free(line->tls);
	close(line->fd);
	free(line);
	return NULL;
}

static void *site_run(void *data)
{
	struct site *site = data;
	struct timeval within = { .tv_sec = WITHIN_S };
	int fd;

	while ((fd = accept4(site->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		struct line *line = calloc(1, sizeof(*line));

		require(line && site->line_count < LINES_MAX);
		site->accepted++;
		line->site = site;
		line->fd = fd;
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &within, sizeof(within));
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &within, sizeof(within));
		require(pthread_create(&site->lines[site->line_count++], NULL, line_run, line) ==
			0);
	}
	return NULL;
}

static void listen_at_loopback(struct site *site)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);

	site->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(site->fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(site->fd, 1024), 0);
	assert_int_equal(getsockname(site->fd, (struct sockaddr *)&address, &len), 0);
	site->port = ntohs(address.sin_port);
}

void site_open(struct site *site, site_serve *serve, const char *certificate, const char *key)
{
	*site = (struct site){ .serve = serve, .data = site->data };
	listen_at_loopback(site);
	if (certificate) {
		site->tls = SSL_CTX_new(TLS_server_method());
		assert_int_equal(
		    SSL_CTX_use_certificate_file(site->tls, certificate, SSL_FILETYPE_PEM), 1);
		assert_int_equal(SSL_CTX_use_PrivateKey_file(site->tls, key, SSL_FILETYPE_PEM), 1);
	}
	snprintf(site->url, sizeof(site->url), "%s://127.0.0.1:%u/chat", certificate ? "wss" : "ws",
		 site->port);
	site->lines = calloc(LINES_MAX, sizeof(*site->lines));
	assert_non_null(site->lines);
	assert_int_equal(pthread_create(&site->thread, NULL, site_run, site), 0);
}

void site_close(struct site *site)
{
	shutdown(site->fd, SHUT_RDWR);
	pthread_join(site->thread, NULL);
	close(site->fd);
	for (size_t i = 0; i < site->line_count; i++)
		pthread_join(site->lines[i], NULL);
	free(site->lines);
	SSL_CTX_free(site->tls);
}
