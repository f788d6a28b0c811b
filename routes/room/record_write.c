#include <assert.h>
#include <string.h>

#include "codecs/text/crc32c.h"
#include "routes/room/record_format.h"

struct writer {
	unsigned char *at;
};

static inline void put_bytes(struct writer *w, const void *bytes, size_t len)
{
	memcpy(w->at, bytes, len);
	w->at += len;
}

/* The lowest bytes of a number, 1, 2, 4 or 8. */
static inline void put_number(struct writer *w, uint64_t value, size_t bytes)
{
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		value = __builtin_bswap64(value << (64 - 8 * bytes));
	put_bytes(w, &value, bytes);
}

static inline void put_text(struct writer *w, struct slice text)
{
	put_number(w, text.len, 4);
	if (text.len)
		put_bytes(w, text.data, text.len);
}

static void put_person(struct writer *w, const struct person *person)
{
	put_number(w, person->number, 4);
	put_number(w, person->roles, 4);
	put_bytes(w, person->uuid, sizeof(person->uuid));
	put_text(w, person->name);
}

static void put_ids(struct writer *w, const uint64_t *ids, size_t count)
{
	put_number(w, count, 4);
	for (size_t i = 0; i < count; i++)
		put_number(w, ids[i], 8);
}

/* Nearly always the parts' texts are the event's text, one after the other. */
static void put_parts(struct writer *w, const struct envelope *event)
{
	struct slice rest = event->text;

	put_number(w, event->part_count, 4);
	for (size_t i = 0; i < event->part_count; i++) {
		const struct part *part = &event->parts[i];
		bool next = part->text.len <= rest.len &&
			    (part->text.data == rest.data ||
			     slice_equal(slice_span(rest.data, part->text.len), part->text));

		put_number(w, part->kind, 1);
		put_number(w, next, 1);
		put_number(w, part->x, 2);
		put_number(w, part->y, 2);
		put_number(w, part->number, 4);
		put_number(w, part->text.len, 4);
		if (next && part->text.len)
			rest = slice_span(rest.data + part->text.len, rest.len - part->text.len);
		else if (!next)
			put_bytes(w, part->text.data, part->text.len);
		put_text(w, part->name);
	}
}

static void put_reactions(struct writer *w, const struct envelope *event)
{
	put_number(w, event->reaction_count, 4);
	for (size_t i = 0; i < event->reaction_count; i++) {
		put_text(w, event->reactions[i].emoji);
		put_number(w, event->reactions[i].count, 4);
	}
}

static void put_poll(struct writer *w, const struct poll *poll)
{
	put_text(w, poll->question);
	put_number(w, poll->option_count, 4);
	for (size_t i = 0; i < poll->option_count; i++) {
		put_text(w, poll->options[i]);
		put_number(w, poll->counts[i], 4);
	}
	put_number(w, poll->voters, 4);
	put_number(w, poll->duration_ms, 8);
	put_number(w, poll->ends_ms, 8);
}

static void put_seat(struct writer *w, const struct record_seat *seat)
{
	put_number(w, seat->ref.worker, 4);
	put_number(w, seat->ref.slot, 4);
	put_number(w, seat->ref.generation, 4);
	put_number(w, seat->form, 4);
	put_number(w, seat->address, 8);
}

static void put_files(struct writer *w, const struct record_more *more)
{
	put_number(w, more->file_count, 4);
	for (size_t i = 0; i < more->file_count; i++) {
		put_text(w, more->files[i].url);
		put_text(w, more->files[i].media_type);
		put_text(w, more->files[i].name);
		put_number(w, more->files[i].size, 8);
	}
}

/* ---- which groups there are, and what is in each ---- */

static uint32_t bit(enum record_group group, bool there)
{
	return (uint32_t)there << group;
}

static uint32_t groups_of_event(const struct record *record)
{
	const struct envelope *event = record->event;
	const struct origin *origin = &event->origin;
	bool words = record_has_words(record);

	return bit(GROUP_AUTHOR, record_has_person(&event->author)) |
	       bit(GROUP_SUBJECT, record_has_person(&event->subject)) |
	       bit(GROUP_ORIGIN, origin->dialect.len || origin->instance.len || origin->hops) |
	       bit(GROUP_TEXT, words && event->text.data) |
	       bit(GROUP_PARTS, words && event->part_count) |
	       bit(GROUP_THREAD, event->thread.data) | bit(GROUP_EXTRA, event->extra.data) |
	       bit(GROUP_TARGET, event->target) | bit(GROUP_NOTE, event->note) |
	       bit(GROUP_CLIENT_TIME, event->client_time_ms) |
	       bit(GROUP_DURATION, event->duration_ms) |
	       bit(GROUP_REACTIONS, event->reaction_count) |
	       bit(GROUP_REMOVED, event->removed_count) | bit(GROUP_POLL, event->poll);
}

uint32_t record_groups(const struct record *record)
{
	const struct record_aside *aside = &record->aside;
	const struct record_more *more = record->more;
	uint32_t groups =
	    groups_of_event(record) | bit(GROUP_WRITER, record_has_person(&aside->writer)) |
	    bit(GROUP_SEAT, record->kind == RECORD_SEAT || record->kind == RECORD_UNSEAT) |
	    bit(GROUP_VOTE, aside->voter) | bit(GROUP_UNTIL, aside->until_ms) |
	    bit(GROUP_ADDRESSES, aside->address_count) | bit(GROUP_ABOUT, aside->about);

	if (more)
		groups |=
		    bit(GROUP_REPLY, more->reply_to || record_has_person(&more->reply_author)) |
		    bit(GROUP_FILES, more->file_count) | bit(GROUP_AVATAR, more->avatar.len) |
		    bit(GROUP_DISPLAY, more->display.len);
	return groups;
}

