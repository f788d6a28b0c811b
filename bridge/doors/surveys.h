/* surveys.h - what calls read of several rooms, or of one that is not named: wants with mine, and
 * WANT_MESSAGE. One worker's thread. */
#ifndef BRIDGE_DOORS_SURVEYS_H
#define BRIDGE_DOORS_SURVEYS_H

#include "bridge/doors/telling.h"

/* As wants_begin(), of WANT_ROOMS, WANT_PEOPLE and WANT_HISTORY with mine, and of WANT_MESSAGE. */
bool surveys_begin(struct visit *visit, const struct codec_want *want, struct telling *telling);

/* ANSWER_SURVEY. Borrows answer; telling, whose told has kind and reason, borrows from it. */
void surveys_tell(struct visit *visit, const struct answer *answer, struct telling *telling);

#endif
