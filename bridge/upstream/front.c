#include "bridge/upstream/front.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/core/log/log_limit.h"
#include "bridge/core/login.h"
#include "bridge/upstream/ear.h"
#include "bridge/upstream/id_map.h"
#include "bridge/upstream/late.h"
#include "bridge/upstream/link/link.h"
#include "bridge/upstream/people/seating.h"
#include "bridge/upstream/people/strangers.h"
#include "bridge/upstream/saying.h"
#include "bridge/upstream/telling.h"
#include "codecs/text/memory.h"
#include "codecs/text/name.h"

#define LINKS_MOST 10000
#define ENTERS_MS  60000 /* so long a link waits for a session that comes into the room by it */
#define LOOSE_MOST 1000  /* of these, that no session has: whoever calls by HTTP makes them */

/* ---- logins ---- */

static const struct conf_upstream_login *row_of(const struct upstream *upstream, struct slice name,
						size_t *at)
{
	const struct conf_upstream *conf = upstream->conf;

	for (*at = 0; *at < conf->login_count; ++*at)
		if (name_same(slice_of(conf->logins[*at].name), name))
			return &conf->logins[*at];
	return NULL;
}

/* As what the client comes there. False: it has shown nothing. */
static bool account_of(const struct upstream *upstream, const struct login_claim *claim,
		       struct call_account *account)
{
	upstream_account(upstream, account);
	account->anonymous = claim->anonymous;
	account->user = (struct slice){ claim->name, claim->name_len };
	account->secret = (struct slice){ claim->secret, claim->secret_len };
	return account->user.len || account->secret.len || claim->anonymous;
}

static bool uses(const struct upstream *upstream, const char *credentials)
{
	return strcmp(upstream->conf->credentials, credentials) == 0;
}

/* The same of somebody whom this server has judged. False: it has no login there. Rows are of
 * accounts: a guest is whoever it says. */
static bool account_of_person(const struct upstream *upstream, const struct person *person,
			      bool guest, struct call_account *account)
{
	const struct conf_upstream_login *row;
	size_t at;

	upstream_account(upstream, account);
	if (uses(upstream, CONF_FIXED))
		return true;
	row = guest ? NULL : row_of(upstream, person->name, &at);
	if (!row)
		return false;
	account->user = row->user && *row->user ? slice_of(row->user) : person->name;
	account->secret = upstream_login_secret(upstream, at);
	return true;
}

/* Has it a session? Else it was made for a call of HTTP, or its session is yet to come. */
static bool is_owned(const struct link *link)
{
	return link->owner.kind == ASKER_SESSION;
}

/* Whose login it is, as the server calls them. */
static void name_claim(const struct link *link, struct login_claim *claim)
{
	struct slice name = link->peer.self.name.len ? link->peer.self.name : link->peer.self.id;

	claim->has_as = link->peer.self.id.len > 0;
	claim->as_number = 0;
	claim->as_roles = ROLE_USER;
	claim->as_name_len = name_clean(name, claim->as_name);
	claim->to_backend = true;
}

static void answer_login(struct link *link, enum reason reason, struct slice text)
{
	struct answer answer = { .kind = ANSWER_LOGIN, .reason = reason, .login = link->claim };

	link->claim = NULL;
	link->answered_ms = link->upstream->worker->tick_ms;
	answer_put_text(&answer, text);
	worker_answer(link->upstream->worker, &link->owner, &answer);
	if (!is_owned(link))
		link->owner = (struct asker){ .kind = ASKER_NOBODY };
}

static bool is_same(const struct call_account *a, const struct call_account *b)
{
	return a->anonymous == b->anonymous && slice_equal(a->user, b->user) &&
	       slice_equal(a->secret, b->secret);
}

/* One that is up by the same credentials; for a session, one that has none. */
static struct link *link_alike(const struct upstream *upstream, const struct call_account *account,
			       bool for_session)
{
	struct link *link = upstream->links;

	while (link && !(link->client && link->state == LINK_UP && !link->ends && !link->claim &&
			 !link->failing && is_same(&link->account, account) &&
			 !(for_session && is_owned(link))))
		link = link->next;
	return link;
}

static void answer_alike(struct link *link, const struct asker *asker, struct login_claim *claim)
{
	struct answer answer = { .kind = ANSWER_LOGIN, .login = claim };

	link->answered_ms = link->upstream->worker->tick_ms;
	if (asker->kind == ASKER_SESSION)
		link->owner = *asker;
	name_claim(link, claim);
	worker_answer(link->upstream->worker, asker, &answer);
}

static struct link *link_of_session(const struct upstream *upstream, const struct asker *asker)
{
	struct link *link;

