/* What a codec writes, when nobody wrote anything into it, it declares: the names of all members of
 * its frames, and the words that say what kind of frame it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/registry.h"
#include "codecs/text/json_read.h"
#include "codecs/text/json_value.h"
#include "codecs/words.h"
#include "tests/support/dialects.h"
#include "tests/support/translation.h"

#define TRIALS    20
#define DEPTH_MAX 32

static void walk(const struct codec *codec, struct slice within, struct json_value value);

static void walk_object(const struct codec *codec, struct slice within, struct json_value object)
{
	struct json_value name, value;
	size_t cursor = 0;

	while (json_pair(object, &cursor, &name, &value)) {
		struct slice member = slice_span(name.source.data + 1, name.source.len - 2);
		struct slice text = slice_span(value.source.data + 1, value.source.len - 2);

		if (!words_have(codec->words->maps, within) &&
		    !words_have(codec->words->members, member))
			fail_msg("%s: a member %.*s", codec->name, (int)member.len, member.data);
		if (value.type == JSON_STRING && words_have(codec->words->naming, member) &&
		    !words_have(codec->words->kinds, text))
			fail_msg("%s: a kind %.*s", codec->name, (int)text.len, text.data);
		walk(codec, member, value);
	}
}

static void walk(const struct codec *codec, struct slice within, struct json_value value)
{
	struct json_value item;
	size_t cursor = 0;

	if (value.type == JSON_OBJECT)
		walk_object(codec, within, value);
	else if (value.type == JSON_ARRAY)
		while (json_item(value, &cursor, &item))
			walk(codec, within, item);
}

static size_t read_all(const struct translation *t)
{
	size_t begin = 0;

	for (size_t i = 0; i < t->messages; begin = t->ends[i++]) {
		struct json_value frame;

		/* Of a request of HTTP: its path, and then its body. */
		if (t->bytes.data[begin] != '{')
			continue;
		assert_int_equal(
		    json_read_value(slice_span(t->bytes.data + begin, t->ends[i] - begin),
				    DEPTH_MAX, &frame),
		    JSON_OK);
		walk(t->codec, (struct slice){ NULL, 0 }, frame);
	}
	return t->messages;
}

static void try_case(struct translation *t, enum event_case of, uint64_t *seed)
{
	static struct random_event event;

	if (of == CASE_OPAQUE)
		return;
	random_event(&event, of, random_next(seed), t->cast, t->codec->name, seed);
	/* What a server says beside has members of its own. */
	event.event.extra = (struct slice){ NULL, 0 };
	if (translation_show(t, &event.event,
			     envelope_is_private(&event.event) ? AUDIENCE_SUBJECT
							       : AUDIENCE_OTHERS))
		read_all(t);
	if (t->codec->calls->can[case_kind(of)].out == RULE_NATIVE &&
	    translation_say(t, &event.event))
		read_all(t);
}

static void what_is_written_is_declared(void **state)
{
	static struct translation t;
	struct cast_person cast[CAST_SIZE];
	struct id_key ids;
	uint64_t seed = random_seed(1);

	(void)state;
	memcpy(ids.bytes, "0123456789abcdef", sizeof(ids.bytes));
	random_cast(cast, &ids, &seed);
	for (size_t d = 0; d < registry_count(); d++) {
		translation_open(&t, registry_codec(d), cast);
		for (enum event_case of = 0; of < EVENT_CASES; of++)
			for (unsigned i = 0; i < TRIALS; i++)
				try_case(&t, of, &seed);
		translation_close(&t);
	}
}

static void methods_are_found_by_their_names(void **state)
{
	const struct codec_words *mixer = registry_codec(DIALECT_MIXER)->words;

	(void)state;
	assert_true(words_method(mixer, SLICE("auth"))->secret);
	assert_int_equal(words_method(mixer, SLICE("timeout"))->duration, 1);
	assert_true(words_method(mixer, SLICE("optOutEvents"))->names_kinds);
	assert_null(words_method(mixer, SLICE("msg")));
	assert_null(words_method(registry_codec(DIALECT_SIMPLE)->words, SLICE("auth")));
	assert_false(words_have(NULL, SLICE("x")));
	assert_false(words_have(registry_codec(DIALECT_SIMPLE)->words->members, SLICE("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_declared),
		cmocka_unit_test(methods_are_found_by_their_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
