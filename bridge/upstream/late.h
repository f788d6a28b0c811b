/* late.h - after a link was down: what the server's history tells of what was said there meanwhile,
 * and of what we had sent and do not know of. */
#ifndef BRIDGE_UPSTREAM_LATE_H
#define BRIDGE_UPSTREAM_LATE_H

#include "bridge/upstream/state.h"

/* Asks for the history, if it has something to tell. What waits is said when it has told. */
void late_ask(struct link *link);

/* A message of it (borrowed). */
void late_heard(struct link *link, const struct call_heard *heard);

/* That was all of it; reaches: back to the first there is. */
void late_end(struct link *link, bool reaches);

/* It will not come. */
void late_drop(struct link *link);

#endif
