/* conn.h - what the parts of a connection share: its fields, what lies aside, its end, and what its
 * user asks of it. For connection.c, which reads requests, and messages.c, which reads messages.
 * All on the worker's thread. */
#ifndef BRIDGE_NET_CONN_H
#define BRIDGE_NET_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/core/worker.h"
#include "bridge/net/http/http_connection.h"
#include "bridge/net/stream.h"
#include "bridge/net/transport.h"
#include "bridge/net/ws/ws_accept.h"
#include "bridge/net/ws/ws_reader.h"

#define CONN_CONTROL_MAX (2 + WS_CONTROL_MAX) /* bytes of a control frame, unmasked */

/* What a connection needs only until it is a WebSocket, while what came is not read on, or at its
 * end. */
struct aside {
	struct aside *next, **link; /* in the worker's list */
	struct connection *conn;
	uint64_t due_ms;             /* then it is killed; UINT64_MAX: not */
	struct http_connection http; /* zeroed once it is done with */
	struct peer_address proxy;   /* who sends the requests: maybe a proxy */
	uint32_t ticket;             /* of the request that is being judged */
	struct visit *visits;        /* of dialects, under way: bridge/core/door.h */
	char accept[WS_ACCEPT_SIZE];
	char *protocol;                       /* to be echoed; NULL: none */
	char *extensions;                     /* that were agreed on; NULL: none */
	bool dragoman;                        /* the request is another Dragoman's */
	bool stash;                           /* the answer waits for what is written next */
	struct http_output answer;            /* to go out with what is written next */
	struct http_output held;              /* bytes that came, to be read when it is resumed */
	unsigned char pong[CONN_CONTROL_MAX]; /* to go out when nothing waits */
	uint8_t pong_len;                     /* 0: none */
};

struct connection {
	struct stream stream; /* first */
	uint64_t address;     /* keyed hash of where it counts; 0: loopback, or a proxy */
	void *user;           /* NULL until a request is judged, and when it is gone */
	struct aside *aside;  /* NULL: nothing lies there */
	struct ws_reader reader;
	bool open : 1;    /* a WebSocket */
	bool paused : 1;  /* by its user */
	bool closing : 1; /* a close frame went out */
	bool judged : 1;  /* the first request was, or no line of the library can be about it */
	bool faulted : 1; /* what comes is not read any more */
	bool deflate : 1; /* messages may come compressed */
};

/* What a WebSocket's user asks of it; a conn's. The second: of one that may be sent compressed
 * messages. */
extern const struct transport conn_transport, conn_transport_compressed;

static inline struct connection *conn_of(struct stream *stream)
{
	return (struct connection *)stream;
}

static inline const struct transport_user *conn_user(const struct connection *conn)
{
	return conn->stream.worker->use;
}

static inline uint64_t conn_now_ms(const struct connection *conn)
{
	return conn->stream.worker->tick_ms;
}

/* What lies aside; made if nothing does. Borrows from conn. */
struct aside *conn_aside(struct connection *conn);

/* Frees it, if a WebSocket needs nothing of it. */
void conn_tidy(struct connection *conn);

/* Keeps bytes (borrows), to be read when conn is resumed: behind those kept already. */
void conn_hold(struct connection *conn, const unsigned char *bytes, size_t len);

/* A request was answered for the first time. */
void conn_judged(struct connection *conn);

/* Answers the request of that ticket. Borrows response. */
void conn_reply(struct connection *conn, uint32_t ticket, const struct codec_response *response);

/* Writes bytes (borrows) behind what waits; ends the connection when it is broken. */
void conn_put(struct connection *conn, const unsigned char *bytes, size_t len);

/* Writes the pong (RFC 6455 section 5.5.3) with that payload, at most WS_CONTROL_MAX bytes, to out.
 * Returns its length. */
size_t conn_pong(unsigned char out[CONN_CONTROL_MAX], struct slice payload);

/* Sends pongs (borrows), of which the last begins at last: at once; or, when something waits, only
 * that one, behind it: RFC 6455 section 5.5.3 lets us leave out the older ones. */
void conn_put_pongs(struct connection *conn, const unsigned char *bytes, size_t len, size_t last);

/* Writes a close frame (RFC 6455 section 5.5.1): no other frame follows. code CONN_NO_CODE: one
 * without. Borrows reason, which is cut where it is too long. */
#define CONN_NO_CODE 1005
void conn_write_close(struct connection *conn, uint16_t code, struct slice reason);

/* Stops or resumes reading; what is held is read on within a call from below. */
void conn_pause(struct connection *conn, bool paused);

/* Its user is told that it is gone, and not used any more. */
void conn_leave(struct connection *conn);

/* The last bytes are written: they go out if the peer takes them in time. */
void conn_end(struct connection *conn);

/* Frees it all. For stream_user.gone, and when there is no stream. */
void conn_gone(struct stream *stream);

#endif
