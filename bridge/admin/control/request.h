/* request.h - one request at the control socket: a line of JSON, checked against the table of
 * verbs. Pure.
 *
 *     {"verb":"kick","name":"bob","room":"lobby","reason":"calm down"}
 *
 * Each argument is a member: a string, for VALUE_YES true, and where there may be many, or a rest
 * is not one text, an array of strings. A verb that needs a secret has its argon2id hash as
 * "secret_hash". Any request may have "file": the configuration that the server is expected to
 * run with. Other members are errors. */
#ifndef BRIDGE_ADMIN_CONTROL_REQUEST_H
#define BRIDGE_ADMIN_CONTROL_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "bridge/admin/control/verbs/verbs.h"

struct json_t;

#define REQUEST_SECRET "secret_hash"

#define REQUEST_BYTES_MOST 65536 /* of a line */
#define REQUEST_FAULT_MAX  320
#define REQUEST_WORDS_MAX  32 /* of a rest */

struct request {
	const struct admin_verb *verb;
	const char *file;    /* NULL: none was given */
	struct json_t *json; /* held; all texts borrow from it */
};

/* Reads a line (borrows; without its end). False: fault says what is wrong with it, for people, and
 * there is nothing to be cleared. Called by the control socket. */
bool request_read(const char *line, size_t len, struct request *request,
		  char fault[REQUEST_FAULT_MAX]) __attribute__((warn_unused_result));

void request_clear(struct request *request);

/* The value of that argument, as text; NULL: not given. Borrowed. */
const char *request_text(const struct request *request, const char *name);

/* Was the option without a value given? */
bool request_has(const struct request *request, const char *name);

/* The words of a rest: how many, and which. Borrowed. */
size_t request_words(const struct request *request, const char *name,
		     const char *words[REQUEST_WORDS_MAX]);

/* Does it change something, or only show it? */
bool request_changes(const struct request *request);

/* Writes it as the command line has it, for the log: control characters and what is not ASCII
 * escaped, without what is said to users. At most size-1 bytes. Returns out. */
char *request_print(const struct request *request, char *out, size_t size);

#endif
