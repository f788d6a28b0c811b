/* passwd.h - dragoman passwd: asks for a secret, and makes the hash that a configuration needs of
 * it. */
#ifndef BRIDGE_COMMAND_PASSWD_H
#define BRIDGE_COMMAND_PASSWD_H

#include <stdbool.h>
#include <stdio.h>

#include "bridge/command/arguments.h"

/* Reads the secret, see secret.h. Writes the hash, of what arguments say, and a line end: to the
 * file arguments->word, whole or not at all, of mode 0600, with the owner of the file that it
 * replaces; or to out when that is NULL. False after an error, said to errors. */
bool passwd_run(const struct arguments *arguments, FILE *out, FILE *errors)
    __attribute__((warn_unused_result));

#endif
