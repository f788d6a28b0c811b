#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/durable/release.h"
#include "bridge/durable/store.h"
#include "codecs/text/memory.h"
#include "routes/room/recording.h"
#include "routes/room/rows.h"
#include "tests/support/actors.h"
#include "tests/support/books.h"
#include "tests/support/floor.h"

#define WORKERS 2

/* ---- a store that does what the test says ---- */

struct fake {
	struct store store;
	struct stage *stage;
	struct post_list waiting; /* batches that came */
	char *stored;             /* their records */
	size_t len;
	unsigned loads;
	bool unreadable;
	const char *blamed; /* of the next batch that fails: the room whose rows are why */
	struct past *asked; /* what is to be read */
	/* What came of names, each: how many batches of the fake's came before it. */
	size_t names[8], name_count, came;
};

static void put_back(void *context, const struct row *row)
{
	struct room_time now = { STAGE_START_MS, 1000000 };

	(void)room_restore(context, row, now);
}

static bool load(struct store *store, struct room_entry *entry, struct room_time now)
{
	struct fake *fake = (struct fake *)store;
	struct slice block = { fake->stored, fake->len };
	struct record record;
	size_t size;

	fake->loads++;
	if (fake->unreadable)
		return false;
	while ((size = record_first(block)) > 0) {
		assert_int_equal(record_read(slice_span(block.data, size), &record), RECORD_SOUND);
		if (slice_equal(record.event->room, entry->rules.name))
			record_change_rows(&record, slice_span(block.data, size), put_back,
					   entry->room);
		record_clear(&record);
		block = slice_span(block.data + size, block.len - size);
	}
	room_restored(entry->room, now);
	return true;
}

static void read_past(struct store *store, struct past *past)
{
	struct fake *fake = (struct fake *)store;

	assert_null(fake->asked);
	fake->asked = past;
}

static void put_past(void *context, const struct row *row)
{
	struct past *past = context;
	struct envelope *event = row->kind == ROW_MESSAGE ? row_event(row) : NULL;

	if (event && event->id < past->before && past->count < past->wanted)
		past->events[past->count++] = event;
	else
		envelope_release(event);
}

/* What was asked for is read. */
static void fake_read(struct fake *fake)
{
	struct slice block = { fake->stored, fake->len };
	struct past *past = fake->asked;
	struct record record;
	size_t size;

	assert_non_null(past);
	fake->asked = NULL;
	past->events = memory_zeroed(past->wanted, sizeof(*past->events));
	while ((size = record_first(block)) > 0) {
		assert_int_equal(record_read(slice_span(block.data, size), &record), RECORD_SOUND);
		record_change_rows(&record, slice_span(block.data, size), put_past, past);
		record_clear(&record);
		block = slice_span(block.data + size, block.len - size);
	}
	past->done(past);
	stage_settle(fake->stage);
}

static void fake_open(struct fake *fake, struct floor *floor)
{
	struct bridge *bridge = floor->stage->bridge;

	*fake = (struct fake){ .stage = floor->stage };
	fake->store.load = load;
	fake->store.read = read_past;
	mailbox_init(&fake->store.box, NULL, NULL);
	bridge->store = &fake->store;
	for (unsigned w = 0; w < bridge->worker_count; w++)
		bridge->workers[w]->release = release_new();
	for (size_t i = 0; i < room_table_count(bridge->rooms); i++) {
		struct room_entry *entry = room_table_at(bridge->rooms, i);

		entry->home = bridge->workers[entry->owner];
		room_record(entry->room, release_record, entry);
	}
}

static void fake_take(struct fake *fake)
{
	struct post *post = mailbox_take(&fake->store.box);

	while (post) {
		struct post *next = post->next;

		if (post->kind == POST_FOREIGN) {
			assert_true(((struct post_foreign *)post)->follows);
			assert_in_range(fake->name_count, 0, 7);
			fake->names[fake->name_count++] = fake->came;
			post_free(post);
		} else {
			assert_int_equal(post->kind, POST_STORE);
			post_list_add(&fake->waiting, post);
			fake->came++;
		}
		post = next;
	}
}

