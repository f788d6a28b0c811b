#include "bridge/net/http/network.h"

#include <arpa/inet.h>

#define MAPPED_BITS 96

static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

bool network_address_read(struct slice text, struct network_address *address)
{
	char copy[INET6_ADDRSTRLEN];

	if (text.len >= sizeof(copy) || text.len == 0 || memchr(text.data, '\0', text.len))
		return false;
	memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
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
static bool read_bits(struct slice text, unsigned most, unsigned *bits)
{
	*bits = 0;
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		*bits = *bits * 10 + (unsigned)(text.data[i] - '0');
	}
	return text.len > 0 && text.len <= 3 && *bits <= most &&
	       (text.len == 1 || text.data[0] != '0');
}

static bool is_bare(const struct network *network)
{
	for (unsigned bit = network->bits; bit < 128; bit++)
		if (network->base.bytes[bit / 8] & 0x80 >> bit % 8)
			return false;
	return true;
}

bool network_read(struct slice text, struct network *network)
{
	const char *slash = text.len ? memchr(text.data, '/', text.len) : NULL;
	size_t len = slash ? (size_t)(slash - text.data) : text.len;
	bool four = text.len && !memchr(text.data, ':', len);
	unsigned bits = four ? 32 : 128;

	if (!network_address_read(slice_span(text.data, len), &network->base))
		return false;
	if (slash && !read_bits(slice_span(slash + 1, text.len - len - 1), bits, &bits))
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
