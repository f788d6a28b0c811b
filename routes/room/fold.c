#include "routes/room/fold.h"

#include <string.h>

#include "codecs/registry.h"
#include "codecs/text/memory.h"
#include "codecs/text/name.h"
#include "routes/room/changes.h"
#include "routes/room/remember.h"
#include "routes/room/removals.h"
#include "routes/room/seats.h"

/* A record on its way into the room. */
struct fold {
	struct room *room;
	const struct record *record;
	const struct envelope *event;
	struct room_time now;
};

/* False: it contradicts the state, and nothing is changed. */
typedef bool fold_function(const struct fold *fold);

/* ---- times ---- */

/* An end by the wall clock, of what began with the record: if that clock was set, no more is left
 * than all of it. */
static struct room_time end_of(const struct fold *f, uint64_t until_ms)
{
	uint64_t began_ms = f->event->time_ms, left_ms, most_ms;

	if (until_ms == 0 || until_ms == RECORD_FOREVER)
		return (struct room_time){ until_ms, until_ms };
	most_ms = until_ms > began_ms ? until_ms - began_ms : 0;
	left_ms = until_ms > f->now.wall_ms ? until_ms - f->now.wall_ms : 0;
	if (left_ms > most_ms)
		left_ms = most_ms;
	left_ms = time_after(f->now.steady_ms, left_ms);
	/* Zero would be none at all. */
	return (struct room_time){ until_ms, left_ms ? left_ms : 1 };
}

/* ---- messages ---- */

static void fold_remember(const struct fold *f)
{
	const struct person *writer = &f->record->aside.writer;
	const struct envelope *poll = f->room->ballot.start;

	if (!writer->number && !writer->name.len)
		writer = &f->event->author;
	remember_event(f->room, f->event, writer, f->record->aside.keep, poll ? poll->id : 0);
}

static bool fold_words(const struct fold *f)
{
	fold_remember(f);
	return true;
}

/* A message that is there. */
static bool has_target(const struct fold *f)
{
	struct journal_entry entry;

	return journal_find(f->room->journal, f->event->target, &entry) && !entry.deleted;
}

static bool fold_edit(const struct fold *f)
{
	if (!has_target(f))
		return false;
	if (f->record->aside.keep)
		journal_edit(f->room->journal, f->event->target, f->event);
	else
		journal_forget(f->room->journal, f->event->target);
	fold_remember(f);
	return true;
}

static bool note_delete(const struct fold *f)
{
	struct journal_note note;

	if (!journal_note_find(f->room->journal, f->event->target, &note) || note.deleted ||
	    note.stands)
		return false;
	journal_note_delete(f->room->journal, f->event->target);
	return true;
}

static bool fold_delete(const struct fold *f)
{
	struct journal_entry entry;
	bool is_message = journal_find(f->room->journal, f->event->target, &entry);

	if (!(is_message ? journal_delete(f->room->journal, f->event->target) : note_delete(f)))
		return false;
	fold_remember(f);
	return true;
}

static bool fold_reaction(const struct fold *f)
{
	if (!has_target(f) || journal_react(f->room->journal, f->event->target, f->event->text,
					    f->event->author.number,
					    f->event->flags & FLAG_ADDING) != JOURNAL_REACTED)
		return false;
	fold_remember(f);
	return true;
}

/* ---- removing messages and people ---- */

/* Not by the event's list of ids: that is but the first of them. */
static void messages_remove(const struct fold *f, uint32_t author, struct slice name)
{
	size_t count = journal_count(f->room->journal);
	uint64_t *ids = memory_new(count * sizeof(*ids));

	count = journal_delete_all(f->room->journal, author, name, ids, count);
	if (count > f->event->removed_count)
		removals_add(f->room, f->event, ids, count, f->now.steady_ms);
	free(ids);
}

static void subject_remove(const struct fold *f)
{
	if (f->event->subject.number)
		messages_remove(f, f->event->subject.number, (struct slice){ NULL, 0 });
}

/* More ids of what was removed before. */
static bool fold_more(const struct fold *f)
{
	const struct envelope *event = f->event;
	struct envelope next;

	if (!f->room->removals)
		return false;
	removals_next(f->room, &next);
	if (next.kind != event->kind || next.removed_count != event->removed_count ||
	    memcmp(next.removed, event->removed, next.removed_count * sizeof(*next.removed)) != 0)
		return false;
	removals_taken(f->room, f->now.steady_ms);
	return true;
}

