/* wants.h - what handlers of calls want to know, or have done: who finds it out, and what came of
 * it. One worker's thread. */
#ifndef BRIDGE_DOORS_WANTS_H
#define BRIDGE_DOORS_WANTS_H

#include "bridge/doors/telling.h"

/* Has it found out, or done. True: it is, and telling says so. False: an answer for the call's
 * asker follows. Borrows want. telling: filled in anew. */
bool wants_begin(struct visit *visit, const struct codec_want *want, struct telling *telling);

/* A pause is over: telling says so. */
void wants_paused(struct visit *visit, struct telling *telling);

/* The answer to what the call waits for. Borrows answer; telling borrows from it. */
void wants_answered(struct visit *visit, const struct answer *answer, struct telling *telling);

#endif
