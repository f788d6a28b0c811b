/* host.h - what a client would call this server by. */
#ifndef BRIDGE_COMMAND_HOST_H
#define BRIDGE_COMMAND_HOST_H

#include "bridge/core/bridge.h"

#define HOST_BYTES 264

/* The host for a URL of the listener, with brackets where an address needs them. With TLS one that
 * the certificate names, if there is one: of the directive hosts, else the address, else what the
 * certificate says itself. Without it the address; where that is all addresses, the first name of
 * hosts, or loopback. Called by the banner, on the main thread. */
void host_print(char host[HOST_BYTES], const struct listener_info *listener);

#endif
