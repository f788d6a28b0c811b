/* stopped.h - a command on what a server has stored that does not run: history, erase, backup, and
 * those on accounts. */
#ifndef BRIDGE_COMMAND_CONTROL_STOPPED_H
#define BRIDGE_COMMAND_CONTROL_STOPPED_H

#include "bridge/command/control/words.h"
#include "conf/conf.h"

struct json_t;

/* Carries it out, with the state folder of the configuration locked meanwhile. request: what a
 * server would be asked. Borrows all three. Returns new: an answer like a server's. */
struct json_t *stopped_answer(const struct words *words, const struct conf *conf,
			      struct json_t *request);

/* Copies what is stored in that folder to the FILE of `backup`. Returns new: the answer. */
struct json_t *stopped_copy(const struct words *words, const char *folder);

#endif
