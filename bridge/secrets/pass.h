/* pass.h - a short text by which the server itself says who somebody is: whoever was identified
 * once, by HTTP, shows it when a socket logs in (the mixer dialect's authkey). It is not kept
 * anywhere: who it is for, and until when, stands in it, under a mark that only this server's key
 * makes. It may be shown any number of times until it expires, also after a restart when the key
 * lasts (a state folder). It is void as soon as the account has another secret, or is no more.
 *
 * Pure; any thread; takes microseconds. */
#ifndef BRIDGE_SECRETS_PASS_H
#define BRIDGE_SECRETS_PASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/core/people/holder.h"
#include "codecs/model/identity.h"
#include "codecs/text/name.h"
#include "codecs/text/slice.h"

#define PASS_PREFIX   "k1."
#define PASS_TEXT_MAX 192
#define PASS_LASTS_MS (UINT64_C(24) * 3600 * 1000)

struct pass {
	enum holder_kind kind;
	uint32_t number;
	uint32_t roles;      /* HOLDER_FOREIGN */
	uint64_t credential; /* of directory_identify(), else 0 */
	uint64_t until_ms;   /* since 1970; kept in seconds */
	bool final;          /* no pass beyond that time comes of it: what it was given for ends, or
			      * can be revoked elsewhere (a token, a JWT, a backend) */
	char name[NAME_BYTES_MAX];
	size_t name_len;
	uint8_t dialect; /* index: it is good there alone */
};

/* Writes it. Returns its length. */
size_t pass_write(const struct id_key *key, const struct pass *pass, char out[PASS_TEXT_MAX]);

/* Does a secret look like one? Then it is nothing else. */
bool pass_is(struct slice text);

/* False: it is none of this server's, or has expired by now_ms. */
bool pass_read(const struct id_key *key, struct slice text, uint64_t now_ms, struct pass *pass)
    __attribute__((warn_unused_result));

#endif
