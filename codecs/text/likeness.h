/* likeness.h - does a name pass for another one, or for the bridge? Compared are forms of names in
 * which all that looks alike is the same: UTS 39's skeleton, whichever case it stands in. Computed
 * at login, not for each message: it takes some microseconds. */
#ifndef CODECS_TEXT_LIKENESS_H
#define CODECS_TEXT_LIKENESS_H

#include <stdbool.h>
#include <stddef.h>

#include "codecs/text/slice.h"

#define LOOK_BYTES_MAX 256

/* "Ian" looks like "lan", and is "ian": a name has two looks. One passes for the other when any of
 * its looks is any of the other's. */
struct looks {
	size_t len[2]; /* of each; 0: it has none */
	char text[2][LOOK_BYTES_MAX];
};

/* The looks of a cleaned name. */
void name_looks(struct slice name, struct looks *looks);

/* Does a cleaned name speak as the bridge does, so that no guest may have it? It does with a word
 * that looks like one of those it is known by (Dragoman, server, somebody), and with several words
 * when one looks like one of those that its sentences are made of (was, entered, banned ...). */
bool name_speaks(struct slice name);

#endif
