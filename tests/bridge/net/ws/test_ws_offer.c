#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "bridge/net/ws/ws_offer.h"

#define NAME  "permessage-deflate"
#define ALONE "; server_no_context_takeover; client_no_context_takeover"

/* answer NULL: WS_OFFER_NONE; "bad": WS_OFFER_BAD. */
static const struct {
	const char *value, *answer;
} offers[] = {
	{ "", NULL },
	{ "   ", NULL },
	{ ",", NULL },
	{ " , ,, ", NULL },
	{ NAME, NAME ALONE },
	{ "  " NAME "\t ", NAME ALONE },
	{ ", " NAME " ,", NAME ALONE },
	/* what Firefox, Chromium and Safari send */
	{ NAME, NAME ALONE },
	{ NAME "; client_max_window_bits", NAME ALONE },
	{ NAME "; client_no_context_takeover", NAME ALONE },
	{ NAME ";client_max_window_bits", NAME ALONE },
	{ NAME " ;  client_max_window_bits ", NAME ALONE },
	{ NAME "; server_no_context_takeover", NAME ALONE },
	{ NAME ALONE, NAME ALONE },
	{ NAME ALONE "; server_max_window_bits=15; client_max_window_bits=15",
	  NAME ALONE "; server_max_window_bits=15" },
	/* windows */
	{ NAME "; server_max_window_bits=8", NAME ALONE "; server_max_window_bits=8" },
	{ NAME "; server_max_window_bits=9", NAME ALONE "; server_max_window_bits=9" },
	{ NAME "; server_max_window_bits=10", NAME ALONE "; server_max_window_bits=10" },
	{ NAME "; server_max_window_bits=11", NAME ALONE "; server_max_window_bits=11" },
	{ NAME "; server_max_window_bits=12", NAME ALONE "; server_max_window_bits=12" },
	{ NAME "; server_max_window_bits=13", NAME ALONE "; server_max_window_bits=13" },
	{ NAME "; server_max_window_bits=14", NAME ALONE "; server_max_window_bits=14" },
	{ NAME "; server_max_window_bits = 15", NAME ALONE "; server_max_window_bits=15" },
	{ NAME "; server_max_window_bits=\"10\"", NAME ALONE "; server_max_window_bits=10" },
	{ NAME "; server_max_window_bits=\"1\\0\"", NAME ALONE "; server_max_window_bits=10" },
	{ NAME "; client_max_window_bits=8", NAME ALONE },
	{ NAME "; client_max_window_bits=\"15\"", NAME ALONE },
	{ NAME "; server_max_window_bits", NULL },
	{ NAME "; server_max_window_bits=7", NULL },
	{ NAME "; server_max_window_bits=16", NULL },
	{ NAME "; server_max_window_bits=20", NULL },
	{ NAME "; server_max_window_bits=0", NULL },
	{ NAME "; server_max_window_bits=08", NULL },
	{ NAME "; server_max_window_bits=012", NULL },
	{ NAME "; server_max_window_bits=120", NULL },
	{ NAME "; server_max_window_bits=+9", NULL },
	{ NAME "; server_max_window_bits=-9", NULL },
	{ NAME "; server_max_window_bits=1a", NULL },
	{ NAME "; server_max_window_bits=ten", NULL },
	{ NAME "; server_max_window_bits=4294967306", NULL },
	{ NAME "; server_max_window_bits=1000000000000000000000000000000000000000010", NULL },
	{ NAME "; client_max_window_bits=7", NULL },
	{ NAME "; client_max_window_bits=16", NULL },
	{ NAME "; client_max_window_bits=09", NULL },
	{ NAME "; client_max_window_bits=x", NULL },
	/* values where none is allowed, twice there, unknown */
	{ NAME "; server_no_context_takeover=1", NULL },
	{ NAME "; client_no_context_takeover=true", NULL },
	{ NAME "; server_no_context_takeover=\"15\"", NULL },
	{ NAME "; server_no_context_takeover; server_no_context_takeover", NULL },
	{ NAME "; client_max_window_bits; client_max_window_bits", NULL },
	{ NAME "; client_max_window_bits=9; client_max_window_bits=10", NULL },
	{ NAME "; server_max_window_bits=12; server_max_window_bits=12", NULL },
	{ NAME "; fast", NULL },
	{ NAME "; Client_max_window_bits", NULL },
	{ NAME "; client_max_window_bit", NULL },
	{ NAME "; client_max_window_bits2", NULL },
	/* several: the first that is acceptable */
	{ "x-webkit-deflate-frame", NULL },
	{ "x-webkit-deflate-frame; no_context_takeover, " NAME, NAME ALONE },
	{ "mux; max-channels=4; flow-control, deflate-stream", NULL },
	{ "perframe-deflate, permessage-bzip2, " NAME "2", NULL },
	{ NAME "; server_max_window_bits=10, " NAME, NAME ALONE "; server_max_window_bits=10" },
	{ NAME "; server_max_window_bits=16, " NAME, NAME ALONE },
	{ NAME "; fast=yes, " NAME "; server_max_window_bits=14, " NAME,
	  NAME ALONE "; server_max_window_bits=14" },
	{ NAME "; client_max_window_bits; server_max_window_bits=12, " NAME
	       "; client_max_window_bits",
	  NAME ALONE "; server_max_window_bits=12" },
	{ NAME "; fast, " NAME "; server_max_window_bits=7", NULL },
	{ "foo; a=\"b\"; c, " NAME, NAME ALONE },
	/* what breaks the grammar */
	{ ";", "bad" },
	{ "=", "bad" },
	{ NAME ";", "bad" },
	{ NAME "; ", "bad" },
	{ NAME "; , " NAME, "bad" },
	{ NAME ";; client_max_window_bits", "bad" },
	{ NAME " client_max_window_bits", "bad" },
	{ NAME "=1", "bad" },
	{ NAME "; server_max_window_bits=", "bad" },
	{ NAME "; server_max_window_bits==9", "bad" },
	{ NAME "; server_max_window_bits=9 9", "bad" },
	{ NAME "; server_max_window_bits=\"9", "bad" },
	{ NAME "; server_max_window_bits=\"9\\", "bad" },
	{ NAME "; server_max_window_bits=\"\"", "bad" },
	{ NAME "; server_max_window_bits=\" 9\"", "bad" },
	{ NAME "; server_max_window_bits=\"9\"9", "bad" },
	{ NAME "; server_max_window_bits=9\"", "bad" },
	{ NAME "; =9", "bad" },
	{ NAME ", ;", "bad" },
	{ NAME ", foo bar", "bad" },
	{ "\"" NAME "\"", "bad" },
	{ "foo/bar", "bad" },
	{ NAME "; caf\xc3\xa9", "bad" },
	{ NAME "\x01", "bad" },
	{ NAME "\r\n", "bad" },
};

