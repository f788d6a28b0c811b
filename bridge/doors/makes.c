#include "bridge/doors/makes.h"

#include <string.h>

#include "bridge/core/directory.h"
#include "bridge/core/login.h"
#include "bridge/doors/looks.h"
#include "bridge/secrets/checker.h"
#include "bridge/secrets/jwt.h"
#include "bridge/secrets/token_text.h"
#include "codecs/text/name.h"

/* Accounts that one address makes. */
#define ACCOUNTS_PER_SECOND 1
#define ACCOUNTS_BURST      32

/* Who may make rooms anywhere, and remove those of others. */
#define ROLES_STAFF (ROLE_OWNER | ROLE_FOUNDER | ROLE_STAFF)

static void put_name(struct post_errand *post, struct slice name)
{
	name = text_clip(name, NAME_BYTES_MAX);
	if (name.len > 0)
		memcpy(post->name, name.data, name.len);
	post->name_len = name.len;
}

static struct post_errand *errand_of(struct visit *visit, enum errand_kind kind, struct slice name)
{
	struct post_errand *post = post_new(POST_ERRAND);

	post->post.asker = visit_asker(visit);
	post->kind = kind;
	post->owner = visit->peer.self.number;
	post->exact = visit->exact;
	put_name(post, name);
	return post;
}

static bool is_staff(const struct visit *visit)
{
	return visit->peer.self.roles & ROLES_STAFF;
}

/* ---- rooms ---- */

/* A guest's number is another's one day. */
bool makes_room(struct visit *visit, const struct codec_want *want, struct telling *telling)
{
	bool lasts = visit->peer.self.number && visit->kind != HOLDER_GUEST;
	struct post_errand *post;

	if (!visit->peer.self.number)
		return telling_refuse(telling, REASON_NOT_LOGGED_IN);
	if (!is_staff(visit) && !(visit->mount->makes_rooms && lasts))
		return telling_refuse(telling, REASON_NO_RIGHT);
	if (want->room.len > NAME_BYTES_MAX)
		return telling_refuse(telling, REASON_BAD_ARGUMENT);
	visit->exact = want->exact;
	post = errand_of(visit, ERRAND_ROOM_MAKE, want->room);
	post->open = want->open;
	if (!lasts)
		post->owner = 0;
	worker_post_main(visit->worker, &post->post);
	return false;
}

/* The room's home says what the caller is there. */
bool makes_removal(struct visit *visit, const struct codec_want *want, struct telling *telling)
{
	if (!visit->peer.self.number)
		return telling_refuse(telling, REASON_NOT_LOGGED_IN);
	return looks_ask(visit, want, LOOK_ROOM, telling);
}

/* Why a room is not changed by somebody who has no say in it. */
static enum reason why_not(const struct room_look *caller)
{
	if (caller->entry == REASON_NONE)
		return REASON_NO_RIGHT;
	return caller->entry == REASON_BANNED ? REASON_BANNED : REASON_CLOSED_ROOM;
}

static bool remove_room(struct visit *visit, const struct answer *answer, struct telling *telling)
{
	const struct room_look *caller = &answer->caller;
	struct post_errand *post;

	if (answer->reason != REASON_NONE)
		return telling_refuse(telling, answer->reason);
	if (!(caller->roles & ROLE_OWNER) && !is_staff(visit))
		return telling_refuse(telling, why_not(caller));
	post = errand_of(visit, ERRAND_ROOM_REMOVE, answer->room->rules.name);
	worker_post_main(visit->worker, &post->post);
	return false;
}

bool makes_open(struct visit *visit, const struct codec_want *want, struct telling *telling)
{
	visit->open = want->open;
	return makes_removal(visit, want, telling);
}

/* In two steps: whoever asks is looked at first, and what came of it last. */
static bool open_room(struct visit *visit, const struct answer *answer, struct telling *telling)
{
	const struct room_look *caller = &answer->caller;
	struct post_errand *post;

	if (answer->reason != REASON_NONE)
		return telling_refuse(telling, answer->reason);
	if (visit->done) {
		looks_tell(visit, answer, telling);
		return true;
	}
	if (caller->entry != REASON_NONE || !(caller->roles & ROLES_MODERATING))
		return telling_refuse(telling, why_not(caller));
	post = errand_of(visit, ERRAND_ROOM_OPEN, answer->room->rules.name);
	post->open = visit->open;
	worker_post_main(visit->worker, &post->post);
	return false;
}

static bool look_at(struct visit *visit, const struct room_entry *room, struct telling *telling)
{
	struct codec_want want = { .room = room->rules.name };

	return looks_ask(visit, &want, LOOK_ROOM, telling);
}

