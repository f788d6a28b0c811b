#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "bridge/core/post.h"
#include "bridge/core/worker.h"
#include "bridge/secrets/checker.h"
#include "tests/support/accounts.h"
#include "tests/support/stage.h"

/* No thread can be had; the library's own is asked otherwise. */
static bool no_threads;

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
		   void *argument)
{
	static int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
	void *found;

	if (no_threads)
		return EAGAIN;
	if (!real) {
		found = dlsym(RTLD_NEXT, "pthread_create");
		memcpy(&real, &found, sizeof(real));
	}
	return real(thread, attributes, run, argument);
}

#define CONFIG "rooms = ( { name = \"lobby\"; } );"

static struct session_ref ref_of(unsigned number)
{
	return (struct session_ref){ .worker = 0, .slot = number, .generation = 1 };
}

static bool take(struct stage *stage, unsigned number, const char *secret, const char *hash,
		 struct room_entry *room)
{
	struct codec_login login = { .name = SLICE("ann"), .secret = slice_of(secret) };
	struct login_claim *claim = login_claim_new(&login);
	struct asker asker = asker_of_session(ref_of(number), 5);

	claim->check.account = 7;
	snprintf(claim->check.hash, sizeof(claim->check.hash), "%s", hash);
	claim->room = room;
	if (checker_take(stage->bridge->checker, &asker, claim))
		return true;
	login_claim_free(claim);
	return false;
}

/* Waits for the next answer; whose it has to be, and what. */
static void answered(struct stage *stage, unsigned number, bool matches)
{
	static struct post *more;
	struct post_answer *answer;

	for (unsigned i = 0; i < 60000 && !more; i++) {
		more = mailbox_take(&stage->bridge->workers[0]->box);
		if (!more)
			usleep(1000);
	}
	assert_non_null(more);
	answer = (struct post_answer *)more;
	more = more->next;
	assert_int_equal(answer->post.kind, POST_ANSWER);
	assert_int_equal(answer->post.asker.slot, number);
	assert_int_equal(answer->post.asker.ticket, 5);
	assert_int_equal(answer->answer.kind, ANSWER_LOGIN);
	assert_int_equal(answer->answer.reason, REASON_NONE);
	assert_int_equal(answer->answer.login->check.matches, matches);
	post_free(&answer->post);
}

static bool knows(struct stage *stage, const char *secret, const char *hash, uint32_t account)
{
	struct secret_check check = { .account = account };

	snprintf(check.hash, sizeof(check.hash), "%s", hash);
	return checker_knows(stage->bridge->checker, &check, slice_of(secret));
}

static void answers_come_by_mail(void **state)
{
	struct stage *stage = stage_new(CONFIG, 1, STAGE_START_MS);

	(void)state;
	assert_true(take(stage, 1, "right", HASH_RIGHT, NULL));
	answered(stage, 1, true);
	assert_true(take(stage, 2, "wrong", HASH_RIGHT, NULL));
	answered(stage, 2, false);
	assert_true(take(stage, 3, NULL, HASH_RIGHT, NULL));
	answered(stage, 3, false);
	stage_free(stage);
}

static void what_matched_is_known(void **state)
{
	struct stage *stage = stage_new(CONFIG, 1, STAGE_START_MS);

	(void)state;
	assert_false(knows(stage, "right", HASH_RIGHT, 7));
	assert_true(take(stage, 1, "right", HASH_RIGHT, NULL));
	answered(stage, 1, true);
	assert_true(take(stage, 1, "wrong", HASH_RIGHT, NULL));
	answered(stage, 1, false);
	assert_true(knows(stage, "right", HASH_RIGHT, 7));
	assert_false(knows(stage, "right", HASH_RIGHT, 0));
	assert_false(knows(stage, "wrong", HASH_RIGHT, 7));
	assert_false(knows(stage, "right", HASH_AGAIN, 7));
	assert_false(knows(stage, HASH_RIGHT, HASH_RIGHT, 7));
	checker_forget(stage->bridge->checker);
	assert_false(knows(stage, "right", HASH_RIGHT, 7));
	stage_free(stage);
}

/* The one thread cannot hand over its first answer: the others wait. */
static void hold(struct stage *stage)
{
	pthread_mutex_lock(&stage->bridge->workers[0]->box.lock);
}

static void let_go(struct stage *stage)
{
	pthread_mutex_unlock(&stage->bridge->workers[0]->box.lock);
}

