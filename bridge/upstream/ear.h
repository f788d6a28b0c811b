/* ear.h - all clients of a server hear the same: one link is listened to for all. */
#ifndef BRIDGE_UPSTREAM_EAR_H
#define BRIDGE_UPSTREAM_EAR_H

#include "bridge/upstream/state.h"

#define EAR_FRAMES 64

/* A link is up, or not any more: another becomes the ear, and hears what the one before missed. Of
 * a relay nothing is done. */
void ear_up(struct link *link);
void ear_down(struct link *link);

/* A frame (borrowed) came by a link. */
void ear_frame(struct link *link, struct slice text);

#endif
