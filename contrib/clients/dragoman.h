/* Backends for Dragoman in C: dragoman-backend(7), section CLIENT LIBRARIES. Needs libzmq and
 * jansson:
 *
 *   gcc -o filter filter.c dragoman.c -lzmq -ljansson
 *
 * A backend belongs to one thread. A handler that takes longer than two heartbeats makes the server
 * give its work to another instance. JSON objects are borrowed, unless it says otherwise. */
#ifndef DRAGOMAN_H
#define DRAGOMAN_H

#include <jansson.h>
#include <stdbool.h>

struct dragoman;

struct dragoman_options {
	const char *name;     /* in the configuration */
	const char *endpoint; /* NULL: DRAGOMAN_ENDPOINT in the environment */
	bool bind;            /* the server connects */
	json_t *ready;        /* what READY says besides: rooms, credits, presence; NULL: nothing */
	const char *server_key; /* CURVE: a key, or a file that has it; NULL: DRAGOMAN_SERVER_KEY */
	const char *public_key; /* or DRAGOMAN_PUBLIC_KEY */
	const char *secret_key; /* or DRAGOMAN_SECRET_KEY */
	/* An event that is to happen. NULL: allowed; else what dragoman_change() or
	 * dragoman_refuse() returned, or such an object: with flags. */
	json_t *(*ask)(struct dragoman *, const json_t *event, const json_t *meta);
	/* It has happened. false: not acknowledged, so it has failed, and its sender is told. */
	bool (*event)(struct dragoman *, const json_t *event, const json_t *meta);
	/* A new object with name, and perhaps number and roles: who it is; an empty one lets a
	 * reader in. NULL, or what dragoman_refuse() returned: nobody. */
	json_t *(*login)(struct dragoman *, const json_t *login, const json_t *meta);
};

/* NULL: told on standard error. Copies nothing: the texts have to last. */
struct dragoman *dragoman_new(const struct dragoman_options *options);
void dragoman_free(struct dragoman *backend);

/* Serves until SIGTERM or SIGINT; answers what is under way, and returns. */
void dragoman_run(struct dragoman *backend);
/* In place of dragoman_run(), for who has more to do: waits at most so long, and handles what came.
 */
void dragoman_serve(struct dragoman *backend, long ms);

/* For handlers, new. An empty text is refused. */
json_t *dragoman_refuse(const char *why);
json_t *dragoman_change(const char *text);
/* A text of an object, or of one in it; "" when it is not there: dragoman_text(event, "author",
 * "name"). Ends at a U+0000. inner may be NULL. */
const char *dragoman_text(const json_t *object, const char *key, const char *inner);

/* Each waits until the server is there and has done it. The id of the event, 0 when it became none,
 * -1: see dragoman_error(). */
json_int_t dragoman_say(struct dragoman *backend, const char *room, const char *text);
json_int_t dragoman_edit(struct dragoman *backend, const char *room, json_int_t id,
			 const char *text);
json_int_t dragoman_kick(struct dragoman *backend, const char *room, const char *who,
			 const char *why);
/* Any PUBLISH or CONTROL: takes meta and envelope, which may be NULL; returns new the ACK's meta,
 * or NULL. */
json_t *dragoman_request(struct dragoman *backend, const char *command, json_t *meta,
			 json_t *envelope);
/* The code of the last request that was refused. "lost": the server was gone before it said whether
 * it was done. Valid until the next one. */
const char *dragoman_error(const struct dragoman *backend);

#endif
