/* degrade.h - an event in other words: the envelope that is encoded in its place where a dialect
 * has no word for it, or beside it where that does not tell all. */
#ifndef ROUTES_DELIVER_DEGRADE_H
#define ROUTES_DELIVER_DEGRADE_H

#include "codecs/codec.h"
#include "codecs/model/envelope.h"

/* A stand-in for an event: an envelope that is not counted, borrowing from the event it
 * replaces and from its own text. */
struct degraded {
	struct envelope event;
	char *text;         /* owned; degrade_clear() frees it */
	struct part *parts; /* owned, too; NULL: none */
};

/* Fills out with the KIND_MESSAGE or KIND_NOTICE to encode for event, following rule (RULE_TEXT,
 * RULE_ACTION, RULE_NOTICE). The sentences: words.c. What no person can say as themselves, the
 * bridge says, whatever the rule. AUDIENCE_SUBJECT: those for the one concerned, where there are
 * such. room: the view of the event's room in the dialect; NULL: sentences do not tell its id.
 * Returns false when there is nothing to say (a poll's re-send, an unknown pairing): the event is
 * then dropped(no_word). */
bool degrade_event(const struct envelope *event, enum codec_rule rule, enum audience audience,
		   const struct codec_view *room, struct degraded *out)
    __attribute__((warn_unused_result));

void degrade_clear(struct degraded *degraded);

#endif