static void offers_are_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(offers) / sizeof(*offers); i++) {
		const char *answer = offers[i].answer;
		bool bad = answer && slice_is(SLICE("bad"), answer);
		enum ws_offer want = bad ? WS_OFFER_BAD : answer ? WS_OFFER_TAKEN : WS_OFFER_NONE;
		struct ws_terms terms;
		enum ws_offer got = ws_offer_judge(slice_of(offers[i].value), &terms);

		if (got != want)
			fail_msg("\"%s\" is judged %d, not %d", offers[i].value, got, want);
		if (want != WS_OFFER_TAKEN)
			continue;
		assert_string_equal(terms.answer, answer);
	}
}

/* Our window is 2^12 bytes: who has a smaller one gets plain frames. */
static void small_windows_get_plain_frames(void **state)
{
	struct ws_terms terms = { .compress = false };

	(void)state;
	assert_int_equal(ws_offer_judge(SLICE(NAME), &terms), WS_OFFER_TAKEN);
	assert_true(terms.compress);
	for (int bits = 8; bits <= 15; bits++) {
		char value[64];

		snprintf(value, sizeof(value), NAME "; server_max_window_bits=%d", bits);
		assert_int_equal(ws_offer_judge(slice_of(value), &terms), WS_OFFER_TAKEN);
		assert_int_equal(terms.compress, bits >= 12);
	}
}

/* Cut short, or with a NUL in it, it is never taken for something longer. */
static void only_the_value_is_read(void **state)
{
	static const char value[] = NAME "; server_max_window_bits=\"10\", foo";
	struct ws_terms terms;

	(void)state;
	for (size_t len = 0; len < sizeof(NAME) - 1; len++)
		assert_int_equal(ws_offer_judge(slice_span(value, len), &terms), WS_OFFER_NONE);
	for (size_t len = 0; len < sizeof(value); len++)
		ws_offer_judge(slice_span(value, len), &terms);
	assert_int_equal(ws_offer_judge(slice_span(value, sizeof(NAME) - 1), &terms),
			 WS_OFFER_TAKEN);
	assert_int_equal(ws_offer_judge(SLICE(NAME "\0"), &terms), WS_OFFER_BAD);
	assert_int_equal(ws_offer_judge(SLICE(NAME "; a=\"\0\""), &terms), WS_OFFER_BAD);
	assert_int_equal(ws_offer_judge(slice_of(NULL), &terms), WS_OFFER_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offers_are_judged),
		cmocka_unit_test(small_windows_get_plain_frames),
		cmocka_unit_test(only_the_value_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