/* How many batches wait for a verdict. */
static size_t batches(struct fake *fake)
{
	fake_take(fake);
	return fake->waiting.count;
}

/* The verdict on the first batch that waits, and what follows from it. */
static void verdict(struct fake *fake, bool failed)
{
	struct post_store *batch;

	fake_take(fake);
	batch = (struct post_store *)fake->waiting.first;
	assert_non_null(batch);
	fake->waiting.first = batch->post.next;
	fake->waiting.count--;
	batch->post.kind = POST_STORED;
	batch->failed = failed;
	if (failed && fake->blamed) {
		batch->blamed_len = strlen(fake->blamed);
		memcpy(batch->blamed, fake->blamed, batch->blamed_len);
	}
	if (!failed) {
		fake->stored = memory_resize(fake->stored, fake->len + batch->len);
		memcpy(fake->stored + fake->len, batch->bytes, batch->len);
		fake->len += batch->len;
	}
	mailbox_post(&fake->stage->bridge->workers[batch->worker]->box, &batch->post);
	stage_settle(fake->stage);
}

static void fake_close(struct fake *fake, struct floor *floor)
{
	while (batches(fake))
		verdict(fake, false);
	floor_close(floor);
	assert_int_equal(batches(fake), 0);
	mailbox_clear(&fake->store.box);
	free(fake->stored);
}

/* ---- tests ---- */

struct scene {
	struct floor floor;
	struct fake fake;
	struct stage_client *ann, *bob, *cy;
};

static void open_scene(struct scene *s)
{
	floor_open(&s->floor, WORKERS, NULL);
	fake_open(&s->fake, &s->floor);
	s->ann = floor_join(&s->floor, "ann", DIALECT_SIMPLE, NULL);
	s->bob = floor_join(&s->floor, "bob", DIALECT_SIMPLE, NULL);
	s->cy = floor_join(&s->floor, "cy", DIALECT_SIMPLE, NULL);
	assert_int_equal(batches(&s->fake), 0);
}

static void say(struct stage_client *client, const char *text)
{
	floor_say(client, "{\"type\":\"send_message\",\"payload_id\":1,\"message\":\"%s\"}", text);
}

static void hears(struct scene *s, struct stage_client *client, const char *text)
{
	char pattern[128];

	snprintf(pattern, sizeof(pattern), "{\"type\":\"message_sent\",\"message\":\"%s\",...}",
		 text);
	floor_hears(&s->floor, client, pattern);
}

static void nothing_is_heard_before_it_is_stored(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	say(s.ann, "one");
	floor_hears_nothing(s.ann);
	floor_hears_nothing(s.bob);
	assert_int_equal(batches(&s.fake), 1);
	assert_int_equal(intake_waiting(&floor_counters(&s.floor)->intake), 1);
	verdict(&s.fake, false);
	hears(&s, s.bob, "one");
	hears(&s, s.ann, "one");
	floor_hears(&s.floor, s.ann, "{\"type\":\"reply\",\"payload_id\":1,\"error\":null}");
	assert_int_equal(floor_counters(&s.floor)->intake.waiting, 0);
	fake_close(&s.fake, &s.floor);
}

/* Several batches may be under way; each lets go of what came up to the next. */
static void what_comes_later_waits_behind(void **state)
{
	struct scene s;
	struct stage_client *dee;

	(void)state;
	open_scene(&s);
	say(s.ann, "one");
	say(s.bob, "two");
	assert_int_equal(batches(&s.fake), 2);
	dee = floor_connect(&s.floor, "dee", DIALECT_CONCORD, "token=dee");
	floor_hears_nothing(s.cy);
	verdict(&s.fake, false);
	hears(&s, s.cy, "one");
	floor_hears_nothing(s.cy);
	verdict(&s.fake, false);
	hears(&s, s.cy, "two");
	floor_hears(&s.floor, s.cy, "{\"type\":\"user_connected\",\"username\":\"dee\",...}");
	floor_hears(&s.floor, dee, "{\"userId\":@dee,\"status\":\"ONLINE\",...}");
	floor_hears_nothing(dee);
	fake_close(&s.fake, &s.floor);
}

