/* requests.h - what is said to a request: may it become a WebSocket, and what else is here. Slices
 * in, verdict out; refusals are counted and logged here. Called by connection.c, on the worker's
 * thread. */
#ifndef BRIDGE_NET_REQUESTS_H
#define BRIDGE_NET_REQUESTS_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge/core/bridge.h"
#include "bridge/core/post.h"
#include "bridge/net/http/http_answer.h"
#include "bridge/net/http/http_connection.h"
#include "bridge/net/ws/ws_offer.h"
#include "codecs/codec.h"

struct worker;

/* Where a request came. */
struct request_place {
	struct worker *worker;
	const struct listener_info *listener;
	const struct peer_address *peer;
};

/* The mount at which the request (borrows) may become a WebSocket; *handshake is what the dialect
 * may look at: it borrows from the request and from scratch, which has room for as many bytes as
 * request->path has. NULL: *response says why not, and that is logged and counted. */
const struct mount *requests_upgrade(const struct request_place *place,
				     const struct http_request *request,
				     struct codec_handshake *handshake, char *scratch,
				     struct codec_response *response);

/* Does another Dragoman make it, as a client of ours? */
bool requests_of_dragoman(const struct http_request *request);

/* The subprotocol to be echoed: the first of those offered that the listener knows, else the first.
 * Absent: none was offered. Borrows from request. */
struct slice requests_protocol(const struct listener_info *listener,
			       const struct http_request *request);

/* Which extensions are agreed on (RFC 6455 section 9.1), for an upgrade that is allowed: *terms,
 * with answer "" and compress false for none. False: the offer is invalid; *response says so, and
 * that is logged and counted. */
bool requests_extensions(const struct request_place *place, const struct http_request *request,
			 struct ws_terms *terms, struct codec_response *response)
    __attribute__((warn_unused_result));

/* The answer to a request that asks for no WebSocket; counted, if it is a refusal. */
struct codec_response requests_plain(const struct request_place *place,
				     const struct http_request *request);

/* The answer to an upgrade by a proxy whose client has too many connections; logged, counted. */
struct codec_response requests_crowded(const struct request_place *place,
				       const struct http_request *request);

/* Counts one that became no connection, for that reason. */
void requests_refused(struct worker *worker, enum upgrade_fault fault);

/* Counts and logs a request that the connection answered by itself, with that status of 400 or
 * more: it could not be read, or was not whole in time; or nobody answered it in time (504), which
 * is logged, but not as a refusal. */
void requests_failed(const struct request_place *place, unsigned status);

/* Counts and logs an upgrade request that is refused for nothing but that the server is drained, or
 * ends. */
void requests_closing(const struct request_place *place);

#endif
