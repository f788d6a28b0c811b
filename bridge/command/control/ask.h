/* ask.h - one request to the control socket of a running server, from the command line. */
#ifndef BRIDGE_COMMAND_CONTROL_ASK_H
#define BRIDGE_COMMAND_CONTROL_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct json_t;

#define ASK_TIMEOUT_MS 5000 /* without a word of the server's */

struct asking {
	const char *path;      /* of the socket */
	struct json_t *result; /* what came back, owned: an object, with "rows" if there were any */
	bool absent;           /* nobody listens there */
	FILE *errors;
	FILE *lines; /* where rows that are texts are written as they come, a line each; NULL: they
		      * are collected */
};

/* Sends the request (borrows, an object) and reads the answer into asking->result. False: there is
 * no answer, and errors says why: no server is there, it does not answer in time, it ended. */
bool ask(struct asking *asking, struct json_t *request) __attribute__((warn_unused_result));

#endif
