/* slowing.h - logins that fail are slowed, by address and by name, so that secrets cannot be
 * guessed fast, and nobody else waits for who tries. In memory of a fixed size: who is new may take
 * the place of who failed least. Guards itself: any thread; takes less than a microsecond.
 *
 * After so many that failed, a login is refused without a look for a while: a second at first, then
 * twice as long with each one more that fails, and between these whiles one is looked at at a time.
 * Before, at most so many at a time as may still fail; SLOWING_AT_ONCE times as many as long as
 * none has. A name can be failed for by anybody: so its whiles are short, and who logged in under
 * it from an address before is not concerned there. */
#ifndef BRIDGE_LOGINS_SLOWING_H
#define BRIDGE_LOGINS_SLOWING_H

#include <stdbool.h>
#include <stdint.h>

#include "codecs/text/reason.h"

#define SLOWING_NAME_MAX_MS UINT64_C(10000)
#define SLOWING_AT_ONCE     8
#define SLOWING_PLACES      8192 /* of each kind; a power of two */

struct slowing;

struct slowing_limits {
	uint32_t failures; /* 0: nobody is slowed */
	uint64_t most_ms;  /* of a while, for an address; ten times as long, and all is forgotten */
};

/* Who tries. Keyed hashes that no client can choose; 0: not to be judged by it. */
struct slowing_who {
	uint64_t address, name;
	uint64_t other; /* a second name that it is tried under */
};

/* Returns new. */
struct slowing *slowing_new(struct slowing_limits limits);

/* NULL is ignored. */
void slowing_free(struct slowing *slowing);

/* Is a login looked at, at now_ms of a clock that never steps back? (Threads may have
 * looked at it at different times.) REASON_NONE: slowing_end()
 * follows, whatever comes of it. REASON_RATE_LIMITED: its address failed. REASON_BUSY: its name was
 * failed for, which may be somebody else's fault. */
enum reason slowing_begin(struct slowing *slowing, const struct slowing_who *who, uint64_t now_ms);

/* What came of it. SLOWING_PASSED: under the first name. SLOWING_UNKNOWN: nothing that tells of the
 * secret. SLOWING_GIVEN_UP: whoever tried did not wait for it; counts as a failure of the address,
 * or that would be had for nothing.
 */
enum slowing_outcome { SLOWING_UNKNOWN, SLOWING_GIVEN_UP, SLOWING_FAILED, SLOWING_PASSED };
void slowing_end(struct slowing *slowing, const struct slowing_who *who,
		 enum slowing_outcome outcome, uint64_t now_ms);

/* One failed that was looked at whatever its address did before: a token. */
void slowing_failed(struct slowing *slowing, const struct slowing_who *who, uint64_t now_ms);

#endif
