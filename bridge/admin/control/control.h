/* control.h - the control socket: a Unix socket on the main thread, where `dragoman status` and the
 * like ask.
 *
 * Each line that comes is a request (request.h), and is answered by lines of JSON:
 *
 *     {"waiting":true}                                            each second that it takes
 *     {"rows":[...]}                                              any number of these, for lists
 *     {"ok":true,"result":{...}}                                  then one of these
 *     {"ok":false,"error":"WORD","text":"...","exit":1}
 *
 * Several requests may follow each other on one connection; the next is read when the one before is
 * answered. Whoever ends the sending side is answered first. Who has no request under way and sends
 * none for a minute is closed, and so is who reads nothing of what waits for so long. Only root and
 * the server's own user are served. */
#ifndef BRIDGE_ADMIN_CONTROL_CONTROL_H
#define BRIDGE_ADMIN_CONTROL_CONTROL_H

#include <stdbool.h>
#include <stdio.h>

#include "bridge/admin/control/calls.h"

struct control;
struct uv_loop_s;

/* Makes the socket that the configuration wants. Where it leaves open which, a socket that cannot
 * be made is warned of; where it names one, that is an error, told to errors, and false. *control:
 * new, or NULL for none. Borrows bridge and server for its life. Main thread, before any other
 * runs. */
bool control_open(struct bridge *bridge, const struct control_server *server, FILE *errors,
		  struct control **control) __attribute__((warn_unused_result));

/* Begins to serve on that loop (borrows), and says where. NULL is ignored. */
void control_start(struct control *control, struct uv_loop_s *loop);

/* POST_INQUIRED. Borrows. NULL is ignored. */
void control_hear(struct control *control, struct post_inquiry *post);

/* Something else happened that a call may wait for: a reload ended, a connection did. NULL is
 * ignored. */
void control_look(struct control *control);

/* The server ends: what waits is answered, as far as it goes, and the socket removed. Run the loop
 * once more before control_free(). NULL is ignored. */
void control_stop(struct control *control);

/* NULL is ignored. */
void control_free(struct control *control);

#endif
