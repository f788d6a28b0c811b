/* How mixer clients get tokens, and keys by short codes. As test_mixer_http.c. */
#include "tests/codecs/mixer/mixer_calls.h"

static void ask_token(struct call_probe *p, const char *body)
{
	call_probe_ask(p, CALL_POST, "/api/v1/oauth/token", body);
	call_probe_step(p, &nothing);
}

static void tokens(void **state)
{
	struct call_probe *p = *state;
	static const char *const bodies[] = {
		"grant_type=authorization_code&client_id=x&code=ann%3Akey",
		"{\"grant_type\":\"authorization_code\",\"client_id\":\"x\",\"code\":\"ann:key\"}",
		"grant_type=refresh_token&refresh_token=ann%3Akey",
		"{\"refresh_token\":\"ann:key\",\"grant_type\":\"refresh_token\"}",
	};

	be_nobody(p);
	for (size_t i = 0; i < COUNT(bodies); i++) {
		ask_token(p, bodies[i]);
		assert_int_equal(p->want.kind, WANT_LOGIN);
		assert_true(slice_is(p->want.login.name, "ann"));
		assert_true(slice_is(p->want.login.secret, "key"));
		assert_true(slice_is(p->want.login.token, "ann:key"));
		tell(p, &(struct codec_told){ .kind = WANT_LOGIN });
		tell_key(p, "k1.a");
		assert_json(p, 200,
			    "{'access_token':'k1.a','refresh_token':'k1.a','token_type':'Bearer',"
			    "'expires_in':86400}");
	}
}

/* The status is RFC 6749's; the body has the keys of all errors here. */
static void tokens_refused(void **state)
{
	struct call_probe *p = *state;
	static const char *const bodies[] = {
		"",
		"grant_type=authorization_code",
		"grant_type=password&code=ann",
		"grant_type=authorization_code&code=",
		"grant_type=authorization_code&code=%ff",
		"{\"grant_type\":\"authorization_code\",\"code\":7}",
		"{\"grant_type\":7}",
		"[]",
		"{",
	};

	for (size_t i = 0; i < COUNT(bodies); i++) {
		ask_token(p, bodies[i]);
		assert_error(p, 400, "Bad Request", "invalid_grant");
	}
	ask_token(p, "grant_type=authorization_code&code=ann%3Abad");
	tell_refused(p, WANT_LOGIN, REASON_BAD_LOGIN);
	assert_error(p, 400, "Bad Request", "invalid_grant");
	ask_token(p, "grant_type=authorization_code&code=ann%3Abad");
	tell_refused(p, WANT_LOGIN, REASON_BUSY);
	assert_error(p, 503, "Service Unavailable", reason_text(REASON_BUSY));
	/* Whose address is slowed down may be right, and try again. */
	ask_token(p, "grant_type=refresh_token&refresh_token=ann%3Agood");
	tell_refused(p, WANT_LOGIN, REASON_RATE_LIMITED);
	assert_error(p, 429, "Too Many Requests", reason_text(REASON_RATE_LIMITED));
}

/* The handle that is told. */
static void take_handle(struct call_probe *p, char *target)
{
	const char *at = strstr(call_probe_said(p), "\"handle\":\"") + strlen("\"handle\":\"");

	sprintf(target, "/api/v1/oauth/shortcode/check/%.*s", (int)strcspn(at, "\""), at);
}

static void ask_shortcode(struct call_probe *p, uint64_t nonce, char *target)
{
	call_probe_ask(p, CALL_POST, "/api/v1/oauth/shortcode", "{\"client_id\":\"x\"}");
	p->call.nonce = nonce;
	call_probe_step(p, &nothing);
	take_handle(p, target);
}

/* The statuses are those that @mixer/shortcode-oauth knows. */
static void shortcodes(void **state)
{
	struct call_probe *p = *state;
	char target[256], other[256];

	be_nobody(p);
	ask_shortcode(p, 2, other);
	ask_shortcode(p, 1, target);
	assert_string_not_equal(target, other);
	assert_memory_equal(call_probe_said(p), "202 ", 4);
	assert_non_null(strstr(call_probe_said(p), "{\"code\":\"BAAAAA\",\"handle\":\""));
	assert_non_null(strstr(call_probe_said(p), "\"expires_in\":120}"));
	get(p, target);
	assert_string_equal(call_probe_said(p), "204");
	p->probe.peer.now_ms += 1000;
	get(p, target);
	assert_true(slice_is(p->want.login.name, "viewer-BAAAAA"));
	assert_int_equal(p->want.login.secret.len, 16);
	tell_refused(p, WANT_LOGIN, REASON_BAD_LOGIN);
	assert_error(p, 403, "Forbidden", "guests may not come in here");
	get(p, target);
	tell(p, &(struct codec_told){ .kind = WANT_LOGIN });
	assert_non_null(strstr(call_probe_said(p), "{\"code\":\"viewer-BAAAAA:"));
	p->probe.peer.now_ms += 119000;
	get(p, target);
	assert_error(p, 404, "Not Found", "the short code has expired");
}

static void shortcodes_made_up(void **state)
{
	static const char *const handles[] = {
		"x",
		"000001a22ba05984viewer-7CX7ST72383365669727e", /* too short */
		"000001a22ba05984boss---7CX7ST72383365669727e1",
		"000001A22BA05984viewer-7CX7ST72383365669727e1",
		"000001a22ba05984viewer-7CX7STx2383365669727e1",
		"ffffffffffffffffviewer-7CX7ST72383365669727e1",
		"0000000000000000viewer-7CX7ST72383365669727e1",
	};
	struct call_probe *p = *state;
	char target[256];

	for (size_t i = 0; i < COUNT(handles); i++) {
		snprintf(target, sizeof(target), "/api/v1/oauth/shortcode/check/%s", handles[i]);
		get(p, target);
		assert_error(p, 404, "Not Found", "the short code has expired");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tokens),
		TEST(tokens_refused),
		TEST(shortcodes),
		TEST(shortcodes_made_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
