#include "bridge/logins/proof.h"

#include <string.h>

#include "bridge/core/log/log_limit.h"
#include "bridge/core/login.h"
#include "bridge/core/worker.h"
#include "bridge/logins/tokens.h"
#include "bridge/secrets/jwt.h"
#include "bridge/secrets/pass.h"
#include "bridge/secrets/token_text.h"
#include "codecs/text/name.h"

/* ---- which way ---- */

/* What was shown that may be a token: it stands alone, or in place of a secret, which then was read
 * from the token of the request. */
static struct slice shown(const struct codec_login *login)
{
	if (login->secret.data)
		return login->secret;
	return login->token.data ? login->token : login->name;
}

static bool has_way(const struct mount *mount, enum login_way way)
{
	for (size_t i = 0; i < mount->way_count; i++)
		if (mount->ways[i] == way)
			return true;
	return false;
}

bool proof_guests(const struct mount *mount)
{
	return mount->way_count ? has_way(mount, LOGIN_GUEST)
				: mount->guests && !mount->asks_backend;
}

/* A number alone is one's, too. */
static bool is_accounts(const struct bridge *bridge, const struct codec_login *login)
{
	uint32_t number = login->claimed_number <= UINT32_MAX ? (uint32_t)login->claimed_number : 0;
	enum account_clash clash =
	    directory_clash(bridge->directory, login->name.len ? login->name : SLICE("?"), number);

	return clash == ACCOUNT_NAME_TAKEN || clash == ACCOUNT_NUMBER_TAKEN;
}

static bool is_token(const struct codec_login *login)
{
	return token_text_meant(shown(login)) || token_text_meant(login->name);
}

static bool is_jwt(const struct codec_login *login)
{
	return jwt_meant(shown(login)) || jwt_meant(login->name);
}

/* Nothing that ought to be secret is shown as a name. */
static bool is_name(const struct mount *mount, const struct codec_login *login)
{
	return !is_token(login) && !(mount->jwt && is_jwt(login));
}

/* `at` is its place in the mount's order. */
static bool takes(const struct bridge *bridge, const struct mount *mount, size_t at,
		  const struct codec_login *login)
{
	switch ((enum login_way)mount->ways[at]) {
	case LOGIN_TOKEN: return is_token(login);
	case LOGIN_JWT: return is_jwt(login);
	case LOGIN_GUEST:
		if (login->anonymous)
			return true;
		return is_name(mount, login) && !is_accounts(bridge, login) &&
		       (!login->secret.data || !has_way(mount, LOGIN_BACKEND));
	case LOGIN_ACCOUNT:
		return !login->anonymous && is_name(mount, login) && is_accounts(bridge, login);
	case LOGIN_BACKEND: return true;
	case LOGIN_WAYS: break;
	}
	return false;
}

/* Unless a mount says otherwise. */
static enum login_way usual_way(const struct mount *mount, const struct codec_login *login)
{
	if (is_token(login))
		return LOGIN_TOKEN;
	if (mount->asks_backend)
		return LOGIN_BACKEND;
	return login->anonymous ? LOGIN_GUEST : LOGIN_ACCOUNT;
}

void proof_ask(struct worker *worker, const struct mount *mount, const struct asker *asker,
	       struct login_claim *claim)
{
	bool front = mount->judged_there;
	struct post_backend *post = post_new(front ? POST_FRONT_LOGIN : POST_LOGIN);

	claim->to_backend = true;
	post->post.asker = *asker;
	post->backend = front ? mount->upstream : mount->backend;
	post->login = claim;
	worker_post(worker,
		    front ? mount->room->owner : backend_owner(worker->bridge, mount->backend),
		    &post->post);
}

void proof_forget(struct worker *worker, const struct mount *mount, const struct asker *asker)
{
	struct post_backend *post;

	if (!mount->judged_there)
		return;
	post = post_new(POST_FRONT_LOGIN);
	post->post.asker = *asker;
	post->backend = mount->upstream;
	worker_post(worker, mount->room->owner, &post->post);
}

enum login_way proof_way(const struct bridge *bridge, const struct mount *mount,
			 const struct codec_login *login)
{
	if (mount->judged_there)
		return LOGIN_BACKEND;
	if (mount->way_count == 0)
		return usual_way(mount, login);
	for (size_t i = 0; i < mount->way_count; i++)
		if (takes(bridge, mount, i, login))
			return (enum login_way)mount->ways[i];
	/* A name that is nobody's takes as long as another one's. */
	if (has_way(mount, LOGIN_ACCOUNT) && !login->anonymous && is_name(mount, login))
		return LOGIN_ACCOUNT;
	return LOGIN_WAYS;
}

/* ---- who it is ---- */

/* A name or number that stands beside the token has to be its holder's. */
static bool fits(const struct codec_login *login, const struct proof *proof)
{
	char claimed[NAME_FOLDED_MAX], known[NAME_FOLDED_MAX];
	struct slice name = login->name, token = shown(login);

	if (login->claimed_number && proof->number && login->claimed_number != proof->number)
		return false;
	if (!name.len || slice_equal(name, token) || !login->secret.data)
		return true;
	return slice_equal(
	    slice_span(claimed, name_fold(name, claimed)),
	    slice_span(known, name_fold(slice_span(proof->name, proof->name_len), known)));
}

