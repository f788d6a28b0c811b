#include "conf/table/network.h"

#include <arpa/inet.h>
#include <string.h>

#define MAPPED_BITS 96

static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

bool network_address_read(const char *text, size_t len, struct network_address *address)
{
	char copy[INET6_ADDRSTRLEN];

	if (len >= sizeof(copy) || len == 0 || memchr(text, '\0', len))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (inet_pton(AF_INET6, copy, address->bytes) == 1)
		return true;
	memcpy(address->bytes, mapped, sizeof(mapped));
	return inet_pton(AF_INET, copy, address->bytes + sizeof(mapped)) == 1;
}

static bool is_four(const struct network_address *address)
{
	return memcmp(address->bytes, mapped, sizeof(mapped)) == 0;
}

/* Bits 0 to `most`, without a sign or a zero before it. */
static bool read_bits(const char *text, size_t len, unsigned most, unsigned *bits)
{
	*bits = 0;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		*bits = *bits * 10 + (unsigned)(text[i] - '0');
	}
	return len > 0 && len <= 3 && *bits <= most && (len == 1 || text[0] != '0');
}

static bool is_bare(const struct network *network)
{
	for (unsigned bit = network->bits; bit < 128; bit++)
		if (network->base.bytes[bit / 8] & 0x80 >> bit % 8)
			return false;
	return true;
}

bool network_read(const char *text, size_t len, struct network *network)
{
	const char *slash = len ? memchr(text, '/', len) : NULL;
	size_t end = slash ? (size_t)(slash - text) : len;
	bool four = len && !memchr(text, ':', end);
	unsigned bits = four ? 32 : 128;

	if (!network_address_read(text, end, &network->base))
		return false;
	if (slash && !read_bits(slash + 1, len - end - 1, bits, &bits))
		return false;
	network->bits = (uint8_t)(four ? MAPPED_BITS + bits : bits);
	return is_bare(network);
}

bool network_holds(const struct network *network, const struct network_address *address)
{
	const unsigned char *base = network->base.bytes;
	unsigned whole = network->bits / 8, rest = network->bits % 8;

	if (is_four(address) && network->bits < MAPPED_BITS)
		return false;
	if (memcmp(base, address->bytes, whole) != 0)
		return false;
	return rest == 0 || (base[whole] ^ address->bytes[whole]) >> (8 - rest) == 0;
}

bool network_holds_all(const struct network *network)
{
	return network->bits == 0 || (network->bits == MAPPED_BITS && is_four(&network->base));
}
