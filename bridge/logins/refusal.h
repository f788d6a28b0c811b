/* refusal.h - a login that is refused is counted, and told in the log in one form, which is told in
 * contrib/man/dragoman.1: others, such as fail2ban, read it. */
#ifndef BRIDGE_LOGINS_REFUSAL_H
#define BRIDGE_LOGINS_REFUSAL_H

#include "bridge/core/worker.h"
#include "codecs/text/reason.h"
#include "codecs/text/slice.h"

/* Who asked, and where. All borrowed. */
struct refusal {
	const struct mount *mount;
	const char *address; /* text */
	struct slice name;   /* as claimed; absent: none. What is a token is not told */
	uint64_t number;     /* the same; 0: none */
	struct slice room;   /* which refused it; absent: none did */
	enum reason reason;
};

/* worker: its own thread. */
void refusal_tell(struct worker *worker, const struct refusal *refusal);

#endif
