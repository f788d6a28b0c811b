/* alone.h - a command of the control socket that is carried out here, on the state of a server that
 * does not run: by the same function, with a bridge that nobody is connected to. */
#ifndef BRIDGE_COMMAND_CONTROL_ALONE_H
#define BRIDGE_COMMAND_CONTROL_ALONE_H

#include <stdio.h>
#include <sys/stat.h>

struct conf;
struct json_t;

/* Carries out a request (borrows) that asks no worker, on the state folder of the configuration
 * (borrows), which the caller has locked. owner: whose files there are (borrows); as root it
 * becomes their owner meanwhile. Returns the answer, new, as ask() has it; NULL after an error,
 * said to errors. */
struct json_t *alone_answer(const struct conf *conf, struct json_t *request,
			    const struct stat *owner, FILE *errors);

#endif
