#include "routes/room/journal.h"

#include <assert.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"
#include "codecs/text/name.h"
#include "routes/room/journal_rows.h"

#define CAPACITY_FIRST 16

/* ---- authors ---- */

static int author_order(const void *a, const void *b)
{
	uint32_t left = ((const struct author *)a)->number;
	uint32_t right = ((const struct author *)b)->number;

	return (left > right) - (left < right);
}

static struct author *author_find(const struct journal *journal, uint32_t number)
{
	struct author key = { .number = number };
	struct author *const *found = tfind(&key, &journal->authors, author_order);

	return found ? *found : NULL;
}

static struct author *author_get(struct journal *journal, uint32_t number)
{
	struct author *author = author_find(journal, number);

	if (author)
		return author;
	author = memory_zeroed(1, sizeof(*author));
	author->number = number;
	if (!tsearch(author, &journal->authors, author_order))
		abort();
	return author;
}

static struct slice name_folded(const struct author_name *name)
{
	return slice_span(name->bytes + name->len, name->folded_len);
}

/* Moves the author's name, if they have it, to the front. */
static struct author_name *name_find(struct author *author, struct slice display)
{
	struct author_name **link = &author->names, *name;

	while (*link && !slice_equal(name_display(*link), display))
		link = &(*link)->next;
	name = *link;
	if (!name || name == author->names)
		return name;
	*link = name->next;
	name->next = author->names;
	author->names = name;
	return name;
}

/* The row's share in its author's name; a use more. */
static struct author_name *name_use(struct journal *journal, const struct person *person)
{
	struct author *author = author_get(journal, person->number);
	struct author_name *name = name_find(author, person->name);
	char folded[NAME_FOLDED_MAX];
	size_t folded_len;

	author->roles = person->roles;
	if (name) {
		name->uses++;
		return name;
	}
	folded_len = name_fold(person->name, folded);
	name = memory_new(sizeof(*name) + person->name.len + folded_len);
	*name = (struct author_name){ author->names, author, 1, person->name.len, folded_len };
	if (person->name.len)
		memcpy(name->bytes, person->name.data, person->name.len);
	memcpy(name->bytes + name->len, folded, folded_len);
	author->names = name;
	return name;
}

/* A use less; an author without names is forgotten. */
static void name_unuse(struct journal *journal, struct author_name *name)
{
	struct author *author = name->author;
	struct author_name **link = &author->names;

	if (--name->uses)
		return;
	while (*link != name)
		link = &(*link)->next;
	*link = name->next;
	free(name);
	if (author->names)
		return;
	tdelete(author, &journal->authors, author_order);
	free(author);
}

/* ---- rows ---- */

static void content_drop(struct journal *journal, struct row *row)
{
	if (!row->content)
		return;
	envelope_release(row->content);
	row->content = NULL;
	journal->kept--;
}

static void reactions_drop(struct journal *journal, struct row *row)
{
	journal->pairs -= reactions_pairs(row->reactions);
	reactions_free(row->reactions);
	row->reactions = NULL;
}

static void row_forget_oldest(struct journal *journal)
{
	struct row *row = row_at(journal, oldest(journal));

	content_drop(journal, row);
	reactions_drop(journal, row);
	name_unuse(journal, row->by);
	journal->count--;
}

static void content_drop_oldest(struct journal *journal)
{
	if (journal->oldest_kept < oldest(journal))
		journal->oldest_kept = oldest(journal);
	while (!row_at(journal, journal->oldest_kept)->content)
		journal->oldest_kept++;
	content_drop(journal, row_at(journal, journal->oldest_kept));
}

static void ring_grow(struct journal *journal)
{
	size_t capacity = journal->capacity ? journal->capacity * 2 : CAPACITY_FIRST;
	struct row *ring = memory_new(capacity * sizeof(*ring));

	for (uint64_t at = oldest(journal); at <= journal->newest; at++)
		ring[at & (capacity - 1)] = *row_at(journal, at);
	free(journal->ring);
	journal->ring = ring;
	journal->capacity = capacity;
}

/* ---- the journal ---- */

struct journal *journal_new(size_t remembered, size_t history)
{
	struct journal *journal = memory_zeroed(1, sizeof(*journal));

	assert(remembered >= 1 && history <= remembered);
	journal->remembered = remembered;
	journal->history = history;
	return journal;
}

void journal_free(struct journal *journal)
{
	if (!journal)
		return;
	while (journal->count)
		row_forget_oldest(journal);
	free(journal->ring);
	notes_clear(&journal->notes);
	free(journal);
}

void journal_limit(struct journal *journal, size_t remembered, size_t history)
{
	assert(remembered >= 1 && history <= remembered);
	journal->remembered = remembered;
	journal->history = history;
	while (journal->count > remembered)
		row_forget_oldest(journal);
	while (journal->kept > history)
		content_drop_oldest(journal);
}

uint64_t journal_next(struct journal *journal)
{
	return ++journal->sequence;
}

