/* token_text.h - bearer tokens as texts: 256 bits from the system's generator, and the hash by
 * which they are kept. Nothing else sees a token's bits. libsodium. */
#ifndef BRIDGE_SECRETS_TOKEN_TEXT_H
#define BRIDGE_SECRETS_TOKEN_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "codecs/text/slice.h"

/* What a token begins with, so that it is never taken for a name, and found where it should not be.
 */
#define TOKEN_PREFIX     "dgm_"
#define TOKEN_TEXT_LEN   47 /* the prefix, and 43 of [A-Za-z0-9_-] */
#define TOKEN_HASH_BYTES 32

/* A new one, terminated. Any thread. */
void token_text_make(char text[TOKEN_TEXT_LEN + 1]);

/* Does a text (borrows; may be absent) begin as one? Then it is one or nothing: no name, no
 * password. */
bool token_text_meant(struct slice text);

/* Is it one, by its form? */
bool token_text_is(struct slice text);

/* BLAKE2b of the whole text (borrows). It needs no salt: nobody can try 2^256 of them. Any thread;
 * takes less than a microsecond. */
void token_text_hash(struct slice text, unsigned char hash[TOKEN_HASH_BYTES]);

/* Are they the same, in a time that tells nothing of where they differ? */
bool token_hash_equal(const unsigned char a[TOKEN_HASH_BYTES],
		      const unsigned char b[TOKEN_HASH_BYTES]);

#endif
