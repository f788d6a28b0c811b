/* pem.h - certificates for tests, made on the spot. */
#ifndef TESTS_SUPPORT_PEM_H
#define TESTS_SUPPORT_PEM_H

#include <stdbool.h>

struct pem {
	const char *kind;       /* "EC" or "RSA" */
	const char *name;       /* the subject's */
	const char *names;      /* "DNS:a.example,IP:127.0.0.1"; NULL: none beside the subject */
	const char *passphrase; /* of the key; NULL: none */
	bool expired;
};

/* Writes a certificate that its own key signed, and the key, which only its owner may read; a file
 * that is there is written anew. Aborts when it cannot. */
void pem_write(const struct pem *pem, const char *certificate_path, const char *key_path);

#endif
