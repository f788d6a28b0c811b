/* words.h - puts rules and steps in words. For tried.c and show.c. */
#ifndef BRIDGE_COMMAND_TRIED_WORDS_H
#define BRIDGE_COMMAND_TRIED_WORDS_H

#include "bridge/command/tried/state.h"

/* Text as it can go to a terminal: what would not be seen, or move what is, as in
 * JSON. It goes into JSON as it is. */
void tried_put_text(FILE *out, struct slice text);

/* The same for 1 "name" (file:line); of the implicit rule, its name. */
void tried_put_rule(const struct tried *tried, size_t rule);
void tried_put_step(const struct tried *tried, const struct route_step *step);

/* All rules, readable. */
void tried_put_rules(const struct tried *tried);

/* When a backend has to have answered. */
uint32_t tried_deadline(const struct tried *tried, const struct route_step *step);

#endif
