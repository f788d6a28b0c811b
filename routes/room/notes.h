/* notes.h - what a room showed under ids that do not belong to messages. Used by the journal alone.
 */
#ifndef ROUTES_ROOM_NOTES_H
#define ROUTES_ROOM_NOTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "routes/room/digest.h"

/* What is shown under an id that does not belong to a message. */
struct journal_note {
	uint64_t id;
	uint64_t about;  /* the message it is about; 0: none */
	bool stands;     /* it stands for that message: to act on the one is to act on the other */
	uint32_t author; /* whose it is; 0: the bridge's */
	uint64_t time_ms;
	bool deleted;
};

/* Remembered are the last JOURNAL_NOTES of those that stand for a message, and as many of the
 * others: who reacts does not make it forget what an edited message is shown as. */
#define JOURNAL_NOTES 1024

/* The last ones by their place: how many there ever were, modulo JOURNAL_NOTES. */
struct note_ring {
	struct journal_note *notes; /* JOURNAL_NOTES of them, made for the first */
	uint64_t count;             /* how many there ever were */
};

/* Zeroed has none. */
struct notes {
	struct note_ring standing, others; /* by journal_note.stands */
};

void notes_clear(struct notes *notes);

/* Ids rise. Copies note. */
void notes_add(struct notes *notes, const struct journal_note *note);

/* NULL: there is no such note, or not any more. Borrowed until the next is added. */
struct journal_note *notes_find(const struct notes *notes, uint64_t id);

void notes_digest(const struct notes *notes, struct digest *digest);

#endif
