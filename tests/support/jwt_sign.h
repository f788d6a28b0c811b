/* jwt_sign.h - makes JSON Web Tokens for tests, right ones and wrong ones. Independent of
 * bridge/secrets/jwt.c: what it signs with is OpenSSL's. */
#ifndef TESTS_SUPPORT_JWT_SIGN_H
#define TESTS_SUPPORT_JWT_SIGN_H

#include <stddef.h>

/* Private keys, made once for a test program; freed by jwt_keys_free(). */
struct jwt_keys {
	void *rsa, *other_rsa, *small_rsa, *p256, *other_p256, *p384;
};

void jwt_keys_make(struct jwt_keys *keys);
void jwt_keys_free(struct jwt_keys *keys);

/* Writes the public half of a key, or all of it, as PEM into a file. */
void jwt_public_write(void *key, const char *path);
void jwt_private_write(void *key, const char *path);

/* The same as text. Returns new. */
char *jwt_public_text(void *key);

enum jwt_signer { SIGN_HS256, SIGN_RS256, SIGN_ES256, SIGN_NOTHING, SIGN_DER };

/* header and claims, as base64url, and their signature by key: of HS256 a text (borrows), else one
 * of the keys. SIGN_NOTHING: an empty one. SIGN_DER: of P-256, in the form that a JWT does not
 * have. Returns new. */
char *jwt_sign(const char *header, const char *claims, enum jwt_signer signer, const void *key);

/* base64url without padding. Returns new. */
char *jwt_base64(const void *bytes, size_t len);

#endif
