/* resolve_routes.h - the checks of rules, and the backends, upstreams, taps and rooms that they
 * name.
 */
#ifndef CONF_CHECK_RESOLVE_ROUTES_H
#define CONF_CHECK_RESOLVE_ROUTES_H

#include "conf/check/checks.h"

/* Adds a fault for each thing that does not fit. root is the tree conf was read from. Borrows all.
 * Called by resolve(). */
void resolve_routes(struct reader *reader, struct config_setting_t *root, const struct conf *conf,
		    const struct roster *roster);

#endif
