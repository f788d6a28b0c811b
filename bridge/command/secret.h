/* secret.h - a secret that is asked for, and kept as its hash alone, or for a moment. */
#ifndef BRIDGE_COMMAND_SECRET_H
#define BRIDGE_COMMAND_SECRET_H

#include <stdbool.h>
#include <stdio.h>

#include "bridge/secrets/password.h"

/* Reads a secret from standard input: from a terminal twice, without echo, else one line. hash:
 * what argon2id makes of it with that much memory and so many passes, as password_cost_fault()
 * allows. False after an error, said to errors. A signal that ends the process leaves the terminal
 * as it was. */
bool secret_hash(unsigned mib, unsigned passes, char hash[PASSWORD_HASH_BYTES], FILE *errors)
    __attribute__((warn_unused_result));

#define SECRET_PLAIN_MAX 8001 /* with its NUL */

/* The same as it is, asked for once; it may be empty. The caller wipes it. */
bool secret_plain(char secret[SECRET_PLAIN_MAX], FILE *errors) __attribute__((warn_unused_result));

#endif
