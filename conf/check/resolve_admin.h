/* resolve_admin.h - the checks of listeners where the server is watched (kind = "admin"). */
#ifndef CONF_CHECK_RESOLVE_ADMIN_H
#define CONF_CHECK_RESOLVE_ADMIN_H

#include <stdbool.h>

#include "conf/conf.h"
#include "conf/read/reader.h"

/* Is the address (of a listener, and right) one that only this machine reaches? Called by
 * warnings.c, too. */
bool address_is_loopback(const char *address);

/* Adds a fault for each directive that does not go with the listener's kind, and for an admin
 * listener that others could reach without a token. Fills in the port of an admin listener, which
 * has a default of its own. group is what it was read from. Called by resolve.c, before the mounts
 * are looked at. */
void resolve_admin(struct reader *reader, struct config_setting_t *group,
		   struct conf_listener *listener);

/* Is it for watching the server, not for clients? Called by resolve.c, warnings.c and
 * bridge/setup.c, too. */
bool listener_is_admin(const struct conf_listener *listener);

#endif
