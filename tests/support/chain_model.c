#include <string.h>

#include "tests/support/chain_parts.h"

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash ^= value + UINT64_C(0x9E3779B97F4A7C15) + (hash << 6) + (hash >> 2);
	hash *= UINT64_C(0xff51afd7ed558ccd);
	return hash ^ hash >> 29;
}

static uint64_t mix_seat(uint64_t hash, const struct seat *seat)
{
	hash = mix(hash, seat->claim);
	return seat->claim
		   ? mix(hash, (uint64_t)seat->incarnation << 16 | seat->node << 8 | seat->person)
		   : hash;
}

uint64_t model_digest(int node, unsigned shard)
{
	const struct part *part = part_of(node, shard);
	const struct rooms *rooms = &part->fold.rooms;
	struct chain_view view;
	uint64_t hash = mix(0, rooms->last_id);

	chain_look(part->chain, world.now, &view);
	for (unsigned name = 0; name < NAMES; name++) {
		hash = mix_seat(hash, &rooms->holders[name]);
		for (unsigned room = 0; room < ROOMS; room++)
			hash = mix_seat(hash, &rooms->seats[room][name]);
	}
	for (unsigned i = 0; i < WORLD_NODES; i++) {
		struct chain_high high = chain_high(part->chain, i);

		hash = mix(hash, rooms->gone[i]);
		hash = mix(mix(hash, high.node.incarnation), high.number);
	}
	hash = mix(mix(hash, view.epoch), view.digest);
	hash = mix(mix(hash, view.owner.number), view.owner.incarnation);
	return mix(mix(hash, view.floor), view.count);
}

static const char *seat_apply(struct rooms *rooms, const struct event *event)
{
	struct seat *seat = &rooms->seats[event->room][event->name];

	switch (event->kind) {
	case EVENT_ENTER:
		if (seat->claim)
			return "ENTER for a person who sits already";
		break;
	case EVENT_MOVE:
		if (seat->person != event->person || !seat->claim || seat->claim >= event->claim)
			return "a seat moved to an older claim or another person";
		break;
	case EVENT_EXIT:
		if (seat->claim != event->claim || !event->claim)
			return "EXIT for a person who does not sit: twice, or another's";
		*seat = (struct seat){ 0 };
		return NULL;
	default: return seat->claim == event->claim ? NULL : "words of one who does not sit";
	}
	*seat = (struct seat){ event->claim, event->incarnation, event->node, event->person, 0 };
	return NULL;
}

/* Folds an event; returns what is wrong with it. */
static const char *event_apply(struct rooms *rooms, const struct event *event)
{
	struct seat *holder = &rooms->holders[event->name];

	if (event->id <= rooms->last_id)
		return "ids do not rise in a shard";
	rooms->last_id = event->id;
	if (event->draft >= 0 && event->kind == EVENT_EXIT &&
	    world.drafts[event->draft].claim != event->claim)
		return "a person leaves through another's claim";
	if (event->draft >= 0 && event->incarnation <= rooms->gone[event->node] && on(20))
		return "a draft of a node declared gone counts";
	switch (event->kind) {
	case EVENT_NAME:
		if (holder->claim && holder->person != event->person)
			return "two persons hold a name";
		*holder =
		    (struct seat){ event->id, event->incarnation, event->node, event->person, 0 };
		return NULL;
	case EVENT_DROP:
		if (holder->claim != event->claim)
			return "a name is dropped by one who does not hold it";
		*holder = (struct seat){ 0 };
		return NULL;
	default: return seat_apply(rooms, event);
	}
}

/* ---- what counts ---- */

static void id_note(uint64_t id, uint32_t entry)
{
	size_t mask = sizeof(world.ids) / sizeof(*world.ids) - 1;
	size_t slot = (id * UINT64_C(0x9E3779B97F4A7C15)) >> 40 & mask;

	while (world.ids[slot].id && world.ids[slot].id != id)
		slot = (slot + 1) & mask;
	if (!world.ids[slot].id) {
		world.ids[slot].id = id;
		world.ids[slot].entry = entry;
	} else if (world.ids[slot].entry != entry && !(world.options.emptied && world.cuts)) {
		/* When a node's disk and the log's tail are lost, nobody knows the ids of both. */
		violated("id %llu given twice: entries %u and %u", (unsigned long long)id,
			 world.ids[slot].entry, entry);
	}
}

static void count_event(int node, unsigned shard, const struct event *event, uint32_t entry)
{
	struct model *fold = &part_of(node, shard)->fold;
	const char *wrong = event_apply(&fold->rooms, event);

	if (wrong)
		violated("node %d shard %u: %s (entry %u)", node, shard, wrong, entry);
	id_note(event->id, entry);
	if (event->draft < 0)
		return;
	if (fold->outcomes[event->draft])
		violated("draft %d counts twice, or was refused and said", event->draft);
	fold->outcomes[event->draft] = event->id;
	if (world.drafts[event->draft].arrived && !world.cuts)
		violated("a whisper that left was not judged so");
}

