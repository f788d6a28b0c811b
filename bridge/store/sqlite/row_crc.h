/* row_crc.h - the checksum of a row of the database: over the values of all of its columns, with
 * their types, and over which table it is of. SQLite has none, and takes a changed byte inside a
 * text for the text. Any thread. */
#ifndef BRIDGE_STORE_SQLITE_ROW_CRC_H
#define BRIDGE_STORE_SQLITE_ROW_CRC_H

#include <stddef.h>
#include <stdint.h>

#define ROW_COLUMNS_MAX 16 /* the one with the checksum not among them */

/* The tables; their numbers are in the checksums of rows. */
enum store_table {
	TABLE_META = 1,
	TABLE_ROOM,
	TABLE_PERSON,
	TABLE_MESSAGE,
	TABLE_NOTE,
	TABLE_REACTION,
	TABLE_MARK,
	TABLE_POLL,
	TABLE_VOTE,
	TABLE_PURGE,
	TABLE_LEFT_AT,
	TABLE_FOREIGN_ID,
	TABLE_SERVER_BAN,
	TABLE_TOKEN,
	TABLE_BLOCK,
	STORE_TABLES
};

enum row_type { ROW_INTEGER = 1, ROW_REAL, ROW_TEXT, ROW_BLOB, ROW_NULL }; /* as in SQLite */

struct row_crc {
	size_t len;
	unsigned char bytes[4 + ROW_COLUMNS_MAX * 9];
};

/* Of a row of that table (enum store_table); its columns in their order. What is beyond
 * ROW_COLUMNS_MAX must not be there. */
void row_crc_start(struct row_crc *crc, uint32_t table);

void row_crc_integer(struct row_crc *crc, int64_t value);

/* Borrows. */
void row_crc_bytes(struct row_crc *crc, enum row_type type, const void *bytes, size_t len);

/* The same where crc32c() of the bytes is known: sum. */
void row_crc_sum(struct row_crc *crc, enum row_type type, size_t len, uint32_t sum);

/* NULL, or a real number, which no column is of. */
void row_crc_other(struct row_crc *crc, enum row_type type);

uint32_t row_crc_end(const struct row_crc *crc);

#endif
