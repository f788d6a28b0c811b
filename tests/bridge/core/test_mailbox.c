#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "bridge/core/mailbox.h"

#define POSTERS 4
#define POSTS   2000

static void count_wake(void *owner)
{
	unsigned *wakes = owner;

	++*wakes;
}

static void first_in_first_out(void **state)
{
	struct mailbox box;
	struct post *post;
	uint32_t expected = 0;

	(void)state;
	mailbox_init(&box, NULL, NULL);
	assert_null(mailbox_take(&box));
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(mailbox_count(&box), i);
		post = post_new(POST_QUERY);
		post->asker.ticket = i;
		mailbox_post(&box, post);
	}
	assert_int_equal(mailbox_count(&box), 3);
	post = mailbox_take(&box);
	assert_int_equal(mailbox_count(&box), 0);
	assert_null(mailbox_take(&box));
	while (post) {
		struct post *next = post->next;

		assert_int_equal(post->asker.ticket, expected++);
		post_free(post);
		post = next;
	}
	assert_int_equal(expected, 3);
	mailbox_clear(&box);
}

static void wakes_when_it_was_empty(void **state)
{
	struct mailbox box;
	unsigned wakes = 0;

	(void)state;
	mailbox_init(&box, count_wake, &wakes);
	mailbox_post(&box, post_new(POST_STOP));
	mailbox_post(&box, post_new(POST_STOP));
	assert_int_equal(wakes, 1);
	for (struct post *post = mailbox_take(&box), *next; post; post = next) {
		next = post->next;
		post_free(post);
	}
	mailbox_post(&box, post_new(POST_STOP));
	assert_int_equal(wakes, 2);
	mailbox_clear(&box); /* frees the one nobody took */
}

/* All at once, behind what is there; the owner itself need not be woken. */
static void lists_keep_their_order(void **state)
{
	struct mailbox box;
	struct post_list list = { 0 };
	unsigned wakes = 0;
	uint32_t expected = 0;

	(void)state;
	mailbox_init(&box, count_wake, &wakes);
	mailbox_post_list(&box, &list, false);
	assert_int_equal(wakes, 0);
	for (uint32_t i = 0; i < 6; i++) {
		struct post *post = post_new(POST_QUERY);

		post->asker.ticket = i;
		post_list_add(&list, post);
		if (i % 3 != 2)
			continue;
		assert_int_equal(list.count, 3);
		mailbox_post_list(&box, &list, i > 3);
		assert_int_equal(list.count, 0);
		assert_null(list.first);
	}
	assert_int_equal(wakes, 1);
	for (struct post *post = mailbox_take(&box), *next; post; post = next) {
		next = post->next;
		assert_int_equal(post->asker.ticket, expected++);
		post_free(post);
	}
	assert_int_equal(expected, 6);
	post_list_add(&list, post_new(POST_STOP));
	mailbox_post_list(&box, &list, true);
	assert_int_equal(wakes, 1);
	assert_false(mailbox_is_empty(&box));
	post_list_add(&list, post_new(POST_STOP));
	post_list_clear(&list);
	assert_null(list.first);
	mailbox_clear(&box);
}

struct poster {
	struct mailbox *box;
	uint32_t number;
};

static void *post_many(void *data)
{
	struct poster *poster = data;

	for (uint32_t i = 0; i < POSTS; i++) {
		struct post *post = post_new(POST_LEAVE);

		post->asker.slot = poster->number;
		post->asker.ticket = i;
		mailbox_post(poster->box, post);
	}
	return NULL;
}

/* Checks one list against what came of each poster before; returns how many there were. */
static size_t check_order(struct post *post, uint32_t next[POSTERS])
{
	size_t count = 0;

	while (post) {
		struct post *after = post->next;

		assert_int_equal(post->asker.ticket, next[post->asker.slot]++);
		post_free(post);
		post = after;
		count++;
	}
	return count;
}

static void threads_keep_their_order(void **state)
{
	struct mailbox box;
	struct poster posters[POSTERS];
	pthread_t threads[POSTERS];
	uint32_t next[POSTERS] = { 0 };
	size_t count = 0;

	(void)state;
	mailbox_init(&box, NULL, NULL);
	for (uint32_t i = 0; i < POSTERS; i++) {
		posters[i] = (struct poster){ &box, i };
		assert_int_equal(pthread_create(&threads[i], NULL, post_many, &posters[i]), 0);
	}
	while (count < POSTERS * POSTS)
		count += check_order(mailbox_take(&box), next);
	for (size_t i = 0; i < POSTERS; i++)
		pthread_join(threads[i], NULL);
	assert_null(mailbox_take(&box));
	for (size_t i = 0; i < POSTERS; i++)
		assert_int_equal(next[i], POSTS);
	mailbox_clear(&box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_in_first_out),
		cmocka_unit_test(wakes_when_it_was_empty),
		cmocka_unit_test(lists_keep_their_order),
		cmocka_unit_test(threads_keep_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
