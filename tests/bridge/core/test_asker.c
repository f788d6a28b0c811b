#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "bridge/core/asker.h"
#include "bridge/core/login.h"
#include "codecs/text/memory.h"

static void a_new_one_is_empty(void **state)
{
	struct asker nobody = { 0 };
	struct answer answer = { 0 };

	(void)state;
	assert_int_equal(nobody.kind, ASKER_NOBODY);
	assert_false(asker_waits(&nobody));
	assert_null(answer_text(&answer).data);
	assert_null(answer_correlation(&answer).data);
	answer_clear(&answer);
}

static void a_session_waits_with_a_ticket(void **state)
{
	struct session_ref ref = { 3, 1000000, 4000000000 }, back;
	struct asker asker = asker_of_session(ref, 0);

	(void)state;
	back = asker_session(&asker);
	assert_memory_equal(&back, &ref, sizeof(ref));
	assert_true(asker_waits(&asker));
	asker = asker_silent(asker);
	assert_false(asker_waits(&asker));
	assert_int_equal(asker.kind, ASKER_SESSION);
	back = asker_session(&asker);
	assert_memory_equal(&back, &ref, sizeof(ref));
}

/* A serial has more bits than a slot. */
static void a_draft_waits_by_its_serial(void **state)
{
	static const uint64_t serials[] = { 1, UINT32_MAX, UINT64_C(1) << 32, UINT64_MAX };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct asker asker = asker_of_routing(15, serials[i]);

		assert_true(asker_waits(&asker));
		assert_int_equal(asker.worker, 15);
		assert_true(asker_serial(&asker) == serials[i]);
	}
}

/* Who is not known as a member is nobody, once it waits for nothing. */
static void a_silent_backend_is_nobody(void **state)
{
	struct asker asker = { .kind = ASKER_BACKEND, .worker = 1, .slot = 2 };

	(void)state;
	assert_true(asker_waits(&asker));
	assert_int_equal(asker_silent(asker).kind, ASKER_NOBODY);
}

static void text_is_copied_and_cleared(void **state)
{
	struct answer answer = { 0 };
	char text[] = "why";

	(void)state;
	answer_put_text(&answer, slice_of(text));
	text[0] = 'x';
	assert_true(slice_is(answer_text(&answer), "why"));
	answer_put_text(&answer, SLICE("because"));
	assert_true(slice_is(answer_text(&answer), "because"));
	answer_put_text(&answer, (struct slice){ NULL, 0 });
	assert_null(answer_text(&answer).data);
	answer_put_text(&answer, SLICE(""));
	assert_non_null(answer_text(&answer).data);
	assert_int_equal(answer_text(&answer).len, 0);
	answer_clear(&answer);
}

/* The sanitizers see what is left. */
static void an_answer_frees_what_it_owns(void **state)
{
	struct envelope draft = { .kind = KIND_NOTICE, .text = SLICE("hi") };
	struct codec_login login = { .name = SLICE("ann"), .secret = SLICE("s3cret") };
	struct answer answer = { .count = 2 };

	(void)state;
	answer.event = envelope_seal(&draft);
	answer.history = memory_zeroed(2, sizeof(*answer.history));
	answer.history[0] = envelope_seal(&draft);
	answer.history[1] = envelope_seal(&draft);
	answer.members = memory_zeroed(2, sizeof(*answer.members));
	answer.correlation = memory_text("7", 1);
	answer.login = login_claim_new(&login);
	answer_put_text(&answer, SLICE("why"));
	answer_clear(&answer);
	assert_null(answer.history);
	assert_null(answer.event);
	assert_int_equal(answer.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_one_is_empty),
		cmocka_unit_test(a_session_waits_with_a_ticket),
		cmocka_unit_test(a_draft_waits_by_its_serial),
		cmocka_unit_test(a_silent_backend_is_nobody),
		cmocka_unit_test(text_is_copied_and_cleared),
		cmocka_unit_test(an_answer_frees_what_it_owns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
