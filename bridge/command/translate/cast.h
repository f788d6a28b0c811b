/* cast.h - who speaks in what dragoman translate reads: each name is somebody who comes in when it
 * first says something. */
#ifndef BRIDGE_COMMAND_TRANSLATE_CAST_H
#define BRIDGE_COMMAND_TRANSLATE_CAST_H

#include "bridge/command/translate/input.h"
#include "bridge/command/translate/report.h"

struct cast {
	struct report *report;
	bool shows_entries; /* what others are told of who comes in now is not dropped */
};

/* Who says it: by name, or the one whose name stands in the dialect's trial. They come in, unless
 * they are there or this is the frame that logs in, and get the role that is said. NULL: they are
 * not let in, for *why (constant or until the next call). */
struct stage_client *cast_find(struct cast *cast, size_t dialect, const struct input *input,
			       const char **why);

/* Is nobody there of that name? */
bool cast_is_free(const struct cast *cast, struct slice name);

/* Says the frame; with report->explain, tells how it is read first. */
void cast_say(struct cast *cast, struct stage_client *client, struct slice frame);

#endif
