/* journal_rows.h - a journal's inside. For its own files only. */
#ifndef ROUTES_ROOM_JOURNAL_ROWS_H
#define ROUTES_ROOM_JOURNAL_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/model/envelope.h"
#include "routes/room/notes.h"
#include "routes/room/reactions.h"

/* A name somebody wrote under, shared by their rows. */
struct author_name {
	struct author_name *next; /* another name of the same number */
	struct author *author;
	size_t uses, len, folded_len;
	char bytes[]; /* as written, then folded */
};

struct author {
	uint32_t number, roles;
	uint64_t newest;           /* position of their newest row that may be visible; 0: none */
	struct author_name *names; /* the newest row's first */
};

struct row {
	uint64_t id;
	uint64_t older; /* position of the same author's row before this one; 0: none */
	uint64_t time_ms, shown;
	struct author_name *by;
	struct reactions *reactions;    /* NULL until there are any */
	const struct envelope *content; /* held; NULL: not kept */
	bool deleted;
};

/* Rows have positions 1, 2, 3 ... in the order they came; the last `count` are there. */
struct journal {
	struct row *ring; /* by position; capacity is a power of two */
	size_t capacity, count, remembered, history;
	size_t kept;          /* rows with content */
	size_t pairs;         /* reactions in the room */
	uint64_t newest;      /* position */
	uint64_t oldest_kept; /* no row before this position has content */
	uint64_t sequence;
	struct notes notes;
	void *authors; /* a tree by number: client-chosen numbers cannot degrade it */
};

static inline struct slice name_display(const struct author_name *name)
{
	return slice_span(name->bytes, name->len);
}

static inline struct row *row_at(const struct journal *journal, uint64_t position)
{
	return &journal->ring[position & (journal->capacity - 1)];
}

static inline uint64_t oldest(const struct journal *journal)
{
	return journal->newest - journal->count + 1;
}

/* Position of the first row with that id or a greater one; behind the newest: there is none. Ids
 * rise with positions. */
static inline uint64_t row_from(const struct journal *journal, uint64_t id)
{
	uint64_t low = oldest(journal), high = journal->newest + 1;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (row_at(journal, middle)->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* NULL: there is none of that id. */
static inline struct row *row_find(const struct journal *journal, uint64_t id)
{
	uint64_t at = row_from(journal, id);

	return at <= journal->newest && row_at(journal, at)->id == id ? row_at(journal, at) : NULL;
}

#endif
