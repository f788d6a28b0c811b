#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/registry.h"
#include "routes/deliver/broadcast.h"
#include "tests/support/dialects.h"

/* ---- a dialect of our own, whose frames tell what was encoded ---- */

#define MUTABLE 1u /* its one event that a peer may opt out of */

static unsigned encoded; /* how often */

#define TAGS 1u /* its one capability */

static enum codec_status plain_encode(const struct envelope *event, const struct codec_view *view,
				      const struct form *form, enum audience audience,
				      uint32_t muted, struct frame **out)
{
	bool to_subject = audience == AUDIENCE_SUBJECT && event->kind == KIND_KICK;
	char text[256];
	int len;

	(void)view;
	encoded++;
	if (muted & MUTABLE || event->kind == KIND_PRESENCE)
		return CODEC_NOTHING;
	len = snprintf(text, sizeof(text), "%s%s%s%s %.*s: %.*s",
		       form->capabilities & TAGS ? "@tag " : "", envelope_kind_name(event->kind),
		       event->flags & FLAG_ACTION ? "/me" : "", to_subject ? " you" : "",
		       (int)event->author.name.len, event->author.name.data, (int)event->text.len,
		       event->text.data);
	*out = frame_of_text(form->framing, slice_span(text, (size_t)len));
	return CODEC_OK;
}

static const struct codec_ops plain_ops = { .encode = plain_encode };

static const struct codec plain = {
	.name = "plain",
	.keeps_private = true,
	.shows_actions = true,
	.forms = { { FRAMING_WEBSOCKET, 0 }, { FRAMING_LINES, 0 }, { FRAMING_LINES, TAGS } },
	.form_count = 3,
	.can = {
		[KIND_MESSAGE] = { true, RULE_NATIVE, NULL },
		[KIND_EDIT] = { true, RULE_NATIVE, NULL },
		[KIND_KICK] = { true, RULE_NATIVE, NULL },
		[KIND_TIMEOUT] = { true, RULE_NATIVE, NULL },
		[KIND_INVITE] = { true, RULE_NATIVE, NULL },
		[KIND_PRESENCE] = { true, RULE_NATIVE, NULL },
		[KIND_NOTICE] = { true, RULE_NATIVE, NULL },
	},
	.tells = {
		[KIND_KICK] = { TELLS_DEED | TELLS_REASON, TELLS_DEED | TELLS_REASON },
		[KIND_TIMEOUT] = { TELLS_DEED | TELLS_REASON, TELLS_DEED | TELLS_REASON },
	},
	.serves = &plain_ops,
};

static const struct codec poor = {
	.name = "poor",
	.forms = { { FRAMING_WEBSOCKET, 0 } },
	.form_count = 1,
	.can = {
		[KIND_MESSAGE] = { true, RULE_NATIVE, NULL },
		[KIND_EDIT] = { true, RULE_TEXT, NULL },
		[KIND_REACTION] = { true, RULE_ACTION, NULL },
		[KIND_CLEAR] = { true, RULE_NOTICE, NULL },
		[KIND_KICK] = { true, RULE_NOTICE, NULL },
		[KIND_POLL_START] = { true, RULE_NOTICE, NULL },
		[KIND_INVITE] = { true, RULE_NOTICE, NULL },
		[KIND_TYPING] = { false, RULE_DROP, "no" },
		[KIND_NOTICE] = { true, RULE_TEXT, NULL },
	},
	.serves = &plain_ops,
};

/* plain is the second dialect here, poor the fourth. */
enum { PLAIN_DIALECT = 1, POOR_DIALECT = 3 };

/* Their forms, by number. */
enum {
	PLAIN = PLAIN_DIALECT * CODEC_FORMS_MAX,
	PLAIN_LINES,
	PLAIN_TAGS,
	POOR = POOR_DIALECT * CODEC_FORMS_MAX
};

#define PLAIN_BIT (UINT64_C(1) << PLAIN)
#define LINES_BIT (UINT64_C(1) << PLAIN_LINES)
#define TAGS_BIT  (UINT64_C(1) << PLAIN_TAGS)
#define POOR_BIT  (UINT64_C(1) << POOR)

