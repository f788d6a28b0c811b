#include "routes/room/judge.h"

#include <assert.h>
#include <stdlib.h>

#include "codecs/registry.h"
#include "codecs/text/memory.h"
#include "codecs/text/name.h"
#include "routes/room/apply.h"
#include "routes/room/changes.h"
#include "routes/room/members.h"
#include "routes/room/recording.h"
#include "routes/room/remember.h"
#include "routes/room/removals.h"
#include "routes/room/seats.h"
#include "routes/room/subject.h"

#define REMEMBERED_MAX 1000000

/* ---- who may do what ---- */

/* A moderator has one of ROLES_MODERATING here. To the bridge itself all of it is allowed. */
enum who {
	WHO_NOBODY, /* not even the bridge: no request at all */
	WHO_BRIDGE, /* nobody but the bridge */
	WHO_MODERATOR,
	WHO_HOST,    /* in an open room any member, in a closed one moderators */
	WHO_SUBJECT, /* moderators, and whoever does it to themselves */
	WHO_WRITER,  /* moderators, and the writer of the target; the target is unknown to others */
	WHO_MEMBER   /* any member but an anonymous reader */
};

/* A row for each kind. "muted": also by those who are. "target": a message that is there. */
static const struct right {
	enum who who;
	bool muted, target;
	enum whom whom;
	uint32_t flags; /* what else of a draft's flags passes */
	apply_function *apply;
} rights[ENVELOPE_KINDS] = {
	/* clang-format off */
	/*                    who may        muted  target to whom          flags            */
	[KIND_MESSAGE]     = { WHO_MEMBER,    false, false, WHOM_ADDRESSEE, FLAG_ACTION | FLAG_PRIVATE,
			       apply_message },
	[KIND_EDIT]        = { WHO_WRITER,    false, true,  WHOM_NOBODY,    FLAG_ACTION,    apply_edit },
	[KIND_DELETE]      = { WHO_WRITER,    true,  true,  WHOM_NOBODY,    0,              apply_delete },
	[KIND_CLEAR]       = { WHO_MODERATOR, true,  false, WHOM_NOBODY,    0,              apply_clear },
	[KIND_PURGE]       = { WHO_SUBJECT,   true,  false, WHOM_AUTHOR,    0,              apply_purge },
	[KIND_REACTION]    = { WHO_MEMBER,    false, true,  WHOM_NOBODY,    FLAG_ADDING,    apply_reaction },
	[KIND_TYPING]      = { WHO_MEMBER,    false, false, WHOM_NOBODY,    0,              NULL },
	[KIND_READ]        = { WHO_MEMBER,    true,  true,  WHOM_NOBODY,    0,              NULL },
	[KIND_ENTER]       = { WHO_NOBODY,    false, false, WHOM_NOBODY,    0,              NULL },
	[KIND_EXIT]        = { WHO_NOBODY,    false, false, WHOM_NOBODY,    0,              NULL },
	[KIND_INVITE]      = { WHO_HOST,      false, false, WHOM_ANYBODY,   0,              apply_invite },
	[KIND_KICK]        = { WHO_MODERATOR, true,  false, WHOM_MEMBER,    FLAG_PERMANENT, apply_kick },
	[KIND_TIMEOUT]     = { WHO_MODERATOR, true,  false, WHOM_AUTHOR,    0,              apply_timeout },
	[KIND_PRESENCE]    = { WHO_BRIDGE,    true,  false, WHOM_NOBODY,    0,              NULL },
	[KIND_USER_UPDATE] = { WHO_MODERATOR, true,  false, WHOM_MEMBER,    FLAG_PERMANENT,            apply_user_update },
	[KIND_POLL_START]  = { WHO_MODERATOR, false, false, WHOM_NOBODY,    0,              apply_poll_start },
	[KIND_POLL_VOTE]   = { WHO_MEMBER,    false, false, WHOM_NOBODY,    0,              apply_poll_vote },
	[KIND_POLL_END]    = { WHO_BRIDGE,    true,  false, WHOM_NOBODY,    0,              apply_poll_end },
	[KIND_NOTICE]      = { WHO_BRIDGE,    true,  false, WHOM_ADDRESSEE, FLAG_PRIVATE,   apply_message },
	[KIND_OPAQUE]      = { WHO_BRIDGE,    true,  false, WHOM_AS_SAID,   FLAG_PRIVATE,   NULL },
	/* clang-format on */
};

