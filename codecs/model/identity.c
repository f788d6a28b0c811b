#include "codecs/model/identity.h"

#include <sodium.h>
#include <string.h>

_Static_assert(crypto_shorthash_KEYBYTES == sizeof(struct id_key), "the key is a SipHash key");
_Static_assert(crypto_shorthash_BYTES == sizeof(uint64_t), "the hash is a 64-bit number");

#define TAG_BITS     57
#define COUNTER_BITS 9
#define SHARD_BITS   4

static uint64_t read_big_endian(const unsigned char *from)
{
	uint64_t value;

	memcpy(&value, from, sizeof(value));
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? __builtin_bswap64(value) : value;
}

static void write_big_endian(unsigned char *to, uint64_t value)
{
	if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
		value = __builtin_bswap64(value);
	memcpy(to, &value, sizeof(value));
}

uint64_t keyed_hash(const struct id_key *key, const void *bytes, size_t len)
{
	unsigned char hash[crypto_shorthash_BYTES];
	uint64_t value;

	crypto_shorthash(hash, len ? bytes : "", len, key->bytes);
	memcpy(&value, hash, sizeof(value));
	return value;
}

/* ---- numbers and UUIDs ----
 *
 * The 122 free bits in order, high half (60 bits) and low half (62 bits):
 *   domain 4, number 53, part's upper 3 | part's lower 5, tag 57 */

void identity_uuid(const struct id_key *key, enum id_domain domain, uint64_t number, uint8_t part,
		   unsigned char uuid[16])
{
	unsigned char signed_bytes[10] = { (unsigned char)domain, part };
	uint64_t tag, high, low;

	write_big_endian(signed_bytes + 2, number);
	tag = keyed_hash(key, signed_bytes, sizeof(signed_bytes)) >> (64 - TAG_BITS);
	high = (uint64_t)domain << 56 | number << 3 | part >> 5;
	low = (uint64_t)(part & 0x1f) << TAG_BITS | tag;
	write_big_endian(uuid, (high << 4 & ~UINT64_C(0xffff)) | UINT64_C(0x4000) | (high & 0xfff));
	write_big_endian(uuid + 8, UINT64_C(1) << 63 | low);
}

bool identity_number(const struct id_key *key, enum id_domain domain, const unsigned char uuid[16],
		     uint64_t *number)
{
	uint64_t first = read_big_endian(uuid), second = read_big_endian(uuid + 8);
	uint64_t high = (first >> 4 & ~UINT64_C(0xfff)) | (first & 0xfff);
	uint64_t found = high >> 3 & NUMBER_MAX;
	uint8_t part = (uint8_t)((high & 7) << 5 | (second >> TAG_BITS & 0x1f));
	unsigned char expected[16];

	identity_uuid(key, domain, found, part, expected);
	/* Whole words, so that the time taken tells nothing of the tag. */
	if ((read_big_endian(expected) ^ first) | (read_big_endian(expected + 8) ^ second))
		return false;
	*number = found;
	return true;
}

/* ---- the text of a UUID ---- */

/* Eight hexadecimal digits of four bytes, by arithmetic on all eight at once. */
static void print_four(const unsigned char *bytes, char *text)
{
	const uint64_t each = UINT64_C(0x0101010101010101);
	uint64_t x = (uint64_t)bytes[0] << 24 | (uint64_t)bytes[1] << 16 | (uint64_t)bytes[2] << 8 |
		     bytes[3];
	uint64_t above_nine;

	x = (x << 16 | x) & UINT64_C(0x0000ffff0000ffff);
	x = (x << 8 | x) & UINT64_C(0x00ff00ff00ff00ff);
	x = (x << 4 | x) & UINT64_C(0x0f0f0f0f0f0f0f0f);
	above_nine = (x + each * 6) >> 4 & each;
	write_big_endian((unsigned char *)text, x + each * '0' + above_nine * ('a' - '9' - 1));
}

static inline void digits_print(const char digits[32], char text[UUID_TEXT_LEN])
{
	memcpy(text, digits, 8);
	text[8] = '-';
	memcpy(text + 9, digits + 8, 4);
	text[13] = '-';
	memcpy(text + 14, digits + 12, 4);
	text[18] = '-';
	memcpy(text + 19, digits + 16, 4);
	text[23] = '-';
	memcpy(text + 24, digits + 20, 12);
}

void uuid_print(const unsigned char uuid[16], char text[UUID_TEXT_LEN])
{
	char digits[32];

	for (size_t i = 0; i < 4; i++)
		print_four(uuid + 4 * i, digits + 8 * i);
	digits_print(digits, text);
}

