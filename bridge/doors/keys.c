#include "bridge/doors/keys.h"

#include <string.h>

#include "bridge/logins/logins.h"

_Static_assert(TOKEN_TEXT_LEN < PASS_TEXT_MAX, "a token fits where a pass does");

static void tell(struct telling *telling, const struct login_result *result)
{
	size_t len = strlen(result->token);

	telling->told.reason = result->reason;
	memcpy(telling->key, result->token, len);
	telling->told.key = slice_span(telling->key, len);
}

bool keys_issue(struct visit *visit, const struct codec_want *want, struct telling *telling)
{
	struct login_result result = { .person = visit->peer.self,
				       .kind = visit->kind,
				       .credential = visit->credential,
				       .guest = visit->kind == HOLDER_GUEST };
	struct asker asker = visit_asker(visit);

	if (!logins_issue(visit->worker, &asker, visit->mount,
			  want->lasting ? LOGINS_UNTIL_REVOKED : LOGINS_USUAL, &result))
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
