#include "routes/room/changes.h"

#include "codecs/text/name.h"
#include "routes/room/seats.h"

static const struct room_time forever = { MARK_FOREVER, MARK_FOREVER }, lifted = { 0, 0 };

struct room_time moment_after(struct room_time now, uint64_t duration_ms)
{
	return (struct room_time){ time_after(now.wall_ms, duration_ms),
				   time_after(now.steady_ms, duration_ms) };
}

/* ---- marks ---- */

/* By number and folded name, and by the addresses their connections come from as a guest. */
static void mark(struct marks *marks, const struct affected *who, struct room_time until)
{
	char folded[NAME_FOLDED_MAX];
	struct slice name = slice_span(folded, name_fold(who->person->name, folded));
	uint32_t number = who->person->number;

	marks_set_for(marks, (struct mark_key){ .number = number }, until, number);
	marks_set_for(marks, (struct mark_key){ .folded = name }, until, number);
	for (size_t i = 0; i < who->address_count; i++)
		marks_set_for(marks, (struct mark_key){ .address = who->addresses[i] }, until,
			      number);
}

/* By number and name together: a guest's number is the next one's who claims it. */
static void set_together(struct marks *marks, const struct person *person, uint64_t until_ms)
{
	char folded[NAME_FOLDED_MAX];
	struct mark_key key = { .number = person->number,
				.folded = slice_span(folded, name_fold(person->name, folded)) };

	if (person->number)
		marks_set(marks, key, until_ms);
}

static void set_invited(struct room *room, const struct person *person, uint64_t until_ms)
{
	set_together(&room->invited, person, until_ms);
}

void change_invite(struct room *room, const struct person *person)
{
	set_invited(room, person, MARK_FOREVER);
}

void change_uninvite(struct room *room, const struct person *person)
{
	set_invited(room, person, 0);
}

void change_lasting(struct room *room, const struct person *person, uint32_t roles,
		    const struct person *before)
{
	bool owns = roles & ROLE_OWNER;

	set_together(&room->lasting, person, !owns && roles & ROLE_MOD ? MARK_FOREVER : 0);
	if (!owns)
		return;
	marks_clear(&room->owner);
	set_together(&room->owner, person, MARK_FOREVER);
	if (before)
		set_together(&room->lasting, before, MARK_FOREVER);
}

void change_ban(struct room *room, const struct affected *who, struct room_time until)
{
	if (until.steady_ms) {
		set_invited(room, who->person, 0);
		set_together(&room->lasting, who->person, 0);
	}
	mark(&room->bans, who, until);
}

void change_mute(struct room *room, const struct affected *who, struct room_time until)
{
	mark(&room->mutes, who, until);
	if (who->present)
		who->present->muted = until;
}

/* The roles say who is banned or muted without end; what others at the same address are marked
 * with stays, unless this person was. */
struct relief change_roles(struct room *room, const struct affected *who, uint32_t roles)
{
	struct relief relief = {
		.unbans = !(roles & ROLE_BANNED) && person_marked(&room->bans, who->person),
		.unmutes = !(roles & ROLE_MUTED) &&
			   person_marked(&room->mutes, who->person) == MARK_FOREVER
	};

	if (who->present)
		who->present->person.roles = roles;
	if (roles & ROLE_BANNED)
		mark(&room->bans, who, forever);
	else if (relief.unbans)
		mark(&room->bans, who, lifted);
	if (roles & ROLE_MUTED)
		change_mute(room, who, forever);
	else if (relief.unmutes)
		change_mute(room, who, lifted);
	return relief;
}

bool change_pardon(struct room *room, const struct person *person)
{
	char folded[NAME_FOLDED_MAX];
	struct slice name = slice_span(folded, name_fold(person->name, folded));
	bool by_number = marks_pardon(&room->bans, (struct mark_key){ .number = person->number });
	bool by_name = marks_pardon(&room->bans, (struct mark_key){ .folded = name });

	return by_number || by_name;
}

/* ---- polls ---- */

void ballot_open(struct room *room, const struct envelope *start, uint64_t until_ms)
{
	struct ballot *ballot = &room->ballot;

	ballot->start = envelope_hold(start);
	ballot->poll = *start->poll;
	ballot->until_ms = until_ms;
}

void ballot_vote(struct room *room, uint32_t voter, uint32_t choice)
{
	struct ballot *ballot = &room->ballot;

	/* The mark tells what was chosen. */
	marks_set(&ballot->voters, (struct mark_key){ .number = voter }, (uint64_t)choice + 1);
	ballot->poll.counts[choice]++;
	ballot->poll.voters++;
}

bool ballot_unvote(struct room *room, uint32_t voter)
{
	struct ballot *ballot = &room->ballot;
	struct mark_key key = { .number = voter };
	uint64_t chosen = ballot->start ? marks_until(&ballot->voters, key) : 0;

	if (!chosen)
		return false;
	marks_set(&ballot->voters, key, 0);
	ballot->poll.counts[chosen - 1]--;
	ballot->poll.voters--;
	return true;
}

const struct envelope *ballot_close(struct room *room, struct envelope *event, struct poll *poll)
{
	struct ballot *ballot = &room->ballot;
	const struct envelope *start = ballot->start;

	*event = *start;
	*poll = ballot->poll;
	event->kind = KIND_POLL_END;
	event->correlation = (struct slice){ NULL, 0 };
	event->poll = poll;
	marks_clear(&ballot->voters);
	ballot->start = NULL;
	return start;
}
