/* echo.h - what we said ourselves, heard again. */
#ifndef BRIDGE_UPSTREAM_ECHO_H
#define BRIDGE_UPSTREAM_ECHO_H

#include "bridge/upstream/state.h"

/* An item was sent. */
void echo_expect(struct link *link, const struct saying_item *item);

/* A message that was sent is given up: whether it is there is not known. */
void echo_lost(struct link *link, const struct saying_item *item);

/* Is it such? Then whatever waits for it is settled, and nothing else is to be done with it. */
bool echo_heard(struct link *link, const struct call_heard *heard);

#endif
