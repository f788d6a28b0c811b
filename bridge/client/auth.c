#include "bridge/client/auth.h"

#include <string.h>

#include "bridge/client/answers.h"
#include "bridge/client/entry.h"
#include "bridge/client/push.h"
#include "bridge/core/directory.h"
#include "bridge/core/log/log_limit.h"
#include "bridge/core/login.h"
#include "bridge/core/people/bans.h"
#include "bridge/core/worker.h"
#include "bridge/logins/guess.h"
#include "bridge/logins/proof.h"
#include "bridge/logins/refusal.h"
#include "bridge/secrets/checker.h"
#include "bridge/secrets/pass.h"
#include "codecs/text/name.h"
#include "conf/conf.h"

#define FAILURES_MAX 3

static void tell_people(const struct session *session, const char *what)
{
	char name[4 * NAME_BYTES_MAX + 1];

	if (session->worker->bridge->tells_people)
		log_limited(LOG_PEOPLE, LOG_INFO, "\"%s\" %s (%s)",
			    text_escape(session->peer.self.name, name, sizeof(name)), what,
			    session->codec->name);
}

static void log_login(const struct session *session)
{
	char name[4 * NAME_BYTES_MAX + 1];
	struct log_fields fields = { .event = "login",
				     .dialect = session->codec->name,
				     .name = session->peer.self.name };

	tell_people(session, "connected");
	if (log_enabled(LOG_DEBUG))
		log_event_limited(LOG_SESSION, LOG_DEBUG, &fields,
				  "session %u.%u %s: \"%s\" is number %u", session->ref.worker,
				  session->ref.slot, session->codec->name,
				  text_escape(session->peer.self.name, name, sizeof(name)),
				  session->peer.self.number);
}

void auth_refused(struct session *session, struct slice name, uint64_t number,
		  const struct room_entry *room, enum reason reason)
{
	char address[ADDRESS_TEXT_MAX];
	struct refusal refusal = { .mount = session->mount,
				   .address = session->transport->address(session->conn, address),
				   .name = name,
				   .number = number,
				   .room = room ? room->rules.name : (struct slice){ 0 },
				   .reason = reason };

	refusal_tell(session->worker, &refusal);
}

void auth_failed(struct session *session)
{
	if (++session->login_failures >= FAILURES_MAX)
		session_close(session, CLOSE_LOGIN_FAILURES);
}

static void come_online(struct session *session)
{
	session->peer.logged_in = true;
	session->in_person = session->online = true;
	session->roles = session->peer.self.roles;
	if (!session->codec->cannot_follow)
		directory_follows(session->worker->bridge->directory, session->peer.self.number,
				  true);
	log_login(session);
}

/* Who is banned from the server was somebody for a moment, and is nobody again. */
static enum reason judge_bans(struct session *session)
{
	struct worker *worker = session->worker;
	uint32_t number = session->peer.self.number;

	if (!bans_any(worker->bridge->bans) ||
	    !bans_hold_person(worker->bridge->bans, &session->peer.self,
			      session->guest ? session->address : 0, worker->tick_ms))
		return REASON_NONE;
	directory_offline(worker->bridge->directory, number);
	directory_logout(worker->bridge->directory, number, worker->tick_ms);
	session->peer.self = (struct person){ 0 };
	return REASON_BANNED;
}

/* The directory knows it. */
static enum reason come_in(struct session *session)
{
	enum reason reason = judge_bans(session);

	if (reason == REASON_NONE)
		come_online(session);
	return reason;
}

bool auth_address_banned(struct session *session)
{
	struct bans *bans = session->worker->bridge->bans;
	char address[ADDRESS_TEXT_MAX];

	return bans_any(bans) &&
	       bans_hold_address(bans, session->transport->address(session->conn, address),
				 session->worker->tick_ms);
}

static struct directory_login asked_of(const struct session *session, struct slice name,
				       struct slice secret, uint64_t number)
{
	return (struct directory_login){ .name = name,
					 .secret = secret,
					 .claimed_number = number,
					 .guests = proof_guests(session->mount),
					 .exclusive = session->codec->one_connection,
					 .now_ms = session->worker->tick_ms };
}

