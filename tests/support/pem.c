#include "tests/support/pem.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DAY 86400L

static FILE *file_new(const char *path)
{
	FILE *file;

	remove(path);
	file = fopen(path, "wb");
	if (!file || chmod(path, 0600) < 0)
		abort();
	return file;
}

static void names_add(X509 *certificate, const char *names)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);

	if (!extension || !X509_add_ext(certificate, extension, -1))
		abort();
	X509_EXTENSION_free(extension);
}

static X509 *certificate_new(const struct pem *pem, EVP_PKEY *key)
{
	X509 *certificate = X509_new();
	X509_NAME *name = X509_get_subject_name(certificate);

	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	X509_gmtime_adj(X509_getm_notBefore(certificate), -2 * DAY);
	X509_gmtime_adj(X509_getm_notAfter(certificate), pem->expired ? -DAY : DAY);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)pem->name, -1,
				   -1, 0);
	X509_set_issuer_name(certificate, name);
	X509_set_pubkey(certificate, key);
	if (pem->names)
		names_add(certificate, pem->names);
	if (!X509_sign(certificate, key, EVP_sha256()))
		abort();
	return certificate;
}

void pem_write(const struct pem *pem, const char *certificate_path, const char *key_path)
{
	EVP_PKEY *key = strcmp(pem->kind, "RSA") == 0 ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
	X509 *certificate = certificate_new(pem, key);
	FILE *file = file_new(certificate_path);

	if (!PEM_write_X509(file, certificate))
		abort();
	fclose(file);
	file = file_new(key_path);
	if (!PEM_write_PKCS8PrivateKey(file, key, pem->passphrase ? EVP_aes_128_cbc() : NULL, NULL,
				       0, NULL, (void *)(uintptr_t)pem->passphrase))
		abort();
	fclose(file);
	X509_free(certificate);
	EVP_PKEY_free(key);
}
