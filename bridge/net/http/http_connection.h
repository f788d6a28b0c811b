/* http_connection.h - one keep-alive connection of HTTP/1.1: bytes in, whole requests to a handler,
 * answers out in the order of the requests.
 *
 * Requests may be pipelined; so many are under way, or their answers not read, then reading
 * pauses. A handler answers at once,
 * later by the ticket, or never: then the connection answers 504. It answers by itself what needs
 * nobody: faults, 404, 405, OPTIONS, 100 Continue (once, when the body is wanted), 408, and 503
 * while it drains. What it holds is bounded: head, body (if the handler wants bodies), bytes that
 * came while reading paused.
 *
 * Pure: no socket and no clock. Every now_ms is the caller's steady time in ms. One thread at a
 * time; functions of a connection are not called from its own callbacks, but for http_reply() and
 * where it is told. */
#ifndef BRIDGE_NET_HTTP_HTTP_CONNECTION_H
#define BRIDGE_NET_HTTP_HTTP_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/net/http/http_answer.h"
#include "bridge/net/http/http_output.h"
#include "bridge/net/http/http_queue.h"
#include "bridge/net/http/http_reader.h"

struct http_settings {
	struct http_limits limits;
	uint32_t under_way_max; /* requests that wait for an answer, at least 1; beyond: paused */
	uint32_t held_max;      /* bytes that came while it was paused; beyond: cut */
	uint32_t request_ms;    /* for head and body together, from the first byte: 408 */
	uint32_t answer_ms;     /* for a handler: 504 */
	uint32_t upgrade_ms;    /* the same of a request to become a WebSocket */
	uint32_t idle_ms;       /* between requests: closed without a word */
	uint32_t retry_after_s; /* told with 503 */
};

/* A whole request. Valid during the call only; what is to be known later is copied. */
struct http_call {
	struct http_connection *connection;
	uint32_t ticket;
	const struct http_request *request;
	struct slice body; /* empty when there is none, or the handler wants none */
	bool upgrade;      /* it may become a WebSocket: Upgrade and Connection say so, GET, no
			    * body. 101 hands the connection over, any other answer closes it */
};

/* Who answers. user is what was given to http_connection_init(). */
struct http_handler {
	/* The methods that the path knows, as bits (1 << METHOD_GET, ...); 0: no such path. Asked
	 * once the head is read; for "*", too, which is answered here whatever comes. HEAD goes
	 * with GET, and its answer's body is left out; OPTIONS is answered here unless it is among
	 * them. NULL: all. */
	uint32_t (*methods)(void *user, const struct http_request *request);

	/* True: it is or will be answered, by http_reply(). False: nobody's, which is 404. */
	bool (*handle)(void *user, const struct http_call *call);

	/* The ticket needs no answer any more: it was answered by 504, or the connection is gone.
	 * May be NULL. */
	void (*gone)(void *user, uint32_t ticket);

	/* The last word on an answer that the connection gives by itself, perhaps in a dialect's
	 * form; request is NULL where it is not known (any more). ticket: of one that was handed
	 * over and is answered by 504; else 0. What the answer borrows is used right after the
	 * call. May be NULL. */
	void (*word)(void *user, const struct http_request *request, uint32_t ticket,
		     struct http_answer *answer);

	/* It wants bodies. False: they are read past, within the same limits, and not kept. */
	bool bodies;
};

/* Where bytes go. */
struct http_stream {
	/* Borrows bytes. */
	void (*write)(void *user, const unsigned char *bytes, size_t len);
	/* Whether more bytes are wanted; told when it changes. What comes all the same is held. */
	void (*pause)(void *user, bool paused);
	/* Does something of earlier writes wait for the peer to read? Then no further request is
	 * taken until http_connection_tick(), which is to be called once it is gone: or answers
	 * that nobody reads would pile up. */
	bool (*full)(void *user);
	/* There is work: call http_connection_tick() soon, not from here. */
	void (*wake)(void *user);
	/* 101 was written: what comes is the WebSocket's, beginning with rest, which may be
	 * written to and is valid during the call. The last call but for http_connection_clear(),
	 * which may be called from here. */
	void (*upgraded)(void *user, unsigned char *rest, size_t len);
	/* All is written: flush, and close. The same holds. */
	void (*end)(void *user);
	/* Now, for an answer that does not tell its date; absent: it is not known. Borrowed until
	 * the next call. */
	struct slice (*date)(void *user);
};

struct http_connection {
	const struct http_settings *settings;
	const struct http_handler *handler;
	void *handler_user;
	const struct http_stream *stream;
	void *stream_user;
	struct http_reader reader;
	struct http_queue queue;
	struct http_output held;   /* bytes to be read once there is room */
	struct http_request *kept; /* of a head whose body is to come, with the head's bytes */
	struct http_output body;   /* its body so far */
	uint64_t request_due_ms;   /* 0: no request has begun */
	uint32_t known;            /* methods of the path whose body is to come */
	unsigned refused;          /* the status that request is going to get; 0: none */
	bool busy;                 /* within a call: what was caused is carried out at its end */
	bool deaf;                 /* reads no more */
	bool eof, draining, paused, over;
	bool upgrading; /* a request to become a WebSocket waits: what follows is not read */
};

/* Borrows all of it for as long as the connection lives. */
void http_connection_init(struct http_connection *connection, const struct http_settings *settings,
			  const struct http_handler *handler, void *handler_user,
			  const struct http_stream *stream, void *stream_user, uint64_t now_ms);

/* The connection is gone, or over: tells the handler which tickets are void, and frees what is
 * held. Zeroed is allowed. */
void http_connection_clear(struct http_connection *connection);

/* Bytes came; borrowed, and written to. False: too many came while it was paused; kill it. */
bool http_connection_bytes(struct http_connection *connection, unsigned char *bytes, size_t len,
			   uint64_t now_ms) __attribute__((warn_unused_result));

/* The peer sends no more; it may still read. What is whole is answered, then it ends. */
void http_connection_eof(struct http_connection *connection, uint64_t now_ms);

/* The server closes: what is under way is answered, new requests get 503, then it ends. */
void http_connection_drain(struct http_connection *connection, uint64_t now_ms);

/* Looks at the deadlines, and goes on with bytes that were held. Returns the next deadline in ms;
 * UINT64_MAX: none. The connection may have ended, and been cleared, in this call. */
uint64_t http_connection_tick(struct http_connection *connection, uint64_t now_ms);

enum http_replied {
	HTTP_REPLIED,
	HTTP_REPLIED_IN_PART, /* without a header that could not be written: http_answer_write() */
	HTTP_TOO_LATE         /* the ticket is void */
};

/* The answer to a ticket; borrows it. Called by handlers, within handle() or whenever else. */
enum http_replied http_reply(struct http_connection *connection, uint32_t ticket,
			     const struct http_answer *answer, uint64_t now_ms);

#endif
