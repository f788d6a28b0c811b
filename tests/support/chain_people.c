#include <string.h>

#include "tests/support/chain_parts.h"

#define PATIENCE 60 /* ticks, until somebody gives up what was not said */

enum { AWAY, CLAIMING, IN, NAMELESS, GOING };

int draft_new(int node, enum draft_kind kind, unsigned shard, unsigned room,
	      const struct session *session, unsigned to)
{
	struct part *part = part_of(node, shard);
	int32_t number = (int32_t)world.draft_count;
	struct draft *draft = &world.drafts[number];
	struct slice body = { (const char *)&number, sizeof(number) };

	if (world.draft_count + 1 >= DRAFTS || part->mine_count >= MINE)
		return -1;
	*draft = (struct draft){ .claim = session->claim,
				 .incarnation = world.nodes[node].incarnation,
				 .kind = (uint8_t)kind,
				 .node = (uint8_t)node,
				 .shard = (uint8_t)shard,
				 .room = (uint8_t)room,
				 .name = session->name,
				 .person = session->person,
				 .to = (uint8_t)to,
				 .made_at = world.now };
	part->mine[part->mine_count] = number;
	world.draft_count++;
	draft->number = part->submitted + 1;
	part->mine_count++;
	if (!chain_submit(part->chain, world.now, body)) {
		world.draft_count--;
		part->mine_count--;
		return -1;
	}
	part->submitted++;
	world.figures->drafts++;
	return number;
}

void draft_answer(int number, uint64_t answer)
{
	struct draft *draft = &world.drafts[number];

	if (draft->dead || draft->answer == answer)
		return;
	if (draft->answer) {
		violated("draft %d answered twice: %llu then %llu", number,
			 (unsigned long long)draft->answer, (unsigned long long)answer);
		return;
	}
	draft->answer = answer;
	if (answer == OUTCOME_REFUSED)
		world.figures->refused++;
	else if (answer == OUTCOME_WHISPERED)
		world.figures->whispered++;
	else if (answer == OUTCOME_UNSURE)
		world.figures->unsure++;
	else
		world.figures->said++;
}

static void session_answer(int node, int number, uint64_t answer)
{
	const struct draft *draft = &world.drafts[number];

	for (unsigned i = 0; i < SESSIONS; i++) {
		struct session *session = &world.nodes[node].sessions[i];
		bool said = answer > OUTCOME_UNSURE;

		if (session->pending != number)
			continue;
		session->pending = -1;
		if (draft->kind == DRAFT_NAME) {
			session->claim = said ? answer : session->claim;
			session->state = said ? IN : AWAY;
		} else if (draft->kind == DRAFT_ENTER) {
			session->seats[draft->shard][draft->room] =
			    said || session->seats[draft->shard][draft->room];
		} else if (draft->kind == DRAFT_EXIT) {
			session->seats[draft->shard][draft->room] = false;
		} else if (draft->kind == DRAFT_DROP) {
			session->state = AWAY;
			session->claim = 0;
		}
	}
}

int draft_find(int node, unsigned shard, int draft)
{
	const struct part *part = part_of(node, shard);

	for (size_t i = 0; i < part->mine_count; i++)
		if (part->mine[i] == draft)
			return (int)i;
	return -1;
}

/* A whisper is confirmed by its receiver, or it may not have arrived. True: it is answered. */
static bool whisper_settle(int number)
{
	struct draft *draft = &world.drafts[number];

	if (!draft->asked) {
		draft->asked = true;
		draft->asked_at = world.now;
	}
	if (!draft->answer && world.now - draft->asked_at > 60)
		draft_answer(number, OUTCOME_UNSURE);
	return draft->answer != 0;
}

void drafts_settle(int node, unsigned shard)
{
	struct part *part = part_of(node, shard);
	size_t kept = 0;

	for (size_t i = 0; i < part->mine_count; i++) {
		int number = part->mine[i];
		uint64_t outcome = part->fold.outcomes[number];
		bool done = outcome != OUTCOME_NONE;

		if (outcome == OUTCOME_WHISPERED) {
			done = whisper_settle(number);
		} else if (done) {
			bool before = world.drafts[number].answer != 0;

			draft_answer(number, outcome);
			if (!before)
				session_answer(node, number, outcome);
		}
		if (!done)
			part->mine[kept++] = number;
	}
	part->mine_count = kept;
}

void drafts_withdraw(int node, unsigned shard)
{
	struct part *part = part_of(node, shard);
	size_t kept = 0;

	for (size_t i = 0; i < part->mine_count; i++) {
		int number = part->mine[i];
		struct draft *draft = &world.drafts[number];

		if (draft->withdrawn || world.now - draft->made_at < PATIENCE ||
		    !chain_withdraw(part->chain, draft->number)) {
			part->mine[kept++] = number;
			continue;
		}
		draft->withdrawn = true;
		world.figures->withdrawn++;
		draft_answer(number, OUTCOME_REFUSED);
		session_answer(node, number, OUTCOME_REFUSED);
	}
	part->mine_count = kept;
}

