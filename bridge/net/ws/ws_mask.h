/* ws_mask.h - unmasking (RFC 6455 section 5.3), 32 bytes at a time. Called by ws_reader.c for every
 * byte that a client sends. */
#ifndef BRIDGE_NET_WS_WS_MASK_H
#define BRIDGE_NET_WS_WS_MASK_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What ws_mask() returns has a bit of these if a byte was not ASCII. */
#define WS_MASK_NOT_ASCII 0x8080808080808080u

/* Two words: wider ones are kept in memory where no register is as wide. */
typedef uint64_t ws_mask_lanes __attribute__((vector_size(16)));

/* Unmasks len bytes where they lie, which need not be aligned. Returns all of them, or'ed together
 * in an order that does not matter. */
static inline uint64_t ws_mask(unsigned char *bytes, size_t len, const unsigned char mask[4])
{
	ws_mask_lanes any = { 0 }, one, two, wide;
	uint64_t all, word, key;
	size_t i = 0;

	memcpy(&key, mask, 4);
	memcpy((unsigned char *)&key + 4, mask, 4);
	wide = (ws_mask_lanes){ key, key };
	for (; len - i >= 2 * sizeof(one); i += 2 * sizeof(one)) {
		memcpy(&one, bytes + i, sizeof(one));
		memcpy(&two, bytes + i + sizeof(one), sizeof(two));
		one ^= wide;
		two ^= wide;
		any |= one | two;
		memcpy(bytes + i, &one, sizeof(one));
		memcpy(bytes + i + sizeof(one), &two, sizeof(two));
	}
	all = any[0] | any[1];
	for (; len - i >= sizeof(word); i += sizeof(word)) {
		memcpy(&word, bytes + i, sizeof(word));
		word ^= key;
		all |= word;
		memcpy(bytes + i, &word, sizeof(word));
	}
	for (; i < len; i++)
		all |= bytes[i] ^= mask[i & 3];
	return all;
}

/* The mask as it is after len bytes. */
static inline void ws_mask_turn(unsigned char mask[4], size_t len)
{
	unsigned char twice[8];

	memcpy(twice, mask, 4);
	memcpy(twice + 4, mask, 4);
	memcpy(mask, twice + (len & 3), 4);
}

#endif
