#include "bridge/net/http/proxy_protocol.h"

#include <string.h>

#include "codecs/text/slice.h"

#define PREFIX_LEN    6
#define SIGNATURE_LEN 12
#define FIXED_LEN     16 /* of version 2: signature, command, family, length */
#define TCP4_LEN      12
#define TCP6_LEN      36

static const unsigned char prefix[PREFIX_LEN] = { 'P', 'R', 'O', 'X', 'Y', ' ' };
static const unsigned char signature[SIGNATURE_LEN] = { '\r', '\n', '\r', '\n', 0,   '\r',
							'\n', 'Q',  'U',  'I',  'T', '\n' };

/* ---- version 1: PROXY TCP4 192.0.2.7 192.0.2.1 56324 443 ---- */

static struct slice take_word(struct slice *rest)
{
	const char *space = rest->len ? memchr(rest->data, ' ', rest->len) : NULL;
	size_t len = space ? (size_t)(space - rest->data) : rest->len;
	struct slice word = slice_span(rest->data, len);
	size_t taken = space ? len + 1 : len;

	*rest = slice_span(rest->data + taken, rest->len - taken);
	return word;
}

static bool read_port(struct slice text, uint16_t *port)
{
	uint32_t value = 0;

	if (text.len == 0 || text.len > 5 || (text.len > 1 && text.data[0] == '0'))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
		value = value * 10 + (uint32_t)(text.data[i] - '0');
	}
	*port = (uint16_t)value;
	return value <= UINT16_MAX;
}

static bool read_address(struct slice text, bool four, struct network_address *address)
{
	bool colon = text.len && memchr(text.data, ':', text.len);

	return colon != four && network_address_read(text.data, text.len, address);
}

/* line: between "PROXY " and CR LF. */
static bool read_line(struct slice line, struct proxied *proxied)
{
	struct slice family = take_word(&line);
	bool four = slice_is(family, "TCP4");

	*proxied = (struct proxied){ 0 };
	if (slice_is(family, "UNKNOWN"))
		return true;
	if (!four && !slice_is(family, "TCP6"))
		return false;
	proxied->known = true;
	return read_address(take_word(&line), four, &proxied->source) &&
	       read_address(take_word(&line), four, &proxied->destination) &&
	       read_port(take_word(&line), &proxied->source_port) &&
	       read_port(line, &proxied->destination_port);
}

static enum proxy_step line_step(struct proxy_protocol *protocol, struct proxied *proxied)
{
	const unsigned char *bytes = protocol->bytes;
	size_t len = protocol->len;

	if (bytes[len - 1] != '\n') {
		if (bytes[len - 2] == '\r' || len == PROXY_LINE_MAX)
			return PROXY_FAULT;
		return PROXY_MORE;
	}
	if (bytes[len - 2] != '\r')
		return PROXY_FAULT;
	return read_line(slice_span((const char *)bytes + PREFIX_LEN, len - PREFIX_LEN - 2),
			 proxied)
		   ? PROXY_DONE
		   : PROXY_FAULT;
}

/* ---- version 2 ---- */

static unsigned number_at(const unsigned char *bytes)
{
	return (unsigned)bytes[0] << 8 | bytes[1];
}

/* Bytes of the addresses that are read; the rest is passed over. */
static size_t addresses_len(const unsigned char *bytes)
{
	if (bytes[12] != 0x21)
		return 0;
	return bytes[13] == 0x11 ? TCP4_LEN : bytes[13] == 0x21 ? TCP6_LEN : 0;
}

static struct network_address address_at(const unsigned char *bytes, bool four)
{
	struct network_address address = { .bytes = { [10] = 0xff, [11] = 0xff } };

	if (four)
		memcpy(address.bytes + 12, bytes, 4);
	else
		memcpy(address.bytes, bytes, 16);
	return address;
}

static void read_addresses(const unsigned char *bytes, size_t len, struct proxied *proxied)
{
	bool four = len == TCP4_LEN;
	size_t one = four ? 4 : 16;

	*proxied = (struct proxied){ .known = len > 0 };
	if (len == 0)
		return;
	proxied->source = address_at(bytes, four);
	proxied->destination = address_at(bytes + one, four);
	proxied->source_port = (uint16_t)number_at(bytes + 2 * one);
	proxied->destination_port = (uint16_t)number_at(bytes + 2 * one + 2);
}

static enum proxy_step block_step(struct proxy_protocol *protocol, struct proxied *proxied)
{
	const unsigned char *bytes = protocol->bytes;
	size_t addresses, length;

	if (protocol->len < FIXED_LEN)
		return PROXY_MORE;
	addresses = addresses_len(bytes);
	length = number_at(bytes + 14);
	/* Version 2; commands 0 and 1, LOCAL and PROXY. */
	if (bytes[12] >> 4 != 2 || (bytes[12] & 15) > 1 || length > PROXY_LENGTH_MAX ||
	    length < addresses)
		return PROXY_FAULT;
	if (protocol->len < FIXED_LEN + addresses)
		return PROXY_MORE;
	read_addresses(bytes + FIXED_LEN, addresses, proxied);
	protocol->left = (uint16_t)(length - addresses);
	return PROXY_DONE;
}

static bool begins_like(const struct proxy_protocol *protocol, const unsigned char *beginning,
			size_t len)
{
	return memcmp(protocol->bytes, beginning, protocol->len < len ? protocol->len : len) == 0;
}

static enum proxy_step step_of(struct proxy_protocol *protocol, struct proxied *proxied)
{
	if (begins_like(protocol, signature, SIGNATURE_LEN))
		return block_step(protocol, proxied);
	if (!begins_like(protocol, prefix, PREFIX_LEN))
		return PROXY_FAULT;
	return protocol->len > PREFIX_LEN ? line_step(protocol, proxied) : PROXY_MORE;
}

static void pass_over(struct proxy_protocol *protocol, unsigned char **bytes, size_t *len)
{
	size_t most = protocol->left < *len ? protocol->left : *len;

	protocol->left = (uint16_t)(protocol->left - most);
	*bytes += most;
	*len -= most;
}

enum proxy_step proxy_read(struct proxy_protocol *protocol, unsigned char **bytes, size_t *len,
			   struct proxied *proxied)
{
	enum proxy_step step = PROXY_MORE;

	while (protocol->left == 0 && step == PROXY_MORE && *len > 0) {
		protocol->bytes[protocol->len++] = **bytes;
		++*bytes;
		--*len;
		step = step_of(protocol, proxied);
	}
	if (protocol->left == 0)
		return step;
	/* Its addresses are read again when the last of it is here. */
	pass_over(protocol, bytes, len);
	if (protocol->left > 0)
		return PROXY_MORE;
	read_addresses(protocol->bytes + FIXED_LEN, addresses_len(protocol->bytes), proxied);
	return PROXY_DONE;
}
