#include "bridge/net/ws/ws_text.h"

#include <stdbool.h>
#include <string.h>

/* A state is how far a row of `next` is shifted to the right: so a step is one look and one shift,
 * and no state is compared with another. */
enum {
	WHOLE = WS_TEXT_WHOLE,
	LAST1 = 6,     /* one more continuation byte */
	LAST2 = 12,    /* two more */
	LAST3 = 18,    /* three more */
	AFTER_E0 = 24, /* not A0 would be overlong */
	AFTER_ED = 30, /* above 9F would be a surrogate */
	AFTER_F0 = 36, /* below 90 would be overlong */
	AFTER_F4 = 42, /* above 8F would be beyond U+10FFFF */
	BAD = WS_TEXT_BAD,
};

#define TO(from, to) ((uint64_t)(to) << (from))
/* From each state that is not named in the row, a byte leads to BAD. */
#define ROW(whole, last1, last2, last3, e0, ed, f0, f4)                                            \
	(TO(WHOLE, whole) | TO(LAST1, last1) | TO(LAST2, last2) | TO(LAST3, last3) |               \
	 TO(AFTER_E0, e0) | TO(AFTER_ED, ed) | TO(AFTER_F0, f0) | TO(AFTER_F4, f4) | TO(BAD, BAD))
#define FIRST(to) ROW(to, BAD, BAD, BAD, BAD, BAD, BAD, BAD)

#define R4(row)  row, row, row, row
#define R16(row) R4(row), R4(row), R4(row), R4(row)
#define R32(row) R16(row), R16(row)

static const uint64_t next[256] = {
	R32(FIRST(WHOLE)), R32(FIRST(WHOLE)), R32(FIRST(WHOLE)), R32(FIRST(WHOLE)),
	/* 80 to 8F, 90 to 9F, A0 to BF */
	R16(ROW(BAD, WHOLE, LAST1, LAST2, BAD, LAST1, BAD, LAST2)),
	R16(ROW(BAD, WHOLE, LAST1, LAST2, BAD, LAST1, LAST2, BAD)),
	R32(ROW(BAD, WHOLE, LAST1, LAST2, LAST1, BAD, LAST2, BAD)),
	/* C0 and C1 would be overlong */
	FIRST(BAD), FIRST(BAD), FIRST(LAST1), FIRST(LAST1), R4(FIRST(LAST1)), R4(FIRST(LAST1)),
	R4(FIRST(LAST1)), R16(FIRST(LAST1)),
	/* E0 to EF */
	FIRST(AFTER_E0), R4(FIRST(LAST2)), R4(FIRST(LAST2)), R4(FIRST(LAST2)), FIRST(AFTER_ED),
	FIRST(LAST2), FIRST(LAST2),
	/* F0 to FF */
	FIRST(AFTER_F0), FIRST(LAST3), FIRST(LAST3), FIRST(LAST3), FIRST(AFTER_F4), FIRST(BAD),
	FIRST(BAD), FIRST(BAD), R4(FIRST(BAD)), R4(FIRST(BAD))
};

#define CHUNK 16

static bool chunk_is_ascii(const unsigned char *bytes)
{
	uint64_t words[CHUNK / sizeof(uint64_t)];

	memcpy(words, bytes, CHUNK);
	return !((words[0] | words[1]) & 0x8080808080808080u);
}

/* Nothing leads away from BAD, so it need not be looked for after each byte. */
static uint64_t steps(uint64_t at, const unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		at = next[bytes[i]] >> (at & 63);
	return at & 63;
}

uint8_t ws_text_next(uint8_t state, const unsigned char *bytes, size_t len)
{
	uint64_t at = state;

	for (; len >= CHUNK; bytes += CHUNK, len -= CHUNK) {
		if (at == WHOLE && chunk_is_ascii(bytes))
			continue;
		at = steps(at, bytes, CHUNK);
		if (at == BAD)
			return WS_TEXT_BAD;
	}
	return (uint8_t)steps(at, bytes, len);
}