static bool is_moderator(const struct member *member)
{
	return member->person.roles & ROLES_MODERATING;
}

static bool is_muted(const struct member *member, struct room_time now)
{
	return member->person.roles & ROLE_MUTED || member->muted.steady_ms > now.steady_ms;
}

/* A number alone may have been somebody else's before. */
static bool is_writer(const struct member *member, const struct journal_entry *entry)
{
	return entry->author == member->person.number &&
	       (slice_equal(entry->name, member->person.name) ||
		name_same(entry->name, member->person.name));
}

static bool is_subject(const struct request *r)
{
	const struct person *subject = &r->event.subject;

	if (subject->number)
		return subject->number == r->asker->person.number;
	return member_by_name(r->room, subject->name) == r->asker;
}

static enum reason judge_member(const struct request *r, const struct right *right)
{
	if (!r->asker)
		return REASON_NO_RIGHT;
	if (r->asker->person.roles & ROLE_BANNED)
		return REASON_BANNED;
	return is_muted(r->asker, r->now) && !right->muted ? REASON_MUTED : REASON_NONE;
}

static enum reason judge_right(const struct request *r, const struct right *right)
{
	bool may = is_moderator(r->asker);

	switch (right->who) {
	case WHO_NOBODY:
	case WHO_BRIDGE: may = false; break;
	case WHO_MODERATOR: break;
	case WHO_HOST: may = may || r->room->rules->open; break;
	case WHO_SUBJECT: may = may || is_subject(r); break;
	case WHO_WRITER:
		may = may && r->whose != WHOSE_OWN;
		if (!may && r->whose != WHOSE_ANY && !is_writer(r->asker, &r->target))
			return REASON_UNKNOWN_MESSAGE;
		return REASON_NONE;
	case WHO_MEMBER: may = true; break;
	}
	return may ? REASON_NONE : REASON_NO_RIGHT;
}

/* Only one's own messages may be removed whatever one's standing. */
static enum reason judge_standing(const struct request *r)
{
	const struct person *asker = &r->asker->person;

	if (asker->roles & ROLE_OWNER || standing(asker->roles) > standing(r->event.subject.roles))
		return REASON_NONE;
	if (r->event.kind == KIND_PURGE && is_subject(r))
		return REASON_NONE;
	return REASON_NO_RIGHT;
}

/* ---- one request ---- */

/* What only the room's state may say is not taken from a draft, whoever made it. */
static void event_open(struct request *r, const struct right *right)
{
	struct envelope *event = &r->event;
	struct slice name;

	event->flags &= right->flags | FLAG_DEGRADED | FLAG_RENAMED | FLAG_MASS_MENTIONS;
	event->reactions = NULL;
	event->reaction_count = 0;
	event->removed = NULL;
	event->removed_count = 0;
	event->poll = NULL;
	event->note = NULL;
	if (event->kind == KIND_MESSAGE && !r->room->rules->threads)
		event->thread = (struct slice){ NULL, 0 };
	if (!slice_equal(event->room, r->room->rules->name)) {
		event->room = r->room->rules->name;
		r->foreign = true;
	}
	if (!r->from)
		return;
	event->extra = (struct slice){ NULL, 0 };
	if (!right->target)
		event->target = 0;
	if (!r->asker)
		return;
	name = event->author.name;
	request_put(r, &event->author, &r->asker->person);
	/* A rule's name for somebody is shown, and changes nothing of who it is. */
	if (event->flags & FLAG_RENAMED)
		event->author.name = name;
}

static enum reason request_judge(struct request *r, const struct right *right)
{
	enum reason reason = REASON_NONE;