static void what_cannot_be_stored_has_not_happened(void **state)
{
	struct scene s;
	uint64_t ordered;

	(void)state;
	open_scene(&s);
	say(s.ann, "kept");
	verdict(&s.fake, false);
	floor_forget(&s.floor);
	ordered = floor_counters(&s.floor)->intake.ordered;
	say(s.ann, "lost");
	say(s.bob, "lost, too");
	verdict(&s.fake, true);
	floor_hears(&s.floor, s.ann,
		    "{\"type\":\"reply\",\"payload_id\":1,\"error\":\"unstored\"}");
	floor_hears(&s.floor, s.bob,
		    "{\"type\":\"reply\",\"payload_id\":1,\"error\":\"unstored\"}");
	floor_hears_nothing(s.ann);
	floor_hears_nothing(s.bob);
	floor_hears_nothing(s.cy);
	assert_int_equal(floor_counters(&s.floor)->intake.ordered, ordered);
	assert_int_equal(floor_counters(&s.floor)->intake.refused[REASON_UNSTORED], 2);
	assert_int_equal(s.fake.loads, 1);
	/* What was on its way meanwhile is told of already. */
	verdict(&s.fake, true);
	assert_int_equal(s.fake.loads, 1);
	floor_hears_nothing(s.bob);
	fake_close(&s.fake, &s.floor);
}

/* Not with each message, when the disk is full. */
static void the_store_is_tried_again_after_a_second(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	say(s.ann, "lost");
	verdict(&s.fake, true);
	floor_forget(&s.floor);
	say(s.ann, "refused");
	assert_int_equal(batches(&s.fake), 0);
	floor_hears(&s.floor, s.ann,
		    "{\"type\":\"reply\",\"payload_id\":1,\"error\":\"unstored\"}");
	stage_wait(s.floor.stage, RELEASE_AGAIN_MS);
	say(s.ann, "said");
	verdict(&s.fake, false);
	hears(&s, s.bob, "said");
	fake_close(&s.fake, &s.floor);
}

/* One whose rows are damaged is let alone for longer, so that whoever says something there does not
 * keep the others of its worker from being stored. */
static void other_rooms_are_not_to_blame(void **state)
{
	static const char refused[] =
	    "{\"type\":\"reply\",\"payload_id\":1,\"error\":\"unstored\"}";
	struct scene s;
	struct stage_client *dee;

	(void)state;
	floor_open(&s.floor, 1, FLOOR_TWO_ROOMS);
	fake_open(&s.fake, &s.floor);
	s.ann = floor_join(&s.floor, "ann", DIALECT_SIMPLE, NULL);
	dee = floor_join_at(&s.floor, "dee", DIALECT_SIMPLE, "/attic");
	say(s.ann, "lost");
	s.fake.blamed = "lobby";
	verdict(&s.fake, true);
	floor_forget(&s.floor);
	say(dee, "kept");
	verdict(&s.fake, false);
	hears(&s, dee, "kept");
	stage_wait(s.floor.stage, RELEASE_BLAMED_MS - 1);
	floor_forget(&s.floor);
	say(s.ann, "refused");
	floor_hears(&s.floor, s.ann, refused);
	assert_int_equal(batches(&s.fake), 0);
	stage_wait(s.floor.stage, 1);
	say(s.ann, "said");
	verdict(&s.fake, false);
	hears(&s, s.ann, "said");
	fake_close(&s.fake, &s.floor);
}

static void what_leaves_nothing_behind_goes_on(void **state)
{
	struct stage_client *dee;
	struct scene s;

	(void)state;
	open_scene(&s);
	dee = floor_connect(&s.floor, "dee", DIALECT_CONCORD, "token=dee");
	say(s.ann, "lost");
	verdict(&s.fake, true);
	floor_forget(&s.floor);
	floor_say(dee, "{\"type\":\"chat_typing\",\"channelId\":1,\"threadId\":null,\"sentAt\":1}");
	floor_hears(&s.floor, dee, "{\"type\":\"chat_typing\",...}");
	fake_close(&s.fake, &s.floor);
}

