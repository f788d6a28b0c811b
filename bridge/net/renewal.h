/* renewal.h - certificates that change while the server runs. Main thread. */
#ifndef BRIDGE_NET_RENEWAL_H
#define BRIDGE_NET_RENEWAL_H

#include "bridge/core/bridge.h"

struct certificate;

/* From now on new connections to that listener are shown this certificate; those there are keep
 * theirs. Takes certificate. listener must live as long as the workers, which know it by its
 * address. A listener that had no TLS until now has to be marked (tls) before its socket accepts;
 * one cannot go back. */
void renewal_publish(struct bridge *bridge, struct listener_info *listener,
		     struct certificate *certificate);

/* Reads the files of every listener with TLS again and publishes what is in them. Of a pair that
 * is no good the log says why, and the one before stays. Called on HUP; also what a reload of the
 * configuration calls once listener->conf is the new one. Returns how many were no good. */
unsigned renewal_read(struct bridge *bridge);

#endif
