/* parts.h - makes an event of options. For event.c. */
#ifndef BRIDGE_COMMAND_TRIED_PARTS_H
#define BRIDGE_COMMAND_TRIED_PARTS_H

#include "bridge/command/tried/state.h"

/* Is it done to a person, like a kick? Backends say it with CONTROL, not with PUBLISH. */
bool tried_is_deed(enum envelope_kind kind);

/* --dialect, --room and what else is given, as JSON. What the kind needs and no
 * option can say is an example. */
void tried_put_parts(struct json_writer *w, const struct arguments *arguments);

#endif
