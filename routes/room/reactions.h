/* reactions.h - who reacted how to one message: a set of (emoji, person) pairs. Used by
 * the journal alone, on its thread; the limits are for all. */
#ifndef ROUTES_ROOM_REACTIONS_H
#define ROUTES_ROOM_REACTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/model/envelope.h"
#include "codecs/text/quote.h"
#include "routes/room/digest.h"

#define REACTIONS_MAX 4096 /* (emoji, person) pairs on one message */

struct reactions;

/* Returns new: no reactions yet. */
struct reactions *reactions_new(void);

/* NULL is ignored. */
void reactions_free(struct reactions *reactions);

/* How many pairs; NULL has none. */
size_t reactions_pairs(const struct reactions *reactions);

/* NULL has none. */
bool reactions_has(const struct reactions *reactions, struct slice emoji, uint32_t person);

/* Would one more pair be within REACTIONS_MAX and ENVELOPE_REACTIONS_MAX? The pair must
 * not be there. */
bool reactions_fit(const struct reactions *reactions, struct slice emoji);

/* Adds a pair that is not there and fits. emoji: 1 .. REACTION_BYTES_MAX bytes, copied. */
void reactions_add(struct reactions *reactions, struct slice emoji, uint32_t person);

/* Takes away a pair that is there. */
void reactions_remove(struct reactions *reactions, struct slice emoji, uint32_t person);

/* Takes away all pairs of a person. Returns how many there were. */
size_t reactions_forget(struct reactions *reactions, uint32_t person);

/* The map, in the order the emojis were first used; at most max rows. NULL has none. Borrows
 * until the next change. Returns how many. */
size_t reactions_counts(const struct reactions *reactions, struct reaction_count *out, size_t max);

/* Who reacted how: emoji by emoji, in the order these were first used; at most max rows. NULL has
 * none. Borrows until the next change. Returns how many. */
struct reactor {
	struct slice emoji;
	uint32_t person;
};
size_t reactions_list(const struct reactions *reactions, struct reactor *out, size_t max);

/* Every pair. NULL has none. */
void reactions_digest(const struct reactions *reactions, struct digest *digest);

#endif
