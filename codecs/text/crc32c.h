/* crc32c.h - the checksum of what is kept: CRC-32C, Castagnoli's polynomial (RFC 3720, appendix
 * B.4; iSCSI, ext4). Any thread. */
#ifndef CODECS_TEXT_CRC32C_H
#define CODECS_TEXT_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Of len bytes (borrows). */
uint32_t crc32c(const void *bytes, size_t len);

#endif
