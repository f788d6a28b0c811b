/* injection.h - what only the bridge itself can say yet, written as JSON in a transcript:
 *
 *   {"kind":"edit","room":"lobby","target":"@m1","text":"new"}
 *
 * kind: as envelope_kind_name(). room: a room's name; else the first. target: a message id.
 * author, subject: names of people who are connected, or accounts. roles: of the subject.
 * text, duration_ms, status (the same as text). flags: permanent, adding, action, private. */
#ifndef TESTS_SUPPORT_INJECTION_H
#define TESTS_SUPPORT_INJECTION_H

#include <stdbool.h>

#include "tests/support/stage.h"

/* Orders it and sets *reason. False when text (borrowed) is no such event. */
bool injection_say(struct stage *stage, struct slice text, enum reason *reason);

#endif
