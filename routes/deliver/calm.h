/* calm.h - an event whose text calls everybody ("@everyone"), with that broken: who typed it in one
 * dialect alerts nobody in another. */
#ifndef ROUTES_DELIVER_CALM_H
#define ROUTES_DELIVER_CALM_H

#include <stdbool.h>

#include "codecs/codec.h"
#include "routes/deliver/degrade.h"

/* Does what people of that view are shown of origin's event have to be broken? It does where a
 * person of another dialect wrote it, unless the room or the rule that decided has such go through
 * (view->mass_mentions, FLAG_MASS_MENTIONS). */
bool calm_needed(const struct envelope *event, struct slice origin, const struct codec_view *view);

/* Fills out with the event to encode in its place. degrade_clear() frees it. */
void calm_event(const struct envelope *event, struct degraded *out);

#endif
