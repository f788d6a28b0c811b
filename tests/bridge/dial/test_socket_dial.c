/* How a WebSocket comes about, or does not: look-up, connection, proxies, TLS, the handshake. */
#include <dlfcn.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/call_house.h"
#include "tests/support/pem_folder.h"

static struct site site;

static void require(bool what)
{
	if (!what)
		abort();
}

/* ---- look-ups: nobody is really asked ---- */

static atomic_int hanging, released;

/* The C library's, for whoever is linked with this program. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
		struct addrinfo **list)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

	if (name && strcmp(name, "hangs.invalid") == 0) {
		hanging++;
		while (!released)
			usleep(1000);
		return EAI_AGAIN;
	}
	if (name && strcmp(name, "none.invalid") == 0)
		return EAI_NONAME;
	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	if (name && (strcmp(name, "a.example") == 0 || strcmp(name, "b.example") == 0))
		name = "127.0.0.1";
	return real(name, service, hints, list);
}

static void name_that_is_not_found(void **state)
{
	struct socket_call_request request = caller_request("ws://none.invalid/");
	struct caller caller = { 0 };

	(void)state;
	caller_call(&caller, &request);
	caller_ends(&caller, SOCKET_CALL_DIALS, 0, "none.invalid");
}

/* Others are connected meanwhile; and the end does not wait for it. */
static void serve_open(struct line *line)
{
	line_agree(line, NULL, NULL);
	line_drain(line);
}

static void look_up_that_hangs(void **state)
{
	struct socket_call_request slow = caller_request("ws://hangs.invalid/"), request;
	struct caller hangs[40] = { 0 }, other = { 0 }, late = { 0 }, last = { 0 };

	(void)state;
	slow.group = "slow";
	for (size_t i = 0; i < 40; i++)
		caller_call(&hangs[i], &slow);
	while (hanging < 32)
		usleep(1000);
	site_open(&site, serve_open, NULL, NULL);
	request = caller_request(site.url);
	caller_call(&other, &request);
	caller_wait(&other.opened, 1);
	slow.connect_ms = 100;
	slow.group = "other";
	caller_call(&late, &slow);
	caller_ends(&late, SOCKET_CALL_DIALS, 0, "no address of hangs.invalid");
	slow.group = "slow";
	caller_call(&last, &slow);
	caller_ends(&last, SOCKET_CALL_DIALS, 0, "before it began");
	assert_int_equal(hanging, 33);
	caller_free(&other);
	site_close(&site);
	for (size_t i = 40; i-- > 0;)
		caller_free(&hangs[i]);
	call_house_close();
	assert_int_equal(hanging, 33);
	released = 1;
	call_house_open();
}

/* ---- connections ---- */

static void refused_connection(void **state)
{
	struct socket_call_request request;
	struct caller caller = { 0 };

	(void)state;
	site_open(&site, serve_open, NULL, NULL);
	site_close(&site);
	request = caller_request(site.url);
	caller_call(&caller, &request);
	caller_ends(&caller, SOCKET_CALL_DIALS, 0, "127.0.0.1: Connection refused");
}

static void urls_that_cannot_be_called(void **state)
{
	static const char *const urls[] = {
		"",           "http:/x",       "ftp://127.0.0.1/", "ws://",
		"ws://a:0/",  "ws://a:65536/", "ws://a b/",        "ws://user@a/",
		"ws://a/b c", "ws://a/\r\nb:", "ws://[::1",        "ws://a/#part",
		"ws://a:x/",  "ws://a\"b.c/d"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct socket_call_request request = caller_request(urls[i]);
		struct caller caller = { 0 };

		caller_call(&caller, &request);
		caller_ends(&caller, SOCKET_CALL_DIALS, 0, "URL");
	}
}

/* ---- answers ---- */

static void serve_words(struct line *line)
{
	if (line_head(line))
		line_say(line, line->site->data);
}

