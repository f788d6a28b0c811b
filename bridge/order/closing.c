#include "bridge/order/closing.h"

#include <stdlib.h>

#include "bridge/core/directory.h"
#include "bridge/durable/release.h"
#include "bridge/order/order.h"
#include "bridge/routing/copy.h"
#include "routes/room/judge.h"
#include "routes/room/members.h"

/* To backends that want to know, everybody leaves. */
static void tell_backends(struct worker *worker, struct room_entry *entry)
{
	size_t count;
	struct person *people = room_members(entry->room, 0, SIZE_MAX, &count);
	struct envelope kick = { .kind = KIND_KICK,
				 .time_ms = worker->now_ms,
				 .room = entry->rules.name,
				 .author = directory_bridge(&worker->bridge->key) };

	for (size_t i = 0; i < count; i++) {
		kick.id = id_next(&worker->clock, worker->now_ms, worker->index);
		kick.subject = people[i];
		copy_kick(worker, entry, &kick);
	}
	free(people);
}

static void close_room(struct worker *worker, struct room_entry *entry)
{
	uint32_t workers = order_workers(entry);

	tell_backends(worker, entry);
	for (unsigned w = 0; w < worker->bridge->worker_count; w++) {
		struct post_closed *post;

		if (!(workers & UINT32_C(1) << w))
			continue;
		post = post_new(POST_CLOSED);
		post->room = entry;
		release_post(worker, w, &post->post);
	}
	room_free(entry->room);
	entry->room = NULL;
}

static void throw_out_banned(struct worker *worker, struct room_entry *entry)
{
	size_t count;
	uint32_t *banned = room_unwelcome(entry->room, &count);

	for (size_t i = 0; i < count; i++) {
		struct envelope kick = { .kind = KIND_KICK,
					 .time_ms = worker->now_ms,
					 .room = entry->rules.name,
					 .author = directory_bridge(&worker->bridge->key),
					 .subject = { .number = banned[i] },
					 .text = SLICE("banned from this room") };

		(void)order_say(worker, entry, envelope_seal(&kick));
	}
	free(banned);
}

/* All but the name, which other threads look at. */
static void rules_take(struct room_rules *rules, const struct room_rules *from)
{
	rules->open = from->open;
	rules->admins = from->admins;
	rules->admin_count = from->admin_count;
	rules->banned = from->banned;
	rules->banned_count = from->banned_count;
	rules->members = from->members;
	rules->member_count = from->member_count;
	rules->history = from->history;
	rules->remembered = from->remembered;
	rules->threads = from->threads;
}

static void change_room(struct worker *worker, struct news_change *change)
{
	struct room_entry *entry = change->room;

	free(entry->lists);
	entry->lists = change->lists;
	change->lists = NULL;
	rules_take(&entry->rules, &change->rules);
	room_change(entry->room);
	throw_out_banned(worker, entry);
}

void closing_news(struct worker *worker, struct news *news)
{
	for (size_t i = 0; i < news->removed_count; i++)
		if (news->removed[i]->owner == worker->index)
			close_room(worker, news->removed[i]);
	for (size_t i = 0; i < news->changed_count; i++)
		if (news->changed[i].room->owner == worker->index)
			change_room(worker, &news->changed[i]);
}
