/* tls.h - certificates, and how TLS is spoken with them. The only file that knows OpenSSL;
 * libwebsockets does the handshakes and the reading. */
#ifndef BRIDGE_NET_TLS_H
#define BRIDGE_NET_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* OpenSSL's SSL_CTX and SSL. */
struct ssl_ctx_st;
struct ssl_st;

/* A certificate, the chain that goes with it, and its key: constant, and counted, so that a
 * handshake may go on with the one it began with. Any thread. */
struct certificate;

#define CERTIFICATE_WHY_MAX 512

/* Reads a pair of PEM files: the certificate, followed by the chain if there is one, and its key,
 * which has no passphrase. Returns new, held once; or NULL, and then why names the file and says
 * what is wrong. Main thread, at start and when certificates are read again. */
struct certificate *certificate_read(const char *certificate_path, const char *key_path,
				     char why[CERTIFICATE_WHY_MAX]);

#define CERTIFICATE_NAME_MAX 256

/* Does a client that came to this host, a name or a numeric address, find it in the certificate? */
bool certificate_is_for(const struct certificate *certificate, const char *host);

/* The first name in it that a client could come to, wildcards left out. False: there is none. */
bool certificate_name(const struct certificate *certificate, char name[CERTIFICATE_NAME_MAX])
    __attribute__((warn_unused_result));

/* Has its time run out? Clients will not like it, but it can be shown. */
bool certificate_expired(const struct certificate *certificate);

/* Has its time not begun? */
bool certificate_early(const struct certificate *certificate);

/* Returns the certificate, held once more. */
struct certificate *certificate_hold(struct certificate *certificate);

/* The last one to release it frees it. NULL is ignored. */
void certificate_release(struct certificate *certificate);

/* Sets up the server's side: TLS 1.2 or later, no tickets, no renegotiation. Every handshake
 * shows the certificate that *current is at that time; current is borrowed for the context's
 * life, and its certificate is changed on the thread that does the handshakes only. False when
 * OpenSSL refuses. */
bool tls_prepare(struct ssl_ctx_st *context, struct certificate **current)
    __attribute__((warn_unused_result));

/* The library makes a context for calling others with each of ours, and of some it loses track;
 * given one, it makes none. Returns new; tls_caller_free() it when the library is gone. */
struct ssl_ctx_st *tls_caller_new(void);
void tls_caller_free(struct ssl_ctx_st *context);

/* Sets *done to whether the handshake of this connection, made from a context that tls_prepare()
 * set up, is done; it becomes true when it is. done is borrowed for the connection's life. */
void tls_watch(struct ssl_st *connection, bool *done);

/* Writes once: how many bytes were taken, 0 when none can be now, -1 when the connection is broken.
 * What was not taken is to be written again, wherever it lies then. */
ssize_t tls_write(struct ssl_st *connection, const unsigned char *bytes, size_t len);

/* Tells the peer that nothing more will be written. Whether it goes out is not known. */
void tls_say_end(struct ssl_st *connection);

#endif
