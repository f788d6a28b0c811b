/* The PROXY protocol off any bytes: the same is read however they are cut, and nothing outside
 * them.
 *
 * Input: the size of the pieces, one byte (0: single bytes), and what is sent. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/net/http/proxy_protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
	enum proxy_step step;
	size_t taken;
	struct proxied proxied;
};

static void require(bool what)
{
	if (!what)
		abort();
}

static struct outcome read_all(const uint8_t *bytes, size_t len, size_t piece_max)
{
	struct proxy_protocol protocol = { 0 };
	struct outcome outcome;

	memset(&outcome, 0, sizeof(outcome));
	outcome.step = PROXY_MORE;
	while (outcome.taken < len && outcome.step == PROXY_MORE) {
		size_t piece = len - outcome.taken < piece_max ? len - outcome.taken : piece_max;
		unsigned char *segment = malloc(piece), *at = segment;
		size_t rest = piece;

		memcpy(segment, bytes + outcome.taken, piece);
		outcome.step = proxy_read(&protocol, &at, &rest, &outcome.proxied);
		require((size_t)(at - segment) == piece - rest);
		outcome.taken += piece - rest;
		require(outcome.step != PROXY_MORE || rest == 0);
		free(segment);
	}
	require(outcome.step == PROXY_MORE || outcome.taken <= 16 + PROXY_LENGTH_MAX);
	return outcome;
}

static bool same_address(const struct network_address *a, const struct network_address *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outcome whole, cut;

	if (size < 2)
		return 0;
	whole = read_all(data + 1, size - 1, size);
	cut = read_all(data + 1, size - 1, data[0] ? data[0] : 1);
	require(whole.step == cut.step);
	if (whole.step != PROXY_DONE)
		return 0;
	require(whole.taken == cut.taken && whole.proxied.known == cut.proxied.known);
	require(same_address(&whole.proxied.source, &cut.proxied.source));
	require(same_address(&whole.proxied.destination, &cut.proxied.destination));
	require(whole.proxied.source_port == cut.proxied.source_port);
	require(whole.proxied.destination_port == cut.proxied.destination_port);
	return 0;
}