static bool fold_clear(const struct fold *f)
{
	if (f->event->flags & FLAG_AGAIN)
		return fold_more(f);
	messages_remove(f, 0, (struct slice){ NULL, 0 });
	fold_remember(f);
	return true;
}

static bool fold_purge(const struct fold *f)
{
	const struct person *subject = &f->event->subject;

	if (f->event->flags & FLAG_AGAIN)
		return fold_more(f);
	if (f->record->aside.own)
		messages_remove(f, subject->number, subject->name);
	else
		subject_remove(f);
	fold_remember(f);
	return true;
}

/* False: they should be here, and are not. */
static bool subject_find(const struct fold *f, struct affected *who)
{
	const struct record_aside *aside = &f->record->aside;

	*who = (struct affected){ .person = &f->event->subject,
				  .addresses = aside->addresses,
				  .address_count = aside->address_count };
	if (aside->present)
		who->present = member_by_number(f->room, f->event->subject.number);
	return !aside->present || who->present;
}

static bool fold_kick(const struct fold *f)
{
	bool bans = f->event->flags & FLAG_PERMANENT;
	struct affected who;

	if (!subject_find(f, &who) || bans != (f->record->aside.until_ms != 0))
		return false;
	if (bans) {
		change_ban(f->room, &who, end_of(f, f->record->aside.until_ms));
		subject_remove(f);
	}
	change_uninvite(f->room, &f->event->subject);
	fold_remember(f);
	return true;
}

static bool fold_timeout(const struct fold *f)
{
	uint64_t until_ms = f->record->aside.until_ms;
	struct affected who;

	if (!subject_find(f, &who) || (f->event->duration_ms != 0) != (until_ms != 0))
		return false;
	change_mute(f->room, &who, end_of(f, until_ms));
	if (until_ms)
		subject_remove(f);
	fold_remember(f);
	return true;
}

static bool fold_user_update(const struct fold *f)
{
	struct affected who;

	if (!subject_find(f, &who))
		return false;
	if (f->event->flags & FLAG_PERMANENT)
		change_lasting(f->room, &f->event->subject, f->event->subject.roles,
			       f->record->aside.own ? &f->event->author : NULL);
	(void)change_roles(f->room, &who, f->event->subject.roles);
	fold_remember(f);
	return true;
}

static bool fold_invite(const struct fold *f)
{
	if (!f->event->subject.number)
		return false;
	change_invite(f->room, &f->event->subject);
	return true;
}

/* ---- polls ---- */

static bool is_vote(const struct fold *f)
{
	const struct record_aside *aside = &f->record->aside;
	const struct poll *told = f->event->poll, *running = &f->room->ballot.poll;
	struct mark_key voter = { .number = aside->voter };

	if (!f->room->ballot.start || !told || !voter.number ||
	    aside->choice >= running->option_count || told->option_count != running->option_count ||
	    marks_until(&f->room->ballot.voters, voter) ||
	    f->room->ballot.voters.count == MARKS_MAX)
		return false;
	for (uint32_t i = 0; i < running->option_count; i++)
		if (told->counts[i] != running->counts[i] + (i == aside->choice))
			return false;
	return true;
}

static bool fold_poll_start(const struct fold *f)
{
	const struct poll *poll = f->event->poll;

	if (f->event->flags & FLAG_AGAIN) {
		if (!is_vote(f))
			return false;
		ballot_vote(f->room, f->record->aside.voter, f->record->aside.choice);
		return true;
	}
	if (f->room->ballot.start || !poll || !poll->option_count)
		return false;
	fold_remember(f);
	ballot_open(f->room, f->event, end_of(f, poll->ends_ms).steady_ms);
	return true;
}

static bool fold_poll_end(const struct fold *f)
{
	struct envelope event;
	struct poll poll;

	if (!f->room->ballot.start)
		return false;
	fold_remember(f);
	envelope_release(ballot_close(f->room, &event, &poll));
	return true;
}

