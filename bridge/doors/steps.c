#include "bridge/doors/steps.h"

#include "bridge/core/people/bans.h"
#include "bridge/doors/caller.h"
#include "bridge/doors/reply.h"
#include "bridge/doors/wants.h"
#include "bridge/net/peers/addresses.h"
#include "bridge/net/upgrade.h"

#define RETRY_AFTER_S 5 /* while the server drains, or is busy; it may be there again by then */
#define PACE_AFTER_S  1

/* ---- its answer ---- */

/* Nothing is wrong with the request, but for its time: also where a handler says so. */
static uint32_t retry_after_s(unsigned status)
{
	return status == 503 ? RETRY_AFTER_S : status == 429 ? PACE_AFTER_S : 0;
}

static void answer(struct visit *visit, struct codec_answer *words)
{
	struct http_header headers[REPLY_HEADERS];
	struct http_cors cors;
	struct http_answer out = reply_of(words, visit->origin, headers, &cors);
	struct door_wire wire = visit->wire;

	out.retry_after_s = retry_after_s(out.status);
	reply_count(visit->worker, visit->mount, call_method_text(visit->said.method),
		    visit->said.path, out.status);
	/* The connection tells nobody of what is answered. */
	wire.reply(wire.conn, wire.ticket, &out);
	answer_clear_body(words);
	visit_free(visit);
}

void visit_refuse(struct visit *visit, unsigned status, enum reason reason, struct slice text)
{
	struct codec_answer words = { 0 };

	visit_prepare(visit);
	visit->mount->codec->http->refuse(&visit->peer, &visit->said, status, reason,
					  text.data ? text : slice_of(reason_text(reason)), &words);
	answer(visit, &words);
}

/* ---- its steps ---- */

/* Has the handler answer, or say what it wants. False: it is answered, and gone. */
static bool take_step(struct visit *visit, const struct codec_told *told, struct codec_want *want)
{
	struct codec_answer words = { 0 };

	*want = (struct codec_want){ 0 };
	visit->ticket = TICKET_NONE;
	visit->peer.scratch = visit->scratch;
	visit->peer.now_ms = visit->worker->now_ms;
	visit->row->handle(&visit->peer, &visit->said, told, want, &words);
	if (words.status) {
		answer(visit, &words);
		return false;
	}
	answer_clear_body(&words);
	if (want->kind != WANT_NOTHING && ++visit->steps <= CALL_STEPS_MAX)
		return true;
	visit_refuse(visit, 500, REASON_UNSUPPORTED, SLICE("the server has no answer to this"));
	return false;
}

/* What can be found out here is told at once. A want may borrow from what was told before it. */
void visit_told(struct visit *visit, const struct codec_told *told)
{
	struct telling tellings[2] = { { .told = *told } };
	struct codec_want want;
	unsigned at = 0;

	while (take_step(visit, &tellings[at].told, &want) &&
	       wants_begin(visit, &want, &tellings[at ^ 1])) {
		telling_clear(&tellings[at]);
		at ^= 1;
	}
	telling_clear(&tellings[0]);
	telling_clear(&tellings[1]);
}

/* ---- how it begins ---- */

/* 0: it may go on. */
static unsigned judge(struct visit *visit, const struct door_arrival *arrival, struct slice *why)
{
	const struct limits *limits = &visit->worker->bridge->limits;
	bool foreign;

	if (!upgrade_host_allowed(arrival->listener, arrival->request->host)) {
		*why = SLICE("this Host is not served here; see the directive hosts");
		return 403;
	}
	arrive_origin(arrival, &foreign);
	if (foreign) {
		*why = SLICE("this Origin is not allowed; see the directive origins");
		return 403;
	}
	if (bridge_is_closed(visit->worker->bridge) || visit->worker->draining) {
		*why = SLICE("the server is closing");
		return 503;
	}
	/* Loopback is no client's address. */
	if (visit->place &&
	    !pace_take(&visit->worker->doors->pace, visit->place, limits->http_per_second,
		       limits->http_burst, visit->worker->tick_ms)) {
		*why = SLICE("too many requests");
		return 429;
	}
	if (visit->said.body.len > visit->row->body_max) {
		*why = SLICE("the body is too long");
		return 413;
	}
	return 0;
}

/* Whatever is asked, and whether it says who asks or not: as at the sockets. */
static bool is_banned(const struct visit *visit)
{
	struct bans *bans = visit->worker->bridge->bans;
	char address[ADDRESS_TEXT_MAX];

	return bans_any(bans) && bans_hold_address(bans, address_text(&visit->address, address),
						   visit->worker->tick_ms);
}

static enum reason reason_of(unsigned status)
{
	switch (status) {
	case 403: return REASON_NO_RIGHT;
	case 413: return REASON_TOO_LONG;
	case 429: return REASON_RATE_LIMITED;
	default: return REASON_CLOSING;
	}
}

static enum reason read_login(struct visit *visit, struct codec_login *login)
{
	const struct codec_http *http = visit->mount->codec->http;

	return (http->identify ? http->identify : call_credentials)(&visit->peer, &visit->said,
								    login);
}

static bool says_who(const struct codec_login *login)
{
	return login->name.data || login->token.data || login->claimed_number || login->anonymous;
}

/* False: it is refused, or that is found out later. */
static bool find_caller(struct visit *visit)
{
	struct codec_login login = { 0 };
	enum reason reason;

	if (visit->row->caller == CALLER_ANYBODY)
		return true;
	reason = read_login(visit, &login);
	if (reason == REASON_NONE && !says_who(&login)) {
		if (visit->row->caller == CALLER_MAYBE)
			return true;
		reason = REASON_NOT_LOGGED_IN;
	}
	if (reason == REASON_NONE) {
		visit->identifying = true;
		if (caller_find(visit, &login, &reason) == CALLER_LATER)
			return false;
	}
	if (reason == REASON_NONE)
		return true;
	visit_refuse(visit, caller_status(reason), reason, (struct slice){ 0 });
	return false;
}

void visit_begin(struct visit *visit, const struct door_arrival *arrival)
{
	static const struct codec_told nothing;
	struct slice why = { 0 };
	unsigned status = judge(visit, arrival, &why);

	if (status) {
		visit_refuse(visit, status, reason_of(status), why);
		return;
	}
	if (is_banned(visit)) {
		visit_refuse(visit, 403, REASON_BANNED, why);
		return;
	}
	if (!codec_http_parts(visit->mount->codec->http, visit->row, &visit->said,
			      visit->scratch)) {
		visit_refuse(visit, 400, REASON_BAD_ARGUMENT, SLICE("the path is escaped wrongly"));
		return;
	}
	visit->scratch += visit->said.path.len;
	visit->peer.scratch = visit->scratch;
	if (find_caller(visit)) {
		visit->identifying = false;
		visit_told(visit, &nothing);
	}
}
