/* endpoint.h - where a ZeroMQ socket listens or connects: ipc://PATH or tcp://HOST:PORT. */
#ifndef CONF_TABLE_ENDPOINT_H
#define CONF_TABLE_ENDPOINT_H

#include <stdbool.h>

#define ENDPOINT_PATH_MAX 107 /* bytes of the path of an ipc endpoint: sun_path without its NUL */

/* NULL when text is an endpoint to bind, or to connect to, else what is wrong with it, constant,
 * to follow the text. Hosts are numeric IPv4 or [IPv6]; a name to connect to only, "*" to bind
 * only (the library resolves no names there). Ports are 1 to 65535; 0 or "*", any free one, to
 * bind only. Called by shape.c. */
const char *endpoint_fault(const char *text, bool bind);

/* The path of an ipc endpoint within text, or NULL when it is none. Borrows. */
const char *endpoint_path(const char *text);

/* A well-formed one whose path begins in folder (may be NULL) unless it is absolute. Returns new;
 * free() it. */
char *endpoint_from(const char *folder, const char *text);

/* Can only programs on this machine reach a well-formed endpoint, or be reached by it? True for
 * ipc and for loopback: 127.0.0.0/8, [::1], localhost. */
bool endpoint_local(const char *text);

/* The one spelling of a well-formed endpoint: the same text means the same socket. Returns new, or
 * NULL when its port is any free one. */
char *endpoint_key(const char *text);

#endif
