/* resolve_shows.h - checks of what a room, or a route, has shown otherwise. */
#ifndef CONF_CHECK_RESOLVE_SHOWS_H
#define CONF_CHECK_RESOLVE_SHOWS_H

#include "conf/conf.h"
#include "conf/read/reader.h"

/* group: the room's. Adds a fault for what cannot be shown so, and for what is said in two ways.
 * Called by resolve.c. */
void resolve_shows(struct reader *reader, struct config_setting_t *group,
		   const struct conf_show *shows, size_t count);

/* group: the route's. The same, and for what would be of no effect. Called by resolve_routes.c. */
void resolve_route_shows(struct reader *reader, struct config_setting_t *group,
			 const struct conf_route *route);

#endif
