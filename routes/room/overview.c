#include "routes/room/overview.h"

#include "codecs/text/name.h"
#include "routes/room/changes.h"
#include "routes/room/recording.h"
#include "routes/room/seats.h"

void room_overview(const struct room *room, struct room_overview *overview)
{
	*overview = (struct room_overview){ .connections = room->by_ref.count,
					    .history = journal_kept(room->journal),
					    .people = room->people,
					    .remembered = journal_count(room->journal),
					    .sequence = journal_last(room->journal) };
}

uint32_t *room_admins(const struct room *room, size_t *count)
{
	return marks_numbers(&room->lasting, 0, count);
}

uint32_t *room_banned(const struct room *room, uint64_t now_ms, size_t *count)
{
	return marks_numbers(&room->bans, now_ms, count);
}

size_t room_recent(const struct room *room, uint64_t before, size_t count,
		   const struct envelope **out)
{
	return journal_now(room->journal, before, out, count);
}

bool room_message(const struct room *room, uint64_t id, const struct envelope **content,
		  struct reactor *out, size_t max, size_t *count)
{
	return journal_message(room->journal, id, content, out, max, count);
}

void room_authors(const struct room *room,
		  void (*each)(void *context, uint32_t number, struct slice name, uint32_t roles),
		  void *context)
{
	journal_authors(room->journal, each, context);
}

size_t room_past(const struct room *room, uint64_t before, const struct envelope **out, size_t max)
{
	return journal_past(room->journal, before, out, max);
}

uint32_t room_author(const struct room *room, struct slice name)
{
	return journal_author(room->journal, name, NULL);
}

static uint64_t time_left(uint64_t until_ms, uint64_t now_ms)
{
	if (until_ms == MARK_FOREVER)
		return UINT64_MAX;
	return until_ms > now_ms ? until_ms - now_ms : 0;
}

void room_standing(const struct room *room, const struct person *person, struct room_time now,
		   struct room_standing *out)
{
	const struct member *member = person->number ? member_by_number(room, person->number)
						     : member_by_name(room, person->name);
	char folded[NAME_FOLDED_MAX];
	struct slice name = slice_span(folded, name_fold(person->name, folded));

	*out = (struct room_standing){ .present = member != NULL };
	if (member)
		out->roles = member->person.roles;
	out->banned_by_rules = names_have(&room->banned, name);
	out->banned_ms = time_left(person_marked(&room->bans, person), now.steady_ms);
	out->muted_ms = time_left(person_marked(&room->mutes, person), now.steady_ms);
}

bool room_pardon(struct room *room, const struct person *person)
{
	if (!change_pardon(room, person))
		return false;
	recording_pardon(room, person);
	return true;
}
