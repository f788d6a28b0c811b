/* banner.h - what is printed at start: where to connect, and how to try it. */
#ifndef BRIDGE_COMMAND_BANNER_H
#define BRIDGE_COMMAND_BANNER_H

#include <stdio.h>

#include "bridge/core/bridge.h"

/* One line per mount with a ready-made command, the rooms, the owner secret if there is one. */
void banner_print(const struct bridge *bridge, const char *owner_secret, FILE *stream);

/* The same as one JSON line: {"address","port","mounts":[{"dialect","path","url","tls","try"}],
 * "rooms":[{"name","mixer","concord","rooms"}],"owner_secret"}. address and port are the first
 * listener's. */
void banner_print_json(const struct bridge *bridge, const char *owner_secret, FILE *stream);

#endif
