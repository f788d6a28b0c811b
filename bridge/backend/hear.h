/* hear.h - what a backend's instances say. */
#ifndef BRIDGE_BACKEND_HEAR_H
#define BRIDGE_BACKEND_HEAR_H

#include "bridge/backend/state.h"

/* One message from an instance; the owner's thread. Borrows message. */
void backend_hear(struct backend *backend, const struct socket_message *message);

#endif
