#include "bridge/doors/wants.h"

#include <stdlib.h>

#include "bridge/core/directory.h"
#include "bridge/doors/caller.h"
#include "bridge/doors/keys.h"
#include "bridge/doors/looks.h"
#include "bridge/doors/makes.h"
#include "bridge/doors/record.h"
#include "bridge/doors/surveys.h"
#include "bridge/routing/enrich.h"
#include "bridge/routing/routing.h"
#include "codecs/model/trail.h"
#include "codecs/text/memory.h"
#include "routes/room/judge.h"
#include "routes/room/shard.h"

/* ---- rooms ---- */

static bool want_room(struct visit *visit, const struct codec_want *want, struct telling *telling)
{
	return looks_ask(visit, want, LOOK_ROOM, telling);
}

static bool want_members(struct visit *visit, const struct codec_want *want,
			 struct telling *telling)
{
	return looks_ask(visit, want, LOOK_MEMBERS, telling);
}

static bool want_history(struct visit *visit, const struct codec_want *want,
			 struct telling *telling)
{
	return looks_ask(visit, want, LOOK_HISTORY, telling);
}

static bool want_admins(struct visit *visit, const struct codec_want *want, struct telling *telling)
{
	return looks_ask(visit, want, LOOK_ADMINS, telling);
}

static bool want_bans(struct visit *visit, const struct codec_want *want, struct telling *telling)
{
	return looks_ask(visit, want, LOOK_BANS, telling);
}

static bool want_rooms(struct visit *visit, const struct codec_want *want, struct telling *telling)
{
	const struct room_table *rooms = visit->worker->rooms;
	size_t total = room_table_count(rooms), left, count;

	left = want->offset < total ? total - want->offset : 0;
	count = left < looks_most(want->count) ? left : looks_most(want->count);
	telling->rooms = memory_zeroed(count + 1, sizeof(*telling->rooms));
	for (size_t i = 0; i < count; i++)
		telling->rooms[i].view =
		    room_view(room_table_at(rooms, want->offset + i), visit->mount->dialect);
	telling->told.rooms = telling->rooms;
	telling->told.room_count = count;
	telling->told.total = total;
	return true;
}

/* ---- people ---- */

static bool want_person(struct visit *visit, const struct codec_want *want, struct telling *telling)
{
	struct directory *directory = visit->worker->bridge->directory;
	struct codec_somebody *who = &telling->somebody;
	bool known =
	    want->number
		? directory_find_number(directory, want->number, &who->person, telling->name)
		: directory_find_name(directory, want->name, &who->person, telling->name);

	/* A guest who calls is not connected, and known all the same. */
	if (!known && want->number && want->number == visit->peer.self.number) {
		who->person = visit->peer.self;
		known = true;
	}
	if (!known)
		return telling_refuse(telling, REASON_UNKNOWN_PERSON);
	if (!looks_hide(visit, who->person.number))
		who->connections = directory_connections(directory, who->person.number);
	who->account = room_number_lasts(who->person.number);
	telling->told.people = who;
	telling->told.people_count = 1;
	telling->told.total = 1;
	return true;
}

static bool want_people(struct visit *visit, const struct codec_want *want, struct telling *telling)
{
	char folded[NAME_FOLDED_MAX];
	struct slice prefix = { folded, name_fold(want->name, folded) };
	struct directory_listed *listed;
	size_t count;

	if (want->name.len > 0 && prefix.len == 0)
		return true;
	listed = directory_list(visit->worker->bridge->directory, prefix, false, want->offset,
				looks_most(want->count), &count, &telling->told.total);
	telling->listed = listed;
	telling->people = memory_zeroed(count + 1, sizeof(*telling->people));
	for (size_t i = 0; i < count; i++) {
		bool hidden = looks_hide(visit, listed[i].person.number);

		telling->people[i] = (struct codec_somebody){ listed[i].person, listed[i].account,
							      hidden ? 0 : listed[i].online };
	}
	telling->told.people = telling->people;
	telling->told.people_count = count;
	return true;
}

/* ---- what is said and done ---- */

/* Whoever speaks by calls has no connection that is slowed down. */
static bool may_speak(struct visit *visit, const struct codec_draft *draft)
{
	const struct limits *limits = &visit->worker->bridge->limits;
	uint64_t key = keyed_hash(&visit->worker->bridge->key, &visit->peer.self.number,
				  sizeof(visit->peer.self.number));

	if (draft->event.kind == KIND_TYPING || draft->event.kind == KIND_READ)
		return true;
	return pace_take(&visit->worker->doors->spoken, key, limits->messages_per_second,
			 limits->burst, visit->worker->tick_ms);
}

static enum reason judge_draft(struct visit *visit, const struct codec_want *want,
			       struct room_entry **room, unsigned *owner)
{
	const struct codec_draft *draft = &want->draft;
	struct codec_want named = { .room_number = draft->room_number,
				    .room_id = draft->room_id,
				    .room = want->room };
	bool by_target =
	    draft->event.target && !draft->room_number && !draft->room_id.data && !want->room.data;

	if (!visit->peer.self.number)
		return REASON_NOT_LOGGED_IN;
	if (draft->event.kind == KIND_ENTER || draft->event.kind == KIND_EXIT)
		return REASON_UNSUPPORTED;
	if (!may_speak(visit, draft))
		return REASON_RATE_LIMITED;
	/* Which of its shard's rooms has the message is known there. */
	*room = by_target ? NULL : looks_room(visit, &named);
	*owner = by_target ? shard_owner(id_shard(draft->event.target),
					 visit->worker->bridge->worker_count)
			   : 0;
	return *room || by_target ? REASON_NONE : REASON_UNKNOWN_ROOM;
}

