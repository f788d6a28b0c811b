/* holder.h - what somebody is who is proven by other means than a secret: by a token or a pass of
 * ours, by a JWT, by a backend. The numbers are stored, and stand in passes. */
#ifndef BRIDGE_CORE_PEOPLE_HOLDER_H
#define BRIDGE_CORE_PEOPLE_HOLDER_H

enum holder_kind {
	HOLDER_GUEST,   /* credential: of directory_identify(); of a token never 0 */
	HOLDER_ACCOUNT, /* credential: the same; void when the account has another secret */
	HOLDER_FOREIGN, /* a backend, or who signed a JWT, knows them; roles: what they said */
	HOLDER_KINDS
};

#endif