static void put_event_group(struct writer *w, const struct envelope *event, enum record_group group)
{
	switch (group) {
	case GROUP_AUTHOR: put_person(w, &event->author); break;
	case GROUP_SUBJECT: put_person(w, &event->subject); break;
	case GROUP_ORIGIN:
		put_text(w, event->origin.dialect);
		put_text(w, event->origin.instance);
		put_number(w, event->origin.hops, 4);
		break;
	case GROUP_TEXT: put_text(w, event->text); break;
	case GROUP_PARTS: put_parts(w, event); break;
	case GROUP_THREAD: put_text(w, event->thread); break;
	case GROUP_EXTRA: put_text(w, event->extra); break;
	case GROUP_TARGET: put_number(w, event->target, 8); break;
	case GROUP_NOTE:
		put_number(w, event->note->time_ms, 8);
		put_number(w, event->note->shown, 8);
		break;
	case GROUP_CLIENT_TIME: put_number(w, (uint64_t)event->client_time_ms, 8); break;
	case GROUP_DURATION: put_number(w, event->duration_ms, 8); break;
	case GROUP_REACTIONS: put_reactions(w, event); break;
	case GROUP_REMOVED: put_ids(w, event->removed, event->removed_count); break;
	case GROUP_POLL: put_poll(w, event->poll); break;
	default: break;
	}
}

static void put_group(struct writer *w, const struct record *record, enum record_group group)
{
	const struct record_aside *aside = &record->aside;

	switch (group) {
	case GROUP_WRITER: put_person(w, &aside->writer); break;
	case GROUP_SEAT: put_seat(w, &record->seat); break;
	case GROUP_VOTE:
		put_number(w, aside->voter, 4);
		put_number(w, aside->choice, 4);
		break;
	case GROUP_UNTIL: put_number(w, aside->until_ms, 8); break;
	case GROUP_ADDRESSES: put_ids(w, aside->addresses, aside->address_count); break;
	case GROUP_ABOUT: put_number(w, aside->about, 8); break;
	case GROUP_REPLY:
		put_number(w, record->more->reply_to, 8);
		put_person(w, &record->more->reply_author);
		break;
	case GROUP_FILES: put_files(w, record->more); break;
	case GROUP_AVATAR: put_text(w, record->more->avatar); break;
	case GROUP_DISPLAY: put_text(w, record->more->display); break;
	default: put_event_group(w, record->event, group); break;
	}
}

/* ---- a record ---- */

static uint8_t bits_of(const struct record_aside *aside)
{
	return (uint8_t)((aside->keep ? RECORD_BIT_KEEP : 0) |
			 (aside->present ? RECORD_BIT_PRESENT : 0) |
			 (aside->own ? RECORD_BIT_OWN : 0) |
			 (aside->unbans ? RECORD_BIT_UNBANS : 0) |
			 (aside->unmutes ? RECORD_BIT_UNMUTES : 0));
}

/* All but the size, which comes when it is known, and the checksum. */
static void put_record(struct writer *w, const struct record *record)
{
	uint32_t groups = record_groups(record);

	w->at += 4;
	put_number(w, RECORD_VERSION, 1);
	put_number(w, record->kind, 1);
	put_number(w, record->event->kind, 1);
	put_number(w, bits_of(&record->aside), 1);
	put_number(w, record->number, 8);
	put_number(w, record->event->id, 8);
	put_number(w, record->event->sequence, 8);
	put_number(w, record->event->time_ms, 8);
	put_number(w, record->event->flags, 4);
	put_number(w, groups, 4);
	put_text(w, record->event->room);
	for (; groups; groups &= groups - 1)
		put_group(w, record, (enum record_group)__builtin_ctz(groups));
}

size_t record_write(const struct record *record, unsigned char *to)
{
	struct writer w = { to }, head = { to };
	size_t size;

	put_record(&w, record);
	size = (size_t)(w.at - to) + RECORD_CRC;
	assert(size <= RECORD_SIZE_MAX);
	put_number(&head, size, 4);
	put_number(&w, crc32c(to, size - RECORD_CRC), RECORD_CRC);
	return size;
}

/* ---- how long it may be ---- */

/* All that has a fixed size, with the lengths of texts and the counts of arrays. */
#define FIXED_MOST 512

static size_t parts_most(const struct envelope *event)
{
	size_t size = 0;

	for (size_t i = 0; i < event->part_count; i++)
		size += 18 + event->parts[i].text.len + event->parts[i].name.len;
	return size;
}

static size_t reactions_most(const struct envelope *event)
{
	size_t size = 0;

	for (size_t i = 0; i < event->reaction_count; i++)
		size += 8 + event->reactions[i].emoji.len;
	return size;
}

static size_t poll_most(const struct poll *poll)
{
	size_t size = poll->question.len;

	for (size_t i = 0; i < poll->option_count; i++)
		size += 8 + poll->options[i].len;
	return size;
}

static size_t more_most(const struct record_more *more)
{
	size_t size = more->reply_author.name.len + more->avatar.len + more->display.len;

	for (size_t i = 0; i < more->file_count; i++)
		size += 20 + more->files[i].url.len + more->files[i].media_type.len +
			more->files[i].name.len;
	return size;
}

size_t record_most(const struct record *record)
{
	const struct envelope *event = record->event;
	size_t size = FIXED_MOST + event->room.len + event->thread.len + event->author.name.len +
		      event->subject.name.len + event->text.len + event->extra.len +
		      event->origin.dialect.len + event->origin.instance.len +
		      record->aside.writer.name.len + parts_most(event) + reactions_most(event) +
		      8 * (event->removed_count + record->aside.address_count);

	if (event->poll)
		size += poll_most(event->poll);
	return record->more ? size + more_most(record->more) : size;
}
