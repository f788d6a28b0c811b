#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/core/capture/capture.h"

static const struct id_key ids = { { 7 } };
static _Atomic uint64_t order; /* of all tests here */
static const struct redactor with_bodies = { .ids = &ids, .bodies = true };

static struct person ann(void)
{
	return (struct person){ .name = SLICE("ann"), .number = 7, .roles = ROLE_USER | ROLE_MOD };
}

static struct capture_who who_of(const struct person *person, uint32_t slot, uint32_t generation)
{
	return (struct capture_who){ .ref = { .slot = slot, .generation = generation },
				     .dialect = SLICE("simple"),
				     .person = person,
				     .now_ms = 5 };
}

/* Compares the lines so far. */
static void expect(struct capture *capture, const char *wanted)
{
	size_t len;
	char *lines = capture_take(capture, &len);

	assert_int_equal(len, strlen(wanted));
	if (len)
		assert_memory_equal(lines, wanted, len);
	free(lines);
}

static void who_enters_is_told_first(void **state)
{
	struct capture *capture = capture_new(NULL, 1, &order, &with_bodies, NULL);
	struct person person = ann();
	struct capture_who nobody = who_of(NULL, 3, 0), somebody = who_of(&person, 3, 0);
	struct capture_who next = who_of(&person, 3, 1);

	(void)state;
	expect(capture, "");
	capture_frame(capture, &nobody, false, SLICE("{\"type\":\"reply\"}"));
	capture_frame(capture, &somebody, true, SLICE("{\"message\":\"hi\"}"));
	capture_frame(capture, &somebody, false, SLICE("{}"));
	capture_gone(capture, &somebody);
	capture_gone(capture, &somebody);
	expect(capture,
	       "{\"n\":1,\"t\":5,\"connection\":48,\"dialect\":\"simple\",\"direction\":\"out\","
	       "\"frame\":{\"type\":\"reply\"}}\n"
	       "{\"n\":2,\"t\":5,\"connection\":48,\"dialect\":\"simple\",\"event\":\"enters\","
	       "\"name\":\"ann\",\"roles\":[\"user\",\"mod\"]}\n"
	       "{\"n\":3,\"t\":5,\"connection\":48,\"dialect\":\"simple\",\"direction\":\"in\","
	       "\"frame\":{\"message\":\"hi\"}}\n"
	       "{\"n\":4,\"t\":5,\"connection\":48,\"dialect\":\"simple\",\"direction\":\"out\","
	       "\"frame\":{}}\n"
	       "{\"n\":5,\"t\":5,\"connection\":48,\"dialect\":\"simple\",\"event\":\"leaves\"}\n");
	/* Another connection in the same place is another one. */
	capture_frame(capture, &next, true, SLICE("{}"));
	expect(
	    capture,
	    "{\"n\":6,\"t\":5,\"connection\":268435504,\"dialect\":\"simple\",\"event\":\"enters\","
	    "\"name\":\"ann\",\"roles\":[\"user\",\"mod\"]}\n"
	    "{\"n\":7,\"t\":5,\"connection\":268435504,\"dialect\":\"simple\",\"direction\":\"in\","
	    "\"frame\":{}}\n");
	capture_free(capture);
}

/* Of HTTP: no connection enters or leaves. */
static void a_request_is_a_line_of_its_own(void **state)
{
	const struct redactor without = { .ids = &ids };
	_Atomic uint64_t own = 0;
	struct capture *capture = capture_new(NULL, 1, &own, &with_bodies, NULL);
	struct person person = ann();
	struct capture_who who = who_of(&person, 0, 0), nobody = who_of(NULL, 0, 0);
	char *lines;
	size_t len;

	(void)state;
	capture_request(capture, &who, SLICE("POST"), SLICE("/a"),
			SLICE("{\"message\":\"hi\",\"key\":\"x\"}"));
	capture_request(capture, &nobody, SLICE("DELETE"), SLICE("/b"), (struct slice){ NULL, 0 });
	expect(capture,
	       "{\"n\":1,\"t\":5,\"dialect\":\"simple\",\"event\":\"request\",\"name\":\"ann\","
	       "\"method\":\"POST\",\"path\":\"/a\",\"body\":{\"message\":\"hi\","
	       "\"key\":\"[secret]\"}}\n"
	       "{\"n\":2,\"t\":5,\"dialect\":\"simple\",\"event\":\"request\",\"method\":"
	       "\"DELETE\",\"path\":\"/b\",\"body\":null}\n");
	capture_free(capture);
	capture = capture_new(NULL, 1, &own, &without, NULL);
	capture_request(capture, &who, SLICE("POST"), SLICE("/a"), SLICE("{\"message\":\"hi\"}"));
	lines = capture_take(capture, &len);
	assert_null(memmem(lines, len, "\"hi\"", 4));
	assert_null(memmem(lines, len, "ann", 3));
	free(lines);
	capture_free(capture);
}

/* What nobody takes is bounded; how much is missing is said where it is. */
static void what_is_not_taken_is_dropped(void **state)
{
	struct capture *capture = capture_new(NULL, 1, &order, &with_bodies, NULL);
	struct person person = ann();
	struct capture_who who = who_of(&person, 0, 0);
	static char frame[60002];
	size_t len, taken = 0, missing;
	char *lines;

	(void)state;
	memset(frame, 'x', sizeof(frame) - 1);
	frame[0] = frame[sizeof(frame) - 2] = '"';
	for (unsigned i = 0; i < 100; i++)
		capture_frame(capture, &who, true, slice_of(frame));
	lines = capture_take(capture, &len);
	assert_true(len > 0 && len <= CAPTURE_BYTES_MAX);
	for (const char *at = lines; (at = memchr(at, '\n', len - (size_t)(at - lines))); at++)
		taken++;
	free(lines);
	missing = 100 - (taken - 1); /* one tells who it is */
	assert_true(missing > 50);
	capture_frame(capture, &who, true, SLICE("1"));
	lines = capture_take(capture, &len);
	assert_int_equal(atoi(strstr(lines, "\"event\":\"dropped\",\"lines\":") + 26), missing);
	free(lines);
	capture_free(capture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_enters_is_told_first),
		cmocka_unit_test(a_request_is_a_line_of_its_own),
		cmocka_unit_test(what_is_not_taken_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
