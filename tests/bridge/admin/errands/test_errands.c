#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bridge/admin/errands/errands.h"
#include "bridge/core/directory.h"
#include "bridge/core/worker.h"
#include "bridge/durable/made_rooms.h"
#include "bridge/durable/roster.h"
#include "bridge/reload/reload.h"
#include "codecs/text/memory.h"
#include "routes/room/rows.h"
#include "tests/support/desk.h"
#include "tests/support/kept.h"

#define ASKER DESK_WORKERS /* the worker of who asks: none that does anything */
#define HASH  "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$aGFzaA"

static struct desk desk;
static struct kept kept;
static struct errands *errands;
static struct worker *nobody;
static struct answer got;
static bool answered;

static void retain(struct store *store, const struct room_entry *room)
{
	(void)store;
	(void)room;
}

static bool load(struct store *store, struct room_entry *room, struct room_time now)
{
	(void)store;
	room_restored(room->room, now);
	return true;
}

static struct bridge *bridge(void)
{
	return desk.floor.stage->bridge;
}

static int open_alone(void **state)
{
	(void)state;
	desk_open(&desk, NULL);
	desk.server.add_room = reload_add_room;
	desk.server.remove_room = reload_remove_room;
	desk.server.change_room = reload_change_room;
	desk.server.changes_rooms = reload_busy;
	bridge()->limits.made_rooms = 5;
	bridge()->limits.made_rooms_each = 3;
	bridge()->limits.made_accounts = 4;
	errands = errands_new(bridge(), &desk.server);
	nobody = memory_zeroed(1, sizeof(*nobody));
	mailbox_init(&nobody->box, NULL, NULL);
	bridge()->workers[ASKER] = nobody;
	return 0;
}

static int open_stored(void **state)
{
	open_alone(state);
	kept_use(&kept, bridge());
	kept.store.retain = retain;
	kept.store.load = load;
	return 0;
}

static int close_all(void **state)
{
	(void)state;
	answer_clear(&got);
	errands_free(errands);
	bridge()->workers[ASKER] = NULL;
	free(nobody);
	if (bridge()->store)
		kept_leave(&kept, bridge());
	desk_close(&desk);
	return 0;
}

static void look_for_answer(void)
{
	struct post *post = mailbox_take(&nobody->box);

	if (!post)
		return;
	assert_null(post->next);
	assert_false(answered);
	assert_int_equal(post->kind, POST_ANSWER);
	assert_int_equal(post->asker.kind, ASKER_CALL);
	answered = true;
	got = ((struct post_answer *)post)->answer;
	((struct post_answer *)post)->answer = (struct answer){ 0 };
	assert_int_equal(got.kind, ANSWER_MADE);
	post_free(post);
}

static void settle(void)
{
	for (unsigned i = 0; i < 8; i++) {
		look_for_answer();
		stage_settle(desk.floor.stage);
		errands_look(errands);
	}
	look_for_answer();
}

static void begin(struct post_errand *post)
{
	answer_clear(&got);
	answered = false;
	post->post.kind = POST_ERRAND;
	post->post.asker = (struct asker){ ASKER_CALL, ASKER, 3, 1, 1 };
	errands_take(errands, post);
}

static enum reason come(struct post_errand post)
{
	begin(&post);
	settle();
	assert_true(answered);
	return got.reason;
}

static struct post_errand errand(enum errand_kind kind, const char *name, bool exact,
				 uint32_t owner)
{
	struct post_errand post = { .kind = kind, .exact = exact, .owner = owner, .open = true };

	post.name_len = strlen(name);
	memcpy(post.name, name, post.name_len);
	snprintf(post.hash, sizeof(post.hash), "%s", HASH);
	return post;
}

static enum reason make(const char *name, bool exact, uint32_t owner)
{
	return come(errand(ERRAND_ROOM_MAKE, name, exact, owner));
}

static enum reason take_away(const char *name)
{
	return come(errand(ERRAND_ROOM_REMOVE, name, true, 7));
}

static enum reason sign_up(const char *name, bool exact)
{
	return come(errand(ERRAND_ACCOUNT, name, exact, 0));
}

static enum reason open_up(const char *name, bool open)
{
	struct post_errand post = errand(ERRAND_ROOM_OPEN, name, true, 7);

