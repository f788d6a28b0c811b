#include "bridge/secrets/pass.h"

#include <string.h>

#include "bridge/secrets/password.h"
#include "codecs/credentials.h"

#define PREFIX_LEN (sizeof(PASS_PREFIX) - 1)
#define TAG_LEN    16 /* bytes of the mark */
#define FIXED_LEN  27 /* kind, dialect, number, roles, credential, seconds, length of the name */
#define BYTES_MAX  (FIXED_LEN + NAME_BYTES_MAX + TAG_LEN)
#define FINAL      0x80u /* beside the kind */

_Static_assert(PREFIX_LEN + (BYTES_MAX * 4 + 2) / 3 < PASS_TEXT_MAX, "there is room for the text");

static unsigned char *put(unsigned char *at, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		*at++ = (unsigned char)(value >> 8 * i);
	return at;
}

static uint64_t get(const unsigned char **at, unsigned bytes)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < bytes; i++)
		value |= (uint64_t) * (*at)++ << 8 * i;
	return value;
}

/* The server's key is used for other things, too, and shorter. */
static void mark(const struct id_key *key, const unsigned char *bytes, size_t len,
		 unsigned char out[MARK_BYTES])
{
	unsigned char own[MARK_BYTES] = "dragoman's pass ";

	memcpy(own + MARK_BYTES - sizeof(key->bytes), key->bytes, sizeof(key->bytes));
	password_mark(own, "", slice_span((const char *)bytes, len), out);
	explicit_bzero(own, sizeof(own));
}

static size_t encode(const unsigned char *bytes, size_t len, char *out)
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	size_t count = 0;
	uint32_t bits = 0;
	unsigned have = 0;

	for (size_t i = 0; i < len; i++) {
		bits = bits << 8 | bytes[i];
		for (have += 8; have >= 6; have -= 6)
			out[count++] = alphabet[bits >> (have - 6) & 63];
	}
	if (have)
		out[count++] = alphabet[bits << (6 - have) & 63];
	return count;
}

size_t pass_write(const struct id_key *key, const struct pass *pass, char out[PASS_TEXT_MAX])
{
	unsigned char bytes[BYTES_MAX], tag[MARK_BYTES], *at = bytes;

	at = put(at, pass->kind | (pass->final ? FINAL : 0), 1);
	at = put(at, pass->dialect, 1);
	at = put(at, pass->number, 4);
	at = put(at, pass->roles, 4);
	at = put(at, pass->credential, 8);
	at = put(at, pass->until_ms / 1000, 8);
	at = put(at, pass->name_len, 1);
	memcpy(at, pass->name, pass->name_len);
	at += pass->name_len;
	mark(key, bytes, (size_t)(at - bytes), tag);
	memcpy(at, tag, TAG_LEN);
	at += TAG_LEN;
	memcpy(out, PASS_PREFIX, PREFIX_LEN);
	return PREFIX_LEN + encode(bytes, (size_t)(at - bytes), out + PREFIX_LEN);
}

bool pass_is(struct slice text)
{
	return slice_starts_with(text, PASS_PREFIX);
}

static bool is_marked(const struct id_key *key, const unsigned char *bytes, size_t len)
{
	unsigned char wanted[MARK_BYTES], tag[MARK_BYTES];

	mark(key, bytes, len, wanted);
	memcpy(tag, wanted, MARK_BYTES);
	memcpy(tag, bytes + len, TAG_LEN);
	return mark_equal(wanted, tag);
}

bool pass_read(const struct id_key *key, struct slice text, uint64_t now_ms, struct pass *pass)
{
	char scratch[PASS_TEXT_MAX];
	const unsigned char *at;
	struct slice bytes;
	unsigned kind;

	if (!pass_is(text) || text.len > PASS_TEXT_MAX)
		return false;
	bytes =
	    credentials_base64(slice_span(text.data + PREFIX_LEN, text.len - PREFIX_LEN), scratch);
	if (bytes.len < FIXED_LEN + TAG_LEN || bytes.len > BYTES_MAX)
		return false;
	at = (const unsigned char *)bytes.data;
	if (!is_marked(key, at, bytes.len - TAG_LEN))
		return false;
	kind = (unsigned)get(&at, 1);
	*pass = (struct pass){ .kind = (enum holder_kind)(kind & ~FINAL),
			       .final = (kind & FINAL) != 0 };
	pass->dialect = (uint8_t)get(&at, 1);
	pass->number = (uint32_t)get(&at, 4);
	pass->roles = (uint32_t)get(&at, 4);
	pass->credential = get(&at, 8);
	pass->until_ms = get(&at, 8) * 1000;
	pass->name_len = (size_t)get(&at, 1);
	if (pass->name_len != bytes.len - FIXED_LEN - TAG_LEN)
		return false;
	memcpy(pass->name, at, pass->name_len);
	return pass->until_ms > now_ms;
}
