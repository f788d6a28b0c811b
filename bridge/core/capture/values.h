/* values.h - what is the same in every dialect of that which redact.c keeps, and never keeps:
 * values that say nothing about anybody, and secrets. What else a protocol consists of its codec
 * declares (codecs/words.h). Pure. */
#ifndef BRIDGE_CORE_CAPTURE_VALUES_H
#define BRIDGE_CORE_CAPTURE_VALUES_H

#include <stdbool.h>

#include "codecs/text/slice.h"

/* Is what a member of that name says a secret, by its name ("...key", "...token")? */
bool values_are_secret(struct slice member);

/* Is a member's text one that protocols give: a role, a status, a duration, a reason, or the id of
 * something, which is a number? */
bool values_are_given(struct slice member, struct slice text);

/* A number, or one with a unit: "5m". */
bool values_say_duration(struct slice text);

#endif
