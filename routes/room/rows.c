#include "routes/room/rows.h"

#include <stdlib.h>

#include "codecs/text/memory.h"
#include "codecs/text/name.h"

/* One record on its way into rows. */
struct change {
	const struct record *record;
	const struct envelope *event;
	struct slice bytes;
	row_function *emit;
	void *context;
};

static void emit(const struct change *c, const struct row *row)
{
	c->emit(c->context, row);
}

/* ---- what was said ---- */

static struct slice body_of(const struct change *c)
{
	return record_has_words(c->record) ? c->bytes : (struct slice){ NULL, 0 };
}

static void message(const struct change *c, const struct person *writer, struct slice body)
{
	emit(c, &(struct row){ .kind = ROW_MESSAGE,
			       .id = c->event->id,
			       .at = c->event->id,
			       .author = writer->number,
			       .roles = writer->roles,
			       .name = writer->name,
			       .time_ms = c->event->time_ms,
			       .body = body });
}

/* The bridge says it, in words that people may act on. */
static void words(const struct change *c)
{
	message(c, &(struct person){ .number = 0 }, (struct slice){ NULL, 0 });
}

static void note(const struct change *c, uint64_t about)
{
	const struct envelope *event = c->event;

	emit(c, &(struct row){ .kind = ROW_NOTE,
			       .id = event->id,
			       .at = event->id,
			       .about = about,
			       .stands = event->kind == KIND_EDIT,
			       .author = event->kind == KIND_REACTION ? event->author.number : 0,
			       .time_ms = event->time_ms });
}

static void said(const struct change *c)
{
	const struct person *writer = &c->record->aside.writer;

	message(c, writer->number || writer->name.len ? writer : &c->event->author, body_of(c));
}

/* Is it a message of another person's? */
static bool is_anothers(const struct change *c)
{
	const struct person *writer = &c->record->aside.writer;
	uint32_t editor = writer->number ? writer->number : c->event->author.number;

	return editor != c->event->subject.number;
}

/* The body without the names in it: who edits what another wrote is erased by their own messages,
 * and is not to be left in this one. Returns new. */
static unsigned char *nameless(const struct change *c, struct slice *body)
{
	struct envelope event = *c->event;
	struct record record = *c->record;
	unsigned char *bytes;

	event.author = event.subject = record.aside.writer = (struct person){ .number = 0 };
	record.event = &event;
	bytes = memory_new(record_most(&record));
	*body = slice_span((const char *)bytes, record_write(&record, bytes));
	return bytes;
}

static void edited(const struct change *c)
{
	struct slice body = body_of(c);
	unsigned char *bytes = body.data && is_anothers(c) ? nameless(c, &body) : NULL;

	emit(c, &(struct row){ .kind = body.data ? ROW_EDIT : ROW_FORGET,
			       .id = c->event->target,
			       .at = c->event->id,
			       .body = body });
	note(c, c->event->target);
	free(bytes);
}

static void deleted(const struct change *c)
{
	emit(c, &(struct row){ .kind = ROW_DELETE, .id = c->event->target, .at = c->event->id });
	note(c, 0);
}

static void deleted_all(const struct change *c, uint32_t author, struct slice folded)
{
	emit(c, &(struct row){ .kind = ROW_DELETE_ALL,
			       .id = c->event->id,
			       .at = c->event->id,
			       .author = author,
			       .folded = folded });
}

static void cleared(const struct change *c)
{
	deleted_all(c, 0, (struct slice){ NULL, 0 });
	note(c, 0);
}

static void purged(const struct change *c)
{
	const struct person *subject = &c->event->subject;
	char folded[NAME_FOLDED_MAX];
	struct slice name = { NULL, 0 };

	if (c->record->aside.own)
		name = slice_span(folded, name_fold(subject->name, folded));
	if (subject->number)
		deleted_all(c, subject->number, name);
	note(c, 0);
}

