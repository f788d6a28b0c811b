/* guess.h - a login that might be a guess at somebody's secret, on its way: whether it is looked
 * at, and what its address and name get for what came of it (slowing.h). */
#ifndef BRIDGE_LOGINS_GUESS_H
#define BRIDGE_LOGINS_GUESS_H

#include "bridge/core/login.h"
#include "bridge/core/worker.h"
#include "codecs/codec.h"
#include "codecs/text/reason.h"

/* May it be looked at? address: keyed hash; 0: loopback. REASON_NONE: guess_end() follows, or
 * guess_hand(). Logins that are no guesses begin, too, and nothing comes of them. Others: as of
 * slowing_begin(), and counted. The worker's thread, like all here. Borrows. */
enum reason guess_begin(struct worker *worker, const struct mount *mount, enum login_way way,
			const struct codec_login *login, uint64_t address,
			struct login_guess *guess);

/* It was judged. number: of REASON_NONE: who it is. */
void guess_end(struct worker *worker, struct login_guess *guess, enum reason reason,
	       uint32_t number);

/* It is judged elsewhere: when claim is freed and nobody has said what came of it, it was given up,
 * which counts as if it had failed, for the address. */
void guess_hand(struct worker *worker, const struct login_guess *guess, struct login_claim *claim);

/* A token or a JWT was none. */
void guess_token_failed(struct worker *worker, uint64_t address);

#endif
