/* The files that are compiled in, as they are served. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "bridge/net/http/http_reader.h"
#include "bridge/net/pages/pages.h"
#include "tests/support/http_peer.h"

static struct page_answer answer;
static enum page_place place = PAGE_CLIENT;

/* True: there is such a file. */
static bool get(const char *method, const char *path, const char *lines)
{
	char head[512];
	unsigned char *at = (unsigned char *)head;
	size_t len = (size_t)snprintf(head, sizeof(head), "%s %s HTTP/1.1\r\nHost: a\r\n%s\r\n",
				      method, path, lines);
	struct http_step_out out;
	struct http_reader reader;
	bool found;

	http_reader_init(&reader, &http_limits_usual);
	assert_int_equal(http_read(&reader, &at, &len, &out), HTTP_HEAD);
	found = pages_answer(place, &out.request, &answer);
	http_reader_clear(&reader);
	return found;
}

static const char *header(const char *name)
{
	static char value[256];

	for (size_t i = 0; i < answer.answer.header_count; i++)
		if (slice_is(answer.headers[i].name, name)) {
			snprintf(value, sizeof(value), "%.*s", (int)answer.headers[i].value.len,
				 answer.headers[i].value.data);
			return value;
		}
	return "";
}

/* What the tree has there, by its folder. */
static const struct {
	enum page_place place;
	const char *path, *file, *type;
} files[] = {
	{ PAGE_CLIENT, "/", "index.html", "text/html; charset=utf-8" },
	{ PAGE_CLIENT, "/console.css", "console.css", "text/css; charset=utf-8" },
	{ PAGE_CLIENT, "/console.js", "console.js", "text/javascript; charset=utf-8" },
	{ PAGE_CLIENT, "/icon.svg", "icon.svg", "image/svg+xml" },
	{ PAGE_DEMO, "/", "demo/index.html", "text/html; charset=utf-8" },
	{ PAGE_DEMO, "/page.js", "demo/page.js", "text/javascript; charset=utf-8" },
	{ PAGE_DEMO, "/operator.js", "operator/operator.js", "text/javascript; charset=utf-8" },
	{ PAGE_DEMO, "/icon.svg", "icon.svg", "image/svg+xml" },
	{ PAGE_OPERATOR, "/", "operator/index.html", "text/html; charset=utf-8" },
	{ PAGE_OPERATOR, "/operator.js", "operator/operator.js", "text/javascript; charset=utf-8" },
	{ PAGE_OPERATOR, "/operator.css", "operator/operator.css", "text/css; charset=utf-8" },
	{ PAGE_OPERATOR, "/icon.svg", "icon.svg", "image/svg+xml" },
};

static void every_file_is_served_as_it_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char path[128], bytes[65536];
		FILE *file;
		size_t len;

		snprintf(path, sizeof(path), "contrib/console/%s", files[i].file);
		file = fopen(path, "rb");
		assert_non_null(file);
		len = fread(bytes, 1, sizeof(bytes), file);
		fclose(file);
		place = files[i].place;
		assert_true(get("GET", files[i].path, ""));
		assert_int_equal(answer.answer.status, 200);
		assert_true(slice_is(answer.answer.type, files[i].type));
		assert_int_equal(answer.answer.body.len, len);
		assert_memory_equal(answer.answer.body.data, bytes, len);
		assert_string_equal(header("Content-Encoding"), "");
		assert_string_equal(header("X-Content-Type-Options"), "nosniff");
		assert_string_equal(header("Vary"), "Accept-Encoding");
		assert_non_null(
		    strstr(header("Content-Security-Policy"), "frame-ancestors 'none'"));
		assert_int_equal(!strstr(header("Content-Security-Policy"), "default-src 'none'"),
				 place == PAGE_CLIENT);
	}
	place = PAGE_CLIENT;
}