static const struct codec_view views[] = {
	[PLAIN_DIALECT] = { .codec = &plain },
	[POOR_DIALECT] = { .codec = &poor, .bridge = { .name = { "hub", 3 } } },
};

static struct envelope event_of(enum envelope_kind kind, const char *text)
{
	return (struct envelope){ .kind = kind,
				  .room = SLICE("lobby"),
				  .author = { .name = SLICE("ann"), .number = 1 },
				  .subject = { .name = SLICE("bob"), .number = 2 },
				  .text = slice_of(text) };
}

static struct broadcast *broadcast_of(const struct envelope *event, uint64_t forms)
{
	encoded = 0;
	return broadcast_new(envelope_seal(event), views, forms, NULL);
}

/* ---- a compressor that shows what it was given ---- */

static unsigned compressed; /* how often */

static struct frame *compress(struct compressor *compressor, struct frame *given)
{
	struct slice payload = frame_payload(given, 0);
	char text[256];

	(void)compressor;
	compressed++;
	if (memmem(payload.data, payload.len, "random", 6))
		return frame_hold(given);
	snprintf(text, sizeof(text), "z(%.*s)", (int)payload.len, payload.data);
	return frame_of_text(given->framing, slice_of(text));
}

#define COMPRESSED(form) ((form) + FORMS_PLAIN)
#define ALSO_BIT(bit)    ((bit) << FORMS_PLAIN)

static struct broadcast *compressed_of(const struct envelope *event, uint64_t forms)
{
	static struct compressor compressor = { compress };

	encoded = compressed = 0;
	return broadcast_new(envelope_seal(event), views, forms, &compressor);
}

static void expect(const struct rendition *rendition, enum outcome outcome, const char *text)
{
	struct slice payload;

	assert_int_equal(rendition->outcome, outcome);
	if (!text) {
		assert_null(rendition->frame);
		return;
	}
	assert_non_null(rendition->frame);
	payload = frame_payload(rendition->frame, 0);
	assert_int_equal(payload.len, strlen(text));
	assert_memory_equal(payload.data, text, payload.len);
}

static void expect_one(const struct broadcast *broadcast, uint32_t form, enum audience audience,
		       enum outcome outcome, const char *text)
{
	const struct rendition *made = broadcast_find(broadcast, form, audience);

	assert_non_null(made);
	assert_int_equal(made->form, form);
	expect(made, outcome, text);
}

static void expect_both(const struct broadcast *broadcast, uint32_t form, enum outcome outcome,
			const char *text)
{
	expect_one(broadcast, form, AUDIENCE_OTHERS, outcome, text);
	expect_one(broadcast, form, AUDIENCE_SUBJECT, outcome, text);
	assert_ptr_equal(broadcast_find(broadcast, form, AUDIENCE_OTHERS)->frame,
			 broadcast_find(broadcast, form, AUDIENCE_SUBJECT)->frame);
}

static void a_message_is_encoded_once_for_each_form_that_is_there(void **state)
{
	struct envelope event = event_of(KIND_MESSAGE, "hi");
	struct broadcast *broadcast = broadcast_of(&event, PLAIN_BIT | POOR_BIT);

	(void)state;
	assert_int_equal(encoded, 2);
	expect_both(broadcast, PLAIN, OUTCOME_DELIVERED, "message ann: hi");
	expect_both(broadcast, POOR, OUTCOME_DELIVERED, "message ann: hi");
	assert_null(broadcast_find(broadcast, PLAIN_LINES, AUDIENCE_OTHERS));
	broadcast_release(broadcast);
	broadcast = broadcast_of(&event, POOR_BIT);
	assert_int_equal(encoded, 1);
	assert_null(broadcast_find(broadcast, PLAIN, AUDIENCE_OTHERS));
	broadcast_release(broadcast);
	broadcast_release(NULL);
}