static void count_verdict(int node, unsigned shard, int draft, unsigned outcome)
{
	struct model *fold = &part_of(node, shard)->fold;

	if (fold->outcomes[draft])
		violated("draft %d judged twice", draft);
	fold->outcomes[draft] = outcome;
	if (outcome == OUTCOME_REFUSED && world.drafts[draft].arrived && !world.cuts)
		violated("whisper %d reached its receiver and is refused", draft);
}

static void deliver(int node, unsigned shard, const struct event *event)
{
	uint64_t *delivered = &part_of(node, shard)->delivered[event->room];

	if (event->kind < EVENT_ENTER)
		return;
	if (event->id <= *delivered)
		violated("delivery out of order or twice at node %d shard %u", node, shard);
	*delivered = event->id;
	part_of(node, shard)->shown = true;
}

static void count_line(int node, unsigned shard, const struct chain_line *line, uint32_t entry)
{
	struct event event;
	int32_t draft;

	if (line->kind == CHAIN_LINE_RECORDS) {
		memcpy(&event, line->bytes.data, sizeof(event));
		count_event(node, shard, &event, entry);
		deliver(node, shard, &event);
		return;
	}
	memcpy(&draft, line->bytes.data, sizeof(draft));
	count_verdict(node, shard, draft,
		      line->kind == CHAIN_LINE_REFUSAL ? OUTCOME_REFUSED : OUTCOME_WHISPERED);
}

void model_count(int node, unsigned shard, const struct chain_entry *entry)
{
	struct part *part = part_of(node, shard);
	uint32_t index = written_find(shard, entry->uid);
	struct written *written = &world.written[index];
	struct slice lines = entry->lines;
	struct chain_line line;
	uint64_t digest;

	written->counted = true;
	part->fold.counted[index / 8] |= (uint8_t)(1 << index % 8);
	for (size_t i = 0; i < entry->gone_count; i++)
		if (entry->gone[i].incarnation > part->fold.rooms.gone[entry->gone[i].number])
			part->fold.rooms.gone[entry->gone[i].number] = entry->gone[i].incarnation;
	while (!world.violated && chain_line_next(&lines, &line))
		count_line(node, shard, &line, index);
	digest = model_digest(node, shard);
	if (!written->digest)
		written->digest = digest;
	else if (written->digest != digest)
		violated("equal prefix, but digests differ at node %d shard %u", node, shard);
}

/* ---- judging ---- */

static void add_event(int node, unsigned shard, struct event *event)
{
	struct part *part = part_of(node, shard);
	struct chain_line line = { .kind = CHAIN_LINE_RECORDS,
				   .node = { CHAIN_NODE_NONE, 0 },
				   .bytes = { (const char *)event, sizeof(*event) } };
	const char *wrong;

	event->id = id_next(chain_clock(part->chain),
			    ID_EPOCH_MS + 1000000 + world.now + world.nodes[node].clock, shard);
	if (event->draft >= 0) {
		line.node = (struct chain_node){ event->node, event->incarnation };
		line.number = world.drafts[event->draft].number;
	}
	wrong = event_apply(&part->judged, event);
	if (wrong)
		violated("judged against itself: %s", wrong);
	chain_add(part->chain, &line);
}

static void add_verdict(int node, unsigned shard, int32_t draft, enum chain_line_kind kind)
{
	const struct draft *of = &world.drafts[draft];
	struct chain_line line = { .kind = kind,
				   .node = { of->node, of->incarnation },
				   .number = of->number,
				   .bytes = { (const char *)&draft, sizeof(draft) } };
	struct message *message;

	chain_add(part_of(node, shard)->chain, &line);
	if (kind == CHAIN_LINE_REFUSAL && !on(4)) {
		message = message_new(BUS_ANSWER);
		message->number = (uint32_t)draft;
		message_send(node, of->node, message, false);
	}
	if (kind == CHAIN_LINE_WHISPER && !on(5)) {
		message = message_new(BUS_WHISPER);
		message->number = (uint32_t)draft;
		message_send(node, (int)chance(WORLD_NODES), message, true);
	}
}

bool node_silent(int node, unsigned other)
{
	return (unsigned)node != other &&
	       world.now - chain_heard(part_of(node, 0)->chain, world.now, other) > 60;
}

