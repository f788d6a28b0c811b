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

bool shows_rules(const struct conf_room *room, size_t dialect, uint8_t rules[ENVELOPE_KINDS])
{
	const struct codec *codec = registry_codec(dialect);
	bool any = false;

	for (enum envelope_kind kind = 0; kind < ENVELOPE_KINDS; kind++)
		rules[kind] = (uint8_t)codec->can[kind].out;
	for (size_t i = 0; i < room->show_count; i++) {
		const struct conf_show *show = &room->shows[i];

		if (!has(&show->dialect, codec->name))
			continue;
		any = true;
		for (enum envelope_kind kind = 0; kind < ENVELOPE_KINDS; kind++)
			if (has(&show->kind, envelope_kind_name(kind)))
				rules[kind] = (uint8_t)rule_of(show->as);
	}
	return any;
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
