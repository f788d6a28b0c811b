/* hearing.h - what a server of a dialect sends to its clients is heard by the stage, as if an
 * upstream had brought it (bridge/upstream): without a login, and with nobody to ask for names. */
#ifndef BRIDGE_COMMAND_TRANSLATE_HEARING_H
#define BRIDGE_COMMAND_TRANSLATE_HEARING_H

#include "bridge/command/translate/stage.h"

/* Of a stage opened with a server. */
void hearing_open(struct stage *stage);

/* A frame (borrows) comes from the server. Whatever follows from it has happened when it returns.
 * False: it is none of the dialect's. */
bool hearing_take(struct stage *stage, struct slice text) __attribute__((warn_unused_result));

#endif
