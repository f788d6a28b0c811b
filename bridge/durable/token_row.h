/* token_row.h - a bearer token of ours as it is kept: its hash, and whose it is. Plain data. */
#ifndef BRIDGE_DURABLE_TOKEN_ROW_H
#define BRIDGE_DURABLE_TOKEN_ROW_H

#include <stddef.h>
#include <stdint.h>

#include "bridge/core/people/holder.h"
#include "codecs/text/name.h"

#define TOKEN_ROW_HASH 32
#define TOKEN_ROW_WORD 32 /* of a dialect's name, with its NUL */

struct token_row {
	unsigned char hash[TOKEN_ROW_HASH]; /* BLAKE2b of its text */
	enum holder_kind kind;
	uint32_t number, roles;
	uint64_t credential;
	char name[NAME_BYTES_MAX + 1]; /* cleaned */
	char dialect[TOKEN_ROW_WORD];  /* whose client asked for it */
	uint64_t issued_ms;            /* since 1970 */
	uint64_t expires_ms;           /* since 1970; 0: never */
};

#endif
