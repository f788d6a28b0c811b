/* state.h - what is tried, and with what, as the files of bridge/command/tried share it. */
#ifndef BRIDGE_COMMAND_TRIED_STATE_H
#define BRIDGE_COMMAND_TRIED_STATE_H

#include "bridge/command/arguments.h"
#include "bridge/core/bridge.h"
#include "codecs/backend/wire.h"
#include "codecs/model/envelope.h"
#include "codecs/model/identity.h"
#include "conf/conf.h"
#include "routes/rules/route_table.h"

/* When it happens, in the examples: the start of 2026, so that they are the same each time. */
#define TRIED_TIME_MS UINT64_C(1767225600000)

struct tried {
	struct bridge *bridge;
	const struct conf *conf;
	FILE *out;
	struct id_clock clock; /* gives the ids of the examples */
};

/* The event that is tried. */
struct tried_event {
	struct envelope *draft; /* sealed, as a session or a backend would have it sent */
	size_t origin;          /* a dialect index, ROUTE_FROM_BACKEND or ROUTE_FROM_UPSTREAM */
	size_t backend;         /* of ROUTE_FROM_BACKEND: which; SIZE_MAX: not said, or of none */
	size_t upstream;        /* of ROUTE_FROM_UPSTREAM: the same */
	struct room_entry *room;
};

#endif
