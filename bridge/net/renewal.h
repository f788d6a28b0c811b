/* renewal.h - certificates that change while the server runs. Main thread. */
#ifndef BRIDGE_NET_RENEWAL_H
#define BRIDGE_NET_RENEWAL_H

#include "bridge/core/bridge.h"

/* Reads the files of every listener with TLS again and publishes what is in them. Of a pair that
 * is no good the log says why, and the one before stays. Called on HUP; also what a reload of the
 * configuration calls once listener->conf is the new one. Returns how many were no good. */
unsigned renewal_read(struct bridge *bridge);

#endif
