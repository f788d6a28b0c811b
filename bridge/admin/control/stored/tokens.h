/* tokens.h - the verbs on bearer tokens that the server issued. Main thread. */
#ifndef BRIDGE_ADMIN_CONTROL_STORED_TOKENS_H
#define BRIDGE_ADMIN_CONTROL_STORED_TOKENS_H

struct call;

void tokens_list_serve(struct call *call);
void tokens_add_serve(struct call *call);
void tokens_revoke_serve(struct call *call);

#endif
