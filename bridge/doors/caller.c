#include "bridge/doors/caller.h"

#include "bridge/core/login.h"
#include "bridge/core/people/bans.h"
#include "bridge/logins/logins.h"
#include "bridge/logins/proof.h"
#include "bridge/logins/refusal.h"
#include "bridge/net/peers/addresses.h"

/* Nobody, who may read, is somebody for whom the door is open, too. */
static enum caller_verdict take(struct visit *visit, const struct login_result *result,
				enum reason *out)
{
	*out = result->reason;
	if (result->reason != REASON_NONE)
		return CALLER_REFUSED;
	visit->peer.logged_in = true;
	if (result->reader)
		return CALLER_FOUND;
	visit->kind = result->kind;
	visit->way = result->way;
	visit->credential = result->credential;
	visit->login_until_ms = result->until_ms;
	visit->peer.self = result->person;
	memcpy(visit->name, result->person.name.data, result->person.name.len);
	visit->peer.self.name.data = visit->name;
	return CALLER_FOUND;
}

/* ---- what the server itself has said ---- */

static enum reason judge_bans(const struct visit *visit, const struct login_result *result,
			      const char *address)
{
	struct bans *bans = visit->worker->bridge->bans;
	uint64_t now = visit->worker->tick_ms;

	if (!bans_any(bans))
		return REASON_NONE;
	return bans_hold_address(bans, address, now) ||
		       bans_hold_person(bans, &result->person, result->guest ? visit->place : 0,
					now)
		   ? REASON_BANNED
		   : REASON_NONE;
}

static enum caller_verdict by_pass(struct visit *visit, struct slice text, const char *address,
				   enum reason *out)
{
	struct worker *worker = visit->worker;
	struct login_result result = { .reason = REASON_BAD_LOGIN, .way = LOGIN_WAYS };
	struct proof proof = { 0 };

	if (proof_read_pass(worker->bridge, visit->mount, text, worker->now_ms, &proof))
		result.reason =
		    proof_identify(worker->bridge->directory, &proof, proof_guests(visit->mount),
				   worker->tick_ms, &result.person, result.name, &result.guest);
	if (result.reason == REASON_NONE)
		result.reason = judge_bans(visit, &result, address);
	result.kind = proof.kind;
	result.credential = proof.credential;
	result.until_ms = proof.until_ms;
	if (result.reason != REASON_NONE)
		refusal_tell(worker,
			     &(struct refusal){ .mount = visit->mount,
						.address = address,
						.name = slice_span(proof.name, proof.name_len),
						.reason = result.reason });
	return take(visit, &result, out);
}

/* ---- anything else ---- */

enum caller_verdict caller_find(struct visit *visit, const struct codec_login *login,
				enum reason *out)
{
	char address[ADDRESS_TEXT_MAX];
	struct login_request request = { .mount = visit->mount,
					 .login = login,
					 .address = visit->place,
					 .address_text = address_text(&visit->address, address) };
	struct asker asker;
	struct login_result result;

	*out = REASON_NONE;
	visit->peer.self = (struct person){ 0 };
	visit->peer.logged_in = false;
	if (!login->name.data && !login->token.data && !login->claimed_number && !login->anonymous)
		return CALLER_FOUND;
	if (pass_is(login->token))
		return by_pass(visit, login->token, address, out);
	asker = visit_asker(visit);
	return logins_ask(visit->worker, &asker, &request, &result) ? take(visit, &result, out)
								    : CALLER_LATER;
}

enum caller_verdict caller_answered(struct visit *visit, struct answer *answer, enum reason *out)
{
	struct asker asker = visit_awaiting(visit);
	struct login_result result;

	return logins_answered(visit->worker, &asker, answer, &result) ? take(visit, &result, out)
								       : CALLER_LATER;
}

unsigned caller_status(enum reason reason)
{
	switch (reason) {
	case REASON_BANNED: return 403;
	case REASON_RATE_LIMITED: return 429;
	case REASON_BUSY:
	case REASON_NO_ANSWER:
	case REASON_UNSTORED: return 503;
	default: return 401;
	}
}

size_t caller_key(const struct visit *visit, char out[PASS_TEXT_MAX], uint64_t *lasts_ms)
{
	uint64_t now_ms = visit->worker->now_ms;
	struct pass pass = { .kind = visit->kind,
			     .dialect = (uint8_t)visit->mount->dialect,
			     .number = visit->peer.self.number,
			     .credential = visit->credential,
			     .until_ms = now_ms + PASS_LASTS_MS,
			     .final = visit->login_until_ms != 0,
			     .name_len = visit->peer.self.name.len };

	if (pass.final && pass.until_ms > visit->login_until_ms)
		pass.until_ms = visit->login_until_ms;
	*lasts_ms = pass.until_ms > now_ms ? pass.until_ms - now_ms : 0;
	if (visit->kind == HOLDER_FOREIGN)
		pass.roles = visit->peer.self.roles;
	memcpy(pass.name, visit->peer.self.name.data, pass.name_len);
	return pass_write(&visit->worker->bridge->key, &pass, out);
}