static void forms_of_a_dialect_are_told_apart(void **state)
{
	struct envelope event = event_of(KIND_MESSAGE, "hi"), kick = event_of(KIND_KICK, "spam");
	const struct frame *lines;
	struct broadcast *broadcast =
	    broadcast_of(&event, PLAIN_BIT | LINES_BIT | TAGS_BIT | POOR_BIT);

	(void)state;
	assert_int_equal(encoded, 4);
	expect_both(broadcast, PLAIN, OUTCOME_DELIVERED, "message ann: hi");
	expect_both(broadcast, PLAIN_LINES, OUTCOME_DELIVERED, "message ann: hi");
	expect_both(broadcast, PLAIN_TAGS, OUTCOME_DELIVERED, "@tag message ann: hi");
	expect_both(broadcast, POOR, OUTCOME_DELIVERED, "message ann: hi");
	lines = broadcast_find(broadcast, PLAIN_LINES, AUDIENCE_OTHERS)->frame;
	assert_int_equal(lines->len, strlen("message ann: hi\r\n"));
	assert_memory_equal(lines->bytes, "message ann: hi\r\n", lines->len);
	broadcast_release(broadcast);

	broadcast = broadcast_of(&kick, LINES_BIT | TAGS_BIT);
	assert_int_equal(encoded, 4);
	expect_one(broadcast, PLAIN_LINES, AUDIENCE_OTHERS, OUTCOME_DELIVERED, "kick ann: spam");
	expect_one(broadcast, PLAIN_LINES, AUDIENCE_SUBJECT, OUTCOME_DELIVERED,
		   "kick you ann: spam");
	expect_one(broadcast, PLAIN_TAGS, AUDIENCE_SUBJECT, OUTCOME_DELIVERED,
		   "@tag kick you ann: spam");
	assert_null(broadcast_find(broadcast, PLAIN, AUDIENCE_SUBJECT));
	broadcast_release(broadcast);
}

static void what_compressed_forms_are_sent_is_made_of_the_plain_one(void **state)
{
	struct envelope event = event_of(KIND_MESSAGE, "hi");
	struct broadcast *broadcast =
	    compressed_of(&event, PLAIN_BIT | POOR_BIT | ALSO_BIT(PLAIN_BIT) | ALSO_BIT(POOR_BIT));

	(void)state;
	assert_int_equal(encoded, 2);
	assert_int_equal(compressed, 2);
	expect_both(broadcast, PLAIN, OUTCOME_DELIVERED, "message ann: hi");
	expect_both(broadcast, COMPRESSED(PLAIN), OUTCOME_DELIVERED, "z(message ann: hi)");
	expect_both(broadcast, COMPRESSED(POOR), OUTCOME_DELIVERED, "z(message ann: hi)");
	broadcast_release(broadcast);

	/* Nobody is sent the plain one. */
	broadcast = compressed_of(&event, ALSO_BIT(PLAIN_BIT));
	assert_int_equal(encoded, 1);
	assert_int_equal(compressed, 1);
	expect_both(broadcast, COMPRESSED(PLAIN), OUTCOME_DELIVERED, "z(message ann: hi)");
	assert_null(broadcast_find(broadcast, PLAIN, AUDIENCE_OTHERS));
	broadcast_release(broadcast);

	broadcast = broadcast_of(&event, PLAIN_BIT | ALSO_BIT(PLAIN_BIT));
	assert_int_equal(encoded, 1);
	expect_both(broadcast, COMPRESSED(PLAIN), OUTCOME_DELIVERED, "message ann: hi");
	broadcast_release(broadcast);
}

static void what_does_not_get_smaller_is_the_same_frame(void **state)
{
	struct envelope event = event_of(KIND_MESSAGE, "random");
	struct broadcast *broadcast = compressed_of(&event, PLAIN_BIT | ALSO_BIT(PLAIN_BIT));

	(void)state;
	assert_int_equal(compressed, 1);
	assert_ptr_equal(broadcast_find(broadcast, PLAIN, AUDIENCE_OTHERS)->frame,
			 broadcast_find(broadcast, COMPRESSED(PLAIN), AUDIENCE_OTHERS)->frame);
	broadcast_release(broadcast);
}

