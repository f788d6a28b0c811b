/* No person can say what the server says: see routes/deliver/words.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/registry.h"
#include "codecs/text/name.h"
#include "routes/deliver/broadcast.h"
#include "routes/deliver/words.h"

static const struct poll tea = { .question = { "tea?", 4 },
				 .options = { { "yes", 3 }, { "a: b", 4 } },
				 .option_count = 2 };

static struct envelope event_of(enum envelope_kind kind)
{
	return (struct envelope){ .kind = kind,
				  .id = 5,
				  .target = 4,
				  .room = SLICE("lobby"),
				  .author = { .name = SLICE("ann"), .number = 1 },
				  .subject = { .name = SLICE("bob"), .number = 2 },
				  .text = SLICE("AWAY"),
				  .duration_ms = 30000,
				  .poll = &tea };
}

/* Whatever a name is, and whatever is said behind "NAME: ", is another text. */
static void assert_unsayable(struct slice sentence)
{
	for (size_t at = 0; at + 1 < sentence.len; at++)
		if (sentence.data[at] == ':' && sentence.data[at + 1] == ' ')
			assert_non_null(memchr(sentence.data, '"', at));
}

static void no_name_begins_a_sentence_of_the_server(void **state)
{
	static const uint32_t flags[] = { 0, FLAG_ADDING, FLAG_PERMANENT, FLAG_ACTION };
	char name[NAME_BYTES_MAX];
	size_t len = name_clean(SLICE("\"ann\" \xe2\x80\x9cis\xe2\x80\x9d"), name);
	unsigned said = 0;

	(void)state;
	assert_null(memchr(name, '"', len));
	for (enum envelope_kind kind = 0; kind < ENVELOPE_KINDS; kind++)
		for (size_t f = 0; f < sizeof(flags) / sizeof(flags[0]); f++) {
			struct envelope event = event_of(kind);
			struct slice text;

			event.flags = flags[f];
			/* What operators and backends say is theirs to word; a message is its
			 * author's. */
			if (kind == KIND_NOTICE || kind == KIND_MESSAGE ||
			    !words_make(&event, WORDS_NOTICE, NULL, &text))
				continue;
			assert_unsayable(text);
			free((char *)(uintptr_t)text.data);
			said++;
		}
	assert_true(said > 40);
}

/* Even if somebody had its name: there is nobody's name in simple, and its number elsewhere. */
static void no_frame_of_a_person_is_one_of_the_server(void **state)
{
	static const struct id_key key;
	const struct person bridge = { .name = SLICE("Dragoman"), .number = 3, .uuid = { 3 } };
	const struct person person = { .name = SLICE("Dragoman"), .number = 7, .uuid = { 7 } };

	(void)state;
	for (size_t d = 0; d < registry_count(); d++) {
		const struct codec_view view = {
			.codec = registry_codec(d), .room_number = 1, .ids = &key, .bridge = bridge
		};
		const struct form *form = &view.codec->forms[0];
		struct envelope said = event_of(KIND_MESSAGE), notice = said;
		struct rendition one, other;

		said.author = person;
		notice.kind = KIND_NOTICE;
		notice.author = (struct person){ .number = 0 };
		rendition_make(&said, &view, &view, form, AUDIENCE_OTHERS, 0, &one);
		rendition_make(&notice, &view, &view, form, AUDIENCE_OTHERS, 0, &other);
		assert_non_null(one.frame);
		assert_non_null(other.frame);
		assert_false(one.frame->len == other.frame->len &&
			     memcmp(one.frame->bytes, other.frame->bytes, one.frame->len) == 0);
		frame_release(one.frame);
		frame_release(other.frame);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_name_begins_a_sentence_of_the_server),
		cmocka_unit_test(no_frame_of_a_person_is_one_of_the_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
