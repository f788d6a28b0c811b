/* upstream_find.h - upstreams by name, and of which mode one is. Called by the files of conf/check.
 */
#ifndef CONF_CHECK_UPSTREAM_FIND_H
#define CONF_CHECK_UPSTREAM_FIND_H

#include <stdbool.h>

#include "conf/conf.h"

/* NULL: there is none of that name. Borrows. */
const struct conf_upstream *upstream_named(const struct conf *conf, const char *name);

/* Is it of mode session? */
bool upstream_is_session(const struct conf_upstream *upstream);

#endif
