/* caller.h - who calls: what a codec read of the credentials (codec_http.identify), judged as the
 * login of a session is (bridge/logins), whose failures are slowed; and passes of ours. */
#ifndef BRIDGE_DOORS_CALLER_H
#define BRIDGE_DOORS_CALLER_H

#include "bridge/doors/visit.h"

enum caller_verdict {
	CALLER_FOUND,  /* visit->peer.self; nobody, if the login was anonymous or empty */
	CALLER_LATER,  /* an ANSWER_LOGIN for visit_asker() follows: caller_answered() */
	CALLER_REFUSED /* *reason; logged and counted */
};

/* Borrows login, and copies what it keeps of it. */
enum caller_verdict caller_find(struct visit *visit, const struct codec_login *login,
				enum reason *reason);

/* What was found out. Borrows, but may take answer->login. */
enum caller_verdict caller_answered(struct visit *visit, struct answer *answer,
				    enum reason *reason);

/* The status of HTTP for that refusal. */
unsigned caller_status(enum reason reason);

/* A key for a socket of the caller's, who is somebody; it lasts so long, in ms. What the caller
 * came by is not outlived by it. Returns its length. */
size_t caller_key(const struct visit *visit, char out[PASS_TEXT_MAX], uint64_t *lasts_ms);

#endif
