#include "bridge/doors/surveys.h"

#include <stdlib.h>

#include "bridge/core/directory.h"
#include "bridge/core/survey.h"
#include "bridge/doors/looks.h"
#include "codecs/text/memory.h"
#include "routes/room/shard.h"

/* ---- asked ---- */

static bool ask_message(struct visit *visit, const struct codec_want *want)
{
	struct post_message *post = post_new(POST_MESSAGE);
	unsigned owner = shard_owner(id_shard(want->target), visit->worker->bridge->worker_count);

	post->post.asker = visit_asker(visit);
	post->target = want->target;
	post->count = want->count;
	post->absent = visit->mount->codec->http->speaks_absent;
	post->calling = visit_calling(visit);
	looks_put_caller(visit, &post->person, post->name);
	visit->target = want->target;
	worker_post(visit->worker, owner, &post->post);
	return false;
}

static enum survey_kind kind_of(enum want_kind want)
{
	return want == WANT_ROOMS    ? SURVEY_ROOMS
	       : want == WANT_PEOPLE ? SURVEY_AUTHORS
				     : SURVEY_EVENTS;
}

bool surveys_begin(struct visit *visit, const struct codec_want *want, struct telling *telling)
{
	struct post_survey *post;

	(void)telling;
	if (want->kind == WANT_MESSAGE)
		return ask_message(visit, want);
	post = post_new(POST_SURVEY);
	post->post.asker = visit_asker(visit);
	post->kind = kind_of(want->kind);
	post->before = want->before ? want->before : UINT64_MAX;
	post->count = looks_most(want->count);
	post->absent = visit->mount->codec->http->speaks_absent;
	post->survey = survey_new();
	post->calling = visit_calling(visit);
	looks_put_caller(visit, &post->person, post->name);
	visit->target = want->number;
	visit->count = post->count;
	visit->offset = want->offset;
	worker_post(visit->worker, 0, &post->post);
	return false;
}

/* ---- told ---- */

static void tell_rooms(struct visit *visit, const struct survey *survey, struct telling *telling)
{
	size_t skip = visit->offset < survey->room_count ? visit->offset : survey->room_count;
	size_t left = survey->room_count - skip;

	telling->told.total = survey->room_count;
	telling->told.room_count = left < visit->count ? left : visit->count;
	telling->rooms = memory_zeroed(left + 1, sizeof(*telling->rooms));
	for (size_t i = 0; i < telling->told.room_count; i++)
		telling->rooms[i].view = room_view(survey->rooms[skip + i], visit->mount->dialect);
	telling->told.rooms = telling->rooms;
}

/* Who is listed of both, in the order of numbers; the directory knows who they are now. */
struct merge {
	const struct directory_listed *known;
	size_t known_count, known_at;
	const struct surveyed_person *heard;
	size_t heard_count, heard_at;
};

static struct person person_of(const struct visit *visit, const struct surveyed_person *heard)
{
	struct person person = { .number = heard->number,
				 .roles = heard->roles,
				 .name = { heard->name, heard->name_len } };

	identity_uuid(&visit->worker->bridge->key, ID_PERSON, person.number, 0, person.uuid);
	return person;
}

/* False: there is nobody more. */
static bool next(const struct visit *visit, struct merge *merge, struct codec_somebody *who)
{
	const struct directory_listed *known =
	    merge->known_at < merge->known_count ? &merge->known[merge->known_at] : NULL;
	const struct surveyed_person *heard =
	    merge->heard_at < merge->heard_count ? &merge->heard[merge->heard_at] : NULL;

	if (!known && !heard)
		return false;
	if (known && heard && known->person.number == heard->number)
		merge->heard_at++;
	if (known && (!heard || known->person.number <= heard->number)) {
		merge->known_at++;
		*who = (struct codec_somebody){ known->person, known->account,
						looks_hide(visit, known->person.number)
						    ? 0
						    : known->online };
	} else {
		merge->heard_at++;
		*who = (struct codec_somebody){ .person = person_of(visit, heard) };
	}
	return true;
}

static void tell_people(struct visit *visit, const struct survey *survey, struct telling *telling)
{
	struct merge merge = { .heard = survey->people, .heard_count = survey->people_count };
	struct codec_somebody who;
	size_t total, count = 0, place = 0;

	telling->listed =
	    directory_list(visit->worker->bridge->directory, (struct slice){ NULL, 0 }, true, 0,
			   CALL_LISTED_MAX, &merge.known_count, &total);
	merge.known = telling->listed;
	telling->people =
	    memory_zeroed(merge.known_count + merge.heard_count + 1, sizeof(*telling->people));
	while (next(visit, &merge, &who)) {
		if (visit->target && who.person.number != visit->target)
			continue;
		if (place++ >= visit->offset && count < visit->count)
			telling->people[count++] = who;
	}
	telling->told.total = place;
	telling->told.people = telling->people;
	telling->told.people_count = count;
}

static void tell_events(struct visit *visit, const struct survey *survey, struct telling *telling)
{
	size_t count = survey->event_count;
	const struct envelope **events = memory_zeroed(count + 1, sizeof(*events));

	telling->history = events;
	telling->rooms = memory_zeroed(count + 1, sizeof(*telling->rooms));
	for (size_t i = 0; i < count; i++) {
		events[i] = survey->events[i].event;
		telling->rooms[i].view = room_view(survey->events[i].room, visit->mount->dialect);
	}
	telling->told.history = events;
	telling->told.history_count = count;
	telling->told.rooms = telling->rooms;
	telling->told.room_count = count;
}

static void tell_reactors(const struct survey *survey, struct telling *telling)
{
	size_t count = survey->reactor_count;
	struct codec_reactor *reactors = memory_zeroed(count + 1, sizeof(*reactors));

	telling->reactors = reactors;
	for (size_t i = 0; i < count; i++)
		reactors[i] =
		    (struct codec_reactor){ { survey->reactors[i].emoji, survey->reactors[i].len },
					    survey->reactors[i].person };
	telling->told.reactors = reactors;
	telling->told.reactor_count = count;
}

/* The newest that is older than the next one need not be it. */
static void tell_message(struct visit *visit, const struct answer *answer, struct telling *telling)
{
	telling->room.view = room_view(answer->room, visit->mount->dialect);
	if (answer->survey->event_count > 0) {
		tell_events(visit, answer->survey, telling);
	} else if (answer->history && answer->count > 0 &&
		   answer->history[0]->id == visit->target) {
		telling->told.history = answer->history;
		telling->told.history_count = 1;
	}
	telling->told.rooms = &telling->room;
	telling->told.room_count = 1;
	tell_reactors(answer->survey, telling);
}

void surveys_tell(struct visit *visit, const struct answer *answer, struct telling *telling)
{
	if (answer->reason != REASON_NONE || !answer->survey)
		return;
	switch (visit->wants) {
	case WANT_ROOMS: tell_rooms(visit, answer->survey, telling); break;
	case WANT_PEOPLE: tell_people(visit, answer->survey, telling); break;
	case WANT_HISTORY: tell_events(visit, answer->survey, telling); break;
	case WANT_MESSAGE: tell_message(visit, answer, telling); break;
	default: break;
	}
}
