#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/registry.h"
#include "tests/support/codec_probe.h"
#include "tests/support/dialects.h"

#define OPAQUE "{\"said-by-a-server\":[]}"

/* What a server that we call said besides what is modelled. */
static struct envelope event_of(const struct probe *p, enum envelope_kind kind, const char *dialect)
{
	return (struct envelope){ .kind = kind,
				  .id = 8501928463962112,
				  .sequence = 5,
				  .time_ms = PROBE_NOW,
				  .room = SLICE("lobby"),
				  .author = probe_person(p, 43, "bob"),
				  .subject = probe_person(p, 44, "cid"),
				  .text = SLICE("hi all"),
				  .extra = kind == KIND_OPAQUE ? SLICE(OPAQUE)
							       : SLICE("\"said-by-a-server\":1"),
				  .origin.dialect = slice_of(dialect) };
}

static void its_own_clients_are_told(void **state)
{
	static struct probe p;

	(void)state;
	for (size_t i = 0; i < DIALECTS; i++) {
		struct envelope event;

		probe_open(&p, registry_codec(i));
		event = event_of(&p, KIND_MESSAGE, p.codec->name);
		assert_non_null(
		    strstr(probe_encode(&p, &event, AUDIENCE_OTHERS), "\"said-by-a-server\":1"));
		event = event_of(&p, KIND_OPAQUE, p.codec->name);
		assert_string_equal(probe_encode(&p, &event, AUDIENCE_OTHERS), OPAQUE);
		probe_close(&p);
	}
}

static void clients_of_others_are_not(void **state)
{
	static struct probe p;

	(void)state;
	for (size_t i = 0; i < DIALECTS; i++)
		for (size_t from = 0; from <= DIALECTS; from++) {
			struct envelope event;

			if (from == i)
				continue;
			probe_open(&p, registry_codec(i));
			for (enum envelope_kind kind = 0; kind < ENVELOPE_KINDS; kind++) {
				const char *said = NULL;

				event = event_of(&p, kind,
						 from < DIALECTS ? registry_codec(from)->name : "");
				if (p.codec->can[kind].out == RULE_NATIVE)
					said = probe_encode(&p, &event, AUDIENCE_OTHERS);
				assert_true(!said || !strstr(said, "said-by-a-server"));
				assert_true(!said || kind != KIND_OPAQUE);
			}
			probe_close(&p);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(its_own_clients_are_told),
		cmocka_unit_test(clients_of_others_are_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