	if (r->from)
		reason = judge_member(r, right);
	if (reason == REASON_NONE && right->target && !remembered_target(r))
		reason = REASON_UNKNOWN_MESSAGE;
	if (reason == REASON_NONE && r->from)
		reason = judge_right(r, right);
	if (reason == REASON_NONE && right->who == WHO_NOBODY)
		reason = REASON_BAD_ARGUMENT;
	if (reason == REASON_NONE && !subject_find(r, right->whom))
		reason = REASON_UNKNOWN_PERSON;
	if (reason == REASON_NONE && r->from &&
	    (right->whom == WHOM_MEMBER || right->whom == WHOM_AUTHOR))
		reason = judge_standing(r);
	return reason;
}

/* May what was said be kept? An edit's new words are judged by who edits: the bridge's own may. */
static bool words_may_be_kept(const struct request *r, const struct envelope *sealed)
{
	size_t dialect =
	    r->from ? form_dialect(r->from->form) : registry_find(sealed->origin.dialect);

	return dialect == DIALECTS_MAX || !registry_codec(dialect)->forbids_history ||
	       (sealed->kind == KIND_EDIT && !r->from);
}

/* What can be remembered only once it has its id. */
static void event_remember(struct request *r, const struct envelope *sealed)
{
	bool keep = sealed->kind == KIND_MESSAGE && words_may_be_kept(r, sealed);

	if (!envelope_is_private(sealed) && !(sealed->flags & FLAG_AGAIN))
		remember_event(r->room, sealed, r->asker ? &r->asker->person : &sealed->author,
			       keep, r->closed ? r->closed->id : 0);
	if (r->removed_count > sealed->removed_count)
		removals_add(r->room, sealed, r->removed, r->removed_count, r->now.steady_ms);
	if (sealed->kind == KIND_POLL_START && !(sealed->flags & FLAG_AGAIN))
		ballot_open(r->room, sealed,
			    time_after(r->now.steady_ms, sealed->poll->duration_ms));
}

/* What each kind leaves in the request. */
static void aside_fill(struct record_aside *aside, const struct request *r,
		       const struct envelope *sealed)
{
	switch (sealed->kind) {
	case KIND_MESSAGE:
		if (r->asker && sealed->flags & FLAG_RENAMED)
			aside->writer = r->asker->person;
		break;
	case KIND_PURGE: aside->own = r->own; break;
	case KIND_USER_UPDATE:
		aside->unbans = r->relief.unbans;
		aside->unmutes = r->relief.unmutes;
		aside->own = r->own;
		/* fall through */
	case KIND_KICK:
	case KIND_TIMEOUT:
		aside->present = r->concerned;
		aside->until_ms = r->until.wall_ms;
		aside->addresses = r->addresses;
		aside->address_count = r->addresses ? r->address_count : 0;
		break;
	case KIND_POLL_START:
		if (!(sealed->flags & FLAG_AGAIN))
			break;
		aside->voter = r->voter;
		aside->choice = r->choice;
		break;
	case KIND_POLL_END: aside->about = r->closed->id; break;
	default: break;
	}
}

static void event_record(const struct request *r, const struct envelope *sealed)
{
	struct record record = { .kind = RECORD_EVENT, .event = sealed };

	if (sealed->kind == KIND_INVITE ? r->room->rules->open : !envelope_has_place(sealed))
		return;
	aside_fill(&record.aside, r, sealed);
	record.aside.keep = sealed->kind != KIND_INVITE && words_may_be_kept(r, sealed);
	recording_add(r->room, &record);
}

static inline void event_number(struct room *room, struct envelope *event, uint64_t wall_ms)
{
	event->id = room_next_id(room, wall_ms);
	event->sequence = 0;
	event->time_ms = wall_ms;
	if (!envelope_has_place(event))
		return;
	event->sequence = journal_next(room->journal);
	room->newest_id = event->id;
}

/* The draft's own block is the event's when nothing in it comes from elsewhere. */
static struct envelope *request_seal(struct request *r)
{
	struct envelope *sealed = r->draft;