static void so_many_wait(void **state)
{
	struct stage *stage = stage_new(CONFIG, 1, STAGE_START_MS);
	unsigned taken = 0;

	(void)state;
	hold(stage);
	while (taken < 2 * CHECKER_QUEUE && take(stage, taken, "right", HASH_RIGHT, NULL))
		taken++;
	/* Depending on whether the thread has one already. */
	assert_in_range(taken, CHECKER_QUEUE, CHECKER_QUEUE + 1);
	let_go(stage);
	for (unsigned i = 0; i < taken; i++)
		answered(stage, i, true);
	assert_true(take(stage, 7, "right", HASH_RIGHT, NULL));
	answered(stage, 7, true);
	stage_free(stage);
}

static void drop(struct checker *checker, unsigned number)
{
	struct asker asker = asker_of_session(ref_of(number), TICKET_NONE);

	checker_drop(checker, &asker);
}

/* Those who left, whether first, in the middle or last, are not waited for. */
static void who_left_is_not_answered(void **state)
{
	struct stage *stage = stage_new(CONFIG, 1, STAGE_START_MS);
	struct checker *checker = stage->bridge->checker;
	struct asker asker = asker_of_session(ref_of(2), 5);

	(void)state;
	hold(stage);
	for (unsigned i = 0; i < 6; i++)
		assert_true(take(stage, i, "right", HASH_RIGHT, NULL));
	drop(checker, 3);
	drop(checker, 3);
	drop(checker, 5);
	drop(checker, 1);
	drop(checker, 99);
	asker.generation = 2;
	checker_drop(checker, &asker);
	asker = asker_of_session(ref_of(2), 5);
	asker.kind = ASKER_BACKEND;
	checker_drop(checker, &asker);
	assert_true(take(stage, 6, "wrong", HASH_RIGHT, NULL));
	let_go(stage);
	answered(stage, 0, true);
	answered(stage, 2, true);
	answered(stage, 4, true);
	answered(stage, 6, false);
	stage_free(stage);
}

/* A room that is asked for stays until the answer is in the mail. */
static void rooms_are_held(void **state)
{
	struct stage *stage = stage_new(CONFIG, 1, STAGE_START_MS);
	struct room_entry *room = room_table_at(stage->bridge->rooms, 0);

	(void)state;
	hold(stage);
	assert_true(take(stage, 1, "right", HASH_RIGHT, room));
	assert_true(take(stage, 2, "right", HASH_RIGHT, room));
	assert_true(take(stage, 3, "right", HASH_RIGHT, room));
	assert_int_equal(atomic_load(&room->items), 3);
	drop(stage->bridge->checker, 2);
	assert_int_equal(atomic_load(&room->items), 2);
	let_go(stage);
	answered(stage, 1, true);
	answered(stage, 3, true);
	for (unsigned i = 0; i < 60000 && atomic_load(&room->items) > 0; i++)
		usleep(1000);
	assert_int_equal(atomic_load(&room->items), 0);
	stage_free(stage);
}

/* What is in the way may pass: the next login tries again. */
static void without_a_thread_nothing_is_taken(void **state)
{
	struct stage *stage = stage_new(CONFIG, 1, STAGE_START_MS);

	(void)state;
	no_threads = true;
	assert_false(take(stage, 1, "right", HASH_RIGHT, NULL));
	assert_false(take(stage, 1, "right", HASH_RIGHT, NULL));
	no_threads = false;
	assert_true(take(stage, 2, "right", HASH_RIGHT, NULL));
	answered(stage, 2, true);
	stage_free(stage);
}

static void after_the_end_nothing_is_taken(void **state)
{
	struct stage *stage = stage_new(CONFIG, 2, STAGE_START_MS);

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		assert_true(take(stage, i, "right", HASH_RIGHT, NULL));
	checker_stop(stage->bridge->checker);
	assert_false(take(stage, 1, "right", HASH_RIGHT, NULL));
	checker_stop(stage->bridge->checker);
	stage_free(stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_come_by_mail),
		cmocka_unit_test(what_matched_is_known),
		cmocka_unit_test(so_many_wait),
		cmocka_unit_test(who_left_is_not_answered),
		cmocka_unit_test(rooms_are_held),
		cmocka_unit_test(without_a_thread_nothing_is_taken),
		cmocka_unit_test(after_the_end_nothing_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
