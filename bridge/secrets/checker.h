/* checker.h - has secrets compared with hashes, so that no loop waits for it.
 *
 * A login waits in one queue for all; the answer (ANSWER_LOGIN) comes as mail to the asker's
 * worker. A few threads begin with the first login that needs one, half as many as loops. Each has
 * a process (comparer.h) that compares, with a lower priority than the loops, and takes the memory
 * of one comparison: see conf/table/password_hash.h. */
#ifndef BRIDGE_SECRETS_CHECKER_H
#define BRIDGE_SECRETS_CHECKER_H

#include <stdbool.h>
#include <stddef.h>

#include "bridge/core/asker.h"
#include "bridge/core/bridge.h"
#include "bridge/core/directory.h"
#include "bridge/core/login.h"

#define CHECKER_THREADS_MAX 4
#define CHECKER_QUEUE       1024 /* logins that wait, beside those that are compared */

struct checker;

/* For setup.c. bridge is borrowed, and outlives it with its workers. Returns new. */
struct checker *checker_new(struct bridge *bridge);

/* From now on nothing is taken, and nothing is answered: after the loops, before their mailboxes
 * must not be woken any more. A thread that compares something ends when it is done with it, and
 * touches neither the bridge nor what belongs to it any more; if the server ends first, so does
 * its process. */
void checker_stop(struct checker *checker);

/* Implies checker_stop(). NULL is ignored. */
void checker_free(struct checker *checker);

/* Is this a secret (borrows) that was found to belong to check->hash not long ago? Any thread;
 * takes microseconds. */
bool checker_knows(struct checker *checker, const struct secret_check *check, struct slice secret);

/* Has claim->check done; or, claim->hashes, claim->check.hash made. True: takes claim, which comes
 * back with the answer: reason REASON_NONE, and check.matches says what was found; or REASON_BUSY:
 * there was no memory. False: too many wait, or no thread can be had; claim is the caller's. Any
 * thread. Borrows asker. */
bool checker_take(struct checker *checker, const struct asker *asker, struct login_claim *claim)
    __attribute__((warn_unused_result));

/* That asker (borrows; its ticket does not matter) is gone, and needs not wait any more. If it is
 * being compared, the answer comes all the same, to nobody. Its thread. */
void checker_drop(struct checker *checker, const struct asker *asker);

/* Accounts have changed: forgets all that checker_knows(). Any thread. */
void checker_forget(struct checker *checker);

#endif
