/* carry_out.h - takes one step of a rule for a draft that is on its way. For routing.c. */
#ifndef BRIDGE_ROUTING_CARRY_OUT_H
#define BRIDGE_ROUTING_CARRY_OUT_H

#include "bridge/routing/lanes.h"
#include "codecs/text/reason.h"
#include "codecs/text/slice.h"

/* Takes the next step, which there must be. */
void routing_step(struct worker *worker, struct routing *p);

/* Ends it: the speaker is told, unless something else was said already. text: a reason in
 * somebody's words; may be absent. */
void routing_refuse(struct worker *worker, struct routing *p, enum reason reason,
		    struct slice text);

/* The backend that is the speaker, to which what it says is not sent; SIZE_MAX: none is. */
size_t routing_speaker(const struct routing *p);

/* The draft for one who may change it: its own, or a copy of what others hold, too. */
struct envelope *routing_draft_own(struct routing *p);

/* The draft for one who only reads it; with a count. */
const struct envelope *routing_draft_share(struct routing *p);

/* Gives it another text, where it has one. Borrows text. */
void routing_retext(struct worker *worker, struct routing *p, struct slice text);

#endif
