/* logins.h - who is this? For whoever is shown credentials without a session: the doors of HTTP.
 * What judges is the same as for a session's login (bridge/client/auth.h): the mount's order of
 * logins, which says proof.h. Nobody is connected by it.
 *
 * What is asked may be known at once, or later: a secret is compared with a hash, a backend is
 * asked, a token is stored. Then the asker gets mail, ANSWER_LOGIN, and hands it to
 * logins_answered(), which may say "later" again. An asker that is gone says so by
 * logins_forget(); an answer that comes all the same is for nobody, and is dropped.
 *
 *     POST /api/tokens {"username":"ann","password":"x"}
 *         logins_ask() with name, secret and issue: result.token goes into the body
 *     GET /api/v1/users/current, Authorization: Bearer T
 *         logins_ask() with call_credentials(): result.person; from memory, at once
 *     DELETE /key?key=T
 *         logins_ask() says whose T is, then logins_revoke()
 *     POST /user {"username":"ann","password":"x"}
 *         once the account is there: logins_issue() for its number
 *
 * Refusals of logins_ask() and logins_answered() are counted and logged here. For REASON_BAD_LOGIN
 * and REASON_RATE_LIMITED the door answers with nothing that depends on what was shown. All calls:
 * the asker's worker thread. */
#ifndef BRIDGE_LOGINS_LOGINS_H
#define BRIDGE_LOGINS_LOGINS_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge/core/asker.h"
#include "bridge/core/bridge.h"
#include "bridge/durable/token_row.h"
#include "bridge/logins/issue.h"
#include "bridge/secrets/token_text.h"
#include "codecs/codec.h"

struct worker;

/* What is asked. All of it is borrowed for the call, but for mount, which is the bridge's. */
struct login_request {
	const struct mount *mount;
	const struct codec_login *login; /* name, secret, token, claimed_number, anonymous */
	uint64_t address;                /* keyed hash of the client's; 0: loopback */
	const char *address_text;        /* for the log */
	bool issue;        /* a token for who it is; not for a reader. One that was shown stays */
	uint64_t lasts_ms; /* of it: LOGINS_USUAL, LOGINS_UNTIL_REVOKED, or so many */
};

/* What came of it. */
struct login_result {
	enum reason reason; /* REASON_NONE: the rest holds. _BAD_LOGIN, _NAME_TAKEN, _BANNED,
			     * _RATE_LIMITED, _BUSY, _NO_ANSWER, _UNSTORED, _TOO_MANY, ... */
	struct slice text;  /* why, in a backend's words; absent: reason_text(). Borrows from the
			     * answer */
	enum login_way way;
	bool reader; /* nobody, who may read: what follows is not set */
	bool guest;  /* no account. The number is theirs for limits.guest_seconds, if nobody takes
		      * the name meanwhile */
	struct person person;           /* its name lies in name */
	enum holder_kind kind;          /* with the person's number, roles ... */
	uint64_t credential;            /* ... and this, a later login can be proven: see proof.h */
	uint64_t until_ms;              /* as struct proof has it */
	char token[TOKEN_TEXT_LEN + 1]; /* issued; "": none was asked for */
	uint64_t expires_ms;            /* of it; since 1970; 0: until it is revoked */
	char name[NAME_BYTES_MAX];
};

/* Who is it? True: *result says so. False: ANSWER_LOGIN comes. */
bool logins_ask(struct worker *worker, const struct asker *asker,
		const struct login_request *request, struct login_result *result)
    __attribute__((warn_unused_result));

/* What came (borrows, but may take its login). True: *result, of which text borrows from answer.
 * False: another comes. */
bool logins_answered(struct worker *worker, const struct asker *asker, struct answer *answer,
		     struct login_result *result) __attribute__((warn_unused_result));

/* A token for a person that the caller vouches for: *result as it came; or all zero but
 * person.number, of an account (REASON_UNKNOWN_PERSON: it is none). A guest who showed no
 * secret is known again by the token alone. mount: whose dialect it is
 * noted under. True, false: as logins_ask(). */
bool logins_issue(struct worker *worker, const struct asker *asker, const struct mount *mount,
		  uint64_t lasts_ms, struct login_result *result)
    __attribute__((warn_unused_result));

/* A token is void: at once; and for good, once true, or the answer, says so: REASON_NONE;
 * REASON_BAD_LOGIN: there is none of that text (borrows); REASON_UNSTORED: it may be back after a
 * restart. */
bool logins_revoke(struct worker *worker, const struct asker *asker, struct slice token,
		   struct login_result *result) __attribute__((warn_unused_result));

/* The asker is gone. */
void logins_forget(struct worker *worker, const struct asker *asker);

#endif
