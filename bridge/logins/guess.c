#include "bridge/logins/guess.h"

#include "bridge/core/directory.h"
#include "bridge/logins/proof.h"
#include "bridge/logins/slowing.h"
#include "codecs/text/name.h"

/* The account that is claimed by its number; 0: none is. */
static uint32_t account_numbered(const struct bridge *bridge, const struct codec_login *login)
{
	char name[NAME_BYTES_MAX];
	struct person who;
	uint64_t credential;

	return login->claimed_number && login->claimed_number <= UINT32_MAX &&
		       directory_vouch(bridge->directory, (uint32_t)login->claimed_number, &who,
				       name, &credential)
		   ? who.number
		   : 0;
}

/* The same by its name. */
static uint32_t account_named(const struct bridge *bridge, const struct codec_login *login)
{
	char name[NAME_BYTES_MAX];
	struct person who;
	uint64_t credential;

	return login->name.len &&
		       directory_vouch_name(bridge->directory, login->name, &who, name, &credential)
		   ? who.number
		   : 0;
}

static uint64_t number_key(const struct bridge *bridge, uint64_t number)
{
	return number ? keyed_hash(&bridge->key, &number, sizeof(number)) | 1 : 0;
}

/* An account's is that of its number. 0: there is no name. */
static uint64_t name_key(const struct bridge *bridge, const struct codec_login *login,
			 uint32_t account)
{
	char folded[NAME_FOLDED_MAX];
	size_t len = name_fold(login->name, folded);

	if (account || !len)
		return number_key(bridge, account);
	return keyed_hash(&bridge->key, folded, len) | 1;
}

/* A number and a name may be of two, and either's secret is tried: the directory takes whichever
 * fits, or lets a guest of that name in. */
static void put_keys(const struct bridge *bridge, const struct codec_login *login,
		     struct login_guess *guess, uint64_t number, uint32_t named)
{
	uint64_t by_number = number_key(bridge, number);
	uint64_t by_name = name_key(bridge, login, named);

	guess->name = by_number ? by_number : by_name;
	guess->other = by_number && by_name != by_number ? by_name : 0;
}

static struct slowing_who who_of(const struct login_guess *guess)
{
	return (struct slowing_who){ guess->address, guess->name, guess->other };
}

enum reason guess_begin(struct worker *worker, const struct mount *mount, enum login_way way,
			const struct codec_login *login, uint64_t address,
			struct login_guess *guess)
{
	const struct bridge *bridge = worker->bridge;
	uint32_t numbered = account_numbered(bridge, login), named = account_named(bridge, login);
	struct slowing_who who;
	enum reason reason;

	*guess = (struct login_guess){ .begun = false };
	if (login->anonymous ||
	    (way != LOGIN_BACKEND && !numbered && !named && proof_guests(mount)))
		return REASON_NONE;
	guess->address = address;
	guess->began_ms = worker->tick_ms;
	put_keys(bridge, login, guess, way == LOGIN_BACKEND ? login->claimed_number : numbered,
		 named);
	if (way != LOGIN_BACKEND && named != numbered && login->secret.len > 0)
		guess->account = numbered;
	who = who_of(guess);
	reason = slowing_begin(bridge->slowing, &who, worker->tick_ms);
	guess->begun = reason == REASON_NONE;
	worker->counters->logins_slowed += !guess->begun;
	return reason;
}

static void end(struct slowing *slowing, struct login_guess *guess, enum slowing_outcome outcome,
		uint64_t now_ms)
{
	struct slowing_who who = who_of(guess);

	if (guess->begun)
		slowing_end(slowing, &who, outcome, now_ms);
	guess->begun = false;
}

/* A wrong secret of the account of that number shows by what becomes of the name. */
static enum slowing_outcome outcome_of(const struct login_guess *guess, enum reason reason,
				       uint32_t number)
{
	bool other = guess->account && guess->account != number;

	switch (reason) {
	case REASON_NONE: return other ? SLOWING_FAILED : SLOWING_PASSED;
	case REASON_BAD_LOGIN: return SLOWING_FAILED;
	case REASON_NAME_TAKEN:
	case REASON_BANNED: return guess->account ? SLOWING_FAILED : SLOWING_UNKNOWN;
	default: return SLOWING_UNKNOWN;
	}
}

void guess_end(struct worker *worker, struct login_guess *guess, enum reason reason,
	       uint32_t number)
{
	end(worker->bridge->slowing, guess, outcome_of(guess, reason, number), worker->tick_ms);
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
	slowing_failed(worker->bridge->slowing, &(struct slowing_who){ .address = address },
		       worker->tick_ms);
}
