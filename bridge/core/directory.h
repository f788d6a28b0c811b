/* directory.h - the people of this server: who holds which name and number right now, and the
 * accounts. Names and numbers are unique in the whole process:
 * whoever has one is the only one, whatever dialect is spoken.
 *
 * Any thread; guarded by one lock, because an upgrade must be judged while its connection waits
 * and libwebsockets cannot put a handshake off. Calls are short and do no I/O. */
#ifndef BRIDGE_CORE_DIRECTORY_H
#define BRIDGE_CORE_DIRECTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge/core/people.h"
#include "codecs/model/envelope.h"
#include "codecs/model/identity.h"
#include "codecs/text/reason.h"
#include "conf/table/password_hash.h"
#include "routes/room/room.h"

#define GUEST_NUMBER_FIRST ROOM_NUMBERS_LASTING /* below are claims and accounts */
#define BRIDGE_NUMBER      UINT32_C(2147483647)
#define BRIDGE_NAME        "Dragoman"

struct directory;

/* owner_secret: a guest with this secret is an owner; NULL: none. key is borrowed for
 * the directory's life; owner_secret is copied. Returns new. */
struct directory *directory_new(const struct id_key *key, const char *owner_secret);
void directory_free(struct directory *directory);

/* A guest who left has the number again when the same name and secret come back within that time,
 * unless somebody claimed it meanwhile; 0 (as at first): never. */
void directory_keep_numbers(struct directory *directory, uint64_t keep_ms);

/* At start only. Copies. False when the name is empty after cleaning or it or the number is
 * taken. */
bool directory_add_account(struct directory *directory, const struct account *account)
    __attribute__((warn_unused_result));

/* Could these be the accounts of a running server? False: *which is one that nobody can have, or
 * whose name or number is the bridge's, a backend's, or that of another one of them. Fills in what
 * directory_change() needs. */
bool directory_fits(struct directory *directory, struct account *accounts, size_t count,
		    size_t *which) __attribute__((warn_unused_result));

/* From now on these are the accounts, which fit, as directory_fits() has said. Logins are judged by
 * them at once; who is connected keeps the roles it has. An account that is no more, or has another
 * number or spelling, and whoever else has a new one's name or number: their connections have to
 * end, which the caller sees to. Until they have, nobody gets that name. Main thread. Fills in what
 * of each account, and *change, which is cleared by people_change_clear(). */
void directory_change(struct directory *directory, struct account *accounts, size_t count,
		      struct people_change *change);

/* Has whoever is connected under that number to go, as directory_change() said? False once they are
 * gone, and somebody else has it. Any thread. */
bool directory_evicts(struct directory *directory, uint32_t number);

/* That a secret has to be compared with a hash by argon2id, which takes long. */
struct secret_check {
	char hash[PASSWORD_HASH_BYTES];
	uint32_t account; /* whose number; 0: nobody's, only the time counts */
	bool matches;     /* what came of it, set by who compared them */
};

struct directory_login {
	struct slice name; /* absent: made from claimed_number */
	struct slice secret;
	uint64_t claimed_number;            /* 0: none */
	bool guests;                        /* people without an account are let in */
	bool exclusive;                     /* one connection per name, even with the same secret */
	uint64_t now_ms;                    /* a clock that never steps back */
	const struct secret_check *checked; /* as directory_must_check() wanted; NULL: it did not */
};

/* Has the secret to be compared with a hash before directory_login() can judge? True: *check, all
 * of it, is what to compare and then to call this again with: it may be another hash by then.
 * One account is looked at: that with the number, else that with the name. As long as any account
 * has a hash, a name that is nobody's and a wrong secret of an account without one have to be
 * checked, too, where guests are not let in, so that the time tells nothing. */
bool directory_must_check(struct directory *directory, const struct directory_login *login,
			  struct secret_check *check);

/* A connection says who it is. REASON_NONE: *who is the person (name borrowed from the
 * directory, valid until the matching directory_logout()), and *guest says whether it is no
 * account. REASON_BAD_LOGIN, REASON_NAME_TAKEN: refused; the latter also for a guest's name that
 * looks like an account's, the bridge's or that of somebody connected, or speaks as the bridge does
 * (codecs/text/likeness.h). */
enum reason directory_login(struct directory *directory, const struct directory_login *login,
			    struct person *who, bool *guest);

/* Takes a name for the server's life, for something that speaks but never logs in. Main thread, at
 * start. *who has its number, which is the same at every start with the same names, and UUID; its
 * name borrows from the directory. False when the name cannot be one, or is taken. */
bool directory_reserve(struct directory *directory, const char *name, struct person *who)
    __attribute__((warn_unused_result));

/* A connection whose person a backend knows. name is cleaned already; number 0: to be found, the
 * same for the same name while it is free. exclusive: as in directory_login. REASON_NONE: *who as
 * there, with these roles. REASON_BAD_LOGIN: no name. REASON_NAME_TAKEN: a guest, an account or a
 * backend has the name or number, or a name that looks like it; or it is connected with another
 * number. */
enum reason directory_admit(struct directory *directory, const struct person *known, bool exclusive,
			    struct person *who);

/* A connection that has logged in can come into rooms its person is invited to; or could, and is on
 * its way out (more false; before directory_offline()). */
void directory_follows(struct directory *directory, uint32_t number, bool more);

/* Is that person online, but by no connection that can come into a room? */
bool directory_stays(struct directory *directory, uint32_t number);

/* A connection that had logged in is on its way out: it is not online any more, but holds its name
 * until directory_logout(), so that nobody can enter a room under it before it has left. */
void directory_offline(struct directory *directory, uint32_t number);

/* The same connection is gone, after directory_offline(). A guest's name and number are free after
 * the last, but see directory_keep_numbers(). now_ms: as in a login. */
void directory_logout(struct directory *directory, uint32_t number, uint64_t now_ms);

/* A connected user, or an account. The name is copied to name_out, which has room for
 * NAME_BYTES_MAX bytes, and who->name borrows it. False when nobody has that name (compared
 * folded) or number. */
bool directory_find_name(struct directory *directory, struct slice name, struct person *who,
			 char *name_out) __attribute__((warn_unused_result));
bool directory_find_number(struct directory *directory, uint32_t number, struct person *who,
			   char *name_out) __attribute__((warn_unused_result));

/* How many connections of the person are online at this moment. */
uint32_t directory_connections(struct directory *directory, uint32_t number);

/* The bridge's own person. */
struct person directory_bridge(const struct id_key *key);

#endif