	if (asker->kind != ASKER_SESSION)
		return NULL;
	for (link = upstream->links; link; link = link->next)
		if (link->client && link->state != LINK_CLOSING && !link->ends &&
		    link->owner.worker == asker->worker && link->owner.slot == asker->slot &&
		    link->owner.generation == asker->generation)
			return link;
	return NULL;
}

static void forget(const struct upstream *upstream, const struct asker *asker)
{
	struct link *link;

	while ((link = link_of_session(upstream, asker)))
		link_end(link, REASON_NOT_MEMBER);
}

/* Whoever waits longest for a session makes room for another one. False: all are logging in. */
static bool bound_loose(const struct upstream *upstream)
{
	struct link *oldest = NULL;
	size_t count = 0;

	for (struct link *link = upstream->links; link; link = link->next) {
		if (!link->client || link->entered || link->ends || is_owned(link) ||
		    link->state == LINK_CLOSING)
			continue;
		count++;
		if (!link->claim && (!oldest || link->answered_ms < oldest->answered_ms))
			oldest = link;
	}
	if (count >= LOOSE_MOST && oldest)
		link_end(oldest, REASON_NOT_MEMBER);
	return count < LOOSE_MOST || oldest;
}

static void take_login(struct upstream *upstream, struct post_backend *post)
{
	struct call_account account;
	struct link *link;
	struct login_claim *claim = post->login;
	struct answer no = { .kind = ANSWER_LOGIN, .reason = REASON_BAD_LOGIN };
	bool known = account_of(upstream, claim, &account);
	bool for_session = post->post.asker.kind == ASKER_SESSION;

	post->login = NULL;
	link = known ? link_alike(upstream, &account, for_session) : NULL;
	if (link) {
		answer_alike(link, &post->post.asker, claim);
		return;
	}
	if (!known || upstream->link_count >= LINKS_MOST || upstream->paused ||
	    (!for_session && !bound_loose(upstream))) {
		no.login = claim;
		if (known)
			no.reason = upstream->paused ? REASON_NO_ANSWER : REASON_BUSY;
		worker_answer(upstream->worker, &post->post.asker, &no);
		return;
	}
	link = link_new(upstream, &account);
	link->client = true;
	link->owner = post->post.asker;
	link->claim = claim;
	link_begin(link);
}

void front_login(struct upstream *upstream, struct post_backend *post)
{
	if (post->login)
		take_login(upstream, post);
	else
		forget(upstream, &post->post.asker);
}

/* ---- up and down ---- */

static void tell_claim(struct link *link)
{
	name_claim(link, link->claim);
	answer_login(link, REASON_NONE, (struct slice){ NULL, 0 });
}

static void log_up(const struct link *link)
{
	struct log_fields fields = { .event = "upstream_up",
				     .dialect = link->upstream->codec->name,
				     .backend = link->upstream->conf->name };

	log_each_limited(LOG_UPSTREAM_UP, link->upstream->index, link->upstream->conf->name,
			 LOG_INFO, &fields, "upstream %s is up", link->upstream->conf->name);
}

/* Whoever was taken for one of the server's own people is one of ours. */
static void forget_stranger(const struct link *link)
{
	struct strangers *people = link->upstream->people;
	uint64_t now = link->upstream->worker->tick_ms;
	const struct stranger *known = strangers_find_id(people, link->peer.self.id);
	struct person nobody = { .number = 0 };

	if (known && !known->ours && strangers_alias(people, link->peer.self.id, &nobody, now))
		strangers_unalias(people, link->peer.self.id, now);
}

/* Several may come there as the same one: the last to go takes it along. */
static void clear_alias(struct link *link)
{
	struct upstream *upstream = link->upstream;
	const struct link *other = upstream->links;

	while (other && (other == link || strcmp(other->alias, link->alias) != 0))
		other = other->next;
	if (link->alias[0] && !other)
		strangers_unalias(upstream->people, slice_of(link->alias),
				  upstream->worker->tick_ms);
	link->alias[0] = '\0';
}

/* Who the client is there is who it is here. What all come as is nobody in particular. */
static void set_alias(struct link *link)
{
	struct upstream *upstream = link->upstream;
	struct slice id = link->peer.self.id;

	if (!link->client || !link->person.number || !id.len || id.len > FOREIGN_ID_MAX ||
	    uses(upstream, CONF_FIXED))
		return;
	if (!slice_equal(slice_of(link->alias), id))
		clear_alias(link);
	if (!strangers_alias(upstream->people, id, &link->person, upstream->worker->tick_ms))
		return;
	memcpy(link->alias, id.data, id.len);
	link->alias[id.len] = '\0';
}