static void each_audience_is_compressed_once(void **state)
{
	struct envelope kick = event_of(KIND_KICK, "spam"), rest = event_of(KIND_TIMEOUT, "30s");
	struct envelope whisper = event_of(KIND_MESSAGE, "psst");
	struct broadcast *broadcast = compressed_of(&kick, PLAIN_BIT | ALSO_BIT(PLAIN_BIT));

	(void)state;
	assert_int_equal(encoded, 2);
	assert_int_equal(compressed, 2);
	expect_one(broadcast, COMPRESSED(PLAIN), AUDIENCE_OTHERS, OUTCOME_DELIVERED,
		   "z(kick ann: spam)");
	expect_one(broadcast, COMPRESSED(PLAIN), AUDIENCE_SUBJECT, OUTCOME_DELIVERED,
		   "z(kick you ann: spam)");
	broadcast_release(broadcast);

	/* Both are told the same. */
	for (unsigned plain_too = 0; plain_too < 2; plain_too++) {
		broadcast = compressed_of(&rest, ALSO_BIT(PLAIN_BIT) | (plain_too ? PLAIN_BIT : 0));
		assert_int_equal(compressed, 1);
		expect_both(broadcast, COMPRESSED(PLAIN), OUTCOME_DELIVERED, "z(timeout ann: 30s)");
		broadcast_release(broadcast);
	}

	whisper.flags = FLAG_PRIVATE;
	broadcast = compressed_of(&whisper, PLAIN_BIT | ALSO_BIT(PLAIN_BIT) | ALSO_BIT(POOR_BIT));
	assert_int_equal(compressed, 1);
	expect_one(broadcast, COMPRESSED(PLAIN), AUDIENCE_OTHERS, OUTCOME_REFUSED, NULL);
	expect_one(broadcast, COMPRESSED(PLAIN), AUDIENCE_SUBJECT, OUTCOME_DELIVERED,
		   "z(message ann: psst)");
	expect_both(broadcast, COMPRESSED(POOR), OUTCOME_REFUSED, NULL);
	broadcast_release(broadcast);
}

/* Nobody shares: nothing is encoded here. */
static void for_no_form_nothing_is_made(void **state)
{
	struct envelope event = event_of(KIND_MESSAGE, "hi");
	struct broadcast *broadcast = broadcast_of(&event, 0);

	(void)state;
	assert_int_equal(encoded, 0);
	assert_null(broadcast_find(broadcast, PLAIN, AUDIENCE_OTHERS));
	assert_null(broadcast_find(broadcast, FORMS_MAX + PLAIN_DIALECT, AUDIENCE_OTHERS));
	broadcast_release(broadcast);
}

/* What is made for a member alone may be of a form that no number stands for. */
static void a_form_of_its_own_is_encoded_alone(void **state)
{
	static const struct form odd = { FRAMING_BARE, TAGS };
	struct envelope event = event_of(KIND_MESSAGE, "hi");
	struct rendition own;

	(void)state;
	rendition_make(&event, &views[PLAIN_DIALECT], &views[PLAIN_DIALECT], &odd, AUDIENCE_OTHERS,
		       0, &own);
	assert_int_equal(own.frame->len, strlen("@tag message ann: hi"));
	expect(&own, OUTCOME_DELIVERED, "@tag message ann: hi");
	frame_release(own.frame);
}

/* What a dialect has a word for may still not be all that was said. */
static void what_was_lost_is_counted_as_degraded(void **state)
{
	struct envelope event = event_of(KIND_MESSAGE, "waves");
	struct broadcast *broadcast;

	(void)state;
	event.flags = FLAG_ACTION;
	broadcast = broadcast_of(&event, PLAIN_BIT | POOR_BIT);
	expect_both(broadcast, PLAIN, OUTCOME_DELIVERED, "message/me ann: waves");
	expect_both(broadcast, POOR, OUTCOME_DEGRADED, "message/me ann: waves");
	broadcast_release(broadcast);
	event.flags = FLAG_DEGRADED;
	broadcast = broadcast_of(&event, PLAIN_BIT | POOR_BIT);
	expect_both(broadcast, PLAIN, OUTCOME_DEGRADED, "message ann: waves");
	expect_both(broadcast, POOR, OUTCOME_DEGRADED, "message ann: waves");
	broadcast_release(broadcast);
}

