/* listing.h - who has a standing in a room without being there: for calls. The room's owner. */
#ifndef BRIDGE_ORDER_LISTING_H
#define BRIDGE_ORDER_LISTING_H

#include "bridge/core/asker.h"
#include "bridge/core/post.h"
#include "bridge/core/worker.h"

/* Fills in members and count of the answer to asked, of LOOK_ADMINS or LOOK_BANS, and total: those
 * that the room remembers, and those whom its rules name, as far as anybody has the name. */
void listing_fill(struct worker *worker, const struct post_look *asked, struct answer *answer);

#endif
