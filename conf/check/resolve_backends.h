/* resolve_backends.h - the checks of backends and taps: their names (with those of upstreams),
 * endpoints and keys. */
#ifndef CONF_CHECK_RESOLVE_BACKENDS_H
#define CONF_CHECK_RESOLVE_BACKENDS_H

#include "conf/check/checks.h"

/* Adds a fault for each thing that does not fit. root is the tree conf was read from. Borrows all.
 * Called by resolve(). */
void resolve_backends(struct reader *reader, struct config_setting_t *root, const struct conf *conf,
		      const struct roster *roster);

#endif
