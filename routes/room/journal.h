/* journal.h - the order of one room: sequence numbers, and what is remembered of its messages.
 *
 * Kept with the room, used by one thread. In memory: the last `remembered` messages (who
 * wrote them, reactions, deleted marks) and the content of the last `history` of them. */
#ifndef ROUTES_ROOM_JOURNAL_H
#define ROUTES_ROOM_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/model/envelope.h"
#include "routes/room/digest.h"
#include "routes/room/notes.h"

#define JOURNAL_REMEMBERED_DEFAULT 4096
#define JOURNAL_REACTIONS_MAX      65536 /* (emoji, person) pairs in one room */

struct journal;

/* remembered: 1 .. 1,000,000 messages; history: 0 .. remembered messages kept with content.
 * Returns new. */
struct journal *journal_new(size_t remembered, size_t history);
void journal_free(struct journal *journal);

/* Other limits from now on; what is beyond them is forgotten, the oldest first. */
void journal_limit(struct journal *journal, size_t remembered, size_t history);

/* The next sequence number, from 1. */
uint64_t journal_next(struct journal *journal);

/* The next one is above this, too. */
void journal_resume(struct journal *journal, uint64_t sequence);

/* Remembers what is ordered and not private: a message, or what the bridge says in words that
 * people may act on as on a message. Its id must exceed all before it. writer: who wrote it,
 * whatever name the message is shown under; number 0: the bridge. keep_content: hold it for
 * history. Borrows all (and holds sealed when its content is kept). */
void journal_append(struct journal *journal, const struct envelope *sealed,
		    const struct person *writer, bool keep_content);

struct journal_entry {
	uint64_t id;
	uint32_t author;                /* person number; 0: the bridge */
	struct slice name;              /* of the author; borrows from the journal */
	uint64_t time_ms;               /* when it was said */
	uint64_t shown;                 /* see struct target_note */
	const struct envelope *content; /* borrows; NULL: not kept */
	bool deleted;
};

/* Looks an id up. False when it was never here or is no longer remembered. entry->deleted tells
 * whether it is gone. Borrows until the next change of the journal. */
bool journal_find(const struct journal *journal, uint64_t id, struct journal_entry *entry)
    __attribute__((warn_unused_result));

/* The newest author number who wrote under a name that folds to this one; 0: none remembered.
 * display (may be NULL) gets the name as it was written, borrowed from the journal. */
uint32_t journal_author(const struct journal *journal, struct slice name, struct slice *display);

/* Who this number is, from its newest remembered message: the name as it was written (borrows
 * from the journal) and the roles it had. False when nothing of theirs is remembered. */
bool journal_author_known(const struct journal *journal, uint32_t author, struct slice *display,
			  uint32_t *roles) __attribute__((warn_unused_result));

/* How many messages are remembered, deleted ones among them. */
size_t journal_count(const struct journal *journal);

/* Of these with their content. */
size_t journal_kept(const struct journal *journal);

/* The id of the newest message that was ever remembered; 0: none. */
uint64_t journal_newest_id(const struct journal *journal);

/* The last sequence number that was given; 0: none. */
uint64_t journal_last(const struct journal *journal);

/* Marks one message deleted and forgets its content and reactions. False when unknown or
 * deleted already. */
bool journal_delete(struct journal *journal, uint64_t id) __attribute__((warn_unused_result));

/* Marks all (author 0), or one author's, remembered messages deleted, of these only what was
 * written under a name that folds to this one (absent: under any); writes the ids that were
 * visible, oldest first, newest `max` of them, to removed. Returns how many were written. */
size_t journal_delete_all(struct journal *journal, uint32_t author, struct slice name,
			  uint64_t *removed, size_t max);

/* Has the author (not 0) a message that is not deleted? */
bool journal_has_author(const struct journal *journal, uint32_t author);

/* All of the author's messages are deleted, and nothing but the number says whose they were; and
 * all of the author's reactions are taken away: *reactions is increased by how many, those to
 * these messages among them. Returns how many messages there were, deleted ones too, unless
 * they were forgotten before. */
size_t journal_forget_author(struct journal *journal, uint32_t author, size_t *reactions);

/* Replaces the kept content's text, parts and being an action by those of edit, if any is kept, and
 * marks it edited. */
void journal_edit(struct journal *journal, uint64_t id, const struct envelope *edit);

/* Remembers what is shown under an id that does not belong to a message, see notes.h. Ids rise.
 * What stands for a message is how that is shown from now on (target_note.shown). */
void journal_note(struct journal *journal, const struct journal_note *note);

/* False: no such note, or not remembered any more. */
bool journal_note_find(const struct journal *journal, uint64_t id, struct journal_note *note)
    __attribute__((warn_unused_result));

/* Marks it deleted; one that is not known is ignored. */
void journal_note_delete(struct journal *journal, uint64_t id);

/* What content is with the words of edit. Borrows both; returns new. Any thread. */
struct envelope *journal_edited(const struct envelope *content, const struct envelope *edit);

/* Forgets the kept content, if any is kept; all else stays. */
void journal_forget(struct journal *journal, uint64_t id);

enum journal_reaction {
	JOURNAL_REACTED,   /* the map changed */
	JOURNAL_UNCHANGED, /* it was so already: idempotent */
	JOURNAL_FULL       /* JOURNAL_REACTIONS_MAX, or a limit of reactions.h */
};

/* Adds or takes away one person's reaction to a message that journal_find() knows. */
enum journal_reaction journal_react(struct journal *journal, uint64_t id, struct slice emoji,
				    uint32_t person, bool adding);

/* The whole reaction map of a message, in the order the emojis were first used; at most max
 * rows. Borrows until the next change. Returns how many. */
size_t journal_reactions(const struct journal *journal, uint64_t id, struct reaction_count *out,
			 size_t max);

/* The newest messages with kept content that are not deleted, at most max, oldest first. Each
 * is held for the caller, who releases it. Returns how many. */
size_t journal_recent(const struct journal *journal, const struct envelope **out, size_t max);

/* The same of those that are newer than an id. */
size_t journal_since(const struct journal *journal, uint64_t id, const struct envelope **out,
		     size_t max);

/* The newest messages that are older than before (an id; UINT64_MAX: all are), at most max, oldest
 * first; each held for the caller. Without words: of a deleted one a KIND_DELETE with its id, time
 * and author; one whose words are not kept has an absent text, but what the bridge said itself is
 * left out then. Returns how many. */
size_t journal_past(const struct journal *journal, uint64_t before, const struct envelope **out,
		    size_t max);

/* The same, each as it is now: with its reactions, and no others but those with their words. */
size_t journal_now(const struct journal *journal, uint64_t before, const struct envelope **out,
		   size_t max);

/* One message as it is now. False: there is none of that id, or it is deleted. *content: held for
 * the caller, NULL: its words are not kept. Who reacted, as reactions_list(): at most max. */
struct reactor;
bool journal_message(const struct journal *journal, uint64_t id, const struct envelope **content,
		     struct reactor *out, size_t max, size_t *count)
    __attribute__((warn_unused_result));

/* Everybody who wrote what is remembered, by number: the name they wrote under last, and the roles
 * they had. Borrows until the next change. */
void journal_authors(const struct journal *journal,
		     void (*each)(void *context, uint32_t number, struct slice name,
				  uint32_t roles),
		     void *context);

/* All that is remembered, but not how far the sequence is. */
void journal_digest(const struct journal *journal, struct digest *digest);

#endif