static uint8_t whose_of(const struct mount *mount, enum envelope_kind kind)
{
	if (kind == KIND_DELETE && mount->deletes_any)
		return WHOSE_ANY;
	return kind == KIND_EDIT && !mount->edits_any ? WHOSE_OWN : WHOSE_USUAL;
}

/* Borrows all it is given. */
static void begin_draft(struct visit *visit, struct routing_start *start, struct envelope *event)
{
	struct worker *worker = visit->worker;
	char trail[TRAIL_MAX];

	event->author = visit->peer.self;
	event->id = event->sequence = 0;
	event->time_ms = worker->now_ms;
	event->room = start->room ? start->room->rules.name : (struct slice){ 0 };
	event->origin = (struct origin){ .dialect = slice_of(visit->mount->codec->name),
					 .instance = slice_of(visit->mount->path) };
	if (visit->dragoman)
		event->origin.trail = trail_find(visit->said.body, visit->peer.json_depth, trail);
	event->extra = event->correlation = (struct slice){ 0 };
	start->asker = visit_asker(visit);
	start->whose = whose_of(visit->mount, event->kind);
	start->calling = visit_calling(visit);
	routing_begin(worker, &visit->lane, start, enrich_about(worker->bridge, event));
}

static bool want_draft(struct visit *visit, const struct codec_want *want, struct telling *telling)
{
	struct worker *worker = visit->worker;
	struct routing_start start = { .origin = visit->mount->dialect };
	struct envelope event = want->draft.event;
	enum reason reason = judge_draft(visit, want, &start.room, &start.owner);
	struct json_writer kept;

	worker->counters->intake.accepted++;
	record_begin(visit, start.room, &kept);
	if (reason == REASON_NONE) {
		begin_draft(visit, &start, &event);
	} else {
		worker->counters->intake.refused[reason]++;
		record_refused(visit, &event, reason);
	}
	record_end(visit, &kept);
	return reason != REASON_NONE && telling_refuse(telling, reason);
}

static bool want_login(struct visit *visit, const struct codec_want *want, struct telling *telling)
{
	enum reason reason;

	if (caller_find(visit, &want->login, &reason) == CALLER_LATER)
		return false;
	return telling_refuse(telling, reason);
}

static bool want_key(struct visit *visit, const struct codec_want *want, struct telling *telling)
{
	if (!visit->peer.self.number)
		return telling_refuse(telling, REASON_NOT_LOGGED_IN);
	if (want->lasting || want->bearer)
		return keys_issue(visit, want, telling);
	telling->told.key =
	    slice_span(telling->key, caller_key(visit, telling->key, &telling->told.key_lasts_ms));
	return true;
}

/* doors_tick() goes on with it. */
static bool want_pause(struct visit *visit, const struct codec_want *want, struct telling *telling)
{
	(void)want;
	(void)telling;
	if (visit->mount->tree_delay_ms == 0)
		return true;
	visit->until_tick = visit->worker->tick_ms + visit->mount->tree_delay_ms;
	visit->worker->doors->pausing++;
	return false;
}

void wants_paused(struct visit *visit, struct telling *telling)
{
	*telling = (struct telling){ .told = { .kind = WANT_PAUSE } };
	visit->until_tick = 0;
	visit->worker->doors->pausing--;
}

/* ---- all of them ---- */

static bool (*const rows[WANT_KINDS])(struct visit *, const struct codec_want *,
				      struct telling *) = {
	[WANT_ROOM] = want_room,        [WANT_ROOMS] = want_rooms,
	[WANT_MEMBERS] = want_members,  [WANT_HISTORY] = want_history,
	[WANT_PERSON] = want_person,    [WANT_PEOPLE] = want_people,
	[WANT_DRAFT] = want_draft,      [WANT_LOGIN] = want_login,
	[WANT_KEY] = want_key,          [WANT_ACCOUNT] = makes_account,
	[WANT_ROOM_MAKE] = makes_room,  [WANT_ROOM_REMOVE] = makes_removal,
	[WANT_ROOM_OPEN] = makes_open,  [WANT_PAUSE] = want_pause,
	[WANT_MESSAGE] = surveys_begin, [WANT_ADMINS] = want_admins,
	[WANT_BANS] = want_bans,        [WANT_KEY_END] = keys_end,
};

bool wants_begin(struct visit *visit, const struct codec_want *want, struct telling *telling)
{
	*telling = (struct telling){ .told = { .kind = want->kind } };
	visit->wants = want->kind;
	return (want->mine ? surveys_begin : rows[want->kind])(visit, want, telling);
}

/* ---- answers ---- */

void wants_answered(struct visit *visit, const struct answer *answer, struct telling *telling)
{
	*telling = (struct telling){ .told = { .kind = visit->wants,
					       .reason = answer->reason,
					       .text = answer_text(answer),
					       .event = answer->event } };
	if (answer->kind == ANSWER_SURVEY)
		surveys_tell(visit, answer, telling);
	if (answer->kind == ANSWER_LOOK && answer->reason != REASON_UNKNOWN_ROOM)
		looks_tell(visit, answer, telling);
	telling_adapt(telling);
	if (visit->wants == WANT_MEMBERS)
		telling->told.total = answer->look.people;
	else if (visit->wants == WANT_ADMINS || visit->wants == WANT_BANS)
		telling->told.total = answer->total;
	if (answer->kind != ANSWER_DONE || !answer->room)
		return;
	/* Of a draft: the room that the event is of. */
	telling->room.view = room_view(answer->room, visit->mount->dialect);
	telling->told.rooms = &telling->room;
	telling->told.room_count = 1;
}
