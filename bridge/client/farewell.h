/* farewell.h - what a reload means for the sessions of a worker: who loses a room or an account is
 * told so, and who hears every room comes into new ones. */
#ifndef BRIDGE_CLIENT_FAREWELL_H
#define BRIDGE_CLIENT_FAREWELL_H

#include "bridge/core/mailbox.h"
#include "bridge/core/news.h"
#include "bridge/core/worker.h"

/* Of news that the worker has taken: closes the connections of people who are gone
 * (CLOSE_ACCOUNT), and asks rooms that were opened to let those in who hear every room; who may not
 * is not told. */
void farewell_news(struct worker *worker, const struct news *news);

/* POST_CLOSED: a room is no more. Its members here are told in their dialect, as if the bridge
 * kicked them, and leave it; those who can only go then, and are in no other room, are closed
 * (CLOSE_ROOM_REMOVED). Who hears every room gets a notice there. Borrows. */
void farewell_closed(struct worker *worker, struct post *post);

/* Frees the worker's shares of rooms that are no more, unless something still waits to be written
 * that they count. True: none is left. */
bool farewell_sweep(struct worker *worker);

#endif
