/* What people at several nodes ask of a room, as bytes; judged by its owner into items of a batch,
 * which another node reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/cluster/judging.h"
#include "bridge/core/room_table.h"
#include "codecs/registry.h"
#include "routes/room/fold.h"
#include "routes/room/judge.h"
#include "routes/room/members.h"
#include "routes/room/recording.h"

static const struct room_time now = { .wall_ms = ID_EPOCH_MS + 5000, .steady_ms = 7 };

struct stage {
	struct room_entry *entry;
	struct id_clock clocks[2];
	struct room *rooms[2]; /* the owner's, and a node's that is told */
	struct recorder recorder;
	struct items items;
	uint64_t drafts;
};

static struct stage *stage_new(void)
{
	struct stage *stage = calloc(1, sizeof(*stage));

	stage->entry = room_entry_new(0, 1, SLICE("lobby"));
	stage->entry->rules.open = true;
	stage->entry->rules.history = stage->entry->rules.remembered = 10;
	for (unsigned n = 0; n < 2; n++) {
		stage->clocks[n] = (struct id_clock){ .nodes = ID_NODES, .node = n };
		stage->rooms[n] = room_new(&stage->entry->rules, &stage->clocks[n], 3);
		room_node_set(stage->rooms[n], room_node(n, 1));
	}
	room_record(stage->rooms[0], judging_record, &stage->recorder);
	return stage;
}

static void stage_free(struct stage *stage)
{
	items_clear(&stage->items);
	room_free(stage->rooms[0]);
	room_free(stage->rooms[1]);
	room_entry_free(stage->entry);
	free(stage);
}

/* Takes post: it goes as bytes from the second node to the first, which judges it. */
static void ask(struct stage *stage, struct post *post)
{
	struct item_draft draft = { .node = 1, .incarnation = 1, .number = ++stage->drafts };
	struct asking asking;
	size_t len;
	unsigned char *bytes = asking_write(post, &len);

	assert_true(asking_read(slice_span((const char *)bytes, len), &asking));
	for (size_t cut = 0; cut < len; cut++) {
		struct asking none;

		assert_false(asking_read(slice_span((const char *)bytes, cut), &none));
	}
	asking.ref.worker += room_node(1, 1) * WORKERS_MAX;
	judging_ask(&stage->recorder, &stage->items, &draft, stage->rooms[0], &asking, now);
	asking_clear(&asking);
	free(bytes);
	post_free(post);
}

static void enter(struct stage *stage, uint32_t slot, uint32_t number, const char *name,
		  const char *dialect)
{
	struct post_enter *post = post_new(POST_ENTER);
	struct envelope event = { .kind = KIND_ENTER,
				  .author = { .number = number, .name = slice_of(name) } };

	post->post.asker = asker_of_session((struct session_ref){ 0, slot, 1 }, 1);
	post->room = stage->entry;
	post->form = form_alone(registry_find(slice_of(dialect)));
	post->event = envelope_seal(&event);
	ask(stage, &post->post);
}

static void leave(struct stage *stage, uint32_t slot)
{
	struct post_leave *post = post_new(POST_LEAVE);

	post->post.asker = asker_of_session((struct session_ref){ 0, slot, 1 }, 1);
	post->room = stage->entry;
	ask(stage, &post->post);
}

static void speak(struct stage *stage, uint32_t slot, const struct envelope *event, bool bridge)
{
	struct post_draft *post = post_new(POST_DRAFT);

	post->post.asker = asker_of_session((struct session_ref){ 0, slot, 1 }, 1);
	post->room = stage->entry;
	post->backend = bridge ? 0 : SIZE_MAX;
	post->upstream = SIZE_MAX;
	post->event = envelope_seal(event);
	ask(stage, &post->post);
}

static void say(struct stage *stage, uint32_t slot, const char *text)
{
	speak(stage, slot,
	      &(struct envelope){ .kind = KIND_MESSAGE,
				  .text = slice_of(text),
				  .origin = { .dialect = SLICE("simple") } },
	      false);
}

/* The next item, which is to be of that kind; records are applied by the second node. */
static struct item next(struct stage *stage, struct slice *bytes, enum item_kind kind)
{
	struct record record;
	struct item item;

	assert_true(item_next(bytes, &item));
	assert_int_equal(item.kind, kind);
	if (kind != ITEM_RECORD)
		return item;
	assert_int_equal(record_read(item.bytes, &record), RECORD_SOUND);
	assert_true(room_apply(stage->rooms[1], &record, now));
	record_clear(&record);
	return item;
}

static struct slice all(const struct stage *stage)
{
	return slice_span((const char *)stage->items.bytes, stage->items.len);
}

