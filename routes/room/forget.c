#include "routes/room/forget.h"

#include "codecs/text/name.h"
#include "routes/room/changes.h"
#include "routes/room/seats.h"

bool room_has_words(const struct room *room, uint32_t number)
{
	return journal_has_author(room->journal, number);
}

/* What holds by other marks, such as an address that another was muted with, goes on. */
static void unmute(struct room *room, uint32_t number, struct room_time now)
{
	struct member *member = member_by_number(room, number);

	if (!member)
		return;
	member->muted = (struct room_time){ 0, 0 };
	for (struct seat *seat = member->seats; seat; seat = seat->next)
		seat_follows_mutes(room, seat, now);
}

static size_t forget_marks(struct room *room, const struct person *person, struct room_time now)
{
	char folded[NAME_FOLDED_MAX];
	struct slice name = slice_span(folded, name_fold(person->name, folded));
	size_t mutes = marks_forget(&room->mutes, person->number, name);

	if (mutes)
		unmute(room, person->number, now);
	return mutes + marks_forget(&room->bans, person->number, name) +
	       marks_forget(&room->invited, person->number, name) +
	       marks_forget(&room->lasting, person->number, name) +
	       marks_forget(&room->owner, person->number, name);
}

static void forget_poll(struct room *room, uint32_t number, struct room_forgotten *forgotten)
{
	struct ballot *ballot = &room->ballot;

	if (ballot->start && ballot->start->author.number == number) {
		forgotten->votes += ballot->voters.count;
		forgotten->polls++;
		ballot->until_ms = 0;
	} else if (ballot_unvote(room, number)) {
		forgotten->votes++;
	}
}

void room_forget(struct room *room, const struct person *person, struct room_time now,
		 struct room_forgotten *forgotten)
{
	forgotten->messages +=
	    journal_forget_author(room->journal, person->number, &forgotten->reactions);
	forget_poll(room, person->number, forgotten);
	forgotten->marks += forget_marks(room, person, now);
	(void)marks_forget(&room->left, person->number, (struct slice){ NULL, 0 });
}
