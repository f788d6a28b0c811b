/* identity.h - one 53-bit number and its UUID form, reversible without state.
 *
 * UUID layout (RFC 9562 version 4 shape, 122 free bits): 4 bits domain, 53 bits number, 8 bits
 * part, 57 bits SipHash tag of those under the instance's key. A client cannot make one up: the
 * tag would not fit. */
#ifndef CODECS_MODEL_IDENTITY_H
#define CODECS_MODEL_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "codecs/text/slice.h"

#define UUID_TEXT_LEN 36
#define NUMBER_MAX    ((UINT64_C(1) << 53) - 1)

enum id_domain { ID_MESSAGE = 1, ID_PERSON = 2, ID_ROOM = 3 };

struct id_key {
	unsigned char bytes[16];
};

/* The UUID of a number. number must be at most NUMBER_MAX. part: 0 but for split messages. */
void identity_uuid(const struct id_key *key, enum id_domain domain, uint64_t number, uint8_t part,
		   unsigned char uuid[16]);

/* The number in a UUID that identity_uuid() made with this key and domain; false for any other. */
bool identity_number(const struct id_key *key, enum id_domain domain, const unsigned char uuid[16],
		     uint64_t *number) __attribute__((warn_unused_result));

/* Lower-case text form, UUID_TEXT_LEN bytes, not terminated. */
void uuid_print(const unsigned char uuid[16], char text[UUID_TEXT_LEN]);

/* The same of a text in that form, either case: false for anything else. */
bool uuid_lower(struct slice text, char lower[UUID_TEXT_LEN]) __attribute__((warn_unused_result));

/* Reads the 8-4-4-4-12 form, either case; false for anything else. */
bool uuid_parse(struct slice text, unsigned char uuid[16]) __attribute__((warn_unused_result));

/* A 64-bit keyed hash of bytes (SipHash-2-4): for hash tables whose keys clients choose. */
uint64_t keyed_hash(const struct id_key *key, const void *bytes, size_t len);

/* Message ids: 40 bits of ms since 2024-01-01 UTC, 4 bits shard, 9 bits counter. A shard is a part
 * of the rooms (routes/room/shard.h), which one thread orders; which one may change from start to
 * start. */
#define ID_EPOCH_MS UINT64_C(1704067200000)
#define ID_SHARDS   16

/* A clock that says less, or this and more (2055), is not believed. Ids have room until 2058. */
#define ID_CLOCK_END_MS UINT64_C(2682374400000)

struct id_clock {
	uint64_t last;   /* (ms << 9 | counter) of the newest id given; 0 at start */
	uint64_t end_ms; /* no id follows a clock beyond this; 0: there is no such bound */
	/* Counters of a cluster's node are its number modulo ID_NODES; 0: all are this clock's. */
	unsigned nodes, node;
};

#define ID_NODES 8

/* Is this a time that ids are made of? */
static inline bool id_clock_believes(uint64_t wall_ms)
{
	return wall_ms >= ID_EPOCH_MS && wall_ms < ID_CLOCK_END_MS;
}

/* From now on ids are greater than all that were given before mark_ms (ms since 1970; what is
 * before 2024 is ignored). At start. */
void id_clock_start(struct id_clock *clock, uint64_t mark_ms);

/* The millisecond (since 1970) of the newest id; 2024-01-01 when there is none. */
uint64_t id_clock_newest_ms(const struct id_clock *clock);

/* From now on ids are greater than this one, which another clock gave. */
void id_clock_pass(struct id_clock *clock, uint64_t id);

/* The next id of this clock, greater than all before it in the same shard: a burst borrows from the
 * next millisecond; a clock that steps back, or is not believed, is ignored. No two shards of one
 * clock get the same. now_ms: since 1970. shard: below ID_SHARDS, and of no other clock meanwhile.
 */
uint64_t id_next(struct id_clock *clock, uint64_t now_ms, unsigned shard);

/* When it was given: ms since 1970. */
uint64_t id_time_ms(uint64_t id);

/* The least id of that millisecond (since 1970) or a later one; never 0. */
uint64_t id_floor(uint64_t ms);

/* Of which shard an id is: below ID_SHARDS. */
unsigned id_shard(uint64_t id);

#endif
