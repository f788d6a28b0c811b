#include "bridge/doors/keys.h"

#include <string.h>

#include "bridge/logins/logins.h"
#include "bridge/logins/tokens.h"

_Static_assert(TOKEN_TEXT_LEN < PASS_TEXT_MAX, "a token fits where a pass does");

static void tell(struct telling *telling, const struct login_result *result)
{
	size_t len = strlen(result->token);

	telling->told.reason = result->reason;
	memcpy(telling->key, result->token, len);
	telling->told.key = slice_span(telling->key, len);
}

/* Who came by a JWT, or by a pass that ends, has no token when that is over. One who came by a
 * token may have another one: each is listed, and can be revoked. */
static uint64_t lasts_ms(const struct visit *visit, bool lasting)
{
	uint64_t now_ms = visit->worker->now_ms, until_ms = visit->login_until_ms;
	uint64_t usual_ms = tokens_last_ms(visit->worker->bridge->tokens), left_ms;

	if (!until_ms || (visit->way != LOGIN_JWT && visit->way != LOGIN_WAYS))
		return lasting ? LOGINS_UNTIL_REVOKED : LOGINS_USUAL;
	left_ms = until_ms > now_ms ? until_ms - now_ms : 1;
	return !lasting && usual_ms && usual_ms < left_ms ? LOGINS_USUAL : left_ms;
}

bool keys_issue(struct visit *visit, const struct codec_want *want, struct telling *telling)
{
	struct login_result result = { .person = visit->peer.self,
				       .kind = visit->kind,
				       .credential = visit->credential,
				       .guest = visit->kind == HOLDER_GUEST };
	struct asker asker = visit_asker(visit);

	if (!logins_issue(visit->worker, &asker, visit->mount, lasts_ms(visit, want->lasting),
			  &result))
		return false;
	tell(telling, &result);
	return true;
}

bool keys_end(struct visit *visit, const struct codec_want *want, struct telling *telling)
{
	struct asker asker = visit_asker(visit);
	struct login_result result;

	if (!logins_revoke(visit->worker, &asker, want->login.token, &result))
		return false;
	telling->told.reason = result.reason;
	return true;
}

bool keys_await(const struct visit *visit)
{
	return !visit->identifying && (visit->wants == WANT_KEY || visit->wants == WANT_KEY_END);
}

bool keys_answered(struct visit *visit, struct answer *answer, struct telling *telling)
{
	struct asker asker = visit_awaiting(visit);
	struct login_result result;

	if (!logins_answered(visit->worker, &asker, answer, &result))
		return false;
	*telling = (struct telling){ .told = { .kind = visit->wants } };
	tell(telling, &result);
	return true;
}