void model_bury(int node, unsigned shard, struct chain_node gone)
{
	struct rooms *rooms = &part_of(node, shard)->judged;
	struct event event = { .draft = -1, .node = gone.number };

	if (gone.incarnation > rooms->gone[gone.number])
		rooms->gone[gone.number] = gone.incarnation;
	for (unsigned name = 0; name < NAMES; name++)
		for (unsigned room = 0; room < (shard ? ROOMS : 1); room++) {
			const struct seat *seat =
			    shard ? &rooms->seats[room][name] : &rooms->holders[name];

			if (!seat->claim || seat->node != gone.number ||
			    seat->incarnation > gone.incarnation)
				continue;
			event.kind = shard ? EVENT_EXIT : EVENT_DROP;
			event.room = (uint8_t)room;
			event.name = (uint8_t)name;
			event.person = seat->person;
			event.claim = seat->claim;
			add_event(node, shard, &event);
		}
}

/* N1 */
static bool name_free(int node, const struct seat *holder, const struct draft *draft)
{
	const struct chain *chain = part_of(node, 0)->chain;
	bool gone = holder->incarnation <= chain_gone(chain, holder->node);
	bool dead = gone || holder->incarnation < chain_newest(chain, holder->node) ||
		    node_silent(node, holder->node);

	if (!holder->claim)
		return true;
	if (holder->person != draft->person)
		return gone;
	if (dead && holder->node != draft->node)
		return true;
	return dead && holder->incarnation < draft->incarnation;
}

/* N2 */
static enum chain_judged judge_enter(int node, unsigned shard, int number, struct event *event)
{
	struct part *part = part_of(node, shard);
	const struct rooms *names = &part_of(node, 0)->fold.rooms;
	const struct draft *draft = &world.drafts[number];
	const struct seat *seat = &part->judged.seats[draft->room][draft->name];

	if (on(9) && names->last_id < draft->claim) {
		if (!part->wait_since)
			part->wait_since = world.now;
		if (world.now - part->wait_since < 80)
			return CHAIN_WAIT;
		part->wait_since = 0;
		add_verdict(node, shard, number, CHAIN_LINE_REFUSAL);
		return CHAIN_JUDGED;
	}
	part->wait_since = 0;
	if ((on(9) && names->holders[draft->name].claim != draft->claim) ||
	    seat->claim >= draft->claim) {
		add_verdict(node, shard, number, CHAIN_LINE_REFUSAL);
		return CHAIN_JUDGED;
	}
	event->claim = draft->claim;
	event->kind = seat->claim && seat->person == draft->person ? EVENT_MOVE : EVENT_ENTER;
	if (seat->claim && event->kind == EVENT_ENTER) {
		struct event exit = *event;

		exit.kind = EVENT_EXIT;
		exit.claim = seat->claim;
		exit.person = seat->person;
		exit.draft = -1;
		add_event(node, shard, &exit);
	}
	add_event(node, shard, event);
	return CHAIN_JUDGED;
}

/* The event that a draft becomes; 0: it is refused. */
static unsigned verdict(int node, unsigned shard, const struct draft *draft, struct event *event)
{
	const struct rooms *rooms = &part_of(node, shard)->judged;
	const struct seat *holder = &rooms->holders[draft->name];
	const struct seat *seat = &rooms->seats[draft->room][draft->name];

	event->claim = draft->claim;
	switch (draft->kind) {
	case DRAFT_NAME: return name_free(node, holder, draft) ? EVENT_NAME : 0;
	case DRAFT_DROP: return holder->claim == draft->claim ? EVENT_DROP : 0;
	case DRAFT_EXIT:
		if (seat->claim != draft->claim && (on(8) || !seat->claim))
			return 0;
		event->claim = seat->claim;
		return EVENT_EXIT;
	default: return seat->claim == draft->claim && chance(8) ? EVENT_SAY : 0;
	}
}

enum chain_judged model_judge(int node, unsigned shard, int number)
{
	const struct draft *draft = &world.drafts[number];
	const struct rooms *rooms = &part_of(node, shard)->judged;
	struct event event = { .draft = number,
			       .node = draft->node,
			       .incarnation = draft->incarnation,
			       .name = draft->name,
			       .person = draft->person,
			       .room = draft->room };

	if (draft->kind == DRAFT_ENTER)
		return judge_enter(node, shard, number, &event);
	if (draft->kind == DRAFT_WHISPER) {
		bool heard = rooms->seats[draft->room][draft->name].claim == draft->claim &&
			     rooms->seats[draft->room][draft->to].claim && chance(6);

		add_verdict(node, shard, number, heard ? CHAIN_LINE_WHISPER : CHAIN_LINE_REFUSAL);
		return CHAIN_JUDGED;
	}
	event.kind = (uint8_t)verdict(node, shard, draft, &event);
	if (event.kind)
		add_event(node, shard, &event);
	else
		add_verdict(node, shard, number, CHAIN_LINE_REFUSAL);
	return CHAIN_JUDGED;
}
