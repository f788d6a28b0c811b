#include "bridge/backend/publish.h"

#include <stdlib.h>

#include "bridge/backend/tell.h"
#include "bridge/core/directory.h"
#include "bridge/routing/enrich.h"
#include "bridge/routing/routing.h"
#include "codecs/text/memory.h"
#include "routes/rules/route_table.h"

static void refuse(struct backend *backend, struct slice identity, struct slice id,
		   enum reason reason)
{
	backend_ledger(backend)->requests_refused[reason]++;
	backend_error(backend, identity, id, slice_of(reason_code(reason)),
		      slice_of(reason_text(reason)));
}

/* Under which name; false when it is none of its own. */
static bool speaker_of(struct backend *backend, struct slice name, struct person *speaker)
{
	for (size_t i = 0; i < backend->speaker_count; i++) {
		if (name.data && !slice_equal(name, backend->speakers[i].name))
			continue;
		*speaker = backend->speakers[i];
		return true;
	}
	if (name.data)
		return false;
	*speaker = directory_bridge(&backend->bridge->key);
	return true;
}

/* Everybody who speaks is heard by the rules first. */
static void begin(struct backend *backend, struct slice identity, struct slice id,
		  struct room_entry *room, struct envelope *event)
{
	struct worker *worker = backend_worker(backend);
	struct routing_start start = { .origin = ROUTE_FROM_BACKEND,
				       .backend = backend->index,
				       .room = room,
				       .owner = room->owner };

	event->room = room->rules.name;
	event->time_ms = worker->now_ms;
	event->origin = (struct origin){ .dialect = SLICE("backend"),
					 .instance = slice_of(backend_name(backend)) };
	start.asker = requests_add(&backend->requests, backend->index, worker->index, identity, id);
	worker->counters->intake.accepted++;
	routing_begin(worker, &backend->lane, &start, enrich_about(backend->bridge, event));
}

static bool may_request(struct backend *backend, struct slice identity,
			const struct wire_message *message)
{
	backend_ledger(backend)->requests++;
	if (backend->requests.count < REQUESTS_UNDER_WAY_MAX)
		return true;
	backend_tell(backend, CAUSE_FULL, identity, "too many of its requests are under way", "");
	refuse(backend, identity, message->id, REASON_BUSY);
	return false;
}

void backend_publish(struct backend *backend, struct slice identity,
		     const struct wire_message *message)
{
	struct room_entry *room = room_table_find(backend_worker(backend)->rooms, message->room);
	struct envelope event = message->event;

	if (!may_request(backend, identity, message))
		return;
	if (!room) {
		refuse(backend, identity, message->id, REASON_UNKNOWN_ROOM);
		return;
	}
	if (!speaker_of(backend, message->speaker, &event.author)) {
		refuse(backend, identity, message->id, REASON_NO_RIGHT);
		return;
	}
	if (event.kind == KIND_NOTICE)
		event.author = (struct person){ .number = 0 };
	if (message->person.number || message->person.name.data) {
		event.subject = message->person;
		event.flags |= FLAG_PRIVATE;
	}
	begin(backend, identity, message->id, room, &event);
}

/* ---- CONTROL ---- */

static void list_members(struct backend *backend, struct slice identity, struct slice id,
			 struct room_entry *room)
{
	struct worker *worker = backend_worker(backend);
	struct post_members *post = post_new(POST_MEMBERS);

	post->room = room;
	post->post.asker =
	    requests_add(&backend->requests, backend->index, worker->index, identity, id);
	worker_post(worker, room->owner, &post->post);
}

static void subscribe(struct backend *backend, struct slice identity, struct slice id,
		      bool presence)
{
	if (!pool_subscribe(backend->pool, identity, presence))
		return;
	backend_present(backend);
	wire_put_ack(writer_clear(&backend->meta), id, 0);
	backend_send(backend, identity, WIRE_ACK, false);
}

static void act(struct backend *backend, struct slice identity, const struct wire_message *message,
		struct room_entry *room)
{
	struct envelope event = { .subject = message->person, .text = message->text };

	switch (message->deed) {
	case WIRE_KICK: event.kind = KIND_KICK; break;
	case WIRE_TIMEOUT:
		event.kind = KIND_TIMEOUT;
		event.duration_ms = message->duration_ms;
		break;
	case WIRE_INVITE: event.kind = KIND_INVITE; break;
	default: event.kind = KIND_USER_UPDATE; break;
	}
	if (message->permanent)
		event.flags |= FLAG_PERMANENT;
	if (event.kind == KIND_USER_UPDATE)
		event.subject.roles = message->roles | ROLE_USER;
	if (!speaker_of(backend, message->speaker, &event.author)) {
		refuse(backend, identity, message->id, REASON_NO_RIGHT);
		return;
	}
	begin(backend, identity, message->id, room, &event);
}

void backend_control(struct backend *backend, struct slice identity,
		     const struct wire_message *message)
{
	struct room_entry *room = room_table_find(backend_worker(backend)->rooms, message->room);

	if (!may_request(backend, identity, message))
		return;
	if (message->deed == WIRE_SUBSCRIBE || message->deed == WIRE_UNSUBSCRIBE)
		subscribe(backend, identity, message->id, message->deed == WIRE_SUBSCRIBE);
	else if (!room)
		refuse(backend, identity, message->id, REASON_UNKNOWN_ROOM);
	else if (message->deed == WIRE_MEMBERS)
		list_members(backend, identity, message->id, room);
	else
		act(backend, identity, message, room);
}

/* ---- what became of it ---- */

static void tell_refused(struct backend *backend, struct slice identity, struct slice id,
			 const struct answer *answer)
{
	struct slice text = answer_text(answer);

	backend_ledger(backend)->requests_refused[answer->reason]++;
	backend_error(backend, identity, id, slice_of(reason_code(answer->reason)),
		      text.data ? text : slice_of(reason_text(answer->reason)));
}

void publish_answered(struct worker *worker, const struct asker *asker, struct answer *answer)
{
	struct backend *backend = worker->bridge->backends[asker->slot];
	struct slice identity, id;
	void *block;

	if (!requests_take(&backend->requests, asker, &identity, &id, &block))
		return;
	writer_clear(&backend->meta);
	if (answer->reason != REASON_NONE) {
		tell_refused(backend, identity, id, answer);
	} else {
		if (answer->kind == ANSWER_MEMBERS)
			wire_put_members(&backend->meta, id, answer->room->rules.name,
					 answer->members, answer->count);
		else
			wire_put_ack(&backend->meta, id, answer->event ? answer->event->id : 0);
		backend_send(backend, identity, WIRE_ACK, false);
	}
	free(block);
}
