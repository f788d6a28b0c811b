/* login.h - a login on its way to who judges it, and back: a backend, or a thread that compares its
 * secret with a hash (bridge/secrets). */
#ifndef BRIDGE_CORE_LOGIN_H
#define BRIDGE_CORE_LOGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/core/directory.h"
#include "codecs/codec.h"
#include "codecs/text/name.h"

struct mount;
struct room_entry;

struct token_row;

#define LOGIN_ADDRESS_MAX 47
#define LOGIN_TOKEN_MAX   48

struct slowing;

/* By bridge/logins/guess.h: who might guess at a secret. */
struct login_guess {
	uint64_t address, name, other; /* keyed hashes: struct slowing_who */
	uint64_t began_ms;             /* on a clock that never steps back */
	uint32_t account; /* whose secret it is, or a guess, by its number beside another name; 0 */
	bool begun;       /* and not ended */
};

/* A login that is judged elsewhere. */
struct login_claim {
	const char *dialect, *mount; /* constant for the process */
	char *name, *secret;         /* owned; NULL: none */
	size_t name_len, secret_len;
	uint64_t number;
	bool anonymous;
	struct room_entry *room; /* asked for; NULL: the mount's */
	char *correlation;       /* owned; NULL: the login came with the upgrade */
	size_t correlation_len;
	struct secret_check
	    check; /* by bridge/secrets: what is to be compared, and whether it matches */
	/* Of bridge/logins: where it came to, and what is to become of it. */
	const struct mount *at;
	uint64_t address, lasts_ms;
	char address_text[LOGIN_ADDRESS_MAX];
	bool to_backend, issue;
	bool hashes; /* secret has no hash yet: it is put into check.hash, and nothing compared */
	/* Of a token that is being stored, or taken out; whose it is stands in as_... */
	struct token_row *row; /* owned; NULL: it is about none */
	char token[LOGIN_TOKEN_MAX];
	bool guest, revoke;
	struct login_guess guess;
	struct slowing *slowing;
	void (*freed)(
	    struct login_claim *); /* called first; any thread. NULL: nobody hears of it */
	uint8_t way;
	/* by a backend; what was answered: whose it is, when allowed */
	bool has_as;
	char as_name[NAME_BYTES_MAX];
	size_t as_name_len;
	uint32_t as_number, as_roles;
};

/* Copies a login (borrows). Returns new. */
struct login_claim *login_claim_new(const struct codec_login *login);

/* Secrets are wiped. NULL is ignored. */
void login_claim_free(struct login_claim *claim);

#endif
