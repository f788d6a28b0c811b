/* secret_file.h - a secret that stands in a file of its own. */
#ifndef BRIDGE_SECRETS_SECRET_FILE_H
#define BRIDGE_SECRETS_SECRET_FILE_H

#include <stdbool.h>
#include <stdio.h>

#define SECRET_BYTES_MAX 8192 /* with its NUL */

/* The first line of the file at path: a secret, or its hash. The caller wipes it. False: there is
 * none, or it cannot be read; said to errors. At start, and at a reload. */
bool secret_file_read(const char *path, char secret[SECRET_BYTES_MAX], FILE *errors)
    __attribute__((warn_unused_result));

#endif
