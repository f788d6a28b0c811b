/* curve.h - CURVE keys, and the judge: the thread that the library asks whether the owner of a
 * public key may come in (ZAP, RFC 27 of ZeroMQ).
 *
 * A key is 32 bytes, written as 40 characters of Z85 (RFC 32), alone in a file. Whoever shows that
 * it owns a key of a socket's allow-list comes in; everybody else is turned away, also when the
 * judge is gone. Sockets without CURVE never come before the judge. */
#ifndef BRIDGE_BACKEND_CURVE_H
#define BRIDGE_BACKEND_CURVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CURVE_KEY_BYTES  32
#define CURVE_TEXT_CHARS 40

struct curve_judge;
struct curve_list; /* the keys that may come in at one socket */

/* For zmq.c, main thread. zmq is the library's context. The thread inherits the caller's signal
 * mask. Returns new; NULL after an error, said to errors. */
struct curve_judge *curve_judge_open(void *zmq, FILE *errors);

/* Waits until the thread has ended, so the library's context must have been shut down before. Frees
 * the lists that are left. NULL is ignored. */
void curve_judge_close(struct curve_judge *judge);

/* For zmq.c, before the socket of that name is bound. Reads the public keys in count files (1 or
 * more). name is the ZAP domain, at most 255 characters, and begins messages. Borrows. Returns a
 * list that the judge keeps; NULL after an error, said to errors: a file is no key, or there
 * already is a list of that name. */
struct curve_list *curve_list_add(struct curve_judge *judge, const char *name, char *const *files,
				  size_t count, FILE *errors);

/* From now on nobody comes in under its name. Takes. NULL is ignored. */
void curve_list_remove(struct curve_judge *judge, struct curve_list *list);

/* How often the judge turned somebody away. Any thread. */
uint64_t curve_list_refused(const struct curve_list *list);

/* Reads the key in a file: one line of 40 characters. A secret one must be readable by its owner
 * only. name begins messages. False after an error, said to errors; text is then wiped. */
bool curve_key_read(const char *name, const char *path, bool secret,
		    char text[CURVE_TEXT_CHARS + 1], FILE *errors)
    __attribute__((warn_unused_result));

/* dragoman keygen: writes NAME.key (secret, mode 0600) and NAME.pub, each one line of 40 characters
 * Z85 (RFC 32 of ZeroMQ). False after an error, said to errors: also when one of them exists, which
 * is then left alone. */
bool curve_key_make(const char *name, FILE *errors) __attribute__((warn_unused_result));

#endif