void drafts_forget(int node)
{
	const struct node *of = &world.nodes[node];

	for (size_t i = 0; i < world.draft_count; i++) {
		struct draft *draft = &world.drafts[i];

		if (draft->node == node && draft->incarnation == of->incarnation && !draft->answer)
			draft->dead = true;
	}
	for (unsigned i = 0; i < SHARDS; i++)
		part_of(node, i)->mine_count = 0;
}

/* ---- what people do ---- */

static bool runs(int node, unsigned shard)
{
	struct chain_view view;

	chain_look(part_of(node, shard)->chain, world.now, &view);
	return view.mode == CHAIN_RUN || view.mode == CHAIN_HOLD;
}

static const struct seat *seat_of(int node, unsigned shard, unsigned room, unsigned name)
{
	return &part_of(node, shard)->fold.rooms.seats[room][name];
}

static void step_away(int node, unsigned number, bool active)
{
	struct node *of = &world.nodes[node];
	struct session *session = &of->sessions[number];

	session->claim = 0;
	memset(session->seats, 0, sizeof(session->seats));
	if (!active || of->drain || chance(12))
		return;
	session->name = (uint8_t)chance(NAMES);
	session->person = (uint8_t)(session->name * 2 + (chance(4) == 0));
	for (unsigned i = 0; i < SESSIONS; i++)
		if (i != number && of->sessions[i].state && of->sessions[i].name == session->name)
			return;
	session->pending = draft_new(node, DRAFT_NAME, 0, 0, session, 0);
	if (session->pending >= 0)
		session->state = CLAIMING;
}

static void step_out(int node, struct session *session)
{
	for (unsigned shard = 1; shard < SHARDS; shard++)
		for (unsigned room = 0; room < ROOMS; room++) {
			if (!session->seats[shard][room])
				continue;
			if (seat_of(node, shard, room, session->name)->claim != session->claim &&
			    runs(node, shard)) {
				session->seats[shard][room] = false;
				continue;
			}
			session->pending = draft_new(node, DRAFT_EXIT, shard, room, session, 0);
			return;
		}
	if (session->state == NAMELESS)
		session->state = AWAY;
	else
		session->pending = draft_new(node, DRAFT_DROP, 0, 0, session, 0);
}

static void step_in(int node, struct session *session, bool active)
{
	unsigned shard = 1 + chance(SHARDS - 1), room = chance(ROOMS), dice;

	if (!session->seats[shard][room]) {
		if (active && chance(3) == 0)
			session->pending = draft_new(node, DRAFT_ENTER, shard, room, session, 0);
		return;
	}
	if (runs(node, shard) &&
	    seat_of(node, shard, room, session->name)->claim != session->claim) {
		session->seats[shard][room] = false;
		return;
	}
	if (!active)
		return;
	dice = chance(60);
	if (dice < 14)
		draft_new(node, DRAFT_SAY, shard, room, session, 0);
	else if (dice < 18)
		draft_new(node, DRAFT_WHISPER, shard, room, session, chance(NAMES));
	else if (dice < 19)
		session->pending = draft_new(node, DRAFT_EXIT, shard, room, session, 0);
	else if (dice < 20 && chance(3) == 0)
		session->state = GOING;
}

void session_step(int node, unsigned number)
{
	struct session *session = &world.nodes[node].sessions[number];
	bool active = world.now < world.faults_end;

	if (session->pending >= 0)
		return;
	if (session->state == IN && runs(node, 0) &&
	    part_of(node, 0)->fold.rooms.holders[session->name].claim != session->claim)
		session->state = NAMELESS;
	if (session->state == IN && world.nodes[node].drain)
		session->state = GOING;
	if (session->state == AWAY)
		step_away(node, number, active);
	else if (session->state == CLAIMING)
		session->state = AWAY;
	else if (session->state >= NAMELESS)
		step_out(node, session);
	else
		step_in(node, session, active);
}

/* N6: what of this start no session has. */
static void sweep_one(int node, enum draft_kind kind, unsigned shard, unsigned room, unsigned name)
{
	const struct node *of = &world.nodes[node];
	const struct rooms *rooms = &part_of(node, shard)->fold.rooms;
	const struct seat *seat = shard ? &rooms->seats[room][name] : &rooms->holders[name];
	struct session session = { .claim = seat->claim,
				   .name = (uint8_t)name,
				   .person = seat->person };

	if (!seat->claim || seat->node != node || seat->incarnation != of->incarnation ||
	    !runs(node, shard) || part_of(node, shard)->mine_count)
		return;
	for (unsigned i = 0; i < SESSIONS; i++)
		if (of->sessions[i].state && of->sessions[i].claim == seat->claim)
			return;
	draft_new(node, kind, shard, room, &session, 0);
}

void sessions_sweep(int node)
{
	for (unsigned name = 0; name < NAMES; name++) {
		sweep_one(node, DRAFT_DROP, 0, 0, name);
		for (unsigned shard = 1; shard < SHARDS; shard++)
			for (unsigned room = 0; room < ROOMS; room++)
				sweep_one(node, DRAFT_EXIT, shard, room, name);
	}
}
