#include "bridge/logins/logins.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "bridge/core/directory.h"
#include "bridge/core/login.h"
#include "bridge/core/people/bans.h"
#include "bridge/core/post.h"
#include "bridge/core/worker.h"
#include "bridge/logins/guess.h"
#include "bridge/logins/issue.h"
#include "bridge/logins/proof.h"
#include "bridge/logins/refusal.h"
#include "bridge/secrets/checker.h"
#include "bridge/secrets/pass.h"
#include "codecs/text/memory.h"

/* A login on its way: of a call's first step, or of what came later. */
struct judging {
	struct worker *worker;
	const struct asker *asker;
	struct login_claim *claim; /* owned; NULL: it waits elsewhere */
	struct login_result *result;
};

/* ---- the end ---- */

static bool finish(struct judging *judging, enum reason reason)
{
	struct login_claim *claim = judging->claim;

	judging->result->reason = reason;
	guess_end(judging->worker, &claim->guess, reason, judging->result->person.number);
	if (reason != REASON_NONE && claim->address_text[0])
		refusal_tell(judging->worker,
			     &(struct refusal){ .mount = claim->at,
						.address = claim->address_text,
						.name = slice_span(claim->name, claim->name_len),
						.number = claim->number,
						.reason = reason });
	login_claim_free(claim);
	judging->claim = NULL;
	return true;
}

static bool wait(struct judging *judging)
{
	judging->claim = NULL;
	return false;
}

/* ---- a token is issued ---- */

static void row_fill(struct token_row *row, const struct login_result *result,
		     const struct mount *mount)
{
	*row = (struct token_row){ .kind = result->kind,
				   .number = result->person.number,
				   .roles = result->person.roles,
				   .credential = result->credential };
	memcpy(row->name, result->person.name.data, result->person.name.len);
	snprintf(row->dialect, sizeof(row->dialect), "%s", mount ? mount->codec->name : "");
}

static void put_token(struct login_result *result, const struct login_claim *claim,
		      const struct token_row *row)
{
	snprintf(result->token, sizeof(result->token), "%s", claim->token);
	result->expires_ms = row->expires_ms;
}

static bool issue(struct judging *judging)
{
	struct login_claim *claim = judging->claim;
	struct token_row row;
	enum reason reason;
	bool later;

	row_fill(&row, judging->result, claim->at);
	claim->guest = judging->result->guest;
	claim->way = (uint8_t)judging->result->way;
	reason = issue_token(judging->worker, judging->asker, &row, claim->lasts_ms, claim, &later);
	if (later)
		return wait(judging);
	if (reason == REASON_NONE)
		put_token(judging->result, claim, &row);
	return finish(judging, reason);
}

/* What became of it. */
static bool issued(struct judging *judging, enum reason reason)
{
	const struct login_claim *claim = judging->claim;
	const struct token_row *row = claim->row;
	struct login_result *result = judging->result;
	size_t len = strlen(row->name);

	memcpy(result->name, row->name, len);
	result->person = (struct person){ .name = slice_span(result->name, len),
					  .number = row->number,
					  .roles = row->roles };
	identity_uuid(&judging->worker->bridge->key, ID_PERSON, row->number, 0,
		      result->person.uuid);
	result->kind = row->kind;
	result->credential = row->credential;
	result->guest = claim->guest;
	result->way = (enum login_way)claim->way;
	if (reason == REASON_NONE && !claim->revoke)
		put_token(result, claim, row);
	return finish(judging, reason);
}

/* ---- somebody is known ---- */

static bool admit(struct judging *judging, enum reason reason)
{
	struct bans *bans = judging->worker->bridge->bans;
	struct login_result *result = judging->result;
	const struct login_claim *claim = judging->claim;

	if (reason == REASON_NONE && bans_any(bans) &&
	    bans_hold_person(bans, &result->person, result->guest ? claim->address : 0,
			     judging->worker->tick_ms))
		reason = REASON_BANNED;
	if (reason == REASON_NONE && claim->issue)
		return issue(judging);
	return finish(judging, reason);
}