static void serve_words_and_wait(struct line *line)
{
	serve_words(line);
	line_drain(line);
}

static struct caller refused(site_serve *serve, const char *answer, unsigned status,
			     const char *words)
{
	struct socket_call_request request;
	struct caller caller = { 0 };

	site.data = answer;
	site_open(&site, serve, NULL, NULL);
	request = caller_request(site.url);
	request.connect_ms = 500;
	caller_call(&caller, &request);
	caller_ends(&caller, SOCKET_CALL_HANDSHAKES, status, words);
	assert_int_equal(caller.end.code, 0);
	assert_int_equal(caller.opened, 0);
	site_close(&site);
	assert_int_equal(site.accepted, 1);
	return caller;
}

static void refusals_of_the_handshake(void **state)
{
	struct caller caller;

	(void)state;
	caller =
	    refused(serve_words, "HTTP/1.1 401 No\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\nno",
		    401, "401");
	assert_int_equal(caller.end.retry_after_s, 7);
	caller = refused(serve_words, "HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\n\r\n",
			 302, "no redirect");
	assert_int_equal(caller.end.retry_after_s, 0);
	refused(serve_words, "HTTP/1.1 200 OK\r\n\r\n", 200, "200");
	refused(serve_words,
		"HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
		"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
		101, "Sec-WebSocket-Accept");
	refused(serve_words_and_wait, "SSH-2.0-OpenSSH_9.2\r\n", 0, "not of HTTP");
}

static void serve_nothing(struct line *line)
{
	(void)line;
}

static void serve_silence(struct line *line)
{
	line_drain(line);
}

static void answers_that_do_not_come(void **state)
{
	(void)state;
	refused(serve_nothing, NULL, 0, "");
	refused(serve_words, "HTTP/1.1 101", 0, "within the answer");
	refused(serve_silence, NULL, 0, "no answer to the handshake in time");
	refused(serve_words_and_wait, "HTTP/1.1 101 Yes\r\nUpgr", 0,
		"no answer to the handshake in time");
}

static void serve_extras(struct line *line)
{
	line_agree(line, line->site->data, NULL);
	line_drain(line);
}

static void what_was_not_offered_is_refused(void **state)
{
	(void)state;
	refused(serve_extras, "Sec-WebSocket-Extensions: permessage-deflate\r\n", 101,
		"was not offered");
	refused(serve_extras, "Sec-WebSocket-Protocol: chat\r\n", 101, "was not offered");
}

/* ---- proxies ---- */

/* A proxy of our own: passes on to the site, both ways. */
static struct site proxied;

struct pipe {
	int from, to;
};

static void *pump(void *data)
{
	struct pipe *pipe = data;
	char bytes[4096];
	ssize_t got;

	while ((got = recv(pipe->from, bytes, sizeof(bytes), 0)) > 0)
		if (send(pipe->to, bytes, (size_t)got, MSG_NOSIGNAL) != got)
			break;
	shutdown(pipe->to, SHUT_WR);
	return NULL;
}

static void serve_proxy(struct line *line)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct pipe there, back;
	pthread_t thread;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	require(line_head(line) && strncmp(line->head, "CONNECT far.invalid:", 20) == 0);
	address.sin_port = htons((uint16_t)proxied.port);
	require(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	line_say(line, "HTTP/1.1 200 OK\r\n\r\n");
	there = (struct pipe){ line->fd, fd };
	back = (struct pipe){ fd, line->fd };
	require(pthread_create(&thread, NULL, pump, &there) == 0);
	pump(&back);
	pthread_join(thread, NULL);
	close(fd);
}

static void serve_hello(struct line *line)
{
	line_agree(line, NULL, "\x81\x05hello");
	line_drain(line);
}

