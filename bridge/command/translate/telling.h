/* telling.h - dragoman translate --explain: how a frame is read, which rule decides, what each
 * dialect makes of it. */
#ifndef BRIDGE_COMMAND_TRANSLATE_TELLING_H
#define BRIDGE_COMMAND_TRANSLATE_TELLING_H

#include "bridge/command/translate/note.h"
#include "bridge/command/translate/reading.h"

/* Before the frame is said. */
void telling_reading(const struct report *report, const struct stage_client *client,
		     const struct reading *reading);

/* What became of the event of that envelope (as JSON) in the room. */
void telling_ordered(const struct report *report, struct slice envelope);

/* How an event of that kind is shown in a dialect. */
void telling_shown(const struct report *report, size_t dialect, enum envelope_kind kind);

#endif
