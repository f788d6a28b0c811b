/* keys.h - the files of secrets and keys that a configuration names. */
#ifndef CONF_CHECK_KEYS_H
#define CONF_CHECK_KEYS_H

#include <stdbool.h>

#include "conf/read/reader.h"

/* A secret, of an account (or its hash) or for an admin listener, in its first line; only its owner
 * has access to it. What is wrong is a fault at that member of group. Called by the resolve*.c
 * files. */
void check_secret_file(struct reader *reader, struct config_setting_t *group, const char *member,
		       const char *path);

/* The same of a secret with which we log in somewhere, which is never a hash. Called by
 * resolve_upstreams.c. */
void check_own_secret_file(struct reader *reader, struct config_setting_t *group,
			   const char *member, const char *path);

/* A PEM file with what title ends ("CERTIFICATE-----"); closed: only its owner has access to it,
 * a private key. Called by resolve.c and resolve_upstreams.c. */
void check_pem_file(struct reader *reader, struct config_setting_t *group, const char *member,
		    const char *path, const char *title, bool closed);

/* A CURVE key in its first line: 40 characters of Z85 (ZeroMQ RFC 32). A secret one has to be
 * private. What is wrong is a fault at that member of group. Called by resolve_backends.c. */
void check_key_file(struct reader *reader, struct config_setting_t *group, const char *member,
		    const char *path, bool secret);

/* A secret for signatures in its first line, 32 bytes at least; only its owner has access to it.
 * What is wrong is a fault at that member of group. Called by resolve_logins.c, like the next. */
void check_secret_key_file(struct reader *reader, struct config_setting_t *group,
			   const char *member, const char *path);

/* A PEM file with a public key, and no private one. Which key it is, is for those to judge who know
 * TLS. */
void check_public_key_file(struct reader *reader, struct config_setting_t *group,
			   const char *member, const char *path);

#endif
