/* overhear.h - hands what passes at sessions to a capture (bridge/core/capture), while one is being
 * made. */
#ifndef BRIDGE_CLIENT_OVERHEAR_H
#define BRIDGE_CLIENT_OVERHEAR_H

#include "bridge/core/capture/capture.h"

extern const struct capture_ops overhear_ops;

#endif