static void proxy_that_is_asked_for(void **state)
{
	struct socket_call_request request = caller_request("ws://far.invalid:81/x");
	struct caller caller = { 0 };
	char proxy[64];

	(void)state;
	site_open(&proxied, serve_hello, NULL, NULL);
	site_open(&site, serve_proxy, NULL, NULL);
	snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%u", site.port);
	request.proxy = proxy;
	caller_call(&caller, &request);
	caller_wait(&caller.messages, 1);
	caller_free(&caller);
	site_close(&site);
	site_close(&proxied);
}

static void serve_no_proxy(struct line *line)
{
	if (line_head(line))
		line_say(line, "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
}

static void proxy_that_refuses(void **state)
{
	struct socket_call_request request = caller_request("ws://far.invalid:81/x");
	struct caller caller = { 0 };
	char proxy[64];

	(void)state;
	site_open(&site, serve_no_proxy, NULL, NULL);
	snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%u", site.port);
	request.proxy = proxy;
	caller_call(&caller, &request);
	caller_ends(&caller, SOCKET_CALL_DIALS, 0, "403");
	site_close(&site);
}

static void proxy_of_the_environment_is_not_used(void **state)
{
	struct caller caller = { 0 };
	struct socket_call_request request;

	(void)state;
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("all_proxy", "http://127.0.0.1:1", 1);
	site_open(&site, serve_open, NULL, NULL);
	request = caller_request(site.url);
	caller_call(&caller, &request);
	caller_wait(&caller.opened, 1);
	caller_free(&caller);
	site_close(&site);
	unsetenv("http_proxy");
	unsetenv("all_proxy");
}

/* ---- TLS ---- */

static void certificates_make(void)
{
	pem_make("right", &(struct pem){ .kind = "EC",
					 .name = "a.example",
					 .names = "DNS:a.example,IP:127.0.0.1" });
	pem_make("other", &(struct pem){ .kind = "EC",
					 .name = "o.example",
					 .names = "DNS:a.example,IP:127.0.0.1" });
	pem_make("names", &(struct pem){ .kind = "EC",
					 .name = "a.example",
					 .names = "DNS:a.example,DNS:*.sub.example" });
	pem_make("expired", &(struct pem){ .kind = "EC",
					   .name = "a.example",
					   .names = "DNS:a.example,IP:127.0.0.1",
					   .expired = true });
}

/* The site shows one certificate, and the caller trusts in another. url: "%u" is the port. */
static void call_tls(struct caller *caller, const char *shown, const char *trusted, const char *url)
{
	char certificate[32], key[32], ca_file[32], text[64];
	struct socket_call_request request;

	snprintf(certificate, sizeof(certificate), "%s.pem", shown);
	snprintf(key, sizeof(key), "%s.key", shown);
	snprintf(ca_file, sizeof(ca_file), "%s.pem", trusted);
	site_open(&site, serve_hello, pem_path(certificate), pem_path(key));
	snprintf(text, sizeof(text), "%s:%u/", url, site.port);
	request = caller_request(text);
	request.ca_file = pem_path(ca_file);
	*caller = (struct caller){ 0 };
	caller_call(caller, &request);
}

static void tls_opens(const char *shown, const char *url)
{
	struct caller caller;

	call_tls(&caller, shown, shown, url);
	caller_wait(&caller.messages, 1);
	assert_true(caller_say(&caller, SLICE("hello")));
	caller_free(&caller);
	site_close(&site);
}

static void tls_fails(const char *shown, const char *trusted, const char *url, const char *words)
{
	struct caller caller;

	call_tls(&caller, shown, trusted, url);
	caller_ends(&caller, SOCKET_CALL_DIALS, 0, words);
	site_close(&site);
}

static void certificates_are_checked(void **state)
{
	(void)state;
	tls_opens("right", "wss://127.0.0.1");
	tls_opens("right", "wss://a.example");
	tls_fails("right", "right", "wss://b.example", "hostname mismatch");
	tls_fails("names", "names", "wss://127.0.0.1", "IP address mismatch");
	tls_fails("expired", "expired", "wss://127.0.0.1", "certificate has expired");
	tls_fails("right", "other", "wss://127.0.0.1", "self-signed certificate");
	tls_fails("right", "missing", "wss://127.0.0.1", "No such file");
	pem_make("right",
		 &(struct pem){ .kind = "EC", .name = "new.example", .names = "IP:127.0.0.1" });
	/* What was read is another file now. */
	tls_opens("right", "wss://127.0.0.1");
	certificates_make();
}

static void system_is_trusted_without_a_file(void **state)
{
	struct socket_call_request request;
	struct caller caller = { 0 };

	(void)state;
	site_open(&site, serve_hello, pem_path("right.pem"), pem_path("right.key"));
	request = caller_request(site.url);
	caller_call(&caller, &request);
	caller_ends(&caller, SOCKET_CALL_DIALS, 0, "self-signed certificate");
	site_close(&site);
}

static void tls_with_somebody_else(void **state)
{
	struct socket_call_request request;
	struct caller caller = { 0 }, silent = { 0 };
	char url[64];

	(void)state;
	site.data = "HTTP/1.1 400 No\r\n\r\n";
	site_open(&site, serve_words, NULL, NULL);
	snprintf(url, sizeof(url), "wss://127.0.0.1:%u/", site.port);
	request = caller_request(url);
	request.connect_ms = 500;
	caller_call(&caller, &request);
	caller_ends(&caller, SOCKET_CALL_DIALS, 0, "TLS");
	site_close(&site);
	site_open(&site, serve_silence, NULL, NULL);
	snprintf(url, sizeof(url), "wss://127.0.0.1:%u/", site.port);
	caller_call(&silent, &request);
	caller_ends(&silent, SOCKET_CALL_DIALS, 0, "no handshake in time");
	site_close(&site);
}

static void serve_echo(struct line *line)
{
	struct ws_message message;

	line_agree(line, NULL, NULL);
	while (line_next(line, &message) == WS_MESSAGE)
		line_frame(line, 0x81, message.payload.data, message.payload.len);
}

/* More than fits into the connection, both ways at a time. */
static void tls_carries_much(void **state)
{
	struct socket_call_request request;
	struct caller caller = { 0 };
	char *text = malloc(1000000);

	(void)state;
	assert_non_null(text);
	memset(text, 'x', 1000000);
	site_open(&site, serve_echo, pem_path("right.pem"), pem_path("right.key"));
	request = caller_request(site.url);
	request.ca_file = pem_path("right.pem");
	request.unsent_bytes = 32000000;
	caller_call(&caller, &request);
	caller_wait(&caller.opened, 1);
	for (int i = 0; i < 16; i++)
		assert_true(caller_say(&caller, slice_span(text, 1000000)));
	caller_wait(&caller.messages, 16);
	assert_int_equal(caller_count(&caller.bytes), 16000000);
	caller_free(&caller);
	site_close(&site);
	free(text);
}

static int house_open(void **state)
{
	if (pem_folder_make(state) != 0)
		return -1;
	certificates_make();
	call_house_open();
	return 0;
}

static int house_close(void **state)
{
	call_house_close();
	return pem_folder_remove(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(name_that_is_not_found),
		cmocka_unit_test(look_up_that_hangs),
		cmocka_unit_test(refused_connection),
		cmocka_unit_test(urls_that_cannot_be_called),
		cmocka_unit_test(refusals_of_the_handshake),
		cmocka_unit_test(answers_that_do_not_come),
		cmocka_unit_test(what_was_not_offered_is_refused),
		cmocka_unit_test(proxy_that_is_asked_for),
		cmocka_unit_test(proxy_that_refuses),
		cmocka_unit_test(proxy_of_the_environment_is_not_used),
		cmocka_unit_test(certificates_are_checked),
		cmocka_unit_test(system_is_trusted_without_a_file),
		cmocka_unit_test(tls_with_somebody_else),
		cmocka_unit_test(tls_carries_much),
	};

	return cmocka_run_group_tests(tests, house_open, house_close);
}