void journal_resume(struct journal *journal, uint64_t sequence)
{
	if (journal->sequence < sequence)
		journal->sequence = sequence;
}

size_t journal_count(const struct journal *journal)
{
	return journal->count;
}

size_t journal_kept(const struct journal *journal)
{
	return journal->kept;
}

uint64_t journal_newest_id(const struct journal *journal)
{
	return journal->count ? row_at(journal, journal->newest)->id : 0;
}

uint64_t journal_last(const struct journal *journal)
{
	return journal->sequence;
}

void journal_append(struct journal *journal, const struct envelope *sealed,
		    const struct person *writer, bool keep_content)
{
	struct author_name *by;
	struct row *row;

	assert(!journal->count || row_at(journal, journal->newest)->id < sealed->id);
	if (journal->count == journal->remembered)
		row_forget_oldest(journal);
	if (journal->count == journal->capacity)
		ring_grow(journal);
	by = name_use(journal, writer);
	journal->newest++;
	journal->count++;
	row = row_at(journal, journal->newest);
	*row = (struct row){
		.id = sealed->id, .time_ms = sealed->time_ms, .older = by->author->newest, .by = by
	};
	by->author->newest = journal->newest;
	if (!keep_content || !journal->history)
		return;
	row->content = envelope_hold(sealed);
	if (++journal->kept > journal->history)
		content_drop_oldest(journal);
}

bool journal_find(const struct journal *journal, uint64_t id, struct journal_entry *entry)
{
	const struct row *row = row_find(journal, id);

	if (!row)
		return false;
	*entry = (struct journal_entry){
		.id = id,
		.author = row->by->author->number,
		.name = name_display(row->by),
		.time_ms = row->time_ms,
		.shown = row->shown,
		.content = row->content,
		.deleted = row->deleted,
	};
	return true;
}

uint32_t journal_author(const struct journal *journal, struct slice name, struct slice *display)
{
	char folded[NAME_FOLDED_MAX];
	struct slice wanted = slice_span(folded, name_fold(name, folded));

	for (uint64_t at = journal->newest; wanted.len && at >= oldest(journal); at--) {
		const struct author_name *by = row_at(journal, at)->by;

		if (!by->author->number || !slice_equal(name_folded(by), wanted))
			continue;
		if (display)
			*display = name_display(by);
		return by->author->number;
	}
	return 0;
}

bool journal_author_known(const struct journal *journal, uint32_t number, struct slice *display,
			  uint32_t *roles)
{
	const struct author *author = author_find(journal, number);

	if (!author)
		return false;
	*display = name_display(author->names);
	*roles = author->roles;
	return true;
}

/* ---- what happens to a message later ---- */

static void row_delete(struct journal *journal, struct row *row)
{
	row->deleted = true;
	content_drop(journal, row);
	reactions_drop(journal, row);
}

bool journal_delete(struct journal *journal, uint64_t id)
{
	struct row *row = row_find(journal, id);

	if (!row || row->deleted)
		return false;
	row_delete(journal, row);
	return true;
}

static void ids_reverse(uint64_t *ids, size_t count)
{
	for (size_t i = 0; i < count / 2; i++) {
		uint64_t id = ids[i];

		ids[i] = ids[count - 1 - i];
		ids[count - 1 - i] = id;
	}
}

size_t journal_delete_all(struct journal *journal, uint32_t number, struct slice name,
			  uint64_t *removed, size_t max)
{
	struct author *author = number ? author_find(journal, number) : NULL;
	char folded[NAME_FOLDED_MAX];
	struct slice wanted = slice_span(folded, name_fold(name, folded));
	uint64_t at = journal->newest;
	size_t count = 0;

	if (number)
		at = author ? author->newest : 0;
	while (at && at >= oldest(journal)) {
		struct row *row = row_at(journal, at);

		if (!row->deleted && (!wanted.len || slice_equal(name_folded(row->by), wanted))) {
			row_delete(journal, row);
			if (count < max)
				removed[count++] = row->id;
		}
		at = number ? row->older : at - 1;
	}
	if (author && !wanted.len)
		author->newest = 0;
	ids_reverse(removed, count);
	return count;
}

struct envelope *journal_edited(const struct envelope *content, const struct envelope *edit)
{
	struct envelope edited = *content;

	edited.flags &= ~(uint32_t)(FLAG_ACTION | FLAG_MASS_MENTIONS);
	edited.flags |= FLAG_EDITED | (edit->flags & (FLAG_ACTION | FLAG_MASS_MENTIONS));
	edited.text = edit->text;
	edited.parts = edit->parts;
	edited.part_count = edit->part_count;
	return envelope_seal(&edited);
}

bool journal_has_author(const struct journal *journal, uint32_t number)
{
	const struct author *author = author_find(journal, number);
	uint64_t at = author ? author->newest : 0;

	while (at && at >= oldest(journal) && row_at(journal, at)->deleted)
		at = row_at(journal, at)->older;
	return at && at >= oldest(journal);
}

