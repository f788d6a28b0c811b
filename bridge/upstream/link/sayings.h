/* sayings.h - what is to be said at a server that we call, one message of it after the other, until
 * it is settled. One thread. */
#ifndef BRIDGE_UPSTREAM_SAYINGS_H
#define BRIDGE_UPSTREAM_SAYINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/core/post.h"
#include "codecs/calls.h"

/* Something that is said, in one message there or in several. */
struct saying {
	const struct envelope *event; /* held: in the words in which it is said */
	struct post_draft *draft;     /* owned: of a client of the server behind; NULL: of a room */
	const struct envelope *origin; /* held: the event as the room has it; NULL: of a draft */
	bool degraded;                 /* in other words than ours */
	bool mapped;                   /* what it makes there is that event, or draft, here */
	char *text;                    /* owned; what is said, all of it; NULL: nothing is */
	size_t text_len;
	size_t who_len;                    /* bytes at the beginning of it that say who it is of */
	unsigned parts;                    /* messages that it is said in */
	unsigned left;                     /* those that are not settled */
	enum reason reason;                /* of the first that was refused */
	char *why;                         /* the same in words, owned; NULL: none */
	bool queued;                       /* it is in flight */
	bool looped;                       /* it has been there: nothing was said */
	bool expired;                      /* one of them waited too long */
	bool doubtful;                     /* one of them may have been said, or not */
	size_t name_count;                 /* what they are called there */
	char (*names)[FOREIGN_ID_MAX + 1]; /* owned */
};

enum saying_state { SAYING_WAITING, SAYING_SENT };

struct sayings_share;

struct saying_item {
	struct saying_item *next;
	struct saying *saying;
	struct sayings_share *share; /* of who said it; NULL: nobody's, or it is not in a queue */
	enum saying_state state;
	enum call_settling settling;
	bool echoes;
	uint64_t serial;
	unsigned part;                   /* of several that are a message here, from 1; 0: all */
	struct slice text;               /* its part of saying->text; absent: none */
	char target[FOREIGN_ID_MAX + 1]; /* "": none */
	uint64_t about;      /* the target is the message of that id here, which is on its way
			      * there itself; 0: it is known, or there is none */
	unsigned about_part; /* of those that it is said in */
	char subject_id[FOREIGN_ID_MAX + 1];
	uint64_t first_ms, sent_ms; /* tick_ms: when it came here, when it was sent last */
	uint64_t settled_ms;        /* tick_ms: when the server said yes; 0: it did not yet */
	uint64_t said_ms;           /* wall clock: when it was sent first; 0: not yet */
	unsigned attempts;
};

/* Zeroed is empty. */
struct sayings {
	struct saying_item *first, *last;
	size_t count, bytes, sent;
	struct sayings_share *shares; /* of who has something in it, by number */
};

/* Behind all others. Takes item. */
void sayings_add(struct sayings *sayings, struct saying_item *item);

/* Takes it out: the caller's. item must be in it. */
void sayings_take(struct sayings *sayings, struct saying_item *item);

/* Is there room for something that person of the room says (0: nobody says it), where there may be
 * so many items, and bytes? REASON_BUSY: it is full. REASON_RATE_LIMITED: what is left is for
 * others: nobody has more in it than there is room left. */
enum reason sayings_room(const struct sayings *sayings, uint32_t number, size_t items,
			 size_t bytes);

/* Sent, or to be sent again. */
void sayings_mark(struct sayings *sayings, struct saying_item *item, enum saying_state state);

/* What makes that message of ours there, and is not settled. NULL: nothing does. */
const struct saying *sayings_making(const struct sayings *sayings, uint64_t ours);

/* NULL: there is none. */
struct saying_item *sayings_find(const struct sayings *sayings, uint64_t serial);
struct saying_item *sayings_waiting(const struct sayings *sayings); /* the first */

/* The first that is sent, whose echo did not come yet, of that kind: of a message, with that text;
 * of others, about that target (absent: any). */
struct saying_item *sayings_echo(const struct sayings *sayings, enum envelope_kind kind,
				 struct slice text, struct slice target);

/* One more name that a message of it has there (copied, cut off at FOREIGN_ID_MAX). Twice the same
 * is once. */
void saying_name(struct saying *saying, struct slice name);

/* With its draft, if it still has one. NULL is ignored. */
void saying_free(struct saying *saying);

#endif