static void reacted(const struct change *c)
{
	const struct envelope *event = c->event;

	emit(c, &(struct row){ .kind = event->flags & FLAG_ADDING ? ROW_REACT : ROW_UNREACT,
			       .id = event->target,
			       .at = event->id,
			       .author = event->author.number,
			       .emoji = event->text });
	note(c, event->target);
}

/* ---- people ---- */

static void mark(const struct change *c, enum row_list list, struct mark_key key, uint64_t until_ms,
		 uint32_t person)
{
	if (!key.number && !key.address && !key.folded.len)
		return;
	emit(c, &(struct row){ .kind = ROW_MARK,
			       .list = list,
			       .key = key,
			       .until_ms = until_ms,
			       .person = person,
			       .at = c->event->id });
}

/* As person_mark() does. */
static void marks(const struct change *c, enum row_list list, uint64_t until_ms)
{
	const struct person *subject = &c->event->subject;
	const struct record_aside *aside = &c->record->aside;
	char folded[NAME_FOLDED_MAX];
	struct slice name = slice_span(folded, name_fold(subject->name, folded));

	mark(c, list, (struct mark_key){ .number = subject->number }, until_ms, subject->number);
	mark(c, list, (struct mark_key){ .folded = name }, until_ms, subject->number);
	for (size_t i = 0; i < aside->address_count; i++)
		mark(c, list, (struct mark_key){ .address = aside->addresses[i] }, until_ms,
		     subject->number);
}

/* By number and name together. */
static void together(const struct change *c, enum row_list list, const struct person *person,
		     uint64_t until_ms)
{
	char folded[NAME_FOLDED_MAX];
	struct mark_key key = { .number = person->number,
				.folded = slice_span(folded, name_fold(person->name, folded)) };

	if (person->number)
		mark(c, list, key, until_ms, 0);
}

static void invitation(const struct change *c, uint64_t until_ms)
{
	together(c, ROW_INVITED, &c->event->subject, until_ms);
}

/* As change_lasting() does. */
static void lasting(const struct change *c)
{
	const struct person *subject = &c->event->subject, *author = &c->event->author;
	bool owns = subject->roles & ROLE_OWNER;

	together(c, ROW_ADMINS, subject, !owns && subject->roles & ROLE_MOD ? MARK_FOREVER : 0);
	if (!owns)
		return;
	if (c->record->aside.own)
		together(c, ROW_OWNER, author, 0);
	together(c, ROW_OWNER, subject, MARK_FOREVER);
	if (c->record->aside.own)
		together(c, ROW_ADMINS, author, MARK_FOREVER);
}

/* Who is kicked out of a room may come back to what they missed: it was their exit. */
static void left(const struct change *c)
{
	uint32_t person = c->event->subject.number;

	if (c->record->aside.present && room_number_lasts(person))
		emit(c, &(struct row){ .kind = ROW_LEFT, .author = person, .id = c->event->id });
}

static void kicked(const struct change *c)
{
	invitation(c, 0);
	if (c->event->flags & FLAG_PERMANENT) {
		together(c, ROW_ADMINS, &c->event->subject, 0);
		marks(c, ROW_BANS, c->record->aside.until_ms);
		if (c->event->subject.number)
			deleted_all(c, c->event->subject.number, (struct slice){ NULL, 0 });
	}
	words(c);
	left(c);
}

static void timed_out(const struct change *c)
{
	marks(c, ROW_MUTES, c->record->aside.until_ms);
	if (c->event->duration_ms && c->event->subject.number)
		deleted_all(c, c->event->subject.number, (struct slice){ NULL, 0 });
	words(c);
}

/* As marks_follow_roles() does; what it found there is in the aside. */
static void roles_given(const struct change *c)
{
	uint32_t roles = c->event->subject.roles;

	if (c->event->flags & FLAG_PERMANENT)
		lasting(c);
	if (roles & ROLE_BANNED)
		marks(c, ROW_BANS, MARK_FOREVER);
	else if (c->record->aside.unbans)
		marks(c, ROW_BANS, 0);
	if (roles & ROLE_MUTED)
		marks(c, ROW_MUTES, MARK_FOREVER);
	else if (c->record->aside.unmutes)
		marks(c, ROW_MUTES, 0);
	words(c);
}

