#include "bridge/logins/guess.h"

#include "bridge/core/directory.h"
#include "bridge/logins/proof.h"
#include "bridge/logins/slowing.h"
#include "codecs/text/name.h"

/* An account's number, by whichever of the two; 0: it is none's. */
static uint32_t account_of(const struct bridge *bridge, const struct codec_login *login)
{
	char name[NAME_BYTES_MAX];
	struct person who;
	uint64_t credential;

	if (login->claimed_number && login->claimed_number <= UINT32_MAX &&
	    directory_vouch(bridge->directory, (uint32_t)login->claimed_number, &who, name,
			    &credential))
		return who.number;
	return login->name.len &&
		       directory_vouch_name(bridge->directory, login->name, &who, name, &credential)
		   ? who.number
		   : 0;
}

/* 0: there is none. */
static uint64_t name_key(const struct bridge *bridge, const struct codec_login *login,
			 uint32_t account)
{
	char folded[NAME_FOLDED_MAX];
	size_t len = name_fold(login->name, folded);

	if (account || !len)
		return keyed_hash(&bridge->key, &account, sizeof(account)) | 1;
	return keyed_hash(&bridge->key, folded, len) | 1;
}

enum reason guess_begin(struct worker *worker, const struct mount *mount, enum login_way way,
			const struct codec_login *login, uint64_t address,
			struct login_guess *guess)
{
	const struct bridge *bridge = worker->bridge;
	uint32_t account = account_of(bridge, login);
	enum reason reason;

	*guess = (struct login_guess){ .begun = false };
	if (login->anonymous || (way != LOGIN_BACKEND && !account && proof_guests(mount)))
		return REASON_NONE;
	guess->address = address;
	guess->name = name_key(bridge, login, account);
	guess->began_ms = worker->tick_ms;
	reason = slowing_begin(
	    bridge->slowing, &(struct slowing_who){ guess->address, guess->name }, worker->tick_ms);
	guess->begun = reason == REASON_NONE;
	worker->counters->logins_slowed += !guess->begun;
	return reason;
}

static void end(struct slowing *slowing, struct login_guess *guess, enum slowing_outcome outcome,
		uint64_t now_ms)
{
	if (guess->begun)
		slowing_end(slowing, &(struct slowing_who){ guess->address, guess->name }, outcome,
			    now_ms);
	guess->begun = false;
}

void guess_end(struct worker *worker, struct login_guess *guess, enum reason reason)
{
	end(worker->bridge->slowing, guess,
	    reason == REASON_NONE        ? SLOWING_PASSED
	    : reason == REASON_BAD_LOGIN ? SLOWING_FAILED
					 : SLOWING_UNKNOWN,
	    worker->tick_ms);
}

/* Any thread. */
static void given_up(struct login_claim *claim)
{
	end(claim->slowing, &claim->guess, SLOWING_GIVEN_UP, claim->guess.began_ms);
}

void guess_hand(struct worker *worker, const struct login_guess *guess, struct login_claim *claim)
{
	claim->guess = *guess;
	claim->slowing = worker->bridge->slowing;
	claim->freed = given_up;
}

void guess_token_failed(struct worker *worker, uint64_t address)
{
	slowing_failed(worker->bridge->slowing, &(struct slowing_who){ address, 0 },
		       worker->tick_ms);
}
