/* route_rewrite.h - the text that a rule puts in the place of an event's own. */
#ifndef ROUTES_RULES_ROUTE_REWRITE_H
#define ROUTES_RULES_ROUTE_REWRITE_H

#include <stddef.h>

#include "codecs/model/envelope.h"
#include "codecs/text/slice.h"

/* What a REWRITE makes of an event: template with {text}, {name} (the author's), {dialect} and
 * {room} (where the event came from) filled in, once: braces in what is filled in stay, as do any
 * others. Returns new, *len bytes (clipped to max at a character boundary). */
char *route_rewrite_text(struct slice template, const struct envelope *event, size_t max,
			 size_t *len);

#endif