static void pardoned(const struct change *c)
{
	const struct person *subject = &c->event->subject;
	char folded[NAME_FOLDED_MAX];
	struct slice name = slice_span(folded, name_fold(subject->name, folded));
	struct row row = { .kind = ROW_PARDON, .list = ROW_BANS, .at = c->event->id };

	row.key = (struct mark_key){ .number = subject->number };
	if (subject->number)
		emit(c, &row);
	row.key = (struct mark_key){ .folded = name };
	if (name.len)
		emit(c, &row);
}

/* ---- polls ---- */

static void poll_started(const struct change *c)
{
	message(c, &c->event->author, (struct slice){ NULL, 0 });
	emit(c, &(struct row){ .kind = ROW_POLL,
			       .id = c->event->id,
			       .at = c->event->id,
			       .until_ms = c->event->poll->ends_ms,
			       .body = c->bytes });
}

/* A vote is told as the poll's new tallies. */
static void polled(const struct change *c)
{
	const struct record_aside *aside = &c->record->aside;

	if (aside->voter)
		emit(c, &(struct row){ .kind = ROW_VOTE,
				       .at = c->event->id,
				       .author = aside->voter,
				       .choice = aside->choice });
	else if (!(c->event->flags & FLAG_AGAIN) && c->event->poll)
		poll_started(c);
}

static void poll_ended(const struct change *c)
{
	emit(c, &(struct row){ .kind = ROW_POLL_END, .at = c->event->id });
	note(c, c->record->aside.about);
}

/* Of whom their number tells who they are, when they come again. */
static void came_or_left(const struct change *c)
{
	uint32_t person = c->event->author.number;

	if (c->event->id && room_number_lasts(person))
		emit(c, &(struct row){ .kind = ROW_LEFT,
				       .author = person,
				       .id = c->record->kind == RECORD_SEAT ? 0 : c->event->id });
}

/* ---- all of it ---- */

bool record_said_row(struct slice bytes, struct slice *room, struct row *row)
{
	struct record_said said;

	if (!record_read_said(bytes, &said) || said.flags & (FLAG_PRIVATE | FLAG_AGAIN))
		return false;
	*room = said.room;
	*row = (struct row){ .kind = ROW_MESSAGE,
			     .id = said.id,
			     .at = said.id,
			     .author = said.writer.number,
			     .roles = said.writer.roles,
			     .name = said.writer.name,
			     .time_ms = said.time_ms };
	if (said.keep) {
		row->body = bytes;
		row->body_crc = RECORD_CRC_OF_ALL;
	}
	return true;
}

static void invited(const struct change *c)
{
	invitation(c, MARK_FOREVER);
}

void record_change_rows(const struct record *record, struct slice bytes, row_function *emit_row,
			void *context)
{
	static void (*const changes[ENVELOPE_KINDS])(const struct change *) = {
		[KIND_MESSAGE] = said,      [KIND_EDIT] = edited,
		[KIND_DELETE] = deleted,    [KIND_CLEAR] = cleared,
		[KIND_PURGE] = purged,      [KIND_REACTION] = reacted,
		[KIND_INVITE] = invited,    [KIND_KICK] = kicked,
		[KIND_TIMEOUT] = timed_out, [KIND_USER_UPDATE] = roles_given,
		[KIND_POLL_START] = polled, [KIND_POLL_END] = poll_ended,
		[KIND_NOTICE] = words,
	};
	const struct envelope *event = record->event;
	struct change change = { record, event, bytes, emit_row, context };

	if (record->kind == RECORD_PARDON)
		pardoned(&change);
	else if (record->kind == RECORD_SEAT || record->kind == RECORD_UNSEAT)
		came_or_left(&change);
	else if (record->kind == RECORD_EVENT && changes[event->kind] &&
		 !(event->flags & FLAG_PRIVATE) &&
		 (!(event->flags & FLAG_AGAIN) || event->kind == KIND_POLL_START))
		changes[event->kind](&change);
}
