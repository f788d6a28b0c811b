#include "routes/room/apply.h"

#include "codecs/registry.h"
#include "codecs/text/memory.h"
#include "codecs/text/name.h"
#include "codecs/text/quote.h"
#include "routes/room/changes.h"
#include "routes/room/members.h"
#include "routes/room/reactions.h"
#include "routes/room/removals.h"
#include "routes/room/seats.h"

#define ADMINS_MAX 1024 /* named by an owner: none is forgotten for another */
#define QUOTE_MAX  80   /* bytes of a message's first words */

int standing(uint32_t roles)
{
	if (roles & ROLE_OWNER)
		return 3;
	if (roles & (ROLE_STAFF | ROLE_FOUNDER))
		return 2;
	return roles & (ROLE_MOD | ROLE_EDITOR) ? 1 : 0;
}

void request_put(struct request *r, struct person *place, const struct person *person)
{
	struct slice name = place->name;

	*place = *person;
	if (slice_equal(name, person->name))
		place->name = name;
	else
		r->foreign = true;
}

/* ---- messages ---- */

enum reason apply_message(struct request *r)
{
	if (envelope_is_secret(&r->event) && !room_can_whisper(r->room, r->event.subject.number))
		return REASON_NOT_PRIVATE;
	return REASON_NONE;
}

/* Who had written it, and what is known of it. */
static void target_tell(struct request *r)
{
	struct person writer = { .name = r->target.name, .number = r->target.author };
	const struct member *present = member_by_number(r->room, writer.number);

	if (present && name_same(present->person.name, writer.name))
		writer = present->person;
	request_put(r, &r->event.subject, &writer);
	r->note = (struct target_note){ .time_ms = r->target.time_ms, .shown = r->target.shown };
	r->event.note = &r->note;
	r->foreign = true;
}

enum reason apply_edit(struct request *r)
{
	target_tell(r);
	/* Whatever wrote it first: the new words come from a dialect that forbids keeping them. */
	if (r->from && registry_codec(form_dialect(r->from->form))->forbids_history)
		journal_forget(r->room->journal, r->event.target);
	else
		journal_edit(r->room->journal, r->event.target, &r->event);
	return REASON_NONE;
}

enum reason apply_delete(struct request *r)
{
	target_tell(r);
	if (r->on_note)
		journal_note_delete(r->room->journal, r->event.target);
	else if (!journal_delete(r->room->journal, r->event.target))
		return REASON_UNKNOWN_MESSAGE;
	return REASON_NONE;
}

enum reason apply_reaction(struct request *r)
{
	struct journal *journal = r->room->journal;
	struct slice emoji = r->event.text;

	if (!emoji.len)
		return REASON_EMPTY;
	if (emoji.len > REACTION_BYTES_MAX)
		return REASON_TOO_LONG;
	if (!quote_is_reaction(emoji))
		return REASON_BAD_ARGUMENT;
	switch (journal_react(journal, r->event.target, emoji, r->event.author.number,
			      r->event.flags & FLAG_ADDING)) {
	case JOURNAL_FULL: return REASON_TOO_MANY;
	case JOURNAL_UNCHANGED: r->unchanged = true; return REASON_NONE;
	case JOURNAL_REACTED: break;
	}
	target_tell(r);
	if (r->target.content)
		r->note.quote = text_clip(r->target.content->text, QUOTE_MAX);
	r->event.reactions = r->reactions;
	r->event.reaction_count =
	    journal_reactions(journal, r->event.target, r->reactions, ENVELOPE_REACTIONS_MAX);
	r->foreign = true;
	return REASON_NONE;
}

/* ---- removing messages and people ---- */

/* author 0: everybody's; name absent: whatever they wrote under. What does not go into one event
 * follows in others. */
static void messages_remove(struct request *r, uint32_t author, struct slice name)
{
	size_t most = removal_most(r->room), count = journal_count(r->room->journal);

	r->removed = memory_new(count * sizeof(*r->removed));
	r->removed_count = journal_delete_all(r->room->journal, author, name, r->removed, count);
	r->event.removed = r->removed;
	r->event.removed_count = r->removed_count < most ? r->removed_count : most;
	r->foreign = true;
}

static void subject_remove(struct request *r)
{
	if (r->event.subject.number)
		messages_remove(r, r->event.subject.number, (struct slice){ NULL, 0 });
}

enum reason apply_clear(struct request *r)
{
	messages_remove(r, 0, (struct slice){ NULL, 0 });
	return REASON_NONE;
}

/* What is one's own bears one's name: the number alone may have been somebody else's before. */
enum reason apply_purge(struct request *r)
{
	r->own = r->asker && !(r->asker->person.roles & ROLES_MODERATING);
	if (r->own)
		messages_remove(r, r->asker->person.number, r->asker->person.name);
	else
		subject_remove(r);
	return REASON_NONE;
}

enum reason apply_invite(struct request *r)
{
	if (!r->room->rules->open)
		change_invite(r->room, &r->event.subject);
	return REASON_NONE;
}

/* The subject, with the addresses their connections come from as a guest. */
static struct affected subject_affected(struct request *r)
{
	const struct seat *seat = r->concerned ? r->concerned->seats : NULL;

	if (seat && !r->addresses)
		r->addresses = memory_new(RECORD_ADDRESSES_MAX * sizeof(*r->addresses));
	r->address_count = 0;
	for (; seat && r->address_count < RECORD_ADDRESSES_MAX; seat = seat->next)
		if (seat->guest_address)
			r->addresses[r->address_count++] = seat->guest_address;
	return (struct affected){ &r->event.subject, r->concerned, r->addresses, r->address_count };
}

