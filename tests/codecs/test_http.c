/* Paths, parameters and credentials of requests to dialects' doors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/http.h"
#include "codecs/text/memory.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct codec_path rows[] = {
	{ CALL_GET, "/users/current", CALLER_SOMEBODY, 0, NULL },
	{ CALL_GET, "/users/{id}", CALLER_MAYBE, 0, NULL },
	{ CALL_DELETE, "/users/{id}", CALLER_MAYBE, 0, NULL },
	{ CALL_POST, "/users", CALLER_ANYBODY, 0, NULL },
	{ CALL_PUT, "/rooms/{id}/users/{user}", CALLER_ANYBODY, 0, NULL },
};
static const char *const prefixes[] = { "/api/v1", "/api/v2", NULL };
static const struct codec_http http = {
	.paths = rows, .path_count = COUNT(rows), .prefixes = prefixes, .claims_prefixes = true
};

/* Of another dialect, at the root. */
static const struct codec_path root_rows[] = {
	{ CALL_GET, "/key", CALLER_ANYBODY, 0, NULL },
	{ CALL_GET, "/{any}/v1/users/current", CALLER_ANYBODY, 0, NULL },
};
static const char *const root_prefixes[] = { "", NULL };
static const struct codec_http root = { .paths = root_rows,
					.path_count = COUNT(root_rows),
					.prefixes = root_prefixes };

#define BIT(method) (1U << (method))

