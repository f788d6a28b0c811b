/* One link is listened to for all: what it missed when it broke, another has heard. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/upstream/ear.h"
#include "bridge/upstream/link/calls.h"

#define LINKS 3

static char said[4096];
static struct link *breaks; /* at the next that is read */

static enum reason read_frame(struct call_peer *peer, struct slice text, struct call_sink *sink)
{
	size_t len = strlen(said);

	(void)peer;
	snprintf(said + len, sizeof(said) - len, "%.*s ", text.len < 20 ? (int)text.len : 4,
		 text.data);
	if (breaks)
		sink->refused(sink, REASON_BANNED, (struct slice){ NULL, 0 });
	return REASON_NONE;
}

/* As link_fail() does. */
static void broken(struct link *link, struct slice why, bool refused, uint32_t retry_after_s)
{
	(void)why;
	(void)refused;
	(void)retry_after_s;
	breaks = NULL;
	link->failing = link->calling > 0;
	if (link->failing)
		return;
	link->state = LINK_DOWN;
	ear_down(link);
}

static const struct codec_calls calls = { .decode = read_frame };
static const struct codec codec = { .calls = &calls };
static const struct conf_upstream conf = { .late_seconds = 0 };
static const struct link_ops ops = { .fail = broken };

struct stage {
	struct worker worker;
	struct upstream upstream;
	struct link links[LINKS];
};

static int begin(void **state)
{
	struct stage *stage = calloc(1, sizeof(*stage));

	said[0] = '\0';
	breaks = NULL;
	stage->upstream.worker = &stage->worker;
	stage->upstream.codec = &codec;
	stage->upstream.ops = &ops;
	stage->upstream.conf = &conf;
	stage->upstream.front = true;
	stage->upstream.links = &stage->links[0];
	for (int i = 0; i < LINKS; i++) {
		stage->links[i].upstream = &stage->upstream;
		stage->links[i].next = i + 1 < LINKS ? &stage->links[i + 1] : NULL;
		stage->links[i].state = LINK_UP;
		ear_up(&stage->links[i]);
	}
	assert_ptr_equal(stage->upstream.ear, &stage->links[0]);
	*state = stage;
	return 0;
}

static int end(void **state)
{
	struct stage *stage = *state;

	for (int i = 0; i < LINKS; i++) {
		stage->links[i].state = LINK_DOWN;
		ear_down(&stage->links[i]);
		free(stage->links[i].peer.scratch);
	}
	free(stage);
	return 0;
}

static void come(struct stage *stage, int from, const char *text)
{
	for (int i = from; i < LINKS; i++)
		ear_frame(&stage->links[i], slice_of(text));
}

static void lose(struct stage *stage, int which)
{
	stage->links[which].state = LINK_DOWN;
	ear_down(&stage->links[which]);
}

static void another_tells_what_was_missed(void **state)
{
	struct stage *stage = *state;

	come(stage, 0, "a");
	come(stage, 0, "b");
	come(stage, 1, "c");
	ear_frame(&stage->links[2], SLICE("only to the third"));
	come(stage, 1, "d");
	lose(stage, 0);
	assert_ptr_equal(stage->upstream.ear, &stage->links[1]);
	assert_string_equal(said, "c d ");
	/* It has read them, and is the ear now. */
	ear_frame(&stage->links[1], SLICE("d"));
	come(stage, 2, "e");
	said[0] = '\0';
	lose(stage, 1);
	assert_string_equal(said, "e ");
}

static void what_is_older_than_all_that_was_heard_is_left(void **state)
{
	struct stage *stage = *state;
	char text[20];

	come(stage, 0, "a");
	for (int i = 0; i < EAR_FRAMES; i++) {
		snprintf(text, sizeof(text), "%d", i);
		come(stage, 1, text);
	}
	lose(stage, 0);
	assert_string_equal(said, "");
}

/* The last are there, however many came, and one that is too long is left out. */
static void the_newest_are_kept(void **state)
{
	struct stage *stage = *state;
	char text[6000];

	for (int i = 0; i < 3 * EAR_FRAMES; i++) {
		snprintf(text, sizeof(text), "%d", i);
		come(stage, 0, text);
	}
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	come(stage, 1, text);
	come(stage, 1, "last");
	lose(stage, 0);
	assert_string_equal(said, "last ");
}

/* Then the one behind goes on where it was, and nothing of the first's is touched. */
static void one_may_break_while_it_tells(void **state)
{
	struct stage *stage = *state;

	come(stage, 0, "a");
	come(stage, 1, "b");
	come(stage, 1, "c");
	breaks = &stage->links[1];
	lose(stage, 0);
	assert_ptr_equal(stage->upstream.ear, &stage->links[2]);
	assert_string_equal(said, "b b c ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(another_tells_what_was_missed),
		TEST(what_is_older_than_all_that_was_heard_is_left),
		TEST(the_newest_are_kept),
		TEST(one_may_break_while_it_tells),
	};

	return cmocka_run_group_tests_name("bridge/upstream/ear", tests, NULL, NULL);
}
