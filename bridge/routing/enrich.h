/* enrich.h - completes an event that a client or a backend asked for: finds links and mentions in
 * its text, and the person it is about. Any worker. */
#ifndef BRIDGE_ROUTING_ENRICH_H
#define BRIDGE_ROUTING_ENRICH_H

#include "bridge/core/bridge.h"
#include "codecs/model/envelope.h"
#include "routes/rules/route_table.h"

/* Seals a copy of event, of which a message or an edit gets its parts anew from its text. Borrows
 * event; returns new. */
struct envelope *enrich_seal(const struct bridge *bridge, const struct envelope *event);

/* The same, after event->subject, given by number or else by name, was completed from the
 * directory. Somebody unknown there stays as said: a room's owner may know them by name. */
struct envelope *enrich_about(const struct bridge *bridge, struct envelope *event);

/* The same with another text, if it has one that is a matter of wording and the other is not
 * empty. Takes old; returns new, or old itself as it was. text may lie in old. */
struct envelope *enrich_retext(const struct bridge *bridge, struct envelope *old,
			       struct slice text);

/* What a rule's REWRITE makes of it: another text (above), or another name shown of its author, if
 * there is one and something is left of the name when it is cleaned. Takes old; returns new, or old
 * itself as it was. Borrows step. */
struct envelope *enrich_rewrite(const struct bridge *bridge, struct envelope *old,
				const struct route_step *step);

#endif
