/* Requests of HTTP to servers that are threads of this program. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/call_house.h"
#include "tests/support/pem_folder.h"

#define WITHIN_MS 20000
#define MANY      200

static struct site site;

static void require(bool what)
{
	if (!what)
		abort();
}

/* ---- who asks ---- */

/* One request, and what came of it; the result's slices are copied. */
struct asking {
	struct http_call_request request;
	struct http_call *call;
	bool cancels; /* within done(), which is for nothing */
	size_t done;  /* by caller_count(): see there */
	struct http_call_result result;
	char body[256], why[512];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void on_done(void *user, const struct http_call_result *result)
{
	struct asking *asking = user;

	pthread_mutex_lock(&lock);
	if (asking->cancels)
		http_call_cancel(asking->call);
	asking->result = *result;
	snprintf(asking->body, sizeof(asking->body), "%.*s",
		 (int)(result->body.len < 255 ? result->body.len : 255),
		 result->body.data ? result->body.data : "");
	snprintf(asking->why, sizeof(asking->why), "%.*s", (int)result->why.len,
		 result->why.data ? result->why.data : "");
	asking->done++;
	pthread_mutex_unlock(&lock);
}

static void do_ask(struct worker *worker, void *data)
{
	struct asking *asking = data;

	asking->call = http_call_new(worker, &asking->request, on_done, asking);
	require(asking->done == 0);
}

static void do_cancel(struct worker *worker, void *data)
{
	(void)worker;
	http_call_cancel(((struct asking *)data)->call);
}

static void ask(struct asking *asking, const char *method, const char *url)
{
	asking->request.method = method;
	asking->request.url = slice_of(url);
	if (asking->request.timeout_ms == 0)
		asking->request.timeout_ms = WITHIN_MS;
	call_house_do(do_ask, asking);
}

static bool is_done(struct asking *asking)
{
	bool done;

	pthread_mutex_lock(&lock);
	done = asking->done > 0;
	pthread_mutex_unlock(&lock);
	return done;
}

static void wait_done(struct asking *asking)
{
	for (int i = 0; i < WITHIN_MS && !is_done(asking); i++)
		usleep(1000);
	assert_int_equal(asking->done, 1);
}

/* It is answered with that status and body. */
static void answered(struct asking *asking, unsigned status, const char *body)
{
	wait_done(asking);
	if (asking->result.status != status)
		fail_msg("status %u: %s", asking->result.status, asking->why);
	assert_string_equal(asking->body, body);
	assert_int_equal(asking->result.why.len, 0);
}

/* It is not, for these words. */
static void failed(struct asking *asking, const char *words)
{
	wait_done(asking);
	assert_int_equal(asking->result.status, 0);
	assert_int_equal(asking->result.body.len, 0);
	assert_true(asking->why[0] != '\0');
	if (!strstr(asking->why, words))
		fail_msg("why: %s", asking->why);
}

static void site_begin(site_serve *serve)
{
	site_open(&site, serve, NULL, NULL);
	snprintf(site.url, sizeof(site.url), "http://127.0.0.1:%u/api?a=b", site.port);
}

/* ---- answers ---- */

static void line_answer(struct line *line, const char *status, const char *body)
{
	char text[1024];

	snprintf(text, sizeof(text), "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n%s", status,
		 strlen(body), body);
	line_say(line, text);
}

/* The body of the request that line_head() read. */
static bool line_body(struct line *line, char body[256])
{
	struct slice length = line_header(line, "Content-Length");
	size_t len = length.data ? (size_t)strtoul(length.data, NULL, 10) : 0;

	require(len < 256);
	body[len] = '\0';
	return line_read(line, body, len);
}

static void serve_get(struct line *line)
{
	while (line_head(line)) {
		require(strncmp(line->head, "GET /api?a=b HTTP/1.1\r\n", 23) == 0);
		require(slice_is(line_header(line, "Authorization"), "Bearer x"));
		require(slice_is(line_header(line, "Dragoman-Instance"), "own"));
		require(slice_starts_with(line_header(line, "User-Agent"), "dragoman/"));
		require(!line_header(line, "Content-Length").data);
		line_answer(line, "200 OK", "{}");
	}
}

static void gets_one_after_the_other_share_a_connection(void **state)
{
	(void)state;
	site_begin(serve_get);
	for (int i = 0; i < 3; i++) {
		struct asking asking = { .request = { .authorization = SLICE("Bearer x"),
						      .instance = SLICE("own") } };

		ask(&asking, "GET", site.url);
		answered(&asking, 200, "{}");
	}
	assert_int_equal(site.accepted, 1);
	call_house_stop_dialer();
	site_close(&site);
}

static void serve_bodies(struct line *line)
{
	char body[256], text[512];

	while (line_head(line)) {
		struct slice type = line_header(line, "Content-Type");

		require(!line_header(line, "Expect").data && line_body(line, body));
		snprintf(text, sizeof(text), "%.*s|%.*s|%s", (int)strcspn(line->head, " "),
			 line->head, (int)type.len, type.data ? type.data : "", body);
		line_answer(line, "201 Created", text);
	}
}

static void methods_and_bodies(void **state)
{
	static const struct {
		const char *method, *body, *seen;
	} cases[] = {
		{ "POST", "{\"a\":1}", "POST|application/json|{\"a\":1}" },
		{ "POST", "", "POST||" },
		{ "PATCH", "[]", "PATCH|application/json|[]" },
		{ "PUT", "[1]", "PUT|application/json|[1]" },
		{ "DELETE", "", "DELETE||" },
		{ "DELETE", "{}", "DELETE|application/json|{}" },
	};

	(void)state;
	site_begin(serve_bodies);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct asking asking = { .request = { .body = slice_of(cases[i].body) } };

		ask(&asking, cases[i].method, site.url);
		answered(&asking, 201, cases[i].seen);
	}
	call_house_stop_dialer();
	site_close(&site);
}

