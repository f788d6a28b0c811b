/* upstream_links.h - where relays lead: to ourselves, to where another leads already, or in a
 * circle.
 */
#ifndef CONF_CHECK_UPSTREAM_LINKS_H
#define CONF_CHECK_UPSTREAM_LINKS_H

#include "conf/conf.h"
#include "conf/read/reader.h"

/* Adds a fault for each upstream whose url is that of a listener, for each relay that joins two
 * rooms which another joins already, and for the last of the relays by which a message would come
 * back to where it was said. Rules that pass events on to other rooms are not looked at. list is
 * what the upstreams were read from. Borrows all. Called by resolve_upstreams.c. */
void check_links(struct reader *reader, struct config_setting_t *root, const struct conf *conf);

#endif
