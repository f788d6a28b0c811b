/* accounts.h - the verbs on accounts: those made at run time are kept by the store, and count once
 * they are stored. Main thread. */
#ifndef BRIDGE_ADMIN_CONTROL_STORED_ACCOUNTS_H
#define BRIDGE_ADMIN_CONTROL_STORED_ACCOUNTS_H

#include <stdbool.h>
#include <stdint.h>

struct call;
struct roster;

void accounts_list_serve(struct call *call);
void accounts_add_serve(struct call *call);
void accounts_passwd_serve(struct call *call);
void accounts_role_serve(struct call *call);
void accounts_remove_serve(struct call *call);

/* For the verb erase, which takes the row of an account away: nobody changes that account any more,
 * until account_free(). Where there is none made at run time, nothing happens. False: it is being
 * changed, and the call has failed with that. */
bool account_claim(struct call *call, uint32_t number);

/* It may be changed again. */
void account_free(struct roster *roster, uint32_t number);

/* The row is gone: so is the account, and its connections are closed; then proceed is called. */
void account_erased(struct call *call, uint32_t number, void (*proceed)(struct call *));

#endif
