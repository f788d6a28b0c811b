/* stopped.h - a command on what a server has stored that does not run: history, erase, backup. */
#ifndef BRIDGE_COMMAND_CONTROL_STOPPED_H
#define BRIDGE_COMMAND_CONTROL_STOPPED_H

#include "bridge/command/control/words.h"
#include "conf/conf.h"

struct json_t;

/* Carries it out, with the state folder of the configuration (borrows both) locked meanwhile.
 * Returns new: an answer like a server's. */
struct json_t *stopped_answer(const struct words *words, const struct conf *conf);

/* Copies what is stored in that folder to the FILE of `backup`. Returns new: the answer. */
struct json_t *stopped_copy(const struct words *words, const char *folder);

#endif
