/* secure.h - TLS as a client speaks it: whom we trust, and whether it is who we called. Called by
 * dial.c and socket_call.c; tls.h has the writing. */
#ifndef BRIDGE_DIAL_SECURE_H
#define BRIDGE_DIAL_SECURE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* OpenSSL's. */
struct ssl_st;

/* Certificates of those whom we trust, read once for all connections: of each file, and of the
 * system. One thread's. */
struct trust;

struct trust *trust_new(void);
void trust_free(struct trust *trust); /* NULL is ignored */

/* A connection to host (a name or a numeric address) on an open socket (borrows both), which has to
 * show a certificate for it that is signed by somebody in ca_file; NULL: by somebody whom the
 * system trusts. The file is read again when it has changed. Returns new, or NULL with why. */
struct ssl_st *secure_new(struct trust *trust, const char *ca_file, const char *host, int fd,
			  char *why, size_t why_size);
void secure_free(struct ssl_st *secure); /* NULL is ignored */

enum secure_step { SECURE_WAITS, SECURE_DONE, SECURE_FAILED };

/* The handshake, as far as it goes without waiting. SECURE_WAITS: *wants is what for, as poll() has
 * it. SECURE_FAILED: why, in OpenSSL's words ("certificate has expired"). */
enum secure_step secure_greet(struct ssl_st *secure, short *wants, char *why, size_t why_size);

/* As recv(): 0 at the end, -1 when it is broken, or nothing is there (*empty). */
ssize_t secure_read(struct ssl_st *secure, void *bytes, size_t len, bool *empty);

/* Is there more, which poll() does not tell of? */
bool secure_pending(const struct ssl_st *secure);

#endif
