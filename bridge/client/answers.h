/* answers.h - requests of one session that are under way, and the answers to them, in the order its
 * dialect wants. */
#ifndef BRIDGE_CLIENT_ANSWERS_H
#define BRIDGE_CLIENT_ANSWERS_H

#include "bridge/client/session.h"

/* Answers one request. ticket: from session_ticket(), or TICKET_NONE for an answer that belongs
 * to no request under way. The codec words the reply; a dialect that answers in order may hold
 * it back. */
void session_reply(struct session *session, uint32_t ticket, const struct codec_reply *reply);

/* The reply in the codec's words. Returns new; NULL: it has none. */
struct frame *session_word(struct session *session, const struct codec_reply *reply);

/* The same with a frame that is ready; takes frame, which may be NULL. */
void session_answer(struct session *session, uint32_t ticket, struct frame *frame);

/* Notes a request under way; stops reading when there are too many. Returns its ticket. */
uint32_t session_ticket(struct session *session);

/* Stops reading until session_may_signal(), which session_unthrottle() looks after. */
void session_throttle(struct session *session);
void session_unthrottle(struct session *session);

/* Stops reading until session_unhold(), however few requests are under way. */
void session_hold(struct session *session);
void session_unhold(struct session *session);

#endif
