/* comparer.h - a process of its own that compares secrets with hashes.
 *
 * A comparison maps some megabytes, fills them, and gives them back. In a process they are filled
 * under a lock that its other threads need whenever their memory grows, so that a loop would wait
 * for comparisons that are done in its own process, on whatever thread. */
#ifndef BRIDGE_SECRETS_COMPARER_H
#define BRIDGE_SECRETS_COMPARER_H

#include <stdbool.h>
#include <sys/types.h>

#include "bridge/secrets/password.h"

/* The only word on the command line of such a process, which main() answers with comparer_run(). It
 * is no command: nobody but comparer_ask() can talk to it. */
#define COMPARER_WORD "--compare-secrets"

/* One thread's. Zeroed, but for the program. */
struct comparer {
	const char *program; /* this one, to be started; borrowed. NULL: none, compare here */
	pid_t pid;           /* 0: it was not started */
	int fd;
};

/* As password_compare(), in the process, which is started for the first one, and again when it was
 * killed; PASSWORD_UNKNOWN, too, when it is killed twice at this. When it cannot be started, this
 * one is compared here, which is logged, and the next one tries again. Waits for it: not for the
 * thread of a loop. Borrows. */
enum password_verdict comparer_ask(struct comparer *comparer, const char *hash,
				   struct slice secret);

/* As password_hash() with what one takes by default: in the process, and false, as above. */
bool comparer_hash(struct comparer *comparer, struct slice secret, char hash[PASSWORD_HASH_BYTES])
    __attribute__((warn_unused_result));

/* Ends the process, whatever it does. */
void comparer_end(struct comparer *comparer);

/* What the process does until the other end of its standard input, a socket, is closed. Returns its
 * exit code. */
int comparer_run(void);

#endif
