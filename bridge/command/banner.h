/* banner.h - what is printed at start: where to connect, and how to try it. */
#ifndef BRIDGE_COMMAND_BANNER_H
#define BRIDGE_COMMAND_BANNER_H

#include <stdio.h>

#include "bridge/core/bridge.h"

/* One line per mount with a ready-made command, where guests come in without being asked for more,
 * else the URL; the rooms, the owner secret if there is one. */
void banner_print(const struct bridge *bridge, const char *owner_secret, FILE *stream);

/* The same as one JSON line:
 * {"address","port","page","mounts":[{"dialect","path","url","tls","guests",
 * "try"}],"admin":[{"url"} or {"path"}],"rooms":[{"name","mixer","concord","rooms"}],
 * "backends":[{"name","endpoint"}],"taps":[the same],"owner_secret"}. address and port are the
 * first listener's for clients, else the first one's, and left out where that is on a path; "page"
 * is the demo's; "try" is left out where guests are refused, "endpoint" where it is not bound. */
void banner_print_json(const struct bridge *bridge, const char *owner_secret, FILE *stream);

/* What there was, for a person, in one line. sum: the counters of all workers. */
void banner_print_sum(const struct counters *sum, FILE *stream);

#endif