static enum reason log_in(struct session *session, const struct directory_login *asked)
{
	enum reason reason = directory_login(session->worker->bridge->directory, asked,
					     &session->peer.self, &session->guest);

	return reason == REASON_NONE ? come_in(session) : reason;
}

/* ---- a secret is compared with a hash ---- */

/* REASON_NONE: takes claim. */
static enum reason wait_for_check(struct session *session, struct login_claim *claim,
				  uint32_t ticket)
{
	struct asker asker = asker_of_session(session->ref, ticket);

	if (!checker_take(session->worker->bridge->checker, &asker, claim))
		return REASON_BUSY;
	session->login_asked = true;
	session_hold(session);
	return REASON_NONE;
}

/* Is there a hash to compare the secret with, and is that not known yet? Then *check has it. */
static bool must_check(struct session *session, struct directory_login *asked,
		       struct secret_check *check)
{
	struct bridge *bridge = session->worker->bridge;

	while (directory_must_check(bridge->directory, asked, check)) {
		if (!checker_knows(bridge->checker, check, asked->secret))
			return true;
		session->worker->counters->secrets_known++;
		check->matches = true;
		asked->checked = check;
	}
	return false;
}

static enum reason ask_checker(struct session *session, const struct codec_login *login,
			       const struct secret_check *check, struct room_entry *room,
			       bool in_frame, struct login_guess *guess)
{
	struct login_claim *claim = login_claim_new(login);
	uint32_t ticket = in_frame ? session_ticket(session) : TICKET_NONE;
	enum reason reason;

	claim->check = *check;
	claim->room = room;
	guess_hand(session->worker, guess, claim);
	reason = wait_for_check(session, claim, ticket);
	if (reason == REASON_NONE)
		return reason;
	guess_end(session->worker, &claim->guess, reason, session->peer.self.number);
	login_claim_free(claim);
	if (in_frame)
		session_answer(session, ticket, NULL);
	return reason;
}

/* What was found. Returns false when there is more to wait for: the account has another hash by
 * now. */
static bool take_check(struct session *session, uint32_t ticket, struct answer *answer,
		       enum reason *reason)
{
	struct login_claim *claim = answer->login;
	struct directory_login asked =
	    asked_of(session, (struct slice){ claim->name, claim->name_len },
		     (struct slice){ claim->secret, claim->secret_len }, claim->number);

	session->worker->counters->secrets_compared++;
	if (*reason != REASON_NONE)
		return true;
	asked.checked = &claim->check;
	if (!must_check(session, &asked, &claim->check)) {
		*reason = log_in(session, &asked);
		return true;
	}
	*reason = wait_for_check(session, claim, ticket);
	if (*reason != REASON_NONE)
		return true;
	answer->login = NULL;
	return false;
}

/* ---- the server itself says who it is ---- */

/* Where dialects put it. Absent: there is none. */
static struct slice pass_of(const struct codec_login *login)
{
	if (pass_is(login->token))
		return login->token;
	return pass_is(login->secret) ? login->secret : (struct slice){ NULL, 0 };
}

static enum reason admit_proof(struct session *session, const struct proof *proof)
{
	const struct worker *worker = session->worker;
	enum reason reason = proof_enter(
	    worker->bridge->directory, proof, proof_guests(session->mount),
	    session->codec->one_connection, worker->tick_ms, &session->peer.self, &session->guest);

	return reason == REASON_NONE ? come_in(session) : reason;
}

/* Shown with the number it is for, or with none. */
static enum reason log_in_by_pass(struct session *session, const struct codec_login *login)
{
	const struct worker *worker = session->worker;
	struct proof proof;

	if (!proof_read_pass(worker->bridge, session->mount, pass_of(login), worker->now_ms,
			     &proof) ||
	    (login->claimed_number && login->claimed_number != proof.number))
		return REASON_BAD_LOGIN;
	return admit_proof(session, &proof);
}

/* Where it is judged, a connection was made for it. */
static void forget_there(const struct session *session)
{
	struct asker asker = asker_of_session(session->ref, TICKET_NONE);

	proof_forget(session->worker, session->mount, &asker);
}

