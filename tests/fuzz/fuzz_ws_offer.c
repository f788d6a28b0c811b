/* Any value of Sec-WebSocket-Extensions: the answer is one of ours, is taken when it is offered,
 * and stands for an offer that is in the value. Any Sec-WebSocket-Key: what is allowed is answered.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/net/ws/ws_accept.h"
#include "bridge/net/ws/ws_offer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool what)
{
	if (!what)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char answer[] = "permessage-deflate; server_no_context_takeover; "
				     "client_no_context_takeover";
	struct slice value = { (const char *)data, size };
	struct ws_terms terms, again;
	char out[WS_ACCEPT_SIZE];

	if (ws_offer_judge(value, &terms) == WS_OFFER_TAKEN) {
		require(strncmp(terms.answer, answer, sizeof(answer) - 1) == 0);
		require(memmem(data, size, "permessage-deflate", 18) != NULL);
		require(ws_offer_judge(slice_of(terms.answer), &again) == WS_OFFER_TAKEN);
		require(strcmp(terms.answer, again.answer) == 0);
		require(terms.compress == again.compress);
	}
	if (ws_key_allowed(value)) {
		require(size == 24);
		require(ws_accept(value, out) && strlen(out) == WS_ACCEPT_SIZE - 1);
	}
	return 0;
}