	post.open = open;
	return come(post);
}

static const struct room_entry *room(const char *name)
{
	return room_table_find(bridge()->rooms, slice_of(name));
}

/* ---- rooms ---- */

static void a_room_is_there_once_it_is_stored(void **state)
{
	struct post_errand post = errand(ERRAND_ROOM_MAKE, "attic", true, 7);

	(void)state;
	kept.holds = true;
	begin(&post);
	settle();
	assert_false(answered);
	assert_null(room("attic"));
	assert_non_null(strstr(kept_last(&kept, LASTING_ROOM)->settings, "\"owner\":7"));
	assert_true(kept_last(&kept, LASTING_ROOM)->forgets);
	kept_go(&kept, bridge());
	kept.holds = false;
	settle();
	assert_true(answered);
	assert_int_equal(got.reason, REASON_NONE);
	assert_ptr_equal(got.room, room("attic"));
	assert_true(room("attic")->conf->made);
	assert_int_equal(room("attic")->rules.owner, 7);
	assert_true(room("attic")->rules.open);
	assert_int_equal(take_away("attic"), REASON_NONE);
	assert_string_equal(kept_last(&kept, LASTING_ROOM)->settings, "");
	assert_true(kept_last(&kept, LASTING_ROOM)->forgets);
	assert_null(room("attic"));
	assert_int_equal(made_rooms_count(bridge()->made_rooms), 0);
}

static void drop_answers(void)
{
	struct post *post = mailbox_take(&nobody->box);

	while (post) {
		struct post *next = post->next;

		post_free(post);
		post = next;
	}
}

/* Or it would be opened by who made it, and be nobody's. */
static void one_that_waits_to_be_opened_is_not_removed(void **state)
{
	struct post_errand first = errand(ERRAND_ROOM_MAKE, "attic", true, 7);
	struct post_errand second = errand(ERRAND_ROOM_MAKE, "cellar", true, 7);
	struct post_errand removal = errand(ERRAND_ROOM_REMOVE, "cellar", true, 7);

	(void)state;
	begin(&first);
	begin(&second);
	assert_true(reload_busy(bridge()));
	assert_null(room("cellar"));
	begin(&removal);
	look_for_answer();
	assert_true(answered);
	assert_int_equal(got.reason, REASON_BUSY);
	for (unsigned i = 0; i < 8; i++) {
		stage_settle(desk.floor.stage);
		errands_look(errands);
		drop_answers();
	}
	assert_non_null(room("cellar"));
	assert_int_equal(made_rooms_count(bridge()->made_rooms), 2);
	assert_int_equal(take_away("cellar"), REASON_NONE);
	assert_null(room("cellar"));
}

static void what_cannot_be_stored_has_not_happened(void **state)
{
	(void)state;
	kept.fails = true;
	assert_int_equal(make("attic", true, 7), REASON_UNSTORED);
	assert_null(room("attic"));
	assert_int_equal(made_rooms_count(bridge()->made_rooms), 0);
	assert_int_equal(sign_up("kim", true), REASON_UNSTORED);
	assert_int_equal(roster_count(bridge()->roster), 0);
	kept.fails = false;
	assert_int_equal(make("attic", true, 7), REASON_NONE);
	kept.fails = true;
	assert_int_equal(take_away("attic"), REASON_UNSTORED);
	assert_non_null(room("attic"));
	kept.fails = false;
	assert_int_equal(take_away("attic"), REASON_NONE);
}

static void a_name_that_is_taken_gets_a_number(void **state)
{
	(void)state;
	assert_int_equal(make("attic", true, 7), REASON_NONE);
	assert_int_equal(make("attic", true, 7), REASON_NAME_TAKEN);
	assert_int_equal(make("ATTIC", true, 7), REASON_NAME_TAKEN);
	assert_null(got.room);
	assert_int_equal(make("attic", false, 7), REASON_NONE);
	assert_true(slice_is(got.room->rules.name, "attic2"));
	assert_int_equal(make("", false, 8), REASON_NONE);
	assert_true(slice_is(got.room->rules.name, "room"));
	assert_int_equal(make("", true, 8), REASON_BAD_ARGUMENT);
	assert_int_equal(make("\n\t", true, 8), REASON_BAD_ARGUMENT);
}