void auth_forget(struct session *session)
{
	struct asker asker = asker_of_session(session->ref, TICKET_NONE);

	if (session->login_asked)
		checker_drop(session->worker->bridge->checker, &asker);
	/* Whoever came into the room leaves it. */
	if (session->membership_count == 0)
		forget_there(session);
}

/* ---- a backend judges ---- */

static void ask_backend(struct session *session, const struct codec_login *login,
			struct room_entry *room, uint32_t ticket, const struct login_guess *guess)
{
	struct login_claim *claim = login_claim_new(login);
	struct asker asker = asker_of_session(session->ref, ticket);

	claim->dialect = session->codec->name;
	claim->mount = session->mount->path;
	claim->room = room;
	guess_hand(session->worker, guess, claim);
	session->login_asked = true;
	session_hold(session);
	proof_ask(session->worker, session->mount, &asker, claim);
}

/* Whom the backend said it is; nobody for a reader. */
static enum reason admit(struct session *session, const struct login_claim *claim)
{
	struct proof proof = { .kind = HOLDER_FOREIGN,
			       .number = claim->as_number,
			       .roles = claim->as_roles,
			       .name_len = claim->as_name_len };
	enum reason reason;

	if (!claim->has_as) {
		session->peer.logged_in = true;
		return REASON_NONE;
	}
	memcpy(proof.name, claim->as_name, claim->as_name_len);
	reason = admit_proof(session, &proof);
	if (reason == REASON_NAME_TAKEN || reason == REASON_BAD_LOGIN) {
		/* The client is told that the name is taken; why it can be so is the operator's. */
		const struct conf *conf = session->worker->bridge->conf;
		const struct mount *mount = session->mount;
		const char *backend = mount->judged_there ? conf->upstreams[mount->upstream].name
							  : conf->backends[mount->backend].name;
		struct log_fields fields = { .event = "login_not_admitted",
					     .reason = reason_code(reason),
					     .dialect = session->codec->name,
					     .backend = backend };

		log_event_limited(LOG_REFUSED_LOGIN, LOG_INFO, &fields,
				  "a login that backend %s allowed is refused: %s", backend,
				  fields.reason);
	}
	return reason;
}

/* ---- which of the mount's logins judges ---- */

static enum reason log_in_proven(struct session *session, enum login_way way,
				 const struct codec_login *login)
{
	const struct worker *worker = session->worker;
	struct proof proof;
	enum reason reason =
	    proof_read(worker->bridge, session->mount, way, login, worker->now_ms, &proof);

	if (reason == REASON_NONE)
		reason = admit_proof(session, &proof);
	if (reason == REASON_BAD_LOGIN)
		guess_token_failed(session->worker, session->address);
	return reason;
}

static enum reason log_in_by_secret(struct session *session, const struct codec_login *login,
				    struct room_entry *room, bool in_frame,
				    struct login_guess *guess)
{
	struct directory_login asked =
	    asked_of(session, login->name, login->secret, login->claimed_number);
	struct secret_check check;
	enum reason reason;

	if (must_check(session, &asked, &check))
		return ask_checker(session, login, &check, room, in_frame, guess);
	reason = log_in(session, &asked);
	guess_end(session->worker, guess, reason, session->peer.self.number);
	return reason;
}

/* A name and a secret, here or by the backend. */
static enum reason judge_guess(struct session *session, enum login_way way,
			       const struct codec_login *login, struct room_entry *room,
			       bool in_frame)
{
	struct login_guess guess;
	enum reason reason =
	    guess_begin(session->worker, session->mount, way, login, session->address, &guess);

	if (reason != REASON_NONE)
		return reason;
	if (way != LOGIN_BACKEND)
		return log_in_by_secret(session, login, room, in_frame, &guess);
	ask_backend(session, login, room, in_frame ? session_ticket(session) : TICKET_NONE, &guess);
	return REASON_NONE;
}

static enum reason judge(struct session *session, const struct codec_login *login,
			 struct room_entry *room, bool in_frame)
{
	enum login_way way;

