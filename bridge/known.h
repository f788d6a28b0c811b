/* known.h - what the configuration has to know of the rest of the program: dialects with their
 * names of rooms, roles, kinds of events. */
#ifndef BRIDGE_KNOWN_H
#define BRIDGE_KNOWN_H

#include "conf/conf.h"

/* For conf_load() and conf_parse(). Made of the registry at each call, so that dialects added to it
 * before are there; the same object each time. Main thread. */
const struct conf_known *known_names(void);

#endif
