/* accounts.h - the commands on accounts: those made at run time are kept by the store, and count
 * once they are stored. Main thread. */
#ifndef BRIDGE_ADMIN_KEEP_ACCOUNTS_H
#define BRIDGE_ADMIN_KEEP_ACCOUNTS_H

struct call;

void accounts_list_serve(struct call *call);
void accounts_add_serve(struct call *call);
void accounts_passwd_serve(struct call *call);
void accounts_role_serve(struct call *call);
void accounts_remove_serve(struct call *call);

#endif
