#include "bridge/net/ws/ws_accept.h"

#include <openssl/evp.h>

#define KEY_LEN      24
#define KEY_DIGITS   22 /* "==" follows */
#define DIGEST_BYTES 20

static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

static bool is_digit(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       c == '+' || c == '/';
}

bool ws_key_allowed(struct slice key)
{
	if (key.len != KEY_LEN)
		return false;
	for (size_t i = 0; i < KEY_DIGITS; i++)
		if (!is_digit(key.data[i]))
			return false;
	return key.data[KEY_DIGITS] == '=' && key.data[KEY_DIGITS + 1] == '=';
}

char *ws_accept(struct slice key, char out[WS_ACCEPT_SIZE])
{
	unsigned char text[KEY_LEN + sizeof(guid) - 1], digest[EVP_MAX_MD_SIZE];

	if (key.len != KEY_LEN)
		return NULL;
	memcpy(text, key.data, KEY_LEN);
	memcpy(text + KEY_LEN, guid, sizeof(guid) - 1);
	if (!EVP_Digest(text, sizeof(text), digest, NULL, EVP_sha1(), NULL))
		return NULL;
	EVP_EncodeBlock((unsigned char *)out, digest, DIGEST_BYTES);
	return out;
}

char *ws_key(const unsigned char random[16], char out[WS_KEY_SIZE])
{
	EVP_EncodeBlock((unsigned char *)out, random, 16);
	return out;
}
