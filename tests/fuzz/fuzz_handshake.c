/* Any bytes as the answer to a handshake: what comes of them is told by a beginning of theirs, and
 * holds for whatever follows; nothing outside them is looked at. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/dial/handshake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define KEY    "dGhlIHNhbXBsZSBub25jZQ=="
#define NOW_MS UINT64_C(1767225600000)

static void require(bool what)
{
	if (!what)
		abort();
}

static void judge(struct slice bytes, enum handshake_step step,
		  const struct handshake_answer *answer)
{
	struct slice instance = answer->instance;

	if (instance.data)
		require(instance.data > bytes.data &&
			instance.data + instance.len < bytes.data + bytes.len);
	if (step == HANDSHAKE_AGREED)
		require(answer->status == 101 && answer->len <= bytes.len &&
			answer->len <= HANDSHAKE_HEAD_MAX && bytes.data[answer->len - 1] == '\n');
	if (step == HANDSHAKE_REFUSED)
		require(answer->why[0] != '\0' && strlen(answer->why) < HANDSHAKE_WHY_MAX);
}

/* Of len bytes, in a block of their own: the sanitizers see who looks beyond it. */
static enum handshake_step read_some(const uint8_t *data, size_t len,
				     struct handshake_answer *answer)
{
	char *block = malloc(len ? len : 1);
	struct slice bytes = slice_span(block, len);
	enum handshake_step step;

	if (len)
		memcpy(block, data, len);
	step = handshake_read(bytes, KEY, NOW_MS, answer);
	judge(bytes, step, answer);
	free(block);
	return step;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct handshake_answer whole, part;
	enum handshake_step step = read_some(data, size, &whole);
	size_t pace = 1 + size / 64;

	for (size_t len = 0; len < size; len += pace) {
		enum handshake_step sooner = read_some(data, len, &part);

		if (sooner == HANDSHAKE_MORE)
			continue;
		require(sooner == step && part.status == whole.status && part.len == whole.len &&
			part.retry_after_s == whole.retry_after_s &&
			strcmp(part.why, whole.why) == 0);
	}
	return 0;
}