/* Not even what is stored can be read: nobody is told that as if nothing had been said before. */
static void a_room_that_cannot_be_read_is_silent(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	s.fake.unreadable = true;
	say(s.ann, "lost");
	verdict(&s.fake, true);
	stage_wait(s.floor.stage, RELEASE_AGAIN_MS);
	floor_forget(&s.floor);
	say(s.ann, "refused");
	floor_hears(&s.floor, s.ann,
		    "{\"type\":\"reply\",\"payload_id\":1,\"error\":\"unstored\"}");
	assert_int_equal(batches(&s.fake), 0);
	assert_int_equal(s.fake.loads, 2);
	s.fake.unreadable = false;
	stage_wait(s.floor.stage, RELEASE_AGAIN_MS);
	say(s.ann, "said");
	verdict(&s.fake, false);
	hears(&s, s.bob, "said");
	fake_close(&s.fake, &s.floor);
}

/* Who is banned is not known meanwhile: nobody comes in. */
static void a_room_that_cannot_be_read_lets_nobody_in(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	s.fake.unreadable = true;
	say(s.ann, "lost");
	verdict(&s.fake, true);
	floor_refused(&s.floor, DIALECT_SIMPLE, "dan:", "503");
	floor_refused(&s.floor, DIALECT_ROOMS, "dan", "503");
	s.fake.unreadable = false;
	stage_wait(s.floor.stage, RELEASE_AGAIN_MS);
	(void)floor_join(&s.floor, "eve", DIALECT_SIMPLE, NULL);
	fake_close(&s.fake, &s.floor);
}

/* They are out, though not banned; who wanted it is told that it was not stored. */
static void who_was_kicked_is_out(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	assert_int_equal(floor_inject(&s.floor, "{\"kind\":\"kick\",\"subject\":\"bob\","
						"\"permanent\":true}"),
			 REASON_NONE);
	floor_hears_nothing(s.bob);
	verdict(&s.fake, true);
	assert_int_equal(s.bob->close_code, 1008);
	floor_forget(&s.floor);
	(void)floor_join(&s.floor, "bob", DIALECT_SIMPLE, NULL);
	fake_close(&s.fake, &s.floor);
}

static const char asks_history[] =
    "{\"type\":\"method\",\"method\":\"history\",\"arguments\":[15],\"id\":9}";

/* The room remembers the last ten. */
static void older_messages_are_read_when_all_are_stored(void **state)
{
	struct stage_client *mia;
	struct scene s;
	char text[16];

	(void)state;
	open_scene(&s);
	mia = floor_join(&s.floor, "mia", DIALECT_MIXER, NULL);
	for (int i = 0; i < 13; i++) {
		snprintf(text, sizeof(text), "m%d", i);
		say(s.ann, text);
	}
	floor_say(mia, "%s", asks_history);
	assert_null(s.fake.asked);
	while (batches(&s.fake))
		verdict(&s.fake, false);
	floor_forget(&s.floor);
	fake_read(&s.fake);
	floor_hears_words(mia, "\"text\":\"m0\"");
	floor_hears_nothing(mia);
	fake_close(&s.fake, &s.floor);
}

/* What the room answered with has not happened, and who is no member is not asked for. */
static void no_history_of_what_was_not_stored(void **state)
{
	struct stage_client *mia;
	struct scene s;

	(void)state;
	open_scene(&s);
	mia = floor_join(&s.floor, "mia", DIALECT_MIXER, NULL);
	say(s.ann, "lost");
	floor_say(mia, "%s", asks_history);
	verdict(&s.fake, true);
	assert_null(s.fake.asked);
	floor_hears_words(mia, "could not be stored");
	fake_close(&s.fake, &s.floor);
}

static struct worker *owner_of(struct scene *s)
{
	return room_table_at(s->floor.stage->bridge->rooms, 0)->home;
}

