#include "bridge/routing/enrich.h"

#include <stdlib.h>

#include "bridge/core/directory.h"
#include "codecs/model/parts.h"
#include "codecs/text/name.h"
#include "routes/rules/route_rewrite.h"

#define LINK_BYTES   1024
#define PARTS_MAX    64
#define MENTIONS_MAX 16 /* of one message; further ones stay plain text */

/* Where the names of mentioned people stay until the event is sealed. */
struct mentions {
	struct directory *directory;
	size_t count;
	char names[MENTIONS_MAX][NAME_BYTES_MAX];
};

static bool mention_lookup(void *context, struct slice name, struct person *person)
{
	struct mentions *mentions = context;

	if (mentions->count == MENTIONS_MAX ||
	    !directory_find_name(mentions->directory, name, person,
				 mentions->names[mentions->count]))
		return false;
	mentions->count++;
	return true;
}

struct envelope *enrich_seal(const struct bridge *bridge, const struct envelope *event)
{
	struct envelope whole = *event;
	struct mentions mentions;
	struct part parts[PARTS_MAX];
	char links[LINK_BYTES];

	if (event->kind != KIND_MESSAGE && event->kind != KIND_EDIT)
		return envelope_seal(event);
	mentions.directory = bridge->directory;
	mentions.count = 0;
	whole.part_count = parts_find(event->text, mention_lookup, &mentions, parts, PARTS_MAX,
				      links, sizeof(links));
	whole.parts = whole.part_count ? parts : NULL;
	return envelope_seal(&whole);
}

struct envelope *enrich_about(const struct bridge *bridge, struct envelope *event)
{
	struct person *subject = &event->subject, who;
	char name[NAME_BYTES_MAX];

	if (!subject->number && !subject->name.data)
		return enrich_seal(bridge, event);
	if (subject->number ? directory_find_number(bridge->directory, subject->number, &who, name)
			    : directory_find_name(bridge->directory, subject->name, &who, name)) {
		if (event->kind == KIND_USER_UPDATE)
			who.roles = subject->roles;
		*subject = who;
	}
	return enrich_seal(bridge, event);
}

/* What an emoji, a duration or a state is called is no matter of wording. */
static bool has_wording(enum envelope_kind kind)
{
	return kind == KIND_MESSAGE || kind == KIND_EDIT || kind == KIND_NOTICE ||
	       kind == KIND_KICK || kind == KIND_TIMEOUT;
}

struct envelope *enrich_retext(const struct bridge *bridge, struct envelope *old, struct slice text)
{
	struct envelope event = *old, *sealed;

	if (!has_wording(old->kind) || text.len == 0)
		return old;
	event.text = text;
	sealed = enrich_seal(bridge, &event);
	envelope_release(old);
	return sealed;
}

static struct envelope *rename_author(struct envelope *old, struct slice name)
{
	char clean[NAME_BYTES_MAX];
	size_t len = name_clean(name, clean);
	struct envelope event = *old, *sealed;

	if (len == 0 || !old->author.number)
		return old;
	event.author.name = slice_span(clean, len);
	event.flags |= FLAG_RENAMED;
	sealed = envelope_seal(&event);
	envelope_release(old);
	return sealed;
}

struct envelope *enrich_rewrite(const struct bridge *bridge, struct envelope *old,
				const struct route_step *step)
{
	bool name = step->rewrite == REWRITE_NAME;
	size_t max = name ? NAME_BYTES_MAX : bridge->limits.message_bytes;
	size_t len;
	char *text = route_rewrite_text(step->text, old, max, &len);
	struct envelope *rewritten = name ? rename_author(old, slice_span(text, len))
					  : enrich_retext(bridge, old, slice_span(text, len));

	free(text);
	return rewritten;
}
