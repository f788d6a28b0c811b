#include "bridge/secrets/password.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

_Static_assert(PASSWORD_HASH_BYTES == crypto_pwhash_STRBYTES, "as the library has it");
_Static_assert(MARK_BYTES == crypto_generichash_KEYBYTES && MARK_BYTES == crypto_generichash_BYTES,
	       "256 bits of BLAKE2b");
_Static_assert(sizeof(PASSWORD_HASH_PREFIX) == sizeof(crypto_pwhash_STRPREFIX), "argon2id");

bool password_begin(void)
{
	return sodium_init() >= 0;
}

enum password_verdict password_compare(const char *hash, struct slice secret)
{
	char whole[PASSWORD_HASH_BYTES] = "";

	snprintf(whole, sizeof(whole), "%s", hash);
	errno = 0;
	if (crypto_pwhash_str_verify(whole, secret.data ? secret.data : "", secret.len) == 0)
		return PASSWORD_RIGHT;
	/* What the library says of two that differ; of memory it says something else, or nothing.
	 */
	return errno == EINVAL ? PASSWORD_WRONG : PASSWORD_UNKNOWN;
}

bool password_hash(struct slice secret, unsigned mib, unsigned passes,
		   char hash[PASSWORD_HASH_BYTES])
{
	return crypto_pwhash_str_alg(hash, secret.data ? secret.data : "", secret.len, passes,
				     (size_t)mib << 20, crypto_pwhash_ALG_ARGON2ID13) == 0;
}

void password_mark(const unsigned char key[MARK_BYTES], const char *hash, struct slice secret,
		   unsigned char mark[MARK_BYTES])
{
	crypto_generichash_state state;

	/* The NUL parts them: no hash has one. */
	crypto_generichash_init(&state, key, MARK_BYTES, MARK_BYTES);
	crypto_generichash_update(&state, (const unsigned char *)hash, strlen(hash) + 1);
	crypto_generichash_update(&state, (const unsigned char *)(secret.data ? secret.data : ""),
				  secret.len);
	crypto_generichash_final(&state, mark, MARK_BYTES);
	sodium_memzero(&state, sizeof(state));
}

bool mark_equal(const unsigned char a[MARK_BYTES], const unsigned char b[MARK_BYTES])
{
	return sodium_memcmp(a, b, MARK_BYTES) == 0;
}
