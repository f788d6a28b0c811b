#include "routes/room/remember.h"

/* ---- as it was ordered ---- */

static void remember_note(struct room *room, const struct envelope *sealed, uint64_t about)
{
	struct journal_note note = { .id = sealed->id,
				     .time_ms = sealed->time_ms,
				     .about = about,
				     .stands = sealed->kind == KIND_EDIT,
				     .author = sealed->kind == KIND_REACTION ? sealed->author.number
									     : 0 };

	journal_note(room->journal, &note);
}

void remember_event(struct room *room, const struct envelope *sealed, const struct person *writer,
		    bool keep, uint64_t poll)
{
	static const struct person bridge;

	switch (sealed->kind) {
	case KIND_MESSAGE: journal_append(room->journal, sealed, writer, keep); break;
	case KIND_POLL_START: journal_append(room->journal, sealed, &sealed->author, false); break;
	case KIND_NOTICE:
	case KIND_KICK:
	case KIND_TIMEOUT:
	case KIND_USER_UPDATE: journal_append(room->journal, sealed, &bridge, false); break;
	case KIND_EDIT:
	case KIND_REACTION: remember_note(room, sealed, sealed->target); break;
	case KIND_DELETE:
	case KIND_CLEAR:
	case KIND_PURGE: remember_note(room, sealed, 0); break;
	case KIND_POLL_END: remember_note(room, sealed, poll); break;
	default: break;
	}
}

/* ---- what is acted on ---- */

/* What is known of a note as of a message: enough to judge who may delete it. */
static void note_put(struct request *r, const struct journal_note *note)
{
	uint32_t roles;

	r->on_note = true;
	r->target = (struct journal_entry){ .id = note->id,
					    .author = note->author,
					    .time_ms = note->time_ms };
	if (!journal_author_known(r->room->journal, note->author, &r->target.name, &roles) &&
	    r->asker && r->asker->person.number == note->author)
		r->target.name = r->asker->person.name;
}

/* A note may be read, whatever it is; a reaction to it is one to what it is about; it may be
 * deleted as it is, unless it stands for a message. */
static bool note_find(struct request *r)
{
	struct journal_note note;
	bool on;

	if (!journal_note_find(r->room->journal, r->event.target, &note) || note.deleted)
		return false;
	on = note.stands || (r->event.kind == KIND_REACTION && note.about);
	if (on) {
		r->event.target = note.about;
		return journal_find(r->room->journal, note.about, &r->target) && !r->target.deleted;
	}
	if (r->event.kind != KIND_READ && r->event.kind != KIND_DELETE)
		return false;
	note_put(r, &note);
	r->unchanged = r->event.kind == KIND_READ;
	return true;
}

bool remembered_target(struct request *r)
{
	if (journal_find(r->room->journal, r->event.target, &r->target))
		return !r->target.deleted;
	return note_find(r);
}
