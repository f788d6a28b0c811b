#include "bridge/net/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codecs/text/memory.h"
#include "conf/read/file.h"

#define FILE_BYTES_MAX 1048576

/* Of TLS 1.2; those of 1.3 are all good. */
#define CIPHERS "ECDHE+AESGCM:ECDHE+CHACHA20"

struct certificate {
	atomic_uint holders;
	X509 *leaf;
	STACK_OF(X509) * chain;
	EVP_PKEY *key;
};

struct certificate *certificate_hold(struct certificate *certificate)
{
	atomic_fetch_add_explicit(&certificate->holders, 1, memory_order_relaxed);
	return certificate;
}

void certificate_release(struct certificate *certificate)
{
	if (!certificate ||
	    atomic_fetch_sub_explicit(&certificate->holders, 1, memory_order_acq_rel) > 1)
		return;
	X509_free(certificate->leaf);
	sk_X509_pop_free(certificate->chain, X509_free);
	EVP_PKEY_free(certificate->key);
	free(certificate);
}

static bool fault(char why[CERTIFICATE_WHY_MAX], const char *path, const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	snprintf(why, CERTIFICATE_WHY_MAX, "%s: %s%s%s%s", path, what, reason ? " (" : "",
		 reason ? reason : "", reason ? ")" : "");
	ERR_clear_error();
	return false;
}

/* OpenSSL would ask for a passphrase at the terminal. */
static int no_passphrase(char *text, int size, int writing, void *unused)
{
	(void)text;
	(void)size;
	(void)writing;
	(void)unused;
	return -1;
}

static bool chain_read(struct certificate *certificate, BIO *file)
{
	X509 *next;

	certificate->leaf = PEM_read_bio_X509(file, NULL, no_passphrase, NULL);
	if (!certificate->leaf)
		return false;
	while ((next = PEM_read_bio_X509(file, NULL, no_passphrase, NULL)))
		if (!sk_X509_push(certificate->chain, next))
			abort();
	/* The end is an error, too; any other is one. */
	return ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
}

static bool key_read(struct certificate *certificate, BIO *file)
{
	certificate->key = PEM_read_bio_PrivateKey(file, NULL, no_passphrase, NULL);
	return certificate->key != NULL;
}

/* The library would open whatever path names, and wait for it: a server that runs may not. what:
 * which read() could not be had. */
static bool file_use(const char *path, bool (*read)(struct certificate *, BIO *),
		     struct certificate *certificate, const char *what,
		     char why[CERTIFICATE_WHY_MAX])
{
	const char *unreadable;
	size_t size;
	char *bytes = file_read(path, FILE_BYTES_MAX, &size, NULL, &unreadable);
	BIO *file;
	bool done;

	if (!bytes) {
		snprintf(why, CERTIFICATE_WHY_MAX, "%s: %s (%s)", path, what, unreadable);
		return false;
	}
	file = BIO_new_mem_buf(bytes, (int)size);
	done = file && read(certificate, file);
	BIO_free(file);
	explicit_bzero(bytes, size);
	free(bytes);
	return done || fault(why, path, what);
}

static bool files_read(struct certificate *certificate, const char *certificate_path,
		       const char *key_path, char why[CERTIFICATE_WHY_MAX])
{
	if (!file_use(certificate_path, chain_read, certificate,
		      "cannot read a PEM certificate from it", why))
		return false;
	ERR_clear_error();
	return file_use(key_path, key_read, certificate,
			"cannot read a PEM key without a passphrase from it", why);
}

/* What a handshake would say of it. */
static bool pair_fits(struct certificate *certificate, const char *certificate_path,
		      const char *key_path, char why[CERTIFICATE_WHY_MAX])
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	bool fits = context && SSL_CTX_use_cert_and_key(context, certificate->leaf,
							certificate->key, certificate->chain, 1);
	char what[CERTIFICATE_WHY_MAX / 2];

	SSL_CTX_free(context);
	snprintf(what, sizeof(what), "cannot be used with the key %s", key_path);
	return fits || fault(why, certificate_path, what);
}

