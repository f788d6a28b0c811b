#include "bridge/doors/caller.h"

#include <inttypes.h>
#include <stdio.h>

#include "bridge/core/directory.h"
#include "bridge/core/log/log_limit.h"
#include "bridge/core/login.h"
#include "bridge/core/people/bans.h"
#include "bridge/logins/proof.h"
#include "bridge/net/peers/addresses.h"
#include "bridge/secrets/checker.h"

/* As bridge/client/auth.c words it: others read the log. */
static void log_refused(const struct visit *visit, struct slice name, enum reason reason)
{
	char address[ADDRESS_TEXT_MAX], shown[4 * NAME_BYTES_MAX + 1];
	struct log_fields fields = { .event = "login_refused",
				     .address = address,
				     .reason = reason_code(reason),
				     .dialect = visit->mount->codec->name,
				     .path = slice_of(visit->mount->path),
				     .name = name };

	visit->worker->counters->connections_refused[reason]++;
	if (!log_enabled(LOG_INFO))
		return;
	address_text(&visit->address, address);
	log_event_limited(LOG_REFUSED_LOGIN, LOG_INFO, &fields,
			  "refused login from %s at \"%s\": %s %s \"%s\"", address,
			  visit->mount->path, fields.reason, fields.dialect,
			  text_escape(name, shown, sizeof(shown)));
}

static enum caller_verdict refused(struct visit *visit, struct slice name, enum reason reason,
				   enum reason *out)
{
	log_refused(visit, name, reason);
	*out = reason;
	return CALLER_REFUSED;
}

static enum reason judge_bans(const struct visit *visit)
{
	struct bans *bans = visit->worker->bridge->bans;
	uint64_t now = visit->worker->tick_ms;
	char address[ADDRESS_TEXT_MAX];

	if (!bans_any(bans))
		return REASON_NONE;
	if (bans_hold_address(bans, address_text(&visit->address, address), now))
		return REASON_BANNED;
	return visit->peer.self.number &&
		       bans_hold_person(bans, &visit->peer.self,
					visit->kind == PASS_GUEST ? visit->place : 0, now)
		   ? REASON_BANNED
		   : REASON_NONE;
}

/* Who was found is it, unless banned. */
static enum caller_verdict found(struct visit *visit, struct slice name, enum reason reason,
				 enum reason *out)
{
	if (reason == REASON_NONE)
		reason = judge_bans(visit);
	if (reason != REASON_NONE) {
		visit->peer.self = (struct person){ 0 };
		return refused(visit, name, reason, out);
	}
	visit->peer.logged_in = true;
	*out = REASON_NONE;
	return CALLER_FOUND;
}

/* ---- accounts and guests ---- */

/* A guest without a secret is who comes from the same place: calls belong together by nothing else.
 */
static struct directory_login asked_of(const struct visit *visit, struct slice name,
				       struct slice secret, uint64_t number)
{
	const struct worker *worker = visit->worker;
	uint64_t parts[2] = { visit->place, 0 };
	struct directory_login asked = { .name = name,
					 .secret = secret,
					 .claimed_number = number,
					 .guests = proof_guests(visit->mount),
					 .now_ms = worker->tick_ms };

	if (secret.len > 0)
		return asked;
	if (name.len > 0)
		parts[1] = keyed_hash(&worker->bridge->key, name.data, name.len);
	asked.credential = keyed_hash(&worker->bridge->key, parts, sizeof(parts)) | 1;
	return asked;
}

static enum caller_verdict identify(struct visit *visit, const struct directory_login *asked,
				    enum reason *out)
{
	bool guest = true;
	enum reason reason =
	    directory_identify(visit->worker->bridge->directory, asked, &visit->peer.self,
			       visit->name, &guest, &visit->credential);

	visit->kind = guest ? PASS_GUEST : PASS_ACCOUNT;
	return found(visit, asked->name, reason, out);
}

/* Is there a hash to compare the secret with, and is that not known yet? Then *check has it. */
static bool must_check(const struct visit *visit, struct directory_login *asked,
		       struct secret_check *check)
{
	struct bridge *bridge = visit->worker->bridge;

	while (directory_must_check(bridge->directory, asked, check)) {
		if (!checker_knows(bridge->checker, check, asked->secret))
			return true;
		visit->worker->counters->secrets_known++;
		check->matches = true;
		asked->checked = check;
	}
	return false;
}

/* Takes claim. */
static enum caller_verdict compare(struct visit *visit, struct login_claim *claim, enum reason *out)
{
	struct asker asker = visit_asker(visit);
	enum caller_verdict verdict;

	if (checker_take(visit->worker->bridge->checker, &asker, claim))
		return CALLER_LATER;
	verdict = refused(visit, slice_span(claim->name, claim->name_len), REASON_BUSY, out);
	login_claim_free(claim);
	return verdict;
}

/* ---- a backend judges ---- */

static enum caller_verdict ask_backend(struct visit *visit, const struct codec_login *login)
{
	struct post_backend *post = post_new(POST_LOGIN);

	post->login = login_claim_new(login);
	post->login->dialect = visit->mount->codec->name;
	post->login->mount = visit->mount->path;
	post->login->to_backend = true;
	post->post.asker = visit_asker(visit);
	post->backend = visit->mount->backend;
	worker_post(visit->worker, backend_owner(visit->worker->bridge, post->backend),
		    &post->post);
	return CALLER_LATER;
}

/* Whom a backend knows: somebody for a moment, as for a connection. name: as claimed. */
static enum caller_verdict admit(struct visit *visit, const struct person *known, struct slice name,
				 enum reason *out)
{
	struct directory *directory = visit->worker->bridge->directory;
	enum reason reason = directory_admit(directory, known, false, &visit->peer.self);

