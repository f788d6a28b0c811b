/* makes.h - what calls make that lasts, accounts and rooms, or remove: who may, and then an errand
 * for the main thread (bridge/admin/errands). One worker's thread. */
#ifndef BRIDGE_DOORS_MAKES_H
#define BRIDGE_DOORS_MAKES_H

#include "bridge/doors/telling.h"

/* As wants_begin(). */
bool makes_account(struct visit *visit, const struct codec_want *want, struct telling *telling);
bool makes_room(struct visit *visit, const struct codec_want *want, struct telling *telling);
bool makes_open(struct visit *visit, const struct codec_want *want, struct telling *telling);
bool makes_removal(struct visit *visit, const struct codec_want *want, struct telling *telling);

/* Does the call wait for one of these? */
bool makes_await(const struct visit *visit);

/* What came for such a call. True: telling says what came of it. False: another follows. Borrows
 * answer; telling borrows from it. */
bool makes_answered(struct visit *visit, const struct answer *answer, struct telling *telling);

#endif