static bool admit_proof(struct judging *judging, const struct proof *proof)
{
	struct login_result *result = judging->result;
	enum reason reason = proof_identify(
	    judging->worker->bridge->directory, proof, proof_guests(judging->claim->at),
	    judging->worker->tick_ms, &result->person, result->name, &result->guest);

	result->kind = proof->kind;
	result->credential = proof->credential;
	result->until_ms = proof->until_ms;
	if (reason == REASON_BAD_LOGIN && result->way != LOGIN_BACKEND)
		guess_token_failed(judging->worker, judging->claim->address);
	return admit(judging, reason);
}

/* ---- a name and a secret ---- */

/* A guest who shows no secret is known again by the token alone that is issued. */
static uint64_t credential_make(void)
{
	uint64_t credential;

	if (getrandom(&credential, sizeof(credential), 0) != (ssize_t)sizeof(credential))
		abort();
	return credential ? credential : 1;
}

static struct directory_login asked_of(const struct judging *judging)
{
	const struct login_claim *claim = judging->claim;

	return (struct directory_login){ .name = { claim->name, claim->name_len },
					 .secret = { claim->secret, claim->secret_len },
					 .claimed_number = claim->number,
					 .guests = proof_guests(claim->at),
					 .now_ms = judging->worker->tick_ms };
}

static bool identify(struct judging *judging, struct directory_login *asked)
{
	struct login_result *result = judging->result;
	enum reason reason;

	if (!asked->secret.len && asked->guests && judging->claim->issue)
		asked->credential = credential_make();
	reason = directory_identify(judging->worker->bridge->directory, asked, &result->person,
				    result->name, &result->guest, &result->credential);
	result->kind = result->guest ? HOLDER_GUEST : HOLDER_ACCOUNT;
	result->way = result->guest ? LOGIN_GUEST : LOGIN_ACCOUNT;
	return admit(judging, reason);
}

/* With what is known of its hash by now; or it is compared, and more comes later. */
static bool judge_secret(struct judging *judging, const struct secret_check *checked)
{
	struct bridge *bridge = judging->worker->bridge;
	struct directory_login asked = asked_of(judging);
	struct secret_check check;

	asked.checked = checked;
	while (directory_must_check(bridge->directory, &asked, &check)) {
		judging->claim->check = check;
		if (!checker_knows(bridge->checker, &check, asked.secret))
			return checker_take(bridge->checker, judging->asker, judging->claim)
				   ? wait(judging)
				   : finish(judging, REASON_BUSY);
		judging->worker->counters->secrets_known++;
		judging->claim->check.matches = true;
		asked.checked = &judging->claim->check;
	}
	return identify(judging, &asked);
}

/* ---- a backend ---- */

static bool ask_backend(struct judging *judging)
{
	proof_ask(judging->worker, judging->claim->at, judging->asker, judging->claim);
	return wait(judging);
}

static bool admit_foreign(struct judging *judging, enum reason reason)
{
	const struct login_claim *claim = judging->claim;
	struct proof proof = { .kind = HOLDER_FOREIGN,
			       .number = claim->as_number,
			       .roles = claim->as_roles,
			       .until_ms = judging->worker->now_ms + PASS_LASTS_MS,
			       .name_len = claim->as_name_len };

	judging->result->way = LOGIN_BACKEND;
	if (reason != REASON_NONE)
		return finish(judging, reason);
	judging->result->reader = !claim->has_as;
	if (!claim->has_as)
		return finish(judging, REASON_NONE);
	memcpy(proof.name, claim->as_name, claim->as_name_len);
	return admit_proof(judging, &proof);
}

/* ---- the door ---- */

/* A guest who shows a name alone shows it in every request. */
static struct codec_login completed(const struct codec_login *login)
{
	struct codec_login whole = *login;

	if (!whole.secret.data && whole.token.data)
		whole.secret = whole.token;
	return whole;
}

static struct login_claim *claim_of(const struct login_request *request)
{
	struct codec_login whole = completed(request->login);
	struct login_claim *claim =
	    login_claim_new(request->mount->judged_there ? request->login : &whole);

	claim->dialect = request->mount->codec->name;
	claim->mount = request->mount->path;
	claim->at = request->mount;
	claim->address = request->address;
	claim->issue = request->issue;
	claim->lasts_ms = request->lasts_ms;
	snprintf(claim->address_text, sizeof(claim->address_text), "%s", request->address_text);
	return claim;
}

