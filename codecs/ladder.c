#include "codecs/ladder.h"

/* envelope.ladder: the kind, and for each dialect what the rule says. */
#define KIND_BITS 5
#define RULE_BITS 3
#define KIND_MASK ((UINT32_C(1) << KIND_BITS) - 1)
#define RULE_MASK ((UINT32_C(1) << RULE_BITS) - 1)

_Static_assert(ENVELOPE_KINDS <= KIND_MASK + 1, "a kind fits");
_Static_assert(RULE_NOTICE + 1 <= RULE_MASK, "a rule fits");
_Static_assert(KIND_BITS + RULE_BITS * DIALECTS_MAX <= 32, "they all fit");

bool ladder_is_empty(const struct ladder *ladder)
{
	for (size_t d = 0; d < DIALECTS_MAX; d++)
		for (size_t kind = 0; kind < ENVELOPE_KINDS; kind++)
			if (ladder->rules[d][kind])
				return false;
	return !ladder->mass_mentions;
}

void ladder_apply(const struct ladder *ladder, struct envelope *event)
{
	uint32_t rules = 0;

	event->ladder = 0;
	event->flags &= ~(uint32_t)FLAG_MASS_MENTIONS;
	if (!ladder)
		return;
	if (ladder->mass_mentions)
		event->flags |= FLAG_MASS_MENTIONS;
	for (size_t d = 0; d < DIALECTS_MAX; d++)
		rules |= (uint32_t)ladder->rules[d][event->kind] << (RULE_BITS * d);
	if (rules)
		event->ladder = rules << KIND_BITS | (uint32_t)event->kind;
}

bool ladder_rule(const struct envelope *event, const struct codec *codec, enum codec_rule *rule)
{
	size_t dialect;
	uint32_t said;

	if (!event->ladder || (event->ladder & KIND_MASK) != (uint32_t)event->kind)
		return false;
	dialect = registry_find(slice_of(codec->name));
	if (dialect == DIALECTS_MAX)
		return false;
	said = event->ladder >> (KIND_BITS + RULE_BITS * dialect) & RULE_MASK;
	if (said)
		*rule = (enum codec_rule)(said - 1);
	return said != 0;
}
