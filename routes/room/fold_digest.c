#include "routes/room/fold.h"
#include "routes/room/removals.h"
#include "routes/room/seats.h"

static void member_digest(const struct room *room, const struct member *member,
			  struct digest *digest)
{
	digest_person(digest, &member->person);
	digest_number(digest, member->muted.wall_ms);
	/* Of several with one name, whom it finds depends on who was here before. */
	digest_number(digest, member_by_name(room, member->person.name) == member);
}

static void seats_digest(const struct room *room, struct digest *digest)
{
	digest_number(digest, room->by_ref.count);
	for (const struct seat *seat = room->first; seat; seat = seat->after) {
		digest_number(digest, (uint64_t)seat->ref.worker << 32 | seat->ref.slot);
		digest_number(digest, (uint64_t)seat->ref.generation << 32 | seat->form);
		digest_number(digest, seat->guest_address);
		digest_number(digest, seat->member ? seat->member->person.number : 0);
		if (seat->member && seat->member->seats == seat)
			member_digest(room, seat->member, digest);
	}
}

static void ballot_digest(const struct ballot *ballot, struct digest *digest)
{
	digest_number(digest, ballot->start != NULL);
	if (!ballot->start)
		return;
	digest_deed(digest, ballot->start);
	digest_poll(digest, &ballot->poll);
	marks_digest(&ballot->voters, digest);
}

static void kept_digest(const struct room *room, struct digest *digest)
{
	marks_digest(&room->bans, digest);
	marks_digest(&room->mutes, digest);
	marks_digest(&room->invited, digest);
	marks_digest(&room->lasting, digest);
	marks_digest(&room->owner, digest);
	journal_digest(room->journal, digest);
	ballot_digest(&room->ballot, digest);
}

uint64_t room_kept_digest(const struct room *room)
{
	struct digest digest = { 0 };

	kept_digest(room, &digest);
	return digest.hash;
}

uint64_t room_digest(const struct room *room)
{
	struct digest digest = { 0 };

	digest_text(&digest, room->rules->name);
	digest_number(&digest, room->recorded);
	digest_number(&digest, journal_last(room->journal));
	kept_digest(room, &digest);
	marks_digest(&room->left, &digest);
	seats_digest(room, &digest);
	removals_digest(room, &digest);
	return digest.hash;
}

uint64_t room_recorded(const struct room *room)
{
	return room->recorded;
}