static void there_are_no_more_than_may_be(void **state)
{
	(void)state;
	assert_int_equal(make("a", true, 7), REASON_NONE);
	assert_int_equal(make("b", true, 7), REASON_NONE);
	assert_int_equal(make("c", true, 7), REASON_NONE);
	assert_int_equal(make("d", true, 7), REASON_TOO_MANY);
	assert_int_equal(make("d", true, 8), REASON_NONE);
	assert_int_equal(make("e", true, 8), REASON_NONE);
	assert_int_equal(make("f", true, 8), REASON_TOO_MANY);
	assert_int_equal(take_away("a"), REASON_NONE);
	assert_int_equal(make("f", true, 8), REASON_NONE);
}

static void only_what_was_made_is_removed(void **state)
{
	struct post_errand post = errand(ERRAND_ROOM_REMOVE, "attic", true, 7);

	(void)state;
	assert_int_equal(take_away("lobby"), REASON_UNSUPPORTED);
	assert_int_equal(take_away("nowhere"), REASON_UNKNOWN_ROOM);
	assert_int_equal(make("attic", true, 7), REASON_NONE);
	kept.holds = true;
	begin(&post);
	begin(&post);
	settle();
	assert_true(answered);
	assert_int_equal(got.reason, REASON_BUSY);
	answered = false;
	kept_go(&kept, bridge());
	kept.holds = false;
	settle();
	assert_int_equal(got.reason, REASON_NONE);
	assert_null(room("attic"));
}

/* It is so for who owns the room, and for a reload and a restart. */
static void a_room_is_closed_and_opened(void **state)
{
	const struct room_entry *attic;

	(void)state;
	assert_int_equal(make("attic", true, 7), REASON_NONE);
	attic = room("attic");
	assert_true(attic->rules.open);
	assert_int_equal(open_up("attic", false), REASON_NONE);
	assert_ptr_equal(got.room, attic);
	assert_ptr_equal(room("attic"), attic);
	assert_false(attic->rules.open);
	assert_false(attic->conf->open);
	assert_int_equal(attic->rules.owner, 7);
	assert_false(made_rooms_find(bridge()->made_rooms, "attic")->made.open);
	if (bridge()->store)
		assert_non_null(strstr(kept_last(&kept, LASTING_ROOM)->settings, "\"open\":false"));
	assert_false(kept_last(&kept, LASTING_ROOM)->forgets);
	assert_int_equal(open_up("attic", true), REASON_NONE);
	assert_true(attic->rules.open);
	assert_int_equal(open_up("lobby", false), REASON_UNSUPPORTED);
	assert_int_equal(open_up("nowhere", false), REASON_UNKNOWN_ROOM);
}

static void what_cannot_be_stored_stays_open(void **state)
{
	(void)state;
	assert_int_equal(make("attic", true, 7), REASON_NONE);
	kept.fails = true;
	assert_int_equal(open_up("attic", false), REASON_UNSTORED);
	assert_true(room("attic")->rules.open);
	kept.fails = false;
	assert_int_equal(open_up("attic", false), REASON_NONE);
	assert_false(room("attic")->rules.open);
}

/* Two at once: one waits until workers have taken the other. */
static void many_come_at_once(void **state)
{
	struct post_errand one = errand(ERRAND_ROOM_MAKE, "one", true, 7);
	struct post_errand two = errand(ERRAND_ROOM_MAKE, "two", true, 8);

	(void)state;
	begin(&one);
	two.post.kind = POST_ERRAND;
	two.post.asker = (struct asker){ ASKER_CALL, 0, 3, 1, 1 };
	errands_take(errands, &two);
	settle();
	assert_true(answered);
	assert_non_null(room("one"));
	assert_non_null(room("two"));
}

/* ---- accounts ---- */

