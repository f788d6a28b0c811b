/* desk.h - what the main thread does for a control socket, on a floor (floor.h): requests are
 * carried out, and what is answered is kept. Whatever goes wrong fails the test. */
#ifndef TESTS_SUPPORT_DESK_H
#define TESTS_SUPPORT_DESK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/admin/control/calls.h"
#include "tests/support/floor.h"

#define DESK_WORKERS   4
#define DESK_LINES_MAX 64

struct json_t;

struct desk {
	struct floor floor;
	struct calls calls;
	struct control_server server;
	struct json_t *lines[DESK_LINES_MAX]; /* of the last request */
	size_t count;
	bool last;      /* they are all */
	unsigned ended; /* how often the server was to end */
	uint64_t reloads;
};

/* config: NULL for the floor's own. */
void desk_open(struct desk *desk, const char *config);
void desk_close(struct desk *desk);

/* Forgets the lines. */
void desk_forget(struct desk *desk);

/* A request, of uid 1000, begins. Returns its call. */
struct call *desk_begin(struct desk *desk, const char *line);

/* Until there is nothing to do; what was written is out at once. */
void desk_settle(struct desk *desk);

/* The last line of the answer, which has to be complete. */
const struct json_t *desk_final(const struct desk *desk);

/* Asks, and returns the result. */
const struct json_t *desk_asked(struct desk *desk, const char *line);

/* Asks, and is refused with that error and that exit code. */
void desk_refused(struct desk *desk, const char *line, const char *error, int code);

/* The number of that name, which has to be there. */
int64_t desk_number(const struct json_t *object, const char *name);

#endif
