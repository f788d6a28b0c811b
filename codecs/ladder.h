/* ladder.h - how one of the operator's rules has the events that it decides about shown in their
 * room, otherwise than the room has it. The event takes it along (envelope.ladder), so that who
 * shows it needs neither the rule nor its table. Pure. */
#ifndef CODECS_LADDER_H
#define CODECS_LADDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/codec.h"
#include "codecs/model/envelope.h"
#include "codecs/registry.h"

struct ladder {
	bool mass_mentions; /* what calls everybody goes through as it is */
	uint8_t rules[DIALECTS_MAX]
		     [ENVELOPE_KINDS]; /* 0: as the room has it; else 1 + enum codec_rule */
};

/* Says nothing at all? */
bool ladder_is_empty(const struct ladder *ladder);

/* The event is shown by it from now on, and by no other. ladder NULL: as its room has it. */
void ladder_apply(const struct ladder *ladder, struct envelope *event);

/* How the event, as the kind that it was when that was decided, is shown in the dialect. False: as
 * the room has it. */
bool ladder_rule(const struct envelope *event, const struct codec *codec, enum codec_rule *rule);

#endif
