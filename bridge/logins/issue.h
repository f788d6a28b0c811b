/* issue.h - bearer tokens are issued and revoked, and kept where the bridge has a store. For
 * logins.h; and for the main thread. */
#ifndef BRIDGE_LOGINS_ISSUE_H
#define BRIDGE_LOGINS_ISSUE_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge/core/login.h"
#include "bridge/core/worker.h"
#include "bridge/durable/token_keeping.h"
#include "bridge/durable/token_row.h"
#include "bridge/secrets/token_text.h"

#define LOGINS_USUAL         0          /* of lasts_ms: as long as the configuration says */
#define LOGINS_UNTIL_REVOKED UINT64_MAX /* of lasts_ms */

/* A token of that row (borrows; its hash, and when it was issued and expires, are filled in here),
 * which is to last that long, as of struct login_request. claim: for the answer; its token is set.
 * REASON_NONE: it holds, unless *later: ANSWER_LOGIN comes to asker with claim (taken), whose row
 * is the token's. Else claim is the caller's. The worker's thread. */
enum reason issue_token(struct worker *worker, const struct asker *asker, struct token_row *row,
			uint64_t lasts_ms, struct login_claim *claim, bool *later);

/* Nobody is let in by that token (borrows) from now on. As issue_token(); REASON_BAD_LOGIN: there
 * is none. */
enum reason issue_revoke(struct worker *worker, const struct asker *asker, struct slice token,
			 struct login_claim *claim, bool *later);

/* The same for who keeps it: keeping is zeroed, but for its row, which is filled in; so is text,
 * the token. It holds at once where the bridge has no store; else after tokens_settle(), once
 * keeping is stored. False: there are too many. Any thread. */
bool issue_begin(struct bridge *bridge, uint64_t wall_ms, uint64_t lasts_ms,
		 char text[TOKEN_TEXT_LEN + 1], struct token_keeping *keeping)
    __attribute__((warn_unused_result));

/* Every second: those that have expired go, some of them; from the store, too, some time. wall_ms:
 * since 1970. Main thread, like the next. */
void issue_tick(struct bridge *bridge, uint64_t wall_ms);

/* All of that person go. */
void issue_erase(struct bridge *bridge, uint32_t number);

#endif
