/* What a server says reaches a client of the same dialect byte for byte, where ids are the same:
 * every field, modelled or not, and numbers as they were written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/registry.h"
#include "codecs/text/memory.h"
#include "tests/support/dialects.h"
#include "tests/support/translation.h"

#define TRIALS 500

/* One event, one message, both ways. */
static bool passes(const struct codec *codec, enum event_case of)
{
	return carries_find(codec, of, FIELD_EVENT, CARRY_SHOWN) == CARRY_NATIVE &&
	       carries_find(codec, of, FIELD_EVENT, CARRY_HEARD) == CARRY_NATIVE &&
	       codec->can[case_kind(of)].out == RULE_NATIVE && of != CASE_BAN;
}

/* Who is heard is known here by the same number. */
static void be_known(const struct translation *t, struct person *person)
{
	for (size_t i = 0; i < CAST_SIZE; i++)
		if (t->cast[i].person.number == person->number)
			memcpy(person->uuid, t->cast[i].person.uuid, sizeof(person->uuid));
}

/* And who is mentioned, whom a room finds by the name. */
static void know_mentioned(const struct random_event *said, struct envelope *heard,
			   struct part parts[EVENT_PARTS_MOST])
{
	for (size_t i = 0; i < heard->part_count; i++) {
		parts[i] = heard->parts[i];
		if (parts[i].kind == PART_MENTION)
			parts[i].number = said->parts[i].number;
	}
	heard->parts = parts;
}

static void pass(struct translation *t, enum event_case of, uint64_t *seed)
{
	static struct random_event event;
	enum audience audience =
	    of == CASE_WHISPER || of == CASE_INVITE ? AUDIENCE_SUBJECT : AUDIENCE_OTHERS;
	struct part parts[EVENT_PARTS_MOST];
	struct envelope again;
	char *said;
	size_t len;

	random_event(&event, of, random_next(seed), t->cast, t->codec->name, seed);
	/* Actions without a form are texts at such a server. */
	if (carries_find(t->codec, of, FIELD_ACTION, CARRY_SHOWN) != CARRY_NATIVE)
		event.event.flags &= ~(uint32_t)FLAG_ACTION;
	translation_prepare(t, &event.event);
	assert_true(translation_show(t, &event.event, audience));
	len = t->bytes.len;
	said = memory_text(t->bytes.data, len);
	again = *translation_hear(t, of);
	assert_int_equal(case_of(&again), of);
	again.origin.dialect = slice_of(t->codec->name);
	know_mentioned(&event, &again, parts);
	be_known(t, &again.author);
	be_known(t, &again.subject);
	assert_true(translation_show(t, &again, audience));
	if (t->bytes.len != len || memcmp(t->bytes.data, said, len) != 0)
		fail_msg("%s %s: a server says\n%.*s\nand a client is told\n%.*s", t->codec->name,
			 case_name(of), (int)len, said, (int)t->bytes.len, t->bytes.data);
	free(said);
}

static void frames_pass_unchanged(void **state)
{
	static struct translation t;
	struct cast_person cast[CAST_SIZE];
	struct id_key ids;
	uint64_t seed = random_seed(1);

	(void)state;
	memcpy(ids.bytes, "0123456789abcdef", sizeof(ids.bytes));
	random_cast(cast, &ids, &seed);
	for (size_t i = 0; i < DIALECTS; i++) {
		translation_open(&t, registry_codec(i), cast);
		for (enum event_case of = 0; of < EVENT_CASES; of++)
			for (unsigned n = 0; passes(t.codec, of) && n < TRIALS; n++)
				pass(&t, of, &seed);
		translation_close(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_pass_unchanged),
	};

	return cmocka_run_group_tests_name("codecs/passthrough", tests, NULL, NULL);
}
