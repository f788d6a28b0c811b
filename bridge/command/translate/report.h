/* report.h - what dragoman translate tells: frames, and what became of them. */
#ifndef BRIDGE_COMMAND_TRANSLATE_REPORT_H
#define BRIDGE_COMMAND_TRANSLATE_REPORT_H

#include "bridge/command/translate/note.h"

/* What follows is of that line of the input. */
void report_begin(struct report *report, unsigned line);

/* Tells what came of it, and drops what was told. speaker: who said it; NULL: nobody. */
void report_end(struct report *report, struct stage_client *speaker);

/* Something could not be said at all, for why. */
void report_wrong(struct report *report, const char *why);

void report_clear(struct report *report);

#endif