static void what_is_asked_is_judged_and_told(void **state)
{
	struct stage *stage = stage_new();
	struct slice bytes;

	(void)state;
	enter(stage, 1, 10, "kim", "simple");
	enter(stage, 1, 10, "kim", "simple");
	say(stage, 1, "hello");
	say(stage, 2, "who am I");
	leave(stage, 1);
	leave(stage, 1);
	bytes = all(stage);
	assert_int_equal(next(stage, &bytes, ITEM_RECORD).draft.number, 1);
	assert_true(room_has(stage->rooms[1], (struct session_ref){ 0, 1, 1 }));
	assert_int_equal(next(stage, &bytes, ITEM_REFUSED).reason, REASON_ALREADY);
	assert_int_equal(next(stage, &bytes, ITEM_RECORD).draft.number, 3);
	assert_int_equal(next(stage, &bytes, ITEM_REFUSED).reason, REASON_NOT_MEMBER);
	assert_int_equal(next(stage, &bytes, ITEM_RECORD).draft.number, 5);
	assert_int_equal(next(stage, &bytes, ITEM_REFUSED).reason, REASON_NOT_MEMBER);
	assert_int_equal(bytes.len, 0);
	assert_true(room_digest(stage->rooms[0]) == room_digest(stage->rooms[1]));
	stage_free(stage);
}

/* The bridge may; who is kicked is out at every node. What has no place is told and not recorded.
 */
static void kicks_and_what_has_no_place(void **state)
{
	struct stage *stage = stage_new();
	struct envelope kick = { .kind = KIND_KICK, .subject = { .number = 10 } };
	struct envelope invite = { .kind = KIND_INVITE,
				   .subject = { .number = 20, .name = SLICE("lee") } };
	struct slice bytes;

	(void)state;
	enter(stage, 1, 10, "kim", "simple");
	speak(stage, 1, &invite, false);
	speak(stage, 9, &kick, true);
	bytes = all(stage);
	next(stage, &bytes, ITEM_RECORD);
	next(stage, &bytes, ITEM_ASIDE);
	next(stage, &bytes, ITEM_RECORD);
	assert_true(room_has_person(stage->rooms[1], 10));
	next(stage, &bytes, ITEM_RECORD);
	assert_false(room_has_person(stage->rooms[1], 10));
	assert_int_equal(bytes.len, 0);
	stage_free(stage);
}

static void a_node_dies(void **state)
{
	struct stage *stage = stage_new();
	struct slice bytes;

	(void)state;
	enter(stage, 1, 10, "kim", "simple");
	judging_gone(&stage->recorder, &stage->items, stage->rooms[0], 1, 1, now);
	judging_gone(&stage->recorder, &stage->items, stage->rooms[0], 1, 1, now);
	judging_tick(&stage->recorder, &stage->items, stage->rooms[0], now);
	bytes = all(stage);
	next(stage, &bytes, ITEM_RECORD);
	assert_int_equal(next(stage, &bytes, ITEM_RECORD).draft.number, 0);
	assert_int_equal(bytes.len, 0);
	assert_false(room_has_person(stage->rooms[1], 10));
	stage_free(stage);
}

/* Words that may not be kept are in an item of their own. */
static void words_stand_apart(void **state)
{
	struct stage *stage = stage_new();
	struct item record, words;
	struct slice bytes;

	(void)state;
	enter(stage, 1, 10, "kim", "rooms");
	speak(stage, 1,
	      &(struct envelope){ .kind = KIND_MESSAGE,
				  .text = SLICE("not for the disk"),
				  .origin = { .dialect = SLICE("rooms") } },
	      false);
	bytes = all(stage);
	next(stage, &bytes, ITEM_RECORD);
	record = next(stage, &bytes, ITEM_RECORD);
	words = next(stage, &bytes, ITEM_WORDS);
	assert_null(memmem(record.bytes.data, record.bytes.len, "not for the disk", 16));
	assert_non_null(memmem(words.bytes.data, words.bytes.len, "not for the disk", 16));
	stage_free(stage);
}

static void what_has_no_place_is_not_for_the_log(void **state)
{
	struct post_draft *post = post_new(POST_DRAFT);
	struct stage *stage = stage_new();
	size_t len;

	(void)state;
	post->room = stage->entry;
	post->backend = post->upstream = SIZE_MAX;
	post->event = envelope_seal(&(struct envelope){ .kind = KIND_TYPING });
	assert_null(asking_write(&post->post, &len));
	post_free(&post->post);
	stage_free(stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_asked_is_judged_and_told),
		cmocka_unit_test(kicks_and_what_has_no_place),
		cmocka_unit_test(a_node_dies),
		cmocka_unit_test(words_stand_apart),
		cmocka_unit_test(what_has_no_place_is_not_for_the_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
