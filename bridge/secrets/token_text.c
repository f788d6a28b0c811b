#include "bridge/secrets/token_text.h"

#include <sodium.h>
#include <string.h>

#define PREFIX_LEN (sizeof(TOKEN_PREFIX) - 1)
#define BITS_BYTES 32
#define BASE64     sodium_base64_VARIANT_URLSAFE_NO_PADDING

_Static_assert(TOKEN_TEXT_LEN + 1 == PREFIX_LEN + sodium_base64_ENCODED_LEN(BITS_BYTES, BASE64),
	       "256 bits behind the prefix");
_Static_assert(TOKEN_HASH_BYTES == crypto_generichash_BYTES, "256 bits of BLAKE2b");

void token_text_make(char text[TOKEN_TEXT_LEN + 1])
{
	unsigned char bits[BITS_BYTES];

	randombytes_buf(bits, sizeof(bits));
	memcpy(text, TOKEN_PREFIX, PREFIX_LEN);
	sodium_bin2base64(text + PREFIX_LEN, TOKEN_TEXT_LEN + 1 - PREFIX_LEN, bits, sizeof(bits),
			  BASE64);
	sodium_memzero(bits, sizeof(bits));
}

bool token_text_meant(struct slice text)
{
	return text.len >= PREFIX_LEN && memcmp(text.data, TOKEN_PREFIX, PREFIX_LEN) == 0;
}

bool token_text_is(struct slice text)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				       "0123456789-_";

	if (text.len != TOKEN_TEXT_LEN || !token_text_meant(text))
		return false;
	for (size_t i = PREFIX_LEN; i < text.len; i++)
		if (!memchr(alphabet, text.data[i], sizeof(alphabet) - 1))
			return false;
	return true;
}

void token_text_hash(struct slice text, unsigned char hash[TOKEN_HASH_BYTES])
{
	crypto_generichash(hash, TOKEN_HASH_BYTES, (const unsigned char *)text.data, text.len, NULL,
			   0);
}

bool token_hash_equal(const unsigned char a[TOKEN_HASH_BYTES],
		      const unsigned char b[TOKEN_HASH_BYTES])
{
	return sodium_memcmp(a, b, TOKEN_HASH_BYTES) == 0;
}
