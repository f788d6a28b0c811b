/* matrix.h - the command `matrix`: what each dialect carries, and each ordered pair of them. Prints
 * only; the claims are those of the codecs, composed by routes/deliver/matrix.h. */
#ifndef BRIDGE_COMMAND_MATRIX_H
#define BRIDGE_COMMAND_MATRIX_H

#include <stdbool.h>
#include <stdio.h>

#include "bridge/command/arguments.h"
#include "conf/conf.h"

/* A table of all pairs; --pair: of one, with each field; --json; --markdown: the table of README.
 * conf: of --config; NULL: none. --room: as that room of it has events shown. False: --pair names
 * what is no dialect, or not two, there is no such room, or options do not go together; told to
 * errors. */
bool matrix_run(const struct conf *conf, const struct arguments *arguments, FILE *stream,
		FILE *errors) __attribute__((warn_unused_result));

#endif
