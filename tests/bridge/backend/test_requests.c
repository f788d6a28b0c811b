#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "bridge/backend/requests.h"

static void who_asked_is_answered_once(void **state)
{
	struct requests requests = { 0 };
	struct asker asker = requests_add(&requests, 5, 2, SLICE("\0me"), SLICE("r1"));
	struct slice identity, id;
	void *block;

	(void)state;
	assert_int_equal(asker.kind, ASKER_BACKEND);
	assert_int_equal(asker.slot, 5);
	assert_int_equal(asker.worker, 2);
	assert_int_equal(requests.count, 1);
	assert_true(requests_take(&requests, &asker, &identity, &id, &block));
	assert_true(slice_equal(identity, SLICE("\0me")));
	assert_true(slice_is(id, "r1"));
	free(block);
	assert_int_equal(requests.count, 0);
	assert_false(requests_take(&requests, &asker, &identity, &id, &block));
	requests_clear(&requests);
}

static void a_request_need_not_have_an_id(void **state)
{
	struct requests requests = { 0 };
	struct asker without = requests_add(&requests, 0, 0, SLICE("me"), (struct slice){ 0 });
	struct asker empty = requests_add(&requests, 0, 0, SLICE("me"), SLICE(""));
	struct slice identity, id;
	void *block;

	(void)state;
	assert_true(requests_take(&requests, &without, &identity, &id, &block));
	assert_null(id.data);
	free(block);
	assert_true(requests_take(&requests, &empty, &identity, &id, &block));
	assert_non_null(id.data);
	assert_int_equal(id.len, 0);
	free(block);
	requests_clear(&requests);
}

/* A place is used again; an old asker is not taken for who has it now. */
static void places_are_used_again(void **state)
{
	struct requests requests = { 0 };
	struct asker first = requests_add(&requests, 0, 0, SLICE("a"), SLICE("1"));
	struct asker second;
	struct slice identity, id;
	void *block;

	(void)state;
	assert_true(requests_take(&requests, &first, &identity, &id, &block));
	free(block);
	second = requests_add(&requests, 0, 0, SLICE("b"), SLICE("2"));
	assert_int_equal(second.ticket, first.ticket);
	assert_false(requests_take(&requests, &first, &identity, &id, &block));
	assert_true(requests_take(&requests, &second, &identity, &id, &block));
	assert_true(slice_is(identity, "b"));
	free(block);
	requests_clear(&requests);
}

static void as_many_as_may_be_under_way(void **state)
{
	struct requests requests = { 0 };
	struct asker askers[REQUESTS_UNDER_WAY_MAX];
	struct slice identity, id;
	char text[16];
	void *block;

	(void)state;
	for (unsigned i = 0; i < REQUESTS_UNDER_WAY_MAX; i++) {
		snprintf(text, sizeof(text), "%u", i);
		askers[i] = requests_add(&requests, 0, 0, SLICE("me"), slice_of(text));
	}
	assert_int_equal(requests.count, REQUESTS_UNDER_WAY_MAX);
	for (unsigned i = REQUESTS_UNDER_WAY_MAX; i-- > 0;) {
		snprintf(text, sizeof(text), "%u", i);
		assert_true(requests_take(&requests, &askers[i], &identity, &id, &block));
		assert_true(slice_is(id, text));
		free(block);
	}
	assert_int_equal(requests.count, 0);
	askers[0] = requests_add(&requests, 0, 0, SLICE("me"), SLICE("left"));
	requests_clear(&requests); /* frees what nobody took */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_asked_is_answered_once),
		cmocka_unit_test(a_request_need_not_have_an_id),
		cmocka_unit_test(places_are_used_again),
		cmocka_unit_test(as_many_as_may_be_under_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