static void a_kick_says_one_thing_to_its_victim_and_another_to_the_rest(void **state)
{
	struct envelope event = event_of(KIND_KICK, "spam");
	struct broadcast *broadcast = broadcast_of(&event, PLAIN_BIT | POOR_BIT);

	(void)state;
	expect_one(broadcast, PLAIN, AUDIENCE_OTHERS, OUTCOME_DELIVERED, "kick ann: spam");
	expect_one(broadcast, PLAIN, AUDIENCE_SUBJECT, OUTCOME_DELIVERED, "kick you ann: spam");
	expect_one(broadcast, POOR, AUDIENCE_OTHERS, OUTCOME_DEGRADED,
		   "message hub: \"bob\" was kicked by \"ann\": spam");
	expect_one(broadcast, POOR, AUDIENCE_SUBJECT, OUTCOME_DEGRADED,
		   "message hub: You were kicked by \"ann\": spam");
	assert_int_equal(encoded, 4);
	broadcast_release(broadcast);
}

static void expect_frame(const struct codec *codec, const struct envelope *event,
			 enum audience audience, const char *first, const char *second)
{
	const struct codec_view view = { .codec = codec };
	struct rendition made;

	rendition_make(event, &view, &view, &codec->forms[0], audience, 0, &made);
	expect(&made, OUTCOME_DELIVERED, first);
	assert_int_equal(made.frame->messages, second ? 2 : 1);
	if (second) {
		struct slice payload = frame_payload(made.frame, 1);

		assert_int_equal(payload.len, strlen(second));
		assert_memory_equal(payload.data, second, payload.len);
	}
	frame_release(made.frame);
}

/* What a dialect's own word does not tell of a deed is told beside it: the victim hears it first.
 */
static void what_a_word_does_not_tell_is_told_beside_it(void **state)
{
	struct codec terse = plain;
	struct envelope event = event_of(KIND_KICK, "spam");

	(void)state;
	terse.tells[KIND_KICK] = (struct codec_telling){ 0, 0 };
	expect_frame(&terse, &event, AUDIENCE_OTHERS, "kick ann: spam",
		     "notice : \"bob\" was kicked by \"ann\": spam");
	expect_frame(&terse, &event, AUDIENCE_SUBJECT, "notice : You were kicked by \"ann\": spam",
		     "kick you ann: spam");
	terse.tells[KIND_KICK] = (struct codec_telling){ TELLS_DEED, TELLS_DEED };
	expect_frame(&terse, &event, AUDIENCE_OTHERS, "kick ann: spam",
		     "notice : \"bob\" was kicked by \"ann\": spam");
	event.text = SLICE("");
	expect_frame(&terse, &event, AUDIENCE_OTHERS, "kick ann: ", NULL);
	expect_frame(&terse, &event, AUDIENCE_SUBJECT, "kick you ann: ", NULL);
}

static void equal_bytes_share_one_frame(void **state)
{
	struct envelope event = event_of(KIND_TIMEOUT, "30s");
	struct broadcast *broadcast = broadcast_of(&event, PLAIN_BIT);

	(void)state;
	assert_int_equal(encoded, 2);
	expect_both(broadcast, PLAIN, OUTCOME_DELIVERED, "timeout ann: 30s");
	broadcast_release(broadcast);
}

