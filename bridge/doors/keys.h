/* keys.h - keys that are bearer tokens of ours (bridge/logins): until they are revoked, or for as
 * long as the configuration says. */
#ifndef BRIDGE_DOORS_KEYS_H
#define BRIDGE_DOORS_KEYS_H

#include "bridge/doors/telling.h"

/* One for the caller, who is somebody; or login.token is void. As wants_begin(). */
bool keys_issue(struct visit *visit, const struct codec_want *want, struct telling *telling);
bool keys_end(struct visit *visit, const struct codec_want *want, struct telling *telling);

/* Does the call wait for one of these? */
bool keys_await(const struct visit *visit);

/* ANSWER_LOGIN for such a call. True: telling says what came of it. False: another follows. May
 * take answer->login. */
bool keys_answered(struct visit *visit, struct answer *answer, struct telling *telling);

#endif
