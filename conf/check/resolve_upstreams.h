/* resolve_upstreams.h - the checks of servers that we are a client of: what goes with their mode,
 * and which rooms and mounts they are for. */
#ifndef CONF_CHECK_RESOLVE_UPSTREAMS_H
#define CONF_CHECK_RESOLVE_UPSTREAMS_H

#include "conf/check/checks.h"

/* Adds a fault for each thing that does not fit. root is the tree conf was read from; listeners are
 * resolved already. Borrows all. Called by resolve(). */
void resolve_upstreams(struct reader *reader, struct config_setting_t *root,
		       const struct conf *conf, const struct roster *roster);

/* The upstream of that name; NULL: there is none. Called by resolve_routes.c, too. */
const struct conf_upstream *upstream_named(const struct conf *conf, const char *name);

/* Is it of mode session? Called by the files of conf/check. */
bool upstream_is_session(const struct conf_upstream *upstream);

#endif
