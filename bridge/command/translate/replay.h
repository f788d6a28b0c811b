/* replay.h - a capture (bridge/core/capture/capture.h) as the input of dragoman translate: those
 * who were there come in, and say what they said, when they said it. Ids that the server gave then
 * are replaced by those that the stage gives: the frames of a connection, then and now, are
 * compared.
 */
#ifndef BRIDGE_COMMAND_TRANSLATE_REPLAY_H
#define BRIDGE_COMMAND_TRANSLATE_REPLAY_H

#include "bridge/command/translate/cast.h"

/* Plays the file. False: it cannot be read, or is no capture, as errors says. */
bool replay_run(struct cast *cast, const char *path, FILE *errors)
    __attribute__((warn_unused_result));

#endif
