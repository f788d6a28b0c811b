#include "bridge/logins/issue.h"

#include "bridge/logins/tokens.h"
#include "bridge/secrets/token_text.h"

_Static_assert(LOGIN_TOKEN_MAX == TOKEN_TEXT_LEN + 1, "as a claim keeps it");

static uint64_t expiry(struct tokens *tokens, uint64_t lasts_ms, uint64_t wall_ms)
{
	if (lasts_ms == LOGINS_USUAL)
		lasts_ms = tokens_limits(tokens).lasts_ms;
	return lasts_ms == 0 || lasts_ms == LOGINS_UNTIL_REVOKED ? 0 : wall_ms + lasts_ms;
}

enum reason issue_token(struct worker *worker, const struct asker *asker, struct token_row *row,
			uint64_t lasts_ms, struct login_claim *claim, bool *later)
{
	struct tokens *tokens = worker->bridge->tokens;
	struct token_row was;
	bool gone;

	(void)asker;
	*later = false;
	token_text_make(claim->token);
	token_text_hash(slice_of(claim->token), row->hash);
	row->issued_ms = worker->now_ms;
	row->expires_ms = expiry(tokens, lasts_ms, worker->now_ms);
	return tokens_add(tokens, row, false, &gone, &was) ? REASON_NONE : REASON_TOO_MANY;
}

enum reason issue_revoke(struct worker *worker, const struct asker *asker, struct slice token,
			 struct login_claim *claim, bool *later)
{
	unsigned char hash[TOKEN_HASH_BYTES];
	struct token_row was;

	(void)asker;
	(void)claim;
	*later = false;
	if (!token_text_is(token))
		return REASON_BAD_LOGIN;
	token_text_hash(token, hash);
	return tokens_remove(worker->bridge->tokens, hash, &was) ? REASON_NONE : REASON_BAD_LOGIN;
}
