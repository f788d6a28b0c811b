/* carry.h - what is asked of the servers, and what they answer. */
#ifndef BRIDGE_CLUSTER_NATS_CARRY_H
#define BRIDGE_CLUSTER_NATS_CARRY_H

#include <stddef.h>
#include <stdint.h>

#include "bridge/cluster/nats/state.h"

/* Does what a command wants, or tells that it cannot be done. The engine's thread. */
void engine_carry_out(struct engine *engine, const struct command *command);

/* Asks for the stream. The engine's thread. */
void engine_look_at_stream(struct engine *engine);

/* Tells that what waited until now_ms is not known to have happened; UINT64_MAX: all that waits.
 * The engine's thread. */
void engine_tell_late(struct engine *engine, uint64_t now_ms);

/* struct nats_link_hooks's. A thread of the library. */
void engine_answered(void *context, uint64_t serial, const char *status, uint64_t sequence,
		     const unsigned char *bytes, size_t len);

#endif
