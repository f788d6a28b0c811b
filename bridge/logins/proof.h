/* proof.h - who somebody is whom something else than a secret proves: a token or a pass of ours, a
 * JWT, a backend. For logins.h, and for bridge/client, whose sessions come in by it. */
#ifndef BRIDGE_LOGINS_PROOF_H
#define BRIDGE_LOGINS_PROOF_H

#include <stdbool.h>
#include <stdint.h>

#include "bridge/core/bridge.h"
#include "bridge/core/directory.h"
#include "bridge/durable/token_row.h"
#include "codecs/codec.h"

struct asker;
struct login_claim;

/* Has the mount's backend, or the server behind it, judge a claim (takes): ANSWER_LOGIN comes to
 * the asker. */
void proof_ask(struct worker *worker, const struct mount *mount, const struct asker *asker,
	       struct login_claim *claim);

/* Whatever the asker had judged by the server behind the mount is of no use to it: what is under
 * way ends, and so does the connection that a login made there. Nothing happens at other mounts. */
void proof_forget(struct worker *worker, const struct mount *mount, const struct asker *asker);

/* Which of a mount's logins is it that judges this one (borrows)? The first in its order that is
 * meant by what was shown: there is no second try. LOGIN_WAYS: none, and it is refused. What begins
 * like a token is never a name. Where a backend comes after guests, it judges those who show a
 * secret. Where there is a server behind the mount, that judges all. */
enum login_way proof_way(const struct bridge *bridge, const struct mount *mount,
			 const struct codec_login *login);

/* Are guests let in, at all, and readers? */
bool proof_guests(const struct mount *mount);

/* Somebody who is proven. */
struct proof {
	enum holder_kind kind;
	uint32_t number, roles; /* 0: the directory knows them */
	uint64_t credential;
	uint64_t until_ms; /* when it ends, or may have been taken back, since 1970: nothing that
			    * lasts longer may come of it; 0: of a secret */
	char name[NAME_BYTES_MAX];
	size_t name_len;
};

/* What a token or a JWT proves, as way says. wall_ms: since 1970. REASON_BAD_LOGIN: nothing; or it
 * is not who the login claims to be by name or number. */
enum reason proof_read(const struct bridge *bridge, const struct mount *mount, enum login_way way,
		       const struct codec_login *login, uint64_t wall_ms, struct proof *proof);

/* What a pass of ours (bridge/secrets/pass.h) proves at that mount. False: nothing. */
bool proof_read_pass(const struct bridge *bridge, const struct mount *mount, struct slice text,
		     uint64_t wall_ms, struct proof *proof) __attribute__((warn_unused_result));

/* One of them is connected from now on: as directory_login(), which says the rest. guests: they are
 * let in; exclusive, now_ms: as there. */
enum reason proof_enter(struct directory *directory, const struct proof *proof, bool guests,
			bool exclusive, uint64_t now_ms, struct person *who, bool *guest);

/* The same for who does not stay: as directory_identify(). */
enum reason proof_identify(struct directory *directory, const struct proof *proof, bool guests,
			   uint64_t now_ms, struct person *who, char name_out[NAME_BYTES_MAX],
			   bool *guest);

#endif
