#include "bridge/doors/looks.h"

#include <string.h>

#include "bridge/core/directory.h"
#include "bridge/core/people/directory_strangers.h"
#include "codecs/text/memory.h"

size_t looks_most(size_t count)
{
	return count < CALL_LISTED_MAX ? count : CALL_LISTED_MAX;
}

/* NULL: there is none. */
struct room_entry *looks_room(const struct visit *visit, const struct codec_want *want)
{
	const struct room_table *rooms = visit->worker->rooms;

	if (want->room_number || want->room_id.data)
		return room_table_called(rooms, visit->mount->dialect, want->room_number,
					 want->room_id);
	if (want->room.data)
		return room_table_find(rooms, want->room);
	return visit->mount->room;
}

void looks_put_caller(const struct visit *visit, struct person *person, char *name)
{
	*person = visit->peer.self;
	if (person->name.len > 0)
		memcpy(name, person->name.data, person->name.len);
}

/* Whom a question is about: who is named, else the caller. */
static void put_person(struct post_look *post, const struct visit *visit,
		       const struct codec_want *want)
{
	struct directory *directory = visit->worker->bridge->directory;

	if (want->number &&
	    directory_find_number(directory, want->number, &post->person, post->name))
		return;
	if (!want->number && want->name.data &&
	    directory_find_name(directory, want->name, &post->person, post->name))
		return;
	post->person = (struct person){ .number = want->number };
	if (!want->number && !want->name.data)
		looks_put_caller(visit, &post->person, post->name);
}

bool looks_ask(struct visit *visit, const struct codec_want *want, enum look_kind kind,
	       struct telling *telling)
{
	struct room_entry *room = looks_room(visit, want);
	struct post_look *post;

	if (!room)
		return telling_refuse(telling, REASON_UNKNOWN_ROOM);
	post = post_new(POST_LOOK);
	post->post.asker = visit_asker(visit);
	post->room = room;
	post->kind = kind;
	post->absent = visit->mount->codec->http->speaks_absent;
	post->offset = want->offset;
	post->before = want->before ? want->before : UINT64_MAX;
	post->count = looks_most(want->count);
	put_person(post, visit, want);
	post->calling = visit_calling(visit);
	looks_put_caller(visit, &post->caller, post->caller_name);
	worker_post(visit->worker, room->owner, &post->post);
	return false;
}

/* A room's owner has an account, which may be none any more. */
static void put_owner(const struct visit *visit, uint32_t number, struct telling *telling)
{
	struct person *owner = &telling->room.owner;

	if (number && !directory_find_number(visit->worker->bridge->directory, number, owner,
					     telling->owner_name)) {
		*owner = (struct person){ .number = number };
		identity_uuid(&visit->worker->bridge->key, ID_PERSON, number, 0, owner->uuid);
	}
}

bool looks_hide(const struct visit *visit, uint32_t number)
{
	return visit->dragoman && directory_is_stranger(visit->worker->bridge->directory, number);
}

static void put_members(const struct visit *visit, const struct answer *answer,
			struct telling *telling)
{
	size_t count = 0;

	telling->people = memory_zeroed(answer->count, sizeof(*telling->people));
	for (size_t i = 0; i < answer->count; i++) {
		const struct person *person = &answer->members[i];

		if (looks_hide(visit, person->number))
			continue;
		telling->people[count++] =
		    (struct codec_somebody){ *person, room_number_lasts(person->number), 1 };
	}
	telling->told.people = telling->people;
	telling->told.people_count = count;
}

void looks_tell(struct visit *visit, const struct answer *answer, struct telling *telling)
{
	const struct room_look *seen = &answer->look;

	telling->room =
	    (struct codec_room){ .view = room_view(answer->room, visit->mount->dialect),
				 .open = seen->open,
				 .people = seen->people,
				 .present = seen->present,
				 .banned = seen->banned,
				 .muted = seen->muted,
				 .may_enter = seen->entry == REASON_NONE,
				 .roles = seen->roles,
				 .invited = seen->invited,
				 .admin = seen->admin,
				 .caller_may_enter = answer->caller.entry == REASON_NONE,
				 .caller_banned = answer->caller.banned,
				 .caller_roles = answer->caller.roles };
	put_owner(visit, seen->owner, telling);
	telling->told.rooms = &telling->room;
	telling->told.room_count = 1;
	if (visit->wants == WANT_HISTORY) {
		telling->told.history = answer->history;
		telling->told.history_count = answer->history ? answer->count : 0;
		return;
	}
	if (answer->members)
		put_members(visit, answer, telling);
}