struct certificate *certificate_read(const char *certificate_path, const char *key_path,
				     char why[CERTIFICATE_WHY_MAX])
{
	struct certificate *certificate = memory_zeroed(1, sizeof(*certificate));

	atomic_init(&certificate->holders, 1);
	certificate->chain = sk_X509_new_null();
	if (!certificate->chain)
		abort();
	ERR_clear_error();
	if (files_read(certificate, certificate_path, key_path, why) &&
	    pair_fits(certificate, certificate_path, key_path, why))
		return certificate;
	certificate_release(certificate);
	return NULL;
}

/* Clients do not look at the subject. */
bool certificate_is_for(const struct certificate *certificate, const char *host)
{
	return X509_check_ip_asc(certificate->leaf, host, 0) == 1 ||
	       X509_check_host(certificate->leaf, host, 0, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT,
			       NULL) == 1;
}

static bool name_take(const GENERAL_NAME *general, char name[CERTIFICATE_NAME_MAX])
{
	const ASN1_IA5STRING *text;
	size_t len;

	if (general->type != GEN_DNS)
		return false;
	text = general->d.dNSName;
	len = (size_t)ASN1_STRING_length(text);
	if (len == 0 || len >= CERTIFICATE_NAME_MAX)
		return false;
	memcpy(name, ASN1_STRING_get0_data(text), len);
	name[len] = '\0';
	/* Only what a host name may have: it is printed for a shell. */
	return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") ==
	       len;
}

bool certificate_name(const struct certificate *certificate, char name[CERTIFICATE_NAME_MAX])
{
	GENERAL_NAMES *names =
	    X509_get_ext_d2i(certificate->leaf, NID_subject_alt_name, NULL, NULL);
	bool found = false;

	for (int i = 0; !found && i < sk_GENERAL_NAME_num(names); i++)
		found = name_take(sk_GENERAL_NAME_value(names, i), name);
	GENERAL_NAMES_free(names);
	return found;
}

bool certificate_expired(const struct certificate *certificate)
{
	return X509_cmp_current_time(X509_get0_notAfter(certificate->leaf)) < 0;
}

bool certificate_early(const struct certificate *certificate)
{
	return X509_cmp_current_time(X509_get0_notBefore(certificate->leaf)) > 0;
}

/* Asked once in each handshake. A context would keep the old pair beside a new one with another
 * kind of key, so it is given none. */
static int show_certificate(SSL *connection, void *current)
{
	const struct certificate *certificate = *(struct certificate **)current;

	return SSL_use_cert_and_key(connection, certificate->leaf, certificate->key,
				    certificate->chain, 1);
}

static void note_progress(const SSL *connection, int where, int value)
{
	bool *done = SSL_get_app_data(connection);

	(void)value;
	if (done && (where & SSL_CB_HANDSHAKE_DONE))
		*done = true;
}

bool tls_prepare(struct ssl_ctx_st *context, struct certificate **current)
{
	/* The library looks for another virtual host by the name a client asks for, and would
	 * find the first there is. */
	SSL_CTX_set_tlsext_servername_callback(context, NULL);
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
	/* What was not taken is kept elsewhere, and written from there. */
	SSL_CTX_set_mode(context,
			 SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_cert_cb(context, show_certificate, current);
	SSL_CTX_set_info_callback(context, note_progress);
	return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) &&
	       SSL_CTX_set_num_tickets(context, 0) && SSL_CTX_set_cipher_list(context, CIPHERS);
}

struct ssl_ctx_st *tls_caller_new(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	if (!context)
		abort();
	return context;
}

void tls_caller_free(struct ssl_ctx_st *context)
{
	SSL_CTX_free(context);
}

void tls_watch(struct ssl_st *connection, bool *done)
{
	SSL_set_app_data(connection, done);
	*done = SSL_is_init_finished(connection) == 1;
}

ssize_t tls_write(struct ssl_st *connection, const unsigned char *bytes, size_t len)
{
	size_t written = 0;

	/* An error of another connection would be taken for one of this. */
	ERR_clear_error();
	if (SSL_write_ex(connection, bytes, len, &written) == 1)
		return (ssize_t)written;
	switch (SSL_get_error(connection, 0)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE: return 0;
	default: return -1;
	}
}

void tls_say_end(struct ssl_st *connection)
{
	ERR_clear_error();
	SSL_shutdown(connection);
	ERR_clear_error();
}
