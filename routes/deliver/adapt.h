/* adapt.h - what a person wrote, as people of another dialect are shown it: what calls everybody is
 * broken (calm.h), emoticons that are pictures in the one are emoji in the other, and the other way
 * round (codecs/model/emote.h). For what is said now, and for what was said before alike. Pure. */
#ifndef ROUTES_DELIVER_ADAPT_H
#define ROUTES_DELIVER_ADAPT_H

#include <stdbool.h>
#include <stddef.h>

#include "codecs/codec.h"
#include "routes/deliver/degrade.h"

/* Is what origin's event says in emoticons to be said otherwise in the codec's dialect? */
bool emotes_needed(const struct envelope *event, struct slice origin, const struct codec *codec);

/* Fills out with the event to say in its place. typed: it is said as a text, which the server that
 * it is said to looks for codes in; else emoticons are shown as they are. degrade_clear() frees
 * it. */
void emotes_event(const struct envelope *event, const struct codec *codec, bool typed,
		  struct degraded *out);

/* Events as they are told again, in a list: of a history. Those that stay as they are are the
 * caller's. */
struct adapted_list {
	const struct envelope **events; /* as many as were given */
	struct degraded *made;          /* the changed ones */
	size_t made_count;
};

/* views: of the room of each event, or, with one_view, of all. Borrows all of it until
 * adapted_list_clear(). */
void adapted_list_make(struct adapted_list *list, const struct envelope *const *events,
		       size_t count, const struct codec_view *const *views, bool one_view);

void adapted_list_clear(struct adapted_list *list);

#endif
