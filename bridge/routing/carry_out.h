/* carry_out.h - does what the run of a draft on its way says. For routing.c. */
#ifndef BRIDGE_ROUTING_CARRY_OUT_H
#define BRIDGE_ROUTING_CARRY_OUT_H

#include "bridge/routing/lanes.h"
#include "codecs/text/slice.h"

/* Takes what is next in its run, and says what that was. */
enum run_result carry_out(struct worker *worker, struct routing *p);

/* The draft for one who may change it: its own, or a copy of what others hold, too. */
struct envelope *routing_draft_own(struct routing *p);

/* The draft for one who only reads it; with a count. */
const struct envelope *routing_draft_share(struct routing *p);

/* Gives it another text, where it has one. Borrows text. */
void routing_retext(struct worker *worker, struct routing *p, struct slice text);

#endif
