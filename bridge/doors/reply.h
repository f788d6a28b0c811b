/* reply.h - a dialect's answer as HTTP takes it, with what a page of another origin needs. */
#ifndef BRIDGE_DOORS_REPLY_H
#define BRIDGE_DOORS_REPLY_H

#include "bridge/doors/visit.h"

/* What answer (borrows) says, which nobody on the way may keep: keys stand in answers, and in the
 * queries of requests. headers: room for REPLY_HEADERS; cors: is filled in if origin is not absent.
 */
struct http_answer reply_of(const struct codec_answer *answer, struct slice origin,
			    struct http_header *headers, struct http_cors *cors);

/* Counts it by its status, and logs it. */
void reply_count(struct worker *worker, const struct mount *mount, struct slice method,
		 struct slice path, unsigned status);

#endif
