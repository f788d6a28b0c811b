#include "routes/room/subject.h"

#include "routes/room/journal.h"
#include "routes/room/members.h"
#include "routes/room/seats.h"

static bool subject_is_member(struct request *r)
{
	struct person *subject = &r->event.subject;

	r->concerned = subject->number ? member_by_number(r->room, subject->number)
				       : member_by_name(r->room, subject->name);
	if (r->concerned)
		request_put(r, subject, &r->concerned->person);
	return r->concerned != NULL;
}

static bool subject_is_author(struct request *r)
{
	struct person *subject = &r->event.subject;
	struct person author = { .number = subject->number };

	if (!author.number)
		author.number = journal_author(r->room->journal, subject->name, NULL);
	if (!author.number ||
	    !journal_author_known(r->room->journal, author.number, &author.name, &author.roles))
		return false;
	request_put(r, subject, &author);
	return true;
}

/* Somebody who is not here, and of whom something is kept, or is to be. They are judged by what
 * they would be here. */
static bool subject_is_absent(struct request *r)
{
	struct person *subject = &r->event.subject;
	struct room_look look;

	if (!subject->number || !subject->name.len)
		return false;
	room_look(r->room, &(struct room_entrant){ .person = subject }, r->now, &look);
	subject->roles = look.roles;
	if (r->event.flags & FLAG_PERMANENT)
		return r->event.kind == KIND_KICK || room_number_lasts(subject->number);
	return r->event.kind == KIND_KICK ? look.invited : look.banned;
}

bool subject_find(struct request *r, enum whom whom)
{
	struct person *subject = &r->event.subject;
	bool named = subject->number || subject->name.len;

	switch (whom) {
	case WHOM_ADDRESSEE:
		if (r->event.flags & FLAG_PRIVATE)
			return subject_is_member(r);
		break;
	case WHOM_NOBODY: break;
	case WHOM_AS_SAID: return true;
	case WHOM_ANYBODY: return subject_is_member(r) || subject->number;
	case WHOM_MEMBER:
		return subject_is_member(r) || (!r->from && named) || subject_is_absent(r);
	case WHOM_AUTHOR:
		return subject_is_member(r) || subject_is_author(r) || (!r->from && named);
	}
	*subject = (struct person){ .number = 0 };
	return true;
}
