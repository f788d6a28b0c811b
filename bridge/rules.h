/* rules.h - the routes of a configuration, compiled. Main thread, at start and at each reload. */
#ifndef BRIDGE_RULES_H
#define BRIDGE_RULES_H

#include <stdio.h>

#include "routes/rules/route_table.h"

struct conf;

/* Compiles conf's routes; names of rooms, backends and taps become their places in conf. Errors go
 * to errors as "FILE:LINE: error: ...". Borrows conf for the call. Returns new, count one, or NULL
 * after an error. */
const struct route_table *rules_make(const struct conf *conf, FILE *errors);

#endif