static void paths_are_matched(void **state)
{
	static const struct {
		const char *path;
		unsigned methods;
		size_t prefix, claim;
		const char *row; /* of GET */
	} cases[] = {
		{ "/api/v1/users/current", BIT(CALL_GET) | BIT(CALL_DELETE), 0, 7,
		  "/users/current" },
		{ "/api/v2/users/7", BIT(CALL_GET) | BIT(CALL_DELETE), 1, 7, "/users/{id}" },
		/* Empty parts change nothing. */
		{ "//api//v2/users/7/", BIT(CALL_GET) | BIT(CALL_DELETE), 1, 7, "/users/{id}" },
		{ "/api/v1/users", BIT(CALL_POST), 0, 7, NULL },
		{ "/api/v1/rooms/a/users/b", BIT(CALL_PUT), 0, 7, NULL },
		/* Escapes are of the parts, and divide nothing. */
		{ "/api/v1/users/a%2Fb", BIT(CALL_GET) | BIT(CALL_DELETE), 0, 7, "/users/{id}" },
		{ "/api/v1/%75sers/current", 0, 0, 7, NULL },
		{ "/api/v1/users/7/more", 0, 0, 7, NULL },
		{ "/api/v1", 0, 0, 7, NULL },
		{ "/api/v1x/users", 0, 0, 0, NULL },
		{ "/API/v1/users", 0, 0, 0, NULL },
		{ "/api/v3/users", 0, 0, 0, NULL },
		{ "/", 0, 0, 0, NULL },
		{ "*", 0, 0, 0, NULL },
		{ "", 0, 0, 0, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct codec_match match = codec_http_match(&http, slice_of(cases[i].path));
		const struct codec_path *row = match.rows[CALL_GET];

		if (match.methods != cases[i].methods || match.claim != cases[i].claim)
			print_error("%s\n", cases[i].path);
		assert_int_equal(match.methods, cases[i].methods);
		assert_int_equal(match.claim, cases[i].claim);
		if (match.methods)
			assert_int_equal(match.prefix, cases[i].prefix);
		assert_int_equal(!row, !cases[i].row);
		if (row)
			assert_string_equal(row->pattern, cases[i].row);
	}
	assert_int_equal(codec_http_match(&root, SLICE("/key")).methods, BIT(CALL_GET));
	assert_int_equal(codec_http_match(&root, SLICE("/nothing")).claim, 0);
}

static void parts_are_unescaped(void **state)
{
	static const struct {
		const char *path, *first, *second; /* NULL: they are none */
	} cases[] = {
		{ "/api/v1/rooms/a/users/b", "a", "b" },
		{ "/api/v1/rooms/%C3%A4%2f/users/%62", "\xc3\xa4/", "b" },
		{ "/api/v1/rooms/a+b/users/c", "a+b", "c" },
		{ "/api/v1/rooms/%/users/b", NULL, NULL },
		{ "/api/v1/rooms/%4/users/b", NULL, NULL },
		{ "/api/v1/rooms/%zz/users/b", NULL, NULL },
		{ "/api/v1/rooms/a/users/%00", NULL, NULL },
		{ "/api/v1/rooms/a/users/%0d%0a", NULL, NULL },
		{ "/api/v1/rooms/a/users/%7f", NULL, NULL },
		{ "/api/v1/rooms/a/users/%ff", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t len = strlen(cases[i].path);
		char *scratch = memory_new(len); /* exactly what is promised */
		struct codec_call call = { .path = slice_of(cases[i].path) };

		assert_int_equal(codec_http_parts(&http, &rows[4], &call, scratch),
				 cases[i].first != NULL);
		if (cases[i].first) {
			assert_int_equal(call.part_count, 2);
			assert_true(slice_is(call.parts[0], cases[i].first));
			assert_true(slice_is(call.parts[1], cases[i].second));
		}
		free(scratch);
	}
}

static void parameters_are_read(void **state)
{
	static const char query[] = "name=a%20b+c&limit=7&far=1234567890123456789012&bad=%ff&none=";
	char scratch[sizeof(query)];
	struct codec_peer peer = { .scratch = scratch };
	struct codec_call call = { .query = slice_of(query), .body = slice_of("a=%2B+&b=2") };

	(void)state;
	assert_true(slice_is(call_parameter(&peer, &call, "name"), "a b c"));
	assert_int_equal(call_number(&peer, &call, "limit", 1, 100, 50), 7);
	peer.scratch = scratch;
	assert_int_equal(call_number(&peer, &call, "limit", 10, 100, 50), 10);
	assert_int_equal(call_number(&peer, &call, "limit", 1, 5, 3), 5);
	assert_int_equal(call_number(&peer, &call, "far", 1, 5, 3), 3);
	peer.scratch = scratch;
	assert_int_equal(call_number(&peer, &call, "none", 1, 5, 3), 3);
	assert_int_equal(call_number(&peer, &call, "missing", 1, 5, 4), 4);
	assert_null(call_parameter(&peer, &call, "bad").data);
	assert_null(call_parameter(&peer, &call, "missing").data);
	assert_true(slice_is(call_form(&peer, &call, "a"), "+ "));
	assert_true(slice_is(call_form(&peer, &call, "b"), "2"));
}

static void numbers_are_decimal(void **state)
{
	uint64_t value;

	(void)state;
	assert_true(call_decimal(SLICE("18446744073709551615"), UINT64_MAX, &value));
	assert_true(value == UINT64_MAX);
	assert_true(call_decimal(SLICE("007"), 7, &value));
	assert_int_equal(value, 7);
	assert_false(call_decimal(SLICE("8"), 7, &value));
	assert_int_equal(value, 0);
	assert_false(call_decimal(SLICE("18446744073709551616"), UINT64_MAX, &value));
	assert_false(call_decimal(SLICE("-1"), UINT64_MAX, &value));
	assert_false(call_decimal(SLICE("1 "), UINT64_MAX, &value));
	assert_int_equal(value, 0);
	assert_false(call_decimal(SLICE(""), UINT64_MAX, &value));
}

static void credentials_are_read(void **state)
{
	static const struct {
		const char *header, *name, *secret, *token;
		enum reason reason;
	} cases[] = {
		{ NULL, NULL, NULL, NULL, REASON_NONE },
		{ "Bearer ann:x:y", "ann", "x:y", "ann:x:y", REASON_NONE },
		{ "bEaReR   tok", "tok", NULL, "tok", REASON_NONE },
		{ "Basic YW5uOng=", "ann", "x", NULL, REASON_NONE },
		{ "basic YW5u", "ann", NULL, NULL, REASON_NONE },
		{ "Basic ***", NULL, NULL, NULL, REASON_BAD_LOGIN },
		{ "Basic Ong=", NULL, NULL, NULL, REASON_BAD_LOGIN },
		{ "Bearer ", NULL, NULL, NULL, REASON_BAD_LOGIN },
		{ "Bearer :x", NULL, NULL, NULL, REASON_BAD_LOGIN },
		{ "Bearer \xff", NULL, NULL, NULL, REASON_BAD_LOGIN },
		{ "Digest ann", NULL, NULL, NULL, REASON_BAD_LOGIN },
		{ "Bearer", NULL, NULL, NULL, REASON_BAD_LOGIN },
		{ "", NULL, NULL, NULL, REASON_BAD_LOGIN },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char scratch[32];
		struct codec_peer peer = { .scratch = scratch };
		struct codec_call call = { .authorization = slice_of(cases[i].header) };
		struct codec_login login = { 0 };
		enum reason reason = call_credentials(&peer, &call, &login);

		if (reason != cases[i].reason)
			print_error("%s\n", cases[i].header);
		assert_int_equal(reason, cases[i].reason);
		if (reason != REASON_NONE)
			continue;
		assert_true(slice_is(login.name, cases[i].name));
		assert_true(slice_is(login.secret, cases[i].secret));
		assert_true(slice_is(login.token, cases[i].token));
	}
}

static void clashes_are_found(void **state)
{
	const char *prefix = NULL;

	(void)state;
	assert_null(codec_http_at(&http, SLICE("/mixer"), &prefix));
	assert_null(codec_http_at(&http, SLICE("/api/v1"), &prefix));
	assert_string_equal(codec_http_at(&http, SLICE("/api/v2/users/7"), &prefix), "/users/{id}");
	assert_string_equal(prefix, "/api/v2");
	/* A place meets any word. */
	assert_string_equal(codec_http_clash(&http, &root, &prefix), "/users/current");
	assert_string_equal(prefix, "/api/v1");
	assert_string_equal(codec_http_clash(&root, &http, &prefix), "/{any}/v1/users/current");
}

static void answers_have_headers(void **state)
{
	struct codec_answer answer = { 0 };
	struct json_writer *w = answer_json(&answer, 201);

	(void)state;
	json_object_open(w);
	json_object_close(w);
	for (unsigned i = 0; i < ANSWER_HEADERS; i++) {
		w = answer_header(&answer, i ? "X-More" : "Link");
		json_put_literal(w, "value", 1 + i);
		answer_header_end(&answer);
	}
	assert_int_equal(answer.header_count, ANSWER_HEADERS);
	assert_true(slice_is(answer_header_value(&answer, 0), "v"));
	assert_true(slice_is(answer_header_value(&answer, 3), "valu"));
	assert_int_equal(answer.status, 201);
	/* Begun anew, nothing of the first is left. */
	answer_json(&answer, 400);
	assert_int_equal(answer.header_count, 0);
	assert_int_equal(answer.body.len, 0);
	answer_clear_body(&answer);
	assert_int_equal(answer.status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_matched),    cmocka_unit_test(parts_are_unescaped),
		cmocka_unit_test(parameters_are_read),  cmocka_unit_test(numbers_are_decimal),
		cmocka_unit_test(credentials_are_read), cmocka_unit_test(clashes_are_found),
		cmocka_unit_test(answers_have_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