static bool read_token(const struct bridge *bridge, const struct codec_login *login,
		       uint64_t wall_ms, struct proof *proof)
{
	struct token_row row;

	if (!tokens_find(bridge->tokens, shown(login), wall_ms, &row))
		return false;
	*proof =
	    (struct proof){ .kind = row.kind,
			    .number = row.number,
			    .roles = row.roles,
			    .credential = row.credential,
			    .until_ms = row.expires_ms ? row.expires_ms : wall_ms + PASS_LASTS_MS,
			    .name_len = strlen(row.name) };
	memcpy(proof->name, row.name, proof->name_len);
	return true;
}

/* Whoever signed it gives names, not numbers: the same one to a name each time. */
static void prove_foreign(const struct bridge *bridge, const struct mount *mount,
			  const struct jwt_claims *claims, struct proof *proof)
{
	struct slice name = slice_of(claims->name);
	struct person who;

	*proof = (struct proof){ .kind = HOLDER_FOREIGN,
				 .roles = claims->roles,
				 .until_ms = claims->expires_s * 1000 };
	proof->name_len = name_clean(name, proof->name);
	if (mount->jwt_accounts &&
	    directory_vouch_name(bridge->directory, name, &who, proof->name, &proof->credential)) {
		proof->kind = HOLDER_ACCOUNT;
		proof->number = who.number;
		proof->name_len = who.name.len;
	}
}

static bool read_jwt(const struct bridge *bridge, const struct mount *mount,
		     const struct codec_login *login, uint64_t wall_ms, struct proof *proof)
{
	struct jwt_claims claims;
	enum jwt_verdict verdict;

	if (!mount->jwt)
		return false;
	verdict = jwt_read(mount->jwt, shown(login), wall_ms / 1000, &claims);
	if (verdict != JWT_HOLDS) {
		log_limited(LOG_REFUSED_LOGIN, LOG_DEBUG, "a JWT at \"%s\" is refused: %s",
			    mount->path, jwt_verdict_code(verdict));
		return false;
	}
	prove_foreign(bridge, mount, &claims, proof);
	return true;
}

enum reason proof_read(const struct bridge *bridge, const struct mount *mount, enum login_way way,
		       const struct codec_login *login, uint64_t wall_ms, struct proof *proof)
{
	bool read = way == LOGIN_TOKEN ? read_token(bridge, login, wall_ms, proof)
				       : read_jwt(bridge, mount, login, wall_ms, proof);

	return read && fits(login, proof) ? REASON_NONE : REASON_BAD_LOGIN;
}

bool proof_read_pass(const struct bridge *bridge, const struct mount *mount, struct slice text,
		     uint64_t wall_ms, struct proof *proof)
{
	struct pass pass;

	if (!pass_read(&bridge->key, text, wall_ms, &pass) || pass.dialect != mount->dialect)
		return false;
	*proof = (struct proof){ .kind = pass.kind,
				 .number = pass.number,
				 .roles = pass.roles,
				 .credential = pass.credential,
				 .until_ms = pass.final ? pass.until_ms : 0,
				 .name_len = pass.name_len };
	memcpy(proof->name, pass.name, pass.name_len);
	return true;
}

/* ---- at the directory ---- */

static struct directory_login asked_of(const struct proof *proof, bool guests, bool exclusive,
				       uint64_t now_ms)
{
	struct directory_login asked = { .claimed_number = proof->number,
					 .credential = proof->credential,
					 .by_account = proof->kind == HOLDER_ACCOUNT,
					 .guests = guests,
					 .exclusive = exclusive,
					 .now_ms = now_ms };

	if (proof->kind == HOLDER_GUEST)
		asked.name = slice_span(proof->name, proof->name_len);
	return asked;
}

static struct person known_of(const struct proof *proof)
{
	return (struct person){ .name = slice_span(proof->name, proof->name_len),
				.number = proof->number,
				.roles = proof->roles };
}

enum reason proof_enter(struct directory *directory, const struct proof *proof, bool guests,
			bool exclusive, uint64_t now_ms, struct person *who, bool *guest)
{
	struct directory_login asked = asked_of(proof, guests, exclusive, now_ms);
	struct person known = known_of(proof);

	*guest = false;
	if (proof->kind == HOLDER_FOREIGN)
		return directory_admit(directory, &known, exclusive, who);
	return directory_login(directory, &asked, who, guest);
}

enum reason proof_identify(struct directory *directory, const struct proof *proof, bool guests,
			   uint64_t now_ms, struct person *who, char name_out[NAME_BYTES_MAX],
			   bool *guest)
{
	struct directory_login asked = asked_of(proof, guests, false, now_ms);
	uint64_t credential;
	enum reason reason;

	if (proof->kind != HOLDER_FOREIGN)
		return directory_identify(directory, &asked, who, name_out, guest, &credential);
	reason = proof_enter(directory, proof, guests, false, now_ms, who, guest);
	if (reason != REASON_NONE)
		return reason;
	memcpy(name_out, who->name.data, who->name.len);
	who->name = slice_span(name_out, who->name.len);
	directory_offline(directory, who->number);
	directory_logout(directory, who->number, now_ms);
	return REASON_NONE;
}
