#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/ladder.h"
#include "codecs/registry.h"
#include "routes/deliver/broadcast.h"
#include "routes/deliver/shown.h"

static const enum codec_rule rules[] = { RULE_DROP, RULE_NATIVE, RULE_TEXT, RULE_ACTION,
					 RULE_NOTICE };

#define RULES (sizeof(rules) / sizeof(rules[0]))

static bool may(const char *dialect, enum envelope_kind kind, enum codec_rule rule)
{
	const char *why;
	bool allowed =
	    shown_may(registry_codec(registry_find(slice_of(dialect))), kind, rule, &why);

	assert_true(allowed == !why);
	return allowed;
}

static void a_room_may_have_what_there_are_words_for(void **state)
{
	(void)state;
	assert_true(may("simple", KIND_REACTION, RULE_DROP));
	assert_true(may("simple", KIND_REACTION, RULE_ACTION));
	assert_true(may("simple", KIND_REACTION, RULE_TEXT));
	assert_true(may("simple", KIND_EDIT, RULE_TEXT));
	assert_true(may("mixer", KIND_ENTER, RULE_NOTICE));
	assert_true(may("concord", KIND_EDIT, RULE_NOTICE));
	assert_false(may("concord", KIND_EDIT, RULE_TEXT));
	assert_false(may("simple", KIND_REACTION, RULE_NATIVE));
	assert_false(may("simple", KIND_TYPING, RULE_NOTICE));
	assert_false(may("simple", KIND_KICK, RULE_ACTION));
	assert_true(may("rooms", KIND_ENTER, RULE_DROP));
	assert_false(may("concord", KIND_ENTER, RULE_DROP));
}

/* What is said in messages and notices needs these; what one person alone is told stays. */
static void some_kinds_stay_as_the_dialect_has_them(void **state)
{
	static const enum envelope_kind fixed[] = { KIND_MESSAGE, KIND_NOTICE, KIND_OPAQUE,
						    KIND_INVITE, KIND_POLL_VOTE };

	(void)state;
	for (size_t d = 0; d < registry_count(); d++)
		for (size_t k = 0; k < sizeof(fixed) / sizeof(fixed[0]); k++)
			for (size_t r = 0; r < RULES; r++)
				assert_true(may(registry_codec(d)->name, fixed[k], rules[r]) ==
					    (registry_codec(d)->can[fixed[k]].out == rules[r]));
}

/* Each rule that a room may have leads to a frame for others, or hides the event from them; whom it
 * concerns is told the same as without. */
static void try_rule(const struct codec_view *plain, const struct envelope *event,
		     enum codec_rule rule)
{
	uint8_t own[ENVELOPE_KINDS];
	struct codec_view view = *plain;
	struct rendition made, before;

	for (enum envelope_kind kind = 0; kind < ENVELOPE_KINDS; kind++)
		own[kind] = (uint8_t)view.codec->can[kind].out;
	own[event->kind] = (uint8_t)rule;
	view.rules = own;
	rendition_make(event, &view, &view, &view.codec->forms[0], AUDIENCE_OTHERS, 0, &made);
	if (rule == RULE_DROP) {
		assert_null(made.frame);
		assert_int_equal(made.outcome, view.codec->can[event->kind].out == RULE_DROP
						   ? OUTCOME_DROPPED_NO_WORD
						   : OUTCOME_DROPPED_HIDDEN);
	} else {
		assert_non_null(made.frame);
		assert_int_equal(made.outcome,
				 rule == RULE_NATIVE ? OUTCOME_DELIVERED : OUTCOME_DEGRADED);
	}
	frame_release(made.frame);
	rendition_make(event, &view, &view, &view.codec->forms[0], AUDIENCE_SUBJECT, 0, &made);
	rendition_make(event, plain, plain, &view.codec->forms[0], AUDIENCE_SUBJECT, 0, &before);
	assert_int_equal(made.outcome, before.outcome);
	assert_true(!made.frame == !before.frame);
	if (made.frame) {
		assert_int_equal(made.frame->len, before.frame->len);
		assert_memory_equal(made.frame->bytes, before.frame->bytes, made.frame->len);
	}
	frame_release(made.frame);
	frame_release(before.frame);
}

/* The same, said by a rule: it goes before what the room has. */
static void try_ladder(const struct codec_view *plain, const struct envelope *event,
		       enum codec_rule rule)
{
	uint8_t own[ENVELOPE_KINDS] = { RULE_DROP };
	struct codec_view view = *plain;
	struct envelope ruled = *event;
	struct ladder ladder = { .mass_mentions = false };

	view.rules = own;
	for (size_t d = 0; d < registry_count(); d++)
		if (registry_codec(d) == view.codec)
			ladder.rules[d][event->kind] = (uint8_t)(1 + rule);
	assert_int_equal(shown_rule_of(&ruled, &view, AUDIENCE_OTHERS), RULE_DROP);
	ladder_apply(&ladder, &ruled);
	assert_int_equal(shown_rule_of(&ruled, &view, AUDIENCE_OTHERS), rule);
	assert_int_equal(shown_rule_of(&ruled, &view, AUDIENCE_SUBJECT),
			 view.codec->can[event->kind].out);
}

static const struct poll tea = { .question = { "tea?", 4 },
				 .options = { { "yes", 3 } },
				 .option_count = 1 };

static struct envelope event_of(enum envelope_kind kind)
{
	static const uint64_t removed = 4;
	static const struct reaction_count reaction = { { "x", 1 }, 1 };

	return (struct envelope){ .kind = kind,
				  .id = 5,
				  .target = 5,
				  .room = SLICE("lobby"),
				  .author = { .name = SLICE("ann"), .number = 1 },
				  .subject = { .name = SLICE("bob"), .number = 2 },
				  .text = SLICE("AWAY"),
				  .duration_ms = 30000,
				  .poll = &tea,
				  .removed = &removed,
				  .removed_count = 1,
				  .reactions = &reaction,
				  .reaction_count = 1 };
}

static void every_rule_that_a_room_may_have_does_what_it_says(void **state)
{
	static const struct id_key key;
	unsigned tried = 0;

	(void)state;
	for (size_t d = 0; d < registry_count(); d++)
		for (enum envelope_kind kind = 0; kind < ENVELOPE_KINDS; kind++)
			for (size_t r = 0; r < RULES; r++) {
				const struct codec_view view = { .codec = registry_codec(d),
								 .room_number = 1,
								 .ids = &key };
				struct envelope event = event_of(kind);
				const char *why;

				if (kind == KIND_OPAQUE ||
				    !shown_may(view.codec, kind, rules[r], &why))
					continue;
				try_rule(&view, &event, rules[r]);
				try_ladder(&view, &event, rules[r]);
				tried++;
			}
	assert_true(tried > 4 * ENVELOPE_KINDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_room_may_have_what_there_are_words_for),
		cmocka_unit_test(some_kinds_stay_as_the_dialect_has_them),
		cmocka_unit_test(every_rule_that_a_room_may_have_does_what_it_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