static void serve_slowly(struct line *line)
{
	while (line_head(line)) {
		usleep(20000);
		line_answer(line, "200 OK", "slow");
	}
}

static void many_at_once(void **state)
{
	static struct asking askings[MANY];

	(void)state;
	site_begin(serve_slowly);
	for (size_t i = 0; i < MANY; i++)
		ask(&askings[i], "GET", site.url);
	for (size_t i = 0; i < MANY; i++)
		answered(&askings[i], 200, "slow");
	assert_true(site.accepted > 1 && site.accepted <= 32);
	call_house_stop_dialer();
	site_close(&site);
}

static void serve_retry(struct line *line)
{
	if (line_head(line))
		line_say(line, line->site->data);
}

static void retries_are_told(void **state)
{
	time_t in_an_hour = time(NULL) + 3600;
	struct asking number = { .done = 0 }, date = { .done = 0 };
	char text[256], when[64];

	(void)state;
	site.data = "HTTP/1.1 429 Slow\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n";
	site_begin(serve_retry);
	ask(&number, "GET", site.url);
	answered(&number, 429, "");
	assert_int_equal(number.result.retry_after_s, 30);
	strftime(when, sizeof(when), "%a, %d %b %Y %H:%M:%S GMT", gmtime(&in_an_hour));
	snprintf(text, sizeof(text),
		 "HTTP/1.1 503 Later\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n", when);
	site.data = text;
	ask(&date, "GET", site.url);
	answered(&date, 503, "");
	assert_in_range(date.result.retry_after_s, 3000, 3600);
	call_house_stop_dialer();
	site_close(&site);
}

static bool says_more(const char *headers)
{
	struct asking asking = { .done = 0 };
	char text[256];

	snprintf(text, sizeof(text), "HTTP/1.1 200 OK\r\n%sContent-Length: 0\r\n\r\n", headers);
	site.data = text;
	ask(&asking, "GET", site.url);
	answered(&asking, 200, "");
	return asking.result.more;
}

static void lists_that_go_on_are_told(void **state)
{
	(void)state;
	site_begin(serve_retry);
	assert_false(says_more(""));
	assert_true(says_more("Link: <https://x/users?page=2>; rel=\"next\"\r\n"));
	assert_true(says_more("link: <x>; rel=prev, <y>; rel=next\r\n"));
	assert_true(says_more("Link: <x>; rel=\"first\"\r\nLink: <y>; rel=\"next\"\r\n"));
	assert_false(says_more("Link: <x>; rel=\"prev\"\r\n"));
	call_house_stop_dialer();
	site_close(&site);
}