	event_number(r->room, &r->event, r->now.wall_ms);
	if (r->foreign) {
		sealed = envelope_seal(&r->event);
		envelope_release(r->draft);
	} else {
		*sealed = r->event;
	}
	event_remember(r, sealed);
	if (r->room->sink)
		event_record(r, sealed);
	return sealed;
}

static enum reason request_run(struct request *r, struct envelope **ordered)
{
	const struct right *right = &rights[r->draft->kind];
	enum reason reason;

	event_open(r, right);
	reason = request_judge(r, right);
	if (reason == REASON_NONE && right->apply)
		reason = right->apply(r);
	if (reason == REASON_NONE && !r->unchanged)
		*ordered = request_seal(r);
	return reason;
}

static enum reason order_from(struct room *room, const struct seat *from, enum whose whose,
			      struct envelope *draft, struct room_time now,
			      struct envelope **ordered)
{
	enum reason reason;
	struct request r;

	assert(draft->kind < ENVELOPE_KINDS);
	/* Field by field: most of it is scratch space. */
	r.room = room;
	r.now = now;
	r.from = from;
	r.whose = whose;
	r.asker = from ? from->member : NULL;
	r.concerned = NULL;
	r.draft = draft;
	r.event = *draft;
	r.foreign = r.unchanged = r.on_note = r.own = false;
	r.removed = NULL;
	r.removed_count = 0;
	r.closed = NULL;
	r.addresses = NULL;
	*ordered = NULL;
	reason = request_run(&r, ordered);
	envelope_release(r.closed);
	free(r.removed);
	if (r.addresses)
		free(r.addresses);
	return reason;
}

enum reason room_order(struct room *room, const struct session_ref *from, struct envelope *draft,
		       struct room_time now, struct envelope **ordered)
{
	const struct seat *seat = from ? seat_find(room, *from) : NULL;

	*ordered = NULL;
	if (from && !seat)
		return REASON_NOT_MEMBER;
	return order_from(room, seat, WHOSE_USUAL, draft, now, ordered);
}

enum reason room_order_person(struct room *room, const struct room_caller *caller,
			      struct envelope *draft, struct room_time now,
			      struct envelope **ordered)
{
	struct person author = *caller->entrant.person;
	struct member *present = member_by_number(room, author.number), stranger;
	struct seat seat = { .form = caller->form, .member = present };
	struct room_look look;

	*ordered = NULL;
	if (!author.number)
		return REASON_NO_RIGHT;
	if (!present && !caller->absent)
		return REASON_NOT_MEMBER;
	if (!present) {
		room_look(room, &caller->entrant, now, &look);
		if (look.entry != REASON_NONE)
			return look.entry;
		author.roles = look.roles;
		stranger = (struct member){ .person = author };
		if (look.muted)
			stranger.muted.steady_ms = UINT64_MAX;
		seat.member = &stranger;
	}
	return order_from(room, &seat, caller->whose, draft, now, ordered);
}

enum reason room_order_visitor(struct room *room, struct envelope *draft, struct room_time now,
			       struct envelope **ordered)
{
	const struct person *author = &draft->author;

	*ordered = NULL;
	if (draft->kind != KIND_MESSAGE || draft->flags & FLAG_PRIVATE || author->number == 0)
		return REASON_NOT_MEMBER;
	if (author->roles & ROLE_BANNED || person_is_banned(room, author, now))
		return REASON_BANNED;
	if (author->roles & ROLE_MUTED || person_marked(&room->mutes, author) > now.steady_ms)
		return REASON_MUTED;
	return room_order(room, NULL, draft, now, ordered);
}

/* ---- the room ---- */

static size_t remembered_of(const struct room_rules *rules)
{
	size_t remembered = rules->remembered ? rules->remembered : JOURNAL_REMEMBERED_DEFAULT;

	return remembered > REMEMBERED_MAX ? REMEMBERED_MAX : remembered;
}

static size_t history_of(const struct room_rules *rules)
{
	size_t remembered = remembered_of(rules);

	return rules->history < remembered ? rules->history : remembered;
}

struct room *room_new(const struct room_rules *rules, struct id_clock *clock, unsigned shard)
{
	struct room *room = memory_zeroed(1, sizeof(*room));

