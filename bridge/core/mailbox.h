/* mailbox.h - first-in first-out between any threads and one owner. Posting never blocks for
 * long and never drops; what can be waiting is bounded where it is made (a session has a limited
 * number of requests under way). */
#ifndef BRIDGE_CORE_MAILBOX_H
#define BRIDGE_CORE_MAILBOX_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/core/post.h"

struct mailbox {
	pthread_mutex_t lock;
	struct post *first, **last;
	size_t count;
	void (*wake)(void *owner); /* called without the lock when an empty box got a post */
	void *owner;
};

void mailbox_init(struct mailbox *box, void (*wake)(void *), void *owner);

/* Frees posts that were not taken. */
void mailbox_clear(struct mailbox *box);

/* Any thread. Takes the post. */
void mailbox_post(struct mailbox *box, struct post *post);

/* Posts on their way to the same box, in order. One thread. Zeroed is empty. */
struct post_list {
	struct post *first, *last;
	size_t count;
};

/* Takes the post. */
void post_list_add(struct post_list *list, struct post *post);

/* Frees the posts. */
void post_list_clear(struct post_list *list);

/* Any thread. Posts all of list at once, which is empty then. own: the caller is the owner, who
 * looks into the box before it waits, and need not be woken. */
void mailbox_post_list(struct mailbox *box, struct post_list *list, bool own);

/* Is nothing waiting? Any thread; only a hint while others post. */
bool mailbox_is_empty(struct mailbox *box);

/* How many posts wait. Any thread; only a hint while others post. */
size_t mailbox_count(struct mailbox *box);

/* The owner's thread. Takes everything waiting: returns the first of a list linked by next, in
 * order, or NULL. */
struct post *mailbox_take(struct mailbox *box);

#endif
