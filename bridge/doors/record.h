/* record.h - what is written down of a call that says something in a room: its method, its path and
 * its body, without secrets, for `dragoman explain` and for a capture. For wants.c only. */
#ifndef BRIDGE_DOORS_RECORD_H
#define BRIDGE_DOORS_RECORD_H

#include "bridge/doors/visit.h"
#include "codecs/text/json_write.h"

/* From here on to record_end() what is recorded as coming in is this call. room: it is about; NULL:
 * not known yet. Fills kept. */
void record_begin(const struct visit *visit, const struct room_entry *room,
		  struct json_writer *kept);
void record_end(const struct visit *visit, struct json_writer *kept);

/* It goes no further, for that reason. */
void record_refused(const struct visit *visit, const struct envelope *draft, enum reason reason);

#endif
