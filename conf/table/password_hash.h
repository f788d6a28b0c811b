/* password_hash.h - the text that argon2id makes of a secret, as libsodium writes it:
 * $argon2id$v=19$m=KIB,t=PASSES,p=LANES$SALT$HASH, the last two in base64 without padding. Pure:
 * nothing is hashed here. */
#ifndef CONF_TABLE_PASSWORD_HASH_H
#define CONF_TABLE_PASSWORD_HASH_H

#include <stdbool.h>
#include <stddef.h>

#define PASSWORD_HASH_PREFIX "$argon2id$"
#define PASSWORD_HASH_BYTES  128 /* the longest, with its NUL */

/* What one comparison may take at most: memory, and memory times passes, which is its time. */
#define PASSWORD_KIB_MAX  (256 * 1024)
#define PASSWORD_WORK_MAX (1024 * 1024) /* KiB times passes: some seconds */
#define PASSWORD_KIB_MIN  8

/* Is the text meant to be such a hash? */
bool password_hash_meant(const char *text);

/* NULL when text is one whose comparison takes no more than that, else what is wrong with it as
 * constant text that follows its name: "is not ...". Called when a configuration is read, and for
 * the command line. */
const char *password_hash_fault(const char *text);

/* NULL when comparisons with these parameters take no more than that, else what is wrong, as
 * above. lanes: 1 and more. */
const char *password_cost_fault(unsigned long kib, unsigned long passes, unsigned long lanes);

#endif
