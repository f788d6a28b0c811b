/* arrive.h - where a request of HTTP belongs: which dialect's door, and the URLs by which the
 * client reached us. Pure but for the tables it reads. */
#ifndef BRIDGE_DOORS_ARRIVE_H
#define BRIDGE_DOORS_ARRIVE_H

#include <stdbool.h>
#include <stddef.h>

#include "bridge/core/door.h"
#include "bridge/net/http/http_request.h"
#include "codecs/http.h"

/* A request's place. */
struct arrived {
	const struct mount *mount; /* NULL: no dialect's */
	struct codec_match match;  /* methods 0: below its prefix, and nothing is there */
};

/* path: still escaped. */
struct arrived arrive(const struct listener_info *listener, struct slice path);

/* As struct http_answer has it, of the methods of a match: 1 << METHOD_GET and so on. */
uint32_t arrive_methods(uint32_t methods);

/* The row for a method; NULL: none. HEAD is GET. */
const struct codec_path *arrive_row(const struct codec_match *match, enum http_method method);

/* Bytes that arrive_urls() writes at most. */
size_t arrive_urls_size(const struct door_arrival *arrival, const struct mount *mount);

/* Writes base_url and socket_url of a call to out. */
void arrive_urls(const struct door_arrival *arrival, const struct mount *mount, char *out,
		 struct codec_call *call);

/* The origin of the request, if it is sent and allowed; absent: neither. *refused: it is sent, and
 * not allowed. */
struct slice arrive_origin(const struct door_arrival *arrival, bool *refused);

#endif
