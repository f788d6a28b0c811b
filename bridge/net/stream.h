/* stream.h - the bytes of one connection, plain or TLS: what came goes to its user, what its user
 * writes goes out. The only file that touches the sockets of connections.
 *
 * A plain socket is in its worker's epoll set (socket_poll.h). With TLS, libwebsockets keeps it in
 * the loop, does the handshake and reads. What is written goes to OpenSSL past it: it would not
 * read while a part of a write waits, so that a client that writes much before it reads would hang.
 * Readers of what came are ours; why is told in CONTRIBUTING.md.
 *
 * All on the thread of the connection's worker. */
#ifndef BRIDGE_NET_STREAM_H
#define BRIDGE_NET_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/core/bridge.h"
#include "bridge/core/mailbox.h"
#include "bridge/net/socket_poll.h"

struct lws;
struct lws_protocols;
struct lws_vhost;
struct stream;
struct worker;

/* What a stream tells its user. */
struct stream_user {
	/* Bytes came; they may be written to, and are borrowed for the call. False: there is
	 * nothing more to do with this peer, end it at once. */
	bool (*bytes)(struct stream *stream, unsigned char *bytes, size_t len);
	/* An earlier write is complete now. */
	void (*writable)(struct stream *stream);
	/* The connection is gone, and the stream with it: the user frees what it is part of. */
	void (*gone)(struct stream *stream);
};

/* What of a write the kernel did not take. */
struct stream_rest;

/* Part of what its user keeps of a connection. The fields are stream.c's, but for those that
 * everybody may read. */
struct stream {
	struct lws *wsi;           /* with TLS ... */
	struct socket_poll socket; /* ... without; its polls are NULL otherwise */
	const struct stream_user *use;
	struct worker *worker;                /* may be read */
	const struct listener_info *listener; /* may be read */
	struct stream_rest *rest;             /* NULL: nothing waits */
	struct peer_address peer;             /* may be read; whom a proxy names in its stead */
	struct stream *next_unsettled;
	bool secured; /* the TLS handshake is done */
	bool paused : 1;
	bool stopped : 1;   /* what the library knows of it */
	bool unsettled : 1; /* is in the worker's list of those of which it is to be told */
	bool ending : 1;    /* what comes is thrown away, and the peer's end waited for */
	bool said_end : 1;
	bool killed : 1;
	bool untimed : 1; /* the library has no timeout for it */
};

/* The protocol table of the library's contexts, constant: for vhosts.c. */
const struct lws_protocols *stream_protocols(void);

/* The name in it that streams go by. */
#define STREAM_PROTOCOL "stream"

/* Makes a stream of an accepted socket. Takes fd. stream is zeroed, and belongs to its user
 * until use->gone(), which follows in every case after true. vhost: of the listener, with TLS;
 * then NULL, or when the library does not take it: false, and the socket is closed. */
bool stream_adopt(struct stream *stream, struct worker *worker, struct lws_vhost *vhost,
		  const struct stream_user *use, const struct post_socket *post)
    __attribute__((warn_unused_result));

/* From now on it is another user's. */
void stream_use(struct stream *stream, const struct stream_user *use);

/* Writes. *complete: all went to the kernel; else the rest is kept (copied), and writable()
 * follows when it is gone. What is written meanwhile is kept behind it. False: the connection is
 * broken; gone() follows, after stream_kill() at the latest. */
bool stream_write(struct stream *stream, const unsigned char *bytes, size_t len, bool *complete)
    __attribute__((warn_unused_result));

/* Does something of an earlier write wait? */
static inline bool stream_is_partial(const struct stream *stream)
{
	return stream->rest != NULL;
}

/* Has writable() called, not within the call, although nothing may wait. */
void stream_again(struct stream *stream);

/* Stops or resumes reading, from the end of the turn on: a stop that is over by then costs no
 * system call. What was read already may still come. While it is stopped, the peer's end may go
 * unseen. */
void stream_pause(struct stream *stream, bool paused);

/* Makes the epoll set of the worker's plain sockets (worker->sockets), in its loop. False: there is
 * no descriptor left. */
bool streams_open(struct worker *worker, struct uv_loop_s *loop)
    __attribute__((warn_unused_result));

/* Tells the library of all that were stopped or resumed. Called by the loop before it waits. */
void streams_settle(struct worker *worker);

/* Ends it at once; gone() follows, not within the call. */
void stream_kill(struct stream *stream);

/* Says that nothing more is written, once nothing waits, and waits for the peer's end, throwing
 * away what comes: closed at once, the peer's kernel might throw away the last answer. Whoever
 * calls it looks after the time. */
void stream_end(struct stream *stream);

/* Milliseconds since a byte came from the peer. */
uint64_t stream_silent_ms(const struct stream *stream);

#endif