	room->rules = rules;
	room->clock = clock;
	room->shard = shard;
	room->journal = journal_new(remembered_of(rules), history_of(rules));
	seats_open(room);
	return room;
}

void room_change(struct room *room)
{
	seats_relist(room);
	journal_limit(room->journal, remembered_of(room->rules), history_of(room->rules));
}

static void room_clear(struct room *room)
{
	marks_clear(&room->bans);
	marks_clear(&room->mutes);
	marks_clear(&room->invited);
	marks_clear(&room->lasting);
	marks_clear(&room->owner);
	marks_clear(&room->left);
	marks_clear(&room->ballot.voters);
	removals_clear(room);
	envelope_release(room->ballot.start);
	journal_free(room->journal);
}

void room_free(struct room *room)
{
	if (!room)
		return;
	seats_close(room);
	room_clear(room);
	free(room);
}

void room_node_set(struct room *room, uint32_t node)
{
	assert(!room->first);
	room->node = node;
}

void room_erase(struct room *room)
{
	uint64_t sequence = journal_last(room->journal);

	room_clear(room);
	room->ballot.start = NULL;
	room->journal = journal_new(remembered_of(room->rules), history_of(room->rules));
	journal_resume(room->journal, sequence);
	for (struct seat *seat = room->first; seat; seat = seat->after)
		if (seat->member)
			seat->member->muted = (struct room_time){ 0, 0 };
}

size_t room_remembers(const struct room *room)
{
	return remembered_of(room->rules);
}

bool room_knows(const struct room *room, uint64_t id)
{
	struct journal_entry entry;
	struct journal_note note;

	return journal_find(room->journal, id, &entry) ||
	       journal_note_find(room->journal, id, &note);
}

size_t room_history(const struct room *room, struct session_ref from, size_t count,
		    const struct envelope **out)
{
	return seat_find(room, from) ? journal_recent(room->journal, out, count) : 0;
}

size_t room_missed(const struct room *room, uint32_t person, size_t count,
		   const struct envelope **out)
{
	uint64_t heard = marks_wall(&room->left, (struct mark_key){ .number = person });

	return heard ? journal_since(room->journal, heard, out, count) : 0;
}

uint64_t room_due(const struct room *room)
{
	uint64_t poll = room->ballot.start ? room->ballot.until_ms : UINT64_MAX;
	uint64_t removals = removals_due(room);

	return poll < removals ? poll : removals;
}

struct envelope *room_poll(const struct room *room)
{
	struct envelope event;

	if (!room->ballot.start)
		return NULL;
	event = *room->ballot.start;
	event.flags |= FLAG_AGAIN;
	event.sequence = 0;
	event.correlation = (struct slice){ NULL, 0 };
	event.poll = &room->ballot.poll;
	return envelope_seal(&event);
}

static struct envelope *poll_end(struct room *room, struct room_time now)
{
	const struct envelope *start;
	struct record record = { .kind = RECORD_EVENT, .aside = { .keep = true } };
	struct envelope event, *sealed;
	struct poll poll;

	start = ballot_close(room, &event, &poll);
	event_number(room, &event, now.wall_ms);
	sealed = envelope_seal(&event);
	remember_event(room, sealed, &sealed->author, false, start->id);
	record.event = sealed;
	record.aside.about = start->id;
	envelope_release(start);
	if (room->sink)
		recording_add(room, &record);
	return sealed;
}

static struct envelope *more_removed(struct room *room, struct room_time now)
{
	struct envelope event, *sealed;

	removals_next(room, &event);
	event_number(room, &event, now.wall_ms);
	sealed = envelope_seal(&event);
	removals_taken(room, now.steady_ms);
	recording_event(room, sealed);
	return sealed;
}

struct envelope *room_tick(struct room *room, struct room_time now)
{
	if (room->ballot.start && now.steady_ms >= room->ballot.until_ms)
		return poll_end(room, now);
	return room->removals && now.steady_ms >= removals_due(room) ? more_removed(room, now)
								     : NULL;
}
