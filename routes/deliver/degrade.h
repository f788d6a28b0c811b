/* degrade.h - what to say in a dialect that has no word for a kind. The codec's table says which
 * rung of the ladder: the dialect's own word, a text or an action of the author, a notice of the
 * bridge, nothing. Here are the sentences. */
#ifndef ROUTES_DELIVER_DEGRADE_H
#define ROUTES_DELIVER_DEGRADE_H

#include "codecs/codec.h"
#include "codecs/model/envelope.h"

#define DEGRADED_TEXT_MAX 4096 /* bytes of the sentence around the user's own text */

/* A stand-in for an event: an envelope that is not counted, borrowing from the event it
 * replaces and from its own text. */
struct degraded {
	struct envelope event;
	char *text; /* owned; degrade_clear() frees it */
};

/* Fills out with the KIND_MESSAGE or KIND_NOTICE to encode in place of event, following rule
 * (RULE_TEXT, RULE_ACTION, RULE_NOTICE). Examples, author ann:
 *   EDIT      TEXT    "* corrected text" by ann
 *   REACTION  ACTION  "reacted 😂" as an action by ann;  NOTICE "ann reacted 😂"
 *             (taking away: "took back 😂")
 *   DELETE    NOTICE  "bob's message was deleted by ann"
 *   CLEAR     NOTICE  "ann cleared the messages"
 *   PURGE     NOTICE  "bob's messages were removed by ann"
 *   KICK      NOTICE  "bob was kicked by ann: reason", "bob was banned by ann"
 *   TIMEOUT   NOTICE  "bob was timed out for 30s by ann", "bob's timeout was lifted by ann"
 *   POLL_*    NOTICE  "ann asks: question (1) yes (2) no"; the end with its tallies
 *   INVITE    NOTICE  "ann invites you to room"
 *   USER_UPDATE NOTICE "bob is now mod"
 *   MESSAGE with FLAG_ACTION  TEXT  "*ann waves*" by ann
 * Returns false when there is nothing to say (a poll's re-send with FLAG_AGAIN, an unknown
 * pairing): the event is then dropped(no_word). */
bool degrade_event(const struct envelope *event, enum codec_rule rule, struct degraded *out)
    __attribute__((warn_unused_result));

void degrade_clear(struct degraded *degraded);

#endif