#define EACH_BYTE UINT64_C(0x0101010101010101)
#define HIGH_BITS UINT64_C(0x8080808080808080)

/* The high bit of each byte from first to last; of ASCII only. */
static inline uint64_t bytes_between(uint64_t bytes, unsigned first, unsigned last)
{
	return (bytes + EACH_BYTE * (0x80 - first)) & ~(bytes + EACH_BYTE * (0x7f - last));
}

/* Eight hexadecimal digits at once. A digit and '-' are the same in either case. */
static bool lower_eight(uint64_t *digits)
{
	uint64_t small = *digits | EACH_BYTE * 0x20;
	uint64_t allowed = bytes_between(*digits, '0', '9') | bytes_between(small, 'a', 'f');

	if ((*digits | ~allowed) & HIGH_BITS)
		return false;
	*digits = small;
	return true;
}

bool uuid_lower(struct slice text, char lower[UUID_TEXT_LEN])
{
	uint64_t digits[4];
	char *at = (char *)digits;

	if (text.len != UUID_TEXT_LEN || text.data[8] != '-' || text.data[13] != '-' ||
	    text.data[18] != '-' || text.data[23] != '-')
		return false;
	memcpy(at, text.data, 8);
	memcpy(at + 8, text.data + 9, 4);
	memcpy(at + 12, text.data + 14, 4);
	memcpy(at + 16, text.data + 19, 4);
	memcpy(at + 20, text.data + 24, 12);
	if (!lower_eight(&digits[0]) || !lower_eight(&digits[1]) || !lower_eight(&digits[2]) ||
	    !lower_eight(&digits[3]))
		return false;
	digits_print(at, lower);
	return true;
}

static int hex_value(char byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	byte |= 0x20;
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

bool uuid_parse(struct slice text, unsigned char uuid[16])
{
	const char *at = text.data;

	if (text.len != UUID_TEXT_LEN)
		return false;
	for (unsigned i = 0; i < 16; i++) {
		int high, low;

		if ((i == 4 || i == 6 || i == 8 || i == 10) && *at++ != '-')
			return false;
		high = hex_value(*at++);
		low = hex_value(*at++);
		if (high < 0 || low < 0)
			return false;
		uuid[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

/* ---- message ids ---- */

void id_clock_start(struct id_clock *clock, uint64_t mark_ms)
{
	clock->last = mark_ms > ID_EPOCH_MS ? (mark_ms - ID_EPOCH_MS) << COUNTER_BITS : 0;
}

uint64_t id_clock_newest_ms(const struct id_clock *clock)
{
	return (clock->last >> COUNTER_BITS) + ID_EPOCH_MS;
}

void id_clock_pass(struct id_clock *clock, uint64_t id)
{
	uint64_t given =
	    id >> (COUNTER_BITS + SHARD_BITS) << COUNTER_BITS | (id & ((1u << COUNTER_BITS) - 1));

	if (given > clock->last)
		clock->last = given;
}

uint64_t id_next(struct id_clock *clock, uint64_t now_ms, unsigned shard)
{
	uint64_t next = 0;

	if (clock->end_ms && now_ms > clock->end_ms && id_clock_believes(now_ms))
		now_ms = clock->end_ms;
	if (id_clock_believes(now_ms))
		next = (now_ms - ID_EPOCH_MS) << COUNTER_BITS;
	if (next <= clock->last)
		next = clock->last + 1;
	if (clock->nodes)
		next += (clock->node + clock->nodes - next % clock->nodes) % clock->nodes;
	clock->last = next;
	return next >> COUNTER_BITS << (COUNTER_BITS + SHARD_BITS) |
	       (uint64_t)shard << COUNTER_BITS | (next & ((1u << COUNTER_BITS) - 1));
}

uint64_t id_time_ms(uint64_t id)
{
	return (id >> (COUNTER_BITS + SHARD_BITS)) + ID_EPOCH_MS;
}

uint64_t id_floor(uint64_t ms)
{
	const uint64_t most = NUMBER_MAX >> (COUNTER_BITS + SHARD_BITS);

	if (ms <= ID_EPOCH_MS)
		return 1;
	ms -= ID_EPOCH_MS;
	return (ms < most ? ms : most) << (COUNTER_BITS + SHARD_BITS);
}

unsigned id_shard(uint64_t id)
{
	return id >> COUNTER_BITS & (ID_SHARDS - 1);
}
