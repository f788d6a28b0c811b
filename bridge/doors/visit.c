#include "bridge/doors/visit.h"

#include "bridge/logins/logins.h"
#include "bridge/net/peers/addresses.h"
#include "bridge/net/requests.h"
#include "bridge/routing/lanes.h"
#include "codecs/text/memory.h"

#define SLOTS_FIRST 16

/* ---- its place ---- */

static void slots_grow(struct doors *doors)
{
	uint32_t count = doors->slot_count ? doors->slot_count * 2 : SLOTS_FIRST;

	doors->slots = memory_resize(doors->slots, count * sizeof(struct visit *));
	doors->generations = memory_resize(doors->generations, count * sizeof(uint32_t));
	doors->free_slots = memory_resize(doors->free_slots, count * sizeof(uint32_t));
	for (uint32_t i = count; i-- > doors->slot_count;) {
		doors->slots[i] = NULL;
		doors->generations[i] = 0;
		doors->free_slots[doors->free_count++] = i;
	}
	doors->slot_count = count;
}

static void take_slot(struct visit *visit)
{
	struct doors *doors = visit->worker->doors;

	if (doors->free_count == 0)
		slots_grow(doors);
	visit->slot = doors->free_slots[--doors->free_count];
	visit->generation = ++doors->generations[visit->slot];
	doors->slots[visit->slot] = visit;
	doors->open++;
	visit->worker->counters->calls_under_way++;
	visit->next = *visit->wire.visits;
	visit->link = visit->wire.visits;
	if (visit->next)
		visit->next->link = &visit->next;
	*visit->wire.visits = visit;
}

static void free_slot(struct visit *visit)
{
	struct doors *doors = visit->worker->doors;

	if (!visit->link)
		return;
	*visit->link = visit->next;
	if (visit->next)
		visit->next->link = visit->link;
	doors->slots[visit->slot] = NULL;
	doors->free_slots[doors->free_count++] = visit->slot;
	doors->open--;
	visit->worker->counters->calls_under_way--;
}

struct asker visit_asker(struct visit *visit)
{
	visit->ticket = visit->steps;
	return visit_awaiting(visit);
}

struct asker visit_awaiting(const struct visit *visit)
{
	return (struct asker){ ASKER_CALL, (uint8_t)visit->worker->index, visit->slot,
			       visit->generation, visit->ticket };
}

struct calling visit_calling(const struct visit *visit)
{
	bool guest = visit->peer.self.number && visit->kind == HOLDER_GUEST;

	return (struct calling){ guest, guest ? visit->place : 0 };
}

struct visit *visit_find(const struct worker *worker, const struct asker *asker)
{
	const struct doors *doors = worker->doors;
	struct visit *visit;

	if (asker->slot >= doors->slot_count ||
	    doors->generations[asker->slot] != asker->generation)
		return NULL;
	visit = doors->slots[asker->slot];
	return visit && visit->ticket == asker->ticket ? visit : NULL;
}

/* ---- what is kept of its request ---- */

static struct slice copy(char **at, struct slice text)
{
	char *start = *at;

	if (!text.data)
		return text;
	if (text.len > 0)
		memcpy(start, text.data, text.len);
	*at += text.len;
	return slice_span(start, text.len);
}

static enum call_method method_of(const struct codec_path *row)
{
	return row ? row->method : CALL_GET;
}

/* Room for each of its parameters, unescaped, and for the parts of its path. */
static size_t scratch_size(const struct http_request *request, size_t body)
{
	return request->path.len + request->query.len + body +
	       http_header(request, "authorization").len + 1;
}

static size_t texts_size(const struct door_arrival *arrival, const struct mount *mount)
{
	const struct http_request *request = arrival->request;

	return request->path.len + request->query.len + arrival->body.len +
	       http_header(request, "content-type").len +
	       http_header(request, "authorization").len + http_header(request, "origin").len +
	       arrive_urls_size(arrival, mount) + 2;
}

static void keep_request(struct visit *visit, const struct door_arrival *arrival, char *at)
{
	const struct http_request *request = arrival->request;
	struct codec_call *said = &visit->said;
	bool refused;

	visit->origin = arrive_origin(arrival, &refused);
	visit->origin = copy(&at, visit->origin);
	visit->dragoman = requests_of_dragoman(request);
	said->path = copy(&at, request->path);
	said->query = copy(&at, request->query);
	said->body = copy(&at, arrival->body.data ? arrival->body : SLICE(""));
	said->media = copy(&at, http_header(request, "content-type"));
	said->authorization = copy(&at, http_header(request, "authorization"));
	arrive_urls(arrival, visit->mount, at, said);
	visit->scratch = at + arrive_urls_size(arrival, visit->mount) + 1;
}

void visit_prepare(struct visit *visit)
{
	const struct worker *worker = visit->worker;
	const struct mount *mount = visit->mount;

	visit->peer =
	    (struct codec_peer){ .view = room_view(mount->room, mount->dialect),
				 .form = { FRAMING_BARE, 0 },
				 .strict = mount->strict,
				 .dragoman = visit->dragoman,
				 .json_depth = (uint16_t)worker->bridge->limits.json_depth,
				 .now_ms = worker->now_ms,
				 .scratch = visit->scratch };
}

/* A place and a generation of it are one call's since the server began. */
static uint64_t nonce_of(const struct visit *visit)
{
	const struct worker *worker = visit->worker;
	uint64_t parts[4] = { worker->bridge->started_ms, worker->now_ms,
			      (uint64_t)worker->index << 32 | visit->slot, visit->generation };

	return keyed_hash(&worker->bridge->key, parts, sizeof(parts));
}

struct visit *visit_new(const struct door_arrival *arrival, const struct door_wire *wire,
			const struct arrived *arrived, const struct codec_path *row)
{
	size_t size = sizeof(struct visit) + texts_size(arrival, arrived->mount) +
		      scratch_size(arrival->request, arrival->body.len);
	struct visit *visit = memory_take(size);

	memset(visit, 0, sizeof(*visit));
	visit->worker = arrival->worker;
	visit->size = size;
	visit->mount = arrived->mount;
	visit->row = row;
	visit->ticket = TICKET_NONE;
	visit->address = *arrival->peer;
	visit->place = address_key(&visit->worker->bridge->key, arrival->peer);
	visit->said.method = method_of(row);
	visit->said.prefix = arrived->match.prefix;
	keep_request(visit, arrival, (char *)(visit + 1));
	visit_prepare(visit);
	if (!wire)
		return visit;
	visit->wire = *wire;
	take_slot(visit);
	visit->said.nonce = nonce_of(visit);
	return visit;
}

/* A secret that is to be compared, or hashed, needs not be. */
static void forget_login(const struct visit *visit)
{
	struct asker asker = visit_awaiting(visit);

	if (visit->link && visit->ticket != TICKET_NONE &&
	    (visit->identifying || visit->wants == WANT_LOGIN || visit->wants == WANT_ACCOUNT))
		logins_forget(visit->worker, &asker);
}

void visit_free(struct visit *visit)
{
	forget_login(visit);
	if (visit->lane)
		lane_detach(&visit->lane);
	if (visit->until_tick)
		visit->worker->doors->pausing--;
	free_slot(visit);
	/* Secrets are anywhere in it: a header, a query, a body, what was unescaped of these. */
	if (visit->said.authorization.len + visit->said.query.len + visit->said.body.len > 0)
		explicit_bzero(visit + 1, visit->size - sizeof(*visit));
	memory_give(visit, visit->size);
}

void visit_gone(struct visit *visit)
{
	visit->worker->counters->calls_gone += !visit->answered;
	visit_free(visit);
}
