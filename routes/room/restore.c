#include <stdlib.h>

#include "codecs/model/identity.h"
#include "codecs/text/name.h"
#include "routes/room/changes.h"
#include "routes/room/record.h"
#include "routes/room/room_state.h"
#include "routes/room/rows.h"
#include "routes/room/seats.h"

/* ---- messages ---- */

/* A stored event; *record is to be cleared when it is returned. NULL: the row has none, or what
 * it has cannot be read. */
static const struct envelope *event_of(struct slice body, struct record *record)
{
	if (!body.data || record_read(body, record) != RECORD_SOUND)
		return NULL;
	return record->event;
}

static void edit_restore(struct room *room, const struct row *row)
{
	struct record record;
	const struct envelope *edit = event_of(row->edit, &record);

	if (!edit)
		return;
	journal_edit(room->journal, row->id, edit);
	record_clear(&record);
}

struct envelope *row_event(const struct row *row)
{
	struct record said, edit;
	const struct envelope *event = event_of(row->body, &said), *words = NULL;
	struct envelope *reads;

	if (!event)
		return NULL;
	words = event_of(row->edit, &edit);
	reads = words ? journal_edited(event, words) : envelope_seal(event);
	record_clear(&said);
	if (words)
		record_clear(&edit);
	return reads;
}

struct envelope *row_past(const struct row *row)
{
	struct envelope *event = row->deleted ? NULL : row_event(row);
	struct envelope bare = { .kind = row->deleted ? KIND_DELETE : KIND_MESSAGE,
				 .id = row->id,
				 .time_ms = row->time_ms };

	if (event || !row->author)
		return event;
	bare.author.number = row->author;
	bare.author.name = row->name;
	return envelope_seal(&bare);
}

static bool message_restore(struct room *room, const struct row *row)
{
	struct person writer = { .name = row->name, .number = row->author, .roles = row->roles };
	struct envelope bare = { .kind = KIND_MESSAGE, .id = row->id, .time_ms = row->time_ms };
	struct record record;
	const struct envelope *event = event_of(row->body, &record);

	if (row->id <= journal_newest_id(room->journal)) {
		if (event)
			record_clear(&record);
		return false;
	}
	journal_append(room->journal, event ? event : &bare, &writer, event != NULL);
	if (event)
		record_clear(&record);
	edit_restore(room, row);
	return !row->deleted || journal_delete(room->journal, row->id);
}

static bool note_restore(struct room *room, const struct row *row)
{
	struct journal_note note = { .id = row->id,
				     .about = row->about,
				     .stands = row->stands,
				     .author = row->author,
				     .time_ms = row->time_ms,
				     .deleted = row->deleted };

	journal_note(room->journal, &note);
	return true;
}

static bool reaction_restore(struct room *room, const struct row *row)
{
	struct journal_entry entry;

	if (!journal_find(room->journal, row->id, &entry) || entry.deleted)
		return false;
	return journal_react(room->journal, row->id, row->emoji, row->author, true) ==
	       JOURNAL_REACTED;
}

/* ---- what time ends ---- */

/* An end by the wall clock, which may have been set since, of what began at that time. */
static struct room_time end_of(uint64_t until_ms, uint64_t began_ms, struct room_time now)
{
	uint64_t most = until_ms > began_ms ? until_ms - began_ms : 0;
	uint64_t left = until_ms > now.wall_ms ? until_ms - now.wall_ms : 0;

	return (struct room_time){ until_ms, now.steady_ms + (left < most ? left : most) };
}

static struct marks *list_of(struct room *room, enum row_list list)
{
	switch (list) {
	case ROW_BANS: return &room->bans;
	case ROW_MUTES: return &room->mutes;
	case ROW_INVITED: return &room->invited;
	case ROW_ADMINS: return &room->lasting;
	case ROW_OWNER: return &room->owner;
	case ROW_LISTS: break;
	}
	return NULL;
}

/* One that is over is a mark like others. */
static bool mark_restore(struct room *room, const struct row *row, struct room_time now)
{
	struct marks *marks = list_of(room, row->list);
	struct room_time until = { row->until_ms, row->until_ms };

	if (!marks || !row->until_ms)
		return false;
	if (row->until_ms < MARK_FOREVER - 1)
		until = end_of(row->until_ms, id_time_ms(row->at), now);
	marks_set_for(marks, row->key, until, row->person);
	return true;
}

static bool poll_restore(struct room *room, const struct row *row, struct room_time now)
{
	struct ballot *ballot = &room->ballot;
	struct record record;
	const struct envelope *start = event_of(row->body, &record);

	if (!start)
		return false;
	if (!start->poll || ballot->start) {
		record_clear(&record);
		return false;
	}
	ballot_open(room, start, end_of(row->until_ms, start->time_ms, now).steady_ms);
	record_clear(&record);
	return true;
}

static bool vote_restore(struct room *room, const struct row *row)
{
	struct ballot *ballot = &room->ballot;
	struct mark_key voter = { .number = row->author };

	if (!ballot->start || !row->author || row->choice >= ballot->poll.option_count ||
	    ballot->voters.count == MARKS_MAX || marks_until(&ballot->voters, voter))
		return false;
	ballot_vote(room, row->author, row->choice);
	return true;
}

/* Who was here when the server ended has heard what was said. */
static bool left_restore(struct room *room, const struct row *row)
{
	uint64_t newest = journal_newest_id(room->journal);

	member_left(room, row->author, row->id ? row->id : newest ? newest : 1);
	return true;
}

static bool restore(struct room *room, const struct row *row, struct room_time now)
{
	switch (row->kind) {
	case ROW_MESSAGE: return message_restore(room, row);
	case ROW_NOTE: return note_restore(room, row);
	case ROW_REACT: return reaction_restore(room, row);
	case ROW_MARK: return mark_restore(room, row, now);
	case ROW_POLL: return poll_restore(room, row, now);
	case ROW_VOTE: return vote_restore(room, row);
	case ROW_LEFT: return left_restore(room, row);
	default: return false;
	}
}

static void id_pass(struct room *room, uint64_t id)
{
	if (id > room->newest_id)
		room->newest_id = id;
}

bool room_restore(struct room *room, const struct row *row, struct room_time now)
{
	if (!restore(room, row, now))
		return false;
	id_pass(room, row->id);
	id_pass(room, row->at);
	return true;
}

void room_restored(struct room *room, struct room_time now)
{
	/* The clock is the owner's, and who reads rows may be another thread. */
	room->passes = true;
	for (struct seat *seat = room->first; seat; seat = seat->after)
		if (seat->member)
			seat_follows_mutes(room, seat, now);
}