static void who_takes_gzip_gets_it(void **state)
{
	static const char *const packed[] = { "gzip", "deflate, GZIP;q=0.5, br", "gzip ; q=1" };
	static const char *const plain[] = { "deflate", "gzip;q=0", "gzip; q=0.000, br", "xgzip",
					     "" };
	unsigned char bytes[65536];
	char line[128];

	(void)state;
	for (size_t i = 0; i < sizeof(packed) / sizeof(packed[0]); i++) {
		z_stream stream = { .next_out = bytes, .avail_out = sizeof(bytes) };

		snprintf(line, sizeof(line), "Accept-Encoding: %s\r\n", packed[i]);
		assert_true(get("GET", "/console.js", line));
		assert_string_equal(header("Content-Encoding"), "gzip");
		stream.next_in = (unsigned char *)(uintptr_t)answer.answer.body.data;
		stream.avail_in = (unsigned)answer.answer.body.len;
		assert_int_equal(inflateInit2(&stream, 16 + MAX_WBITS), Z_OK);
		assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
		inflateEnd(&stream);
		assert_true(get("GET", "/console.js", ""));
		assert_int_equal(stream.total_out, answer.answer.body.len);
		assert_memory_equal(bytes, answer.answer.body.data, stream.total_out);
	}
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		snprintf(line, sizeof(line), "Accept-Encoding: %s\r\n", plain[i]);
		assert_true(get("GET", "/console.js", line));
		assert_string_equal(header("Content-Encoding"), "");
	}
}

static void who_has_it_gets_304(void **state)
{
	char etag[64], line[256];

	(void)state;
	assert_true(get("GET", "/", ""));
	snprintf(etag, sizeof(etag), "%s", header("ETag"));
	assert_int_equal(strncmp(etag, "W/\"", 3), 0);
	snprintf(line, sizeof(line), "If-None-Match: \"x\", %s\r\n", etag);
	assert_true(get("GET", "/", line));
	assert_int_equal(answer.answer.status, 304);
	assert_int_equal(answer.answer.body.len, 0);
	assert_string_equal(header("ETag"), etag);
	assert_true(get("GET", "/console.css", line));
	assert_int_equal(answer.answer.status, 200);
	assert_true(get("GET", "/", "If-None-Match: *\r\n"));
	assert_int_equal(answer.answer.status, 304);
}

static void nothing_else_is_there(void **state)
{
	static const char *const paths[] = { "/index.html", "/console.js/",   "/Console.js",
					     "//",          "/../console.js", "/console.jsx" };

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_false(get("GET", paths[i], ""));
	assert_false(get("POST", "/", ""));
	assert_true(get("HEAD", "/", ""));
}

static void no_place_has_what_is_of_another(void **state)
{
	static const struct {
		enum page_place place;
		const char *path;
	} paths[] = { { PAGE_CLIENT, "/page.js" },
		      { PAGE_CLIENT, "/operator.js" },
		      { PAGE_DEMO, "/console.js" },
		      { PAGE_OPERATOR, "/page.js" },
		      { PAGE_OPERATOR, "/console.js" } };

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		place = paths[i].place;
		assert_false(get("GET", paths[i].path, ""));
	}
	place = PAGE_CLIENT;
}

static void json_is_kept_by_nobody(void **state)
{
	(void)state;
	pages_answer_json(SLICE("{}"), &answer);
	assert_int_equal(answer.answer.status, 200);
	assert_true(slice_is(answer.answer.type, "application/json"));
	assert_true(slice_is(answer.answer.body, "{}"));
	assert_string_equal(header("Cache-Control"), "no-store");
	assert_string_equal(header("X-Content-Type-Options"), "nosniff");
	assert_string_equal(header("Cross-Origin-Resource-Policy"), "same-origin");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_file_is_served_as_it_is),
		cmocka_unit_test(who_takes_gzip_gets_it),
		cmocka_unit_test(who_has_it_gets_304),
		cmocka_unit_test(nothing_else_is_there),
		cmocka_unit_test(no_place_has_what_is_of_another),
		cmocka_unit_test(json_is_kept_by_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
