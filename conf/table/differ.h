/* differ.h - what a running server cannot take over from a changed configuration. */
#ifndef CONF_TABLE_DIFFER_H
#define CONF_TABLE_DIFFER_H

#include "conf/conf.h"

/* Calls tell(context, directive) for each directive that is not the same in both and that needs a
 * restart, in the order of the table: "workers", "limits.burst", or the name of a whole list,
 * once, whatever is different in it: "rooms". Directives that a reload takes over are never told
 * (directives.h: reloadable). directive is valid during the call only. Compared are values, with
 * what mounts inherit (a changed guests may tell "listeners", too), not where they stand, nor what
 * is in the files that they name. Borrows both. Called by the reload. */
void conf_differ(const struct conf *old, const struct conf *new,
		 void (*tell)(void *context, const char *directive), void *context);

/* Are two rooms told apart by nothing but where they stand? Borrows. Called by the reload. */
bool conf_same_room(const struct conf_known *known, const struct conf_room *a,
		    const struct conf_room *b);

#endif
