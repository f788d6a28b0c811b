/* transport.h - between a connection and who uses it: what its user asks of it, what it tells its
 * user, and why connections are closed. Both sides of one connection run on one worker's thread.
 *
 * bridge/net/conn.c is a transport with sockets, and so is the stage of the tests without;
 * bridge/client/life.c is the user of both. */
#ifndef BRIDGE_NET_TRANSPORT_H
#define BRIDGE_NET_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/net/peers/addresses.h"
#include "codecs/codec.h"
#include "codecs/text/reason.h"
#include "codecs/text/slice.h"

struct mount;
struct worker;

/* Why a connection is closed by us. Each transport words it in its own way. Whoever was refused
 * something and has nothing left to do here is closed with close_refused(). */
enum close_reason {
	CLOSE_NONE,
	CLOSE_GOING_AWAY, /* the server ends */
	CLOSE_PROTOCOL,   /* what came breaks the transport's rules */
	CLOSE_NOT_TEXT,   /* binary where text is spoken */
	CLOSE_NOT_UTF8,
	CLOSE_TOO_LONG,          /* a message above the limit */
	CLOSE_TOO_MANY_REQUESTS, /* under way at once */
	CLOSE_TOO_SLOW,          /* too much waits to be read */
	CLOSE_NO_LOGIN,          /* in time */
	CLOSE_LOGIN_FAILURES,    /* too many */
	CLOSE_SILENT,
	CLOSE_KICKED,
	CLOSE_ROOM_REMOVED, /* the only one it was in */
	CLOSE_ACCOUNT,      /* it was removed or changed, or is somebody's now */
	CLOSE_REFUSED,      /* and why: this is the first of REASONS */
	CLOSE_REASONS = CLOSE_REFUSED + REASONS
};

static inline enum close_reason close_refused(enum reason why)
{
	return (enum close_reason)(CLOSE_REFUSED + why);
}

/* The status code of RFC 6455 section 7.4.1 that says so. */
uint16_t close_code(enum close_reason why);

/* A few words of English, at most CLOSE_TEXT_MAX bytes: constant. */
#define CLOSE_TEXT_MAX 123
const char *close_text(enum close_reason why);

/* An empty ping (RFC 6455 section 5.5.2, unmasked): transport.ping of a WebSocket. */
#define WEBSOCKET_PING                                                                             \
	{                                                                                          \
		"\x89\x00", 2                                                                      \
	}
extern const struct slice websocket_ping;

/* What a user asks of its connection. conn is the implementer's own. */
struct transport {
	/* The handshake is done: its answer goes out, and what is written follows it. more: so much
	 * is sure to be written at once that both may go together. */
	void (*accept)(void *conn, bool more);
	/* Answers the handshake with a refusal (borrowed for the call), after which gone() follows,
	 * not within the call. reason: to be counted; REASON_CLOSING is nothing that the client
	 * did. */
	void (*refuse)(void *conn, enum reason reason, const struct codec_response *response);
	/* Hands whole frames over. *complete: all bytes went to the kernel; else the rest is
	 * kept below and writable() follows when it is gone. False: the connection is
	 * broken (gone() follows). Never called again before it was complete. */
	bool (*write)(void *conn, const unsigned char *bytes, size_t len, bool *complete);
	/* Ends the connection, saying why, after which gone() follows. */
	void (*close)(void *conn, enum close_reason why);
	/* Ends it at once, without a word. */
	void (*kill)(void *conn);
	/* Stops or resumes reading; a message already read may still come. */
	void (*pause)(void *conn, bool paused);
	/* Milliseconds since any byte came from the peer. */
	uint64_t (*silent_ms)(void *conn);
	/* Writes the peer's address as text, for the log; NUL-terminated. Returns out. */
	char *(*address)(void *conn, char out[ADDRESS_TEXT_MAX]);
	/* How messages are told apart here. */
	enum framing framing;
	/* Compressed messages (frame_end_compressed()) may be written, too. */
	bool compressed;
	/* Constant bytes that make a peer show that it is there, written between messages; absent:
	 * the carrier has none, and the dialect may (keepalive). */
	struct slice ping;
};

/* What a connection tells its user. user is the implementer's own; it is not used any more after
 * gone(). */
struct transport_user {
	/* A request to be upgraded at this mount. address: keyed hash of the client's; 0: loopback.
	 * Borrows all for the connection's life. Returns the user. */
	void *(*arrive)(struct worker *worker, const struct mount *mount, uint64_t address,
			const struct transport *transport, void *conn);
	/* Judges the request: accept() or refuse() follows, within the call or later. Borrows
	 * request. No message is handed over before accept(). */
	void (*handshake)(void *user, const struct codec_handshake *request);
	/* The most bytes a message may have now. 0: nothing is heard any more. */
	size_t (*message_limit)(const void *user);
	/* One whole message. Borrows text for the call. */
	void (*receive)(void *user, struct slice text, bool binary);
	/* What came cannot be taken: have it closed. */
	void (*reject)(void *user, enum close_reason why);
	/* An earlier write is complete now. */
	void (*writable)(void *user);
	/* The connection is gone. */
	void (*gone)(void *user);
};

#endif
