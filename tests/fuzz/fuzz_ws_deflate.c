/* Any bytes as the payload of a compressed message: no more than the limit comes of them, the same
 * each time, and the limit decides at the very byte. And any bytes compressed are themselves again.
 *
 * Input: the limit (one byte, a power of two or thereabouts), and the payload. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/net/ws/ws_deflate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct ws_inflate *back;
static struct ws_deflate *there;

static void require(bool what)
{
	if (!what)
		abort();
}

static void inflate_try(const uint8_t *bytes, size_t len, size_t limit)
{
	struct slice out;
	uint16_t code = ws_inflate_message(back, bytes, len, limit, &out);
	char *copy;
	size_t made;

	require(code == 0 || code == 1007 || code == 1009);
	if (code)
		return;
	made = out.len;
	require(made <= limit);
	copy = malloc(made + 1);
	memcpy(copy, out.data, made);
	require(ws_inflate_message(back, bytes, len, made, &out) == 0);
	require(out.len == made && memcmp(out.data, copy, made) == 0);
	if (made)
		require(ws_inflate_message(back, bytes, len, made - 1, &out) == 1009);
	free(copy);
}

static void deflate_try(const uint8_t *bytes, size_t len)
{
	struct slice packed, plain;

	if (!ws_deflate_message(there, slice_span((const char *)bytes, len), &packed))
		return;
	require(packed.len < len);
	require(ws_inflate_message(back, (const unsigned char *)packed.data, packed.len, len,
				   &plain) == 0);
	require(plain.len == len && memcmp(plain.data, bytes, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	if (!back) {
		back = ws_inflate_new();
		there = ws_deflate_new();
	}
	inflate_try(data + 1, size - 1, ((size_t)1 << data[0] % 18) - data[0] / 128u);
	deflate_try(data + 1, size - 1);
	return 0;
}
