/* password.h - secrets kept as hashes by argon2id, which libsodium makes and compares: nothing else
 * calls it for them. What hashes take is up to whoever made them: see conf/table/password_hash.h
 * for the bounds. Any thread, but never that of a loop: it is slow on purpose. */
#ifndef BRIDGE_SECRETS_PASSWORD_H
#define BRIDGE_SECRETS_PASSWORD_H

#include <stdbool.h>

#include "codecs/text/slice.h"
#include "conf/table/password_hash.h"

/* What one takes unless asked for otherwise: OWASP's recommendation. */
#define PASSWORD_MIB    19
#define PASSWORD_PASSES 2

/* Has the library begin, which may be asked for again. False when it cannot. */
bool password_begin(void) __attribute__((warn_unused_result));

enum password_verdict {
	PASSWORD_WRONG,
	PASSWORD_RIGHT,
	PASSWORD_UNKNOWN /* there was not enough memory to compare them */
};

/* Is hash, of which password_hash_fault() finds nothing wrong, that of secret? Borrows both. */
enum password_verdict password_compare(const char *hash, struct slice secret);

/* The hash of a secret (borrows), with a salt of its own each time. mib, passes: as
 * password_cost_fault() allows. False when there is not enough memory. */
bool password_hash(struct slice secret, unsigned mib, unsigned passes,
		   char hash[PASSWORD_HASH_BYTES]) __attribute__((warn_unused_result));

#define MARK_BYTES 32

/* What tells that a secret belongs to a hash, quickly, and to nobody without the key: keyed BLAKE2b
 * of both. Takes microseconds, so that loops may call it. */
void password_mark(const unsigned char key[MARK_BYTES], const char *hash, struct slice secret,
		   unsigned char mark[MARK_BYTES]);

/* Are they the same, in a time that tells nothing of where they differ? */
bool mark_equal(const unsigned char a[MARK_BYTES], const unsigned char b[MARK_BYTES]);

#endif
