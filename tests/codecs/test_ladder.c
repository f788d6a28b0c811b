#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "codecs/ladder.h"
#include "tests/support/dialects.h"

/* Each rule of each kind in each dialect is what it was, and no other's. */
static void what_is_put_in_comes_out(void **state)
{
	(void)state;
	for (size_t d = 0; d < DIALECTS; d++)
		for (enum envelope_kind kind = 0; kind < ENVELOPE_KINDS; kind++)
			for (enum codec_rule rule = RULE_DROP; rule <= RULE_NOTICE; rule++) {
				struct envelope event = { .kind = kind };
				struct ladder ladder = { .mass_mentions = false };
				enum codec_rule found;

				ladder.rules[d][kind] = (uint8_t)(1 + rule);
				assert_false(ladder_is_empty(&ladder));
				ladder_apply(&ladder, &event);
				for (size_t other = 0; other < DIALECTS; other++)
					assert_true(ladder_rule(&event, registry_codec(other),
								&found) == (other == d));
				assert_true(ladder_rule(&event, registry_codec(d), &found));
				assert_int_equal(found, rule);
			}
}

/* What the room makes of an event is another kind, about which the rule said nothing. */
static void it_is_of_the_kind_that_was_decided_about(void **state)
{
	struct envelope event = { .kind = KIND_POLL_VOTE };
	struct ladder ladder = { .mass_mentions = false };
	enum codec_rule rule;

	(void)state;
	for (enum envelope_kind kind = 0; kind < ENVELOPE_KINDS; kind++)
		ladder.rules[DIALECT_SIMPLE][kind] = 1 + RULE_DROP;
	ladder_apply(&ladder, &event);
	assert_true(ladder_rule(&event, registry_codec(DIALECT_SIMPLE), &rule));
	event.kind = KIND_POLL_START;
	assert_false(ladder_rule(&event, registry_codec(DIALECT_SIMPLE), &rule));
}

static void the_last_rule_decides(void **state)
{
	struct envelope event = { .kind = KIND_DELETE, .flags = FLAG_ACTION };
	struct ladder ladder = { .mass_mentions = true };
	enum codec_rule rule;

	(void)state;
	ladder.rules[DIALECT_MIXER][KIND_DELETE] = 1 + RULE_NOTICE;
	ladder_apply(&ladder, &event);
	assert_int_equal(event.flags, FLAG_ACTION | FLAG_MASS_MENTIONS);
	assert_true(ladder_rule(&event, registry_codec(DIALECT_MIXER), &rule));
	ladder_apply(NULL, &event);
	assert_int_equal(event.flags, FLAG_ACTION);
	assert_false(ladder_rule(&event, registry_codec(DIALECT_MIXER), &rule));
	assert_true(ladder_is_empty(&(struct ladder){ .mass_mentions = false }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_in_comes_out),
		cmocka_unit_test(it_is_of_the_kind_that_was_decided_about),
		cmocka_unit_test(the_last_rule_decides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
