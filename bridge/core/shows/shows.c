#include "bridge/core/shows/shows.h"

#include <string.h>

#include "codecs/codec.h"
#include "codecs/registry.h"
#include "routes/deliver/shown.h"

/* checks have seen that it is one of them. */
static enum codec_rule rule_of(const char *as)
{
	static const struct {
		const char *word;
		enum codec_rule rule;
	} rows[] = {
		{ CONF_SHOWN_NATIVE, RULE_NATIVE },
		{ CONF_SHOWN_TEXT, RULE_TEXT },
		{ CONF_SHOWN_ACTION, RULE_ACTION },
		{ CONF_SHOWN_NOTICE, RULE_NOTICE },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].word, as) == 0)
			return rows[i].rule;
	return RULE_DROP;
}

static bool has(const struct conf_list *list, const char *word)
{
	size_t i = 0;

	while (i < list->count && strcmp(list->items[i], word) != 0)
		i++;
	return i < list->count;
}

/* Of the dialect: changes rules to what is said of them, as a number that is by plus higher. */
static bool overlay(const struct conf_show *shows, size_t count, size_t dialect, uint8_t plus,
		    uint8_t rules[ENVELOPE_KINDS])
{
	bool any = false;

	for (size_t i = 0; i < count; i++) {
		if (!has(&shows[i].dialect, registry_codec(dialect)->name))
			continue;
		any = true;
		for (enum envelope_kind kind = 0; kind < ENVELOPE_KINDS; kind++)
			if (has(&shows[i].kind, envelope_kind_name(kind)))
				rules[kind] = (uint8_t)(plus + (uint8_t)rule_of(shows[i].as));
	}
	return any;
}

bool shows_rules(const struct conf_room *room, size_t dialect, uint8_t rules[ENVELOPE_KINDS])
{
	for (enum envelope_kind kind = 0; kind < ENVELOPE_KINDS; kind++)
		rules[kind] = (uint8_t)registry_codec(dialect)->can[kind].out;
	return overlay(room->shows, room->show_count, dialect, 0, rules);
}

void shows_route_rules(const struct conf_route *route, size_t dialect,
		       uint8_t rules[ENVELOPE_KINDS])
{
	(void)overlay(route->shows, route->show_count, dialect, 0, rules);
}

void shows_ladder(const struct conf_route *route, struct ladder *ladder)
{
	*ladder = (struct ladder){ .mass_mentions = route->mass_mentions };
	for (size_t d = 0; d < registry_count(); d++)
		(void)overlay(route->shows, route->show_count, d, 1, ladder->rules[d]);
}

bool shows_same(const struct conf_room *a, const struct conf_room *b)
{
	for (size_t d = 0; d < registry_count(); d++) {
		uint8_t one[ENVELOPE_KINDS], other[ENVELOPE_KINDS];

		shows_rules(a, d, one);
		shows_rules(b, d, other);
		if (memcmp(one, other, sizeof(one)) != 0)
			return false;
	}
	return true;
}

bool shows_may(size_t dialect, const char *kind, const char *as, const char **why)
{
	for (enum envelope_kind k = 0; k < ENVELOPE_KINDS; k++)
		if (strcmp(envelope_kind_name(k), kind) == 0)
			return shown_may(registry_codec(dialect), k, rule_of(as), why);
	return true;
}
