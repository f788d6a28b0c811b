/* proven.h - which secrets were found to belong to which hashes, so that who comes back need not
 * wait again. A secret cannot be read from it: it keeps marks (password.h) under a key that is
 * drawn at start, lies in memory only, and ends with the process. Bounded: a new mark may take the
 * place of another. Not guarded. */
#ifndef BRIDGE_SECRETS_PROVEN_H
#define BRIDGE_SECRETS_PROVEN_H

#include <stdbool.h>

#include "bridge/secrets/password.h"

#define PROVEN_COUNT 4096 /* a power of two: 128 KiB */

struct proven {
	unsigned char key[MARK_BYTES];
	unsigned char marks[PROVEN_COUNT][MARK_BYTES]; /* zeros: none */
};

/* Draws the key; *proven is zeroed. False when the system gives no random bytes. */
bool proven_begin(struct proven *proven) __attribute__((warn_unused_result));

/* mark: of password_mark() with proven->key. */
bool proven_has(const struct proven *proven, const unsigned char mark[MARK_BYTES]);
void proven_add(struct proven *proven, const unsigned char mark[MARK_BYTES]);

/* Forgets all, but for the key. */
void proven_forget(struct proven *proven);

#endif
