#include "routes/rules/route_compiled.h"

#define BIT(kind) (UINT32_C(1) << (kind))

/* What the bridge alone makes, or does not understand. */
#define NEVER_ROUTED (BIT(KIND_POLL_END) | BIT(KIND_OPAQUE))

#define PRESENCE (BIT(KIND_ENTER) | BIT(KIND_EXIT))

uint32_t route_kinds_with_text(void)
{
	return BIT(KIND_MESSAGE) | BIT(KIND_EDIT) | BIT(KIND_REACTION) | BIT(KIND_KICK) |
	       BIT(KIND_TIMEOUT) | BIT(KIND_PRESENCE) | BIT(KIND_NOTICE);
}

uint32_t route_kinds_from(size_t origin)
{
	uint32_t kinds = PRESENCE;

	if (origin == ROUTE_FROM_BACKEND)
		return (BIT(ENVELOPE_KINDS) - 1) & ~(NEVER_ROUTED | PRESENCE);
	if (origin == ROUTE_FROM_UPSTREAM)
		return (BIT(ENVELOPE_KINDS) - 1) & ~NEVER_ROUTED;
	if (origin >= registry_count())
		return 0;
	for (size_t kind = 0; kind < ENVELOPE_KINDS; kind++)
		if (registry_codec(origin)->can[kind].in)
			kinds |= BIT(kind);
	return kinds & ~NEVER_ROUTED;
}

uint32_t route_origins(void)
{
	return (BIT(registry_count()) - 1) | BIT(ROUTE_FROM_BACKEND) | BIT(ROUTE_FROM_UPSTREAM);
}

uint32_t route_kinds_meant(const struct route_compiled *rule, size_t origin)
{
	if (!(rule->origins >> origin & 1))
		return 0;
	return rule->kinds & route_kinds_from(origin) &
	       (rule->pattern ? route_kinds_with_text() : UINT32_MAX);
}

bool route_is_plain(const struct route_compiled *rule)
{
	return !rule->upstreams && !rule->name_count && !rule->number_count && !rule->roles &&
	       !rule->pattern;
}

const char *route_origin_name(size_t origin)
{
	if (origin == ROUTE_FROM_UPSTREAM)
		return "upstream";
	return origin == ROUTE_FROM_BACKEND ? "backend" : registry_codec(origin)->name;
}