static void serve_elsewhere(struct line *line)
{
	if (line_head(line))
		line_say(line, "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
			       "Content-Length: 0\r\n\r\n");
}

static void redirects_are_not_followed(void **state)
{
	struct asking asking = { .done = 0 };

	(void)state;
	site_begin(serve_elsewhere);
	ask(&asking, "GET", site.url);
	answered(&asking, 302, "");
	call_house_stop_dialer();
	site_close(&site);
}

/* ---- what goes wrong ---- */

static void serve_silence(struct line *line)
{
	line_drain(line);
}

static void time_is_limited(void **state)
{
	struct asking asking = { .request = { .timeout_ms = 200 } };

	(void)state;
	site_begin(serve_silence);
	ask(&asking, "GET", site.url);
	failed(&asking, "no answer in time");
	site_close(&site);
}

static void serve_too_much(struct line *line)
{
	char block[4096];

	memset(block, 'x', sizeof(block));
	if (!line_head(line))
		return;
	line_say(line, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
	for (size_t sent = 0; sent <= HTTP_CALL_BODY_MAX; sent += sizeof(block))
		line_send(line, block, sizeof(block));
}

static void serve_long_header(struct line *line)
{
	char block[4096];

	memset(block, 'x', sizeof(block));
	if (!line_head(line))
		return;
	line_say(line, "HTTP/1.1 200 OK\r\nX: ");
	for (size_t sent = 0; sent < 512 * 1024; sent += sizeof(block))
		line_send(line, block, sizeof(block));
}

static void serve_much(struct line *line)
{
	char block[4096];

	memset(block, 'x', sizeof(block));
	if (!line_head(line))
		return;
	line_say(line, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
	for (size_t sent = 0; sent < HTTP_CALL_BODY_MAX; sent += sizeof(block))
		line_send(line, block, sizeof(block));
}

static void bodies_are_bounded(void **state)
{
	struct asking asking = { .done = 0 }, header = { .done = 0 }, most = { .done = 0 };

	(void)state;
	site_begin(serve_too_much);
	ask(&asking, "GET", site.url);
	failed(&asking, "too long");
	site_close(&site);
	site_begin(serve_long_header);
	ask(&header, "GET", site.url);
	failed(&header, "a header is too long");
	site_close(&site);
	site_begin(serve_much);
	ask(&most, "GET", site.url);
	wait_done(&most);
	assert_int_equal(most.result.status, 200);
	assert_int_equal(most.result.body.len, HTTP_CALL_BODY_MAX);
	site_close(&site);
}

static void connection_is_refused(void **state)
{
	struct asking asking = { .done = 0 };

	(void)state;
	site_begin(serve_silence);
	site_close(&site);
	ask(&asking, "GET", site.url);
	failed(&asking, "Connection refused");
}

static void urls_and_headers_are_checked(void **state)
{
	struct asking scheme = { .done = 0 }, header = { .done = 0 };

	(void)state;
	ask(&scheme, "GET", "file:///etc/passwd");
	failed(&scheme, "scheme");
	header.request.authorization = SLICE("a\r\nb: c");
	ask(&header, "GET", "http://127.0.0.1:1/");
	failed(&header, "control character");
}

/* Answers the first request of a connection, and ends it behind the second. */
static void serve_once(struct line *line)
{
	char body[256];

	if (!line_head(line) || !line_body(line, body))
		return;
	line->site->done++;
	line_answer(line, "200 OK", "once");
	if (!line_head(line) || !line_body(line, body))
		return;
	line->site->done++;
}

static void what_may_have_happened_is_not_asked_twice(void **state)
{
	struct asking first = { .request = { .body = SLICE("1") } }, second = first, third = first;

	(void)state;
	site_begin(serve_once);
	ask(&first, "POST", site.url);
	answered(&first, 200, "once");
	ask(&second, "POST", site.url);
	failed(&second, "without an answer");
	assert_int_equal(site.done, 2);
	ask(&third, "POST", site.url);
	answered(&third, 200, "once");
	assert_int_equal(site.done, 3);
	call_house_stop_dialer();
	site_close(&site);
}

/* Without a body nothing could be told from an answer that was lost: no connection is shared. */
static void what_has_no_body_has_a_connection_of_its_own(void **state)
{
	struct asking first = { .done = 0 }, second = { .done = 0 };

	(void)state;
	site_begin(serve_once);
	ask(&first, "POST", site.url);
	answered(&first, 200, "once");
	ask(&second, "POST", site.url);
	answered(&second, 200, "once");
	assert_int_equal(site.done, 2);
	assert_int_equal(site.accepted, 2);
	call_house_stop_dialer();
	site_close(&site);
}

/* ---- TLS ---- */

static void serve_hello(struct line *line)
{
	while (line_head(line))
		line_answer(line, "200 OK", "hello");
}

static void certificates_are_checked(void **state)
{
	struct asking right = { .done = 0 }, wrong = { .done = 0 }, other = { .done = 0 };
	char url[64];

	(void)state;
	pem_make("right",
		 &(struct pem){ .kind = "EC", .name = "a.example", .names = "IP:127.0.0.1" });
	pem_make("other",
		 &(struct pem){ .kind = "EC", .name = "b.example", .names = "IP:127.0.0.1" });
	site_open(&site, serve_hello, pem_path("right.pem"), pem_path("right.key"));
	snprintf(url, sizeof(url), "https://127.0.0.1:%u/", site.port);
	right.request.ca_file = pem_path("right.pem");
	ask(&right, "GET", url);
	answered(&right, 200, "hello");
	other.request.ca_file = pem_path("other.pem");
	ask(&other, "GET", url);
	failed(&other, "self-signed certificate");
	snprintf(url, sizeof(url), "https://localhost:%u/", site.port);
	wrong.request.ca_file = pem_path("right.pem");
	ask(&wrong, "GET", url);
	failed(&wrong, "localhost");
	call_house_stop_dialer();
	site_close(&site);
}

/* ---- cancelled ---- */

static void nobody_hears_of_what_is_cancelled(void **state)
{
	struct asking before = { .done = 0 }, during = { .done = 0 }, after = { .cancels = true };
	struct asking other = { .done = 0 };

	(void)state;
	site_begin(serve_slowly);
	ask(&before, "GET", site.url);
	call_house_do(do_cancel, &before);
	ask(&during, "GET", site.url);
	while (!site.accepted)
		usleep(1000);
	call_house_do(do_cancel, &during);
	ask(&after, "GET", site.url);
	answered(&after, 200, "slow");
	ask(&other, "GET", site.url);
	answered(&other, 200, "slow");
	assert_int_equal(before.done + during.done, 0);
	call_house_stop_dialer();
	site_close(&site);
}

static void end_of_the_threads(void **state)
{
	struct asking asking = { .done = 0 }, late = { .done = 0 };

	(void)state;
	site_begin(serve_silence);
	ask(&asking, "GET", site.url);
	call_house_stop_dialer();
	site_close(&site);
	ask(&late, "GET", site.url);
	failed(&late, "nothing can be called now");
	call_house_do(do_cancel, &asking);
	assert_int_equal(asking.done, 0);
}

static int house_open(void **state)
{
	(void)state;
	call_house_open();
	return 0;
}

static int house_close(void **state)
{
	(void)state;
	call_house_close();
	return 0;
}

#define HOUSED(test) cmocka_unit_test_setup_teardown(test, house_open, house_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOUSED(gets_one_after_the_other_share_a_connection),
		HOUSED(methods_and_bodies),
		HOUSED(many_at_once),
		HOUSED(retries_are_told),
		HOUSED(lists_that_go_on_are_told),
		HOUSED(redirects_are_not_followed),
		HOUSED(time_is_limited),
		HOUSED(bodies_are_bounded),
		HOUSED(connection_is_refused),
		HOUSED(urls_and_headers_are_checked),
		HOUSED(what_may_have_happened_is_not_asked_twice),
		HOUSED(what_has_no_body_has_a_connection_of_its_own),
		HOUSED(certificates_are_checked),
		HOUSED(nobody_hears_of_what_is_cancelled),
		HOUSED(end_of_the_threads),
	};

	return cmocka_run_group_tests(tests, pem_folder_make, pem_folder_remove);
}
