/* upstream_named.h - what checks ask of servers that we are a client of. */
#ifndef CONF_CHECK_UPSTREAM_NAMED_H
#define CONF_CHECK_UPSTREAM_NAMED_H

#include <stdbool.h>

#include "conf/conf.h"

/* The upstream of that name; NULL: there is none. Called by resolve_routes.c, too. */
const struct conf_upstream *upstream_named(const struct conf *conf, const char *name);

/* Is it of mode session? Called by the files of conf/check. */
bool upstream_is_session(const struct conf_upstream *upstream);

#endif
