/* lasting.h - what lasts beside what rooms remember, as it is given to the store and read of it:
 * accounts made at run time, bans of the server, numbers. Plain data. */
#ifndef BRIDGE_DURABLE_LASTING_H
#define BRIDGE_DURABLE_LASTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bridge/core/post.h"
#include "bridge/durable/token_keeping.h"
#include "codecs/text/name.h"
#include "conf/table/password_hash.h"

/* An account made at run time. */
struct lasting_person {
	uint32_t number;
	uint32_t roles;                 /* enum person_role bits */
	char name[NAME_BYTES_MAX + 1];  /* cleaned */
	char hash[PASSWORD_HASH_BYTES]; /* of the secret, by argon2id */
	uint64_t seen_ms;               /* when it logged in last; since 1970; 0: never */
};

#define LASTING_KEY_MAX       (NAME_FOLDED_MAX + 2)
#define LASTING_TEXT_MAX      128
#define LASTING_ADDRESSES_MAX 8
#define LASTING_FOREVER       UINT64_MAX

/* A ban of the server. */
struct lasting_ban {
	char key[LASTING_KEY_MAX];     /* tells bans apart */
	char target[LASTING_TEXT_MAX]; /* as the operator wrote it */
	uint32_t number;               /* of a person; 0: not known */
	char folded[NAME_FOLDED_MAX];  /* its name, ... */
	size_t folded_len;             /* ... 0: there is none */
	uint64_t addresses[LASTING_ADDRESSES_MAX];
	size_t address_count;
	uint64_t since_ms, until_ms; /* since 1970; LASTING_FOREVER */
	char reason[LASTING_TEXT_MAX];
};

struct lasting_seen {
	uint32_t number;
	uint64_t seen_ms;
};

#define LASTING_SEEN_MAX     256 /* in one go */
#define LASTING_ROOM_MAX     65  /* of a room's name, with its NUL */
#define LASTING_SETTINGS_MAX 2048

enum lasting_kind {
	LASTING_PERSON,      /* a new account, or what it is from now on; by its number */
	LASTING_PERSON_GONE, /* of person: the number */
	LASTING_SEEN,
	LASTING_BAN,      /* a new ban, or what it is from now on; those that are over go */
	LASTING_BAN_GONE, /* of ban: the key */
	LASTING_ROOM,     /* a room made at run time; without settings: it is none any more */
	LASTING_TOKENS,   /* what tokens says; its done() is not called */
	LASTING_NUMBER    /* that alone */
};

struct lasting {
	enum lasting_kind kind;
	struct lasting_person person;
	struct lasting_ban ban;
	uint64_t now_ms; /* LASTING_BAN: since 1970 */
	char room[LASTING_ROOM_MAX], settings[LASTING_SETTINGS_MAX];
	bool forgets; /* LASTING_ROOM: what rooms of that name had so far of admins, invitations,
		       * mutes, bans and a poll; what was said stays */
	struct token_keeping tokens;
	struct lasting_seen seen[LASTING_SEEN_MAX];
	size_t seen_count;
	/* In the same transaction: a number of that name (a constant); NULL: none. */
	const char *number;
	uint64_t value;
	/* Set by the store: */
	bool failed;   /* nothing of it is stored */
	char why[200]; /* in words */
	/* Called once, on the main thread, when it is stored or has failed; then it is freed. NULL:
	 * nobody hears of it. */
	void (*hear)(struct lasting *);
	void *owner; /* whoever hears of it; borrowed */
	uint64_t serial;
};

/* Of that kind, all else zero. Returns new. */
struct lasting *lasting_new(enum lasting_kind kind);

/* For who has carried it out: the post that brings it to the main thread (takes lasting). Any
 * thread. Returns new. */
struct post *lasting_post(struct lasting *lasting);

/* POST_KEPT: tells who waits. Borrows. Main thread. */
void lasting_heard(struct post *post);

#endif