/* As if a turn of the worker's had changed the room. */
static void record_change(struct scene *s)
{
	struct room_entry *room = room_table_at(s->floor.stage->bridge->rooms, 0);
	struct envelope event = { .kind = KIND_NOTICE, .id = 7, .room = room->rules.name };
	struct record record = { .kind = RECORD_EVENT, .event = &event };

	release_record(room, &record);
}

static void their_names_come_behind_what_they_name(void **state)
{
	struct foreign_name name = { SLICE("a"), 7 };
	struct foreign_keeping keeping = {
		.upstream = SLICE("there"), .room = SLICE("lobby"), .names = &name, .count = 1
	};
	struct scene s;

	(void)state;
	open_scene(&s);
	record_change(&s);
	release_keep_foreign(owner_of(&s), &keeping);
	assert_int_equal(batches(&s.fake), 0);
	assert_int_equal(s.fake.name_count, 0);
	release_send(owner_of(&s));
	assert_int_equal(batches(&s.fake), 1);
	assert_int_equal(s.fake.name_count, 1);
	assert_int_equal(s.fake.names[0], 1);
	release_keep_foreign(owner_of(&s), &keeping);
	assert_int_equal(batches(&s.fake), 1);
	assert_int_equal(s.fake.name_count, 2);
	verdict(&s.fake, false);
	fake_close(&s.fake, &s.floor);
}

/* With the batch that is not sent any more. */
static void names_of_what_did_not_happen_go(void **state)
{
	struct foreign_keeping keeping = { .upstream = SLICE("there"), .settled = 7 };
	struct scene s;

	(void)state;
	open_scene(&s);
	say(s.ann, "one");
	assert_int_equal(batches(&s.fake), 1);
	record_change(&s);
	release_keep_foreign(owner_of(&s), &keeping);
	verdict(&s.fake, true);
	release_send(owner_of(&s));
	assert_int_equal(batches(&s.fake), 0);
	assert_int_equal(s.fake.name_count, 0);
	fake_close(&s.fake, &s.floor);
}

static void without_a_store_no_names_are_kept(void **state)
{
	struct foreign_keeping keeping = { .upstream = SLICE("there"), .settled = 7 };
	struct floor floor;

	(void)state;
	floor_open(&floor, WORKERS, NULL);
	release_keep_foreign(floor.stage->bridge->workers[0], &keeping);
	assert_false(release_waits(floor.stage->bridge->workers[0]));
	floor_close(&floor);
}

/* A store that does not answer for long makes the server say so, not grow. */
static void too_much_waiting_is_refused(void **state)
{
	struct scene s;

	(void)state;
	open_scene(&s);
	say(s.ann, "one");
	stage_wait(s.floor.stage, RELEASE_LATE_MS + 1000);
	say(s.bob, "two");
	assert_int_equal(batches(&s.fake), 1);
	floor_hears_nothing(s.bob);
	verdict(&s.fake, false);
	hears(&s, s.bob, "one");
	floor_hears(&s.floor, s.bob, "{\"type\":\"reply\",\"payload_id\":1,\"error\":\"busy\"}");
	fake_close(&s.fake, &s.floor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_heard_before_it_is_stored),
		cmocka_unit_test(what_comes_later_waits_behind),
		cmocka_unit_test(what_cannot_be_stored_has_not_happened),
		cmocka_unit_test(the_store_is_tried_again_after_a_second),
		cmocka_unit_test(other_rooms_are_not_to_blame),
		cmocka_unit_test(what_leaves_nothing_behind_goes_on),
		cmocka_unit_test(a_room_that_cannot_be_read_is_silent),
		cmocka_unit_test(a_room_that_cannot_be_read_lets_nobody_in),
		cmocka_unit_test(who_was_kicked_is_out),
		cmocka_unit_test(older_messages_are_read_when_all_are_stored),
		cmocka_unit_test(no_history_of_what_was_not_stored),
		cmocka_unit_test(their_names_come_behind_what_they_name),
		cmocka_unit_test(names_of_what_did_not_happen_go),
		cmocka_unit_test(without_a_store_no_names_are_kept),
		cmocka_unit_test(too_much_waiting_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