void front_link_up(struct link *link, const struct foreign_person *self)
{
	struct upstream *upstream = link->upstream;
	struct worker *worker = upstream->worker;
	bool again = link->connected > 0;

	link->peer.self =
	    (struct foreign_person){ link_keep(self->id), link_keep(self->name), self->roles };
	link_is_up(link);
	link->up_ms = link->pinged_ms = worker->tick_ms;
	link->connected++;
	link->why[0] = '\0';
	link->refused = false;
	upstream_ledger(upstream)->connected++;
	if (!link->client || !again)
		log_up(link);
	if (link->claim) {
		forget_stranger(link);
		tell_claim(link);
	} else if (link->client && link->told_down)
		telling_client(upstream, &link->person, "The connection to the server is back");
	link->told_down = false;
	set_alias(link);
	ear_up(link);
	late_ask(link);
}

static void tell_down(struct link *link)
{
	char text[LINK_WHY_MAX + 80];

	snprintf(text, sizeof(text), "The connection to the server broke: %s", link->why);
	telling_client(link->upstream, &link->person, text);
	link->told_down = true;
}

void front_link_down(struct link *link, bool was_up)
{
	ear_down(link);
	late_drop(link);
	if (!link->client)
		return;
	if (link->claim) {
		answer_login(link, link->refused ? REASON_BAD_LOGIN : REASON_NO_ANSWER,
			     slice_of(link->why));
		link->ends = true;
		return;
	}
	if (was_up || link->refused || (!link->connected && !link->told_down))
		tell_down(link);
}

void front_link_ended(struct link *link, enum reason reason)
{
	ear_down(link);
	late_drop(link);
	if (link->claim)
		answer_login(link, reason, (struct slice){ NULL, 0 });
	clear_alias(link);
}

/* ---- hooks ---- */

static struct link *link_of_person(const struct upstream *upstream, uint32_t number)
{
	struct link *link = upstream->links;

	while (link && !(number && link->client && link->state != LINK_CLOSING &&
			 link->person.number == number))
		link = link->next;
	return link;
}

bool front_take(struct upstream *upstream, struct post_draft *draft)
{
	struct link *link = link_of_session(upstream, &draft->post.asker);

	if (!link)
		link = link_of_person(upstream, draft->event->author.number);
	if (link)
		return saying_front(link, draft);
	saying_refuse(upstream, draft, REASON_NOT_MEMBER);
	return true;
}

/* Who came in by what this server gave for a login at its HTTP: that has made a link. */
static struct link *link_adopted(const struct upstream *upstream, const struct person *person)
{
	struct link *link = upstream->links;

	while (link &&
	       !(link->client && !is_owned(link) && !link->claim && !link->ends &&
		 link->state != LINK_CLOSING &&
		 name_same(link->peer.self.name.len ? link->peer.self.name : link->peer.self.id,
			   person->name)))
		link = link->next;
	return link;
}

enum reason front_may_enter(const struct upstream *upstream, const struct asker *asker,
			    const struct person *person, bool guest)
{
	struct call_account account;

	if (seating_is(asker) || link_of_session(upstream, asker))
		return REASON_NONE;
	if (uses(upstream, CONF_CLIENT))
		return link_adopted(upstream, person) ? REASON_NONE : REASON_CLOSED_ROOM;
	if (!account_of_person(upstream, person, guest, &account))
		return REASON_CLOSED_ROOM;
	return upstream->link_count < LINKS_MOST ? REASON_NONE : REASON_BUSY;
}

/* Whoever may enter, and has no link yet, was judged here, or has called before. */
static struct link *link_for(struct upstream *upstream, const struct asker *asker,
			     const struct person *person)
{
	struct call_account account;
	struct link *link;

	if (uses(upstream, CONF_CLIENT)) {
		link = link_adopted(upstream, person);
	} else {
		(void)account_of_person(upstream, person, false, &account);
		link = link_new(upstream, &account);
		link->client = true;
	}
	if (link)
		link->owner = *asker;
	return link;
}

void front_entered(struct upstream *upstream, const struct asker *asker,
		   const struct person *person)
{
	struct link *link = link_of_session(upstream, asker);

	if (seating_is(asker))
		return;
	if (!link)
		link = link_for(upstream, asker, person);
	if (!link || link->entered)
		return;
	link->person = *person;
	link->person.name = link_keep(person->name);
	link->entered = true;
	set_alias(link);
	if (!link->connected && !uses(upstream, CONF_CLIENT))
		link_begin(link);
}

void front_left(struct upstream *upstream, const struct asker *asker)
{
	struct link *link = link_of_session(upstream, asker);

	if (link)
		link_end(link, REASON_NOT_MEMBER);
}

void front_tick(struct upstream *upstream)
{
	uint64_t now = upstream->worker->tick_ms;

	for (struct link *link = upstream->links; link; link = link->next)
		if (link->ends || (link->client && !link->claim && !link->entered &&
				   now - link->answered_ms >= ENTERS_MS))
			link_end(link, REASON_NOT_MEMBER);
}
