/* lookup.h - /explain.json?id=ID, for a page: what became of that message. Called by offers.c and
 * the admin thread. */
#ifndef BRIDGE_NET_OFFERS_LOOKUP_H
#define BRIDGE_NET_OFFERS_LOOKUP_H

#include "bridge/core/bridge.h"
#include "codecs/text/slice.h"

/* What the main thread says of it (bridge/admin/explainer.h): returns new. "null": not yet, and it
 * is to be asked for again. query (borrows): "id=ID". now_ms: of the steady clock. Any thread. */
char *lookup_text(struct bridge *bridge, struct slice query, uint64_t now_ms);

#endif
