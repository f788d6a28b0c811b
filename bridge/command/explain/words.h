/* words.h - puts rules and steps in words. For explain.c and show.c. */
#ifndef BRIDGE_COMMAND_EXPLAIN_WORDS_H
#define BRIDGE_COMMAND_EXPLAIN_WORDS_H

#include "bridge/command/explain/state.h"

/* Text as it can go to a terminal: what would not be seen, or move what is, as in
 * JSON. It goes into JSON as it is. */
void explain_put_text(FILE *out, struct slice text);

/* The same for 1 "name" (file:line); of the implicit rule, its name. */
void explain_put_rule(const struct explain *explain, size_t rule);
void explain_put_step(const struct explain *explain, const struct route_step *step);

/* All rules, readable. */
void explain_put_rules(const struct explain *explain);

/* When a backend has to have answered. */
uint32_t explain_deadline(const struct explain *explain, const struct route_step *step);

#endif