	visit->kind = PASS_BACKEND;
	if (reason == REASON_NONE) {
		memcpy(visit->name, visit->peer.self.name.data, visit->peer.self.name.len);
		visit->peer.self.name.data = visit->name;
		directory_offline(directory, visit->peer.self.number);
		directory_logout(directory, visit->peer.self.number, visit->worker->tick_ms);
	}
	return found(visit, name, reason, out);
}

/* Nobody for a reader. */
static enum caller_verdict take_verdict(struct visit *visit, const struct login_claim *claim,
					enum reason *out)
{
	struct slice name = { claim->name, claim->name_len };
	struct person known = { .name = { claim->as_name, claim->as_name_len },
				.number = claim->as_number,
				.roles = claim->as_roles };

	if (!claim->has_as)
		return found(visit, name, REASON_NONE, out);
	return admit(visit, &known, name, out);
}

/* ---- what the server itself has said ---- */

static enum caller_verdict by_pass(struct visit *visit, const struct codec_login *login,
				   enum reason *out)
{
	const struct worker *worker = visit->worker;
	struct directory_login asked;
	struct pass pass;
	struct slice name;

	if (!pass_read(&worker->bridge->key, login->token, worker->now_ms, &pass) ||
	    pass.dialect != visit->mount->dialect)
		return refused(visit, (struct slice){ 0 }, REASON_BAD_LOGIN, out);
	name = slice_span(pass.name, pass.name_len);
	if (pass.kind == PASS_BACKEND) {
		struct person known = { .name = name, .number = pass.number, .roles = pass.roles };

		return admit(visit, &known, name, out);
	}
	asked = asked_of(visit, name, (struct slice){ 0 }, pass.number);
	asked.credential = pass.credential;
	asked.by_account = pass.kind == PASS_ACCOUNT;
	return identify(visit, &asked, out);
}

/* A bearer token of ours, or somebody else's. */
static enum caller_verdict by_token(struct visit *visit, enum login_way way,
				    const struct codec_login *login, enum reason *out)
{
	const struct worker *worker = visit->worker;
	struct proof proof;
	bool guest = false;
	enum reason reason =
	    proof_read(worker->bridge, visit->mount, way, login, worker->now_ms, &proof);

	if (reason == REASON_NONE)
		reason =
		    proof_identify(worker->bridge->directory, &proof, proof_guests(visit->mount),
				   worker->tick_ms, &visit->peer.self, visit->name, &guest);
	if (reason == REASON_NONE) {
		visit->credential = proof.credential;
		visit->kind = proof.kind == HOLDER_FOREIGN ? PASS_BACKEND
			      : guest                      ? PASS_GUEST
							   : PASS_ACCOUNT;
	}
	return found(visit, (struct slice){ 0 }, reason, out);
}

/* ---- any of them ---- */

enum caller_verdict caller_find(struct visit *visit, const struct codec_login *login,
				enum reason *out)
{
	struct directory_login asked =
	    asked_of(visit, login->name, login->secret, login->claimed_number);
	struct login_claim *claim;
	struct secret_check check;
	enum login_way way;

	*out = REASON_NONE;
	visit->peer.self = (struct person){ 0 };
	visit->peer.logged_in = false;
	if (login->anonymous)
		return proof_guests(visit->mount)
			   ? CALLER_FOUND
			   : refused(visit, login->name, REASON_BAD_LOGIN, out);
	if (!login->name.data && !login->token.data && !login->claimed_number)
		return CALLER_FOUND;
	if (pass_is(login->token))
		return by_pass(visit, login, out);
	switch (way = proof_way(visit->worker->bridge, visit->mount, login)) {
	case LOGIN_TOKEN:
	case LOGIN_JWT: return by_token(visit, way, login, out);
	case LOGIN_BACKEND: return ask_backend(visit, login);
	case LOGIN_WAYS: return refused(visit, login->name, REASON_BAD_LOGIN, out);
	case LOGIN_GUEST:
	case LOGIN_ACCOUNT: break;
	}
	if (!must_check(visit, &asked, &check))
		return identify(visit, &asked, out);
	claim = login_claim_new(login);
	claim->check = check;
	return compare(visit, claim, out);
}

enum caller_verdict caller_answered(struct visit *visit, struct answer *answer, enum reason *out)
{
	struct login_claim *claim = answer->login;
	struct slice name = { claim->name, claim->name_len };
	struct directory_login asked;

	visit->worker->counters->secrets_compared += !claim->to_backend;
	if (answer->reason != REASON_NONE)
		return refused(visit, name, answer->reason, out);
	if (claim->to_backend)
		return take_verdict(visit, claim, out);
	asked = asked_of(visit, name, slice_span(claim->secret, claim->secret_len), claim->number);
	asked.checked = &claim->check;
	/* The account has another hash by now. */
	if (!must_check(visit, &asked, &claim->check))
		return identify(visit, &asked, out);
	answer->login = NULL;
	return compare(visit, claim, out);
}

size_t caller_key(const struct visit *visit, char out[PASS_TEXT_MAX])
{
	struct pass pass = { .kind = visit->kind,
			     .dialect = (uint8_t)visit->mount->dialect,
			     .number = visit->peer.self.number,
			     .credential = visit->credential,
			     .until_ms = visit->worker->now_ms + PASS_LASTS_MS,
			     .name_len = visit->peer.self.name.len };

	if (visit->kind == PASS_BACKEND)
		pass.roles = visit->peer.self.roles;
	memcpy(pass.name, visit->peer.self.name.data, pass.name_len);
	return pass_write(&visit->worker->bridge->key, &pass, out);
}