/* A name and a secret, here or by the backend. */
static bool judge_guess(struct judging *judging, const struct codec_login *login)
{
	struct login_claim *claim = judging->claim;
	struct codec_login whole = completed(login);
	struct login_guess guess;
	enum reason reason = guess_begin(judging->worker, claim->at, judging->result->way, &whole,
					 claim->address, &guess);

	if (reason != REASON_NONE)
		return finish(judging, reason);
	guess_hand(judging->worker, &guess, claim);
	return judging->result->way == LOGIN_BACKEND ? ask_backend(judging)
						     : judge_secret(judging, NULL);
}

static bool judge(struct judging *judging, const struct codec_login *login)
{
	const struct bridge *bridge = judging->worker->bridge;
	struct proof proof;
	enum reason reason;

	judging->result->way = proof_way(bridge, judging->claim->at, login);
	switch (judging->result->way) {
	case LOGIN_GUEST:
	case LOGIN_ACCOUNT:
		if (!login->anonymous)
			return judge_guess(judging, login);
		judging->result->reader = proof_guests(judging->claim->at);
		return finish(judging, judging->result->reader ? REASON_NONE : REASON_BAD_LOGIN);
	case LOGIN_BACKEND: return judge_guess(judging, login);
	case LOGIN_TOKEN:
	case LOGIN_JWT:
		reason = proof_read(bridge, judging->claim->at, judging->result->way, login,
				    judging->worker->now_ms, &proof);
		if (reason == REASON_NONE)
			return admit_proof(judging, &proof);
		guess_token_failed(judging->worker, judging->claim->address);
		return finish(judging, reason);
	case LOGIN_WAYS: break;
	}
	return finish(judging, REASON_BAD_LOGIN);
}

bool logins_ask(struct worker *worker, const struct asker *asker,
		const struct login_request *request, struct login_result *result)
{
	struct judging judging = { worker, asker, claim_of(request), result };
	struct bans *bans = worker->bridge->bans;

	*result = (struct login_result){ .reason = REASON_NONE };
	if (bans_any(bans) && bans_hold_address(bans, request->address_text, worker->tick_ms))
		return finish(&judging, REASON_BANNED);
	return judge(&judging, request->login);
}

bool logins_answered(struct worker *worker, const struct asker *asker, struct answer *answer,
		     struct login_result *result)
{
	struct judging judging = { worker, asker, answer->login, result };
	struct secret_check check = answer->login->check;

	answer->login = NULL;
	*result = (struct login_result){ .reason = answer->reason, .text = answer_text(answer) };
	if (judging.claim->row)
		return issued(&judging, answer->reason);
	if (judging.claim->to_backend)
		return admit_foreign(&judging, answer->reason);
	worker->counters->secrets_compared++;
	if (answer->reason != REASON_NONE)
		return finish(&judging, answer->reason);
	return judge_secret(&judging, &check);
}

bool logins_issue(struct worker *worker, const struct asker *asker, const struct mount *mount,
		  uint64_t lasts_ms, struct login_result *result)
{
	static const struct codec_login nobody;
	struct judging judging = { worker, asker, login_claim_new(&nobody), result };

	if (!result->credential && result->kind != HOLDER_FOREIGN &&
	    !directory_vouch(worker->bridge->directory, result->person.number, &result->person,
			     result->name, &result->credential)) {
		if (!result->guest)
			return finish(&judging, REASON_UNKNOWN_PERSON);
		result->credential = credential_make();
	}
	result->kind =
	    result->kind == HOLDER_GUEST && !result->guest ? HOLDER_ACCOUNT : result->kind;
	judging.claim->lasts_ms = lasts_ms;
	judging.claim->at = mount;
	return issue(&judging);
}

bool logins_revoke(struct worker *worker, const struct asker *asker, struct slice token,
		   struct login_result *result)
{
	static const struct codec_login nobody;
	struct judging judging = { worker, asker, login_claim_new(&nobody), result };
	enum reason reason;
	bool later;

	*result = (struct login_result){ .reason = REASON_NONE };
	judging.claim->revoke = true;
	reason = issue_revoke(worker, asker, token, judging.claim, &later);
	return later ? wait(&judging) : finish(&judging, reason);
}

void logins_forget(struct worker *worker, const struct asker *asker)
{
	checker_drop(worker->bridge->checker, asker);
}
