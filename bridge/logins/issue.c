#include "bridge/logins/issue.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/core/post.h"
#include "bridge/durable/lasting.h"
#include "bridge/durable/store.h"
#include "bridge/durable/token_keeping.h"
#include "bridge/logins/tokens.h"
#include "bridge/secrets/token_text.h"
#include "codecs/text/memory.h"

_Static_assert(LOGIN_TOKEN_MAX == TOKEN_TEXT_LEN + 1, "as a claim keeps it");

static uint64_t expiry(const struct tokens *tokens, uint64_t lasts_ms, uint64_t wall_ms)
{
	if (lasts_ms == LOGINS_USUAL)
		lasts_ms = tokens_last_ms(tokens);
	return lasts_ms == 0 || lasts_ms == LOGINS_UNTIL_REVOKED ? 0 : wall_ms + lasts_ms;
}

/* ---- through the store ---- */

struct issuing {
	struct token_keeping keeping; /* first */
	struct bridge *bridge;
	struct asker asker;
	struct login_claim *claim; /* owned; NULL: nobody waits */
};

/* The worker that asked may be gone, but not its mailbox. */
static void answer(struct issuing *issuing)
{
	struct post_answer *post = post_new(POST_ANSWER);

	post->post.asker = issuing->asker;
	post->answer =
	    (struct answer){ .kind = ANSWER_LOGIN,
			     .reason = issuing->keeping.failed ? REASON_UNSTORED : REASON_NONE,
			     .login = issuing->claim };
	mailbox_post(&issuing->bridge->workers[issuing->asker.worker]->box, &post->post);
}

/* The store's thread. */
static void kept(struct token_keeping *keeping)
{
	struct issuing *issuing = (struct issuing *)keeping;

	if (keeping->adds)
		tokens_settle(issuing->bridge->tokens, keeping->row.hash, !keeping->failed);
	if (issuing->claim)
		answer(issuing);
	free(issuing);
}

static struct issuing *issuing_new(struct bridge *bridge)
{
	struct issuing *issuing = memory_zeroed(1, sizeof(*issuing));

	issuing->bridge = bridge;
	issuing->keeping.done = kept;
	return issuing;
}

/* Takes both. */
static void keep(struct issuing *issuing, const struct asker *asker, struct login_claim *claim)
{
	struct store *store = issuing->bridge->store;

	if (asker_waits(asker)) {
		issuing->asker = *asker;
		issuing->claim = claim;
	} else {
		login_claim_free(claim);
	}
	store->keep_token(store, &issuing->keeping);
}

/* ---- issued, revoked ---- */

bool issue_begin(struct bridge *bridge, uint64_t wall_ms, uint64_t lasts_ms,
		 char text[TOKEN_TEXT_LEN + 1], struct token_keeping *keeping)
{
	struct token_row *row = &keeping->row, was;
	bool gone;

	token_text_make(text);
	token_text_hash(slice_of(text), row->hash);
	row->issued_ms = wall_ms;
	row->expires_ms = expiry(bridge->tokens, lasts_ms, wall_ms);
	if (!tokens_add(bridge->tokens, row, bridge->store != NULL, &gone, &was))
		return false;
	keeping->adds = true;
	if (gone)
		memcpy(keeping->gone[keeping->gone_count++], was.hash, TOKEN_ROW_HASH);
	return true;
}

static void put_row(struct login_claim *claim, const struct token_row *row)
{
	claim->row = memory_new(sizeof(*row));
	*claim->row = *row;
}

enum reason issue_token(struct worker *worker, const struct asker *asker, struct token_row *row,
			uint64_t lasts_ms, struct login_claim *claim, bool *later)
{
	struct bridge *bridge = worker->bridge;
	struct issuing *issuing = issuing_new(bridge);

	issuing->keeping.row = *row;
	*later = issue_begin(bridge, worker->now_ms, lasts_ms, claim->token, &issuing->keeping);
	if (!*later) {
		free(issuing);
		return REASON_TOO_MANY;
	}
	*row = issuing->keeping.row;
	*later = bridge->store != NULL;
	if (*later) {
		put_row(claim, row);
		keep(issuing, asker, claim);
	} else {
		free(issuing);
	}
	return REASON_NONE;
}

enum reason issue_revoke(struct worker *worker, const struct asker *asker, struct slice token,
			 struct login_claim *claim, bool *later)
{
	unsigned char hash[TOKEN_HASH_BYTES];
	struct bridge *bridge = worker->bridge;
	struct issuing *issuing;
	struct token_row was;

	*later = false;
	if (!token_text_is(token))
		return REASON_BAD_LOGIN;
	token_text_hash(token, hash);
	if (!tokens_remove(bridge->tokens, hash, &was))
		return REASON_BAD_LOGIN;
	*later = bridge->store != NULL;
	if (!*later)
		return REASON_NONE;
	put_row(claim, &was);
	issuing = issuing_new(bridge);
	memcpy(issuing->keeping.gone[issuing->keeping.gone_count++], hash, TOKEN_ROW_HASH);
	keep(issuing, asker, claim);
	return REASON_NONE;
}

/* ---- the main thread ---- */

/* They are none any more, in memory. */
static void forget(struct bridge *bridge, const struct token_row *rows, size_t count)
{
	struct lasting *lasting = NULL;

	for (size_t i = 0; i < count && bridge->store; i++) {
		if (!lasting)
			lasting = lasting_new(LASTING_TOKENS);
		memcpy(lasting->tokens.gone[lasting->tokens.gone_count++], rows[i].hash,
		       TOKEN_ROW_HASH);
		if (lasting->tokens.gone_count < TOKENS_GONE_MAX)
			continue;
		bridge->store->keep(bridge, lasting);
		lasting = NULL;
	}
	if (lasting)
		bridge->store->keep(bridge, lasting);
}

void issue_tick(struct bridge *bridge, uint64_t wall_ms)
{
	struct token_row rows[TOKENS_GONE_MAX];
	size_t count = tokens_expire(bridge->tokens, wall_ms, rows, TOKENS_GONE_MAX);

	forget(bridge, rows, count);
}

void issue_erase(struct bridge *bridge, uint32_t number)
{
	struct token_row *rows;
	size_t count = tokens_list(bridge->tokens, number, &rows);
	struct token_row was;

	for (size_t i = 0; i < count; i++)
		(void)!tokens_remove(bridge->tokens, rows[i].hash, &was);
	forget(bridge, rows, count);
	free(rows);
}
