/* check_state.h - `dragoman check --state`: is what a server has stored whole? */
#ifndef BRIDGE_COMMAND_CHECK_STATE_H
#define BRIDGE_COMMAND_CHECK_STATE_H

#include <stdbool.h>
#include <stdio.h>

#include "conf/conf.h"

/* Checks the database in the state folder of the configuration (borrows), whether its server runs
 * or not: prints what is damaged to out, then how much is whole, or that nothing is stored. Changes
 * nothing. False: something is damaged, or cannot be read, which is told to errors. */
bool check_state(const struct conf *conf, FILE *out, FILE *errors)
    __attribute__((warn_unused_result));

#endif
