/* jwt.h - JSON Web Tokens (RFC 7519) that somebody else signed: OpenSSL judges the signature,
 * jansson reads the JSON. The algorithm and the key are fixed for whoever is asked; what a token
 * says of them is compared, and never followed. Any thread. */
#ifndef BRIDGE_SECRETS_JWT_H
#define BRIDGE_SECRETS_JWT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/text/slice.h"

#define JWT_TEXT_MAX  8192 /* bytes of a token */
#define JWT_NAME_MAX  256  /* bytes of the name in it */
#define JWT_ROLES_MAX 64   /* words in the claim of roles that are looked at */
#define JWT_WHY_MAX   256

enum jwt_algorithm { JWT_HS256, JWT_RS256, JWT_ES256, JWT_ALGORITHMS };

/* "HS256", ... JWT_ALGORITHMS: it is none of them. */
enum jwt_algorithm jwt_algorithm_find(const char *word);

struct jwt;

/* What is wanted of a token. The texts are copied; none is NULL. */
struct jwt_rules {
	enum jwt_algorithm algorithm;
	const char *issuer, *audience; /* never empty */
	const char *name, *roles;      /* claims; roles "": none */
	uint64_t leeway_s;
};

/* Reads the key from its file: of HS256 its first line, else a public key in PEM, RSA of 2048 bits
 * at least or P-256. Returns new, or NULL with why. */
struct jwt *jwt_new(const struct jwt_rules *rules, const char *key_file, char why[JWT_WHY_MAX])
    __attribute__((warn_unused_result));

/* NULL is ignored. */
void jwt_free(struct jwt *jwt);

/* Reads the key again; nobody waits for it. False: it cannot be used, why says why, and the old one
 * stays. */
bool jwt_renew(struct jwt *jwt, const char *key_file, char why[JWT_WHY_MAX])
    __attribute__((warn_unused_result));

/* Does a text (borrows; may be absent) begin as one? Then it is one or nothing: no name. */
bool jwt_meant(struct slice text);

/* What is wrong with a token. */
enum jwt_verdict {
	JWT_HOLDS,
	JWT_TOO_LONG,
	JWT_MALFORMED, /* not three parts, not base64url, not JSON, a member twice, "crit" */
	JWT_OTHER_ALGORITHM,
	JWT_FORGED,  /* the signature is not the key's */
	JWT_EXPIRED, /* or exp is missing */
	JWT_EARLY,   /* nbf is to come */
	JWT_OTHER_ISSUER,
	JWT_OTHER_AUDIENCE,
	JWT_NAMELESS, /* the claim of the name is missing, no text, empty, or too long */
	JWT_VERDICTS
};

/* "forged", ... Constant. */
const char *jwt_verdict_code(enum jwt_verdict verdict);

/* What one says. */
struct jwt_claims {
	char name[JWT_NAME_MAX + 1]; /* UTF-8; not cleaned */
	uint32_t roles;              /* enum person_role bits of the words that are known */
	uint64_t expires_s;          /* since 1970 */
};

/* Judges a token (borrows) at now_s, since 1970. JWT_HOLDS: *claims is filled in. The signature is
 * judged before the claims are looked at; that takes some tens of microseconds. */
enum jwt_verdict jwt_read(struct jwt *jwt, struct slice text, uint64_t now_s,
			  struct jwt_claims *claims);

#endif
