#include "bridge/order/reading.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/core/asker.h"
#include "bridge/core/post.h"
#include "bridge/core/survey.h"
#include "bridge/durable/release.h"
#include "bridge/order/past.h"
#include "codecs/text/memory.h"
#include "routes/room/judge.h"
#include "routes/room/members.h"
#include "routes/room/overview.h"
#include "routes/room/reactions.h"

/* Who is not there is judged as who could come in now. */
static bool may_read(struct worker *worker, const struct room *room, const struct person *person,
		     const struct calling *calling, bool absent)
{
	struct room_entrant caller = { person, calling->guest, calling->address };
	struct room_look look;

	room_look(room, &caller, worker_time(worker), &look);
	return look.present || (absent && look.entry == REASON_NONE);
}

/* ---- one message ---- */

static void put_reactors(struct survey *survey, const struct reactor *found, size_t count)
{
	survey->reactors = memory_zeroed(count + 1, sizeof(*survey->reactors));
	survey->reactor_count = count;
	for (size_t i = 0; i < count; i++) {
		struct surveyed_reactor *one = &survey->reactors[i];

		one->person = found[i].person;
		one->len = (uint8_t)found[i].emoji.len;
		memcpy(one->emoji, found[i].emoji.data, found[i].emoji.len);
	}
}

/* Is it there? Then it is the answer's. */
static bool find(struct room_entry *entry, const struct post_message *asked, struct answer *answer)
{
	size_t most = asked->count < REACTIONS_MAX ? asked->count : REACTIONS_MAX, count;
	struct reactor *reactors = memory_zeroed(most + 1, sizeof(*reactors));
	const struct envelope *content;
	bool found = room_message(entry->room, asked->target, &content, reactors, most, &count);

	if (found) {
		answer->room = entry;
		answer->reason = REASON_NONE;
		answer->survey = survey_new();
		put_reactors(answer->survey, reactors, count);
		if (content)
			survey_add_event(answer->survey, content, entry);
	}
	free(reactors);
	return found;
}

/* Its words may be in the store alone: of those that are older than the next, the newest. */
void order_message(struct worker *worker, struct post *post)
{
	struct post_message *asked = (struct post_message *)post;
	struct answer answer = { .kind = ANSWER_SURVEY, .reason = REASON_UNKNOWN_MESSAGE };

	asked->person.name.data = asked->name;
	for (size_t i = 0; i < room_table_count(worker->rooms) && !answer.room; i++) {
		struct room_entry *entry = room_table_at(worker->rooms, i);

		if (entry->owner == worker->index && entry->room &&
		    room_knows(entry->room, asked->target) &&
		    may_read(worker, entry->room, &asked->person, &asked->calling, asked->absent))
			(void)find(entry, asked, &answer);
	}
	if (answer.room && answer.survey->event_count == 0)
		past_answer(worker, &post->asker, &answer, asked->target + 1, 1);
	else
		release_answer(worker, &post->asker, &answer);
}

/* ---- all rooms ---- */

static void add_author(void *context, uint32_t number, struct slice name, uint32_t roles)
{
	survey_add_person(context, number, name, roles);
}

/* More than are wanted of all rooms are wanted of none. */
static void add_events(struct survey *survey, const struct post_survey *asked,
		       struct room_entry *entry)
{
	const struct envelope **found = memory_zeroed(asked->count + 1, sizeof(*found));
	size_t count = room_recent(entry->room, asked->before, asked->count, found);

	for (size_t i = 0; i < count; i++)
		survey_add_event(survey, found[i], entry);
	free(found);
	/* Not after each room: there may be thousands. */
	if (survey->event_count > 2 * asked->count)
		survey_trim(survey, asked->count);
}

static void add(struct survey *survey, const struct post_survey *asked, struct room_entry *entry)
{
	switch (asked->kind) {
	case SURVEY_ROOMS: survey_add_room(survey, entry); break;
	case SURVEY_AUTHORS: room_authors(entry->room, add_author, survey); break;
	case SURVEY_EVENTS: add_events(survey, asked, entry); break;
	}
}

static void finish(struct worker *worker, struct post_survey *asked)
{
	struct answer answer = { .kind = ANSWER_SURVEY, .survey = asked->survey };

	asked->survey = NULL;
	survey_trim(answer.survey, asked->count);
	survey_sort(answer.survey);
	release_answer(worker, &asked->post.asker, &answer);
}

static void pass_on(struct worker *worker, struct post_survey *asked)
{
	struct post_survey *next = post_new(POST_SURVEY);
	struct post head = next->post;

	*next = *asked;
	next->post.next = head.next;
	asked->survey = NULL;
	release_post(worker, worker->index + 1, &next->post);
}

void order_survey(struct worker *worker, struct post *post)
{
	struct post_survey *asked = (struct post_survey *)post;

	asked->person.name.data = asked->name;
	for (size_t i = 0; i < room_table_count(worker->rooms); i++) {
		struct room_entry *entry = room_table_at(worker->rooms, i);

		if (entry->owner == worker->index && entry->room &&
		    may_read(worker, entry->room, &asked->person, &asked->calling, asked->absent))
			add(asked->survey, asked, entry);
	}
	if (worker->index + 1 < worker->bridge->worker_count)
		pass_on(worker, asked);
	else
		finish(worker, asked);
}