	if (pass_of(login).data)
		return log_in_by_pass(session, login);
	way = proof_way(session->worker->bridge, session->mount, login);
	switch (way) {
	case LOGIN_GUEST:
	case LOGIN_ACCOUNT:
		if (!login->anonymous)
			return judge_guess(session, way, login, room, in_frame);
		if (!proof_guests(session->mount))
			return REASON_BAD_LOGIN;
		session->peer.logged_in = true;
		return REASON_NONE;
	case LOGIN_TOKEN:
	case LOGIN_JWT: return log_in_proven(session, way, login);
	case LOGIN_BACKEND: return judge_guess(session, way, login, room, in_frame);
	case LOGIN_WAYS: break;
	}
	return REASON_BAD_LOGIN;
}

enum reason auth_login(struct session *session, const struct codec_login *login,
		       struct room_entry *room, bool in_frame)
{
	enum reason reason = judge(session, login, room, in_frame);

	/* What was read of a pass as a name would tell it. */
	if (reason != REASON_NONE)
		auth_refused(session, pass_is(login->token) ? (struct slice){ 0 } : login->name,
			     login->claimed_number, NULL, reason);
	return reason;
}

/* Whoever came with the request alone can only go. */
static void refused(struct session *session, uint32_t ticket, const struct answer *answer,
		    enum reason reason)
{
	const struct login_claim *claim = answer->login;
	struct codec_reply reply = { .kind = REPLY_REFUSED,
				     .reason = reason,
				     .text = answer_text(answer),
				     .correlation = { claim->correlation,
						      claim->correlation_len } };

	auth_refused(session, slice_span(claim->name, claim->name_len), claim->number, NULL,
		     reason);
	if (ticket == TICKET_NONE) {
		session_refuse(session, reason, reply.text);
		return;
	}
	session_reply(session, ticket, &reply);
	auth_failed(session);
}

void auth_answered(struct session *session, uint32_t ticket, struct answer *answer)
{
	struct login_claim *claim = answer->login;
	enum reason reason = answer->reason;

	if (session->phase != SESSION_OPEN)
		return;
	session->login_asked = false;
	session_mark_dirty(session);
	if (!claim->to_backend && !take_check(session, ticket, answer, &reason))
		return;
	if (claim->to_backend && reason == REASON_NONE) {
		reason = admit(session, claim);
		if (reason != REASON_NONE)
			forget_there(session);
	}
	guess_end(session->worker, &claim->guess, reason, session->peer.self.number);
	if (reason == REASON_NONE)
		auth_enter_rooms(session, claim->room, ticket,
				 slice_span(claim->correlation, claim->correlation_len));
	else
		refused(session, ticket, answer, reason);
	session_unhold(session);
}

void auth_enter_rooms(struct session *session, struct room_entry *room, uint32_t ticket,
		      struct slice correlation)
{
	const struct room_table *rooms = session->worker->rooms;

	if (!session->codec->hears_every_room) {
		room = room ? room : session->mount->room;
		if (entry_join(session, room))
			entry_ask(session, room, true, ticket, correlation);
		return;
	}
	/* The mount's own room first: it is where a message without a room goes. */
	if (entry_join(session, session->mount->room))
		entry_ask(session, session->mount->room, true, ticket, correlation);
	for (size_t i = 0; i < room_table_count(rooms); i++)
		if (entry_join(session, room_table_at(rooms, i)))
			entry_ask(session, room_table_at(rooms, i), true, TICKET_NONE, correlation);
}

void auth_offline(struct session *session)
{
	if (session->online && !session->codec->cannot_follow)
		directory_follows(session->worker->bridge->directory, session->peer.self.number,
				  false);
	if (session->online)
		directory_offline(session->worker->bridge->directory, session->peer.self.number);
	session->online = false;
}

void auth_logout(struct session *session)
{
	auth_offline(session);
	if (session->in_person)
		tell_people(session, "left");
	if (session->in_person)
		directory_logout(session->worker->bridge->directory, session->peer.self.number,
				 session->worker->tick_ms);
	session->in_person = false;
	session->peer.logged_in = false;
	session->peer.self = (struct person){ 0 };
	session->roles = 0;
}