static bool fold_event(const struct fold *f)
{
	static fold_function *const functions[ENVELOPE_KINDS] = {
		[KIND_MESSAGE] = fold_words,         [KIND_EDIT] = fold_edit,
		[KIND_DELETE] = fold_delete,         [KIND_CLEAR] = fold_clear,
		[KIND_PURGE] = fold_purge,           [KIND_REACTION] = fold_reaction,
		[KIND_INVITE] = fold_invite,         [KIND_KICK] = fold_kick,
		[KIND_TIMEOUT] = fold_timeout,       [KIND_USER_UPDATE] = fold_user_update,
		[KIND_POLL_START] = fold_poll_start, [KIND_POLL_END] = fold_poll_end,
		[KIND_NOTICE] = fold_words,
	};

	return f->event->id && functions[f->event->kind] && functions[f->event->kind](f);
}

/* ---- seats ---- */

static bool fold_seat(const struct fold *f)
{
	const struct record_seat *taken = &f->record->seat;
	const struct person *person = &f->event->author;
	uint64_t until_ms = f->record->aside.until_ms;
	bool is_first = person->number && !member_by_number(f->room, person->number);
	char folded[NAME_FOLDED_MAX];
	struct seat *seat;

	if (!seat_is_possible(f->room, taken->ref, taken->form) ||
	    form_dialect(taken->form) >= registry_count() || seat_find(f->room, taken->ref) ||
	    is_first != (f->event->id != 0))
		return false;
	seat = seat_add(f->room, taken->ref, taken->form);
	seat->guest_address = taken->address;
	if (!person->number)
		return true;
	member_sit(f->room, seat, person, slice_span(folded, name_fold(person->name, folded)));
	if (until_ms && until_ms != seat->member->muted.wall_ms)
		seat->member->muted = end_of(f, until_ms);
	return true;
}

static bool fold_unseat(const struct fold *f)
{
	struct seat *seat = seat_find(f->room, f->record->seat.ref);
	struct member *member = seat ? seat->member : NULL;
	bool is_last;

	if (!seat)
		return false;
	is_last = seat_is_last(seat);
	if (is_last != (f->event->id != 0))
		return false;
	seat_free(f->room, seat);
	if (is_last) {
		member_left(f->room, member->person.number, f->event->id);
		member_free(f->room, member);
	}
	return true;
}

static bool fold_drop(const struct fold *f)
{
	struct member *member = member_by_number(f->room, f->event->author.number);

	if (!member || f->event->id)
		return false;
	member_left(f->room, member->person.number, f->room->newest_id);
	member_drop(f->room, member);
	return true;
}

static bool fold_pardon(const struct fold *f)
{
	return !f->event->id && change_pardon(f->room, &f->event->subject);
}

/* ---- a record ---- */

/* Would the room's clock have given it next? In its own shard: within one millisecond, ids of
 * others do not come in the order of their counters. */
static bool is_next_id(const struct room *room, uint64_t id)
{
	return id > room->newest_id && id <= NUMBER_MAX && id_shard(id) == room->shard;
}

/* In number, id and sequence. */
static bool is_next(const struct fold *f)
{
	const struct room *room = f->room;
	const struct envelope *event = f->event;
	bool has_place = event->id && envelope_has_place(event);

	if (!slice_equal(event->room, room->rules->name) ||
	    (event->id && !is_next_id(room, event->id)))
		return false;
	/* Who orders a cluster's room may have begun to count later, or earlier. */
	if (room->node != ROOM_NODE_NONE)
		return has_place == (event->sequence != 0);
	return f->record->number == room->recorded + 1 &&
	       event->sequence == (has_place ? journal_last(room->journal) + 1 : 0);
}

static bool fold_any(const struct fold *f)
{
	switch (f->record->kind) {
	case RECORD_EVENT: return fold_event(f);
	case RECORD_SEAT: return fold_seat(f);
	case RECORD_UNSEAT: return fold_unseat(f);
	case RECORD_DROP: return fold_drop(f);
	case RECORD_PARDON: return fold_pardon(f);
	default: return false;
	}
}

bool room_apply(struct room *room, const struct record *record, struct room_time now)
{
	struct fold fold = { room, record, record->event, now };

	if (!is_next(&fold) || !fold_any(&fold))
		return false;
	room->recorded = record->number;
	journal_resume(room->journal, fold.event->sequence);
	if (fold.event->id) {
		room->newest_id = fold.event->id;
		id_clock_pass(room->clock, fold.event->id);
	}
	return true;
}