/* The row's author has another name in it. */
static void row_rename(struct journal *journal, struct row *row, const struct person *person)
{
	struct author_name *before = row->by;

	row->by = name_use(journal, person);
	name_unuse(journal, before);
}

size_t journal_forget_author(struct journal *journal, uint32_t number, size_t *reactions)
{
	const struct person nameless = { .number = number };
	size_t pairs = journal->pairs, count = 0;
	struct author *author;

	for (uint64_t at = oldest(journal); at <= journal->newest; at++) {
		struct row *row = row_at(journal, at);

		if (row->by->author->number == number) {
			count += !row->deleted || name_display(row->by).len > 0;
			row_delete(journal, row);
			row_rename(journal, row, &nameless);
		} else if (row->reactions) {
			journal->pairs -= reactions_forget(row->reactions, number);
			if (!reactions_pairs(row->reactions))
				reactions_drop(journal, row);
		}
	}
	*reactions += pairs - journal->pairs;
	author = author_find(journal, number);
	if (author)
		author->newest = 0;
	return count;
}

void journal_edit(struct journal *journal, uint64_t id, const struct envelope *edit)
{
	struct row *row = row_find(journal, id);
	const struct envelope *before = row ? row->content : NULL;

	if (!before)
		return;
	row->content = journal_edited(before, edit);
	envelope_release(before);
}

void journal_forget(struct journal *journal, uint64_t id)
{
	struct row *row = row_find(journal, id);

	if (row)
		content_drop(journal, row);
}

/* ---- notes ---- */

void journal_note(struct journal *journal, const struct journal_note *note)
{
	struct row *about = note->stands ? row_find(journal, note->about) : NULL;

	notes_add(&journal->notes, note);
	if (about)
		about->shown = note->id;
}

bool journal_note_find(const struct journal *journal, uint64_t id, struct journal_note *note)
{
	const struct journal_note *found = notes_find(&journal->notes, id);

	if (found)
		*note = *found;
	return found != NULL;
}

void journal_note_delete(struct journal *journal, uint64_t id)
{
	struct journal_note *found = notes_find(&journal->notes, id);

	if (found)
		found->deleted = true;
}

/* How many rows with content are newer than an id; at most max. */
static size_t kept_since(const struct journal *journal, uint64_t id, size_t max)
{
	size_t count = 0;

	for (uint64_t at = journal->newest; at >= oldest(journal) && at && count < max; at--) {
		if (row_at(journal, at)->id <= id)
			break;
		count += row_at(journal, at)->content != NULL;
	}
	return count;
}

static void newest_kept(const struct journal *journal, const struct envelope **out, size_t left)
{
	for (uint64_t at = journal->newest; left; at--) {
		const struct envelope *content = row_at(journal, at)->content;

		if (content)
			out[--left] = envelope_hold(content);
	}
}

size_t journal_recent(const struct journal *journal, const struct envelope **out, size_t max)
{
	size_t count = max < journal->kept ? max : journal->kept;

	newest_kept(journal, out, count);
	return count;
}

size_t journal_since(const struct journal *journal, uint64_t id, const struct envelope **out,
		     size_t max)
{
	size_t count = kept_since(journal, id, max);

	newest_kept(journal, out, count);
	return count;
}

/* ---- reactions ---- */

static enum journal_reaction reaction_add(struct journal *journal, struct row *row,
					  struct slice emoji, uint32_t person)
{
	if (reactions_has(row->reactions, emoji, person))
		return JOURNAL_UNCHANGED;
	if (journal->pairs >= JOURNAL_REACTIONS_MAX || !reactions_fit(row->reactions, emoji))
		return JOURNAL_FULL;
	if (!row->reactions)
		row->reactions = reactions_new();
	reactions_add(row->reactions, emoji, person);
	journal->pairs++;
	return JOURNAL_REACTED;
}

static enum journal_reaction reaction_remove(struct journal *journal, struct row *row,
					     struct slice emoji, uint32_t person)
{
	if (!reactions_has(row->reactions, emoji, person))
		return JOURNAL_UNCHANGED;
	reactions_remove(row->reactions, emoji, person);
	journal->pairs--;
	if (!reactions_pairs(row->reactions))
		reactions_drop(journal, row);
	return JOURNAL_REACTED;
}

enum journal_reaction journal_react(struct journal *journal, uint64_t id, struct slice emoji,
				    uint32_t person, bool adding)
{
	struct row *row = row_find(journal, id);

	if (!row || row->deleted || !emoji.len)
		return JOURNAL_UNCHANGED;
	if (!adding)
		return reaction_remove(journal, row, emoji, person);
	if (emoji.len > REACTION_BYTES_MAX)
		return JOURNAL_FULL;
	return reaction_add(journal, row, emoji, person);
}

size_t journal_reactions(const struct journal *journal, uint64_t id, struct reaction_count *out,
			 size_t max)
{
	const struct row *row = row_find(journal, id);

	return row ? reactions_counts(row->reactions, out, max) : 0;
}