static void what_is_private_is_made_for_the_subject_alone(void **state)
{
	struct envelope whisper = event_of(KIND_MESSAGE, "psst");
	struct envelope invite = event_of(KIND_INVITE, "");
	struct broadcast *broadcast;

	(void)state;
	whisper.flags = FLAG_PRIVATE;
	assert_true(envelope_is_private(&whisper));
	assert_true(envelope_is_private(&invite));
	broadcast = broadcast_of(&whisper, PLAIN_BIT | POOR_BIT);
	assert_int_equal(encoded, 1);
	expect_one(broadcast, PLAIN, AUDIENCE_OTHERS, OUTCOME_REFUSED, NULL);
	expect_one(broadcast, PLAIN, AUDIENCE_SUBJECT, OUTCOME_DELIVERED, "message ann: psst");
	expect_both(broadcast, POOR, OUTCOME_REFUSED, NULL);
	broadcast_release(broadcast);

	broadcast = broadcast_of(&invite, PLAIN_BIT | POOR_BIT);
	expect_one(broadcast, POOR, AUDIENCE_OTHERS, OUTCOME_REFUSED, NULL);
	expect_one(broadcast, POOR, AUDIENCE_SUBJECT, OUTCOME_DEGRADED,
		   "message hub: \"ann\" invites you to \"lobby\"");
	broadcast_release(broadcast);
}

