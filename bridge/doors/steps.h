/* steps.h - the steps of a call: judged, identified, handed to the dialect's handler, told what
 * that wanted, answered. One worker's thread. */
#ifndef BRIDGE_DOORS_STEPS_H
#define BRIDGE_DOORS_STEPS_H

#include "bridge/doors/visit.h"

/* Judges it, and takes it as far as it goes now: it may be answered, and freed, by then. */
void visit_begin(struct visit *visit, const struct door_arrival *arrival);

/* Goes on with what was wanted. Frees it when it is answered. */
void visit_told(struct visit *visit, const struct codec_told *told);

/* Refuses it, and frees it. status 0: the dialect's own for that reason. text: absent: the
 * reason's. */
void visit_refuse(struct visit *visit, unsigned status, enum reason reason, struct slice text);

#endif
