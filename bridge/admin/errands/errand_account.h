/* errand_account.h - accounts that clients make. For errands.c, which begins with this;
 * errand_end() follows. Main thread. */
#ifndef BRIDGE_ADMIN_ERRANDS_ERRAND_ACCOUNT_H
#define BRIDGE_ADMIN_ERRANDS_ERRAND_ACCOUNT_H

#include "bridge/admin/errands/errand.h"

void errand_make_account(struct errand *errand);

#endif