static void what_a_dialect_cannot_say_goes_down_the_ladder(void **state)
{
	static const struct {
		enum envelope_kind kind;
		enum outcome outcome;
		const char *text;
	} rows[] = {
		{ KIND_EDIT, OUTCOME_DEGRADED, "message bob: * x" },
		{ KIND_REACTION, OUTCOME_DEGRADED, "message/me ann: took back x" },
		{ KIND_CLEAR, OUTCOME_DEGRADED, "message hub: \"ann\" cleared the messages" },
		{ KIND_NOTICE, OUTCOME_DEGRADED, "message hub: x" },
		{ KIND_POLL_START, OUTCOME_DROPPED_NO_WORD, NULL },
		{ KIND_TYPING, OUTCOME_DROPPED_NO_WORD, NULL },
		{ KIND_READ, OUTCOME_DROPPED_NO_WORD, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct envelope event = event_of(rows[i].kind, "x");
		struct broadcast *broadcast = broadcast_of(&event, POOR_BIT);

		expect_both(broadcast, POOR, rows[i].outcome, rows[i].text);
		broadcast_release(broadcast);
	}
}

static void a_codec_that_says_nothing_is_a_drop(void **state)
{
	struct envelope event = event_of(KIND_PRESENCE, "AWAY");
	struct broadcast *broadcast = broadcast_of(&event, PLAIN_BIT);

	(void)state;
	expect_both(broadcast, PLAIN, OUTCOME_DROPPED_NO_WORD, NULL);
	broadcast_release(broadcast);
}

static void what_a_peer_opted_out_of_is_dropped_as_muted(void **state)
{
	struct envelope event = event_of(KIND_MESSAGE, "hi"), edit = event_of(KIND_EDIT, "x"),
			typing = event_of(KIND_TYPING, "");
	struct rendition rendition;

	(void)state;
	rendition_make(&event, &views[PLAIN_DIALECT], &views[PLAIN_DIALECT], &plain.forms[0],
		       AUDIENCE_OTHERS, MUTABLE, &rendition);
	expect(&rendition, OUTCOME_DROPPED_MUTED, NULL);
	rendition_make(&edit, &views[POOR_DIALECT], &views[POOR_DIALECT], &poor.forms[0],
		       AUDIENCE_OTHERS, MUTABLE, &rendition);
	expect(&rendition, OUTCOME_DROPPED_MUTED, NULL);
	rendition_make(&typing, &views[POOR_DIALECT], &views[POOR_DIALECT], &poor.forms[0],
		       AUDIENCE_OTHERS, MUTABLE, &rendition);
	expect(&rendition, OUTCOME_DROPPED_NO_WORD, NULL);
	rendition_make(&event, &views[PLAIN_DIALECT], &views[PLAIN_DIALECT], &plain.forms[0],
		       AUDIENCE_OTHERS, 2, &rendition);
	expect(&rendition, OUTCOME_DELIVERED, "message ann: hi");
	frame_release(rendition.frame);
}

static void frames_outlive_the_broadcast_while_held(void **state)
{
	struct envelope event = event_of(KIND_MESSAGE, "hi");
	struct broadcast *broadcast = broadcast_of(&event, PLAIN_BIT);
	struct frame *frame;

	(void)state;
	assert_ptr_equal(broadcast_hold(broadcast), broadcast);
	broadcast_release(broadcast);
	expect_both(broadcast, PLAIN, OUTCOME_DELIVERED, "message ann: hi");
	frame = frame_hold(broadcast_find(broadcast, PLAIN, AUDIENCE_OTHERS)->frame);
	broadcast_release(broadcast);
	assert_true(slice_is(frame_payload(frame, 0), "message ann: hi"));
	frame_release(frame);
}

/* ---- the real dialects keep what they declare ---- */

static const struct poll tea = { .question = { "tea?", 4 },
				 .options = { { "yes", 3 } },
				 .option_count = 1 };

static void every_kind_in_every_dialect_ends_in_an_outcome_its_rule_allows(void **state)
{
	static const struct id_key key;
	static const uint64_t removed = 4;
	static const struct reaction_count reaction = { { "x", 1 }, 1 };

	(void)state;
	for (size_t d = 0; d < DIALECTS; d++)
		for (size_t kind = 0; kind < ENVELOPE_KINDS; kind++) {
			const struct codec_view view = { .codec = registry_codec(d),
							 .room_number = 1,
							 .ids = &key };
			struct envelope event = event_of((enum envelope_kind)kind, "AWAY");
			enum codec_rule rule = view.codec->can[kind].out;
			struct rendition rendition;

			event.id = event.target = 5;
			event.duration_ms = 30000; /* a lifted one is news to its subject alone */
			event.poll = &tea;
			event.removed = &removed;
			event.removed_count = 1;
			event.reactions = &reaction;
			event.reaction_count = 1;
			/* What is told in a dialect's own words came from a server of it. */
			event.origin.dialect = slice_of(view.codec->name);
			event.extra = SLICE("{\"type\":\"event\",\"event\":\"Skill\"}");
			if (kind != KIND_OPAQUE)
				event.extra = (struct slice){ NULL, 0 };
			rendition_make(&event, &view, &view, &view.codec->forms[0], AUDIENCE_OTHERS,
				       0, &rendition);
			if ((rendition.frame == NULL) != (rule == RULE_DROP))
				fail_msg("%s, %s", view.codec->name,
					 envelope_kind_name((enum envelope_kind)kind));
			assert_int_equal(rendition.outcome,
					 rule == RULE_DROP     ? OUTCOME_DROPPED_NO_WORD
					 : rule == RULE_NATIVE ? OUTCOME_DELIVERED
							       : OUTCOME_DEGRADED);
			frame_release(rendition.frame);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_encoded_once_for_each_form_that_is_there),
		cmocka_unit_test(forms_of_a_dialect_are_told_apart),
		cmocka_unit_test(what_compressed_forms_are_sent_is_made_of_the_plain_one),
		cmocka_unit_test(what_does_not_get_smaller_is_the_same_frame),
		cmocka_unit_test(each_audience_is_compressed_once),
		cmocka_unit_test(for_no_form_nothing_is_made),
		cmocka_unit_test(a_form_of_its_own_is_encoded_alone),
		cmocka_unit_test(what_was_lost_is_counted_as_degraded),
		cmocka_unit_test(a_kick_says_one_thing_to_its_victim_and_another_to_the_rest),
		cmocka_unit_test(equal_bytes_share_one_frame),
		cmocka_unit_test(what_is_private_is_made_for_the_subject_alone),
		cmocka_unit_test(what_a_word_does_not_tell_is_told_beside_it),
		cmocka_unit_test(what_a_dialect_cannot_say_goes_down_the_ladder),
		cmocka_unit_test(a_codec_that_says_nothing_is_a_drop),
		cmocka_unit_test(what_a_peer_opted_out_of_is_dropped_as_muted),
		cmocka_unit_test(frames_outlive_the_broadcast_while_held),
		cmocka_unit_test(every_kind_in_every_dialect_ends_in_an_outcome_its_rule_allows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
