/* sockets.h - a bench for the tests of bridge/backend/zmq.h: sockets of ours, and the library's own
 * as their peers. Everything asserts with cmocka. Nothing here is decided by a time that passes:
 * what must happen is waited for, up to SOCKETS_WAIT_MS. */
#ifndef TESTS_SUPPORT_SOCKETS_H
#define TESTS_SUPPORT_SOCKETS_H

#include <stddef.h>

#include "bridge/backend/zmq.h"

#define SOCKETS_WAIT_MS 20000

/* Waits until condition is true; evaluates it again and again. */
#define sockets_await(condition)                                                                   \
	do {                                                                                       \
		bool came = false;                                                                 \
		for (int waited = 0; !came && waited < SOCKETS_WAIT_MS; waited++)                  \
			came = (condition) || sockets_pause();                                     \
		if (!came)                                                                         \
			fail_msg("waited in vain for " #condition);                                \
	} while (0)

struct sockets {
	struct socket_context *context; /* ours */
	void *zmq;                      /* that of the peers */
	char *folder;
	char *address; /* ipc://FOLDER/in */
	struct socket *open[8];
	void *peers[8];
};

/* Who somebody is, or thinks the other is. Names of key files in the folder, without ".key". */
struct sockets_keys {
	const char *own, *server;
};

/* As setup and teardown of cmocka: *state is a struct sockets. What is open at the end is closed.
 */
int sockets_setup(void **state);
int sockets_teardown(void **state);

/* One millisecond. Returns false. */
bool sockets_pause(void);

/* FOLDER/NAME.SUFFIX; valid until the next 7 calls. */
char *sockets_path(struct sockets *sockets, const char *name, const char *suffix);

/* The usual options: a ROUTER called "echo", 1000 messages of 64 KiB. */
struct socket_options sockets_options(char *const *bind, size_t count);

/* Opens; nothing may be said. */
struct socket *sockets_open(struct sockets *sockets, const struct socket_options *options);

/* Closes before the end. */
void sockets_close(struct sockets *sockets, struct socket *socket);
void sockets_peer_close(struct sockets *sockets, void *peer);

/* Must fail, and say one line that contains each of the words. */
void sockets_refuse(struct sockets *sockets, const struct socket_options *options, const char *word,
		    const char *other);

/* Opens a ROUTER bound to sockets->address. */
struct socket *sockets_bound(struct sockets *sockets);

/* A peer: type as in zmq.h, identity and keys may be NULL. Bound or connected to endpoint. */
void *sockets_peer(struct sockets *sockets, int type, const char *identity,
		   const struct sockets_keys *keys);
void sockets_peer_connect(void *peer, const char *endpoint);
void sockets_peer_bind(void *peer, const char *endpoint);
/* The usual: a DEALER of that identity, connected. */
void *sockets_dealer(struct sockets *sockets, const char *identity, const char *endpoint);

/* Text frames, split at "|". The peer may block, up to SOCKETS_WAIT_MS. */
void sockets_peer_send(void *peer, const char *frames);
void sockets_peer_hears(void *peer, const char *frames);
void sockets_peer_hears_nothing(void *peer); /* just now */

/* The same for ours: the first frame of a ROUTER is the identity. */
enum socket_sent sockets_send(struct socket *socket, const char *frames);
void sockets_hears(struct socket *socket, const char *frames);

/* A peer of that identity says hello, as soon as it can, and is heard. */
void sockets_meet(struct socket *socket, void *peer, const char *identity);

/* The same; false: it was not heard within that time. */
bool sockets_meets_within(struct socket *socket, void *peer, const char *identity, int ms);

#endif