/* Who is removed is not invited any more; who was, and did not come yet, can be removed as well. */
static enum reason apply_removal(struct request *r)
{
	struct room_look look = { .invited = false };

	if (!r->concerned && r->event.subject.number)
		room_look(r->room, &(struct room_entrant){ .person = &r->event.subject }, r->now,
			  &look);
	if (!r->concerned && !look.invited)
		return REASON_UNKNOWN_PERSON;
	if (!r->concerned)
		r->event.flags |= FLAG_ABSENT;
	change_uninvite(r->room, &r->event.subject);
	return REASON_NONE;
}

/* How long the bridge bans somebody for is told to nobody. */
enum reason apply_kick(struct request *r)
{
	struct affected who;

	r->until = (struct room_time){ MARK_FOREVER, MARK_FOREVER };
	if (r->event.duration_ms && !r->from)
		r->until = moment_after(r->now, r->event.duration_ms);
	r->event.duration_ms = 0;
	if (!(r->event.flags & FLAG_PERMANENT)) {
		r->until = (struct room_time){ 0, 0 };
		return apply_removal(r);
	}
	if (!r->concerned)
		r->event.flags |= FLAG_ABSENT;
	who = subject_affected(r);
	change_ban(r->room, &who, r->until);
	subject_remove(r);
	return REASON_NONE;
}

enum reason apply_timeout(struct request *r)
{
	struct affected who = subject_affected(r);

	r->until = (struct room_time){ 0, 0 };
	if (r->event.duration_ms)
		r->until = moment_after(r->now, r->event.duration_ms);
	change_mute(r->room, &who, r->until);
	if (r->event.duration_ms)
		subject_remove(r);
	return REASON_NONE;
}

/* Only an owner names admins; and who gives a room away is its own owner. */
static enum reason apply_lasting(struct request *r, uint32_t roles)
{
	bool gives = roles & ROLE_OWNER;

	if (r->asker && !(r->asker->person.roles & ROLE_OWNER))
		return REASON_NO_RIGHT;
	if (!room_number_lasts(r->event.subject.number))
		return REASON_UNKNOWN_PERSON;
	if (gives && (!r->asker || room_owner(r->room) != r->asker->person.number))
		return REASON_NO_RIGHT;
	if (roles & (ROLE_MOD | ROLE_OWNER) && r->room->lasting.count >= ADMINS_MAX)
		return REASON_TOO_MANY;
	r->own = gives;
	change_lasting(r->room, &r->event.subject, roles, r->own ? &r->asker->person : NULL);
	return REASON_NONE;
}

enum reason apply_user_update(struct request *r)
{
	uint32_t roles = r->draft->subject.roles;
	struct affected who;

	if (r->asker && !(r->asker->person.roles & ROLE_OWNER) &&
	    standing(roles) >= standing(r->asker->person.roles))
		return REASON_NO_RIGHT;
	if (r->event.flags & FLAG_PERMANENT) {
		enum reason reason = apply_lasting(r, roles);

		if (reason != REASON_NONE)
			return reason;
	}
	r->event.subject.roles = roles;
	r->until = (struct room_time){ 0, 0 };
	who = subject_affected(r);
	r->relief = change_roles(r->room, &who, roles);
	return REASON_NONE;
}

/* ---- polls ---- */

enum reason apply_poll_start(struct request *r)
{
	const struct poll *asked = r->draft->poll;

	if (!asked || !asked->option_count || asked->option_count > POLL_OPTIONS_MAX ||
	    !asked->duration_ms)
		return REASON_BAD_ARGUMENT;
	if (r->room->ballot.start)
		return REASON_POLL_RUNNING;
	r->poll = *asked;
	r->poll.voters = 0;
	memset(r->poll.counts, 0, sizeof(r->poll.counts));
	r->poll.ends_ms = time_after(r->now.wall_ms, asked->duration_ms);
	r->event.poll = &r->poll;
	r->foreign = true;
	return REASON_NONE;
}

enum reason apply_poll_vote(struct request *r)
{
	struct ballot *ballot = &r->room->ballot;
	struct mark_key voter = { .number = r->event.author.number };

	if (!ballot->start || r->now.steady_ms >= ballot->until_ms)
		return REASON_NO_POLL;
	if (r->event.choice >= ballot->poll.option_count || !voter.number)
		return REASON_BAD_ARGUMENT;
	if (marks_until(&ballot->voters, voter))
		return REASON_VOTED;
	if (ballot->voters.count == MARKS_MAX)
		return REASON_TOO_MANY;
	r->voter = voter.number;
	r->choice = r->event.choice;
	ballot_vote(r->room, r->voter, r->choice);
	/* Who chose what is nobody else's business. */
	r->event.choice = 0;
	r->event.kind = KIND_POLL_START;
	r->event.flags |= FLAG_AGAIN;
	r->event.author = ballot->start->author;
	r->event.poll = &ballot->poll;
	r->foreign = true;
	return REASON_NONE;
}

enum reason apply_poll_end(struct request *r)
{
	if (!r->room->ballot.start)
		return REASON_NO_POLL;
	r->closed = ballot_close(r->room, &r->event, &r->poll);
	r->foreign = true;
	return REASON_NONE;
}
