#include "bridge/store/sqlite/row_crc.h"

#include <endian.h>
#include <string.h>

#include "codecs/text/crc32c.h"

/* The byte order of the machine would make a file that another one takes for damaged. */
static void put(struct row_crc *crc, uint64_t value, size_t bytes)
{
	value = htole64(value);
	memcpy(crc->bytes + crc->len, &value, bytes);
	crc->len += bytes;
}

void row_crc_start(struct row_crc *crc, uint32_t table)
{
	crc->len = 0;
	put(crc, table, 4);
}

void row_crc_integer(struct row_crc *crc, int64_t value)
{
	put(crc, ROW_INTEGER, 1);
	put(crc, (uint64_t)value, 8);
}

void row_crc_bytes(struct row_crc *crc, enum row_type type, const void *bytes, size_t len)
{
	row_crc_sum(crc, type, len, crc32c(bytes, len));
}

void row_crc_sum(struct row_crc *crc, enum row_type type, size_t len, uint32_t sum)
{
	put(crc, type, 1);
	put(crc, len, 4);
	put(crc, sum, 4);
}

void row_crc_other(struct row_crc *crc, enum row_type type)
{
	put(crc, type, 1);
}

uint32_t row_crc_end(const struct row_crc *crc)
{
	return crc32c(crc->bytes, crc->len);
}
