/* author.h - reads who an event is from. For event.c. */
#ifndef BRIDGE_COMMAND_TRIED_AUTHOR_H
#define BRIDGE_COMMAND_TRIED_AUTHOR_H

#include "bridge/command/tried/attempt.h"

/* Adds the roles in a list, which may be absent, to *roles. */
bool attempt_roles(struct attempt *r, struct json_value list, uint32_t *roles);

/* What is said of the author; and, when room and origin are known, who that is. */
bool attempt_author(struct attempt *r);
bool attempt_author_complete(struct attempt *r);

#endif