static void an_account_is_somebody(void **state)
{
	struct person who;
	char name[NAME_BYTES_MAX];
	uint64_t credential = 0;

	(void)state;
	assert_int_equal(sign_up("  Kim ", true), REASON_NONE);
	assert_int_equal(got.count, 1);
	assert_true(slice_is(got.members[0].name, "Kim"));
	assert_int_equal(got.members[0].number, ROSTER_NUMBER_FIRST);
	assert_int_equal(got.members[0].roles, ROLE_USER);
	assert_true(
	    directory_vouch(bridge()->directory, ROSTER_NUMBER_FIRST, &who, name, &credential));
	assert_true(slice_is(who.name, "Kim"));
	assert_string_equal(kept_last(&kept, LASTING_PERSON)->person.hash, HASH);
	assert_true(kept_last(&kept, LASTING_PERSON)->value == ROSTER_NUMBER_FIRST + 1);
}

/* As a guest's name is judged: nobody who is there has to go for it. */
static void names_are_nobodys(void **state)
{
	(void)state;
	floor_join(&desk.floor, "bob", DIALECT_CONCORD, NULL);
	assert_int_equal(sign_up("bob", true), REASON_NAME_TAKEN);
	assert_int_equal(sign_up("Dragoman", true), REASON_NAME_TAKEN);
	assert_int_equal(sign_up("b\xce\xbf"
				 "b",
				 true),
			 REASON_NAME_TAKEN);
	assert_int_equal(sign_up("", true), REASON_BAD_ARGUMENT);
	assert_int_equal(sign_up("bob", false), REASON_NONE);
	assert_true(slice_is(got.members[0].name, "bob2"));
	assert_int_equal(sign_up("bob2", true), REASON_NAME_TAKEN);
	assert_int_equal(sign_up("", false), REASON_NONE);
	assert_true(slice_is(got.members[0].name, "Anonymous"));
	assert_int_equal(sign_up("", false), REASON_NONE);
	assert_true(slice_is(got.members[0].name, "Anonymous2"));
	assert_int_equal(sign_up("x", true), REASON_NONE);
	assert_int_equal(sign_up("y", true), REASON_TOO_MANY);
}

/* Nor is it shortened. */
static void a_name_has_no_end_inside(void **state)
{
	struct post_errand post = errand(ERRAND_ACCOUNT, "", true, 0);

	(void)state;
	post.name_len = 3;
	memcpy(post.name, "a\0b", post.name_len);
	assert_int_equal(come(post), REASON_NONE);
	assert_true(slice_is(got.members[0].name, "ab"));
	post = errand(ERRAND_ROOM_MAKE, "", true, 7);
	post.name_len = 3;
	memcpy(post.name, "a\0b", post.name_len);
	assert_int_equal(come(post), REASON_NONE);
	assert_true(slice_is(got.room->rules.name, "ab"));
}

static void a_long_name_leaves_room_for_a_number(void **state)
{
	char name[NAME_BYTES_MAX + 1];

	(void)state;
	memset(name, 'k', NAME_BYTES_MAX);
	name[NAME_BYTES_MAX] = '\0';
	assert_int_equal(sign_up(name, false), REASON_NONE);
	assert_int_equal(got.members[0].name.len, NAME_BYTES_MAX);
	assert_int_equal(sign_up(name, false), REASON_NONE);
	assert_true(got.members[0].name.len < NAME_BYTES_MAX);
}

#define ALONE(name)  cmocka_unit_test_setup_teardown(name, open_alone, close_all)
#define STORED(name) cmocka_unit_test_setup_teardown(name, open_stored, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORED(a_room_is_there_once_it_is_stored),
		STORED(what_cannot_be_stored_has_not_happened),
		STORED(a_name_that_is_taken_gets_a_number),
		ALONE(a_name_that_is_taken_gets_a_number),
		STORED(there_are_no_more_than_may_be),
		ALONE(there_are_no_more_than_may_be),
		ALONE(one_that_waits_to_be_opened_is_not_removed),
		STORED(only_what_was_made_is_removed),
		STORED(a_room_is_closed_and_opened),
		ALONE(a_room_is_closed_and_opened),
		STORED(what_cannot_be_stored_stays_open),
		STORED(many_come_at_once),
		ALONE(many_come_at_once),
		STORED(an_account_is_somebody),
		STORED(names_are_nobodys),
		STORED(a_name_has_no_end_inside),
		ALONE(names_are_nobodys),
		ALONE(a_long_name_leaves_room_for_a_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
