/* bans.h - who may not log in at this server at all, by name, number or address, until when, in
 * memory: what of them lasts is up to bridge/admin/control/stored. Any thread; guarded by one lock,
 * which nobody takes while there are none. */
#ifndef BRIDGE_CORE_PEOPLE_BANS_H
#define BRIDGE_CORE_PEOPLE_BANS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codecs/model/envelope.h"
#include "codecs/text/name.h"
#include "conf/table/network.h"

#define BANS_MAX          10000
#define BAN_ADDRESSES_MAX 8
#define BAN_TEXT_MAX      128
#define BAN_FOREVER       UINT64_MAX

struct ban {
	char target[BAN_TEXT_MAX]; /* as the operator wrote it; bans are told apart by it, folded */
	bool by_network;
	struct network network;
	uint32_t number; /* of a person; 0: not known */
	char folded[NAME_FOLDED_MAX];
	size_t folded_len; /* 0: there is no name */
	/* Keyed hashes of where a guest came from: other guests from there are banned, too. */
	uint64_t addresses[BAN_ADDRESSES_MAX];
	size_t address_count;
	uint64_t since_ms; /* since 1970 */
	uint64_t until_ms; /* of a steady clock; BAN_FOREVER */
	char reason[BAN_TEXT_MAX];
};

struct bans;

/* Returns new. */
struct bans *bans_new(void);

/* NULL is ignored. */
void bans_free(struct bans *bans);

/* Adds one (copied), in place of one with the same target, whose addresses it keeps. False: there
 * are BANS_MAX that still last at now_ms. */
bool bans_add(struct bans *bans, const struct ban *ban, uint64_t now_ms)
    __attribute__((warn_unused_result));

/* The same connections of a guest are found there by these, too: adds them to the ban of that
 * target, if there is one. */
void bans_add_addresses(struct bans *bans, const char *target, const uint64_t *addresses,
			size_t count);

/* Lifts the ban of that target. *lifted (NULL: of no interest) is as it was. False: there is none.
 */
bool bans_lift(struct bans *bans, const char *target, struct ban *lifted)
    __attribute__((warn_unused_result));

/* Copies the ban of that target. False: there is none. */
bool bans_get(struct bans *bans, const char *target, struct ban *out)
    __attribute__((warn_unused_result));

/* Copies at most max that last at now_ms, from the oldest after `from` of them on. Returns how
 * many. */
size_t bans_list(struct bans *bans, uint64_t now_ms, size_t from, struct ban *out, size_t max);

/* Is this person banned? guest_address: a keyed hash; 0: not to be judged by it. */
bool bans_hold_person(struct bans *bans, const struct person *person, uint64_t guest_address,
		      uint64_t now_ms);

/* Is everybody from this address (text) banned? */
bool bans_hold_address(struct bans *bans, const char *address, uint64_t now_ms);

/* Is anything banned, or was, that has not been looked at since? For who spares the arguments. */
bool bans_any(const struct bans *bans);

#endif
