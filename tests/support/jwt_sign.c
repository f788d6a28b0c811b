#include "tests/support/jwt_sign.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#define SIGNATURE_MAX 1024

void jwt_keys_make(struct jwt_keys *keys)
{
	keys->rsa = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	keys->other_rsa = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	keys->small_rsa = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
	keys->p256 = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	keys->other_p256 = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	keys->p384 = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-384");
	assert_true(keys->rsa && keys->other_rsa && keys->small_rsa && keys->p256 &&
		    keys->other_p256 && keys->p384);
}

void jwt_keys_free(struct jwt_keys *keys)
{
	EVP_PKEY_free(keys->rsa);
	EVP_PKEY_free(keys->other_rsa);
	EVP_PKEY_free(keys->small_rsa);
	EVP_PKEY_free(keys->p256);
	EVP_PKEY_free(keys->other_p256);
	EVP_PKEY_free(keys->p384);
}

void jwt_public_write(void *key, const char *path)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(PEM_write_PUBKEY(file, key), 1);
	fclose(file);
}

void jwt_private_write(void *key, const char *path)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
	fclose(file);
}

char *jwt_public_text(void *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *bytes, *text;
	long len;

	assert_int_equal(PEM_write_bio_PUBKEY(bio, key), 1);
	len = BIO_get_mem_data(bio, &bytes);
	text = strndup(bytes, (size_t)len);
	BIO_free(bio);
	return text;
}

char *jwt_base64(const void *bytes, size_t len)
{
	char *text = malloc(4 * (len / 3 + 1) + 1);

	assert_non_null(text);
	EVP_EncodeBlock((unsigned char *)text, bytes, (int)len);
	for (char *at = text; *at; at++)
		*at = (char)(*at == '+' ? '-' : *at == '/' ? '_' : *at);
	text[strcspn(text, "=")] = '\0';
	return text;
}

static size_t sign_by_key(const char *text, void *key, unsigned char *out)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t len = SIGNATURE_MAX;

	assert_int_equal(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key), 1);
	assert_int_equal(
	    EVP_DigestSign(context, out, &len, (const unsigned char *)text, strlen(text)), 1);
	EVP_MD_CTX_free(context);
	return len;
}

static size_t side_by_side(unsigned char *signature, size_t len)
{
	const unsigned char *at = signature;
	ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &at, (long)len);

	assert_non_null(pair);
	BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, 32);
	BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + 32, 32);
	ECDSA_SIG_free(pair);
	return 64;
}

static size_t sign(const char *text, enum jwt_signer signer, const void *key, unsigned char *out)
{
	void *private = (void *)(uintptr_t)key;
	unsigned len = 0;

	switch (signer) {
	case SIGN_HS256:
		HMAC(EVP_sha256(), key, (int)strlen(key), (const unsigned char *)text, strlen(text),
		     out, &len);
		return len;
	case SIGN_RS256:
	case SIGN_DER: return sign_by_key(text, private, out);
	case SIGN_ES256: return side_by_side(out, sign_by_key(text, private, out));
	case SIGN_NOTHING: break;
	}
	return 0;
}

char *jwt_sign(const char *header, const char *claims, enum jwt_signer signer, const void *key)
{
	char *first = jwt_base64(header, strlen(header)),
	     *second = jwt_base64(claims, strlen(claims));
	unsigned char bytes[SIGNATURE_MAX];
	char *text, *third, *token;

	assert_true(asprintf(&text, "%s.%s", first, second) > 0);
	third = jwt_base64(bytes, sign(text, signer, key, bytes));
	assert_true(asprintf(&token, "%s.%s", text, third) > 0);
	free(first);
	free(second);
	free(third);
	free(text);
	return token;
}
