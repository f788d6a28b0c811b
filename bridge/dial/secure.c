#include "bridge/dial/secure.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "codecs/text/memory.h"

/* What was read of a file. */
struct store {
	struct store *next;
	char *ca_file; /* NULL: the system's */
	struct stat read;
	SSL_CTX *context;
};

struct trust {
	struct store *stores;
};

struct trust *trust_new(void)
{
	return memory_zeroed(1, sizeof(struct trust));
}

void trust_free(struct trust *trust)
{
	if (!trust)
		return;
	while (trust->stores) {
		struct store *store = trust->stores;

		trust->stores = store->next;
		SSL_CTX_free(store->context);
		free(store->ca_file);
		free(store);
	}
	free(trust);
}

static void explain(char *why, size_t size, const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_peek_error());

	if (reason)
		snprintf(why, size, "%s: %s", what, reason);
	else
		snprintf(why, size, "%s", what);
	ERR_clear_error();
}

/* The system's are in a folder, of which OpenSSL reads what it needs: the file with all of them
 * takes 30 ms. */
static SSL_CTX *context_new(const char *ca_file)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	bool read;

	if (!context)
		abort();
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
				      SSL_MODE_RELEASE_BUFFERS);
	read = SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) &&
	       (ca_file ? SSL_CTX_load_verify_file(context, ca_file)
			: SSL_CTX_set_default_verify_paths(context));
	if (read)
		return context;
	SSL_CTX_free(context);
	return NULL;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static struct store *store_of(struct trust *trust, const char *ca_file)
{
	struct store *store = trust->stores;

	while (store && strcmp(store->ca_file ? store->ca_file : "", ca_file ? ca_file : "") != 0)
		store = store->next;
	if (store)
		return store;
	store = memory_zeroed(1, sizeof(*store));
	store->ca_file = ca_file ? memory_text(ca_file, strlen(ca_file)) : NULL;
	store->next = trust->stores;
	return trust->stores = store;
}

/* NULL, with why. */
static SSL_CTX *context_of(struct trust *trust, const char *ca_file, char *why, size_t why_size)
{
	struct store *store = store_of(trust, ca_file);
	struct stat now = { 0 };

	ERR_clear_error();
	if (ca_file && stat(ca_file, &now) != 0) {
		snprintf(why, why_size, "cannot read %s: %s", ca_file, strerror(errno));
		return NULL;
	}
	if (store->context && same_file(&store->read, &now))
		return store->context;
	SSL_CTX_free(store->context);
	store->read = now;
	store->context = context_new(ca_file);
	if (!store->context) {
		char what[256];

		snprintf(what, sizeof(what), "cannot read certificates from %s",
			 ca_file ? ca_file : "the system's folder");
		explain(why, why_size, what);
	}
	return store->context;
}

/* A numeric address is not asked for by name (RFC 6066 section 3). */
static bool expect_host(SSL *secure, const char *host)
{
	unsigned char address[16];
	bool numeric =
	    inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;

	SSL_set_hostflags(secure, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (numeric)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(secure), host);
	return SSL_set1_host(secure, host) && SSL_set_tlsext_host_name(secure, host);
}

struct ssl_st *secure_new(struct trust *trust, const char *ca_file, const char *host, int fd,
			  char *why, size_t why_size)
{
	SSL_CTX *context = context_of(trust, ca_file, why, why_size);
	SSL *secure = context ? SSL_new(context) : NULL;

	if (!context)
		return NULL;
	if (!secure || !SSL_set_fd(secure, fd) || !expect_host(secure, host)) {
		explain(why, why_size, "TLS cannot begin");
		SSL_free(secure);
		return NULL;
	}
	SSL_set_connect_state(secure);
	return secure;
}

void secure_free(struct ssl_st *secure)
{
	SSL_free(secure);
}

/* Of a certificate that was refused, why; else whatever was wrong. */
static void explain_handshake(SSL *secure, int error, int number, char *why, size_t why_size)
{
	long verdict = SSL_get_verify_result(secure);

	if (verdict != X509_V_OK)
		snprintf(why, why_size, "%s", X509_verify_cert_error_string(verdict));
	else if (error == SSL_ERROR_SYSCALL && number != 0)
		snprintf(why, why_size, "TLS: %s", strerror(number));
	else if (error == SSL_ERROR_SSL &&
		 ERR_GET_REASON(ERR_peek_error()) != SSL_R_UNEXPECTED_EOF_WHILE_READING)
		explain(why, why_size, "TLS");
	else
		snprintf(why, why_size, "TLS: the connection was closed in its handshake");
	ERR_clear_error();
}

enum secure_step secure_greet(struct ssl_st *secure, short *wants, char *why, size_t why_size)
{
	int done, error, number;

	ERR_clear_error();
	errno = 0;
	done = SSL_do_handshake(secure);
	number = errno;
	if (done == 1)
		return SECURE_DONE;
	error = SSL_get_error(secure, done);
	*wants = error == SSL_ERROR_WANT_WRITE ? POLLOUT : POLLIN;
	if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
		return SECURE_WAITS;
	explain_handshake(secure, error, number, why, why_size);
	return SECURE_FAILED;
}

ssize_t secure_read(struct ssl_st *secure, void *bytes, size_t len, bool *empty)
{
	size_t got = 0;
	int error;

	ERR_clear_error();
	errno = 0;
	*empty = false;
	if (SSL_read_ex(secure, bytes, len, &got) == 1)
		return (ssize_t)got;
	error = SSL_get_error(secure, 0);
	*empty = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
	/* Closed without a goodbye of TLS: what was said by then is whole, or not, as of TCP. */
	if (error == SSL_ERROR_ZERO_RETURN ||
	    (error == SSL_ERROR_SSL &&
	     ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING)) {
		ERR_clear_error();
		return 0;
	}
	ERR_clear_error();
	return -1;
}

bool secure_pending(const struct ssl_st *secure)
{
	return SSL_pending(secure) > 0;
}
