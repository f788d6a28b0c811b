/* digest.h - a number for what a room holds, which is another one when anything in it is. Not for
 * proofs: whoever chooses what is in it can make two that are the same. For the files of
 * routes/room only. All borrow. */
#ifndef ROUTES_ROOM_DIGEST_H
#define ROUTES_ROOM_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "codecs/model/envelope.h"
#include "codecs/text/slice.h"

/* Zeroed is of nothing. The order of what is added matters. */
struct digest {
	uint64_t hash;
};

static inline void digest_number(struct digest *digest, uint64_t number)
{
	uint64_t hash = (digest->hash ^ number) * UINT64_C(0x9e3779b97f4a7c15);

	/* So that zeros count, too. */
	digest->hash = (hash ^ hash >> 32) + UINT64_C(0x2545f4914f6cdd1d);
}

/* Absent equals empty. */
void digest_text(struct digest *digest, struct slice text);

void digest_person(struct digest *digest, const struct person *person);

/* All of an event that a record of it keeps, but its arrays; and the same without its words. */
void digest_event(struct digest *digest, const struct envelope *event);
void digest_deed(struct digest *digest, const struct envelope *event);

void digest_poll(struct digest *digest, const struct poll *poll);

#endif
