#include "bridge/core/mailbox.h"

static void posts_free(struct post *post)
{
	while (post) {
		struct post *next = post->next;

		post_free(post);
		post = next;
	}
}

void mailbox_init(struct mailbox *box, void (*wake)(void *), void *owner)
{
	pthread_mutex_init(&box->lock, NULL);
	box->first = NULL;
	box->last = &box->first;
	box->count = 0;
	box->wake = wake;
	box->owner = owner;
}

void mailbox_clear(struct mailbox *box)
{
	posts_free(mailbox_take(box));
	pthread_mutex_destroy(&box->lock);
}

void post_list_add(struct post_list *list, struct post *post)
{
	post->next = NULL;
	if (list->first)
		list->last->next = post;
	else
		list->first = post;
	list->last = post;
	list->count++;
}

void post_list_clear(struct post_list *list)
{
	posts_free(list->first);
	*list = (struct post_list){ 0 };
}

void mailbox_post_list(struct mailbox *box, struct post_list *list, bool own)
{
	bool was_empty;

	if (!list->first)
		return;
	pthread_mutex_lock(&box->lock);
	was_empty = box->first == NULL;
	*box->last = list->first;
	box->last = &list->last->next;
	box->count += list->count;
	pthread_mutex_unlock(&box->lock);
	*list = (struct post_list){ 0 };
	if (was_empty && !own && box->wake)
		box->wake(box->owner);
}

void mailbox_post(struct mailbox *box, struct post *post)
{
	struct post_list list = { 0 };

	post_list_add(&list, post);
	mailbox_post_list(box, &list, false);
}

bool mailbox_is_empty(struct mailbox *box)
{
	bool empty;

	pthread_mutex_lock(&box->lock);
	empty = box->first == NULL;
	pthread_mutex_unlock(&box->lock);
	return empty;
}

size_t mailbox_count(struct mailbox *box)
{
	size_t count;

	pthread_mutex_lock(&box->lock);
	count = box->count;
	pthread_mutex_unlock(&box->lock);
	return count;
}

struct post *mailbox_take(struct mailbox *box)
{
	struct post *first;

	pthread_mutex_lock(&box->lock);
	first = box->first;
	box->first = NULL;
	box->last = &box->first;
	box->count = 0;
	pthread_mutex_unlock(&box->lock);
	return first;
}
