#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "codecs/form.h"
#include "tests/support/actors.h"
#include "tests/support/floor.h"

#define FREE_ROOMS FLOOR_TWO_ROOMS "limits = {" FLOOR_NO_RATE " compress_above = 256; };"

/* What compresses well, beginning so. */
static const char *long_text(const char *start)
{
	static char text[350];

	memset(text, 'a', sizeof(text) - 1);
	memcpy(text, start, strlen(start));
	return text;
}

static uint64_t bytes_written(struct floor *floor)
{
	return floor_counters(floor)->bytes_written;
}

/* In one room, on all workers: who agreed to it is sent compressed bytes, the others are not. */
static void who_agreed_hears_the_same_in_fewer_bytes(void **state)
{
	static const char *const names[] = { "bob", "dee", "lea", "lou" };

	(void)state;
	for (unsigned workers = 1; workers <= 4; workers += 3) {
		struct stage_client *members[DIALECTS][4], *ann;
		struct floor floor;

		floor_open(&floor, workers, FREE_ROOMS);
		ann = floor_join(&floor, "ann", DIALECT_SIMPLE, NULL);
		for (size_t d = 0; d < DIALECTS; d++)
			for (unsigned i = 0; i < 4; i++) {
				char name[16];

				snprintf(name, sizeof(name), "%s%zu", names[i], d);
				members[d][i] = i < 2 ? floor_join(&floor, name, d, NULL)
						      : floor_join_compressed(&floor, name, d);
			}
		for (size_t d = 0; d < DIALECTS; d++)
			members[d][2]->compressed = members[d][3]->compressed = 0;
		actor_says(ann, long_text("hello "));
		for (size_t d = 0; d < DIALECTS; d++)
			for (unsigned i = 0; i < 4; i++) {
				floor_hears_words(members[d][i], "hello aaa");
				floor_hears_nothing(members[d][i]);
				assert_int_equal(members[d][i]->compressed, i < 2 ? 0 : 1);
			}
		floor_close(&floor);
	}
}

static void what_is_short_or_for_one_alone_is_plain(void **state)
{
	struct stage_client *ann, *dee, *lea;
	struct floor floor;

	(void)state;
	floor_open(&floor, 2, FREE_ROOMS);
	ann = floor_join(&floor, "ann", DIALECT_MIXER, NULL);
	lea = floor_join_compressed(&floor, "lea", DIALECT_MIXER);
	dee = floor_join_compressed(&floor, "dee", DIALECT_SIMPLE);
	actor_says(ann, "hi");
	floor_hears_words(dee, "hi");
	assert_int_equal(dee->compressed, 0);
	floor_hears_words(lea, "hi");
	lea->compressed = 0;
	floor_say(lea, "{\"type\":\"method\",\"method\":\"msg\",\"arguments\":[\"%s\"],\"id\":9}",
		  long_text("mine "));
	/* As long, both. */
	floor_hears_words(lea, "\"reply\"");
	floor_hears_words(lea, "mine aaa");
	assert_int_equal(lea->compressed, 1);
	floor_close(&floor);
}

/* One broadcast, one compressed frame: everybody is written the same bytes. */
static const unsigned char *shown[4];
static size_t shown_count;

static bool showing_write(void *conn, const unsigned char *bytes, size_t len, bool *complete)
{
	(void)conn;
	(void)len;
	if (shown_count < 4)
		shown[shown_count] = bytes;
	shown_count++;
	*complete = true;
	return true;
}

static void it_is_compressed_once_for_all(void **state)
{
	struct stage_client *ann;
	struct floor floor;

	(void)state;
	floor_open(&floor, 1, FREE_ROOMS);
	ann = floor_join(&floor, "ann", DIALECT_MIXER, NULL);
	for (unsigned i = 0; i < 4; i++) {
		char name[8];
		struct stage_client *reader;

		snprintf(name, sizeof(name), "p%u", i);
		reader = i < 2 ? floor_join(&floor, name, DIALECT_SIMPLE, NULL)
			       : floor_join_compressed(&floor, name, DIALECT_SIMPLE);
		reader->transport.write = showing_write;
	}
	for (unsigned count = 1; count <= 2; count++) {
		shown_count = 0;
		floor_hold(&floor);
		for (unsigned i = 0; i < count; i++)
			actor_says(ann, long_text("one "));
		floor_go(&floor);
		/* From the last member to the first. */
		assert_int_equal(shown_count, 4);
		assert_ptr_equal(shown[0], shown[1]);
		assert_ptr_equal(shown[2], shown[3]);
		assert_memory_equal(shown[0], "\xc1", 1);
		assert_memory_equal(shown[2], "\x81", 1);
	}
	/* Too short: all share one frame. */
	shown_count = 0;
	actor_says(ann, "one");
	assert_int_equal(shown_count, 4);
	assert_ptr_equal(shown[0], shown[3]);
	floor_close(&floor);
}

/* Bytes in queues and counters are those that go out. */
static void what_is_counted_are_the_bytes_that_go_out(void **state)
{
	struct stage_client *ann, *bob, *lea;
	struct floor floor;
	size_t plain, compressed;
	uint64_t before;

	(void)state;
	floor_open(&floor, 1, FREE_ROOMS);
	ann = floor_join(&floor, "ann", DIALECT_MIXER, NULL);
	bob = floor_join(&floor, "bob", DIALECT_SIMPLE, NULL);
	lea = floor_join_compressed(&floor, "lea", DIALECT_SIMPLE);
	bob->stalled = lea->stalled = true;
	actor_says(ann, long_text("first "));
	before = bytes_written(&floor);
	actor_says(ann, long_text("second "));
	plain = bob->session->outbox.bytes;
	compressed = lea->session->outbox.bytes;
	assert_true(compressed > 0 && compressed * 2 < plain);
	stage_resume(bob);
	stage_resume(lea);
	assert_int_equal(bob->session->outbox.bytes + lea->session->outbox.bytes, 0);
	/* Ann heard it, too. */
	assert_true(bytes_written(&floor) - before >= plain / 2 + compressed / 2);
	floor_hears_words(lea, "first");
	floor_hears_words(lea, "second");
	floor_close(&floor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_agreed_hears_the_same_in_fewer_bytes),
		cmocka_unit_test(what_is_short_or_for_one_alone_is_plain),
		cmocka_unit_test(it_is_compressed_once_for_all),
		cmocka_unit_test(what_is_counted_are_the_bytes_that_go_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