/* ---- accounts ---- */

/* Each costs a core a while. Loopback is no client's address. */
static bool may_register(struct visit *visit)
{
	uint64_t parts[2] = { visit->place, WANT_ACCOUNT };
	uint64_t key = keyed_hash(&visit->worker->bridge->key, parts, sizeof(parts));

	return !visit->place || pace_take(&visit->worker->doors->spoken, key, ACCOUNTS_PER_SECOND,
					  ACCOUNTS_BURST, visit->worker->tick_ms);
}

/* Its secret is hashed first, which takes long. */
bool makes_account(struct visit *visit, const struct codec_want *want, struct telling *telling)
{
	struct asker asker = visit_asker(visit);
	struct login_claim *claim;

	if (!visit->mount->registers)
		return telling_refuse(telling, REASON_NO_RIGHT);
	if (!want->login.secret.data)
		return telling_refuse(telling, REASON_BAD_ARGUMENT);
	if (!may_register(visit))
		return telling_refuse(telling, REASON_RATE_LIMITED);
	visit->exact = want->exact;
	claim = login_claim_new(&want->login);
	claim->hashes = true;
	if (checker_take(visit->worker->bridge->checker, &asker, claim))
		return false;
	login_claim_free(claim);
	return telling_refuse(telling, REASON_BUSY);
}

/* Who is called like a token could not log in, and operators write numbers with a '#'. */
static bool is_name(struct slice name)
{
	return !token_text_meant(name) && !jwt_meant(name) && !slice_starts_with(name, "#");
}

static bool hashed(struct visit *visit, const struct answer *answer, struct telling *telling)
{
	const struct login_claim *claim = answer->login;
	char clean[NAME_BYTES_MAX];
	struct slice name = { clean, name_clean(slice_span(claim->name, claim->name_len), clean) };
	struct post_errand *post;

	if (answer->reason != REASON_NONE)
		return telling_refuse(telling, answer->reason);
	if (!is_name(name))
		name.len = 0;
	post = errand_of(visit, ERRAND_ACCOUNT, name);
	memcpy(post->hash, claim->check.hash, sizeof(post->hash));
	worker_post_main(visit->worker, &post->post);
	return false;
}

static bool registered(struct visit *visit, const struct answer *answer, struct telling *telling)
{
	struct codec_somebody *who = &telling->somebody;

	if (answer->reason != REASON_NONE)
		return telling_refuse(telling, answer->reason);
	if (answer->count == 0 ||
	    !directory_vouch(visit->worker->bridge->directory, answer->members[0].number,
			     &visit->peer.self, visit->name, &visit->credential))
		return telling_refuse(telling, REASON_UNKNOWN_PERSON);
	visit->kind = HOLDER_ACCOUNT;
	visit->login_until_ms = 0;
	visit->peer.logged_in = true;
	*who = (struct codec_somebody){ .person = visit->peer.self, .account = true };
	telling->told.people = who;
	telling->told.people_count = 1;
	return true;
}

/* ---- answers ---- */

bool makes_await(const struct visit *visit)
{
	return !visit->identifying &&
	       (visit->wants == WANT_ACCOUNT || visit->wants == WANT_ROOM_MAKE ||
		visit->wants == WANT_ROOM_OPEN || visit->wants == WANT_ROOM_REMOVE);
}

static bool made(struct visit *visit, const struct answer *answer, struct telling *telling)
{
	if (visit->wants == WANT_ACCOUNT)
		return registered(visit, answer, telling);
	visit->done = true;
	if (answer->reason == REASON_NONE && visit->wants != WANT_ROOM_REMOVE)
		return look_at(visit, answer->room, telling);
	return telling_refuse(telling, answer->reason);
}

bool makes_answered(struct visit *visit, const struct answer *answer, struct telling *telling)
{
	*telling = (struct telling){ .told = { .kind = visit->wants } };
	switch (answer->kind) {
	case ANSWER_LOGIN: return hashed(visit, answer, telling);
	case ANSWER_MADE: return made(visit, answer, telling);
	case ANSWER_LOOK: break;
	default: return telling_refuse(telling, REASON_NO_ANSWER);
	}
	if (visit->wants == WANT_ROOM_REMOVE)
		return remove_room(visit, answer, telling);
	if (visit->wants == WANT_ROOM_OPEN)
		return open_room(visit, answer, telling);
	telling->told.reason = answer->reason;
	if (answer->reason == REASON_NONE)
		looks_tell(visit, answer, telling);
	return true;
}
