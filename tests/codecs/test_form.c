#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "codecs/form.h"
#include "codecs/registry.h"
#include "tests/support/dialects.h"

#define TAGS 1u
#define TIME 2u

static const struct codec tagged = {
	.name = "tagged",
	.forms = { { FRAMING_LINES, 0 },
		   { FRAMING_LINES, TAGS },
		   { FRAMING_WEBSOCKET, 0 },
		   { FRAMING_WEBSOCKET, TAGS } },
	.form_count = 4,
};

static uint32_t number_of(size_t dialect, enum framing framing, uint32_t capabilities)
{
	const struct form form = { framing, capabilities };

	return form_number(dialect, &tagged, &form);
}

static void each_form_has_a_number_of_its_own(void **state)
{
	(void)state;
	for (size_t dialect = 0; dialect < FORMS_PLAIN / CODEC_FORMS_MAX; dialect++)
		for (unsigned i = 0; i < tagged.form_count; i++) {
			uint32_t number = form_number(dialect, &tagged, &tagged.forms[i]);

			assert_int_equal(number, dialect * CODEC_FORMS_MAX + i);
			assert_true(form_is_shared(number));
			assert_int_equal(form_dialect(number), dialect);
			assert_false(form_is_compressed(number));
			assert_ptr_equal(form_shared(number, &tagged), &tagged.forms[i]);
		}
}

static void other_sets_share_with_nobody(void **state)
{
	(void)state;
	for (size_t dialect = 0; dialect < FORMS_PLAIN / CODEC_FORMS_MAX; dialect++) {
		uint32_t own = number_of(dialect, FRAMING_LINES, TIME);

		assert_false(form_is_shared(own));
		assert_int_equal(form_dialect(own), dialect);
		assert_int_equal(number_of(dialect, FRAMING_LINES, TAGS | TIME), own);
		assert_int_equal(number_of(dialect, FRAMING_BARE, 0), own);
	}
}

static void the_dialects_of_today_have_one_form(void **state)
{
	(void)state;
	for (size_t d = 0; d < DIALECTS; d++) {
		const struct codec *codec = registry_codec(d);
		const struct form usual = { FRAMING_WEBSOCKET, 0 }, line = { FRAMING_LINES, 0 };

		assert_int_equal(codec->form_count, 1);
		assert_int_equal(form_number(d, codec, &usual), d * CODEC_FORMS_MAX);
		assert_false(form_is_shared(form_number(d, codec, &line)));
	}
}

/* Twice as many, none of which is another's. */
static void each_shared_form_has_a_compressed_one(void **state)
{
	uint64_t seen = 0;

	(void)state;
	for (size_t dialect = 0; dialect < FORMS_PLAIN / CODEC_FORMS_MAX; dialect++)
		for (unsigned i = 0; i < tagged.form_count; i++) {
			uint32_t plain = form_number(dialect, &tagged, &tagged.forms[i]);
			uint32_t number = form_compressed(plain);

			assert_true(form_is_shared(number));
			assert_true(form_is_compressed(number));
			assert_int_equal(form_plain(number), plain);
			assert_int_equal(form_dialect(number), dialect);
			assert_ptr_equal(form_shared(number, &tagged), &tagged.forms[i]);
			assert_false(seen >> plain & 1 || seen >> number & 1);
			seen |= UINT64_C(1) << plain | UINT64_C(1) << number;
		}
	assert_true(seen == UINT64_MAX);
	assert_int_equal(form_compressed(number_of(2, FRAMING_BARE, 0)),
			 number_of(2, FRAMING_BARE, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_form_has_a_number_of_its_own),
		cmocka_unit_test(each_shared_form_has_a_compressed_one),
		cmocka_unit_test(other_sets_share_with_nobody),
		cmocka_unit_test(the_dialects_of_today_have_one_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
