/* resolve_upstreams.h - the checks of servers that we are a client of: what goes with their mode,
 * and which rooms and mounts they are for. */
#ifndef CONF_CHECK_RESOLVE_UPSTREAMS_H
#define CONF_CHECK_RESOLVE_UPSTREAMS_H

#include "conf/check/checks.h"

/* Adds a fault for each thing that does not fit. root is the tree conf was read from; listeners are
 * resolved already. Borrows all. Called by resolve(). */
void resolve_upstreams(struct reader *reader, struct config_setting_t *root,
		       const struct conf *conf, const struct roster *roster);

#endif
