#include "bridge/mailbox.h"

#include <stdlib.h>
#include <unistd.h>

#include "bridge/metrics.h"
#include "bridge/tls.h"
#include "codecs/memory.h"

struct post *post_new(enum post_kind kind)
{
	struct post *post = memory_zeroed(1, sizeof(*post));

	post->kind = kind;
	post->fd = -1;
	post->ticket = TICKET_NONE;
	return post;
}

void post_free(struct post *post)
{
	if (!post)
		return;
	if (post->fd >= 0)
		close(post->fd);
	envelope_release(post->event);
	broadcast_release(post->broadcast);
	for (size_t i = 0; post->history && i < post->count; i++)
		envelope_release(post->history[i]);
	free(post->history);
	counters_free(post->counters);
	certificate_release(post->certificate);
	free(post);
}

void mailbox_init(struct mailbox *box, void (*wake)(void *), void *owner)
{
	pthread_mutex_init(&box->lock, NULL);
	box->first = NULL;
	box->last = &box->first;
	box->wake = wake;
	box->owner = owner;
}

void mailbox_clear(struct mailbox *box)
{
	struct post *post = mailbox_take(box);

	while (post) {
		struct post *next = post->next;

		post_free(post);
		post = next;
	}
	pthread_mutex_destroy(&box->lock);
}

/* Returns whether the box was empty. */
static bool mailbox_add(struct mailbox *box, struct post *post)
{
	bool was_empty;

	post->next = NULL;
	pthread_mutex_lock(&box->lock);
	was_empty = box->first == NULL;
	*box->last = post;
	box->last = &post->next;
	pthread_mutex_unlock(&box->lock);
	return was_empty;
}

void mailbox_post(struct mailbox *box, struct post *post)
{
	if (mailbox_add(box, post) && box->wake)
		box->wake(box->owner);
}

void mailbox_post_own(struct mailbox *box, struct post *post)
{
	(void)mailbox_add(box, post);
}

bool mailbox_is_empty(struct mailbox *box)
{
	bool empty;

	pthread_mutex_lock(&box->lock);
	empty = box->first == NULL;
	pthread_mutex_unlock(&box->lock);
	return empty;
}

struct post *mailbox_take(struct mailbox *box)
{
	struct post *first;

	pthread_mutex_lock(&box->lock);
	first = box->first;
	box->first = NULL;
	box->last = &box->first;
	pthread_mutex_unlock(&box->lock);
	return first;
}
