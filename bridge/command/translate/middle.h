/* middle.h - a dialect that says every event as backends see it: who speaks it is shown what stands
 * between the dialects. In the registry of dragoman translate alone. */
#ifndef BRIDGE_COMMAND_TRANSLATE_MIDDLE_H
#define BRIDGE_COMMAND_TRANSLATE_MIDDLE_H

#include "codecs/codec.h"

extern const struct codec codec_middle; /* called "envelope" */

#endif
