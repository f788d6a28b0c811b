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

#include "bridge/core/people/directory_accounts.h"
#include "bridge/core/people/people.h"
#include "codecs/model/envelope.h"
#include "codecs/model/identity.h"
#include "codecs/text/reason.h"
#include "conf/table/password_hash.h"

/* owner_secret: a guest with this secret is an owner; NULL: none. key is borrowed for
 * the directory's life; owner_secret is copied. Returns new. */
struct directory *directory_new(const struct id_key *key, const char *owner_secret);
void directory_free(struct directory *directory);

/* A guest who left has the number again when the same name and secret come back within that time,
 * unless somebody claimed it meanwhile; 0 (as at first): never. */
void directory_keep_numbers(struct directory *directory, uint64_t keep_ms);

/* At start: guests get numbers from there on; one out of range: from GUEST_NUMBER_FIRST. */
void directory_start_guests(struct directory *directory, uint32_t first);

/* The first number that no guest was given since, but for claims. They come round at
 * BRIDGE_NUMBER. */
uint32_t directory_next_guest(struct directory *directory);

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
	/* In place of secret and checked, what directory_identify() gave for that secret; 0: none.
	 * by_account: it was an account's, whose number is claimed. */
	uint64_t credential;
	bool by_account;
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

/* The same for who does not stay: whoever calls by HTTP. Nobody is connected by it. A guest who is
 * not has the number that directory_login() will give the same name and secret, as long as
 * directory_keep_numbers() says. *who: its name lies in name_out, which has room for
 * NAME_BYTES_MAX. *credential: what stands for the secret in a later login, until that changes; it
 * tells nothing of the secret to who does not know the server's key. */
enum reason directory_identify(struct directory *directory, const struct directory_login *login,
			       struct person *who, char *name_out, bool *guest,
			       uint64_t *credential);

/* A listing of everybody with an account or a connection, but for the server itself and those that
 * backends speak as, which speakers says to list, too: by number, those behind the first `skip`
 * whose folded name begins with prefix (folded; empty: all), at most max. *total: how many there
 * are in all. Returns new: one block with the names they point at (free()). */
struct directory_listed {
	struct person person;
	bool account;
	uint32_t online;
};
struct directory_listed *directory_list(struct directory *directory, struct slice prefix,
					bool speakers, size_t skip, size_t max, size_t *count,
					size_t *total);

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
