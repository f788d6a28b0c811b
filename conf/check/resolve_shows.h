/* resolve_shows.h - checks of what a room has shown otherwise. */
#ifndef CONF_CHECK_RESOLVE_SHOWS_H
#define CONF_CHECK_RESOLVE_SHOWS_H

#include "conf/conf.h"
#include "conf/read/reader.h"

/* group: the room's. Adds a fault for what cannot be shown so, and for what is said in two ways.
 * Called by resolve.c. */
void resolve_shows(struct reader *reader, struct config_setting_t *group,
		   const struct conf_room *room);

#endif
