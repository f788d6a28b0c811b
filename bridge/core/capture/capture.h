/* capture.h - what passes at the connections of one worker, written down as lines of JSON as long
 *as somebody asks for it (bridge/admin/control/watch/capture.h, which takes them):
 *
 *	{"n":N,"t":MS,"connection":C,"dialect":"mixer","event":"enters","name":NAME,"roles":[...]}
 *	{"n":N,"t":MS,"connection":C,"dialect":"mixer","direction":"in","frame":FRAME}
 *	{"n":N,"t":MS,"connection":C,"dialect":"mixer","event":"leaves"}
 *	{"n":N,"t":MS,"dialect":"mixer","event":"request","name":NAME,"method":"POST","path":PATH,
 *	 "body":FRAME}	which are not played again
 *	{"n":N,"t":MS,"event":"dropped","lines":M}	so many are missing here
 *
 * By n lines of all workers are in the order in which things happened: what goes out is numbered
 * before it goes, what comes in before anything comes of it.
 *
 * Bounded: what is not taken in time is dropped, and counted. The worker's thread. */
#ifndef BRIDGE_CORE_CAPTURE_CAPTURE_H
#define BRIDGE_CORE_CAPTURE_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/core/capture/redact.h"
#include "bridge/core/room_table.h"
#include "codecs/model/envelope.h"

#define CAPTURE_BYTES_MAX (1024 * 1024) /* that wait to be taken */

struct capture;
struct session;
struct ws_inflate;

/* Who looks into sessions for it: bridge/client/overhear.h. All borrow. */
struct capture_ops {
	/* A message came; whole frames are to be written; the connection is gone. */
	void (*received)(struct capture *, const struct session *, struct slice text);
	void (*sent)(struct capture *, const struct session *, const unsigned char *bytes,
		     size_t len);
	void (*gone)(struct capture *, const struct session *);
};

struct capture {
	const struct capture_ops *ops;
	struct redactor redactor;
	struct room_entry *room; /* only of who is in it, kept; NULL: of all */
	uint64_t serial;         /* of the one who asked */
	_Atomic uint64_t *order; /* of the last line of all workers */
	/* For who hears what is compressed; NULL: nothing was yet. */
	struct ws_inflate *inflate;
	void (*inflate_free)(struct ws_inflate *);
	/* its own */
	struct json_writer lines;
	uint64_t missing; /* since the last line */
	uint32_t *told;   /* by slot: the generation that was told to be there; 0: none */
	uint32_t slots;
};

/* Whose frame it is. Borrows. */
struct capture_who {
	struct session_ref ref;
	struct slice dialect;
	const struct person *person; /* NULL: nobody is logged in there */
	uint64_t now_ms;             /* since 1970 */
};

/* Returns new. Borrows ops, order, and what the redactor does. */
struct capture *capture_new(const struct capture_ops *ops, uint64_t serial, _Atomic uint64_t *order,
			    const struct redactor *redactor, struct room_entry *room);
void capture_free(struct capture *capture); /* NULL is ignored */

/* A frame (borrows) passes: in, from the client, or out. */
void capture_frame(struct capture *capture, const struct capture_who *who, bool in,
		   struct slice frame);

/* Somebody says something in a room by a request of HTTP (borrows). who: its ref counts for
 * nothing. path: without what may be secret. body: may be empty. */
void capture_request(struct capture *capture, const struct capture_who *who, struct slice method,
		     struct slice path, struct slice body);

/* A connection is gone. */
void capture_gone(struct capture *capture, const struct capture_who *who);

/* Takes the lines so far: returns new, free(); NULL: there are none. */
char *capture_take(struct capture *capture, size_t *len);

#endif
