/* http_refusal.h - requests that are answered without asking anybody: by what their path knows.
 * Called by http_connection only. Pure. */
#ifndef BRIDGE_NET_HTTP_HTTP_REFUSAL_H
#define BRIDGE_NET_HTTP_HTTP_REFUSAL_H

#include <stdint.h>

#include "bridge/net/http/http_answer.h"
#include "bridge/net/http/http_request.h"

#define HTTP_ALLOW_MAX 64

/* The status such a request is answered with (204, 404, 405, 501), or 0: its path knows it. HEAD
 * goes where GET does, OPTIONS everywhere. known: bits, 1 << METHOD_GET and so on; 0: no such path.
 */
unsigned http_refusal_status(uint32_t known, const struct http_request *request);

/* The answer in words. allow: room for the list of methods; the answer borrows from it. */
struct http_answer http_refusal_answer(unsigned status, uint32_t known, char allow[HTTP_ALLOW_MAX]);

#endif
